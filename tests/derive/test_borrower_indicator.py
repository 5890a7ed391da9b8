"""A borrower is known as well as at its worst-known partner, and monitored only with its consent everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.borrowers import LONG, SHORT, Rows, did, loan, performed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_what_is_missing_of_behaviour(spark: SparkSession) -> None:
    """Columns: consent by partner (None = never asked), days on the book, gaps of activity and incidents."""
    cases: list[tuple[str, dict[str, bool | None], int, tuple[str, str]]] = [
        ("known", {"P01": True}, 400, ("none", "none")),
        ("both_known", {"P01": True, "P02": True}, 400, ("none", "none")),
        ("never_asked", {"P01": None}, 400, ("no_basis", "no_basis")),
        ("withdrawn", {"P01": False}, 400, ("no_basis", "no_basis")),
        ("withdrawn_at_one", {"P01": True, "P02": False}, 400, ("no_basis", "no_basis")),
        ("asked_at_one", {"P01": True, "P02": None}, 400, ("no_basis", "no_basis")),
        ("no_basis_before_absent", {"NEVER": False}, 0, ("no_basis", "no_basis")),
        ("absent", {"NEVER": True}, 400, ("absent", "absent")),
        ("late", {"LATE": True}, 400, ("late", "late")),
        ("late_at_one", {"P01": True, "LATE": True}, 400, ("late", "late")),
        ("absent_before_late", {"NEVER": True, "LATE": True}, 400, ("absent", "absent")),
        ("late_before_too_short", {"LATE": True}, 0, ("late", "late")),
        ("long_enough", {"P01": True}, LONG - 1, ("none", "none")),
        ("a_day_too_short", {"P01": True}, LONG - 2, ("too_short", "none")),
        ("incidents_long_enough", {"P01": True}, SHORT - 1, ("too_short", "none")),
        ("incidents_too_short", {"P01": True}, SHORT - 2, ("too_short", "too_short")),
        ("delivered_long_enough", {"FULL": True}, 400, ("none", "none")),
        ("delivered_too_short", {"NEW": True}, 400, ("too_short", "none")),
        ("delivered_too_short_at_one", {"P01": True, "NEW": True}, 400, ("too_short", "none")),
    ]
    loans = [loan(name, partner, opened=days) for name, at, days, _ in cases for partner in at]
    asked = [(f"{partner}:{name}", given) for name, at, *_ in cases for partner, given in at.items()]
    consents: Rows = [
        *({"customer_id": customer, "purpose": "location", "given": True} for customer, _ in asked),
        *({"customer_id": customer, "purpose": "monitoring", "given": given} for customer, given in asked if given is not None),
    ]
    found = performed(spark, loans, [did(name, "inquiry", 1) for name, *_ in cases], consents)
    for name, at, days, expected in cases:
        row = found[name]
        assert (row["activity_gap"], row["incident_gap"]) == expected, (name, at, days)
        assert (row["inquiries_7d"] is None) == (expected[1] != "none"), name
        assert row["loans"] == len(at), name


def test_the_book_of_a_borrower_is_as_unknown_as_its_worst_known_loan(spark: SparkSession) -> None:
    """Columns: own clock and gap of each loan, then loans, partners, exposure, worst own clock, gap."""
    cases: list[tuple[str, list[tuple[int | None, str]], tuple[Any, ...]]] = [
        ("one", [(3, "none")], (1, 1, 10, 3, "none")),
        ("two", [(3, "none"), (40, "none")], (2, 2, 20, 40, "none")),
        ("own_unknown", [(3, "none"), (None, "none")], (2, 2, 20, None, "none")),
        ("late", [(3, "none"), (40, "late")], (2, 2, 20, None, "late")),
        ("absent", [(3, "absent"), (40, "late")], (2, 2, 20, None, "absent")),
    ]
    loans = [
        loan(name, partner, balance_minor=10, own_days_past_due=own, own_paid_minor=own, repayment_gap=gap)
        for name, at, _ in cases for partner, (own, gap) in zip(("P01", "P02"), at, strict=False)
    ]  # fmt: skip
    names = "loans", "partners", "exposure_minor", "worst_own_days_past_due", "repayment_gap"
    found = performed(spark, loans)
    assert {name: tuple(row[n] for n in names) for name, row in found.items()} == {name: e for name, _, e in cases}
