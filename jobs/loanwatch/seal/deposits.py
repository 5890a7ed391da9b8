"""Heads of the audit log, kept where the operator of the lake cannot rewrite them: one file each, named by the entry's number.

A log that lacks what was deposited had its tail cut off; one that has another entry in its place was written anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loanwatch.errors import DataError
from loanwatch.seal.audit_log import Entry, Head, head

PUBLISH = "publish"


@dataclass(frozen=True)
class Deposits:
    """The folder of deposits of one lake."""

    folder: Path

    def heads(self) -> list[Head]:
        """What was deposited, in order; DataError for a file that is no deposit."""
        files = sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []
        return sorted((_head(file) for file in files), key=lambda head: head.entry_no)

    def bring(self, log: Sequence[Entry]) -> None:
        """Deposit the head of a log, unless its last publication is covered already."""
        published = max((entry.entry_no or 0 for entry in log if entry.action == PUBLISH), default=0)
        if published > max((there.entry_no for there in self.heads()), default=0):
            self._put(head(log), log[-1].done_at)

    def faults(self, log: Sequence[Entry]) -> Iterator[str]:
        """What was deposited and is not in the log."""
        there = {entry.entry_no: entry.digest for entry in log if entry.entry_no}
        for kept in self.heads():
            at = f"entry {kept.entry_no}, deposited in {self.folder}"
            if kept.entry_no not in there:
                yield f"{at}, is not in the log, which ends with {max(there, default=0)}: its tail was cut off"
            elif there[kept.entry_no] != kept.digest:
                yield f"{at}, is another in the log: it was written anew"

    def _put(self, last: Head, done_at: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{last.entry_no:010d}.json"
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps({"entry_no": last.entry_no, "digest": last.digest, "done_at": done_at}) + "\n")
        part.rename(file)


def _head(file: Path) -> Head:
    try:
        told = json.loads(file.read_text())
        return Head(int(told["entry_no"]), str(told["digest"]))
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{file}: not a deposit of a head of the audit log; has it been altered?") from None
