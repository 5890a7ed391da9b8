"""Random histories (runs.md): deliveries in any order; nights and restatements halted, overtaken and killed between any
two commits; gates that fail; a configuration that changes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from nights.plain import DAYS, END, IMPOSSIBLE, LOANS, Book, State, stored
from nights.processes import Process

from loanwatch.admit.delivery import MANIFEST
from loanwatch.commands.night import unlock
from loanwatch.errors import NotNow
from loanwatch.restatement import Restatement, known_by
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_waiting")]

# How many things a process does before another one's turn; a night does about thirty.
TIMES = st.sampled_from((1, 3, 8, 20, 40, 1000, 1000, 1000))


class History(RuleBasedStateMachine):
    """What may happen to a lake, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.book = Book.begun(Path(self.folder.name))
        self.processes: list[Process] = []
        self.broken: list[tuple[Path, bytes]] = []
        self.sealed: dict[tuple[int, date], State] = {}
        self.first: dict[date, Attempt] = {}

    def begin(self, work: Callable[[], object], times: int) -> None:
        """A process that does so many things, and is then halted; others may overtake it."""
        self.processes.append(Process(work))
        self.go_on(len(self.processes) - 1, times)

    def go_on(self, which: int, times: int) -> None:
        process = self.processes[which % len(self.processes)]
        process.step(times)
        if process.ended:
            self.processes.remove(process)

    rows = st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(LOANS), st.integers(-2, 1), st.sampled_from((1, 3, 6, 6, IMPOSSIBLE))),
        min_size=1, max_size=2,
    )  # fmt: skip

    @rule(day=st.sampled_from(DAYS), rows=rows, sent=st.sampled_from(DAYS), whole=st.sampled_from((True, True, True, False)))
    def send(self, day: date, rows: list[tuple[str, str, int, int]], sent: date, whole: bool) -> None:
        told = [(key, day + timedelta(on), loan, paid) for key, loan, on, paid in rows]
        folder = self.book.send(day, told, sent)
        if not whole:
            file = next(path for path in folder.iterdir() if path.name != MANIFEST)
            self.broken.append((file, file.read_bytes()))
            file.write_bytes(b"x")

    @precondition(lambda self: self.book.due() <= DAYS[-1] and len(self.processes) < 3)
    @rule(times=TIMES)
    def night(self, times: int) -> None:
        running, day = self.book.application(), self.book.due()
        self.begin(lambda: running.night(day), times)

    @precondition(lambda self: self.book.current() and len(self.processes) < 3)
    @rule(back=st.integers(0, 2), knowing=st.sampled_from(("all", "as now", "as first")), conf_now=st.booleans(), times=TIMES)
    def restate(self, back: int, knowing: str, conf_now: bool, times: int) -> None:
        running, now = self.book.application(), self.book.current()
        day = sorted(now)[-1 - back % len(now)]
        told = {"all": None, "as now": str(now[day].known), "as first": str(day)}[knowing]
        self.begin(lambda: Restatement(day, known_by(running.lake, told), conf_now).perform(running), times)

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 2), times=TIMES)
    def step(self, which: int, times: int) -> None:
        self.go_on(which, times)

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 2))
    def kill(self, which: int) -> None:
        self.processes.pop(which % len(self.processes)).kill()

    @rule(floor=st.integers(3, 8))
    def configure(self, floor: int) -> None:
        self.book.floor = floor

    @rule()
    def unlock(self) -> None:
        try:
            unlock(lake=self.book.lake.path, env="test", tenant="demo")
        except NotNow:
            assert self.processes, "nobody is at work"

    @invariant()
    def what_is_published_is_consistent_and_stays(self) -> None:
        self.book.check()
        for attempt in publication.published(publication.attempts(self.book.lake)):
            first = publication.find(self.book.lake, attempt.as_of, first=True)
            assert self.first.setdefault(attempt.as_of, first) == first
            found = stored(self.book.lake, attempt)
            assert self.sealed.setdefault((attempt.release, attempt.as_of), found) == found, "a sealed release has changed"

    def teardown(self) -> None:
        try:
            for process in self.processes:
                process.kill()
            self.mend()
            self.end()
        finally:
            self.folder.cleanup()

    def mend(self) -> None:
        """People complete what is broken and correct what is impossible."""
        for file, content in self.broken:
            file.write_bytes(content)
        self.book.send(DAYS[0], [(key, DAYS[0], LOANS[0], 7) for key in "ABC"], END)

    def end(self) -> None:
        """The next runs complete; nothing is lost, and a dead restatement is in nobody's way."""
        while self.book.due() <= END:
            self.book.application().night(self.book.due())
        ledger = [row for row in self.book.desk.ledger() if row["outcome"] == "admitted"]
        assert len(ledger) == self.book.sent
        everything = known_by(self.book.lake, None)
        assert everything == self.book.current()[END].known
        Restatement(DAYS[0], everything).perform(self.book.application())
        self.what_is_published_is_consistent_and_stays()
        self.book.check_restated()
        self.book.check_log()


History.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None, derandomize=True, database=None)
TestHistories = History.TestCase
