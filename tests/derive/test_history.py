"""What is read off the statuses of past month-ends, against a reference in plain Python."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from derive.test_loan_indicator import by_loan
from derive.test_loan_indicator import performed as indicators

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LATE = "1234567"


def test_what_past_months_tell(spark: SparkSession) -> None:
    """Of drawn histories; a gap is a month-end that is not known among the last six, or fewer than the loan has had, up to six."""
    draw = random.Random(7)
    statuses = ["", "N", "1", "#", "N" * 60, "1" * 60, "7654321N", "NN#", "NNNNNN#"]
    statuses += ["".join(draw.choices("NNN1234567#", k=draw.randrange(1, 61))) for _ in range(60)]
    rows: list[dict[str, Any]] = []
    for n, text in enumerate(statuses):
        opened = date(2025, 3, 1) - timedelta(draw.choice([0, 20, 70, 150, 400, 2000]))
        rows.append({"loan_id": f"P01:{n}", "opened_on": opened, "own_statuses": text})
    on_book = [{"loan_id": row["loan_id"], "opened_on": row["opened_on"]} for row in rows]
    histories = [{"loan_id": row["loan_id"], "own_statuses": row["own_statuses"]} for row in rows]
    expected = {row["loan_id"]: reference(row["own_statuses"], row["opened_on"]) for row in rows}
    names = list(expected["P01:0"])
    found = by_loan(indicators(spark, on_book, histories=histories), *names)
    for row in rows:
        assert dict(zip(names, found[row["loan_id"]], strict=True)) == expected[row["loan_id"]], row
    assert {told["history_gap"] for told in expected.values()} == {"none", "late", "too_short"}


def reference(text: str, opened: date) -> dict[str, Any]:
    months = (2025 - opened.year) * 12 + 3 - opened.month
    gap = "late" if "#" in text[:6] else "too_short" if len(text) < min(months, 6) else "none"
    late = {f"late_months_{n}m": sum(letter in LATE for letter in text[:n]) for n in (3, 6, 12, 24)}
    worst = {f"worst_status_{n}m": max([int(c) for c in text[:n] if c in LATE], default=0) for n in (3, 12, 60)}
    at = {f"status_{n}m_ago": {"N": 0, "#": None}.get(c, c and int(c if c in LATE else 0)) if (c := text[n - 1 : n]) else None
          for n in (1, 2, 3)}  # fmt: skip
    streaks = {"late_streak": len(text) - len(text.lstrip(LATE)), "clean_streak": len(text) - len(text.lstrip("N"))}
    told = {**late, **worst, **at, **streaks}
    known = sum(letter != "#" for letter in text)
    return {"history_gap": gap, "months_known": known, **(told if gap == "none" else dict.fromkeys(told))}
