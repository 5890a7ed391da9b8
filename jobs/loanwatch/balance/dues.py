"""Arrears and what comes next, one row per loan with a schedule.

Most loans are even: paid is exactly what has fallen due, by the borrower alone, and no event has moved anything. Nothing
is past due then, and sums tell all in one aggregation without a sort. The others go through the clock
(`balance.clock`); so do, where due dates move to open days or one component comes first, those with a due date of late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.clock.frames import readings
from loanwatch.balance.loan_feeds import LoanFeeds, fates, own_minor
from loanwatch.convention import DEFAULT, Convention

SPANS = (7, 31)  # days ahead in which a weekly or monthly instalment is the only one
MONEY = ("paid_minor", "own_paid_minor")
LATELY_DAYS = 15  # more than there are closed days in a row


def paid(repayment: DataFrame) -> DataFrame:
    """What has been paid for each loan: by anybody, and by the borrower (null where a payer is not stated)."""
    unstated = F.sum(F.when(F.col("payer").isNull(), 1).otherwise(0)) > 0
    return repayment.groupBy("loan_id").agg(
        F.sum("paid_minor").alias("paid_minor"), F.when(~unstated, F.sum(own_minor())).alias("own_paid_minor")
    )


def dues(
    known: LoanFeeds, as_of: date, conventions: Mapping[str, Convention], closed_days: Sequence[date]
) -> DataFrame:
    """The fields of `clock.readings.Readings` (but `remaining_minor`), what was paid, what of the only schedule's principal
    is covered (`covered_minor`) or what of the schedule that replaced another is not (`remaining_minor`); of loans that
    have not left the book."""
    asked = (
        _sums(known.instalment, as_of)
        .join(paid(known.repayment), on="loan_id", how="left")
        .join(_charged(known.charge, as_of), on="loan_id", how="left")
        .join(fates(known.loan_event), on="loan_id", how="left")
        .where("gone is not true")
        .select("*", *[_with_charges(name).alias(f"asked_{name}") for name in ("before", "through", "lately")])
    )
    # Used by both halves below; the runner lets go of it when the step is done.
    asked = _with_even(asked, known.loan, conventions).select("even", *_of_even()).persist()
    odd = asked.where(~F.col("even")).select("loan_id", *MONEY)
    names = sorted(conventions)
    rows = known.of(F.broadcast(odd)).rows(names)
    read = readings(rows, as_of, [conventions[name] for name in names], closed_days)
    return asked.where("even").select(*_as_even()).unionByName(read.join(odd, on="loan_id").select(*_of_odd()))


def _with_even(asked: DataFrame, loan: DataFrame, conventions: Mapping[str, Convention]) -> DataFrame:
    """Whether sums tell all: by the convention of the product, one that is not plain minds what fell due of late."""
    plain = {name: c.across == "due_date" and c.closed_days == "count" for name, c in conventions.items()}
    if all(plain.values()):
        return asked.withColumn("even", _even())
    own = [F.when(F.col("product") == name, F.lit(told)) for name, told in plain.items()]
    by_product = F.coalesce(*own, F.lit(plain[DEFAULT]))
    known = asked.join(loan.select("loan_id", "product"), on="loan_id", how="left")
    return known.withColumn("even", _even() & (by_product | (F.col("asked_lately") == 0))).drop("product")


def _sums(instalment: DataFrame, as_of: date) -> DataFrame:
    """What the schedule of each loan asks for up to the day and soon after it."""
    day, due_on, principal = F.lit(as_of), F.col("due_on"), F.col("principal_minor")
    total = principal + F.col("interest_minor")
    return instalment.groupBy("loan_id").agg(
        F.max("schedule_no").alias("newest"),
        F.min("schedule_no").alias("oldest"),
        _sum(due_on < day, total).alias("due_before"),
        _sum(due_on <= day, total).alias("due_through"),
        _sum(due_on < day, principal).alias("principal_before"),
        _sum(due_on <= day, principal).alias("principal_through"),
        _sum((due_on <= day) & (due_on > F.date_sub(day, 30)), total).alias("due_30d_minor"),
        _sum((due_on <= day) & (due_on > F.date_sub(day, LATELY_DAYS)), F.lit(1)).alias("due_lately"),
        F.min(F.when(due_on > day, due_on)).alias("next_due_on"),
        *[_sum(_soon(day, span), total).alias(f"due_in_{span}") for span in SPANS],
        *[F.max(F.when(_soon(day, span), due_on)).alias(f"last_in_{span}") for span in SPANS],
    )


def _charged(charge: DataFrame, as_of: date) -> DataFrame:
    """The same of charges."""
    day, amount = F.lit(as_of), F.col("amount_minor")
    due_on = F.greatest(F.coalesce("due_on", "charged_on"), "charged_on")
    return charge.groupBy("loan_id").agg(
        _sum(due_on < day, amount).alias("charged_before"),
        _sum(due_on <= day, amount).alias("charged_through"),
        _sum((due_on <= day) & (due_on > F.date_sub(day, LATELY_DAYS)), F.lit(1)).alias("charged_lately"),
    )


def _with_charges(name: str) -> Column:
    return F.col(f"due_{name}") + F.coalesce(f"charged_{name}", F.lit(0))


def _even() -> Column:
    """Whether sums tell all: one schedule, paid to the cent what was due, by the borrower, one instalment next."""
    money, own = (F.coalesce(name, F.lit(0)) for name in MONEY)
    punctual = (money == F.col("asked_before")) | (money == F.col("asked_through"))
    by_borrower = (own == money) | F.col("own_paid_minor").isNull()  # not stated: the own clock is unknown anyway
    single = [F.col("next_due_on") == F.col(f"last_in_{span}") for span in SPANS]
    next_known = F.col("next_due_on").isNull() | F.coalesce(single[0] | single[1], F.lit(False))
    unmoved = ~F.coalesce("moved", F.lit(False))
    return (F.col("newest") == F.col("oldest")) & punctual & by_borrower & next_known & unmoved


def _of_even() -> list[Column | str]:
    """What sums tell, if they tell all."""
    through = F.coalesce("paid_minor", F.lit(0)) == F.col("asked_through")
    due_next = [F.when(F.col("next_due_on") == F.col(f"last_in_{span}"), F.col(f"due_in_{span}")) for span in SPANS]
    return [
        "loan_id", *MONEY,
        F.when(through, F.col("principal_through")).otherwise(F.col("principal_before")).alias("covered_minor"),
        "next_due_on", F.coalesce(*due_next).alias("next_due_minor"), "due_30d_minor",
    ]  # fmt: skip


def _as_even() -> list[Column | str]:
    never, nothing = F.lit(None).cast("date"), F.lit(0).cast("bigint")
    return [
        "loan_id", *MONEY, "covered_minor",
        F.lit(None).cast("bigint").alias("remaining_minor"),
        *[nothing.alias(f"{part}_arrears_minor") for part in ("fee", "interest", "principal")],
        *[never.alias(name) for name in (
            "unpaid_since", "interest_unpaid_since", "principal_unpaid_since", "own_unpaid_since", "material_since")],
        F.lit(0).alias("missed_instalments"), F.lit(0).alias("missed_periods"), F.lit(False).alias("technical"),
        F.lit(None).cast("bigint").alias("recovered_minor"), nothing.alias("prepaid_minor"),
        "next_due_on", "next_due_minor", "due_30d_minor",
    ]  # fmt: skip


def _of_odd() -> list[Column | str]:
    has_next = F.col("next_due_on").isNotNull()
    return [
        "loan_id", *MONEY,
        (F.col("scheduled_minor") - F.col("remaining_minor")).alias("covered_minor"),
        F.when(F.col("scheduled_minor").isNull(), F.col("remaining_minor")).alias("remaining_minor"),
        "fee_arrears_minor", "interest_arrears_minor", "principal_arrears_minor",
        "unpaid_since", "interest_unpaid_since", "principal_unpaid_since", "own_unpaid_since", "material_since",
        "missed_instalments", "missed_periods", "technical", "recovered_minor", "prepaid_minor",
        "next_due_on", F.when(has_next, F.col("next_due_minor")).alias("next_due_minor"), "due_30d_minor",
    ]  # fmt: skip


def _sum(holds: Column, amount: Column) -> Column:
    return F.sum(F.when(holds, amount).otherwise(0))


def _soon(day: Column, span: int) -> Column:
    """Falls due within so many days after the day."""
    return (F.col("due_on") > day) & (F.col("due_on") <= F.date_add(day, span))
