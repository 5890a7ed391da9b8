"""Attempts and publications: one table that is the lock, the attempt and what readers see.

`seal.publication` is written by the runner only, each time on condition that nobody wrote since it was
read (a delta-rs commit without retries). Readers see `published` rows; the current release of a date is
the one with the highest `publication_no`, "as first published" the one with the lowest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from loanwatch.errors import NotNow, UsageError
from loanwatch.lake import ONCE, Lake, read
from loanwatch.seal.tables import PUBLICATION


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


def attempts(lake: Lake) -> list[Attempt]:
    """All attempts, in order of their numbers."""
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


def find(lake: Lake, as_of: date, release: int | None = None, *, first: bool = False) -> Attempt:
    """The release of a date: the current one, a numbered one, or the first; UsageError names what there is."""
    of_date = [a for a in published(attempts(lake)) if a.as_of == as_of]
    if release is not None:
        of_date = [a for a in of_date if a.release == release]
    if not of_date:
        now = sorted(current(attempts(lake)))
        known = f"published are {now[0]} to {now[-1]}" if now else "nothing is published"
        wanted = as_of if release is None else f"{as_of} under release {release}"
        raise UsageError(f"{lake.path}: no release of {wanted}; {known}")
    return of_date[0 if first else -1]


def open_attempt(lake: Lake, as_of: date, holder: str) -> Attempt:
    """A new attempt for a date; NotNow where one is open already or somebody was faster."""
    delta = lake.create(PUBLICATION)
    known = _read(delta)
    if held := [a for a in known if a.state == "open"]:
        raise NotNow(f"an attempt for {held[0].as_of} is open, held by {held[0].holder}; run it, or `loanwatch unlock`")
    release = max((a.release for a in known), default=0) + 1
    new = Attempt(release, as_of, None, None, None, None, "night", "open", holder, None, None)
    lake.append_if_unchanged(delta, PUBLICATION, [asdict(new)])
    return new


def fix(lake: Lake, attempt: Attempt, through: int, conf_digest: str, code_digest: str) -> Attempt:
    """Fix, once, what the attempt knows and runs with: K, parent, configuration and code."""
    delta = lake.delta(PUBLICATION)
    before = current(_read(delta))
    parent = before[max(before)].release if before else None
    values: dict[str, int | float | str] = {"through_delivery_no": through, "conf_digest": conf_digest, "code_digest": code_digest}
    _update(delta, attempt, values if parent is None else values | {"parent": parent})
    return next(a for a in attempts(lake) if a.release == attempt.release)


def publish(lake: Lake, attempt: Attempt) -> Attempt:
    """Make the attempt what readers see, in one conditional commit."""
    delta = lake.delta(PUBLICATION)
    known = _read(delta)
    _check_line(known, attempt)
    number = max((a.publication_no or 0 for a in known), default=0) + 1
    _update(delta, attempt, {"state": "published", "publication_no": number})
    return next(a for a in attempts(lake) if a.release == attempt.release)


def abandon(lake: Lake, attempt: Attempt, reason: str) -> None:
    """Give the attempt up: what it wrote stays invisible, what it admitted stays admitted."""
    _update(lake.delta(PUBLICATION), attempt, {"state": "abandoned", "reason": reason})


def _check_line(known: list[Attempt], attempt: Attempt) -> None:
    """Every current parent is the current release of the date before; K never falls along a date or a line."""
    now = current(known)
    if attempt.as_of in now:
        raise NotNow(f"{attempt.as_of} is published already, as release {now[attempt.as_of].release}")
    before = [day for day in now if day < attempt.as_of]
    parent = now[max(before)] if before else None
    if attempt.parent != (parent.release if parent else None):
        raise NotNow(f"release {attempt.release}: parent {attempt.parent} is no longer the current release; run again")
    if parent and attempt.known < parent.known:
        raise NotNow(f"release {attempt.release} knows less (K={attempt.known}) than its parent (K={parent.known})")


def _update(delta: DeltaTable, attempt: Attempt, values: dict[str, int | float | str]) -> None:
    """One conditional update of the attempt's open row; no row changed is failure."""
    where = f"release = {attempt.release} and state = 'open'"
    try:
        done = delta.update(new_values=dict(values), predicate=where, commit_properties=ONCE)
    except CommitFailedError:
        raise NotNow(f"release {attempt.release}: somebody else wrote at the same moment; run again") from None
    if done["num_updated_rows"] != 1:
        raise NotNow(f"release {attempt.release} is no longer open: somebody published or abandoned it")


def _read(delta: DeltaTable) -> list[Attempt]:
    rows = read(delta, columns=PUBLICATION.names).sort_by("release").to_pylist()
    return [Attempt(**row) for row in rows]
