"""A feed changes over the years: old layouts are taken as long as was agreed, old rows stay readable."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from admit.desk import Desk
from admit.parcel import PARCEL, ROW, UNTIL, deliver
from cli import loanwatch

from loanwatch.admit.batch import Admission
from loanwatch.admit.contact_feeds import CONTACT_ATTEMPT
from loanwatch.admit.delivery import MANIFEST, DeliveryWriter, Place
from loanwatch.admit.feed_version import changes
from loanwatch.admit.feeds import FEEDS
from loanwatch.tables import Older

AFTER = UNTIL + dt.timedelta(1)
ATTEMPT: dict[str, Any] = {"attempt_id": "T1", "attempted_on": "2025-03-01", "customer_id": "P01:C1", "contact_no": 1,
                           "channel": "call", "collector": "agency", "outcome": "no_answer"}  # fmt: skip


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def judged(desk: Desk) -> list[tuple[str, int | None]]:
    return [(row["reason"] or row["outcome"], row["version"]) for row in desk.ledger()]


def test_an_old_layout_is_taken_up_to_its_last_day_and_reads_null_where_it_had_nothing(desk: Desk) -> None:
    deliver(desk, "contact_attempt", [ATTEMPT], UNTIL)
    deliver(desk, "contact_attempt", [{**ATTEMPT, "hour": 9, "attempt_id": "T2", "collector": "robot"}], UNTIL, 2)
    deliver(desk, "contact_attempt", [{**ATTEMPT, "attempt_id": "T3"}], AFTER)
    desk.admit(AFTER)
    over = ("version 1 of contact_attempt was taken up to 2026-06-30; "
            "`loanwatch feeds diff contact_attempt@1 contact_attempt@2` says what has changed since")  # fmt: skip
    assert judged(desk) == [("admitted", 1), ("admitted", 2), (over, None)]
    assert {row["attempt_id"]: row["hour"] for row in desk.rows("contact_attempt")} == {"T1": None, "T2": 9}


def test_the_manifest_may_name_the_version(desk: Desk) -> None:
    new = {**ATTEMPT, "hour": 9}
    for sequence, (row, version) in enumerate([(ATTEMPT, 1), (new, 2), (new, 1), (ATTEMPT, 2), (new, 3)], start=1):
        deliver(desk, "contact_attempt", [row], UNTIL, sequence, version)
    desk.admit(UNTIL)
    assert judged(desk) == [
        ("admitted", 1), ("admitted", 2),
        ("rows.csv: unknown column of 4 characters; is there a header?", None),
        ("rows.csv: no column hour", None),
        (f"{MANIFEST}: version 3 of contact_attempt is not known; the newest is 2", None),
    ]  # fmt: skip


def test_a_word_that_came_later_is_not_of_the_old_list(desk: Desk) -> None:
    deliver(desk, "contact_attempt", [{**ATTEMPT, "collector": "robot"}], UNTIL)
    desk.admit(UNTIL)
    assert [row["reasons"] for row in desk.rejected()] == [["collector: not of the code list collector"]]


def test_what_fits_no_version_is_refused_by_the_newest(desk: Desk) -> None:
    deliver(desk, "contact_attempt", [{"attempt_id": "T1", "hours": 9}], UNTIL)
    desk.admit(UNTIL)
    assert "did you mean hour?" in judged(desk)[0][0]


def test_a_file_that_fits_several_versions_follows_the_newest(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """New columns that nobody has to send are no reason to be of an old version, or to be refused when that is over."""
    monkeypatch.setitem(FEEDS, "parcel", PARCEL.at(2))
    deliver(desk, "parcel", [ROW], AFTER)
    desk.admit(AFTER)
    assert judged(desk) == [("admitted", 2)]


def test_a_lake_of_an_older_version_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by version 1, continued by version 3: new columns are null in old rows, wider numbers fit, versions supersede."""
    monkeypatch.setitem(FEEDS, "parcel", PARCEL.at(1))
    day = dt.date(2024, 12, 31)
    deliver(desk, "parcel", [ROW, {**ROW, "parcel_id": "2"}], day)
    desk.admit(day)
    monkeypatch.setitem(FEEDS, "parcel", PARCEL)
    old = {"parcel_id": "2", "kind": "box", "weight": 5, "label": None, "note": None, "fee": None}
    assert {name: row[name] for row in desk.rows("parcel") if row["parcel_id"] == "2" for name in old} == old
    with DeliveryWriter(desk.inbox, PARCEL, Place("parcel", "P01", UNTIL, 1), UNTIL) as writer:
        whole = {**ROW, "posted_on": UNTIL, "weight": 10**12, "kind": "bag", "label": "Wang", "note": "x", "fee": 3}
        writer.write(pa.Table.from_pylist([whole], schema=writer.schema))
    deliver(desk, "parcel", [{**ROW, "parcel_id": "3", "kind": "bag", "label": "Li"}], UNTIL, 2)
    desk.admit(UNTIL)
    assert judged(desk) == [("admitted", 1), ("admitted", 3), ("admitted", 2)]
    found = {(row["parcel_id"], row["delivery_no"]): (row["weight"], row["note"], row["fee"]) for row in desk.rows("parcel")}
    assert found == {("1", 1): (5, None, None), ("2", 1): (5, None, None), ("1", 2): (10**12, "x", 3), ("3", 3): (5, None, None)}
    labels = {row["label"] for row in desk.rows("parcel")} - {None}
    assert set(desk.vault.reveal(labels).values()) == {"Wang", "Li"}


