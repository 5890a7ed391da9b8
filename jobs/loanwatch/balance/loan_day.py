"""What each loan owes at the end of the day, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.dues import dues
from loanwatch.balance.loan_feeds import LoanFeeds, fates
from loanwatch.convention import DEFAULT, Convention
from loanwatch.gaps import Expected, gaps, partner_of

PERSONAL = ("id_card", "passport")  # documents that only people have


def loan_day(
    loan: DataFrame,
    borrower: DataFrame,
    instalment: DataFrame,
    charge: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    delivery: DataFrame,
    as_of: date,
    expected: Expected,
    conventions: Mapping[str, Convention],
    closed_days: Sequence[date],
) -> DataFrame:
    """`balance.loan_day`: one row per loan that is open or unpaid at the end of the day."""
    known = LoanFeeds(loan, instalment, charge, repayment, loan_event)
    opened = loan.where(F.col("opened_on") <= F.lit(as_of)).withColumn("partner_id", partner_of(F.col("loan_id")))
    late = gaps(delivery, "repayment", as_of, expected).drop("since")
    return (
        opened.join(borrower.select("customer_id", "borrower_id", "id_type"), on="customer_id", how="left")
        .withColumn("borrower_id", F.coalesce("borrower_id", "customer_id"))
        .join(dues(known, as_of, conventions, closed_days), on="loan_id", how="left")
        .join(fates(loan_event), on="loan_id", how="left")
        .join(F.broadcast(late), on="partner_id", how="left")
        .select(*_state(as_of, _with_materiality(conventions)))
        .where(~F.col("gone") & ((F.col("balance_minor") > 0) | (F.col("arrears_minor") > 0)))
        .drop("gone")
    )


def _debtor() -> Column:
    return F.when(F.col("id_type") == "credit_code", "firm").when(F.col("id_type").isin(*PERSONAL), "person")


def _with_materiality(conventions: Mapping[str, Convention]) -> Column:
    """Whether the convention of the loan's product knows a threshold."""
    default = conventions[DEFAULT].material_minor is not None
    own = [F.when(F.col("product") == name, F.lit(c.material_minor is not None)) for name, c in conventions.items()]
    return F.coalesce(*own, F.lit(default))


def _state(as_of: date, with_materiality: Column) -> list[Column | str]:
    has_schedule = F.col("technical").isNotNull()
    written_off = F.coalesce("written_off", F.lit(False))
    unstated = F.col("paid_minor").isNotNull() & F.col("own_paid_minor").isNull()
    balance = F.coalesce(F.col("remaining_minor"), F.col("principal_minor") - F.coalesce("covered_minor", F.lit(0)))
    return [
        "loan_id", "customer_id", "borrower_id", "partner_id", "pool_id", "product", "currency", "principal_minor",
        _debtor().alias("debtor"), "opened_on", "matures_on",
        F.when(written_off, "written_off").otherwise("open").alias("status"),
        # A schedule that asks for more principal than was lent is paid off with the loan.
        F.greatest(balance, F.lit(0)).alias("balance_minor"),
        (F.col("fee_arrears_minor") + F.col("interest_arrears_minor") + F.col("principal_arrears_minor")).alias("arrears_minor"),
        "fee_arrears_minor", "interest_arrears_minor", "principal_arrears_minor",
        "unpaid_since", "interest_unpaid_since", "principal_unpaid_since",
        F.when(has_schedule, _days("unpaid_since", as_of)).alias("days_past_due"),
        F.when(has_schedule & ~unstated, _days("own_unpaid_since", as_of)).alias("own_days_past_due"),
        F.when(has_schedule & with_materiality, _days("material_since", as_of, 1)).alias("material_days_past_due"),
        "technical",
        "missed_instalments", "missed_periods",
        F.coalesce("paid_minor", F.lit(0)).alias("paid_minor"),
        F.when(~unstated, F.coalesce("own_paid_minor", F.lit(0))).alias("own_paid_minor"),
        "recovered_minor", "prepaid_minor", "next_due_on", "next_due_minor", "due_30d_minor",
        F.coalesce("gap", F.lit("absent")).alias("repayment_gap"),
        F.coalesce("gone", F.lit(False)).alias("gone"),
    ]  # fmt: skip


def _days(since: str, as_of: date, first: int = 0) -> Column:
    """Days from a date on, 0 for none; the date itself is day `first`."""
    return F.coalesce(F.datediff(F.lit(as_of), F.col(since)) + first, F.lit(0))
