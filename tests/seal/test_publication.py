"""Attempts and publication on a real lake, without Spark (runs.md 6-9)."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from loanwatch.errors import NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.seal.tables import PUBLICATION

D1, D2 = date(2025, 3, 1), date(2025, 3, 2)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.open("test")
    return made


def published(lake: Lake, day: date, known: int = 1) -> publication.Attempt:
    attempt = publication.open_attempt(lake, day, "a test")
    return publication.publish(lake, publication.fix(lake, attempt, known, "conf", "code"))


def test_a_release_is_read_once_published_and_never_before(lake: Lake) -> None:
    attempt = publication.open_attempt(lake, D1, "a test")
    with pytest.raises(UsageError, match="nothing is published"):
        publication.find(lake, D1)
    publication.publish(lake, publication.fix(lake, attempt, 3, "conf", "code"))
    found = publication.find(lake, D1)
    assert (found.release, found.parent, found.known, found.publication_no) == (1, None, 3, 1)


def test_each_release_has_the_current_release_of_the_date_before_as_parent(lake: Lake) -> None:
    published(lake, D1)
    second = published(lake, D2, known=2)
    assert (second.release, second.parent) == (2, 1)


def test_one_attempt_at_a_time_and_numbers_are_never_reused(lake: Lake) -> None:
    first = publication.open_attempt(lake, D1, "a test")
    with pytest.raises(NotNow, match="held by a test"):
        publication.open_attempt(lake, D1, "another")
    publication.abandon(lake, first, "a gate failed")
    assert publication.open_attempt(lake, D1, "another").release == 2


def test_what_was_abandoned_is_not_published(lake: Lake) -> None:
    attempt = publication.fix(lake, publication.open_attempt(lake, D1, "a test"), 1, "conf", "code")
    publication.abandon(lake, attempt, "a gate failed")
    with pytest.raises(NotNow, match="no longer open"):
        publication.publish(lake, attempt)
    assert publication.current(publication.attempts(lake)) == {}


def test_k_never_falls_along_a_line(lake: Lake) -> None:
    published(lake, D1, known=5)
    attempt = publication.fix(lake, publication.open_attempt(lake, D2, "a test"), 4, "conf", "code")
    with pytest.raises(NotNow, match="knows less"):
        publication.publish(lake, attempt)


def test_a_reader_with_a_pinned_publication_sees_one_line(lake: Lake) -> None:
    published(lake, D1)
    published(lake, D2)
    assert set(publication.current(publication.attempts(lake), pinned=1)) == {D1}


def _publish(path: Path, release: int, gate: object, wins: object) -> None:
    lake = Lake(path)
    attempt = next(a for a in publication.attempts(lake) if a.release == release)
    gate.wait()  # type: ignore[attr-defined]
    try:
        publication.publish(lake, attempt)
        wins.put("won")  # type: ignore[attr-defined]
    except NotNow:
        wins.put("lost")  # type: ignore[attr-defined]


def test_of_two_publishers_at_once_one_wins(lake: Lake) -> None:
    context = multiprocessing.get_context("spawn")
    for day in (D1, D2, date(2025, 3, 3)):
        attempt = publication.fix(lake, publication.open_attempt(lake, day, "a test"), 1, "conf", "code")
        gate, wins = context.Barrier(2), context.Queue()
        racers = [context.Process(target=_publish, args=(lake.path, attempt.release, gate, wins)) for _ in range(2)]
        for racer in racers:
            racer.start()
        assert sorted(wins.get(timeout=60) for _ in racers) == ["lost", "won"]
        for racer in racers:
            racer.join()
    assert len(publication.current(publication.attempts(lake))) == 3


def line(lake: Lake, first: date, known: int) -> publication.Attempt:
    """A line from a date to the latest, inserted beside the nights; its first row."""
    attempts = publication.attempts(lake)
    number = publication.next_release(attempts)
    now = [a for day, a in sorted(publication.current(attempts).items()) if day >= first]
    rows = [replace(a, release=number, replaces=a.release, kind="restatement", state="building", publication_no=None,
                    through_delivery_no=max(known, a.known), parent=a.parent if a is now[0] else number) for a in now]  # fmt: skip
    return publication.insert(lake, rows)[0]


def test_a_line_is_built_beside_a_night_and_published_with_all_its_dates_at_once(lake: Lake) -> None:
    published(lake, D1)
    restated = line(lake, D1, known=2)
    published(lake, D2, known=2)
    again = line(lake, D1, known=2)
    publication.publish(lake, publication.open_line(lake, again)[0])
    now = publication.current(publication.attempts(lake))
    assert [(now[day].release, now[day].parent, now[day].publication_no) for day in (D1, D2)] == [(4, None, 3), (4, 4, 3)]
    assert publication.parent_of(publication.attempts(lake), now[D2]) == now[D1]
    assert publication.find(lake, D1, first=True).release == 1
    assert {day: a.release for day, a in publication.current(publication.attempts(lake), pinned=2).items()} == {D1: 1, D2: 3}
    assert publication.line_of(lake, restated)[0].state == "building"


def test_a_line_without_a_date_that_was_published_meanwhile_is_refused(lake: Lake) -> None:
    published(lake, D1)
    restated = line(lake, D1, known=2)
    published(lake, D2, known=2)
    opened = publication.open_line(lake, restated)[0]
    with pytest.raises(NotNow, match=f"of {D2}: parent 1 is no longer the current release"):
        publication.publish(lake, opened)


def test_a_line_waits_for_an_open_night_and_a_night_for_an_open_line(lake: Lake) -> None:
    published(lake, D1)
    restated = line(lake, D1, known=2)
    attempt = publication.open_attempt(lake, D2, "a test")
    with pytest.raises(NotNow, match=f"an attempt for {D2} is open"):
        publication.open_line(lake, restated)
    publication.abandon(lake, attempt, "a gate failed")
    publication.open_line(lake, restated)
    with pytest.raises(NotNow, match=f"an attempt for {D1} is open"):
        publication.open_attempt(lake, D2, "a test")


def test_of_two_lines_for_the_same_dates_the_second_is_refused_and_none_forgets(lake: Lake) -> None:
    published(lake, D1, known=3)
    first, second, forgetful = line(lake, D1, known=5), line(lake, D1, known=5), line(lake, D1, known=3)
    publication.publish(lake, publication.open_line(lake, first)[0])
    for late in (second, forgetful):
        opened = publication.open_line(lake, late)[0]
        with pytest.raises(NotNow, match=f"{D1} is published already, as release 2"):
            publication.publish(lake, opened)
        publication.abandon(lake, opened, "another was faster")
    assert [a.state for a in publication.attempts(lake)] == ["published", "published", "abandoned", "abandoned"]


def test_a_lake_of_before_restatements_is_read_and_written(lake: Lake) -> None:
    before = replace(PUBLICATION, columns=tuple(column for column in PUBLICATION.columns if column.name != "replaces"))
    old = Lake(lake.path.with_name("old"))
    old.open("test")
    row = {**dict.fromkeys(before.names), "release": 1, "as_of": D1, "through_delivery_no": 3, "kind": "night",
           "state": "published", "holder": "long ago", "publication_no": 1}  # fmt: skip
    old.append(before, [row])
    assert publication.find(old, D1).replaces is None
    assert published(old, D2, known=3).parent == 1


def test_month_ends_are_those_of_the_line_of_parents(lake: Lake) -> None:
    """Daily nights over two month-ends, of which the first is restated: the night after follows the line it stands on."""
    days = [date(2025, 1, 31) + timedelta(n) for n in range(30)]
    nights = [published(lake, day, known=n + 1) for n, day in enumerate(days)]
    line = [
        replace(night, release=31, parent=31 if n else None, replaces=night.release, kind="restatement", state="building",
                publication_no=None, through_delivery_no=99)
        for n, night in enumerate(nights)
    ]  # fmt: skip
    restated = publication.publish(lake, publication.open_line(lake, publication.insert(lake, line)[0])[0])
    after = published(lake, date(2025, 3, 2), known=99)
    known = publication.attempts(lake)

    def seen(attempt: publication.Attempt, months: int) -> list[tuple[date, int]]:
        return [(of.as_of, of.release) for of in publication.month_ends(known, attempt, months)]

    jan, feb = date(2025, 1, 31), date(2025, 2, 28)
    assert seen(after, 13) == [(feb, 31), (jan, 31)]
    assert seen(after, 1) == [(feb, 31)]
    assert seen(nights[-1], 13) == [(feb, 29), (jan, 1)], "as first published"
    assert seen(nights[-2], 13) == [(jan, 1)], "itself is not before itself"
    assert seen(restated, 13) == []
