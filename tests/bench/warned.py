"""What rules and rankings of warnings are worth on real borrowers: `python tests/bench/warned.py --data DIR --folder DIR`.

Runs the steps that loans' verdicts rest on at every month-end of data 01, 02 and 05 (hours; a folder that has them is used as it
is), then writes `tests/bench/warnings.md`. Weights and points are fitted on half of the customers, figures are of the other half.
With `--book` the sections of others stay as they are.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import limits
import numpy as np
import pandas as pd
import pyarrow as pa
from books import BOOKS, Book, judged, month_of
from limits import Judged
from month_steps import RULES_OF, month_steps
from night import machine
from performance import Figures, Flags, Interval, Numbers, Panel, top
from points import ONE, Colours, Ranking, Weights, boosted, declared, fitted, listed, measured_half

from loanwatch import adapters, settings
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH
from loanwatch.configuration import Configuration, load
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.flag.masks import WORD
from loanwatch.flag.rule_text import WEIGHTS
from loanwatch.flag.rules import Rule, about, in_force
from loanwatch.flag.tables import RULE, VERDICT
from loanwatch.lake import Lake
from loanwatch.nights import checked

PAGE = Path(__file__).with_name("warnings.md")
SHARES = {"0.5": 0.005, "1": 0.01, "2": 0.02, "5": 0.05}
MASKS = ("amber", "red", "unknown", "not_applicable")
COLUMNS = "alerts a month | precision % | caught % | events warned % | lead, months"
STATUSES = 12  # month-ends back that the model without rules is given one by one


@dataclass(frozen=True)
class Evidence:
    """Loan-months of a book that can be judged: what rules said of them, what is known of them, and what came.

    `silent` are rules that are unknown or not applicable everywhere.
    """

    rows: pd.DataFrame
    colours: dict[str, Colours]
    features: pd.DataFrame
    follows: Flags
    measured: Flags
    silent: frozenset[str]

    def lateness(self) -> tuple[Numbers, Numbers]:
        """Days past due by the borrower's own clock, -1 off the book; and the same below one, to rank among equals."""
        late = self.features["own_days_past_due"].fillna(-1).to_numpy()
        return late, late / (late.max() + 2)

    def ranking(self, rules: Iterable[Rule], of: Flags) -> Ranking:
        """Some of the loan-months, as those of the rules that raise anything rank them."""
        raising = [rule for rule in rules if rule.id in self.colours]
        return Ranking(raising, {r.id: self.colours[r.id][of] for r in raising}, self.follows[of], self.lateness()[1][of])

    def panel(self) -> Panel:
        """Those to report on."""
        rows = self.rows[self.measured]
        loan = rows["loan_id"].factorize(sort=True)[0].astype(np.int64)
        return Panel(loan, rows["month"].to_numpy(), self.follows[self.measured], rows["event"].to_numpy())


def perform(book: Book, data: Path, folder: Path) -> None:
    """The month-ends of a book, as far as they are not there."""
    if not (folder / "inbox").is_dir():
        adapters.perform(book.adapter, book.files(data), folder, print)
    for attempt in month_steps(book.tenant, folder, book.first, book.last, book.tables):
        print(f"{book.name}: {attempt.as_of}", flush=True)


def gathered(book: Book, data: Path, folder: Path, rules: tuple[Rule, ...]) -> Evidence:
    """Everything about the loan-months of a book, in the order of loan and month."""
    lake = Lake(folder / "lake")
    days = lake.rows(RULE, columns=("distinct as_of",))["as_of"].to_pylist()
    rows, truth = pd.concat([_month(lake, day) for day in days]), book.truth(book.files(data))
    idle = truth.off_book[truth.off_book["month"].isin(rows["month"])]
    rows = rows.merge(idle, on=["loan_id", "month"], how="outer")
    words = [name for name in rows if name.rstrip("0123456789") in MASKS]
    rows[words] = rows[words].fillna(0).astype(np.int64)  # off the book: nothing is said of them
    rows = rows.sort_values(["loan_id", "month"], ignore_index=True)
    known, event = judged(book, truth, rows[["loan_id", "month"]])
    known &= rows["status"] != "written_off"  # lost already: there is nothing left to warn of
    rows = rows.assign(event=event)[known].reset_index(drop=True)
    follows = (rows["event"] <= rows["month"] + book.horizon).to_numpy()
    bits = {row["rule_id"]: row["bit"] for row in lake.rows(RULE, "release = 1 and subject = 'loan'").to_pylist()}
    colours = {rule.id: _colour(rows, bits[rule.id]) for rule in rules}
    loans, number = np.unique(rows["loan_id"], return_inverse=True)
    raised = {rule: colour for rule, colour in colours.items() if colour.any()}
    on_book = rows["status"].notna().to_numpy()
    silent = frozenset(rule for rule, bit in bits.items() if _bit(rows, ("unknown", "not_applicable"), bit)[on_book].all())
    return Evidence(rows, raised, _features(rows), follows, measured_half(loans)[number], silent)


