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
from loanwatch.balance.clock.rows import CHARGE, EVENT, HEAD, INSTALMENT, MONEY, SAID
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.columns import ARROW
from loanwatch.convention import Convention
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.indicator import Indicator
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.explanation.formulas import INDICATORS, aggregate, formula, reads
from loanwatch.flag.expression import Row

BORROWER = "borrower"
FeedRows = Sequence[Mapping[str, Any]]
_ROW = {
    "loan_id": pa.string(), "what": pa.int8(), "number": pa.int32(), "schedule": pa.int32(), "on": pa.date32(),
    "first": pa.date32(), "last": pa.date32(), "one": pa.int64(), "other": pa.int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A day, what the borrower pays on it, and what all collateral is found to be worth on it (None = no new valuation)."""

    day: date
    paid_minor: int = 0
    value_minor: int | None = None


@dataclass(frozen=True)
class Outlook:
    """A loan on its business date: its rows of the release's tables, and the rows of the feeds that tell about it."""

    as_of: date
    loan_day: Mapping[str, Any]
    loan_cover: Mapping[str, Any]
    indicators: Mapping[str, Any]
    instalments: FeedRows
    charges: FeedRows
    events: FeedRows
    repayments: FeedRows
    convention: Convention
    closed_days: Sequence[date]

    @cached_property
    def unlike(self) -> tuple[str, ...]:
        """Indicators that do not come out as they were published: nothing can be said of what would change them."""
        (now,) = self._worked_out([Case(self.as_of)]) or [{}]
        return tuple(i.name for i in moved() if now.get(i.name, self) != self.indicators[i.name])

    def rows(self, cases: Sequence[Case]) -> list[Row]:
        """The loan's row of indicators in each case."""
        return [{**self.indicators, **found} for found in self._worked_out(cases)]

    def most_minor(self) -> int:
        """More than anybody can owe on the loan: all that was ever asked for."""
        asked = [row["principal_minor"] + row["interest_minor"] for row in self.instalments]
        return sum([*asked, *(row["amount_minor"] for row in self.charges), -min(self.loan_day["paid_minor"], 0), 1])

    def _worked_out(self, cases: Sequence[Case]) -> list[dict[str, Any]]:
        """The indicators that can move, by name; nothing where the loan has no schedule."""
        wide = list(self._days(cases))
        if not wide:
            return []
        self._engine.register("wide", pa.Table.from_pylist(wide, schema=_WIDE))
        self._engine.register("repayment", pa.Table.from_pylist(list(self._paid(cases)), schema=_PAID))
        return list(self._engine.sql(_query()).to_arrow_table().to_pylist())

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(config={"threads": 1})  # opening one costs as much as a question

    def _days(self, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
        """What the balance and the cover of the loan are in each case."""
        table = pa.Table.from_pylist(list(self._clock_rows(cases)), schema=pa.schema(_ROW))
        shut = np.array([day.toordinal() for day in self.closed_days], np.int64)
        for batch in read_table(table, self.as_of.toordinal(), [self.convention], shut, reading):
            for row in batch.to_pylist():
                case = cases[int(row["loan_id"])]
                day = {**self.loan_day, **self._balance(case, row)}
                gaps = {name: self.indicators[name] for name in _GAPS}
                yield {
                    **day,
                    **self._cover(case, day["balance_minor"]),
                    **gaps,
                    "place": int(row["loan_id"]),
                    "as_of": case.day,
                }

    def _clock_rows(self, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
        """The loan, once a case, as the clock takes it (`balance.clock.rows`)."""
        for place, case in enumerate(cases):
            rows = [{"what": HEAD, "number": 0, "on": case.day}]
            rows += [
                {"what": INSTALMENT, "number": i["instalment_no"], "schedule": i["schedule_no"], "on": i["agreed_on"],
                 "first": i["due_on"], "one": i["principal_minor"], "other": i["interest_minor"]} for i in self.instalments
            ]  # fmt: skip
            rows += [
                {
                    "what": CHARGE,
                    "on": c["charged_on"],
                    "first": c["due_on"] or c["charged_on"],
                    "one": c["amount_minor"],
                }
                for c in self.charges
            ]
            events = sorted(
                (e for e in self.events if e["kind"] in SAID), key=lambda e: (e["happened_on"], e["event_id"])
            )
            rows += [
                {"what": EVENT, "number": SAID.index(e["kind"]), "on": e["happened_on"], "first": e["from_on"],
                 "last": e["until_on"]} for e in events
            ]  # fmt: skip
            rows += [
                {
                    "what": MONEY,
                    "on": r["paid_on"],
                    "one": r["paid_minor"],
                    "other": r["paid_minor"] * (r["payer"] == BORROWER),
                }
                for r in self._repayments(case)
            ]
            yield from ({**dict.fromkeys(_ROW), **row, "loan_id": str(place)} for row in rows)

    def _repayments(self, case: Case) -> list[Mapping[str, Any]]:
        more = {"paid_on": case.day, "paid_minor": case.paid_minor, "payer": BORROWER}
        return [*self.repayments, *([more] if case.paid_minor else [])]

    def _paid(self, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
        for place, case in enumerate(cases):
            for row in self._repayments(case):
                yield {
                    "place": place,
                    "as_of": case.day,
                    **{name: row[name] for name in ("paid_on", "paid_minor", "payer")},
                }

    def _balance(self, case: Case, read: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of `balance.loan_day` that the clock tells."""
        own_known = self.loan_day["own_paid_minor"] is not None
        left = read["remaining_minor"]
        if read["scheduled_minor"] is not None:
            left = self.loan_day["principal_minor"] - (read["scheduled_minor"] - left)
        since = [
            None if day is None else (case.day - day).days for day in (read["unpaid_since"], read["own_unpaid_since"])
        ]
        own_paid = self.loan_day["own_paid_minor"] + case.paid_minor if own_known else None
        return {
            **{name: read[name] for name in read if name in LOAN_DAY.by_name and name != "loan_id"},
            "balance_minor": max(left, 0),
            "arrears_minor": sum(read[f"{part}_arrears_minor"] for part in ("fee", "interest", "principal")),
            "days_past_due": since[0] or 0,
            "own_days_past_due": (since[1] or 0) if own_known else None,
            "paid_minor": self.loan_day["paid_minor"] + case.paid_minor,
            "own_paid_minor": own_paid,
        }

    def _cover(self, case: Case, balance_minor: int) -> dict[str, Any]:
        """The columns of `cover.loan_cover`; unknown stays unknown."""
        cover, claims = self.loan_cover, self.loan_cover.get("claims_minor")
        claims = None if claims is None else claims + balance_minor - self.loan_day["balance_minor"]
        value = cover.get("cover_minor") if case.value_minor is None else case.value_minor
        age = cover.get("valuation_age_days")
        later = {"valuation_age_days": None if age is None else age + (case.day - self.as_of).days}
        later["value_change_bp"] = cover.get("value_change_bp")
        if case.value_minor is not None:
            later = {"valuation_age_days": 0, "value_change_bp": 0}
        return {**later, "ltv_bp": 10_000 * claims // value if claims is not None and value else None}


_PAID = pa.schema({
    "place": pa.int64(), "as_of": pa.date32(), "paid_on": pa.date32(), "paid_minor": pa.int64(), "payer": pa.string(),
})  # fmt: skip
_GAPS = tuple(name for name in LOAN_INDICATOR.names if name.endswith("_gap"))
_WIDE = pa.schema(
    {name: ARROW[column.type] for name, column in {**LOAN_DAY.by_name, **LOAN_COVER.by_name}.items()}
    | dict.fromkeys(_GAPS, pa.string()) | {"place": pa.int64(), "as_of": pa.date32()}
)  # fmt: skip


@cache
def moved() -> list[Indicator]:
    """Loan indicators that days, repayments and valuations move: over the balance, the cover and sums of repayments."""
    of_repayments = [
        i for i in INDICATORS["loan"].values() if all(measure.source.feed is REPAYMENT for measure in i.of)
    ]
    return [i for i in of_repayments if reads(i) <= {*_WIDE.names, *(measure.name for measure in i.of)}]


@cache
def _query() -> str:
    """Of `wide` and `repayment`: the indicators that can move, a row a case, in order."""
    measures = {measure.name: measure for indicator in moved() for measure in indicator.of}
    sums = ", ".join(["place", *(f"{aggregate(measure)} as {name}" for name, measure in measures.items())])
    filled = ", ".join(["wide.*", *(f"coalesce({name}, 0)::bigint as {name}" for name in measures)])
    columns = ", ".join(f"{formula(indicator)} as {indicator.name}" for indicator in moved())
    summed = f"(select {sums} from repayment group by place)"
    return f"select {columns} from (select {filled} from wide left join {summed} using (place)) order by place"
