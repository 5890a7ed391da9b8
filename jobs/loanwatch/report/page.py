"""The page of a release: one self-contained HTML file that opens from mail and archive alike."""

from __future__ import annotations

import math
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pyarrow as pa
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loanwatch import codes
from loanwatch.errors import UsageError
from loanwatch.report.markets import markets

Language = Literal["en", "zh"]

TEMPLATES = Path(__file__).with_name("templates")
LABELS = {listed.name: listed for listed in (
    codes.PRODUCTS, codes.CLASSES, codes.COLOURS, codes.SUBJECTS, codes.PORTFOLIO_ACTIONS, codes.ASSET_KINDS, codes.LTV_BANDS,
    codes.VALUATION_AGES, codes.VALUED_BY,
)}  # fmt: skip
FACETS = ("colour", "five_class", "product", "partner_id")
WORSE = ("new", "worse", "shown")
BETTER = ("better", "cleared", "left", "hidden")
VERDICTS = ("broken", "unknown", "agreed")
HOLDS = (False, True, None)
PORTFOLIO_ITEMS_AT_MOST = 40
CHANGES_OPEN = 12
CHANGES_AT_MOST = 200


@dataclass(frozen=True)
class Facts:
    """What the page says about the release itself; `content_digest` and `audit_head` (number and digest of the audit
    log's last entry) are empty until the release is sealed.

    `set_aside` counts the warnings that people have hidden; `storms` says in words which rules' new warnings wait; `approved_by`
    who approved the configuration, None where nobody has to.
    """

    tenant: str
    title: str
    as_of: date
    release: int
    parent: int | None
    parent_as_of: date | None
    through_delivery_no: int
    conf_digest: str
    code_digest: str
    content_digest: str
    audit_head: str
    currency: str
    reconcile: Literal["ledger", "none"]
    absent: tuple[str, ...]
    book_loans: int
    listed_rows: int
    set_aside: int
    storms: tuple[str, ...]
    approved_by: tuple[str, ...] | None
    language: Language


@dataclass(frozen=True)
class Words:
    """The page's text in one language, by key; `file` is where a missing one has to be added."""

    file: str
    texts: Mapping[str, str]

    @classmethod
    def load(cls, conf: Path, language: str) -> Words:
        """The words of `conf/words/<language>.yaml`."""
        path = conf / "words" / f"{language}.yaml"
        if not path.is_file():
            raise UsageError(f"no page text for language {language!r}: {path} is missing")
        return cls(str(path), MappingProxyType(yaml.safe_load(path.read_text("utf-8"))))

    def say(self, key: str, **values: object) -> str:
        """The text of a key with its {values} filled in; UsageError names a missing key and the file."""
        if key not in self.texts:
            raise UsageError(f"page text {key!r} is missing in {self.file}; add it there, in every language")
        return self.texts[key].format(**values)


@dataclass(frozen=True)
class Facet:
    """What the list can be filtered by: values worst or first in order, with their labels and rows."""

    name: str
    options: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Change:
    """A loan or borrower whose colour changed; `place` links to its row, None where the page has none."""

    kind: str
    subject: str
    subject_id: str
    before: str | None
    now: str | None
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    place: int | None


@dataclass(frozen=True)
class Contents:
    """The tables that the page shows, each as one release has it; of `pool_cash` those of the last month-ends, with their date."""

    watch_list: pa.Table
    change: pa.Table
    institution_item: pa.Table
    portfolio_item: pa.Table
    pool_cash: pa.Table
    portfolio: pa.Table
    collateral: pa.Table
    reconciliation: pa.Table
    certificate: pa.Table


@dataclass(frozen=True)
class Cash:
    """What came in for a pool: its rows of the last month-ends, oldest first, and the last of them."""

    months: tuple[Mapping[str, Any], ...]

    @property
    def last(self) -> Mapping[str, Any]:
        return self.months[-1]

    @property
    def rates(self) -> tuple[int | None, ...]:
        """Collection rates, basis points, oldest first."""
        return tuple(month["collection_rate_bp"] for month in self.months)


def page(facts: Facts, contents: Contents, words: Words, rows_at_most: int = 2000) -> str:
    """The page as HTML, in the language of the facts; of a longer list it shows the worst rows and says so."""
    listed = contents.watch_list.sort_by("place").slice(0, rows_at_most)
    script = (TEMPLATES / "page.js").read_text("utf-8")
    change, portfolio = contents.change, contents.portfolio
    changed = change.select(["change", "subject"]).to_pylist()
    return environment(facts, words).get_template("page.html").render(
        script=Markup(script),  # noqa: S704 -- a file of this package
        script_digest=b64encode(sha256(script.encode()).digest()).decode(),
        rows=listed.to_pylist(),
        facets=[_facet(name, listed, facts.language) for name in FACETS],
        change_counts=Counter((row["change"], row["subject"]) for row in changed),
        changes=_changes(change, listed, f"reasons_{facts.language}"),
        institutions=contents.institution_item.sort_by("place").to_pylist(),
        groups=contents.portfolio_item.sort_by("place").to_pylist(),
        pools=_cash(contents.pool_cash),
        cuts=portfolio.sort_by([("exposure_minor", "descending"), ("cut_value", "ascending")]).to_pylist(),
        scale=_scale(portfolio),
        markets=markets(contents.collateral),
        reconciliation=sorted(contents.reconciliation.to_pylist(), key=lambda row: VERDICTS.index(row["verdict"])),
        statements=sorted(contents.certificate.to_pylist(), key=lambda row: HOLDS.index(row["holds"])),
    )  # fmt: skip