def _month(lake: Lake, day: date) -> pd.DataFrame:
    """What one month-end left of each loan."""
    where = f"as_of = '{day}'"
    masks = lake.rows(VERDICT, f"{where} and subject = 'loan'", ("subject_id", *MASKS))
    rows = pd.DataFrame({"loan_id": masks["subject_id"].to_pylist()})
    for name in MASKS:
        rows = rows.join(_words(masks[name]).add_prefix(name))
    numbers = [c.name for c in LOAN_INDICATOR.columns if c.type in ("int", "long", "boolean")]
    for table, columns in ((LOAN_INDICATOR, numbers), (LOAN_MONTH, ["own_statuses"]), (LOAN_DAY, ["status"])):
        rows = rows.merge(lake.rows(table, where, ("loan_id", *columns)).to_pandas(), on="loan_id", how="left", validate="1:1")
    return rows.assign(month=month_of(day))


def _words(masks: pa.ChunkedArray) -> pd.DataFrame:
    return pd.DataFrame(np.array(masks.to_pylist(), np.int64))


def _colour(rows: pd.DataFrame, bit: int) -> Colours:
    """0 = neither, 1 = amber, 2 = red."""
    return np.where(_bit(rows, ("red",), bit), 2, _bit(rows, ("amber",), bit)).astype(np.int8)


def _bit(rows: pd.DataFrame, masks: tuple[str, ...], bit: int) -> Flags:
    """Whether the bit of a rule is set in one of some masks."""
    words = np.bitwise_or.reduce([rows[f"{name}{bit // WORD}"].to_numpy() for name in masks])
    return (words >> (bit % WORD)) & 1 == 1


def _features(rows: pd.DataFrame) -> pd.DataFrame:
    names = [c.name for c in LOAN_INDICATOR.columns if c.type in ("int", "long", "boolean") and c.name in rows]
    numbers = rows[names].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    levels = {"N": 0, **{str(level): level for level in range(1, 8)}}
    letters = {f"status_{n}": rows["own_statuses"].str[n].map(levels) for n in range(STATUSES)}
    return numbers.assign(**letters).dropna(axis=1, how="all")


