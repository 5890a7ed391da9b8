"""Bit masks of rules: which rules of a subject have an outcome, 62 to a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

WORD = 62
MASKS = ("amber", "red", "unknown", "not_applicable", "cleared", "no_basis")  # the columns of `flag.verdict` that hold them


def words(rules: int) -> int:
    """How many words so many rules need; at least one."""
    return max(1, -(-rules // WORD))


def mask(holds: Sequence[str]) -> str:
    """The mask of conditions as SQL, the first one bit 0. As text: a column object a bit costs minutes of calls to the JVM."""
    parts = []
    for word in range(words(len(holds))):
        bits = enumerate(holds[word * WORD : (word + 1) * WORD])
        total = " | ".join(f"case when {held} then {1 << bit} else 0 end" for bit, held in bits)
        parts.append(f"cast({total or 0} as bigint)")
    return f"array({', '.join(parts)})"


def some(masks: str, rules: int) -> str:
    """Whether any of the first so many rules is in the mask of a column, as SQL. Word by word: Spark does not compile `exists`."""
    return " or ".join(f"{masks}[{word}] <> 0" for word in range(words(rules)))


def has(masks: Column, bit: Column) -> Column:
    """Whether a bit is set in a mask; false where the mask is null."""
    from pyspark.sql import functions as F

    word = F.element_at(masks, (F.floor(bit / WORD) + 1).cast("int"))
    power = F.call_function("shiftleft", F.lit(1).cast("bigint"), (bit % WORD).cast("int"))
    return F.coalesce(word.bitwiseAND(power) != 0, F.lit(False))
