"""The digest of a table's content: the same rows, the same digest, however they came about.

A multiset hash: rows are hashed one by one and summed, so order, partitions and file layout do not
matter. It finds differences and accidents; it is not made to resist a forger. `as_of` and `release`,
delivery and line numbers are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

HALVES = 4
WORD = 62  # bits


def parts(table: Table) -> list[SparkColumn]:
    """Aggregates `digest_0` … `digest_3`: sums of 32-bit halves of two hashes of each row."""
    from pyspark.sql import functions as F

    hashed = [F.expr(bits) for bits in _nulls(table.names)] + [F.col(name) for name in table.names]
    hashes = [F.xxhash64(*hashed), F.xxhash64(F.lit(table.name), *hashed)]
    halves = [half for h in hashes for half in (F.shiftrightunsigned(h, 32), h.bitwiseAND(0xFFFFFFFF))]
    return [F.sum(half).alias(f"digest_{i}") for i, half in enumerate(halves)]


def _nulls(names: Sequence[str]) -> list[str]:
    """Which columns are null, a bit each, as SQL: a null leaves a hash as it was."""
    bits = [f"if({name} is null, {1 << place % WORD}L, 0L)" for place, name in enumerate(names)]
    return [" + ".join(bits[first : first + WORD]) for first in range(0, len(bits), WORD)]


def text(row: Mapping[str, Any]) -> str:
    """The digest as text, from the aggregates; of no rows, from none."""
    return "-".join(f"{row.get(f'digest_{i}') or 0:x}" for i in range(HALVES))
