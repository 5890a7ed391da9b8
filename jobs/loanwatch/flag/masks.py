"""Bit masks of rules: which rules of a subject have an outcome, 62 to a word."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

WORD = 62


def words(rules: int) -> int:
    """How many words so many rules need; at least one."""
    return max(1, -(-rules // WORD))


def mask(holds: Sequence[Column]) -> Column:
    """The mask of conditions, the first one bit 0."""
    parts = []
    for word in range(words(len(holds))):
        bits = [
            F.when(c, F.lit(1 << i)).otherwise(F.lit(0)) for i, c in enumerate(holds[word * WORD : (word + 1) * WORD])
        ]
        total = F.lit(0).cast("bigint")
        for bit in bits:
            total = total.bitwiseOR(bit.cast("bigint"))
        parts.append(total)
    return F.array(*parts)


def has(masks: Column, bit: Column) -> Column:
    """Whether a bit is set in a mask; false where the mask is null."""
    word = F.element_at(masks, (F.floor(bit / WORD) + 1).cast("int"))
    power = F.call_function("shiftleft", F.lit(1).cast("bigint"), (bit % WORD).cast("int"))
    return F.coalesce(word.bitwiseAND(power) != 0, F.lit(False))
