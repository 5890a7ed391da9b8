"""What each raised rule saw: the values, and of a live rule the words for a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.masks import WORD, some, words
from loanwatch.flag.rules import TABLES, Rule, about
from loanwatch.flag.sentence import sentence

RAISED = ("red", "amber")


def evidence(
    loan_indicator: DataFrame,
    borrower_indicator: DataFrame,
    asset_indicator: DataFrame,
    pool_indicator: DataFrame,
    partner_indicator: DataFrame,
    verdict: DataFrame,
    rules: Sequence[Rule],
) -> DataFrame:
    """`flag.evidence`: one row per subject and rule that is red or amber."""
    frames = (loan_indicator, borrower_indicator, asset_indicator, pool_indicator, partner_indicator)
    of_kinds = [raised(f, verdict, kind, mine) for kind, f in zip(TABLES, frames, strict=True) if (mine := about(rules, kind))]
    return reduce(DataFrame.unionByName, of_kinds) if of_kinds else raised(loan_indicator, verdict, "loan", ())


def raised(indicators: DataFrame, verdict: DataFrame, subject: str, rules: Sequence[Rule]) -> DataFrame:
    """The evidence of one kind of subject, by its verdicts on these rules, in their order: no condition is looked at again."""
    hit = F.expr(" or ".join(some(colour, len(rules)) for colour in RAISED))
    hits = verdict.where((F.col("subject") == subject) & hit).selectExpr(
        f"subject_id as {subject}_id",
        *[f"{colour}[{word}] as _{colour}_{word}" for colour in RAISED for word in range(words(len(rules)))],
    )
    seen = indicators.join(hits, on=f"{subject}_id")
    # Made apart from what takes it to pieces, and without `array_compact`: neither would be compiled.
    rows = F.array(*[_row(rule, bit) for bit, rule in enumerate(rules)]) if rules else F.array()
    made = seen.select(F.col(f"{subject}_id").alias("subject_id"), rows.alias("rows"))
    found = made.select("subject_id", F.explode("rows").alias("row")).where(F.col("row").isNotNull())
    return found.select("row.rule_id", F.lit(subject).alias("subject"), "subject_id", *[
        f"row.{name}" for name in ("colour", "measured", "says_en", "says_zh")
    ])  # fmt: skip


def _row(rule: Rule, bit: int) -> Column:
    word, place = divmod(bit, WORD)
    is_red, is_amber = (F.expr(f"_{colour}_{word} & {1 << place}L <> 0") for colour in RAISED)
    words = (sentence(said, rule) if rule.live else F.lit(None).cast("string") for said in (rule.says.en, rule.says.zh))
    return F.when(
        is_red | is_amber,
        F.struct(
            F.lit(rule.id).alias("rule_id"),
            F.when(is_red, "red").otherwise("amber").alias("colour"),
            F.to_json(F.struct(*[F.col(name) for name in rule.columns])).alias("measured"),
            *[said.alias(name) for said, name in zip(words, ("says_en", "says_zh"), strict=True)],
        ),
    )
