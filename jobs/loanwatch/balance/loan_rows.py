"""Everything known about some loans, as the clock takes it (`balance.clock.rows`)."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.clock.rows import CHARGE, EVENT, HEAD, INSTALMENT, MONEY, SAID

DEFAULT = "default"  # the convention of products that have none of their own


def own_minor() -> Column:
    """Of a repayment, what the borrower paid itself."""
    return F.when(F.col("payer") == "borrower", F.col("paid_minor")).otherwise(0)


def loan_rows(
    loan: DataFrame,
    instalment: DataFrame,
    charge: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    odd: DataFrame,
    names: Sequence[str],
    read_on: Column | None = None,
) -> DataFrame:
    """The rows of the loans of `odd` (broadcast, where they are few); a convention is its place among `names`.

    `read_on`: the day at the end of which a loan is read, of a column of `loan`; by default the day of the night.
    """
    own = F.coalesce(*[F.when(F.col("product") == name, F.lit(i)) for i, name in enumerate(names)])
    convention = F.coalesce(own, F.lit(names.index(DEFAULT)))
    events = loan_event.where(F.col("kind").isin(*SAID))
    kind = F.coalesce(*[F.when(F.col("kind") == name, F.lit(i)) for i, name in enumerate(SAID)])
    parts = (
        _row(loan, odd, HEAD, number=convention, on=F.lit(None) if read_on is None else read_on),
        _row(instalment, odd, INSTALMENT, number="instalment_no", schedule="schedule_no", on="agreed_on", first="due_on",
             one="principal_minor", other="interest_minor"),
        _row(charge, odd, CHARGE, on="charged_on", first=F.coalesce("due_on", "charged_on"), one="amount_minor"),
        _row(events, odd, EVENT, number=kind, on="happened_on", first="from_on", last="until_on", event_id="event_id"),
        _row(repayment, odd, MONEY, on="paid_on", one="paid_minor", other=own_minor()),
    )  # fmt: skip
    together, *rest = parts
    for part in rest:
        together = together.unionByName(part)
    return together


def _row(source: DataFrame, odd: DataFrame, what: int, **given: Column | str) -> DataFrame:
    types = {
        "number": "int", "schedule": "int", "on": "date", "first": "date", "last": "date", "one": "bigint", "other": "bigint",
        "event_id": "string",
    }  # fmt: skip
    of = {name: F.col(value) if isinstance(value, str) else value for name, value in given.items()}
    cells = [of.get(name, F.lit(None)).cast(kind).alias(name) for name, kind in types.items()]
    chosen = source.join(odd, on="loan_id", how="left_semi")
    return chosen.select("loan_id", F.lit(what).cast("tinyint").alias("what"), *cells)
