"""Whether the audit log is whole: by its chain, by its heads in certificates and deposits, and by the ledgers it tells of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loanwatch.errors import DataError
from loanwatch.lake import Lake
from loanwatch.seal import audit_log
from loanwatch.seal.acts import SHOWN, Acts, acts
from loanwatch.seal.audit_log import Entry, Head
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.tables import CERTIFICATE

STATEMENT = "head of the audit log"
FAULTS_SHOWN = 20


def whole(lake: Lake, deposits: Deposits) -> Head:
    """The head of the log, brought up to date; DataError lists what is wrong with it."""
    log = audit_log.record(lake)
    if found := list(faults(lake, deposits, log)):
        more = [f"… and {len(found) - FAULTS_SHOWN} more"] if len(found) > FAULTS_SHOWN else []
        told = [*found[:FAULTS_SHOWN], *more, "nothing is published until what was there is restored from a backup of the lake"]
        raise DataError("the audit log is not whole\n" + "\n".join(told))
    return audit_log.head(log)


def faults(lake: Lake, deposits: Deposits, log: Sequence[Entry]) -> Iterator[str]:
    """Everything that is wrong with a log, in words; nothing where it is whole."""
    yield from audit_log.faults(log)
    yield from deposits.faults(log)
    yield from _certified(lake, log)
    yield from _shown(lake, log)


def _certified(lake: Lake, log: Sequence[Entry]) -> Iterator[str]:
    """Heads that certificates state, and that the log does not have."""
    there = {str(Head(entry.entry_no, entry.digest or "")) for entry in log if entry.entry_no} | {str(audit_log.head([]))}
    stated = lake.rows(CERTIFICATE, f"statement = '{STATEMENT}' order by release, as_of", ("release", "as_of", "found"))
    for row in stated.to_pylist():
        if row["found"] not in there:
            number = str(row["found"]).split(" ", maxsplit=1)[0]
            yield f"entry {number}, as the certificate of release {row['release']} of {row['as_of']} has it, is not in the log"


def _shown(lake: Lake, log: Sequence[Entry]) -> Iterator[str]:
    """Entries of what the ledgers no longer show."""
    shown = Acts(acts(lake))
    for entry in log:
        if entry.entry_no and entry.action in SHOWN and entry.act not in shown:
            yield f"{entry.name}: the ledger that it was taken from no longer says so: a row was removed or changed"
