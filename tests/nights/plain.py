"""Nights without an engine, on a real lake: admission, attempts, restatement, publication and locks are the real ones; only
what a night computes is plain Python: what each loan has paid, and on how many dates running that was too little.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
from admit.desk import DAY, Desk
from deltalake import write_deltalake
from nights.processes import HaltingLake

from loanwatch import configuration
from loanwatch import settings as layers
from loanwatch.admit.feeds import REPAYMENT
from loanwatch.admit.tables import DELIVERY
from loanwatch.columns import LOAN_ID, count, minor
from loanwatch.configuration import Configuration
from loanwatch.errors import DataError
from loanwatch.lake import Lake
from loanwatch.nights import Application, landed
from loanwatch.pipeline import STAGES
from loanwatch.restatement import known_by
from loanwatch.seal import audit_log, log_proof, publication
from loanwatch.seal.acts import acts
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

DAYS = [DAY + timedelta(n) for n in range(3)]
END = DAYS[-1] + timedelta(1)
LOANS = ("P01:L0", "P01:L1")
IMPOSSIBLE = 99
COLUMNS = (LOAN_ID, minor("paid_minor", "Paid."), count("streak", "Dates running on which that was too little."))
STATE = Table("flag.example", "one row per loan", (LOAN_ID,), COLUMNS)
State = dict[str, tuple[int, int]]


def computed(rows: list[dict[str, Any]], as_of: date, conf: Configuration, before: State) -> State:
    """What a night makes of winning rows, its configuration and its parent's state."""
    paid = {loan: sum(row["paid_minor"] for row in rows if row["loan_id"] == loan and row["paid_on"] <= as_of) for loan in LOANS}
    floor = int(conf.texts["floor"])
    return {loan: (paid[loan], before.get(loan, (0, 0))[1] + 1 if paid[loan] < floor else 0) for loan in LOANS}


def winners(lake: Lake, known: int) -> list[dict[str, Any]]:
    """Of each key in deliveries up to K the row with the highest (sent_on, sequence, content, line): the definition."""
    order = {row["delivery_no"]: (row["sent_on"], row["sequence"], row["sha256"]) for row in lake.rows(DELIVERY).to_pylist()}
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lake.rows(REPAYMENT.table, f"delivery_no <= {known}").to_pylist():
        versions[row["repayment_id"]].append(row)
    return [max(of, key=lambda row: (*order[row["delivery_no"]], row["line_no"])) for of in versions.values()]


def stored(lake: Lake, attempt: Attempt | None) -> State:
    rows = lake.rows(STATE, attempt.partition, STATE.names).to_pylist() if attempt else []
    return {row["loan_id"]: (row["paid_minor"], row["streak"]) for row in rows}


@cache
def conf_on_disk() -> Configuration:
    return configuration.load(layers.load("test"))


@dataclass
class PlainApplication(Application):
    """A process at work on the lake, that needs no engine; `floor` stands for all that may be configured."""

    floor: int = 5
    code_digest: str = "code"

    @cached_property
    def lake(self) -> Lake:
        return HaltingLake(self.settings.lake)

    @cached_property
    def configuration(self) -> Configuration:
        return Configuration({**conf_on_disk().texts, "floor": str(self.floor)})

    def begin_spark(self) -> Any:
        return None

    def _admit(self, attempt: Attempt) -> Attempt:
        fixed = super()._admit(attempt)
        finished = Lake(self.settings.lake).rows(DELIVERY, columns=("max(delivery_no) as k",))["k"][0].as_py()
        assert fixed.known == finished, "a delivery is in the first night whose K was fixed after its admission"
        return fixed

    def build(self, attempt: Attempt, conf: Configuration, wanted: tuple[str, ...] = STAGES) -> None:
        rows = winners(self.lake, attempt.known)
        if any(row["paid_minor"] == IMPOSSIBLE and row["paid_on"] <= attempt.as_of for row in rows):
            raise DataError("a gate has failed")
        before = stored(self.lake, publication.parent_of(publication.attempts(self.lake), attempt))
        state = computed(rows, attempt.as_of, conf, before).items()
        place = {"as_of": attempt.as_of, "release": attempt.release}
        data = [{**place, "loan_id": loan, "paid_minor": paid, "streak": streak} for loan, (paid, streak) in state]
        table = pa.Table.from_pylist(data, schema=STATE.arrow)
        write_deltalake(self.lake.create(STATE), table, mode="overwrite", predicate=attempt.partition)


