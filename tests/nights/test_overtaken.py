"""A restatement that is overtaken by a night, or killed, at one point of its work after another."""

from __future__ import annotations

from pathlib import Path

import pytest
from nights.plain import DAYS, LOANS, Book
from nights.processes import Process

from loanwatch.restatement import Restatement
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_waiting")]


def restated(book: Book, everything: int) -> list[Attempt]:
    return Restatement(DAYS[0], everything).perform(book.application())


def halted(folder: Path, times: int) -> tuple[Book, Process, int]:
    """A book with two nights, the second of which knew that the first was told too much, and a restatement that is halted."""
    book = Book.begun(folder)
    book.send(DAYS[1], [("A", DAYS[0], LOANS[0], 3)], DAYS[1])
    everything = book.application().night(DAYS[1]).known
    book.send(DAYS[2], [("C", DAYS[2], LOANS[1], 3)], DAYS[2])
    process = Process(lambda: restated(book, everything))
    process.step(times)
    return book, process, everything


@pytest.mark.parametrize("times", range(1, 30, 2))
def test_a_restatement_that_a_night_overtakes_anywhere(tmp_path: Path, times: int) -> None:
    """Either the night is told to wait, or the line includes its date."""
    book, process, everything = halted(tmp_path, times)
    night = Process(lambda: book.application().night(DAYS[2]))
    night.finish()
    process.finish()
    book.check()
    if process.refused:
        restated(book, everything)
    book.application().night(DAYS[2])
    book.check()
    assert [book.current()[day].kind for day in DAYS[:2]] == ["restatement"] * 2
    assert sorted(book.current()) == DAYS[:3]


@pytest.mark.parametrize("times", range(1, 30, 2))
def test_a_restatement_that_is_killed_anywhere(tmp_path: Path, times: int) -> None:
    """It is invisible and in no night's way, and the same command completes it."""
    book, process, everything = halted(tmp_path, times)
    process.kill()
    assert len({a.kind for a in book.current().values()}) == 1
    night = book.application().night(DAYS[2])
    assert (night.as_of, night.kind, night.state) == (DAYS[2], "night", "published")
    book.check()
    restated(book, everything)
    book.check()
    assert [book.current()[day].kind for day in DAYS[:2]] == ["restatement"] * 2
    assert not [a for a in publication.attempts(book.lake) if a.state in publication.RUNNING]


def test_what_was_left_unfinished_is_given_up_by_another_command_and_begun_anew_by_the_same(tmp_path: Path) -> None:
    book, process, everything = halted(tmp_path, 20)
    process.kill()
    Restatement(DAYS[1], everything).perform(book.application())
    assert [(a.release, a.as_of, a.state) for a in publication.attempts(book.lake)][2:] == [
        (3, DAYS[0], "abandoned"), (3, DAYS[1], "abandoned"), (4, DAYS[1], "published"),
    ]  # fmt: skip
    again = restated(book, everything)
    assert [(a.release, a.replaces) for a in again] == [(5, 1), (5, 4)]
    book.check()


def test_a_restatement_that_is_tried_again_after_it_was_published_changes_nothing(tmp_path: Path) -> None:
    book, process, everything = halted(tmp_path, 1000)
    assert process.ended and process.refused is None
    before = publication.attempts(book.lake)
    assert {a.release for a in restated(book, everything)} == {3}
    assert publication.attempts(book.lake) == before
    assert [a.release for a in Restatement(DAYS[0], everything, conf_now=True).perform(book.application())] == [3, 3]
    book.floor = 4
    assert [a.release for a in Restatement(DAYS[0], everything, conf_now=True).perform(book.application())] == [4, 4]
    book.check()