def environment(facts: Any, words: Words) -> Environment:
    """Jinja with everything escaped, nothing undefined, and the page's ways to write a value."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        facts=facts, say=words.say, worse=WORSE, better=BETTER, zip=zip_longest,
        changes_open=CHANGES_OPEN, changes_at_most=CHANGES_AT_MOST, groups_at_most=PORTFOLIO_ITEMS_AT_MOST,
        ltv_bands=codes.LTV_BANDS.words, valuation_ages=codes.VALUATION_AGES.words,
    )  # fmt: skip
    environment.filters.update(
        number=lambda value: f"{value:,}",
        money=_money,
        whole=lambda minor: f"{(minor + 50) // 100:,}",
        share=_share,
        rank=lambda word, name: LABELS[name].words.index(word),
        label=lambda word, name: LABELS[name].label(word, facts.language),
        file_name=_file_name,
    )
    return environment


def _facet(name: str, listed: pa.Table, language: str) -> Facet:
    """The values of a column that the rows have: coded ones in the order of their list, others by name."""
    found: Counter[str] = Counter(listed[name].to_pylist())
    if name not in LABELS:
        return Facet(name, tuple((value, value, found[value]) for value in sorted(found)))
    ordered = LABELS[name].words if name == "product" else LABELS[name].words[::-1]
    return Facet(
        name, tuple((word, LABELS[name].label(word, language), found[word]) for word in ordered if found[word])
    )


def _changes(change: pa.Table, listed: pa.Table, reasons: str) -> list[Change]:
    """All changes: new and worse ones first, red before amber, then by place in the list."""
    found = {("loan", row["loan_id"]): row for row in listed.to_pylist()}
    for row in list(found.values()):
        found.setdefault(("borrower", row["borrower_id"]), row)
    changes = []
    for row in change.to_pylist():
        seen = found.get((row["subject"], row["subject_id"]), {})
        said = dict(zip(seen.get("rules", ()), seen.get(reasons, ()), strict=False))
        changes.append(Change(
            kind=row["change"], subject=row["subject"], subject_id=row["subject_id"],
            before=row["colour_before"], now=row["colour_now"], rules=tuple(row["rules"]),
            reasons=tuple(said[rule] for rule in row["rules"] if rule in said), place=seen.get("place"),
        ))  # fmt: skip
    return sorted(changes, key=_urgency)


def _cash(pool_cash: pa.Table) -> list[Cash]:
    """The pools that the last month-end has; those that collect least first."""
    months: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in pool_cash.sort_by("as_of").to_pylist():
        months.setdefault((row["pool_id"], row["currency"]), []).append(row)
    last = max((rows[-1]["as_of"] for rows in months.values()), default=None)
    pools = [Cash(tuple(rows)) for rows in months.values() if rows[-1]["as_of"] == last]
    return sorted(pools, key=lambda pool: (pool.rates[-1] is None, pool.rates[-1] or 0, pool.last["pool_id"]))


def _urgency(change: Change) -> tuple[bool, int, float, str, str]:
    colour = codes.COLOURS.words.index(change.now) if change.now else -1
    return change.kind not in WORSE, -colour, change.place or math.inf, change.subject, change.subject_id


def _scale(portfolio: pa.Table) -> float:
    """The share at the right end of the bars: the largest one, rounded up to five per cent."""
    shares = [
        (row[part] or 0) / row["exposure_minor"]
        for row in portfolio.to_pylist()
        if row["exposure_minor"]
        for part in ("exposure_1_plus_minor", "own_exposure_31_plus_minor")
    ]
    return max(1, math.ceil(max(shares, default=0) * 20)) / 20


def _money(minor: int) -> str:
    """Minor units as 12,345.67; every currency of the code list has two decimals."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"


def _share(part: int | None, whole: int) -> str:
    """A share as 12.34%; ? where the part is unknown, a dash where there is nothing to share."""
    if part is None:
        return "?"
    return f"{part / whole:.2%}" if whole else "—"


def _file_name(text: str) -> str:
    """A text as part of a file name."""
    return "".join(letter if letter.isalnum() else "-" for letter in text)
