"""A person erased: what is the person's alone is gone from the vault, nothing else changes; and who may look."""

from __future__ import annotations

import os
import pwd
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from admit.desk import DAY, Desk
from cli import loanwatch

from loanwatch import person
from loanwatch.seal.tables import AUDIT_LOG


def borrower(number: int, name: str, address: str, document: str | None = None) -> dict[str, Any]:
    return {"customer_id": f"P01:C{number}", "id_type": document and "id_card", "id_number": document, "name": name,
            "phone": f"1380000000{number}", "address": address}  # fmt: skip


@pytest.fixture
def people(desk: Desk) -> Desk:
    """Two who share a name and an address, one without a document, and a car of each of the two."""
    desk.send("borrower", [borrower(1, "Wang", "Main St 1", "111"), borrower(2, "Wang", "Main St 1", "222"),
                           borrower(3, "Li", "Side St 2")])  # fmt: skip
    terms = {"pool_id": "HX", "product": "vehicle", "currency": "CNY", "principal_minor": 1, "rate_bp": 1, "opened_on": DAY,
             "matures_on": DAY}  # fmt: skip
    desk.send("loan", [{"loan_id": f"P01:L{n}", "customer_id": f"P01:C{n}", **terms} for n in (1, 2)])
    desk.send("asset", [{"asset_id": f"P01:A{n}", "kind": "vehicle", "locator": f"VIN{n}"} for n in (1, 2)])
    desk.send("pledge", [{"loan_id": f"P01:L{n}", "asset_id": f"P01:A{n}", "lien_rank": 1, "active": True} for n in (1, 2)])
    desk.admit()
    return desk


def values(desk: Desk) -> set[str]:
    """Everything that the vault can still tell."""
    rows = [row for feed in ("borrower", "asset") for row in desk.rows(feed)]
    tokens = {t for row in rows for t in row.values() if isinstance(t, str) and person.TOKEN.fullmatch(t)}
    return set(desk.vault.reveal(tokens).values())


def log_token(desk: Desk) -> str:
    """The person's token, as the audit log has it."""
    return str(desk.lake.rows(AUDIT_LOG, "action = 'erase'")["subject"][0].as_py())


@pytest.mark.parametrize("named", ["id_card:111", "P01:C1"])
def test_what_is_shared_with_others_stays(people: Desk, named: str) -> None:
    before, rows = values(people), people.rows("borrower")
    found = person.tokens(people.lake, person.find(people.lake, people.vault, named))
    assert people.vault.forget(found) == 3
    assert before - values(people) == {"id_card:111", "13800000001", "VIN1"}
    assert people.rows("borrower") == rows


def contact(customer: int, number: int, phone: str, name: str | None = None) -> dict[str, Any]:
    return {"customer_id": f"P01:C{customer}", "contact_no": number, "relation": "friend" if name else "self", "name": name,
            "phone": phone, "line": "mobile", "source": "application", "lawful_basis": "consent" if name else "contract",
            "may_contact": True}  # fmt: skip


def test_the_contacts_of_a_person_go_too_but_not_those_that_others_have(people: Desk) -> None:
    """The friend's number is known from the erased person only; the second customer's own number stays, whoever named it."""
    people.send("contact", [contact(1, 1, "13800000001"), contact(1, 2, "13900000009", "Zhao"),
                            contact(1, 3, "13800000002", "Wang"), contact(2, 1, "13800000002")])  # fmt: skip
    people.admit()
    tokens = {row[name] for row in people.rows("contact") for name in ("name", "phone")} - {None}
    people.vault.forget(person.tokens(people.lake, person.find(people.lake, people.vault, "P01:C1")))
    assert set(people.vault.reveal(tokens).values()) == {"Wang", "13800000002"}


def test_accounts_and_owners_that_only_forms_ask_for_go_too_but_not_a_name_that_others_have(people: Desk) -> None:
    """The seller Li is a borrower, too; Zhao owns what secures the erased person's loan, Qian guarantees it, and nothing else is
    known of these."""
    detail = {"borrower_kind": "consumer", "purpose": "car"}
    people.send("loan_detail", [
        {"loan_id": "P01:L1", **detail, "loan_account": "9501", "repayment_account": "9503", "payee_name": "Li"},
        {"loan_id": "P01:L2", **detail, "loan_account": "9502", "repayment_account": "9503"},
    ])  # fmt: skip
    people.send("pledge_detail", [{"loan_id": "P01:L1", "asset_id": "P01:A1", "contract_id": "D1", "owner_name": "Zhao"}])
    people.send("guarantee_detail", [{"loan_id": "P01:L1", "guarantee_id": "1", "contract_id": "B1", "signed_on": date(2024, 1, 1),
                                      "of_firm": False, "guarantor_name": "Qian"}])  # fmt: skip
    people.admit()
    rows = [*people.rows("loan_detail"), *people.rows("pledge_detail"), *people.rows("guarantee_detail")]
    restricted = ("loan_account", "repayment_account", "payee_name", "owner_name", "guarantor_name")
    tokens = {row.get(name) for row in rows for name in restricted}
    found = person.tokens(people.lake, person.find(people.lake, people.vault, "P01:C1"))
    people.vault.forget(found)
    assert set(people.vault.reveal(tokens - {None}).values()) == {"9502", "9503", "Li"}
    receipts = {row["feed"] for row in people.ledger()}
    assert {"loan_detail", "pledge_detail", "guarantee_detail"} <= receipts
    named = person.deliveries(people.lake, person.find(people.lake, people.vault, "P01:C1"))
    assert len(named) == 5  # borrower, asset, and these three


