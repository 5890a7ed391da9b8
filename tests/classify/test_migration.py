"""What moved since the parent release: every pair of classes, what came and what left."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.admit.feeds import LOAN_EVENT
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
    found = migration(frame(spark, LOAN_CLASS, now), frame(spark, LOAN_CLASS, before), frame(spark, LOAN_EVENT, [])).collect()
    assert {row["loan_id"]: (row["class_before"], row["class_now"], row["direction"]) for row in found} == {
        name: (b, n, direction(b, n)) for name, (b, n) in pairs.items() if b != n
    }


def test_a_migration_has_a_cause(spark: SparkSession) -> None:
    """The floor that came, the floor that went, and of what is gone how it went; of two events the later."""
    cases = {
        "worse": ("normal", "none", "substandard", "CN5-SS-1", "CN5-SS-1"),
        "better": ("substandard", "CN5-SS-1", "special_mention", "CN5-RT-1", "CN5-SS-1"),
        "came": (None, None, "normal", "none", "none"),
        "sold": ("loss", "CN5-LS-1", None, None, "transfer"),
        "repaid": ("normal", "none", None, None, "repaid"),
    }
    before = [{"loan_id": name, "five_class": was, "floor": floor} for name, (was, floor, *_) in cases.items() if was]
    now = [{"loan_id": name, "five_class": is_, "floor": floor} for name, (_, _, is_, floor, _) in cases.items() if is_]
    kinds = {"sold": ("compensation", "buy_back", "transfer"), "worse": ("settled",)}
    events = [{"loan_id": name, "event_id": f"E{n}", "kind": kind} for name, of in kinds.items() for n, kind in enumerate(of)]
    rows = migration(frame(spark, LOAN_CLASS, now), frame(spark, LOAN_CLASS, before), frame(spark, LOAN_EVENT, events)).collect()
    assert {row["loan_id"]: row["cause"] for row in rows} == {name: cause for name, (*_, cause) in cases.items()}
