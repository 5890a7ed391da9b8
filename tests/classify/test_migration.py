"""What moved since the parent release: every pair of classes, what came and what left."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.classify.migration import migration
from loanwatch.classify.tables import LOAN_CLASS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BEST_FIRST = ["normal", "special_mention", "substandard", "doubtful", "loss"]


def direction(before: str | None, now: str | None) -> str:
    if before is None or now is None:
        return "new" if before is None else "gone"
    return "worse" if BEST_FIRST.index(now) > BEST_FIRST.index(before) else "better"


def test_a_loan_moves_if_its_class_differs_and_in_one_direction(spark: SparkSession) -> None:
    pairs = {f"P01:{b}-{n}": (b, n) for b, n in product([None, *BEST_FIRST], repeat=2)}
    now = [{"loan_id": name, "five_class": n} for name, (_, n) in pairs.items() if n]
    before = [{"loan_id": name, "five_class": b} for name, (b, _) in pairs.items() if b]
    found = migration(frame(spark, LOAN_CLASS, now), frame(spark, LOAN_CLASS, before)).collect()
    assert {row["loan_id"]: (row["class_before"], row["class_now"], row["direction"]) for row in found} == {
        name: (b, n, direction(b, n)) for name, (b, n) in pairs.items() if b != n
    }
