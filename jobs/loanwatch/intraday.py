"""Between nights: what arrived about collateral values the assets that it touches, and flags their loans, beside the release.

Nothing is published, and no lock is held but that of admission, while admitting (runs.md 16). What a refresh finds is for the
next business date, by all it knows, and live until a release knows as much. The functions are those of the night, on the loans and
assets that hang together with what is touched: who shares an asset with whom changes what each has of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from loanwatch import calendars
from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import COLLATERAL_FEEDS
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.model.champions import Models
from loanwatch.cover.tables import ALLOCATION, INTRADAY_VALUE, MODEL_VALUE
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.errors import UsageError
from loanwatch.flag.rules import Rule, in_force
from loanwatch.flag.tables import INTRADAY_WARNING, STANDS, WARNING
from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.nights import ADMISSION_WAIT_SECONDS, Application, checked
from loanwatch.pipeline import MODEL_MONTHS
from loanwatch.report.page import Language, Words
from loanwatch.report.since import Since, since_page
from loanwatch.runner import Runner
from loanwatch.seal import publication
from loanwatch.seal.approval import configuration_of
from loanwatch.seal.audit_log import Head
from loanwatch.seal.front_page import page_path
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

log = logging.getLogger(__name__)

THEME = "collateral"
SUBJECTS = ("loan", "asset")
TABLES = (INTRADAY_VALUE, INTRADAY_WARNING)
LANGUAGES: tuple[Language, ...] = ("en", "zh")
KEY = ["rule_id", "subject", "subject_id"]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to: for which date, by which deliveries, beside which release; how much it found."""

    as_of: date
    known: int
    release: int
    assets: int
    warnings: int


def refresh(running: Application) -> Refreshed:
    """Admit what has arrived about collateral, and value and flag what it touches; UsageError where nothing is published yet,
    or the configuration is not approved."""
    lake = running.lake
    _, as_of = _current(running)
    running.approvals.demand(configuration_of(running.configuration.digest))
    with lease(lake.path, "admission", ADMISSION_WAIT_SECONDS):
        known = running.admission(0, frozenset(feed.name for feed in COLLATERAL_FEEDS)).admit(as_of)
    log_head = running.record()
    release, as_of = _current(running)  # a night may have been published meanwhile
    if known > release.known and min(map(lake.last_batch, TABLES)) < known:
        beside = Beside.of(running, release, as_of, known)
        for table, frame in zip(TABLES, beside.found(), strict=True):
            rows = frame.select(*beside.stamps(), *(name for name in table.names if name in frame.columns)).toArrow()
            lake.append(table, rows.cast(table.arrow), batch=known)
        _write_page(running, release, log_head)
    known_by = f"through_delivery_no = {known}"
    counts = [lake.rows(table, known_by, ("release",)).num_rows for table in TABLES]
    log.info("refreshed as_of=%s through=%d assets=%d warnings=%d", as_of, known, *counts)
    return Refreshed(as_of, known, release.release, counts[0], counts[1])


def _current(running: Application) -> tuple[Attempt, date]:
    """The release to be beside, and the business date after its own."""
    release = publication.latest(publication.attempts(running.lake))
    if release is None:
        raise UsageError(f"{running.lake.path}: nothing is published yet; there is no release to be beside")
    return release, calendars.next_date(running.settings.business.calendar, release.as_of)


def live(lake: Lake, table: Table) -> list[dict[str, Any]]:
    """The rows of an intraday table that no release knows yet, of each key the newest."""
    latest = publication.latest(publication.attempts(lake))
    if latest is None or not lake.has(table):
        return []
    rows = lake.rows(table, f"through_delivery_no > {latest.known}").sort_by("through_delivery_no").to_pylist()
    keys = [column.name for column in table.key if column.name != "through_delivery_no"]
    return list({tuple(row[name] for name in keys): row for row in rows}.values())


