"""What the register of credit is told from: loans of partners that tell of instruments, what protects them, who owes them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.register_feeds import CO_DEBTOR, COUNTERPARTY, INSTRUMENT, PROTECTION
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.report.base_co_debtor import base_co_debtor
from loanwatch.report.base_counterparty import base_counterparty
from loanwatch.report.base_instrument import base_instrument
from loanwatch.report.base_protection import base_protection

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 31)
A, B, UNTOLD, OTHERS = "P01:a", "P01:b", "P01:untold", "P02:a"
DEFAULT = {A: "defaulted", B: "not_defaulted"}


def instruments(spark: SparkSession, default: dict[str, str | None] | None = None) -> DataFrame:
    on_book = [{"loan_id": loan, "partner_id": loan[:3], "pool_id": "T", "currency": "EUR", "balance_minor": 100}
               for loan in (A, B, UNTOLD, OTHERS)]  # fmt: skip
    told = {"debtor_id": "D1", "signed_on": date(2024, 1, 1), "default_of_debtor": True}
    default = DEFAULT if default is None else default
    return base_instrument(
        frame(spark, LOAN_DAY, on_book),
        frame(spark, feeds.LOAN, [{"loan_id": row["loan_id"], "customer_id": "c", "opened_on": D} for row in on_book]),
        frame(spark, LOAN_CLASS, [{"loan_id": loan, "stage": "stage_3", "eu_default": word} for loan, word in default.items()]),
        frame(spark, feeds.LOAN_EVENT, [{"loan_id": A, "event_id": str(n), "kind": kind, "amount_minor": minor}
                                        for n, (kind, minor) in enumerate((("write_off", 7), ("write_off", 3), ("settled", 1)))]),
        frame(spark, feeds.REPAYMENT, [{"loan_id": loan, "repayment_id": f"{loan}{n}", "paid_on": date(2025, 2, n), "paid_minor": n}
                                       for loan in (A, B) for n in (1, 2, 3)]),
        frame(spark, INSTRUMENT, [{**told, "loan_id": A, "contract_id": "K1", "default_since": date(2025, 2, 2)},
                                  {**told, "loan_id": B, "contract_id": "K2"}]),
        D,
    )  # fmt: skip


def protections(spark: SparkSession) -> DataFrame:
    rows = [(A, "S1", "G", True), (B, "S1", "G", True), (B, "S2", "D1", True), (B, "S3", "G", False), (OTHERS, "S4", "G", True)]
    told = [dict(zip(("loan_id", "protection_id", "provider_id", "in_force"), row, strict=True)) for row in rows]
    return base_protection(instruments(spark), frame(spark, PROTECTION, told))


def test_every_loan_of_a_partner_that_tells_of_one_and_none_of_others(spark: SparkSession) -> None:
    found = {row["loan_id"]: row.asDict() for row in instruments(spark).collect()}
    assert set(found) == {A, B, UNTOLD}
    told = ("contract_id", "eu_default", "write_off_minor", "recovered_minor", "month_end")
    assert [tuple(found[loan][name] for name in told) for loan in (A, B, UNTOLD)] == [
        ("K1", "defaulted", 10, 5, D), ("K2", "not_defaulted", 0, None, D), (None, None, 0, None, D),
    ]  # fmt: skip


def test_what_protects_a_loan_now_and_each_protection_once(spark: SparkSession) -> None:
    found = {(row["loan_id"], row["protection_id"]): row for row in protections(spark).collect()}
    assert {key: row["first_of_protection"] for key, row in found.items()} == {(A, "S1"): True, (B, "S1"): False, (B, "S2"): True}
    of_loans = {(row["contract_id"], row["pool_id"], row["currency"]) for row in found.values()}
    assert of_loans == {("K1", "T", "EUR"), ("K2", "T", "EUR")}


def counterparties(spark: SparkSession, default: dict[str, str | None], *told: dict[str, Any]) -> dict[str, Any]:
    rows = base_counterparty(instruments(spark, default), protections(spark), frame(spark, COUNTERPARTY, told), D)
    return {row["counterparty_id"]: (row["in_default"], row["in_default_since"]) for row in rows.collect()}


def test_a_debtor_is_in_default_as_told_or_as_any_of_its_loans(spark: SparkSession) -> None:
    assert counterparties(spark, dict(DEFAULT)) == {"D1": (True, None), "G": (None, None)}
    assert counterparties(spark, {A: "not_defaulted", B: "not_defaulted"})["D1"] == (False, None)
    assert counterparties(spark, {A: "not_defaulted", B: None})["D1"] == (None, None)  # of one it is not known
    assert counterparties(spark, {A: "defaulted", B: None})["D1"] == (True, None)
    told = {"counterparty_id": "D1", "in_default": False, "in_default_since": D}
    assert counterparties(spark, dict(DEFAULT), told, {"counterparty_id": "X", "in_default": True}) == {
        "D1": (False, D), "G": (None, None)
    }  # fmt: skip


def test_who_owes_a_loan_together_with_others_now(spark: SparkSession) -> None:
    rows = [{"loan_id": loan, "counterparty_id": who, "jointly_minor": 5, "in_force": force}
            for loan, who, force in ((A, "D1", True), (A, "D2", False), (OTHERS, "D3", True))]  # fmt: skip
    found = base_co_debtor(instruments(spark), frame(spark, CO_DEBTOR, rows)).collect()
    told = ("loan_id", "counterparty_id", "contract_id", "jointly_minor")
    assert [tuple(row[name] for name in told) for row in found] == [(A, "D1", "K1", 5)]
