"""What is missing of a partner's feed: nothing, the latest part, or all of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.admit.tables import DELIVERY
from loanwatch.gaps import gaps

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)


def test_a_feed_is_late_once_its_last_delivery_is_older_than_allowed(spark: SparkSession) -> None:
    """Deliveries in days ago; two days are fresh. A partner that never sent the feed has no row."""
    sent = {"today": [9, 0], "fresh": [2], "late": [30, 3], "out_of_order": [1, 7]}
    rows = [{"feed": "repayment", "sender": name, "business_on": D - timedelta(n)} for name, ago in sent.items() for n in ago]
    others = [{"feed": "behaviour", "sender": name, "business_on": D} for name in ("late", "never")]
    found = gaps(frame(spark, DELIVERY, [*rows, *others]), "repayment", D, 2).collect()
    assert {row["partner_id"]: (row["gap"], (D - row["since"]).days) for row in found} == {
        "today": ("none", 9), "fresh": ("none", 2), "late": ("late", 30), "out_of_order": ("none", 7),
    }  # fmt: skip
