"""What forms about changes of class are filled from: those of one month, of China's five classes, as each night found them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.filing_feeds import LOAN_DETAIL
from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.classify.tables import MIGRATION
from loanwatch.report.base_change import base_change

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2024, 2, 29)
MOVES = (
    # number of the loan, day, scheme, before, now, direction, floor
    ("1", date(2024, 2, 1), "cn_five_class", "normal", "special_mention", "worse", "CN5-SM-1"),
    ("1", D, "cn_five_class", "special_mention", "normal", "better", "CN5-SM-1"),
    ("2", date(2024, 2, 10), None, "substandard", "doubtful", "worse", "CN5-JD-DF"),
    ("3", date(2024, 2, 10), "cn_five_class", "doubtful", "loss", "worse", "CN5-LS-1"),
    ("3", date(2024, 2, 9), "cn_five_class", "substandard", "doubtful", "worse", "CN5-DF-1"),
    ("4", date(2024, 1, 31), "cn_five_class", "normal", "special_mention", "worse", "CN5-SM-1"),
    ("4", date(2024, 2, 10), "ifrs9", "stage_1", "stage_2", "worse", "IFRS9-2-1"),
    ("5", date(2024, 2, 10), "cn_five_class", None, "normal", "new", "none"),
    ("6", D, "cn_five_class", "normal", None, "gone", "repaid"),
)


REVIEWS = [
    # review, subject, decision, class, of which review, author, decided on, expires on
    {"review_id": name, "subject": "loan", "subject_id": "P01:2", "decision": decision, "five_class": word,
     "approves_review_id": of,
     "author": author, "decided_on": on, "expires_on": until}
    for name, decision, word, of, author, on, until in (
        ("1", "override", "doubtful", None, "E1", date(2023, 1, 1), date(2024, 2, 9)), ("2", "approve", None, "1", "E9", D, None),
        ("3", "override", "doubtful", None, "E7", date(2024, 2, 8), D), ("4", "approve", None, "3", "E9", D, None),
        ("5", "override", "doubtful", None, "E8", date(2024, 2, 9), D), ("6", "approve", None, "5", "E8", D, None),
        ("7", "override", "loss", None, "E6", date(2024, 2, 9), D), ("8", "approve", None, "7", "E9", D, None),
        ("9", "override", "doubtful", None, "E5", date(2024, 2, 11), D), ("10", "approve", None, "9", "E9", D, None),
    )
]  # fmt: skip


def changes(spark: SparkSession, as_of: date) -> dict[tuple[str, date], dict[str, Any]]:
    names = ("scheme", "class_before", "class_now", "direction", "cause")
    rows = [{"loan_id": f"P01:{loan}", "as_of": on, **dict(zip(names, of, strict=True))} for loan, on, *of in MOVES]
    of_day = [row for row in rows if row["as_of"] == D]
    now = frame(spark, MIGRATION, [{name: value for name, value in row.items() if name != "as_of"} for row in of_day])
    before = [tuple(row.get(name) for name in (*MIGRATION.names, "as_of")) for row in rows if row["as_of"] != D]
    found = base_change(
        now, spark.createDataFrame(before, f"{MIGRATION.spark}, as_of date"),
        frame(spark, feeds.LOAN, [{"loan_id": f"P01:{n}", "customer_id": f"P01:C{n}"} for n in range(1, 7)]),
        frame(spark, feeds.BORROWER, [{"customer_id": "P01:C1", "borrower_id": "token", "id_type": "id_card", "name": "n1"}]),
        frame(spark, feeds.LOAN_EVENT, [{"loan_id": "P01:3", "kind": "write_off", "happened_on": date(2024, 2, 10)},
                                        {"loan_id": "P01:1", "kind": "extension", "happened_on": date(2024, 1, 10)}]),
        frame(spark, REVIEW, REVIEWS), frame(spark, LOAN_DETAIL, [{"loan_id": "P01:1", "contract_id": "K1"}]), as_of,
    )  # fmt: skip
    return {(row["loan_id"].removeprefix("P01:"), row["changed_on"]): row.asDict() for row in found.collect()}


def test_each_change_of_the_month_once_as_each_night_found_it(spark: SparkSession) -> None:
    found = changes(spark, D)
    names = ("class_before", "class_now", "cause", "judged", "written_off")
    assert {key: tuple(row[name] for name in names) for key, row in found.items()} == {
        ("1", date(2024, 2, 1)): ("normal", "special_mention", "CN5-SM-1", False, False),
        ("1", D): ("special_mention", "normal", "CN5-SM-1", False, False),
        ("2", date(2024, 2, 10)): ("substandard", "doubtful", "CN5-JD-DF", True, False),
        ("3", date(2024, 2, 9)): ("substandard", "doubtful", "CN5-DF-1", False, False),
        ("3", date(2024, 2, 10)): ("doubtful", "loss", "CN5-LS-1", False, True),
    }  # fmt: skip
    assert {row["loan_id"]: row["judged_by"] for row in found.values() if row["judged_by"]} == {"P01:2": "E7"}
    one, two = found["1", D], found["2", date(2024, 2, 10)]
    assert (one["borrower_id"], one["id_type"], one["partner_id"], one["month_end"]) == ("token", "id_card", "P01", D)
    assert (two["borrower_id"], two["id_type"]) == ("P01:C2", None)
    assert (one["contract_id"], two["contract_id"]) == ("K1", "P01:2")
    assert (one["customer_name"], two["customer_name"]) == ("n1", None)

