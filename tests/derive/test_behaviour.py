"""Indicators of behaviour: sums over partners within their windows; zero only where nothing is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.borrowers import FIRST, LAST, Rows, did, loan, performed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

def test_behaviour_is_summed_over_partners_within_its_windows(spark: SparkSession) -> None:
    def of(borrower: str, *what: tuple[Any, ...]) -> Rows:
        return [did(borrower, *arguments) for arguments in what]

    cases: list[tuple[str, Rows, dict[str, int | None]]] = [
        ("nothing", [], {"inquiries_7d": 0, "inquiries_30d": 0, "bounces_30d": 0, "spend_kept_bp": None}),
        ("inquiries", of("inquiries", *[("inquiry", ago) for ago in (0, 6, 7, 29, 30)]), {"inquiries_7d": 2, "inquiries_30d": 4}),
        ("spend", of("spend", ("spend", 0, 3), ("spend", 30, 3), ("spend", 31, 9), ("spend", LAST - 1, 9), ("spend", LAST, 2),
                     ("spend", FIRST, 2), ("spend", FIRST + 1, 9)), {"spend_kept_bp": 29516}),
        ("stopped", of("stopped", ("spend", LAST, 9)), {"spend_kept_bp": 0}),
        ("begun", of("begun", ("spend", 0, 9)), {"spend_kept_bp": None}),
        ("salary", of("salary", ("inflow", LAST, 60), ("salary", LAST, 40), ("salary", 0, 50)),
         {"inflow_kept_bp": 9838, "salary_kept_bp": 24596}),
        ("two", of("two", ("spend", 1, 30), ("spend", 2, 20, "P02"), ("spend", LAST, 60), ("spend", LAST + 1, 40, "P02"),
                   ("login", 9), ("login", 4, 1, "P02")), {"spend_kept_bp": 9838, "days_since_login": 4}),
        ("outflow", of("outflow", ("outflow", 29, 30), ("outflow", 30, 9), ("inflow", 1, 15), ("salary", 1, 5)),
         {"outflow_share_30d_bp": 15000, "instalment_share_30d_bp": 2000}),
    ]  # fmt: skip
    loans = [loan(name, due_30d_minor=4) for name, *_ in cases] + [loan("two", "P02", due_30d_minor=4)]
    found = performed(spark, loans, [row for _, rows, _ in cases for row in rows])
    for name, _, expected in cases:
        assert {column: found[name][column] for column in expected} == expected, name


def test_who_has_not_been_seen_for_the_whole_history_is_no_less_inactive(spark: SparkSession) -> None:
    """This month to date, and two before it: 60 days."""
    found = performed(spark, [loan("in"), loan("out")], [did("in", "login", 59), did("out", "login", 60)])
    assert {name: row["days_since_login"] for name, row in found.items()} == {"in": 59, "out": 60}


def test_instalments_of_a_loan_without_a_schedule_are_unknown_not_nothing(spark: SparkSession) -> None:
    loans = [loan("B", due_30d_minor=4), loan("B", "P02", due_30d_minor=None, days_past_due=None)]
    assert performed(spark, loans, [did("B", "inflow", 1, 10)])["B"]["instalment_share_30d_bp"] is None


def test_a_customer_of_a_new_partner_is_known_no_longer_than_there(spark: SparkSession) -> None:
    """What it spends at the new partner stands in the last month and cannot stand in those before: it would hide a drop."""
    spent = [did("B", "spend", LAST, 100), did("B", "spend", 1, 5), did("B", "spend", 1, 45, "P02")]
    row = performed(spark, [loan("B"), loan("B", "P02", opened=5)], spent)["B"]
    assert (row["activity_gap"], row["spend_kept_bp"]) == ("too_short", None)
