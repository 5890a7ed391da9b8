"""Attempts and publication on a real lake, without Spark (runs.md 6-9)."""

from __future__ import annotations

import multiprocessing
from datetime import date
from pathlib import Path

import pytest

from loanwatch.errors import NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication

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
