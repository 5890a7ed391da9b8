"""The feeds that tell about loans, and all of them together as the clock takes it (`balance.clock.rows`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.clock.rows import CHARGE, EVENT, HEAD, INSTALMENT, MONEY, SAID
from loanwatch.convention import DEFAULT

GONE = ("settled", "buy_back", "transfer")  # events that take a loan off the book
TYPES = {
    "number": "int", "schedule": "int", "on": "date", "first": "date", "last": "date", "one": "bigint", "other": "bigint",
    "event_id": "string",
}  # fmt: skip


class LoanFeeds(NamedTuple):
    """Contracts, what they ask for, what was paid and what happened."""

    loan: DataFrame
    instalment: DataFrame
    charge: DataFrame
    repayment: DataFrame
    loan_event: DataFrame

    def of(self, loans: DataFrame) -> LoanFeeds:
        """What they tell about some loans (broadcast, where they are few)."""
        chosen = loans.select("loan_id")
        return LoanFeeds(*[rows.join(chosen, on="loan_id", how="left_semi") for rows in self])

    def rows(self, names: Sequence[str], read_on: Column | None = None, past_months: Column | None = None) -> DataFrame:
        """A row for each thing they tell; a convention is its place among `names`.

        `read_on`: the day at the end of which a loan is read, by default the day of the night; `past_months`: of how many
        month-ends before it the status is wanted, by default none; both of columns of `loan`.
        """
        own = F.coalesce(*[F.when(F.col("product") == name, F.lit(i)) for i, name in enumerate(names)])
        convention = F.coalesce(own, F.lit(names.index(DEFAULT)))
        events = self.loan_event.where(F.col("kind").isin(*SAID))
        kind = F.coalesce(*[F.when(F.col("kind") == name, F.lit(i)) for i, name in enumerate(SAID)])
        parts = (
            _row(self.loan, HEAD, number=convention, on=F.lit(None) if read_on is None else read_on,
                 one=F.lit(None) if past_months is None else past_months),
            _row(self.instalment, INSTALMENT, number="instalment_no", schedule="schedule_no", on="agreed_on", first="due_on",
                 one="principal_minor", other="interest_minor"),
            _row(self.charge, CHARGE, on="charged_on", first=F.coalesce("due_on", "charged_on"), one="amount_minor"),
            _row(events, EVENT, number=kind, on="happened_on", first="from_on", last="until_on", event_id="event_id"),
            _row(self.repayment, MONEY, on="paid_on", one="paid_minor", other=own_minor()),
        )  # fmt: skip
        together, *rest = parts
        for part in rest:
            together = together.unionByName(part)
        return together


def fates(loan_event: DataFrame) -> DataFrame:
    """Loans of which events tell, up to the day: whether they left the book, were written off, or the clock minds one."""
    kinds = {"gone": GONE, "written_off": ("write_off",), "moved": SAID}
    return loan_event.groupBy("loan_id").agg(*[F.max(F.col("kind").isin(*of)).alias(name) for name, of in kinds.items()])


def own_minor() -> Column:
    """Of a repayment, what the borrower paid itself."""
    return F.when(F.col("payer") == "borrower", F.col("paid_minor")).otherwise(0)


def _row(source: DataFrame, what: int, **given: Column | str) -> DataFrame:
    of = {name: F.col(value) if isinstance(value, str) else value for name, value in given.items()}
    cells = [of.get(name, F.lit(None)).cast(kind).alias(name) for name, kind in TYPES.items()]
    return source.select("loan_id", F.lit(what).cast("tinyint").alias("what"), *cells)