def test_a_list_left_unfinished_by_the_older_program_is_finished(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its staged files have the old columns and the narrow numbers."""
    monkeypatch.setitem(FEEDS, "parcel", PARCEL.at(1))
    day = dt.date(2024, 12, 31)
    deliver(desk, "parcel", [ROW], day)
    desk.admit(day)
    deliver(desk, "parcel", [{**ROW, "parcel_id": "2"}], day, 2)
    with monkeypatch.context() as killed:
        killed.setattr(Admission, "_finish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            desk.admit(day)
    monkeypatch.setitem(FEEDS, "parcel", PARCEL)
    deliver(desk, "parcel", [{**ROW, "weight": 10**12, "fee": 1, "parcel_id": "3"}], day, 3)
    desk.admit(day)
    assert {(row["parcel_id"], row["weight"], row["fee"]) for row in desk.rows("parcel")} == {
        ("1", 5, None), ("2", 5, None), ("3", 10**12, 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("older", "says"),
    [
        (Older(UNTIL, lacks=("parcel_id",)), "no fact parcel_id"),
        (Older(UNTIL, narrower=("fee",)), "fee is no long"),
        (Older(UNTIL, lacks_words=(("kind", "crate"),)), "kind has no word crate"),
    ],
)
def test_a_history_that_cannot_have_been_is_an_error(older: Older, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(PARCEL, older=(older,))


def test_versions_of_all_feeds_end_one_after_the_other() -> None:
    for feed in FEEDS.values():
        ends = [older.until for older in feed.older]
        assert ends == sorted(ends), feed.name


def test_what_has_changed_is_told() -> None:
    assert changes(PARCEL.at(1), PARCEL.at(2)) == [
        ("label", "new: string"), ("note", "new: string"), ("kind", "new words: bag"), ("weight", "type: int is now long"),
    ]  # fmt: skip
    assert changes(PARCEL, PARCEL) == []
    assert changes(CONTACT_ATTEMPT, CONTACT_ATTEMPT.at(1)) == [("hour", "gone"), ("collector", "gone words: robot")]


def test_the_command_tells_it_too() -> None:
    said = loanwatch("feeds", "diff", "contact_attempt@1", "contact_attempt@2")
    assert said.returncode == 0 and "hour" in said.stdout and "new words: robot" in said.stdout, said.stderr
    assert "1 is taken up to 2026-06-30" in loanwatch("feeds", "contact_attempt").stdout
    wrongs = ((("diff", "loan@1", "pool@1"), "two feeds"), (("loan@2",), "no version '2' of loan"), (("diff",), "no feed"))
    for wrong, says in wrongs:
        refused = loanwatch("feeds", *wrong)
        assert refused.returncode == 2 and says in refused.stderr, refused.stderr
