"""Indicators of pools and partners: drawn loans, payments and past month-ends against plain Python."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from derive.reference import Told, agree, bp
from derive.themes import pools
from derive.themes.pools import D, Row, Rows
from frames import frame
from pyspark.sql import functions as F

from loanwatch import codes
from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, RECONCILIATION
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.derive import pool
from loanwatch.derive.partner_indicator import partner_indicator
from loanwatch.derive.pool_indicator import pool_indicator
from loanwatch.derive.tables import PARTNER_INDICATOR, POOL_INDICATOR

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from loanwatch.tables import Table

CHANGES = {"collection_change_bp": "collection_rate_30d_bp", "compensation_change_bp": "compensation_share_30d_bp",
           "own_31_plus_change_bp": "own_31_plus_share_bp"}  # fmt: skip
DEVIATIONS = {"roll_from_current_deviation_bp": "roll_from_current_bp", "roll_from_two_deviation_bp": "roll_from_two_bp"}


def test_pools_and_partners_have_what_the_words_of_their_indicators_say(spark: SparkSession) -> None:
    draw = random.Random(19)
    loans = pools.loans(draw)
    classes = [{"loan_id": row["loan_id"], "five_class": draw.choice(codes.CLASSES.words)} for row in loans]
    told, paid, happened = pools.histories(draw, loans), pools.payments(draw, loans), pools.events(draw, loans)
    agreed = pools.reconciliations(draw, loans)
    given = [frame(spark, of, rows) for of, rows in (
        (LOAN_DAY, loans), (LOAN_CLASS, classes), (LOAN_MONTH, told), (RECONCILIATION, agreed), (feeds.REPAYMENT, paid),
        (feeds.LOAN_EVENT, happened))]  # fmt: skip
    named, strings = {r["loan_id"]: r["five_class"] for r in classes}, {r["loan_id"]: r["own_statuses"] for r in told}

    def expected(by: str, past: Rows) -> dict[str, Told]:
        return {
            name: _of_group(
                pools.of_book([row for row in loans if row[by] == name], named, strings, paid, happened),
                [row for row in agreed if row[by] == name], [row for row in past if row[by] == name],
            ) for name in {row[by] for row in loans}
        }  # fmt: skip

    past = month_ends(draw, "pool_id", loans)
    found = by_name(pool_indicator(*given, of_the_line(spark, POOL_INDICATOR, past), D), "pool_id")
    agree(found, pool.INDICATORS, expected("pool_id", past))
    assert {name: tuple(row[f"{gap}_gap"] for gap in pool.GAPS) for name, row in found.items()} == {
        name: gaps(name, loans, agreed, past) for name in found
    }
    past, deliveries = month_ends(draw, "partner_id", loans), [delivery(draw, n) for n in range(300)]
    line = of_the_line(spark, PARTNER_INDICATOR, past)
    found = by_name(partner_indicator(*given, line, frame(spark, DELIVERY, deliveries), D), "partner_id")
    of_partner = {name: {**row, **delivered(loans, name, deliveries)} for name, row in expected("partner_id", past).items()}
    agree(found, pool.PARTNER_INDICATORS, of_partner)


def by_name(found: DataFrame, by: str) -> dict[str, Row]:
    return {row[by]: row.asDict() for row in found.collect()}


def month_ends(draw: random.Random, by: str, loans: Rows) -> Rows:
    """Of some the last month-ends, up to twelve; `loans` is how many days ago. One never moved."""
    def value() -> int | None:
        return draw.choice([0, 100, 4000, 9999, None])

    return [
        {by: name, "loans": (D - date(2025 - (month > 1), (13 - month) % 12 + 1, 1)).days + 1,
         **{of: value() for of in CHANGES.values()}, **{of: 5 if place == 3 else value() for of in DEVIATIONS.values()}}
        for place, name in enumerate(sorted({row[by] for row in loans})) for month in range(3 * place % 13)
    ]  # fmt: skip


def of_the_line(spark: SparkSession, of: Table, past: Rows) -> DataFrame:
    return frame(spark, of, past).withColumn("as_of", F.date_sub(F.lit(D), F.col("loans")))


def _of_group(book: Told, agreed: Rows, past: Rows) -> Told:
    newest = sorted(past, key=lambda row: int(row["loans"]))
    changes = {name: _change(book[of], [row[of] for row in newest[:3]]) for name, of in CHANGES.items()}
    deviations = {name: _deviation(book[of], [row[of] for row in newest]) for name, of in DEVIATIONS.items()}
    return {**book, **pools.of_reconciliation(agreed), **changes, **deviations}


def _change(now: int | None, past: list[int | None]) -> int | None:
    known = [value for value in past if value is not None]
    return None if now is None or not known else now - sum(known) // len(known)


def _deviation(now: int | None, past: list[int | None]) -> int | None:
    """From the mean, in standard deviations of those known; of fewer than three none."""
    known = [value for value in past if value is not None]
    n, total, squares = len(known), sum(known), sum(value * value for value in known)
    if now is None or n < 3 or n * squares == total * total:
        return None
    return math.floor(10_000 * (now - total // n) / (math.sqrt(n * squares - total * total) / n))


def gaps(name: str, loans: Rows, agreed: Rows, past: Rows) -> tuple[str, ...]:
    """Repayment, schedule, payer, history, ledger, bank, line."""
    mine = [row for row in agreed if row["pool_id"] == name]
    lacking = ("absent" if not mine or None in [row[of] for row in mine] else "none"
               for of in ("ledger_balance_minor", "unbacked_minor"))  # fmt: skip
    late = any(row["repayment_gap"] == "late" for row in loans if row["pool_id"] == name)
    return (
        "late" if late else "none", "absent" if name == "pool-01" else "none",
        "absent" if name in ("pool-01", "pool-02") else "none", "too_short" if name == "pool-03" else "none", *lacking,
        "none" if sum(row["pool_id"] == name for row in past) >= 3 else "too_short",
    )  # fmt: skip


def delivery(draw: random.Random, number: int) -> dict[str, Any]:
    """Partner P05 never sends behaviour."""
    sender = f"P0{draw.randrange(6)}"
    feed = "repayment" if sender == "P05" else draw.choice(["repayment", "behaviour"])
    return {"delivery_no": number + 1, "sender": sender, "feed": feed, "rows_in": draw.choice([0, 100]),
            "rows_rejected": draw.choice([0, 3, 100]), "business_on": D - timedelta(draw.choice([2, 3, 29, 30, 60]))}  # fmt: skip


def delivered(loans: Rows, partner: str, deliveries: Rows) -> Told:
    mine = [row for row in deliveries if row["sender"] == partner]
    recent = [row for row in mine if row["business_on"] > D - timedelta(30)]
    owed = sum(row["balance_minor"] for row in loans if row["partner_id"] == partner)

    def behind(feed: str) -> int | None:
        return min(((D - row["business_on"]).days for row in mine if row["feed"] == feed), default=None)

    return {
        "book_share_bp": bp(owed, sum(row["balance_minor"] for row in loans)),
        "pools": len({row["pool_id"] for row in loans if row["partner_id"] == partner}),
        "repayment_days_behind": behind("repayment"), "behaviour_days_behind": behind("behaviour"),
        "rejected_share_30d_bp": bp(sum(row["rows_rejected"] for row in recent), sum(row["rows_in"] for row in recent)),
    }  # fmt: skip
