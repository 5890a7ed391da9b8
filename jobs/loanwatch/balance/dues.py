"""Arrears and what comes next, one row per loan, from the schedule in force (the highest `schedule_no`).

Money is allocated to instalments by due date, within one to interest first. An instalment is past due from
the day after its due date. Most loans are even: paid is exactly what has fallen due, by the borrower alone,
and sums tell all about them in one aggregation without a sort. Only the others are walked through,
instalment by instalment.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SPANS = (7, 31)  # days ahead in which a weekly or monthly instalment is the only one
MONEY = ("paid_minor", "own_paid_minor")


def paid(repayment: DataFrame) -> DataFrame:
    """What has been paid for each loan: by anybody, and by the borrower (null where a payer is not stated)."""
    own = F.when(F.col("payer") == "borrower", F.col("paid_minor")).otherwise(0)
    unstated = F.sum(F.when(F.col("payer").isNull(), 1).otherwise(0)) > 0
    return repayment.groupBy("loan_id").agg(
        F.sum("paid_minor").alias("paid_minor"), F.when(~unstated, F.sum(own)).alias("own_paid_minor")
    )


def dues(instalment: DataFrame, paid: DataFrame, as_of: date) -> DataFrame:
    """One row per loan with a schedule: what is covered, past due, and due next."""
    total = F.col("principal_minor") + F.col("interest_minor")
    schedule = instalment.withColumn("total", total)
    # Used by both halves below; the runner lets go of it when the step is done.
    asked = summed(schedule, as_of).join(paid, on="loan_id", how="left").withColumn("even", _even()).persist()
    odd = asked.where(~F.col("even")).select("loan_id", "newest", *MONEY)
    return asked.where("even").select(*_of_even()).unionByName(walked(schedule, odd, as_of))


def summed(schedule: DataFrame, as_of: date) -> DataFrame:
    """What the schedule of each loan asks for up to the day and soon after it; of the newest one if it is the only one."""
    day, due_on, total, principal = F.lit(as_of), F.col("due_on"), F.col("total"), F.col("principal_minor")
    return schedule.groupBy("loan_id").agg(
        F.max("schedule_no").alias("newest"),
        F.min("schedule_no").alias("oldest"),
        _sum(due_on < day, total).alias("due_before"),
        _sum(due_on <= day, total).alias("due_through"),
        _sum(due_on < day, principal).alias("principal_before"),
        _sum(due_on <= day, principal).alias("principal_through"),
        _sum(_recent(day), total).alias("due_30d_minor"),
        F.min(F.when(due_on > day, due_on)).alias("next_due_on"),
        *[_sum(_soon(day, span), total).alias(f"due_in_{span}") for span in SPANS],
        *[F.max(F.when(_soon(day, span), due_on)).alias(f"last_in_{span}") for span in SPANS],
    )


def walked(schedule: DataFrame, odd: DataFrame, as_of: date) -> DataFrame:
    """The same for some loans (`loan_id`, `newest` schedule, what was paid), instalment by instalment."""
    by_due = Window.partitionBy("loan_id").orderBy("due_on", "instalment_no")
    before = F.coalesce(F.sum("total").over(by_due.rowsBetween(Window.unboundedPreceding, -1)), F.lit(0))
    to_come = F.when(F.col("due_on") > F.lit(as_of), F.col("due_on"))
    return (
        schedule.join(F.broadcast(odd), on="loan_id", how="inner")
        .where("schedule_no = newest")
        .withColumns({"before": before, "next_due_on": F.min(to_come).over(Window.partitionBy("loan_id"))})
        .groupBy("loan_id", "next_due_on", *MONEY)
        .agg(*_walk(as_of))
    )


def _even() -> Column:
    """Whether sums tell all: one schedule, paid to the cent what was due, by the borrower, one instalment next."""
    money, own = (F.coalesce(name, F.lit(0)) for name in MONEY)
    punctual = (money == F.col("due_before")) | (money == F.col("due_through"))
    by_borrower = (own == money) | F.col("own_paid_minor").isNull()  # not stated: the own clock is unknown anyway
    single = [F.col("next_due_on") == F.col(f"last_in_{span}") for span in SPANS]
    next_known = F.col("next_due_on").isNull() | F.coalesce(single[0] | single[1], F.lit(False))
    return (F.col("newest") == F.col("oldest")) & punctual & by_borrower & next_known


def _of_even() -> list[Column | str]:
    through = F.coalesce("paid_minor", F.lit(0)) == F.col("due_through")
    never, nothing = F.lit(None).cast("date"), F.lit(0).cast("bigint")
    due_next = [F.when(F.col("next_due_on") == F.col(f"last_in_{span}"), F.col(f"due_in_{span}")) for span in SPANS]
    return [
        "loan_id", *MONEY,
        F.when(through, F.col("principal_through")).otherwise(F.col("principal_before")).alias("principal_covered"),
        nothing.alias("arrears_minor"), nothing.alias("missed_instalments"),
        never.alias("unpaid_since"), never.alias("own_unpaid_since"),
        "next_due_on", F.coalesce(*due_next).alias("next_due_minor"), "due_30d_minor",
    ]  # fmt: skip


def _walk(as_of: date) -> list[Column]:
    day = F.lit(as_of)
    covered, own_covered = (_covered(name) for name in MONEY)
    past_due = F.col("due_on") < day
    unpaid = past_due & (covered < F.col("total"))
    own_unpaid = past_due & (own_covered < F.col("total"))
    is_next = F.col("due_on") == F.col("next_due_on")
    return [
        F.sum(F.greatest(covered - F.col("interest_minor"), F.lit(0))).alias("principal_covered"),
        _sum(past_due, F.col("total") - covered).alias("arrears_minor"),
        _sum(unpaid, F.lit(1)).alias("missed_instalments"),
        F.min(F.when(unpaid, F.col("due_on"))).alias("unpaid_since"),
        F.min(F.when(own_unpaid, F.col("due_on"))).alias("own_unpaid_since"),
        F.sum(F.when(is_next, F.col("total") - covered)).alias("next_due_minor"),
        _sum(_recent(day), F.col("total")).alias("due_30d_minor"),
    ]


def _covered(money: str) -> Column:
    """How much of an instalment the money covers; earlier instalments come first."""
    left = F.coalesce(F.col(money), F.lit(0)) - F.col("before")
    return F.least(F.greatest(left, F.lit(0)), F.col("total"))


def _sum(holds: Column, amount: Column) -> Column:
    return F.sum(F.when(holds, amount).otherwise(0))


def _recent(day: Column) -> Column:
    """Fell due in the last 30 days."""
    return (F.col("due_on") <= day) & (F.col("due_on") > F.date_sub(day, 30))


def _soon(day: Column, span: int) -> Column:
    """Falls due within so many days after the day."""
    return (F.col("due_on") > day) & (F.col("due_on") <= F.date_add(day, span))
