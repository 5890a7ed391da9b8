"""Planted faults lie where the list says; nothing else differs from the clean book."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pyarrow.compute as pc
from synth.synth_book import DAYS, START, Book

from loanwatch.admit.delivery import Place
from loanwatch.synth.faults import SLIP_MINOR
from loanwatch.synth.raw import Row

LAST = START + timedelta(DAYS - 1)


def lines(book: Book, feed: str, place: Row, under: str = "inbox") -> list[Row]:
    folder = Place(feed, place["sender"], place["business_on"], place["sequence"]).folder(book.out / under)  # type: ignore[arg-type]
    with (folder / f"{feed}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def planted(book: Book, fault: str) -> list[Row]:
    return book.truth("planted").filter(pc.field("fault") == fault).to_pylist()


def test_a_clean_book_has_no_faults(book: Book) -> None:
    assert len(book.truth("planted")) == 0
    assert not (book.out / "late").exists()


def test_every_kind_of_fault_is_planted(spoiled: Book) -> None:
    assert set(spoiled.truth("planted")["fault"].to_pylist()) == {
        "duplicate", "wrong_amount", "correction", "unparsable_amount", "impossible_date", "unknown_code",
        "missing_value", "foreign_id", "late", "stale_valuation", "no_cash", "taken_back", "wrong_total",
    }  # fmt: skip


def test_duplicates_repeat_an_earlier_line(spoiled: Book) -> None:
    for place in planted(spoiled, "duplicate"):
        there = lines(spoiled, place["feed"], place)
        assert there.index(there[int(place["line_no"]) - 1]) < int(place["line_no"]) - 1


def test_broken_lines_are_broken(spoiled: Book) -> None:
    signs = {"unparsable_amount": "12,3x4", "impossible_date": "2025-02-30", "missing_value": ""}
    for fault, sign in signs.items():
        for place in planted(spoiled, fault):
            assert sign in lines(spoiled, place["feed"], place)[int(place["line_no"]) - 1].values()


def test_a_correction_brings_back_the_clean_row(book: Book, spoiled: Book) -> None:
    for place in planted(spoiled, "correction"):
        line = int(place["line_no"]) - 1
        right = lines(spoiled, "repayment", place)[line]
        first = {**place, "sequence": 1}
        wrong = lines(spoiled, "repayment", first)[line]
        assert right == lines(book, "repayment", first)[line]
        assert {**wrong, "paid_minor": ""} == {**right, "paid_minor": ""} and wrong != right


def test_late_deliveries_wait_outside_the_inbox(spoiled: Book) -> None:
    names = json.loads((spoiled.out / "truth" / "late.json").read_text())
    assert len(planted(spoiled, "late")) == 2
    assert len(names) == 4  # and two that correct others: a payment taken back, a total of the ledger
    for name in names:
        assert (spoiled.out / "late" / name / "_manifest.json").is_file()
        assert not (spoiled.out / "inbox" / name).exists()


def test_an_invented_payment_has_no_cash_and_is_taken_back(book: Book, spoiled: Book) -> None:
    (place,), (back,) = planted(spoiled, "no_cash"), planted(spoiled, "taken_back")
    line = lines(spoiled, "repayment", place)[int(place["line_no"]) - 1]
    taken = lines(spoiled, "repayment", back, "late")[0]
    assert taken == line | {"withdrawn": "true"}
    named = {row["repayment_id"] for row in spoiled.rows("bank_entry").to_pylist()}
    assert line["repayment_id"] not in named | {row["repayment_id"] for row in book.rows("repayment").to_pylist()}


def test_the_ledger_slips_in_one_loan_of_which_it_sends_its_list(book: Book, spoiled: Book) -> None:
    totals, told = book.rows("control_total"), spoiled.rows("control_total")  # the correction, which comes late, too
    of_last_day = totals.filter(pc.equal(totals["booked_on"], LAST))
    right, all_told, corrected = (pc.sum(rows["balance_minor"]).as_py() for rows in (totals, told, of_last_day))
    assert all_told - corrected - right == SLIP_MINOR
    truth = {row["loan_id"]: row["balance_minor"] for row in spoiled.truth("balance").to_pylist()}
    listed = spoiled.rows("ledger_loan").to_pylist()
    assert len(listed) > 1
    assert sum(row["balance_minor"] - truth[row["loan_id"]] for row in listed) == SLIP_MINOR


def test_stale_valuations_are_old_and_never_renewed(spoiled: Book) -> None:
    rows = spoiled.rows("valuation")
    first = rows.filter(pc.field("business_on") == START).to_pylist()
    stale = {first[int(place["line_no"]) - 1]["asset_id"] for place in planted(spoiled, "stale_valuation")
             if place["business_on"] == START}  # fmt: skip
    found = [row for row in rows.to_pylist() if row["asset_id"] in stale]
    assert len(found) == len(stale) > 0
    assert all((START - row["valued_on"]).days > 730 for row in found)


def test_the_truth_is_that_of_the_clean_book(book: Book, spoiled: Book) -> None:
    for name in ("balance", "loan", "person"):
        assert book.truth(name) == spoiled.truth(name)
