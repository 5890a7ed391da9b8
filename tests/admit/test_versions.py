"""runs.md 4 and 5: at every K one version of each key wins, by the sender's order, however the deliveries arrived."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from admit.desk import DAY, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.admit.tables import SUPERSEDED

Row = tuple[str, int]


@dataclass(frozen=True)
class Sent:
    """A delivery: its place, when its sender says it was sent, its rows (key, amount), and the batch it arrives in."""

    day: int
    sequence: int
    sent: int
    rows: tuple[Row, ...]
    batch: int


rows = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 3)), min_size=1, max_size=4).map(tuple)
deliveries = st.builds(Sent, st.integers(0, 2), st.integers(1, 2), st.integers(0, 2), rows, st.integers(0, 2))
histories = st.lists(deliveries, min_size=1, max_size=6, unique_by=lambda sent: (sent.day, sent.sequence))


def admitted(folder: Path, history: list[Sent]) -> Desk:
    """The deliveries, batch by batch."""
    desk = Desk(folder)
    for batch in range(3):
        for sent in (s for s in history if s.batch == batch):
            told = [{"repayment_id": key, "paid_on": DAY, "loan_id": "P01:L1", "paid_minor": amount} for key, amount in sent.rows]
            desk.send("repayment", told, DAY + timedelta(sent.day), sent.sequence, DAY + timedelta(sent.sent))
        desk.admit(DAY + timedelta(9))
    return desk


def read_at(desk: Desk, known: int) -> list[dict[str, Any]]:
    """What a reader sees at K: rows up to K that no row up to K supersedes."""
    lost = {(row["delivery_no"], row["line_no"]) for row in desk.lake.rows(SUPERSEDED).to_pylist() if row["by"] <= known}
    seen = [row for row in desk.rows("repayment") if row["delivery_no"] <= known]
    return [row for row in seen if (row["delivery_no"], row["line_no"]) not in lost]


def defined_at(desk: Desk, known: int) -> dict[str, tuple[int, int]]:
    """Of each key the row with the highest (sent_on, sequence, content, line)."""
    order = {row["delivery_no"]: (row["sent_on"], row["sequence"], row["sha256"]) for row in desk.ledger() if row["delivery_no"]}
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in desk.rows("repayment"):
        if row["delivery_no"] <= known:
            versions[row["repayment_id"]].append(row)
    best = {key: max(of, key=lambda row: (*order[row["delivery_no"]], row["line_no"])) for key, of in versions.items()}
    return {key: (row["delivery_no"], row["line_no"]) for key, row in best.items()}


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(history=histories)
def test_the_winners_at_every_k_equal_the_definition(history: list[Sent]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = admitted(Path(folder), history)
        for known in range(1, len(history) + 1):
            found = read_at(desk, known)
            assert {row["repayment_id"]: (row["delivery_no"], row["line_no"]) for row in found} == defined_at(desk, known)
            assert len(found) == len({row["repayment_id"] for row in found})


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(history=histories, batches=st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_arrival_decides_nothing(history: list[Sent], batches: list[int]) -> None:
    """The same deliveries in other batches: in the end the same rows win, with the same amounts."""
    other = [Sent(s.day, s.sequence, s.sent, s.rows, batch) for s, batch in zip(history, batches, strict=False)]
    ends = []
    for of in (history, other):
        with tempfile.TemporaryDirectory() as folder:
            desk = admitted(Path(folder), of)
            ends.append({row["repayment_id"]: row["paid_minor"] for row in read_at(desk, len(of))})
    assert ends[0] == ends[1]
