"""A batch cut into tasks for workers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.inbox import Arrival
from loanwatch.admit.judged import Task
from loanwatch.admit.tables import REJECTED
from loanwatch.lake import Lake
from loanwatch.vault import Vault

# A worker gets about this much at a time, so that small deliveries share a file and large ones a core each.
TASK_BYTES = 128 * 1024 * 1024


def tasks(
    lake: Lake, vault: Vault, inbox: Path, batch_no: int, numbered: Mapping[int, Arrival], *, keeps_originals: bool
) -> Iterator[Task]:
    """Deliveries of one feed together, up to a task's size; a larger one alone."""
    by_feed: dict[str, list[int]] = defaultdict(list)
    for number, arrival in numbered.items():
        by_feed[arrival.place.feed].append(number)
    for feed, numbers in by_feed.items():
        lake.create(FEEDS[feed].table)
        for i, group in enumerate(_groups(numbers, {n: numbered[n].bytes for n in numbers})):
            yield Task(
                name=f"batch-{batch_no:06d}-{feed}-{i:04d}", feed=feed, inbox=inbox.resolve(),
                feed_folder=lake.at(FEEDS[feed].table).resolve(), rejected_folder=lake.at(REJECTED).resolve(),
                vault=vault.path.resolve(), vault_key=vault.key_reference, keeps_originals=keeps_originals,
                deliveries=tuple((n, *astuple(numbered[n].place)[1:]) for n in group),
            )  # fmt: skip


def _groups(numbers: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    group: list[int] = []
    for number in numbers:
        if group and sum(sizes[n] for n in group) + sizes[number] > TASK_BYTES:
            yield group
            group = []
        group.append(number)
    if group:
        yield group
