"""The portfolio: every cut sums to the whole, and what is unknown is not counted as paid."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.report.portfolio import portfolio
from loanwatch.report.tables import WATCH_LIST

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CUTS = ("all", "product", "partner", "pool")
SUMS = (
    "loans", "exposure_minor", "arrears_minor", "exposure_1_plus_minor", "exposure_31_plus_minor", "exposure_91_plus_minor",
    "own_exposure_31_plus_minor", "red_loans", "amber_loans",
)  # fmt: skip
Loan = tuple[str, str, str, str, int, int, str, str | None]
# partner, pool, product, currency, balance, days past due on both clocks, class, colour
BOOK: list[Loan] = [
    ("P01", "A", "home", "CNY", 1, 0, "normal", None),
    ("P01", "A", "home", "CNY", 10, 1, "special_mention", "amber"),
    ("P01", "B", "consumer", "CNY", 100, 30, "special_mention", "amber"),
    ("P01", "B", "consumer", "CNY", 1000, 31, "special_mention", "red"),
    ("P02", "B", "consumer", "CNY", 10000, 90, "special_mention", "red"),
    ("P02", "A", "vehicle", "CNY", 100000, 91, "substandard", "red"),
    ("P02", "A", "vehicle", "CNY", 1000000, 271, "doubtful", None),
    ("P02", "B", "home", "CNY", 10000000, 361, "loss", "red"),
    ("P01", "A", "home", "USD", 4, 0, "normal", None),
    ("P02", "A", "home", "USD", 6, 95, "substandard", "red"),
]


def performed(spark: SparkSession, *loans: Loan, own_unknown: str = "", **given: Any) -> list[dict[str, Any]]:
    """The step's rows; the own clock is unknown for the loans of one partner, and given columns replace those of all."""
    days, classes, listed = [], [], []
    for n, (partner, pool, product, currency, balance, past_due, five_class, colour) in enumerate(loans):
        row = {"loan_id": f"{partner}:{n}", "partner_id": partner, "pool_id": pool, "product": product, "currency": currency}
        own = None if partner == own_unknown else past_due
        clocks = {"days_past_due": past_due, "own_days_past_due": own, "arrears_minor": past_due, **given}
        days.append({**row, "balance_minor": balance, **clocks})
        classes.append({"loan_id": row["loan_id"], "five_class": five_class})
        listed += [{**row, "colour": colour}] if colour else []
    found = portfolio(frame(spark, LOAN_DAY, days), frame(spark, LOAN_CLASS, classes), frame(spark, WATCH_LIST, listed))
    return [row.asDict() for row in found.collect()]


def test_every_cut_sums_to_the_whole_and_currencies_stay_apart(spark: SparkSession) -> None:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    found = performed(spark, *BOOK)
    for row in found:
        key = row["cut"], row["currency"]
        sums[key] = [total + row[name] for total, name in zip(sums[key], SUMS, strict=True)]
    whole = {
        "CNY": [8, 11111111, 875, 11111110, 11111000, 11100000, 11111000, 4, 2],
        "USD": [2, 10, 95, 6, 6, 6, 6, 1, 0],
    }
    assert sums == {(cut, currency): total for cut in CUTS for currency, total in whole.items()}
    keys = [(row["cut"], row["cut_value"], row["currency"]) for row in found]
    assert len(keys) == len(set(keys)) == 2 + (3 + 1) + (2 + 2) + (2 + 1)


def test_the_bad_share_is_substandard_and_worse_over_exposure(spark: SparkSession) -> None:
    shares = {(row["cut_value"], row["currency"]): row["npl_bp"] for row in performed(spark, *BOOK) if row["cut"] != "pool"}
    assert shares["all", "CNY"] == 10000 * 11100000 // 11111111
    assert (shares["P01", "CNY"], shares["P01", "USD"], shares["P02", "USD"]) == (0, 0, 10000)
    assert (shares["consumer", "CNY"], shares["vehicle", "CNY"], shares["all", "USD"]) == (0, 10000, 6000)


def test_a_book_that_owes_nothing_has_no_bad_share(spark: SparkSession) -> None:
    found = performed(spark, ("P01", "A", "home", "CNY", 0, 5, "special_mention", None))
    assert [(row["npl_bp"], row["arrears_minor"]) for row in found] == [(None, 5)] * len(CUTS)


def test_one_own_clock_not_known_leaves_the_own_exposure_of_its_cuts_unknown(spark: SparkSession) -> None:
    found = performed(spark, *BOOK[3:6], own_unknown="P01")
    assert {row["cut_value"]: (row["exposure_31_plus_minor"], row["own_exposure_31_plus_minor"]) for row in found} == {
        "all": (111000, None), "P01": (1000, None), "P02": (110000, 110000), "A": (100000, 100000), "B": (11000, None),
        "consumer": (11000, None), "vehicle": (100000, 100000),
    }  # fmt: skip


def test_the_exposure_of_loans_without_a_schedule_is_said_and_in_no_share(spark: SparkSession) -> None:
    (row, *_) = performed(spark, BOOK[0], days_past_due=None, own_days_past_due=None, arrears_minor=None)
    assert (row["exposure_unknown_minor"], row["exposure_1_plus_minor"]) == (row["exposure_minor"], 0)
    assert {row["exposure_unknown_minor"] for row in performed(spark, *BOOK)} == {0}
