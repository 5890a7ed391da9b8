"""The watch list: every loan with an open warning on it or on its borrower, in words."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from loanwatch.flag.masks import has
from loanwatch.flag.rules import Rule, about
from loanwatch.flag.tables import OVERDUE
from loanwatch.shown import of_loans, shown

KINDS = ("loan", "borrower")
WORDS = ("says_en", "says_zh", "do_en", "do_zh")


def watch_list(
    warning: DataFrame,
    verdict: DataFrame,
    review_item: DataFrame,
    loan_day: DataFrame,
    loan_class: DataFrame,
    loan_cover: DataFrame,
    pledge: DataFrame,
    rules: Sequence[Rule],
) -> DataFrame:
    """`report.watch_list`: one row per loan in the order of the queue, of one borrower by colour and size; ties by loan.

    Loans that are no item of a person's, small and unsecured, come last.
    """
    worst = Window.orderBy(
        F.col("queue_place").asc_nulls_last(), (F.col("colour") == "red").desc(), F.col("balance_minor").desc(), "loan_id"
    )
    words = F.broadcast(_actions(warning.sparkSession, rules))
    warned = of_loans(shown(warning, rules), loan_day, pledge).join(words, on="rule_id", how="inner")
    return (
        warned.groupBy("loan_id")
        .agg(*_gathered())
        .join(loan_day, on="loan_id", how="inner")
        .join(loan_class.select("loan_id", "five_class"), on="loan_id", how="left")
        .join(loan_cover.select("loan_id", "ltv_bp", F.lit(True).alias("secured")), on="loan_id", how="left")
        .join(review_item.select("borrower_id", F.col("place").alias("queue_place")), on="borrower_id", how="left")
        .join(_unknown(verdict, "loan"), on="loan_id", how="left")
        .join(_unknown(verdict, "borrower"), on="borrower_id", how="left")
        .select(
            F.row_number().over(worst).alias("place"),
            "queue_place", "loan_id", "borrower_id", "partner_id", "pool_id", "product", "currency",
            F.col("balance_minor").alias("exposure_minor"), "colour", "five_class",
            F.col("ranked.rule_id").alias("rules"),
            F.col("ranked.says_en").alias("reasons_en"), F.col("ranked.says_zh").alias("reasons_zh"),
            F.array_distinct("ranked.do_en").alias("actions_en"), F.array_distinct("ranked.do_zh").alias("actions_zh"),
            "open_since", "curing_rules", "overdue", "days_past_due", "own_days_past_due",
            F.coalesce("secured", F.lit(False)).alias("secured"), "ltv_bp",
            F.array_compact(F.array(*[name for of in KINDS for name in _names(of, rules)])).alias("unknown_rules"),
        )
    )  # fmt: skip


def _gathered() -> list[Column]:
    is_red = F.col("colour") == "red"
    order = (-F.col("points")).alias("rank")
    return [
        F.max(F.when(is_red, "red").otherwise("amber")).alias("colour"),
        F.min("opened_on").alias("open_since"),
        F.sort_array(F.collect_list(F.when(F.col("state") == "curing", F.col("rule_id")))).alias("curing_rules"),
        F.max(F.expr(OVERDUE)).alias("overdue"),
        F.sort_array(F.collect_list(F.struct(order, "rule_id", *WORDS))).alias("ranked"),
    ]


def _actions(spark: SparkSession, rules: Sequence[Rule]) -> DataFrame:
    rows = [(rule.id, rule.text.do.en, rule.text.do.zh) for rule in rules]
    return spark.createDataFrame(rows, "rule_id string, do_en string, do_zh string")


def _unknown(verdict: DataFrame, subject: str) -> DataFrame:
    """The mask of what is unknown of each subject of a kind."""
    of_kind = verdict.where(F.col("subject") == subject)
    return of_kind.select(F.col("subject_id").alias(f"{subject}_id"), F.col("unknown").alias(f"{subject}_unknown"))


def _names(subject: str, rules: Sequence[Rule]) -> list[Column]:
    """Each live rule about a kind of subject where it is unknown, else null."""
    live = [rule for rule in about(rules, subject) if rule.text.status == "live"]
    return [F.when(has(F.col(f"{subject}_unknown"), F.lit(rule.bit)), rule.id) for rule in live]
