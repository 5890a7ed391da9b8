"""The life of warnings: pending, open, curing, held back, cleared and remembered; one per rule and subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from loanwatch.flag.decisions import KEY, decided, of_storms
from loanwatch.flag.endings import endings
from loanwatch.flag.held_back import held_back
from loanwatch.flag.life import kept, lived
from loanwatch.flag.places import places
from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import WARNING
from loanwatch.flag.usual_share import NEVER_HELD
from loanwatch.settings import Storms


def warning(
    evidence: DataFrame,
    verdict: DataFrame,
    warning_before: DataFrame,
    usual_share_before: DataFrame,
    loan_day: DataFrame,
    asset_indicator: DataFrame,
    roll_over: DataFrame,
    loan: DataFrame,
    loan_event: DataFrame,
    repayment: DataFrame,
    review: DataFrame,
    rules: Sequence[Rule],
    storms: Storms,
    as_of: date,
) -> DataFrame:
    """`flag.warning`: warnings that are pending, open or not long cleared.

    Raised opens, at once or after some days; an exit condition that has held long enough clears; unknown holds the state; a
    subject that left the book, a rule that is no longer in force or does not apply, or consent withdrawn, ends it. Of a
    storm they are held until a person has decided.
    """
    before = kept(warning_before, as_of)
    gone = before.where("subject = 'loan' and state in ('open', 'curing', 'held')").select(F.col("subject_id").alias("loan_id"))
    gone = gone.distinct().join(loan_day, on="loan_id", how="left_anti")
    left = endings(gone, loan, loan_event, repayment, roll_over, as_of)
    left = left.select(F.lit("loan").alias("subject"), F.col("loan_id").alias("subject_id"), "left_because")
    seen = (
        _seen(evidence, verdict, before, rules)
        .join(F.broadcast(left), on=["subject", "subject_id"], how="left")
        .join(_decided_storms(before, review), on=["rule_id", "before_held_by"], how="left")
    )
    now = lived(seen, as_of).persist()  # read twice; the runner lets go of it when the step is done
    where = places(loan_day, asset_indicator)
    held = held_back(now.where("is_new and can_be_held"), where, usual_share_before, storms)
    return decided(_with_held(now, held, as_of), review, as_of).select(*WARNING.names)


def _seen(evidence: DataFrame, verdict: DataFrame, before: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """Warnings of the parent release and what is raised now, with the terms of the rule and the masks of the subject."""
    live = [rule for rule in rules if rule.live]
    now = evidence.where(F.col("rule_id").isin([rule.id for rule in live])).drop("measured")
    return (
        _prefixed(before, "before_")
        .join(_prefixed(now, "now_"), on=KEY, how="full")
        .join(F.broadcast(_terms(evidence.sparkSession, live)), on=["rule_id", "subject"], how="left")
        .join(verdict, on=["subject", "subject_id"], how="left")
    )


def _terms(spark: SparkSession, live: Sequence[Rule]) -> DataFrame:
    """Each live rule's place in the masks, and its days."""
    days = ("raise_after_days", "clear_after_days", "cool_down_days")
    rows = [
        (rule.id, rule.subject, rule.bit, *[getattr(rule.text, name) for name in days], rule.text.do.within_days,
         rule.theme != NEVER_HELD)
        for rule in live
    ]  # fmt: skip
    terms = ", ".join(f"{name} int" for name in ("bit", *days, "within_days"))
    return spark.createDataFrame(rows, f"rule_id string, subject string, {terms}, can_be_held boolean")


def _prefixed(frame: DataFrame, prefix: str) -> DataFrame:
    return frame.select(*KEY, *[F.col(c).alias(f"{prefix}{c}") for c in frame.columns if c not in KEY])


def _decided_storms(before: DataFrame, review: DataFrame) -> DataFrame:
    held = before.where("state = 'held'").select("rule_id", F.col("held_by").alias("partner_id"))
    return of_storms(held, review).withColumnsRenamed({"partner_id": "before_held_by"})


def _with_held(now: DataFrame, held: DataFrame, as_of: date) -> DataFrame:
    """The new warnings of a storm opened on their day, and waiting."""
    waits = F.col("storm").isNotNull()
    return now.join(held, on=KEY, how="left").withColumns({
        "state": F.when(waits, "held").otherwise(F.col("state")),
        "held_by": F.coalesce("storm", "held_by"),
        "held_since": F.when(waits, F.lit(as_of)).otherwise(F.col("held_since")),
        "respond_by": F.when(~waits, F.col("respond_by")),
    })  # fmt: skip
