"""What each raised rule saw: the values, and the words for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.outcome import AMBER, RED, state
from loanwatch.flag.rule_text import Limit
from loanwatch.flag.rules import TABLES, Rule, about
from loanwatch.flag.verdict import states_of

_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


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
    """The evidence of one kind of subject; words are made for raised subjects only."""
    hit = (F.aggregate("amber", F.lit(0).cast("bigint"), lambda a, b: a.bitwiseOR(b)) != 0) | (
        F.aggregate("red", F.lit(0).cast("bigint"), lambda a, b: a.bitwiseOR(b)) != 0
    )
    hits = verdict.where((F.col("subject") == subject) & hit).select(F.col("subject_id").alias(f"{subject}_id"))
    seen = states_of(indicators.join(hits, on=f"{subject}_id", how="left_semi"), rules)
    rows = F.array_compact(F.array(*[_row(rule) for rule in rules])) if rules else F.array()
    found = seen.select(F.col(f"{subject}_id").alias("subject_id"), F.explode(rows).alias("row"))
    return found.select("row.rule_id", F.lit(subject).alias("subject"), "subject_id", *[
        f"row.{name}" for name in ("colour", "measured", "says_en", "says_zh")
    ])  # fmt: skip


def _row(rule: Rule) -> Column:
    is_red, is_amber = F.col(state(rule)) == RED, F.col(state(rule)) == AMBER
    measured = F.to_json(F.struct(*[F.col(name) for name in rule.columns]))
    return F.when(
        is_red | is_amber,
        F.struct(
            F.lit(rule.id).alias("rule_id"),
            F.when(is_red, "red").otherwise("amber").alias("colour"),
            measured.alias("measured"),
            sentence(rule.says.en, rule).alias("says_en"),
            sentence(rule.says.zh, rule).alias("says_zh"),
        ),
    )


def sentence(words: str, rule: Rule) -> Column:
    """Words with the values filled in, as people write them: 12.3% for basis points, 1,234.56 for money."""
    parts: list[Column] = []
    units = {column.name: column.name for column in TABLES[rule.subject].columns}
    for i, piece in enumerate(_PLACEHOLDER.split(words)):
        if i % 2 == 0:
            parts.append(F.lit(piece))
        elif piece in units:
            parts.append(_written(F.col(piece), piece))
        else:
            parts.append(_written(_limit(rule.limits[piece]), piece))
    return F.concat(*parts)


def _limit(limit: Limit) -> Column:
    if isinstance(limit, int):
        return F.lit(limit)
    return F.coalesce(*[F.when(F.col(limit.by) == word, value) for word, value in limit.of.items()], F.lit(limit.other))


def _written(value: Column, name: str) -> Column:
    if name.endswith("_minor"):
        text = F.format_number(value / 100, 2)
    elif name.endswith("_bp"):
        text = F.concat(F.format_number(value / 100, 1), F.lit("%"))
    else:
        text = value.cast("string")
    return F.coalesce(text, F.lit("?"))
