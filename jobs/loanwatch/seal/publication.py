"""Attempts and publications: one table that is the lock, the attempt and what readers see.

A night is one row. A restatement is a line of rows, one a date, under one release number: `building` beside
the nights, then `open` like a night, then published with all its dates at once.
`seal.publication` is written by the runner only, each time on condition that nobody wrote since it was
read (a delta-rs commit without retries). Readers see `published` rows; the current release of a date is
the one with the highest `publication_no`, "as first published" the one with the lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from loanwatch import calendars
from loanwatch.errors import MachineError, NotNow, UsageError
from loanwatch.evolution import missing, nulls
from loanwatch.lake import ONCE, Lake, read
from loanwatch.seal.tables import PUBLICATION

RUNNING = ("building", "open")


@dataclass(frozen=True)
class Attempt:
    """One row of `seal.publication`: a try to publish a date; its number is its release's number."""

    release: int
    as_of: date
    parent: int | None
    through_delivery_no: int | None
    conf_digest: str | None
    code_digest: str | None
    kind: str
    state: str
    holder: str
    publication_no: int | None
    reason: str | None
    replaces: int | None = None

    @property
    def fixed(self) -> bool:
        """Whether K, configuration, code and parent have been fixed."""
        return self.through_delivery_no is not None

    @property
    def known(self) -> int:
        """K: the last delivery it knows."""
        if self.through_delivery_no is None:
            raise NotNow(f"the attempt for {self.as_of} has not admitted yet; run it from the stage admit")
        return self.through_delivery_no

    @property
    def partition(self) -> str:
        """Its rows in a table that a night's step writes, as SQL."""
        return f"as_of = DATE '{self.as_of}' and release = {self.release}"

    @property
    def noted(self) -> str:
        """Its rows in a ledger; those of before restatements have no date, and one release had one."""
        return f"coalesce(as_of, DATE '{self.as_of}') = DATE '{self.as_of}' and release = {self.release}"


def attempts(lake: Lake) -> list[Attempt]:
    """All attempts, in order of their numbers and dates."""
    return _read(lake.delta(PUBLICATION)) if lake.has(PUBLICATION) else []


def published(of: Iterable[Attempt], pinned: int | None = None) -> list[Attempt]:
    """Published attempts in order of publication, up to a pinned `publication_no`."""
    rows = [a for a in of if a.publication_no is not None and (pinned is None or a.publication_no <= pinned)]
    return sorted(rows, key=lambda a: a.publication_no or 0)


def current(of: Iterable[Attempt], pinned: int | None = None) -> dict[date, Attempt]:
    """The current release of each date."""
    return {a.as_of: a for a in published(of, pinned)}


def latest(of: Iterable[Attempt]) -> Attempt | None:
    """The current release of the latest published date; None where nothing is published."""
    now = current(of)
    return now[max(now)] if now else None


def parent_of(of: Iterable[Attempt], attempt: Attempt) -> Attempt | None:
    """The parent of an attempt: of the release it names, the last date before its own."""
    before = [a for a in of if a.release == attempt.parent and a.as_of < attempt.as_of]
    return max(before, key=lambda a: a.as_of, default=None)


def month_ends(of: Iterable[Attempt], attempt: Attempt, months: int) -> list[Attempt]:
    """The releases of the last month-ends before the attempt's date, latest first, along its line of parents."""
    known, found = list(of), list[Attempt]()
    before = parent_of(known, attempt)
    while before and len(found) < months:
        if before.as_of == calendars.month_end(before.as_of):
            found.append(before)
        before = parent_of(known, before)
    return found


def ancestors(of: Iterable[Attempt], attempt: Attempt, months: int) -> list[Attempt]:
    """The releases before an attempt along its line of parents, latest first, as far as so many months back."""
    known, found = list(of), list[Attempt]()
    first = attempt.as_of.replace(day=1) - timedelta(31 * months)
    before = parent_of(known, attempt)
    while before and before.as_of >= first:
        found.append(before)
        before = parent_of(known, before)
    return found


def find(lake: Lake, as_of: date, release: int | None = None, *, first: bool = False) -> Attempt:
    """The release of a date: the current one, a numbered one, or the first; UsageError names what there is."""
    of_date = [a for a in published(attempts(lake)) if a.as_of == as_of]
    there = ", ".join(str(a.release) for a in of_date)
    if release is not None:
        of_date = [a for a in of_date if a.release == release]
    if not of_date:
        now = sorted(current(attempts(lake)))
        known = f"published are {now[0]} to {now[-1]}" if now else "nothing is published"
        known = f"it has {there}" if there else known
        wanted = as_of if release is None else f"{as_of} under release {release}"
        raise UsageError(f"{lake.path}: no release of {wanted}; {known}")
    return of_date[0 if first else -1]


def open_attempt(lake: Lake, as_of: date, holder: str) -> Attempt:
    """A new attempt for a date; NotNow where one is open already or somebody was faster."""
    delta = lake.create(PUBLICATION)
    known = _read(delta)
    _refuse_if_open(known)
    new = Attempt(next_release(known), as_of, None, None, None, None, "night", "open", holder, None, None)
    lake.append_if_unchanged(delta, PUBLICATION, [asdict(new)])
    return new


