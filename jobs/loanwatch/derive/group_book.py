"""What the loans of a pool or a partner come to: the sums that its indicators are made of."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch import codes
from loanwatch.balance.tables import LATE
from loanwatch.derive.borrower_book import DELINQUENT_DAYS, first_of
from loanwatch.derive.plan import measured
from loanwatch.derive.repayment import OTHERS, PAID
from loanwatch.gaps import GAPS, absent_where

YOUNG_DAYS = (31, 150)
CLAIM_DAYS = 90  # beyond, a partner that guarantees is expected to have paid
PSI_MONTHS = 4
STATUSES = ("N", *LATE)


def group_book(
    loan_day: DataFrame,
    loan_class: DataFrame,
    loan_month: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    by: str,
    as_of: date,
) -> DataFrame:
    """One row per pool or partner with a loan of the day."""
    first = F.date_sub(F.lit(as_of), 89)
    ended = loan_event.where(F.col("kind").isin("compensation", "buy_back"))
    helped = ended.groupBy("loan_id").agg(F.max("happened_on").alias("compensated_on"))
    loans = (
        loan_day.join(loan_class.select("loan_id", "five_class"), on="loan_id", how="left")
        .join(loan_month.select("loan_id", "own_statuses"), on="loan_id", how="left")
        .join(measured(repayment, "loan_id", (PAID.days(30), OTHERS.days(30)), as_of), on="loan_id", how="left")
        .join(helped, on="loan_id", how="left")
        .withColumns({"compensated": F.col("compensated_on").isNotNull(), "helped_lately": F.col("compensated_on") >= first})
    )
    sums = [*_exposures(), *_amounts(), *_counts(as_of), *_rolls(), *_gaps()]
    whole = loans.groupBy(by).agg(first_of(codes.CURRENCIES.words, F.col("currency")).alias("currency"), *sums)
    return whole.join(_largest(loan_day, by), on=by, how="left").withColumn("status_psi_bp", _psi())


def _exposures() -> list[Column]:
    days, own = F.col("days_past_due"), F.col("own_days_past_due")
    held = {
        "unknown": days.isNull(), "payer_unknown": own.isNull(), "past_due": days > 0, "early": days.between(5, DELINQUENT_DAYS),
        "past_due_31": days > DELINQUENT_DAYS, "past_due_91": days > 90, "own_31": own > DELINQUENT_DAYS, "own_91": own > 90,
        "npl": F.col("five_class").isin(*codes.NON_PERFORMING), "written_off": F.col("status") == "written_off",
    }  # fmt: skip
    return [F.sum(F.when(holds, F.col("balance_minor")).otherwise(0)).alias(f"{name}_minor") for name, holds in held.items()]


def _amounts() -> list[Column]:
    names = {"exposure_minor": "balance_minor", "paid_30d": "paid_30d", "others_paid_30d": "others_paid_30d"}
    same = ("due_30d_minor", "arrears_minor", "prepaid_minor", "recovered_minor")
    return [F.coalesce(F.sum(column), F.lit(0)).alias(name) for name, column in {**names, **{n: n for n in same}}.items()]


def _counts(as_of: date) -> list[Column]:
    age = F.datediff(F.lit(as_of), "opened_on")
    young = age.between(*YOUNG_DAYS)
    held = {
        "young_loans": young,
        "never_paid": young & (F.col("paid_minor") <= 0) & (F.col("days_past_due") > DELINQUENT_DAYS),
        "masked_loans": (F.col("days_past_due") == 0) & (F.col("own_days_past_due") > DELINQUENT_DAYS),
        "compensated_90d": F.col("helped_lately"),
    }
    waiting = F.when(~F.col("compensated") & (F.col("status") == "open"), F.col("days_past_due") - CLAIM_DAYS)
    return [
        F.count(F.lit(1)).alias("loans"),
        *[_count(holds).alias(name) for name, holds in held.items()],
        F.coalesce(F.max(waiting), F.lit(0)).alias("uncompensated_days"),
        F.sum(F.when(age < 30, F.col("principal_minor")).otherwise(0)).alias("opened_30d_minor"),
    ]


def _rolls() -> list[Column]:
    """Loans by their statuses at the last month-ends."""
    now, before, long_ago = (F.substring("own_statuses", month, 1) for month in (1, 2, PSI_MONTHS))
    worse = now.isin(*LATE[2:])
    return [
        _count((before == "N") & (now != "#")).alias("were_current"),
        _count((before == "N") & now.isin(*LATE)).alias("rolled_from_current"),
        _count((before == "2") & (now != "#")).alias("were_two"),
        _count((before == "2") & worse).alias("rolled_from_two"),
        F.array(*[_count(now == status) for status in STATUSES]).alias("statuses_now"),
        F.array(*[_count(long_ago == status) for status in STATUSES]).alias("statuses_then"),
        _count(F.length("own_statuses") > 0).alias("with_history"),
    ]


def _gaps() -> list[Column]:
    return [
        first_of(GAPS, F.col("repayment_gap")).alias("repayment_gap"),
        absent_where(F.min(F.col("days_past_due").isNull())).alias("schedule_gap"),
        absent_where(F.min(F.col("own_days_past_due").isNull())).alias("payer_gap"),
    ]


def _psi() -> Column:
    """Sum of (a - b) ln(a / b) over statuses, a count added to each so that none is empty; in basis points."""
    def shares(name: str) -> Column:
        counts = F.transform(name, lambda n: n + 1)
        return F.transform(counts, lambda n: n / F.aggregate(counts, F.lit(0).cast("bigint"), lambda a, b: a + b))

    parts = F.zip_with(shares("statuses_now"), shares("statuses_then"), lambda a, b: (a - b) * F.ln(a / b))
    total = F.aggregate(parts, F.lit(0.0), lambda a, b: a + b)
    then = F.aggregate("statuses_then", F.lit(0).cast("bigint"), lambda a, b: a + b)
    return F.when(then > 0, F.round(10000 * total).cast("bigint"))


def _largest(loan_day: DataFrame, by: str) -> DataFrame:
    each = loan_day.groupBy(by, "borrower_id").agg(F.sum("balance_minor").alias("owed"))
    return each.groupBy(by).agg(F.max("owed").alias("largest_borrower_minor"))


def _count(holds: Column) -> Column:
    return F.sum(F.coalesce(holds, F.lit(False)).cast("int"))
