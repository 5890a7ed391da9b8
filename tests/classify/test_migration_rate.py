"""Migration since the year's opening as form G12 counts it: the example of its notes cell by cell, and a rate worked by hand."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit.feeds import LOAN
from loanwatch.classify.migration_rate import migration_rate
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.codes import CLASSES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OPENING, CLOSING = date(2024, 12, 31), date(2025, 6, 30)
WORDS = CLASSES.words
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Book:
    """Loans at the opening and at the closing, a loan an amount."""

    def __init__(self) -> None:
        self.opening: list[dict[str, Any]] = []
        self.closing: list[dict[str, Any]] = []
        self.lent: list[dict[str, Any]] = []

    def add(self, was: str | None, opening: int, now: str | None, closing: int, currency: str = "CNY") -> None:
        of = {"loan_id": f"P01:{len(self.opening) + len(self.closing) + len(self.lent)}", "currency": currency}
        self.lent.append({**of, "principal_minor": max(opening, closing), "opened_on": OPENING if was else CLOSING})
        self.opening += [{**of, "five_class": was, "book_minor": opening}] if was else []
        self.closing += [{**of, "five_class": now, "book_minor": closing}] if now else []

    def rates(self, spark: SparkSession, as_of: date = CLOSING, opening: date = OPENING) -> dict[str, dict[str, Any]]:
        before = frame(spark, LOAN_CLASS, self.opening).select(F.lit(opening).alias("as_of"), "*")
        found = migration_rate(frame(spark, LOAN_CLASS, self.closing), before, frame(spark, LOAN, self.lent), as_of).collect()
        return {row["opening_class"]: row.asDict() for row in found}


@pytest.fixture(scope="module")
def example(real_data: Path) -> list[list[int]]:
    """The eight rows of the example in the notes of G12, columns A to H, in hundredths; 0 = an empty cell."""
    files = list(real_data.glob("20-regulatory-templates/china/1104*2024*.docx"))
    if not files:
        pytest.skip("no volume of the 1104 returns in the fetched data")
    tree = ElementTree.fromstring(zipfile.ZipFile(files[0]).read("word/document.xml"))  # noqa: S314
    for table in tree.iter(f"{_W}tbl"):
        rows = [["".join(text.text or "" for text in cell.iter(f"{_W}t")).strip() for cell in row.findall(f"{_W}tc")]
                for row in table.iter(f"{_W}tr")]  # fmt: skip
        if any("597.45" in row for row in rows):
            return [[round(float(cell) * 100) if re.fullmatch(r"[0-9.]+", cell) else 0 for cell in row[2:]]
                    for row in rows if row[0].isdigit()]  # fmt: skip
    raise AssertionError("the volume has no example of G12")


def test_what_of_a_new_loan_is_gone_again_counts_too(spark: SparkSession) -> None:
    """Case XII of the notes: of 50 lent in the year 20 are left."""
    book = Book()
    book.add("normal", 50, "normal", 20)
    book.add(None, 0, "normal", 20)
    book.lent[-1]["principal_minor"] = 50
    found = book.rates(spark)
    assert (found["new"]["decrease_minor"], found["new"]["normal_minor"]) == (30, 20)
    assert (found["normal"]["decrease_minor"], found["normal"]["normal_minor"]) == (30, 20)


def test_every_cell_of_the_example_in_the_notes_of_g12(spark: SparkSession, example: list[list[int]]) -> None:
    closing, new, *classes, whole = example
    book = Book()
    for was, (_, decrease, *cells, _) in zip(WORDS, classes, strict=True):
        book.add(was, decrease, None, 0)
        for now, cell in zip(WORDS, cells, strict=True):
            book.add(was, cell, now, cell)
    book.add(None, 0, None, new[1])
    for now, cell in zip(WORDS, new[2:], strict=False):
        book.add(None, 0, now, cell)
    found = book.rates(spark)
    told = {name: [row[f"{word}_minor"] for word in ("opening", "decrease", *WORDS)] for name, row in found.items()}
    for word, row in zip(WORDS, classes, strict=True):
        assert told[word][1:] == row[1:7], word
        # The notes round each cell: two of their openings, and two closings, are a hundredth off what they consist of.
        off = {"special_mention": 1, "substandard": -1}.get(word, 0)
        assert told[word][0] == row[0] + off, word
    assert told["new"] == [0, *new[1:7]]
    sums = [sum(told[name][place] for name in ("new", *WORDS)) for place in range(7)]
    assert [sums[0], sums[1] - told["new"][1]] == whole[:2]
    now = dict(zip(WORDS, closing[2:7], strict=True))
    assert dict(zip(WORDS, sums[2:], strict=True)) == now | {"substandard": now["substandard"] + 1, "loss": now["loss"] - 1}
    assert (sum(sums[2:]), sum(told["new"][2:])) == (closing[7], new[7])
    assert told["performing"] == [one + other for one, other in zip(told["normal"], told["special_mention"], strict=True)]
    assert {name: row["rate_bp"] for name, row in found.items()} == {
        "normal": 1_250, "special_mention": 1_247, "substandard": 695, "doubtful": 1_419, "loss": None, "new": None,
        "performing": 163,
    }  # fmt: skip


def test_a_tenth_of_what_was_normal_and_not_repaid_moved_down(spark: SparkSession) -> None:
    """domain.md 1.2: opening 5,000, decrease 1,000, down 500: 12.5 %. A loan repaid in part counts for what is left of it."""
    book = Book()
    for was, opening, now, closing in (
        ("normal", 3_700, "normal", 3_500), ("normal", 800, None, 0), ("normal", 300, "special_mention", 300),
        ("normal", 200, "loss", 200), ("doubtful", 10, None, 0),
    ):  # fmt: skip
        book.add(was, opening, now, closing)
    found = book.rates(spark)
    told = [found["normal"][name] for name in ("opening_minor", "decrease_minor", "worse_minor", "rate_bp")]
    assert told == [5_000, 1_000, 500, 1_250]
    assert found["doubtful"]["rate_bp"] is None
    assert found["performing"]["rate_bp"] == 500


def test_what_was_lent_more_is_new_and_what_is_written_off_gone(spark: SparkSession) -> None:
    book = Book()
    book.add("substandard", 100, "doubtful", 130)
    book.add("doubtful", 70, "loss", 0)
    found = book.rates(spark)
    assert (found["substandard"]["doubtful_minor"], found["new"]["doubtful_minor"]) == (100, 30)
    assert (found["doubtful"]["decrease_minor"], found["doubtful"]["loss_minor"]) == (70, 0)


def test_there_is_no_rate_without_the_opening(spark: SparkSession) -> None:
    book = Book()
    book.add("normal", 100, "normal", 100)
    assert book.rates(spark, opening=date(2024, 11, 30)) == {}
    assert set(book.rates(spark, as_of=date(2025, 12, 31))) == {"normal", "performing", "new"}


def test_currencies_are_not_added_up(spark: SparkSession) -> None:
    book = Book()
    book.add("normal", 100, "normal", 100)
    book.add("normal", 100, "loss", 100, "USD")
    before = frame(spark, LOAN_CLASS, book.opening).select(F.lit(OPENING).alias("as_of"), "*")
    rows = migration_rate(frame(spark, LOAN_CLASS, book.closing), before, frame(spark, LOAN, book.lent), CLOSING).collect()
    assert {row["currency"]: row["rate_bp"] for row in rows if row["opening_class"] == "normal"} == {"CNY": 0, "USD": 10_000}
