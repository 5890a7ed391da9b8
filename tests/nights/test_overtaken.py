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
    """A book with two nights, the second of which knew a late row, and a restatement of both that is halted."""
    book = Book.begun(folder)
    book.send(DAYS[1], [("B", DAYS[0], LOANS[1], 6)], DAYS[1])
    everything = book.application().night(DAYS[1]).known
    book.send(DAYS[2], [("C", DAYS[2], LOANS[0], 3)], DAYS[2])
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
