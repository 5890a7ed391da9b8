"""The answers: what the generator knows and the pipeline has to find out. Never read by the pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loanwatch.synth.allocation import paid_before
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.ledger import STATES
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.population import WEIGHTS
from loanwatch.synth.share import Share, partner_code

PATHS = ("healthy", "stressed", "default")
PARTNERS = tuple(partner_code(number) for number in range(len(WEIGHTS)))


class Truth:
    """The folder `truth`: Parquet files that grow partner by partner, and small JSON files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True)

    def add(self, name: str, rows: pa.Table) -> None:
        """Append rows to `<name>.parquet`."""
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", rows.schema, compression="zstd")
        if len(rows):
            self._writers[name].write_table(rows)

    def say(self, name: str, facts: object) -> None:
        """Write `<name>.json`."""
        (self.folder / f"{name}.json").write_text(
            json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()


def loan(share: Share) -> pa.Table:
    """`loan.parquet`: how each loan fared, whichever way it showed. Null dates: not up to the last day."""
    customer, accounts, last = share.loans.customer, share.accounts, share.plan.last
    stress_on = share.path.stress_on[customer]
    stress_on = np.where(stress_on > np.minimum(last, accounts.closed_on), NEVER, stress_on)
    path = np.where(accounts.default_on < NEVER, 2, np.where(stress_on < NEVER, 1, 0))
    return pa.table({
        "loan_id": share.loan_ids,
        "customer_id": share.customer_ids.take(pa.array(customer)),
        "partner_id": constant(share.code, len(customer)),
        "person": pa.array(share.person[customer]),
        "path": chosen(PATHS, path),
        "stress_on": dates(stress_on),
        "misses_from": dates(np.where(stress_on < NEVER, share.path.misses_from[customer], NEVER)),
        "cured_on": dates(np.where(stress_on < NEVER, share.path.cured_on[customer], NEVER)),
        "first_arrears_on": dates(accounts.first_arrears_on),
        "default_arrears_on": dates(accounts.default_arrears_on),
        "default_on": dates(accounts.default_on),
        "compensated": pa.array(share.endings.compensated_on < NEVER),
    })  # fmt: skip


def balance(share: Share) -> pa.Table:
    """`balance.parquet`: what each loan owes at the end of the last day, and since when; 0 once it is gone."""
    accounts = share.accounts
    return pa.table({
        "loan_id": share.loan_ids,
        "partner_id": constant(share.code, len(share.loans)),
        "pool_id": chosen(share.pools, share.pool),
        "state": chosen(STATES, accounts.state),
        "balance_minor": amounts(accounts.balance_minor),
        "days_past_due": pa.array(accounts.days_past_due, pa.int32()),
        "own_days_past_due": pa.array(accounts.own_days_past_due, pa.int32()),
    })  # fmt: skip


def roll_over(share: Share) -> pa.Table:
    """`roll_over.parquet`: loans that were past due when a new loan repaid them: since when, and whether its contract says so."""
    renewals, day = share.loans.renewals, share.endings.settled_on
    since = share.allocation.unpaid_since(paid_before(share.endings.payments, day))
    rows = np.flatnonzero((day[renewals.loan] == renewals.on) & (since[renewals.loan] < renewals.on - 1))
    old, partner, by = renewals.loan[rows], renewals.partner[rows], renewals.by[rows]
    at_home = partner == share.loans.partner
    named = at_home & (share.loans.refinances[np.where(at_home, by, 0)] == old)
    return pa.table({
        "loan_id": pc.binary_join_element_wise(chosen(PARTNERS, partner), numbered(":L", by + 1, 7), ""),
        "replaced_loan_id": share.loan_ids.take(pa.array(old)),
        "replaced_on": dates(renewals.on[rows]),
        "past_due_since": dates(since[old]),
        "named": pa.array(named),
    })  # fmt: skip


def ninety_days(share: Share) -> tuple[int, int]:
    """Loans that reached 90 days past due within the business dates, and the loan-days they were at risk of it."""
    first, last, accounts = share.plan.first, share.plan.last, share.accounts
    default_on = accounts.default_on
    begins: Ints = np.maximum(share.loans.opened_on, first)
    ends = np.minimum(np.minimum(accounts.closed_on, default_on), last + 1)
    return int(((default_on >= first) & (default_on < NEVER)).sum()), int(np.maximum(ends - begins, 0).sum())
