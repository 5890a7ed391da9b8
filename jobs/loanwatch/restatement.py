"""A restatement: the dates from one to the latest built anew with what is known by now, and published together.

It admits nothing. The line is built beside the nights; then it takes a night's place for as long as it needs to add
the dates published meanwhile and to publish. One that died is gone on with by the same command, and given up by another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from loanwatch.admit.tables import BATCH, DELIVERY
from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.locks import holder
from loanwatch.nights import Application, checked, land, landed
from loanwatch.seal import publication
from loanwatch.seal.approval import configuration_of
from loanwatch.seal.publication import RUNNING, Attempt

log = logging.getLogger(__name__)

NIGHT_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Restatement:
    """What is asked for: from which date on, knowing which deliveries, and whether with the configuration of now.

    Each date knows at least what its release knew (`known` is K), and keeps that release's configuration otherwise.
    """

    as_of: date
    known: int
    conf_now: bool = False

    def perform(self, running: Application) -> list[Attempt]:
        """The published releases of all its dates.

        UsageError where the date has no release, or one that knows more; NotNow while another restatement or a night
        is at work (what was built is kept for the next try); DataError where a gate fails: then it is given up.
        """
        running.lake.open(running.settings.tenant)
        running.record()
        with running.holding("restatement"):
            if done := self._done(running):
                return done
            line = self._begin(running)
            try:
                self._build(running, line)
                line = self._extend(running, line)
                with running.holding("night", NIGHT_WAIT_SECONDS):
                    self._extend(running, publication.open_line(running.lake, line[0]))
                    running.published(line[0])
            except DataError as error:
                publication.abandon(running.lake, line[0], str(error))
                raise
            return publication.line_of(running.lake, line[0])

    def _done(self, running: Application) -> list[Attempt]:
        """The line that the same command has published already, if nothing has changed since: a task may be tried again."""
        line = publication.line_of(running.lake, publication.find(running.lake, self.as_of))
        now = publication.current(publication.attempts(running.lake))
        planned = [(row.known, row.conf_digest, row.code_digest) for row in self._plan(running, 0)]
        there = [(row.known, row.conf_digest, row.code_digest) for day, row in sorted(now.items()) if day >= self.as_of]
        restated = line[0].kind == "restatement" and line[0].as_of == self.as_of
        return line if restated and there == planned else []

    def _begin(self, running: Application) -> list[Attempt]:
        """The line that the same command left unfinished, if it can still be published; otherwise a new one."""
        known = publication.attempts(running.lake)
        planned = self._plan(running, publication.next_release(known))
        for digest in {str(row.conf_digest) for row in planned}:
            checked(running.configuration if self.conf_now else landed(running.lake, digest))
            running.approvals.demand(configuration_of(digest))
        for release in sorted({a.release for a in known if a.kind == "restatement" and a.state in RUNNING}):
            line = [a for a in known if a.release == release]
            if _same(line, planned):
                log.info("going on with release=%d", release)
                return line
            publication.abandon(running.lake, line[0], f"given up for a restatement from {self.as_of}")
        if self.conf_now:
            land(running.lake, running.configuration)
        return publication.insert(running.lake, planned)

    def _plan(self, running: Application, release: int) -> list[Attempt]:
        """The rows that make every date from the first to the latest anew, under one number."""
        now = publication.current(publication.attempts(running.lake))
        first = publication.find(running.lake, self.as_of)
        if self.known < first.known:
            raise UsageError(
                f"release {first.release} of {self.as_of} knows deliveries up to {first.known}, and what is known is not "
                f"forgotten: --known {self.known} has to be {first.known} or more"
            )
        conf = running.configuration.digest if self.conf_now else None
        return [
            Attempt(
                release, day, first.parent if day == self.as_of else release, max(self.known, was.known),
                conf or was.conf_digest, running.code_digest, "restatement", "building", holder(), None, None, was.release,
            )
            for day, was in sorted(now.items()) if day >= self.as_of
        ]  # fmt: skip

    def _extend(self, running: Application, line: list[Attempt]) -> list[Attempt]:
        """The line with the dates that were published since it was planned, built."""
        while new := self._plan(running, line[0].release)[len(line) :]:
            line = publication.insert(running.lake, [replace(row, state=line[0].state) for row in new])
            self._build(running, line[-len(new) :])
        return line

    def _build(self, running: Application, line: Sequence[Attempt]) -> None:
        for row in line:
            log.info("restating as_of=%s release=%d known=%d", row.as_of, row.release, row.known)
            running.build(row, landed(running.lake, str(row.conf_digest)))


def _same(line: Sequence[Attempt], planned: Sequence[Attempt]) -> bool:
    """Whether a line is the beginning of what is planned, whoever began it under which number."""
    new, old = planned[0].release, line[0].release
    renamed = [replace(row, release=old, parent=old if row.parent == new else row.parent) for row in planned[: len(line)]]
    return [replace(row, state=line[0].state, holder=line[0].holder) for row in renamed] == list(line)


def known_by(lake: Lake, told: str | None) -> int:
    """K as a person tells it: a delivery number, a date (what its first release knew), or nothing (all that is admitted).

    UsageError for a number that is not the end of a list of deliveries that were admitted together.
    """
    ends = _ends(lake)
    if told is None:
        return ends[-1]
    if not told.isdigit():
        return publication.find(lake, _day(told), first=True).known
    known = int(told)
    if known > ends[-1]:
        raise UsageError(f"--known {known}: the last delivery admitted is {ends[-1]}")
    if known not in ends:
        below, above = max([0, *(e for e in ends if e < known)]), min(e for e in ends if e > known)
        raise UsageError(f"--known {known}: deliveries {below + 1} to {above} were admitted together; give {above} or {below}")
    return known


def _ends(lake: Lake) -> list[int]:
    """The last delivery numbers of all finished lists."""
    done = set(lake.rows(DELIVERY, columns=("distinct batch_no",))["batch_no"].to_pylist())
    lists = lake.rows(BATCH, columns=("batch_no", "through_delivery_no")).to_pylist()
    if not done:
        raise UsageError(f"{lake.path}: nothing is published, nothing to restate")
    return sorted(row["through_delivery_no"] for row in lists if row["batch_no"] in done)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--known {text!r} is neither a delivery number nor a date") from None