class Book:
    """A lake with one published night, and what its people do."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.lake, self.floor, self.sent = self.desk.lake, 5, 0

    @classmethod
    def begun(cls, folder: Path) -> Book:
        """A copy of one that was begun once."""
        book = cls(folder)
        shutil.copytree(_begun(), folder, dirs_exist_ok=True)
        book.sent = 1
        return book

    def application(self) -> PlainApplication:
        flags = {"inbox": str(self.desk.inbox), "lake": str(self.lake.path), "vault": str(self.desk.vault.path)}
        return PlainApplication(layers.load("test", flags=flags), floor=self.floor)

    def current(self) -> dict[date, Attempt]:
        return publication.current(publication.attempts(self.lake))

    def due(self) -> date:
        return max(self.current(), default=DAYS[0] - timedelta(1)) + timedelta(1)

    def send(self, day: date, rows: list[tuple[str, date, str, int]], sent_on: date) -> Path:
        self.sent += 1
        names = ("repayment_id", "paid_on", "loan_id", "paid_minor")
        return self.desk.send("repayment", [dict(zip(names, row, strict=True)) for row in rows], day, self.sent, sent_on)

    def check(self) -> None:
        """Every publication shows one consistent line; what was published follows from what is stored."""
        attempts = publication.attempts(self.lake)
        assert len({a.release for a in attempts if a.state == "open"}) <= 1
        assert all((a.state == "published") == (a.publication_no is not None) for a in attempts)
        for pinned in {a.publication_no for a in attempts if a.publication_no}:
            now = sorted(publication.current(attempts, pinned).values(), key=lambda a: a.as_of)
            for before, after in pairwise(now):
                assert after.as_of - before.as_of == timedelta(1)
                assert after.parent == before.release and after.known >= before.known
        known: dict[date, int] = {}
        for attempt in publication.published(attempts):
            assert attempt.known >= known.get(attempt.as_of, 0), "a date has forgotten"
            known[attempt.as_of] = attempt.known
            yesterday = (attempt.parent, attempt.as_of - timedelta(1))
            before = stored(self.lake, next((a for a in attempts if (a.release, a.as_of) == yesterday), None))
            conf = landed(self.lake, str(attempt.conf_digest))
            assert stored(self.lake, attempt) == computed(winners(self.lake, attempt.known), attempt.as_of, conf, before)

    def check_log(self) -> None:
        """The audit log is whole, tells of everything, and its head was deposited after the last publication."""
        deposits = self.application().deposits
        log = audit_log.entries(self.lake)
        assert list(log_proof.faults(self.lake, deposits, log)) == []
        assert audit_log.outstanding(log, acts(self.lake)) == []
        assert max(entry.entry_no or 0 for entry in log if entry.action == "publish") <= deposits.heads()[-1].entry_no

    def check_restated(self) -> None:
        """Restated from the first date with everything, all is as if it had come in time."""
        everything, state = known_by(self.lake, None), State()
        for day, attempt in sorted(self.current().items()):
            assert attempt.kind == "restatement" and attempt.known == everything
            state = computed(winners(self.lake, everything), day, landed(self.lake, str(attempt.conf_digest)), state)
            assert stored(self.lake, attempt) == state


@cache
def _begun() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    book = Book(folder)
    book.send(DAYS[0], [("A", DAYS[0], LOANS[0], 6)], DAYS[0])
    book.application().night(DAYS[0])
    return folder
