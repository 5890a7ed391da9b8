"""What forms about changes of class are filled from: each change of one of China's five classes within a month.

Only at the end of a month; what each night found is read back along the line of its releases.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.gaps import partner_of
from loanwatch.overrides import approved
from loanwatch.report.base_tables import BASE_CHANGE

FIVE = "cn_five_class"
JUDGED = "CN5-JD-"  # floors that are people's judgement


def base_change(
    migration: DataFrame,
    migration_line: DataFrame,
    loan: DataFrame,
    borrower: DataFrame,
    loan_event: DataFrame,
    review: DataFrame,
    loan_detail: DataFrame,
    as_of: date,
) -> DataFrame:
    """`report.base_change`: one row per loan and day of the month on which its class changed."""
    found = migration_line.unionByName(migration.withColumn("as_of", F.lit(as_of)))
    of_month = found.where(
        (F.col("as_of") >= F.lit(as_of.replace(day=1)))
        & F.coalesce(F.col("scheme") == FIVE, F.lit(True)) & F.col("direction").isin("better", "worse")
    ).withColumnRenamed("as_of", "changed_on")  # fmt: skip
    contracts = loan.select("loan_id", "customer_id", "pool_id", "product", "currency")
    lost = loan_event.where("kind = 'write_off'").groupBy("loan_id").agg(F.min("happened_on").alias("write_off_on"))
    rows = (
        of_month.join(contracts, on="loan_id")
        .join(lost, on="loan_id", how="left")
        .join(borrower.select("customer_id", "borrower_id", "id_type", "name"), on="customer_id", how="left")
        .join(loan_detail.select("loan_id", "contract_id"), on="loan_id", how="left")
        .withColumn("judged", F.startswith("cause", F.lit(JUDGED)) & (F.col("direction") == "worse"))
    )
    rows = rows.join(F.broadcast(_judges(rows, review)), on=["loan_id", "changed_on"], how="left")
    made = {
        "month_end": F.lit(as_of),
        "contract_id": F.coalesce("contract_id", "loan_id"),
        "partner_id": partner_of(F.col("loan_id")),
        "borrower_id": F.coalesce("borrower_id", "customer_id"),
        "customer_name": F.col("name"),
        "written_off": F.coalesce(F.col("write_off_on") <= F.col("changed_on"), F.lit(False)),
    }
    return rows.withColumns(made).select(*BASE_CHANGE.names)


def _judges(rows: DataFrame, review: DataFrame) -> DataFrame:
    """Who judged of the changes that people's judgement gave: the author of the last override to that class in force then."""
    overrides = approved(review).select(
        "subject_id", F.col("five_class").alias("class_now"), "decided_on", "expires_on", "review_id", "author"
    )
    subjects = F.explode(F.array("loan_id", "borrower_id")).alias("subject_id")
    of_people = rows.where("judged").select("loan_id", "changed_on", "class_now", subjects)
    in_force = of_people.join(overrides, on=["subject_id", "class_now"]).where(
        (F.col("decided_on") <= F.col("changed_on")) & F.coalesce(F.col("expires_on") >= F.col("changed_on"), F.lit(True))
    )
    last = F.max(F.struct("decided_on", "review_id", "author")).getField("author")
    return in_force.groupBy("loan_id", "changed_on").agg(last.alias("judged_by"))
