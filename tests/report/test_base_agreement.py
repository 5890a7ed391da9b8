"""What forms about cooperation on internet loans are filled from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.filing_feeds import AGREEMENT, LOAN_AGREEMENT
from loanwatch.report.base_agreement import base_agreement
from loanwatch.report.base_agreement_loan import base_agreement_loan
from loanwatch.report.base_tables import BASE_LOAN

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 31)
# Loan: its contract, whether it is of the month, whether an internet loan, whether it has left, its agreements.
LOANS: dict[str, tuple[str | None, bool, bool | None, bool, list[str]]] = {
    "two": ("K1", True, True, False, ["A1", "A2"]), "beside": ("K1", True, True, True, ["A1"]),
    "alone": (None, True, True, True, []),
    "at_a_desk": ("K2", True, False, False, ["A1"]), "not_told": ("K3", True, None, False, ["A1"]),
    "long_gone": ("K4", False, True, True, ["A1"]),
}  # fmt: skip


def performed(spark: SparkSession) -> dict[tuple[str, int], dict[str, Any]]:
    loans = [
        {"loan_id": loan, "customer_id": f"c-{loan}", "contract_id": contract, "of_month": of_month, "online": online,
         "left_on": D if left else None, "month_end": D, "authorised": online}
        for loan, (contract, of_month, online, left, _) in LOANS.items()
    ]  # fmt: skip
    granted = [{"loan_id": loan, "agreement_id": one, "liability_minor": 7} for loan, (*_, of) in LOANS.items() for one in of]
    rows = base_agreement_loan(
        frame(spark, BASE_LOAN, loans), frame(spark, LOAN_AGREEMENT, granted),
        frame(spark, feeds.BORROWER, [{"customer_id": "c-two", "phone": "token"}]),
    )  # fmt: skip
    return {(row["loan_id"], row["agreement_no"]): row.asDict() for row in rows.collect()}


def test_each_internet_loan_of_the_month_with_each_agreement_or_none(spark: SparkSession) -> None:
    found = performed(spark)
    told = ("contract_id", "agreement_id", "liability_minor", "first_of_contract", "contract_ended", "phone")
    assert {key: tuple(row[name] for name in told) for key, row in found.items()} == {
        ("two", 1): ("K1", "A1", 7, False, False, "token"),  # the contract's first loan under it is the other
        ("two", 2): ("K1", "A2", 7, True, False, "token"),
        ("beside", 1): ("K1", "A1", 7, True, False, None),
        ("alone", 0): ("alone", None, None, True, True, None),
    }
    assert {row["month_end"] for row in found.values()} == {D}


def test_agreements_stand_with_everybody_on_the_other_side(spark: SparkSession) -> None:
    rows = [{"agreement_id": one, "cooperator_code": code, "state": "in_force"} for one, code in (("A1", "x"), ("A1", "y"))]
    found = base_agreement(frame(spark, AGREEMENT, rows), D).orderBy("cooperator_code").collect()
    assert [(row["agreement_id"], row["cooperator_code"], row["month_end"]) for row in found] == [("A1", "x", D), ("A1", "y", D)]
