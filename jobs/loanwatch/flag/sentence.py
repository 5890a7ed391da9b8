"""The words of a rule with the values filled in, as people write them: 12.3% for basis points, 1,234.56 for money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from loanwatch.flag.rules import PLACEHOLDER, TABLES, Rule

if TYPE_CHECKING:
    from pyspark.sql import Column

    from loanwatch.flag.rule_text import Limit

UNKNOWN = "?"


def sentence(words: str, rule: Rule) -> Column:
    """Over the columns of the rule's subject."""
    from pyspark.sql import functions as F

    columns = TABLES[rule.subject].by_name
    parts: list[Column] = []
    for i, piece in enumerate(PLACEHOLDER.split(words)):
        if i % 2 == 0:
            parts.append(F.lit(piece))
        elif piece in columns:
            parts.append(_written(F.col(piece), piece))
        else:
            parts.append(_written(_limit(rule.limits[piece]), piece))
    return F.concat(*parts)


def sentence_of(words: str, rule: Rule, row: Mapping[str, Any]) -> str:
    """The same of one row."""
    columns = TABLES[rule.subject].by_name

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        return written(row[name] if name in columns else _limit_of(rule.limits[name], row), name)

    return PLACEHOLDER.sub(filled, words)


def written(value: object, name: str) -> str:
    """A value of a column or limit of that name."""
    if value is None:
        return UNKNOWN
    if isinstance(value, int) and name.endswith(("_minor", "_bp")):
        money = name.endswith("_minor")
        hundredth = Decimal(value / 100)  # a double, as Spark's: 0.15 is a little less than that, and is written 0.1
        rounded = hundredth.quantize(Decimal("0.01" if money else "0.1"), ROUND_HALF_EVEN)
        return f"{rounded:,}" if money else f"{rounded:,}%"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: Column, name: str) -> Column:
    from pyspark.sql import functions as F

    if name.endswith("_minor"):
        text = F.format_number(value / 100, 2)
    elif name.endswith("_bp"):
        text = F.concat(F.format_number(value / 100, 1), F.lit("%"))
    else:
        text = value.cast("string")
    return F.coalesce(text, F.lit(UNKNOWN))


def _limit(limit: Limit) -> Column:
    from pyspark.sql import functions as F

    if isinstance(limit, int):
        return F.lit(limit)
    return F.coalesce(*[F.when(F.col(limit.by) == word, value) for word, value in limit.of.items()], F.lit(limit.other))


def _limit_of(limit: Limit, row: Mapping[str, Any]) -> int:
    return limit if isinstance(limit, int) else limit.of.get(row[limit.by], limit.other)