def fix(lake: Lake, attempt: Attempt, through: int, conf_digest: str, code_digest: str) -> Attempt:
    """Fix, once, what the attempt knows and runs with: K, parent, configuration and code."""
    delta = lake.delta(PUBLICATION)
    before = current(_read(delta))
    parent = before[max(before)].release if before else None
    values: dict[str, int | float | str] = {"through_delivery_no": through, "conf_digest": conf_digest, "code_digest": code_digest}
    _update(delta, attempt, values if parent is None else values | {"parent": parent})
    return line_of(lake, attempt)[-1]


def line_of(lake: Lake, attempt: Attempt) -> list[Attempt]:
    """The rows under an attempt's number: one of a night, a line of dates of a restatement."""
    return [a for a in attempts(lake) if a.release == attempt.release]


def insert(lake: Lake, line: Sequence[Attempt]) -> list[Attempt]:
    """Begin the line of a restatement, or add dates to it; the whole line. NotNow where another attempt took its number."""
    delta = lake.create(PUBLICATION)
    known = _read(delta)
    there = [a for a in known if a.release == line[0].release]
    if any(a.kind == "night" or a.state not in RUNNING for a in there) or not (there or line[0].release == next_release(known)):
        raise NotNow(f"release {line[0].release}: somebody else wrote at the same moment; run again")
    lake.append_if_unchanged(delta, PUBLICATION, [asdict(row) for row in line])
    return line_of(lake, line[0])


def open_line(lake: Lake, attempt: Attempt) -> list[Attempt]:
    """Let a line that was built take the place of a night: nobody else publishes until it has, or is abandoned."""
    delta = lake.delta(PUBLICATION)
    _refuse_if_open(a for a in _read(delta) if a.release != attempt.release)
    _update(delta, attempt, {"state": "open"})
    return line_of(lake, attempt)


def publish(lake: Lake, attempt: Attempt) -> Attempt:
    """Make an attempt, all its dates, what readers see, in one conditional commit."""
    delta = lake.delta(PUBLICATION)
    known = _read(delta)
    check_line(current(known), [a for a in known if a.release == attempt.release])
    number = max((a.publication_no or 0 for a in known), default=0) + 1
    _update(delta, attempt, {"state": "published", "publication_no": number}, states=("open",))
    return next(a for a in line_of(lake, attempt) if a.as_of == attempt.as_of)


def abandon(lake: Lake, attempt: Attempt, reason: str) -> None:
    """Give an attempt up, all its dates: what it wrote stays invisible, what it admitted stays admitted."""
    _update(lake.delta(PUBLICATION), attempt, {"state": "abandoned", "reason": reason})


def check_line(now: Mapping[date, Attempt], line: Sequence[Attempt]) -> None:
    """Raises NotNow unless, published, every current parent is the current release of the date before, no date
    knows less than it did or than the date before, and what the line was to replace is still there."""
    after = {**now, **{row.as_of: row for row in line}}
    dates = sorted(after)
    before = dict(zip(dates[1:], dates, strict=False))
    for row in line:
        was = now.get(row.as_of)
        if was and was.release != row.replaces:
            raise NotNow(f"{row.as_of} is published already, as release {was.release}")
        if was and was.known > row.known:
            raise NotNow(f"release {row.release} knows less of {row.as_of} (K={row.known}) than {was.release} does (K={was.known})")
    for day in dates:
        row, parent = after[day], after[before[day]] if day in before else None
        if row.parent != (parent.release if parent else None):
            raise NotNow(f"release {row.release} of {day}: parent {row.parent} is no longer the current release; run again")
        if parent and row.known < parent.known:
            raise NotNow(f"release {row.release} of {day} knows less (K={row.known}) than its parent (K={parent.known})")


def next_release(known: Iterable[Attempt]) -> int:
    """A number that no attempt has had."""
    return max((a.release for a in known), default=0) + 1


def _refuse_if_open(known: Iterable[Attempt]) -> None:
    if held := next((a for a in known if a.state == "open"), None):
        raise NotNow(f"an attempt for {held.as_of} is open, held by {held.holder}; run it, or `loanwatch unlock`")


def _update(
    delta: DeltaTable, attempt: Attempt, values: dict[str, int | float | str], states: Sequence[str] = RUNNING
) -> None:
    """One conditional update of all rows under an attempt's number; where they are not all in these states, none."""
    line = [a for a in _read(delta) if a.release == attempt.release]
    if not line or any(row.state not in states for row in line):
        raise NotNow(f"release {attempt.release} is no longer open: somebody published or abandoned it")
    try:
        done = delta.update(new_values=dict(values), predicate=f"release = {attempt.release}", commit_properties=ONCE)
    except CommitFailedError:
        raise NotNow(f"release {attempt.release}: somebody else wrote at the same moment; run again") from None
    if done["num_updated_rows"] != len(line):
        raise MachineError(f"release {attempt.release}: {done['num_updated_rows']} rows changed instead of {len(line)}")


def _read(delta: DeltaTable) -> list[Attempt]:
    more = nulls(missing(delta, PUBLICATION))
    rows = read(delta, columns=PUBLICATION.names, more=more).sort_by([("release", "ascending"), ("as_of", "ascending")])
    return [Attempt(**row) for row in rows.to_pylist()]
