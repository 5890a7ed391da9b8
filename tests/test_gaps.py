"""What is missing of a partner's feed: nothing, some of its business dates, or all of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.admit.tables import DELIVERY
from loanwatch.gaps import Expected, gaps

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)


def test_a_feed_is_late_while_a_business_date_is_missing(spark: SparkSession) -> None:
    """Deliveries in days ago; two days behind is allowed. A partner that never sent the feed has no row."""
    sent = {"today": range(5), "behind": [3, 2], "late": [5, 4, 3], "hole": [4, 2, 1, 0], "out_of_order": [1, 3, 2], "new": [0],
            "slip": [4000, 0]}  # fmt: skip
    rows = [{"feed": "repayment", "sender": name, "business_on": D - timedelta(n)} for name, ago in sent.items() for n in ago]
    others = [{"feed": "behaviour", "sender": name, "business_on": D} for name in ("late", "never")]
    delivery = frame(spark, DELIVERY, [*rows, *others])
    found = gaps(delivery, "repayment", D, Expected("daily", {"repayment": 2}, {"slip": D})).collect()
    assert {row["partner_id"]: (row["gap"], (D - row["since"]).days) for row in found} == {
        "today": ("none", 4), "behind": ("none", 3), "late": ("late", 5), "hole": ("late", 4), "out_of_order": ("none", 3),
        "new": ("none", 0), "slip": ("none", 4000),
    }  # fmt: skip


def test_a_month_end_calendar_expects_month_ends(spark: SparkSession) -> None:
    """The certificate's list and the engine's gap say the same."""
    ends = [date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 28)]
    sent = {"all": ends, "hole": [ends[0], ends[2]], "late": ends[:2], "mid_month": [date(2025, 1, 15), *ends[1:]]}
    rows = [{"feed": "repayment", "sender": name, "business_on": day} for name, days in sent.items() for day in days]
    expected = Expected("month_end", {"repayment": 0}, {})
    found = {row["partner_id"]: row["gap"] for row in gaps(frame(spark, DELIVERY, rows), "repayment", D, expected).collect()}
    assert found == {"all": "none", "hole": "late", "late": "late", "mid_month": "none"}
    missing = {name: expected.missing("repayment", name, days, D) for name, days in sent.items()}
    assert missing == {"all": [], "hole": [ends[1]], "late": [ends[2]], "mid_month": []}