def _write_page(running: Application, release: Attempt, log_head: Head) -> None:
    """The provisional page beside that of the release, in both languages: `<release>.since.<language>.html`."""
    values, warnings = (live(running.lake, table) for table in TABLES)
    newest = max((*values, *warnings), key=lambda row: int(row["through_delivery_no"]), default=None)
    business = running.configuration.business
    if newest is None:
        return
    for language in LANGUAGES:
        words = Words.load(running.settings.conf, language)
        facts = Since(
            business.title, release.as_of, release.release, newest["as_of"], newest["through_delivery_no"], business.currency,
            str(log_head), running.approvals.people(configuration_of(running.configuration.digest)), language,
        )  # fmt: skip
        path = page_path(running.lake.path, release, f"since.{language}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(since_page(facts, values, warnings, words), encoding="utf-8")


@dataclass(frozen=True)
class Beside:
    """The state that a refresh looks at: feeds as known by K on the next business date, tables of the release."""

    runner: Runner
    values: dict[str, Any]
    release: Attempt

    @classmethod
    def of(cls, running: Application, release: Attempt, as_of: date, known: int) -> Beside:
        conf = running.configuration
        given = checked(conf)
        values = given | {
            "rules": in_force(given["rules"], as_of), "champions": Models(running.lake).champions(as_of, conf.business.currency),
        }  # fmt: skip
        attempt = replace(release, as_of=as_of, parent=release.release, through_delivery_no=known)
        runner = Runner(lambda: running.spark, running.lake, attempt, release, values, lambda *_: None, lambda _: None)
        return cls(runner, values, release)

    def stamps(self) -> list[Column]:
        """What each row is of."""
        from pyspark.sql import functions as F

        of = self.runner.attempt
        said = {"through_delivery_no": of.known, "as_of": of.as_of, "release": self.release.release}
        return [F.lit(value).cast("int" if isinstance(value, int) else "date").alias(name) for name, value in said.items()]

    def found(self) -> tuple[DataFrame, DataFrame]:
        """The values of the touched assets, and what the rules say of them and of the loans that hang together with them."""
        from pyspark.sql import functions as F

        from loanwatch.cover.allocation import allocation
        from loanwatch.cover.asset_value import asset_value
        from loanwatch.cover.index_level import index_level
        from loanwatch.cover.loan_cover import loan_cover
        from loanwatch.cover.model_value import model_value
        from loanwatch.derive.asset_indicator import asset_indicator

        read, as_of, given = self.runner.read, self.runner.attempt.as_of, self.values
        champions, prudence = given["champions"], given["prudence"]
        pledge, asset, valuation = (read(feed).cache() for feed in (feeds.PLEDGE, feeds.ASSET, feeds.VALUATION))
        touched = self._touched(asset)
        loans, assets = self._together(pledge, touched)
        loan_day = read(LOAN_DAY.parent).join(F.broadcast(loans), on="loan_id", how="left_semi").cache()
        own_pledge = pledge.join(F.broadcast(loans), on="loan_id", how="left_semi").cache()
        own_asset, own_valuation = (of.join(F.broadcast(assets), on="asset_id", how="left_semi") for of in (asset, valuation))
        line = read(MODEL_VALUE.line(MODEL_MONTHS))
        said = model_value(loan_day, own_pledge, own_asset, line, as_of, champions).cache()
        levels = index_level(read(feeds.PRICE_INDEX)).cache()
        values = asset_value(
            loan_day, own_pledge, own_asset, own_valuation, levels, said, line, as_of, champions, prudence
        ).cache()  # fmt: skip
        shares = allocation(loan_day, own_pledge, values, as_of).cache()
        cover = loan_cover(loan_day, shares, values, prudence)
        told, sent = read(feeds.ASSET_EVENT), read(DELIVERY)
        of_assets = asset_indicator(loan_day, values, shares, pledge, asset, own_valuation, told, sent, as_of)
        indicators = {"loan": self._of_loans(loan_day, cover, loans), "asset": of_assets}
        return values.join(F.broadcast(touched), on="asset_id", how="left_semi"), self._flagged(indicators)

    def _touched(self, asset: DataFrame) -> DataFrame:
        """Assets that a delivery since the release speaks of: itself, a valuation, a pledge, an event, or its market's index."""
        from pyspark.sql import functions as F

        from loanwatch.cover.asset_value import cells

        read = self.runner.read
        about = (feeds.VALUATION, feeds.PLEDGE, feeds.ASSET, feeds.ASSET_EVENT)
        named = [read(feed.changes).select("asset_id") for feed in about]
        markets = read(feeds.PRICE_INDEX.changes).select("kind", F.col("region").alias("cell")).distinct()
        within = asset.select("asset_id", "kind", F.explode(cells()).alias("cell")).join(F.broadcast(markets), on=["kind", "cell"])
        return _union([*named, within.select("asset_id")]).distinct().cache()

    def _together(self, pledge: DataFrame, touched: DataFrame) -> tuple[DataFrame, DataFrame]:
        """Loans and assets that pledges, those of the release and those of now, tie to a touched asset, however far."""
        now = pledge.where("active").select("loan_id", "asset_id")
        pairs = _union([now, self.runner.read(ALLOCATION.parent).select("loan_id", "asset_id")]).distinct().toArrow().to_pylist()
        found = tied([(row["loan_id"], row["asset_id"]) for row in pairs], [row["asset_id"] for row in touched.collect()])
        spark = self.runner.engine()
        return tuple(  # type: ignore[return-value]
            spark.createDataFrame([(name,) for name in sorted(names)], f"{key} string")
            for key, names in zip(("loan_id", "asset_id"), found, strict=True)
        )

    def _of_loans(self, loan_day: DataFrame, cover: DataFrame, loans: DataFrame) -> DataFrame:
        """The release's indicators of the loans, those of cover anew."""
        from pyspark.sql import functions as F

        from loanwatch.derive import collateral
        from loanwatch.derive.loan_indicator import of_cover
        from loanwatch.derive.plan import projected

        wide = loan_day.join(cover, on="loan_id", how="left").withColumns(of_cover())
        anew = wide.select("loan_id", *of_cover(), *projected(collateral.INDICATORS, self.runner.attempt.as_of))
        before = self.runner.read(LOAN_INDICATOR.parent).join(F.broadcast(loans), on="loan_id", how="left_semi")
        kept = [name for name in before.columns if name == "loan_id" or name not in anew.columns]
        return before.select(*kept).join(anew, on="loan_id", how="inner")

    def _flagged(self, indicators: dict[str, DataFrame]) -> DataFrame:
        """Of each live rule about collateral, what is raised now, and what was: in the release, or by an earlier refresh."""
        from pyspark.sql import functions as F

        rules: Sequence[Rule] = [rule for rule in self.values["rules"] if rule.theme == THEME and rule.live]
        stands = self.runner.read(WARNING.parent).where(F.col("state").isin(*STANDS))
        stands = stands.select(*KEY, F.col("colour").alias("colour_before"))
        earlier = [tuple(row[name] for name in KEY) for row in live(self.runner.lake, INTRADAY_WARNING)]
        said = self.runner.engine().createDataFrame(earlier, "rule_id string, subject string, subject_id string")
        stands = stands.join(said.withColumn("said", F.lit(True)), on=KEY, how="full_outer")
        return _union([_of_kind(indicators[kind], kind, [r for r in rules if r.subject == kind], stands) for kind in SUBJECTS])


def _of_kind(indicators: DataFrame, kind: str, rules: Sequence[Rule], stands: DataFrame) -> DataFrame:
    """Outcome and words of each rule about a kind of subject, where it is raised or has a warning."""
    from pyspark.sql import functions as F

    from loanwatch.flag.evidence import raised
    from loanwatch.flag.outcome import OUTCOMES, state
    from loanwatch.flag.verdict import masks, states_of

    seen = indicators.cache()
    each = [F.struct(F.lit(r.id).alias("rule_id"), F.col(state(r)).alias("state")) for r in rules]
    outcomes = (
        states_of(seen, rules).select(F.col(f"{kind}_id").alias("subject_id"), F.explode(F.array(*each)).alias("of"))
        .select("of.rule_id", F.lit(kind).alias("subject"), "subject_id",
                F.element_at(F.array(*map(F.lit, OUTCOMES)), F.col("of.state").cast("int") + 1).alias("outcome"))
    )  # fmt: skip
    words = raised(seen, masks(seen, kind, rules), kind, rules).select(*KEY, "says_en", "says_zh")
    found = outcomes.join(stands, on=KEY, how="left").join(words, on=KEY, how="left")
    known = F.col("colour_before").isNotNull() | F.col("said").isNotNull()
    return found.where(F.col("outcome").isin("red", "amber") | known).drop("said")


def tied(pairs: Sequence[tuple[str, str]], touched: Iterable[str]) -> tuple[set[str], set[str]]:
    """The loans and the assets of all (loan, asset) pairs that hang together with a touched asset."""
    loans, assets = dict[str, list[str]](), dict[str, list[str]]()
    for loan, asset in pairs:
        loans.setdefault(loan, []).append(asset)
        assets.setdefault(asset, []).append(loan)
    waiting, found = [asset for asset in touched if asset in assets], (set[str](), set[str]())
    while waiting:
        asset = waiting.pop()
        if asset in found[1]:
            continue
        found[1].add(asset)
        for loan in assets[asset]:
            if loan not in found[0]:
                found[0].add(loan)
                waiting += loans[loan]
    return found


def _union(frames: Sequence[DataFrame]) -> DataFrame:
    first, *rest = frames
    for frame in rest:
        first = first.unionByName(frame)
    return first