def test_a_person_without_a_document_is_found_by_the_customer_number(people: Desk) -> None:
    people.vault.forget(person.tokens(people.lake, person.find(people.lake, people.vault, "P01:C3")))
    assert values(people) & {"Li", "Side St 2", "13800000003"} == set()


def test_the_commands_are_for_those_allowed_and_logged(people: Desk) -> None:
    where = ("--lake", people.lake.path, "--vault", people.vault.path, "--tenant", "demo")
    token = next(row["phone"] for row in people.rows("borrower") if row["customer_id"] == "P01:C1")
    refused = loanwatch("reveal", token, "--purpose", "a complaint", *where)
    assert refused.returncode == 2 and "may not use the vault" in refused.stderr
    allowed = {"LOANWATCH__VAULT_USERS": f"[{pwd.getpwuid(os.getuid()).pw_name}]"}
    shown = loanwatch("reveal", token, "--purpose", "a complaint", *where, **allowed)
    assert (shown.returncode, shown.stdout.strip()) == (0, "13800000001"), shown.stderr
    erased = loanwatch("erase", "id_card:111", "--purpose", "asked to be forgotten", *where, **allowed)
    assert erased.returncode == 0 and "3 entries destroyed" in erased.stdout, erased.stderr
    assert loanwatch("reveal", token, "--purpose", "again", *where, **allowed).returncode == 2
    again = loanwatch("erase", log_token(people), "--purpose", "twice", *where, **allowed)
    assert again.returncode == 2 and "erased already" in again.stderr, again.stderr
    rotated = loanwatch("rotate", "--to", f"file:{people.vault.path}.second", *where, **allowed)
    assert rotated.returncode == 0 and "set vault_key: file:" in rotated.stdout, rotated.stderr
    log = people.lake.rows(AUDIT_LOG).sort_by("done_at").to_pylist()
    assert [(row["action"], row["entries"]) for row in log] == [("reveal", 1), ("erase", 3), ("reveal", 0), ("rotate", 8)]
    assert person.TOKEN.fullmatch(log[1]["subject"])  # not the number by which the person was named


def test_all_versions_of_a_customer_are_one_person(desk: Desk) -> None:
    """First known by the customer's number, then by a document and a new address."""
    desk.send("borrower", [borrower(1, "Wang", "Main St 1")])
    desk.send("borrower", [borrower(1, "Wang", "Hill Rd 9", "111")], sequence=2)
    desk.admit()
    for named in ("id_card:111", "P01:C1"):
        found = person.tokens(desk.lake, person.find(desk.lake, desk.vault, named))
        assert set(desk.vault.reveal(found).values()) == {"id_card:111", "Wang", "13800000001", "Main St 1", "Hill Rd 9"}


def test_two_lakes_on_one_vault_keep_both_their_values(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.vault = desk.vault
    desk.send("borrower", [borrower(1, "Wang", "Main St 1", "111")])
    other.send("borrower", [borrower(2, "Li", "Side St 2", "222"), borrower(1, "Wang", "Main St 1", "111")])
    desk.admit()
    other.admit()
    assert values(desk) == {"id_card:111", "Wang", "13800000001", "Main St 1"}
    assert values(other) == values(desk) | {"id_card:222", "Li", "13800000002", "Side St 2"}


def everything(desk: Desk) -> set[str]:
    """Every value in the vault, whether a row of the lake refers to it or not."""
    tokens = [token.hex() for path in desk.vault.segments() for token in pq.read_table(path)["token"].to_pylist()]
    return set(desk.vault.reveal(tokens).values())


def test_values_of_what_was_turned_away_do_not_stay(desk: Desk) -> None:
    """A row without a name is rejected, a delivery with a wrong sum of rows refused; the rest is admitted."""
    desk.send("borrower", [borrower(1, "Wang", "Main St 1", "111"), {**borrower(2, "", "Side St 2", "222"), "name": None}])
    desk.send_file("asset", "asset.csv", b"asset_id,kind,locator\nP01:A1,vehicle,VIN1\n", rows=7)
    desk.admit()
    assert everything(desk) == {"id_card:111", "Wang", "13800000001", "Main St 1"}
    desk.send("borrower", [borrower(2, "Li", "Side St 2", "222")], sequence=2)
    desk.admit()
    assert everything(desk) >= {"id_card:222", "Li", "13800000002", "Side St 2"}
