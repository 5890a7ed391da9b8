"""Forms of a release: found by name, filled from what was published for a month-end, held to their checks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Keyed
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from loanwatch import catalogue
from loanwatch.balance.tables import RECONCILIATION
from loanwatch.calendars import month_end
from loanwatch.columns import POOL_ID
from loanwatch.errors import DataError, UsageError
from loanwatch.explanation.known import quoted
from loanwatch.extract import (
    between,
    cells,
    checks,
    edit_checks,
    filing,
    filling,
    hand_in,
    layout,
    mapping,
    relations,
)
from loanwatch.extract.between import Between
from loanwatch.extract.changed import changed
from loanwatch.extract.edit_checks import Fault
from loanwatch.extract.filing import Filing
from loanwatch.extract.filling import Filled, Untold
from loanwatch.extract.layout import Layout
from loanwatch.extract.mapping import Mapping
from loanwatch.extract.records import Records
from loanwatch.extract.relations import Relation
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE, BASE_FIGURE
from loanwatch.seal import publication, sealed_tables
from loanwatch.seal.canonical import line
from loanwatch.seal.publication import Attempt
from loanwatch.seal.table_digest import sha256
from loanwatch.settings import Settings
from loanwatch.tables import Table

Exactly = Keyed[str, tuple[Decimal, Decimal | None]]  # what stands in cells, and what that is exactly
COUNTED = "every row counted once"  # the check of cells that `filling` makes
ASKED = "figures are asked for"
_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
# The tables that forms are filled from.
_BASE = {table.name: table.by_name for table in BASE}


class NotSealed(DataError):
    """A release was sealed without a table, by a program that had none."""


@dataclass(frozen=True)
class Form:
    """A folder of `conf/extracts`: its layout, how it is filled, who files it."""

    folder: Path

    @classmethod
    def named(cls, name: str, conf: Path) -> Form:
        """By its name, <regulator>/<form>."""
        regulator, _, form = name.partition("/")
        if not (_NAME.fullmatch(regulator) and _NAME.fullmatch(form)):
            raise UsageError(f"{name!r} is no form; they are named <regulator>/<form>, as east/503")
        return cls(conf / "extracts" / regulator / form)

    @classmethod
    def all(cls, conf: Path) -> list[Form]:
        """Every form that has a layout, by name."""
        return [cls(path.parent) for path in sorted((conf / "extracts").glob(f"*/*/{layout.FILE}"))]

    @property
    def name(self) -> str:
        """<regulator>/<form>."""
        return "/".join(self.folder.parts[-2:])

    @property
    def path(self) -> Path:
        """The file of its layout."""
        return self.folder / layout.FILE

    @cached_property
    def layout(self) -> Layout:
        return layout.read(self.path)

    @cached_property
    def mapping(self) -> Mapping:
        return mapping.read(self.folder / mapping.FILE, self.layout, _BASE)

    @property
    def table(self) -> Table:
        """The base table that it is filled from."""
        return catalogue.table(self.mapping.table)

    @property
    def of_pools(self) -> bool:
        """Whether it can be filled for one pool."""
        return POOL_ID.name in self.table.names

    @cached_property
    def filing(self) -> Filing:
        restricted = {column.name for column in self.table.columns if column.restricted}
        tokens = [code for code, names in self.mapping.reads.items() if restricted.intersection(names)]
        return filing.read(self.folder / filing.FILE, self.layout, tokens)

    @cached_property
    def between(self) -> Between:
        """What it has to hold with others."""
        return between.read(self.folder / between.FILE, self.layout, self._layout_of)

    def _layout_of(self, name: str) -> Layout | None:
        other = Form.named(name, self.folder.parents[2])
        return other.layout if other.path.is_file() else None

    @property
    def empty(self) -> tuple[str, ...]:
        """The cells that it leaves so."""
        return self.mapping.empty if (self.folder / mapping.FILE).is_file() else ()

    @property
    def is_filed(self) -> bool:
        """Whether it says who files it."""
        return (self.folder / filing.FILE).is_file()

    def digest(self, settings: Settings) -> str:
        """Of all that says how it is made: its files, and what the institution says of itself."""
        paths = [self.folder / name for name in (layout.FILE, mapping.FILE, checks.FILE, between.FILE, filing.FILE)]
        texts = [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
        return sha256(line([*texts, str(sorted(settings.business.filer.items()))]))

    def figures(self, lake: Lake, attempt: Attempt) -> dict[str, int]:
        """The cells that other systems told for a release, by cell; none where it asks for none."""
        files = sealed(lake, attempt, BASE_FIGURE)[1] if self.mapping.told else []
        return filling.told(BASE_FIGURE, files, self.layout.form)

    def faults(self, records: Records, exact: Keyed[str, int] | None = None) -> list[Fault]:
        """What is wrong with records; of cells that are known exactly, what rounding alone puts wrong keeps nothing back."""
        said = checks.read(self.folder / checks.FILE, self.layout)
        persons = self.filing.persons if self.is_filed else ()
        return edit_checks.faults(self.layout, records, said, self.empty, exact or {}, persons)

    def made(self, settings: Settings, as_of: date, release: int | None, *, first: bool, pool: str | None = None) -> Made:
        """Fill it; UsageError where the date is no month-end."""
        lake = Lake(settings.lake)
        attempt = publication.find(lake, as_of, release, first=first)
        if as_of != month_end(as_of):
            raise UsageError(f"{as_of} is no month-end: forms are filled for {month_end(as_of)}")
        if pool is not None and not self.of_pools:
            raise UsageError(f"{self.name} is of no pool: {self.table.name} has no {POOL_ID.name}; leave the pool out")
        digest, files = sealed(lake, attempt, self.table)
        figures = self.figures(lake, attempt)
        filled = filling.fill(self.layout, self.mapping, self.table, files, settings.business.filer, pool, figures)
        if self.layout.sends == "changed":
            earlier = hand_in.earlier(lake, self.layout.form, as_of, pool)
            filled = changed(filled, self.layout, hand_in.told(lake, earlier, self.layout))
        return Made(self, settings, attempt, pool, digest, files, filled)


@dataclass(frozen=True)
class Made:
    """A form as it was filled, from which release, for which pool or all, and the digest of its base table as it was sealed."""

    form: Form
    settings: Settings
    attempt: Attempt
    pool: str | None
    digest: str
    files: list[str]
    filled: Filled

    @property
    def of(self) -> str:
        """In words."""
        return f"{self.form.layout.form} of {self.attempt.as_of}, release {self.attempt.release}"

    @property
    def size(self) -> str:
        """How much it is, in words."""
        cells = self.form.layout.cells
        return f"{len(self.form.layout.fields):,} cells" if cells else f"{len(self.filled.records.rows):,} records"

    def faults(self, records: Records | None = None) -> list[Fault]:
        """What is wrong with its records, or with these in their place, and what its cells cannot count."""
        untold = [Fault(of.cell, _with_loans(of), of.rows, (), check=COUNTED) for of in self.filled.untold]
        own = self.form.faults(records or self.filled.records, self.filled.exact)
        figures = self.form.figures(Lake(self.settings.lake), self.attempt)
        strange = [cell for cell in figures if cell not in self.form.mapping.told]
        own += [Fault(cell, "told by the feed form_figure, and not asked for", 1, (), False, ASKED) for cell in strange]
        return [*untold, *own, *edit_checks.related(*self._with_others), *self._with_counterparts[0]]

    def results(self, faults: Sequence[Fault]) -> list[str]:
        """Every check that it was held to, with how many records break it; `faults` is what was found."""
        layout_, broken = self.form.layout, Counter[str]()
        for fault in faults:
            broken[fault.check] += fault.records
        said = [COUNTED, *([ASKED] if self.form.mapping.told else [])] if layout_.cells else []
        said += edit_checks.asked(layout_, checks.read(self.form.folder / checks.FILE, layout_))
        said += dict.fromkeys(one.text for one in self._with_others[0])
        said += [one.check for one in self.form.between.said]
        left = [text for text in layout_.relations if text not in said]
        alone = self._with_counterparts[1]
        told = [f"{name}: {f'broken by {broken[name]}' if name in broken else 'holds'}" for name in dict.fromkeys(said)
                if name not in alone]  # fmt: skip
        told += [f"{text}: not checked, of cells that are not known here" for text in left]
        return told + [f"{name}: not checked, there is nothing to hold it to" for name in alone]

    @cached_property
    def _with_counterparts(self) -> tuple[list[Fault], list[str]]:
        """What does not hold with other forms, our ledger and the last hand-in, of tokens; and what could not be checked."""
        return self.form.between.faults(self.filled.records.rows, self)

    def records(self, form: str) -> pa.Table | None:
        """The records of another form of the same release and pool, or of the last hand-in; None where there are none."""
        if form == between.LAST:
            return self._last_records()
        made = self._beside(Form.named(form, self.settings.conf))
        return made.filled.records.rows if made else None

    def cells(self) -> Keyed[str, int]:
        """Its cells, exactly: none that rests on what could not be told."""
        untold = {of.cell for of in self.filled.untold}
        totals = self.form.mapping.totals
        return {
            cell: exact for cell, exact in self.filled.exact.items()
            if not untold.intersection(("", cell, *cells.below(cell, totals)))
        }  # fmt: skip

    def ledger(self) -> Keyed[str, int] | None:
        """The balance of our ledger by currency, minor units; None where some of it was not sent."""
        try:
            _, files = sealed(Lake(self.settings.lake), self.attempt, RECONCILIATION)
        except NotSealed:
            return None
        with duckdb.connect() as engine:
            of_pool = "" if self.pool is None else f" where pool_id = {quoted(self.pool)}"
            asked = "currency, sum(ledger_balance_minor), count(*) - count(ledger_balance_minor)"
            rows = engine.sql(f"select {asked} from ({filling.rows_of(RECONCILIATION, files)}){of_pool} group by 1").fetchall()
        return None if not rows or any(unknown for *_, unknown in rows) else {currency: int(minor) for currency, minor, _ in rows}

    def _last_records(self) -> pa.Table | None:
        lake, form = Lake(self.settings.lake), self.form
        earlier = hand_in.earlier(lake, form.layout.form, self.attempt.as_of, self.pool)
        return hand_in.records(lake, earlier[-1], form.layout) if earlier else None

    @cached_property
    def _with_others(self) -> tuple[list[Relation], Exactly]:
        """The relations with other forms of which all cells are known, and these."""
        layout_ = self.form.layout
        said = relations.others(layout_.relations, layout_.code, layout_.by_code)
        codes = dict.fromkeys(form for one in said for form in one.forms)
        beside = {code: Form(self.form.folder.parent / code.replace("_", "")) for code in codes}
        made = {code: other for code, form in beside.items() if (other := self._beside(form))}
        if not made:
            return [], {}
        known = self._cells("") | {name: of for code, other in made.items() for name, of in other._cells(code).items()}
        return [one for one in said if all(cell.key in known for cell in one.cells)], known

    def _beside(self, form: Form) -> Made | None:
        """Another form of the same release and pool, filled once; None where it cannot be filled."""
        if form.name not in self._others:
            self._others[form.name] = self._filled(form)
        return self._others[form.name]

    @cached_property
    def _others(self) -> dict[str, Made | None]:
        return {}

    def _filled(self, form: Form) -> Made | None:
        if not (form.folder / mapping.FILE).is_file() or (self.pool is not None and not form.of_pools):
            return None
        try:
            return form.made(self.settings, self.attempt.as_of, self.attempt.release, first=False, pool=self.pool)
        except NotSealed:  # of a release before there was that table
            return None

    def _cells(self, code: str) -> dict[str, tuple[Decimal, Decimal | None]]:
        """What is known of its cells, as it stands there and exactly, by their names among several forms."""
        row = self.filled.records.rows.to_pylist()[0]
        return {
            f"{code}[{cell}]" if code else cell: (Decimal(row[cell]), Decimal(exact)) for cell, exact in self.cells().items()
            if row.get(cell)
        }  # fmt: skip

    def unset(self, field: str | None = None) -> Iterator[str]:
        """Settings of the institution that it, or one of its fields, asks for and that are not set."""
        for code, name in self.filled.unset.items():
            if field in (None, code):
                yield f"{code} {self.form.layout.by_code[code].name}: business.filer.{name} is not set"


def _with_loans(of: Untold) -> str:
    """What is wrong, and the first loans of which it is."""
    more = " …" if of.rows > len(of.loans) else ""
    return f"{of.says}: {', '.join(of.loans)}{more}" if of.loans else of.says


def held(form: Form, faults: Sequence[Fault], what: str) -> None:
    """DataError where some of the faults are critical."""
    if critical := sum(fault.critical for fault in faults):
        raise DataError(f"{what}: not as {form.layout.form} asks; faults: {critical}")


def sealed(lake: Lake, attempt: Attempt, table: Table) -> tuple[str, list[str]]:
    """The digest and the files of a table of a release; DataError where they are not what was sealed, or it was not."""
    of = f"release {attempt.release} of {attempt.as_of}"
    found = sealed_tables.check(lake, attempt, catalogue.TABLES, {table.name})
    if not found:
        raise NotSealed(f"{table.name}: {of} was sealed without it, by a program that had none; restate from {attempt.as_of}")
    if not found[0].holds:
        which = f"`loanwatch audit tables --date {attempt.as_of}` says which rows"
        raise DataError(f"{table.name}: of {of} not what was sealed; {which}")
    return found[0].sealed.digest, lake.files(table, attempt.as_of, attempt.release)
