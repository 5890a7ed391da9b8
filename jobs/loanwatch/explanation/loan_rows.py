"""The feed rows about one loan, as the arrears clock takes them (`balance.clock.rows`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from loanwatch.balance.clock.rows import CHARGE, EVENT, HEAD, INSTALMENT, MONEY, SAID
from loanwatch.explanation.case import Case

BORROWER = "borrower"
FeedRows = Sequence[Mapping[str, Any]]
CLOCK = pa.schema({
    "loan_id": pa.string(), "what": pa.int8(), "number": pa.int32(), "schedule": pa.int32(), "on": pa.date32(),
    "first": pa.date32(), "last": pa.date32(), "one": pa.int64(), "other": pa.int64(),
})  # fmt: skip


@dataclass(frozen=True)
class LoanRows:
    """What a release knew of a loan: rows of the feeds that tell about it."""

    instalments: FeedRows
    charges: FeedRows
    events: FeedRows
    repayments: FeedRows

    @property
    def asked_minor(self) -> int:
        """All that was ever asked for."""
        asked = [row["principal_minor"] + row["interest_minor"] for row in self.instalments]
        return sum([*asked, *(row["amount_minor"] for row in self.charges)])

    def paid_in(self, case: Case) -> FeedRows:
        """Its repayments in a case."""
        more = {"paid_on": case.day, "paid_minor": case.paid_minor, "payer": BORROWER}
        return [*self.repayments, more] if case.paid_minor else self.repayments

    def for_clock(self, cases: Sequence[Case]) -> pa.Table:
        """The loan once a case, named by the place of the case."""
        each = ({**row, "loan_id": str(place)} for place, case in enumerate(cases) for row in self._rows(case))
        return pa.Table.from_pylist(list(each), schema=CLOCK)

    def _rows(self, case: Case) -> Iterator[dict[str, Any]]:
        yield {"what": HEAD, "number": 0, "on": case.day}
        for i in self.instalments:
            plan = {"number": i["instalment_no"], "schedule": i["schedule_no"], "on": i["agreed_on"], "first": i["due_on"]}
            yield {"what": INSTALMENT, **plan, "one": i["principal_minor"], "other": i["interest_minor"]}
        for c in self.charges:
            first = c["due_on"] or c["charged_on"]
            yield {"what": CHARGE, "on": c["charged_on"], "first": first, "one": c["amount_minor"]}
        for e in sorted(self.events, key=lambda event: (event["happened_on"], event["event_id"])):
            if e["kind"] in SAID:
                kind = SAID.index(e["kind"])
                yield {"what": EVENT, "number": kind, "on": e["happened_on"], "first": e["from_on"], "last": e["until_on"]}
        for r in self.paid_in(case):
            own = r["paid_minor"] if r["payer"] == BORROWER else 0
            yield {"what": MONEY, "on": r["paid_on"], "one": r["paid_minor"], "other": own}
