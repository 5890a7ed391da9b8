"""The audit log: who did what to a lake, each entry chained to the one before by its digest.

An entry's digest is the SHA-256 of the line (`canonical`) of its other columns in the order of their names; `previous` is the
digest of the entry before, of the first that of all lines written before entries were numbered. So the last digest, the head,
stands for the whole log: it is stated in every certificate, printed on the pages, and deposited where the operator cannot
rewrite it. What people do with personal values is entered before it is done; what the ledgers show (`acts`) is entered by
whatever run comes next, so that a process that died owes nothing.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime

from deltalake import DeltaTable

from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.seal import canonical
from loanwatch.seal.acts import Act, Acts, acts
from loanwatch.seal.table_digest import sha256
from loanwatch.seal.tables import AUDIT_LOG

WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Entry:
    """A row of `seal.audit_log`."""

    entry_no: int | None
    done_at: str
    actor: str
    action: str
    subject: str
    purpose: str | None
    entries: int | None
    facts: str | None
    previous: str | None
    digest: str | None

    @property
    def act(self) -> Act:
        return Act(self.action, self.subject, self.facts, self.purpose, self.entries)

    @property
    def name(self) -> str:
        return f"entry {self.entry_no} ({self.action} {self.subject})"

    def sealed(self) -> str:
        """The digest of what it says."""
        return sha256(canonical.line(getattr(self, name) for name in COLUMNS))


COLUMNS = sorted(field.name for field in fields(Entry) if field.name != "digest")


@dataclass(frozen=True)
class Head:
    """The last entry of a log; number 0 where there is none."""

    entry_no: int
    digest: str

    def __str__(self) -> str:
        return f"{self.entry_no} {self.digest}"


def entries(lake: Lake) -> list[Entry]:
    """The log in the order of its numbers; before them what was written before there were any."""
    return _sorted(Entry(**row) for row in lake.rows(AUDIT_LOG, columns=AUDIT_LOG.names).to_pylist())


def head(log: Sequence[Entry]) -> Head:
    """What stands for the whole log."""
    last = log[-1] if log else None
    return Head(last.entry_no, last.digest or "") if last and last.entry_no else Head(0, _unnumbered(log))


def enter(lake: Lake, act: Act) -> None:
    """Enter what a person is about to do; NotNow where the log is held by somebody else."""
    with lease(lake.path, AUDIT_LOG.name, WAIT_SECONDS):
        delta = lake.create(AUDIT_LOG)
        _append(lake, delta, entries(lake), [act])


def record(lake: Lake) -> list[Entry]:
    """Enter all that the ledgers show and the log does not; the log."""
    with lease(lake.path, AUDIT_LOG.name, WAIT_SECONDS):
        delta = lake.create(AUDIT_LOG)
        log = entries(lake)
        if new := outstanding(log, acts(lake)):
            log += _append(lake, delta, log, new)
        return log


def outstanding(log: Sequence[Entry], shown: Iterable[Act]) -> list[Act]:
    """What the ledgers show and the log does not."""
    known = Acts(entry.act for entry in log)
    return [act for act in shown if act not in known]


def faults(log: Sequence[Entry]) -> Iterator[str]:
    """Where the chain is broken: entries that are missing, there twice, changed, or not the ones that follow."""
    before = Head(0, _unnumbered(log))
    for entry in log:
        if not entry.entry_no:
            continue
        if entry.entry_no == before.entry_no:
            yield f"{entry.name}: a second entry of this number was inserted"
        elif entry.entry_no > before.entry_no + 1:
            yield f"before {entry.name} {entry.entry_no - before.entry_no - 1} are missing: removed"
        elif entry.previous != before.digest:
            yield f"{entry.name} does not follow the one before it: entries were removed, inserted or moved"
        if entry.sealed() != entry.digest:
            yield f"{entry.name} was changed: it does not come to its digest"
        before = head([entry])


def chained(log: Sequence[Entry], new: Iterable[Act], done_at: str, actor: str) -> list[Entry]:
    """Entries of acts, as they follow a log."""
    last, added = head(log), list[Entry]()
    for act in new:
        entry = Entry(last.entry_no + 1, done_at, actor, **asdict(act), previous=last.digest, digest=None)
        added.append(replace(entry, digest=entry.sealed()))
        last = head(added)
    return added


def user() -> str:
    """The user of the operating system; not what a variable says."""
    return pwd.getpwuid(os.getuid()).pw_name


def _append(lake: Lake, delta: DeltaTable, log: Sequence[Entry], new: Iterable[Act]) -> list[Entry]:
    """The new entries; on condition that nobody has written since `delta` was read, for a chain does not fork."""
    added = chained(log, new, datetime.now(UTC).isoformat(timespec="milliseconds"), user())
    lake.append_if_unchanged(delta, AUDIT_LOG, [asdict(entry) for entry in added])
    return added


def _sorted(log: Iterable[Entry]) -> list[Entry]:
    return sorted(log, key=lambda entry: (entry.entry_no or 0, entry.done_at))


def _unnumbered(log: Sequence[Entry]) -> str:
    lines = (canonical.line(getattr(entry, name) for name in COLUMNS) for entry in log if not entry.entry_no)
    return sha256("".join(sorted(f"{line}\n" for line in lines)))
