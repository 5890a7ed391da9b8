"""What forms about collateral are filled from: the examples of the notes of G13, and that no unit is lost or made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.filing_feeds import GUARANTEE_DETAIL, LOAN_DETAIL, PLEDGE_DETAIL
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.tables import ASSET_INDICATOR
from loanwatch.report.base_pledge import base_pledge

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 31)
Rows = list[dict[str, Any]]


def performed(
    spark: SparkSession, balances: dict[str, int], pledges: Sequence[tuple[str, str]], values: dict[str, int | None],
    guarantees: Sequence[str] = (), **of_valuation: Any,
) -> Rows:  # fmt: skip
    def of(table: Any, *rows: dict[str, Any]) -> Any:
        return frame(spark, table, rows)

    loans = [f"P01:{loan}" for loan in balances]
    found = base_pledge(
        of(LOAN_DAY, *[{"loan_id": f"P01:{loan}", "balance_minor": n, "currency": "CNY", "status": "open"}
                       for loan, n in balances.items()]),
        of(feeds.LOAN, *[{"loan_id": loan, "customer_id": "P01:c", "currency": "CNY"} for loan in loans]),
        of(feeds.BORROWER, {"customer_id": "P01:c", "borrower_id": "token"}),
        of(LOAN_CLASS, *[{"loan_id": loan, "five_class": "normal"} for loan in loans]),
        of(LOAN_COVER),
        of(feeds.PLEDGE, *[{"loan_id": f"P01:{loan}", "asset_id": f"P01:{asset}", "active": True} for loan, asset in pledges],
           {"loan_id": "P01:A", "asset_id": "P01:released", "active": False}),
        of(PLEDGE_DETAIL, *[{"loan_id": f"P01:{loan}", "asset_id": f"P01:{asset}", "contract_id": f"D-{loan}"}
                            for loan, asset in pledges]),
        of(GUARANTEE, *[{"loan_id": f"P01:{loan}", "guarantee_id": str(n), "active": True} for n, loan in enumerate(guarantees)]),
        of(GUARANTEE_DETAIL, {"loan_id": "P01:B", "guarantee_id": "2", "contract_id": "G", "of_firm": True, "guarantor_name": "n",
                              "guarantor_id_type": "credit_code", "guarantor_id_number": "i", "net_worth_minor": 9}),
        of(feeds.ASSET, *[{"asset_id": f"P01:{asset}", "kind": "flat", "size": 90} for asset in values]),
        of(ASSET_INDICATOR, {"asset_id": "P01:f", "seizures": 1}, {"asset_id": "P01:m", "seizures": 0}),
        of(feeds.VALUATION, *[{"asset_id": f"P01:{asset}", "value_minor": minor, "currency": "CNY", "valued_on": day,
                               "valuation_id": f"{asset}{day}", **of_valuation}
                              for asset, value in values.items() if value is not None
                              for day, minor in ((date(2025, 1, 1), 2 * value), (date(2025, 3, 1), value))]),
        of(LOAN_DETAIL),
        D,
    )  # fmt: skip
    return [row.asDict() for row in found.orderBy("loan_id", "security_no").collect()]


def shares(rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    return [(row["loan_id"][4:], (row["security_id"] or "")[4:], *(row[name] for name in names)) for row in rows]


def test_one_asset_of_two_loans_counts_with_both_by_balance(spark: SparkSession) -> None:
    """Notes of G13, (1): 100 and 200 are 300 beside 400."""
    found = performed(spark, {"A": 100, "B": 200}, [("A", "b"), ("B", "b")], {"b": 400})
    assert shares(found, "loan_share_minor", "value_share_minor", "value_minor") == [
        ("A", "b", 100, 133, 400), ("B", "b", 200, 267, 400)
    ]  # fmt: skip


def test_two_assets_of_one_loan_share_it_by_value(spark: SparkSession) -> None:
    """Notes of G13, (2) and (5): 300 beside a factory of 400 and machines of 200, or of 320 and 80."""
    for factory, machines, of_factory, of_machines in ((400, 200, 200, 100), (320, 80, 240, 60)):
        found = performed(spark, {"A": 300}, [("A", "f"), ("A", "m")], {"f": factory, "m": machines})
        assert shares(found, "loan_share_minor", "value_share_minor", "first_value_share_minor", "seized") == [
            ("A", "f", of_factory, factory, 2 * factory, True), ("A", "m", of_machines, machines, 2 * machines, False)
        ]  # fmt: skip


def test_loans_that_hang_together_through_others_share_all_their_assets(spark: SparkSession) -> None:
    pledges = [("A", "x"), ("B", "x"), ("B", "y"), ("C", "z")]
    found = performed(spark, {"A": 100, "B": 300, "C": 50}, pledges, {"x": 100, "y": 300, "z": 9})
    assert shares(found, "own", "loan_share_minor", "value_share_minor") == [
        ("A", "x", True, 25, 25), ("A", "y", False, 75, 75), ("B", "x", True, 75, 75), ("B", "y", True, 225, 225),
        ("C", "z", True, 50, 9),
    ]  # fmt: skip


def test_a_value_that_is_not_known_leaves_the_shares_unknown_but_of_one_asset_alone(spark: SparkSession) -> None:
    found = performed(spark, {"A": 100, "B": 7}, [("A", "x"), ("A", "y"), ("B", "z")], {"x": 100, "y": None, "z": None})
    assert shares(found, "loan_share_minor", "value_minor") == [("A", "x", None, 100), ("A", "y", None, None), ("B", "z", 7, None)]
    assert {row["seized"] for row in found} == {None}
    foreign = performed(spark, {"A": 100}, [("A", "x")], {"x": 100}, currency="USD")
    assert shares(foreign, "loan_share_minor", "value_minor") == [("A", "x", 100, None)]


def test_guarantees_and_loans_without_either_have_a_row(spark: SparkSession) -> None:
    found = performed(spark, {"A": 100, "B": 7, "C": 3}, [("A", "x")], {"x": 100}, ["A", "B", "B"])
    assert [(row["loan_id"][4:], row["security_no"], row["secured_as"], row["loan_share_minor"]) for row in found] == [
        ("A", 1, "collateral", 100), ("A", 2, "guarantee", 100), ("B", 1, "guarantee", 7), ("B", 2, "guarantee", 7),
        ("C", 0, "none", 3),
    ]  # fmt: skip
    assert [row["contract_id"] for row in found] == ["D-A", "P01:A-0", "P01:B-1", "G", None]
    told = ("owner_name", "owner_id_type", "owner_id_number", "of_firm", "net_worth_minor")
    assert [[row[name] for name in told] for row in found[2:4]] == [[None] * 5, ["n", "credit_code", "i", True, 9]]


@settings(deadline=None, max_examples=15, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    balances=st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 10**12), min_size=1),
    values=st.dictionaries(st.sampled_from("vwxyz"), st.integers(0, 10**12), min_size=1),
    drawn=st.sets(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("vwxyz"))),
)
def test_shares_add_up_to_balances_and_values(
    spark: SparkSession, balances: dict[str, int], values: dict[str, int], drawn: set[tuple[str, str]]
) -> None:
    pledges = sorted((loan, asset) for loan, asset in drawn if loan in balances and asset in values)
    of_loan, of_asset = defaultdict[str, int](int), defaultdict[str, int](int)
    for row in performed(spark, balances, pledges, dict(values)):
        of_loan[row["loan_id"][4:]] += row["loan_share_minor"]
        if row["security_id"]:
            of_asset[row["security_id"][4:]] += row["value_share_minor"]
    assert of_loan == balances
    assert of_asset == {asset: values[asset] for asset in {asset for _, asset in pledges}}
