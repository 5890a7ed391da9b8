"""What a loan's indicators would be on a later day if money came in or its collateral were valued anew, all else as it is.

Worked out from the rows that the release knew, by the arrears clock and the declared formulas; what neither of the two moves
(behaviour, market, other loans) is taken as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from loanwatch.admit.feeds import REPAYMENT
from loanwatch.balance.clock.frames import read_table, reading
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.columns import ARROW
from loanwatch.convention import Convention
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.indicator import Indicator
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.explanation.case import UNTOLD, Case, balance_in, cover_in
from loanwatch.explanation.formulas import DAY, INDICATORS, aggregate, formula, needs, reads
from loanwatch.explanation.loan_rows import LoanRows
from loanwatch.expression import Row

ON_BOOK = "on_book"  # with anything left to pay; a loan without leaves the book, and its warnings end
_GAPS = tuple(name for name in LOAN_INDICATOR.names if name.endswith("_gap"))
_ROW = {name: column for name, column in {**LOAN_DAY.by_name, **LOAN_COVER.by_name}.items() if name not in UNTOLD}
_WIDE = pa.schema(
    {name: ARROW[column.type] for name, column in _ROW.items()}
    | dict.fromkeys(_GAPS, pa.string()) | {"place": pa.int64(), "as_of": pa.date32()}
)  # fmt: skip
_PAID = pa.schema({
    "place": pa.int64(), "as_of": pa.date32(), "paid_on": pa.date32(), "paid_minor": pa.int64(), "payer": pa.string(),
})  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """A loan on its business date: its rows of the release's tables, and of the feeds that tell about it."""

    as_of: date
    loan_day: Mapping[str, Any]
    loan_cover: Mapping[str, Any]
    indicators: Mapping[str, Any]
    known: LoanRows
    convention: Convention
    closed_days: Sequence[date]

    @cached_property
    def unlike(self) -> tuple[str, ...]:
        """Indicators that do not come out as they were published: nothing can be said of what would change them."""
        (now,) = self._worked_out([Case(self.as_of)]) or [{}]
        return tuple(i.name for i in moved() if now.get(i.name, self) != self.indicators[i.name])

    @property
    def most_minor(self) -> int:
        """More than anybody can owe on the loan."""
        return self.known.asked_minor - min(int(self.loan_day["paid_minor"]), 0) + 1

    def rows(self, cases: Sequence[Case]) -> list[Row]:
        """The loan's row of indicators in each case, and whether it is on the book; it has a schedule."""
        return [{**self.indicators, **found} for found in self._worked_out(cases)]

    def _worked_out(self, cases: Sequence[Case]) -> list[dict[str, Any]]:
        """The indicators that can move, by name; nothing where the loan has no schedule."""
        wide = list(self._days(cases))
        if not wide:
            return []
        paid = [
            {**row, "place": place, "as_of": case.day} for place, case in enumerate(cases) for row in self.known.paid_in(case)
        ]
        self._engine.register("wide", pa.Table.from_pylist(wide, schema=_WIDE))
        self._engine.register("repayment", pa.Table.from_pylist(paid, schema=_PAID))
        return list(self._engine.sql(_query()).to_arrow_table().to_pylist())

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(config={"threads": 1})  # opening one costs as much as a question

    def _days(self, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
        """What balance, cover and gaps of the loan are in each case."""
        shut = np.array([day.toordinal() for day in self.closed_days], np.int64)
        before = {**self.loan_day, "as_of": self.as_of}
        gaps = {name: self.indicators[name] for name in _GAPS}
        material = self.convention.material_minor is not None
        table = self.known.for_clock(cases)
        for batch in read_table(table, self.as_of.toordinal(), [self.convention], shut, reading):
            for read in batch.to_pylist():
                place = int(read.pop("loan_id"))
                after = balance_in(cases[place], self.loan_day, read, with_materiality=material)
                cover = cover_in(cases[place], self.loan_cover, before, after)
                told = {name: value for name, value in {**cover, **after}.items() if name not in UNTOLD}
                yield {**told, **gaps, "place": place, "as_of": cases[place].day}


@cache
def moved() -> list[Indicator]:
    """Loan indicators that days, repayments and valuations move: over the balance, the cover and sums of repayments."""
    candidates = INDICATORS["loan"].values()
    of_repayments = [i for i in candidates if all(measure.source.feed is REPAYMENT for measure in i.of)]
    told = [i for i in of_repayments if all(needs(measure) <= {DAY, *_PAID.names} for measure in i.of)]
    return [i for i in told if reads(i) <= {*_WIDE.names, *(measure.name for measure in i.of)}]


@cache
def _query() -> str:
    """Of `wide` and `repayment`: whether the loan is on the book, and the indicators that can move, a row a case, in order."""
    measures = {measure.name: measure for indicator in moved() for measure in indicator.of}
    sums = ", ".join(["place", *(f"{aggregate(measure)} as {name}" for name, measure in measures.items())])
    filled = ", ".join(["wide.*", *(f"coalesce({name}, 0)::bigint as {name}" for name in measures)])
    on_book = f"balance_minor > 0 or arrears_minor > 0 as {ON_BOOK}"
    columns = ", ".join([on_book, *(f"{formula(indicator)} as {indicator.name}" for indicator in moved())])
    summed = f"(select {sums} from repayment group by place)"
    return f"select {columns} from (select {filled} from wide left join {summed} using (place)) order by place"