def page(book: Book, evidence: Evidence, rules: tuple[Rule, ...], texts: Mapping[str, str], common: Weights) -> str:
    """The section of a book; `texts` are its tenant's rules, `common` the weights that these have in `conf/rules`."""
    panel, half = evidence.panel(), evidence.measured
    months = len(np.unique(panel.month))
    lines = [
        f"## {book.name}: {book.title}", "", f"{datetime.now(tz=UTC).date()}, {machine()}", "",
        f"Event: {book.event}. Half of the customers: {len(panel.loan):,} loan-months of {panel.loan.max() + 1:,} loans at "
        f"{months} month-ends can be judged, {panel.follows.sum():,} ({panel.follows.mean():.2%}) were followed by the event.", "",
        f"| rule | status | colour | {COLUMNS} |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rule in rules:
        for colour, least in (("amber or red", 1), ("red", 2)):
            raised = evidence.colours.get(rule.id, np.zeros(len(half), np.int8))[half] >= least
            if raised.any():
                lines.append(f"| {rule.id} | {'live' if rule.live else 'shadow'} | {colour} | {_cells(panel.measure(raised))} |")
    quiet = [rule.id for rule in rules if rule.id in evidence.silent]
    lines += ["", f"Never an answer, for want of a source or of what they ask about: {', '.join(quiet)}."]
    lines += ["", f"| ranked by | top % | {COLUMNS} |", "|---|---|---|---|---|---|---|"]
    for name, score in rankings(evidence, rules, common).items():
        for share, of in SHARES.items():
            lines.append(f"| {name} | {share} | {_cells(panel.measure(top(score, of)))} |")
    for name, caught in book.reference:
        lines += [f"| *{name}* | {share} | | | {value} | | |" for share, value in caught.items()]
    judged = Judged(evidence.ranking((rule for rule in rules if rule.live), ~half), evidence.features[~half])
    live = fitted(judged.ranking)
    lines += ["", f"Live rules, fitted on the other half: `conf/tenants/{book.tenant}/rules/weights.yaml`.", ""]
    lines += ["```yaml", *listed(live, common), "```", "", _limits(judged, evidence, texts, live), ""]
    return "\n".join(lines)


def _limits(judged: Judged, evidence: Evidence, texts: Mapping[str, str], weights: Weights) -> str:
    """Which limits rank better on the half to fit on, and what these are worth on the other."""
    found = limits.fitted(texts, judged, weights)
    if not found:
        return "On the other half no limit ranks more of what follows into the top than the declared ones."
    half = evidence.measured
    there = Judged(evidence.ranking(judged.ranking.rules, half), evidence.features[half])
    before, after = (f"{each.caught(weights):.1%}" for each in (there.ranking, limits.under(texts, found, there)))
    listed = ", ".join(f"{name} {value}" for name, value in found.items())
    return (f"Limits fitted on the other half: {listed}. With these the mean share caught in the four tops, of the half to report "
            f"on, is {after} instead of {before}.")  # fmt: skip


def rankings(evidence: Evidence, rules: tuple[Rule, ...], common: Weights) -> dict[str, Numbers]:
    """Scores of the loan-months to report on, by what they are called."""
    half, statuses = evidence.measured, [name for name in evidence.features if name.startswith("status_")]
    live = evidence.ranking((rule for rule in rules if rule.live), half)
    return {
        "days past due": evidence.lateness()[0][half],
        "live rules, all of one weight": live.score({rule.id: ONE for rule in live.rules}),
        "live rules, declared weights": live.score(common),
        "live rules, the tenant's weights": live.score(declared(live.rules)),
        "boosting on 12 statuses": boosted(evidence.features[statuses], evidence.follows, ~half)[half],
        "boosting on all indicators and 12 statuses": boosted(evidence.features, evidence.follows, ~half)[half],
    }


def _cells(figures: Figures) -> str:
    shares = [_percent(each) for each in (figures.precision, figures.caught, figures.warned)]
    months = figures.lead
    lead = "" if np.isnan(months.value) else f"{months.value:.0f} ({months.low:.0f} to {months.high:.0f})"
    return " | ".join([f"{figures.alerts_a_month:,.1f}", *shares, lead])


def _percent(of: Interval) -> str:
    return f"{of.value:.1%} ({of.low:.1%} to {of.high:.1%})".replace("%", "")


def main() -> None:
    """Run what is missing, measure, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--folder"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--book", choices=[book.name for book in BOOKS], action="append")
    given = parser.parse_args()
    sections = _sections(PAGE.read_text(encoding="utf-8"))
    for book in BOOKS:
        if given.book and book.name not in given.book:
            continue
        folder = given.folder / book.name
        perform(book, given.data, folder)
        own = load(settings.load("demo", book.tenant, {}))
        rules = rules_of(own)
        common = rules_of(Configuration({path: text for path, text in own.texts.items() if path != WEIGHTS}))
        evidence = gathered(book, given.data, folder, rules)
        sections[book.name] = page(book, evidence, rules, own.below("rules"), declared(common))
    told = [sections[book.name] for book in BOOKS if book.name in sections]
    PAGE.write_text("\n".join(["# What warnings are worth\n", INTRODUCTION, *told]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    """The sections of a page by their book, as they end within it."""
    _, *parts = re.split(r"^## (?=\d\d: )", text, flags=re.MULTILINE)
    last = len(parts) - 1
    return {part[:2]: f"## {part if at == last else part[:-1]}" for at, part in enumerate(parts)}


def rules_of(configuration: Configuration) -> tuple[Rule, ...]:
    """The rules on loans of a configuration."""
    return about(in_force(checked(configuration)["rules"], RULES_OF), "loan")


INTRODUCTION = """\
By `make warnings`. In brackets 90 % intervals by bootstrap over customers. *Precision*:
share of raised loan-months that the event follows within the horizon; *caught*: share of loan-months followed by the event that
are raised; *events warned*: share of events with something raised within the horizon before; *lead*: median months from the
first of the unbroken run of raised month-ends. Horizons beyond what the source tells are left out, not counted as "no event".
Points are weights by rule and colour, of each theme the heaviest only; among equals the longer past due goes first.
"""

if __name__ == "__main__":
    main()
