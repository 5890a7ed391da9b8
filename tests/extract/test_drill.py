"""From a field of a form down to delivered rows, on a lake without Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cli import loanwatch
from extract.test_east import CHANGE
from extract.test_hand_in import D, sealed_lake

from loanwatch.admit import feeds
from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.extract import drill
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_CHANGE, BASE_LOAN


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A loan that changed class twice and another that did once; who judged, and what was delivered of them."""
    judged = {"class_now": "loss", "cause": "CN5-JD-LS", "judged": True, "judged_by": "E7", "changed_on": date(2025, 3, 9)}
    rows = [{**CHANGE, "loan_id": "P01:L1"}, {**CHANGE, **judged, "loan_id": "P01:L1"}, {**CHANGE, "loan_id": "P01:L2"}]
    stands = {"withdrawn": False}
    review = {**stands, "review_id": "9", "subject": "loan", "subject_id": "P01:L1", "decided_on": D, "line_no": 2}
    contract = {**stands, "valid_from": date(2025, 1, 1), "customer_id": "P01:C1", "line_no": 4}
    events = [{**stands, "loan_id": "P01:L1", "event_id": f"E{n}", "happened_on": date(2025, 2, n), "line_no": n}
              for n in range(1, 6)]  # fmt: skip
    tables = {
        BASE_CHANGE: rows, REVIEW.table: [review], feeds.LOAN_EVENT.table: events,
        feeds.LOAN.table: [{**contract, "loan_id": f"P01:L{n}"} for n in (1, 2)],
        feeds.BORROWER.table: [{**stands, "customer_id": "P01:C1", "valid_from": date(2025, 1, 2), "line_no": 8}],
    }  # fmt: skip
    return sealed_lake(tmp_path / "lake", tables)


def drilled(lake: Lake, field: str, *more: str) -> str:
    done = loanwatch("drill", "east/705", field, "--date", D, "--lake", lake.path, "--env", "test", *more)
    assert done.returncode == 0, done.stderr
    return "\n".join(line for line in done.stdout.splitlines() if "is not set" not in line)


def test_a_field_is_told_by_its_values_and_their_loans(lake: Lake) -> None:
    lines = [line.split() for line in drilled(lake, "XWJFL").splitlines()]
    assert lines[1:] == [["关注", "2", "P01:L1,", "P01:L2"], ["损失", "1", "P01:L1"]]
    assert drilled(lake, "XWJFL", "--value", "损失").splitlines()[1].split() == ["损失", "1", "P01:L1"]


def test_a_record_is_told_by_what_the_field_reads_and_by_the_newest_delivered_rows(lake: Lake) -> None:
    told = drilled(lake, "BDFS", "--loan", "P01:L1").splitlines()
    by = "  by '人工' where judged; '自动' where true"
    assert told[:6] == [
        "record 1: BDFS 变动方式 = 自动", by, "  from report.base_change: loan_id P01:L1, changed_on 2025-03-07, judged False",
        "record 2: BDFS 变动方式 = 人工", by, "  from report.base_change: loan_id P01:L1, changed_on 2025-03-09, judged True",
    ]  # fmt: skip
    assert "  rests on loan: delivery 1 line 4 of 2025-01-01" in told
    assert "  rests on borrower: delivery 1 line 8 of 2025-01-02" in told
    assert "  rests on review: delivery 1 line 2 of 2025-03-31" in told
    assert any(line.startswith("  rests on loan_event: delivery 1 line 5 of 2025-02-05; ") and line.endswith("and 2 older")
               for line in told)  # fmt: skip


def test_what_is_not_there_is_told(lake: Lake) -> None:
    for arguments, said in (
        (("XWJFX",), "east/705 has no field 'XWJFX'; did you mean 'XWJFL'?"),
        (("XWJFL", "--loan", "P01:L9"), "loan 'P01:L9' is in no record of east/705 of 2025-03-31"),
    ):
        done = loanwatch("drill", "east/705", *arguments, "--date", D, "--lake", lake.path, "--env", "test")
        assert done.returncode == 2 and said in done.stderr.replace("\n", " ")


def test_a_base_table_rests_on_the_feeds_of_all_steps_that_lead_to_it() -> None:
    behind = {table.name: [feed.name for feed in drill.behind(table)] for table in (BASE_CHANGE, BASE_LOAN)}
    assert {"loan", "repayment", "loan_event", "review", "impairment"} <= set(behind["report.base_change"])
    assert {"valuation", "pledge", "instalment"} <= set(behind["report.base_loan"])
    assert "contact_attempt" not in behind["report.base_loan"]
