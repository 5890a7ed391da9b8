"""Stages of expected credit loss: boundaries of days, and the way back to a better stage against a reference night by night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from classify.book import CLEAN, QUIET, SHIPPED, D, classed, sql_of
from frames import frame

from loanwatch.admit.feeds import LOAN_EVENT
from loanwatch.classify.loan_class import loan_class
from loanwatch.classify.migration import migration
from loanwatch.classify.tables import LOAN_CLASS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STAGES = SHIPPED["ifrs9"]

@pytest.mark.parametrize(
    ("facts", "stage", "floor"),
    [
        ({}, "stage_1", "none"),
        ({"days_past_due": 30, "own_days_past_due": 30}, "stage_1", "none"),
        ({"days_past_due": 31}, "stage_2", "IFRS9-2-1"),
        ({"own_days_past_due": 31}, "stage_2", "IFRS9-2-1"),
        ({"days_past_due": 89}, "stage_2", "IFRS9-2-1"),
        ({"days_past_due": 90}, "stage_3", "IFRS9-3-1"),
        ({"regulatory_days_past_due": 90}, "stage_3", "IFRS9-3-1"),
        ({"days_past_due": 95, "own_days_past_due": 95, "technical": True}, "stage_1", "none"),
        ({"days_past_due": 5, "own_days_past_due": 95, "technical": True}, "stage_3", "IFRS9-3-1"),
        ({"credit_impaired": True}, "stage_3", "IFRS9-3-2"),
        ({"liquidated": True, "downgraded": True}, "stage_3", "IFRS9-3-3"),
        ({"downgraded": True}, "stage_2", "IFRS9-2-2"),
        ({"debtor": "firm", "debtor_npl": True}, "stage_2", "IFRS9-2-4"),
        ({"debtor": "person", "debtor_npl": True}, "stage_1", "none"),
        ({"observed": True}, "stage_2", "IFRS9-2-6"),
        ({"pd_ratio_bp": 20_000, "pd_rise_bp": 50}, "stage_1", "none"),
        ({"pd_ratio_bp": 20_001, "pd_rise_bp": 2}, "stage_2", "IFRS9-2-7"),
        ({"pd_ratio_bp": 10_510, "pd_rise_bp": 51}, "stage_2", "IFRS9-2-7"),
        ({"stage_was": "stage_3", "stage_better_days": 89}, "stage_3", "IFRS9-3-4"),
        ({"stage_was": "stage_3", "stage_better_days": 90}, "stage_2", "IFRS9-2-8"),
        ({"stage_was": "stage_2", "stage_better_days": 89}, "stage_2", "IFRS9-2-8"),
        ({"stage_was": "stage_2", "stage_better_days": 90}, "stage_1", "none"),
    ],
)
def test_the_stage_of_a_loan(facts: dict[str, Any], stage: str, floor: str) -> None:
    found = STAGES.decide({**QUIET, **facts})
    assert (found.word, found.floor, found.missing) == (stage, floor, ())


def test_what_is_not_known_neither_heals_nor_is_fine() -> None:
    unknown = STAGES.decide({**QUIET, "days_past_due": None})
    assert (unknown.word, unknown.missing) == ("stage_1", ("days_past_due",))
    held = {**QUIET, "stage_was": "stage_3", "stage_better_days": 40}
    assert STAGES.decide(held).kept
    for facts in ({"days_past_due": None}, {"repayment_gap": "late"}, {"days_past_due": 90}):
        assert not STAGES.decide({**held, **facts}).kept, facts
    # A better stage than the one it is held at, and no best one either: it is the worse ones that have to be gone.
    assert STAGES.decide({**held, "days_past_due": 31}).kept


def reference(days: Sequence[tuple[date, int | None]]) -> list[tuple[str, date | None]]:
    """Stage and since when it is only held, night by night, of a loan with these days past due: written as a story."""
    told: list[tuple[str, date | None]] = []
    stage, since = 1, None
    for on, late in days:
        today = 3 if late is not None and late >= 90 else 2 if late is not None and late > 30 else 1
        if late is None or today >= stage:
            stage, since = max(stage, today), None
        else:
            since = since or on
            if (on - since).days >= 90:
                stage, since = max(today, stage - 1), None
        told.append((f"stage_{stage}", since))
    return told


def test_the_way_back_is_the_reference_s(spark: SparkSession) -> None:
    """200 loans over three years of irregular nights; what a night knows of the past is what the night before wrote."""
    draw, loans = Random(7), 200
    nights = [D]
    while nights[-1] < D + timedelta(1000):
        nights.append(nights[-1] + timedelta(draw.choice((1, 7, 20, 44, 45, 46, 89, 90, 91))))
    spells: list[list[int | None]] = []
    for _ in range(loans):
        late: list[int | None] = []
        while len(late) < len(nights):
            late += [draw.choices((0, 31, 89, 90, 400, None), (60, 10, 5, 10, 10, 5))[0]] * draw.choice((1, 1, 2, 4, 9))
        spells.append(late[: len(nights)])
    expected = [reference(list(zip(nights, spell, strict=False))) for spell in spells]
    schema = (
        "loan_id string, book_minor bigint, currency string, days_past_due int, stage_was string, stage_better_days int"
    )
    given = sql_of({name: value for name, value in QUIET.items() if name not in schema})
    before: dict[str, tuple[str, date | None]] = {}
    for place, on in enumerate(nights):
        rows = []
        for n in range(loans):
            was, since = before.get(f"P01:{n}", ("stage_1", None))
            rows.append((f"P01:{n}", 1, "CNY", spells[n][place], was, (on - since).days if since else 0))
        known = spark.createDataFrame(rows, schema).selectExpr("*", *given)
        found = loan_class(known, SHIPPED, on).select("loan_id", "stage", "stage_better_since").collect()
        before = {row[0]: (row[1], row[2]) for row in found}
        assert before == {f"P01:{n}": expected[n][place] for n in range(loans)}, on
    assert {stage for loan in expected for stage, _ in loan} == {"stage_1", "stage_2", "stage_3"}


def test_the_past_comes_from_the_parent_release(spark: SparkSession) -> None:
    row = {"five_class": "normal", "floor": "none", "stage": "stage_3", "stage_floor": "IFRS9-3-1"}
    before = [
        {**row, "loan_id": "P01:held", "stage_better_since": D - timedelta(89)},
        {**row, "loan_id": "P01:healed", "stage_better_since": D - timedelta(90)},
        {**row, "loan_id": "P01:today"},
        {**row, "loan_id": "P01:older", "stage": None},
    ]
    loans = [{**CLEAN, "loan_id": f"P01:{name}"} for name in ("held", "healed", "today", "older", "new")]
    found = {
        row["loan_id"].removeprefix("P01:"): row for row in classed(spark, loans, loan_class_before=before).collect()
    }
    assert {name: (row["stage"], row["stage_floor"], row["stage_better_since"]) for name, row in found.items()} == {
        "held": ("stage_3", "IFRS9-3-4", D - timedelta(89)), "healed": ("stage_2", "IFRS9-2-8", None),
        "today": ("stage_3", "IFRS9-3-4", D), "older": ("stage_1", "none", None), "new": ("stage_1", "none", None),
    }  # fmt: skip
    assert {row["five_class"] for row in found.values()} == {"normal"}


def test_a_risen_chance_of_default(spark: SparkSession) -> None:
    """Doubled exactly is not more than doubled; a loan that our models say nothing of is unknown where stages rest on them."""
    chances = {"doubled": (20, 40), "more": (20, 41), "point": (1000, 1051), "fallen": (90, 20), "same": (50, 50)}
    said = [{"loan_id": f"P01:{name}", "opening_pd_bp": was, "pd_bp": now} for name, (was, now) in chances.items()]
    loans = [{**CLEAN, "loan_id": f"P01:{name}"} for name in (*chances, "silent")]
    rests = {"sources": ("default_probability",), "default_probability": said}
    came = classed(spark, loans, delivery=[{"feed": "default_probability"}], **rests).collect()
    assert {row["loan_id"].removeprefix("P01:") for row in came if row["stage"] == "stage_2"} == {"more", "point"}
    assert {row["loan_id"] for row in came if row["stage_provisional"]} == set()
    never = classed(spark, loans[-1:], delivery=[{"feed": "signal"}], sources=("default_probability",)).collect()
    assert [(row["stage"], row["stage_missing"]) for row in never] == [("stage_1", ["pd_rise_bp", "pd_ratio_bp"])]
    free = classed(spark, loans[-1:]).collect()
    assert [(row["stage"], row["stage_missing"]) for row in free] == [("stage_1", [])]


def test_without_the_scheme_there_is_no_stage(spark: SparkSession) -> None:
    late = spark.createDataFrame([("P01:1", 1, "CNY", 95)], "loan_id string, book_minor bigint, currency string, days_past_due int")
    known = late.selectExpr("*", *sql_of({name: value for name, value in QUIET.items() if name != "days_past_due"}))
    (row,) = loan_class(known, {"cn_five_class": SHIPPED["cn_five_class"]}, D).collect()
    assert (row["five_class"], row["stage"], row["stage_missing"], row["stage_better_since"]) == (
        "substandard",
        None,
        None,
        None,
    )


def test_moves_are_told_by_scheme_and_a_scheme_that_begins_moves_nothing(spark: SparkSession) -> None:
    def rows(**stages: tuple[str, str | None]) -> list[dict[str, Any]]:
        return [
            {
                "loan_id": f"P01:{name}",
                "five_class": five,
                "floor": f"F-{five}",
                "stage": stage,
                "stage_floor": f"S-{stage}",
            }
            for name, (five, stage) in stages.items()
        ]

    before = rows(both=("normal", "stage_1"), one=("normal", "stage_2"), began=("normal", None), gone=("loss", "stage_3"),
                  same=("normal", "stage_1"), ceased=("normal", "stage_2"))  # fmt: skip
    now = rows(both=("substandard", "stage_3"), one=("normal", "stage_1"), began=("normal", "stage_2"), same=("normal", "stage_1"),
               new=("normal", "stage_1"), ceased=("loss", None))  # fmt: skip
    found = migration(
        frame(spark, LOAN_CLASS, now), frame(spark, LOAN_CLASS, before), frame(spark, LOAN_EVENT, [])
    ).collect()
    assert {tuple(row) for row in found} == {
        ("P01:both", "cn_five_class", "normal", "substandard", "worse", "F-substandard"),
        ("P01:both", "ifrs9", "stage_1", "stage_3", "worse", "S-stage_3"),
        ("P01:one", "ifrs9", "stage_2", "stage_1", "better", "S-stage_2"),
        ("P01:gone", "cn_five_class", "loss", None, "gone", "repaid"),
        ("P01:gone", "ifrs9", "stage_3", None, "gone", "repaid"),
        ("P01:new", "cn_five_class", None, "normal", "new", "F-normal"),
        ("P01:new", "ifrs9", None, "stage_1", "new", "S-stage_1"),
        ("P01:ceased", "cn_five_class", "normal", "loss", "worse", "F-loss"),
    }
