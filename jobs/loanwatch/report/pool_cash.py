"""What was to come in for each pool in a month, and what came."""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

POOL = ["pool_id", "currency"]
SUMS = ("scheduled", "received", "others_paid", "recovered", "prepaid", "banked", "shortfall_before")


def pool_cash(
    loan: DataFrame,
    loan_day: DataFrame,
    instalment: DataFrame,
    repayment: DataFrame,
    bank_entry: DataFrame,
    pool_cash_month_ends: DataFrame,
    as_of: date,
) -> DataFrame:
    """`report.pool_cash`: one row per pool and currency at a month-end, of the month that ends.

    The shortfall is carried from the month-end before, so it begins with the first that the lake has seen.
    """
    first = F.lit(as_of.replace(day=1))
    of_loan = loan.select("loan_id", *POOL)
    lost = loan_day.select("loan_id", (F.col("status") == "written_off").alias("lost"))
    paid = repayment.where(F.col("paid_on") >= first).join(lost, on="loan_id", how="left")
    due = _binding(instalment, _asked(loan_day, paid, as_of)).where(F.col("due_on") >= first)
    parts = (
        due.join(of_loan, on="loan_id", how="inner").select(*POOL, F.expr("principal_minor + interest_minor as scheduled")),
        paid.join(of_loan, on="loan_id", how="inner").select(
            *POOL, F.col("paid_minor").alias("received"), F.expr("if(payer <> 'borrower', paid_minor, 0)").alias("others_paid"),
            F.expr("if(lost, paid_minor, 0)").alias("recovered"),
        ),
        loan_day.select(*POOL, F.col("prepaid_minor").alias("prepaid")),
        bank_entry.select(*POOL, F.when(F.col("booked_on") >= first, F.col("amount_minor")).otherwise(0).alias("banked")),
        _before(pool_cash_month_ends),
    )  # fmt: skip
    together = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), parts)
    totals = [F.sum(name).alias(name) for name in (*SUMS, "months_before", "rate_before_bp")]
    flows = together.groupBy(*POOL).agg(*totals)
    nothing = [name for name in SUMS if name != "banked"]  # no entry ever is not known
    return flows.fillna(0, [*nothing, "months_before"]).selectExpr(
        *POOL, "scheduled as scheduled_minor", "received as received_minor", "others_paid as others_paid_minor",
        "banked as banked_minor", "recovered as recovered_minor", "prepaid as prepaid_minor",
        "scheduled - received as shortfall_minor", "shortfall_before + scheduled - received as cumulative_shortfall_minor",
        "int(months_before + 1) as months", f"{RATE} as collection_rate_bp", f"{RATE} - rate_before_bp as collection_change_bp",
    )  # fmt: skip


RATE = "case when scheduled > 0 then 10000 * received div scheduled end"


def _asked(loan_day: DataFrame, paid: DataFrame, as_of: date) -> DataFrame:
    """Loans that owed in the month, and until when: those on the book to its end, those repaid in it to their last money."""
    on_book = loan_day.select("loan_id", F.lit(as_of).alias("until"))
    gone = paid.where("lost is null").groupBy("loan_id").agg(F.max("paid_on").alias("until"))
    return on_book.unionByName(gone)


def _binding(instalment: DataFrame, asked: DataFrame) -> DataFrame:
    """Instalments that were asked for: no higher schedule was agreed on up to their due date."""
    schedules = instalment.groupBy("loan_id", "schedule_no").agg(F.min("agreed_on").alias("agreed_on"))
    higher = Window.partitionBy("loan_id").orderBy("schedule_no").rowsBetween(1, Window.unboundedFollowing)
    ends = schedules.select("loan_id", "schedule_no", F.min("agreed_on").over(higher).alias("replaced_on"))
    rows = instalment.join(asked, on="loan_id", how="inner").where("due_on <= until")
    dated = rows.join(ends, on=["loan_id", "schedule_no"], how="left")
    return dated.where("replaced_on is null or due_on < replaced_on")


def _before(month_ends: DataFrame) -> DataFrame:
    """What the last month-ends say of each pool: the shortfall so far, over how many months, and the mean rate of three."""
    newest_first = Window.partitionBy(*POOL).orderBy(F.col("as_of").desc())
    aged = month_ends.withColumn("age", F.row_number().over(newest_first))
    last = [F.max(F.when(F.col("age") == 1, F.col(name))) for name in ("cumulative_shortfall_minor", "months")]
    rates = F.floor(F.sum("collection_rate_bp") / F.count("collection_rate_bp"))
    names = ("shortfall_before", "months_before", "rate_before_bp")
    return aged.groupBy(*POOL).agg(*[value.alias(name) for value, name in zip((*last, rates), names, strict=True)])
