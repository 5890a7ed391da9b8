"""Small unsecured loans, which are nobody's work one by one: what the partner has to do about a vintage of them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.flag.rules import Rule
from loanwatch.queue.review_item import small
from loanwatch.settings import PortfolioActions
from loanwatch.shown import of_loans, shown

GROUP = ["partner_id", "product", "currency", "opened_month"]


def portfolio_item(
    warning: DataFrame,
    loan_day: DataFrame,
    pledge: DataFrame,
    rules: Sequence[Rule],
    review_min_minor: int,
    portfolio_actions: PortfolioActions,
) -> DataFrame:
    """`queue.portfolio_item`: one row per partner, product and month of origination with warned small loans; worst first."""
    warned = of_loans(shown(warning, rules), loan_day, pledge).groupBy("loan_id").agg(F.max("colour").alias("colour"))
    red, warned_at_all = F.col("colour") == "red", F.col("colour").isNotNull()
    worst = Window.orderBy(F.col("red_share_bp").desc(), F.col("red_minor").desc(), *GROUP)
    return (
        small(loan_day, pledge, review_min_minor)
        .withColumn("opened_month", F.trunc("opened_on", "month"))
        .join(warned, on="loan_id", how="left")
        .groupBy(*GROUP)
        .agg(
            F.count(F.lit(1)).alias("loans"),
            F.sum("balance_minor").alias("exposure_minor"),
            F.sum(warned_at_all.cast("int")).alias("warned_loans"),
            F.sum(F.coalesce(red, F.lit(False)).cast("int")).alias("red_loans"),
            F.sum(F.when(red, F.col("balance_minor")).otherwise(0)).alias("red_minor"),
        )
        .where("warned_loans > 0")
        .withColumn("red_share_bp", F.expr("coalesce(10000 * red_minor div nullif(exposure_minor, 0), 0)"))
        .select(F.row_number().over(worst).alias("place"), *GROUP, "loans", "exposure_minor", "warned_loans", "red_loans",
                "red_minor", "red_share_bp", _action(portfolio_actions).alias("action"))
    )  # fmt: skip


def _action(limits: PortfolioActions) -> Column:
    """The hardest that the share of red exposure asks for."""
    share = F.col("red_share_bp")
    return (
        F.when(share >= limits.buy_back_bp, "demand_buy_back")
        .when(share >= limits.margin_bp, "call_margin")
        .when(share >= limits.stop_bp, "stop_origination")
        .otherwise("watch")
    )
