"""Staged files made once more from the originals in the vault, where an unfinished list's own are gone.

A vacuum takes what no version of a table speaks of; the inbox may have been cleared long ago.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from loanwatch import originals
from loanwatch.admit.delivery import Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.judged import Outcome, Task
from loanwatch.admit.listing import Listed, Listing
from loanwatch.admit.staged_file import StagedFile
from loanwatch.admit.staging import stage
from loanwatch.admit.tables import REJECTED
from loanwatch.errors import MachineError
from loanwatch.lake import Lake
from loanwatch.tables import Table
from loanwatch.vault import Vault


def whole(lake: Lake, vault: Vault, listing: Listing, table: Table, files: list[StagedFile]) -> list[StagedFile]:
    """The staged files of a table, made again where one is gone; MachineError where the originals are, too."""
    if all((lake.at(table) / file.name).is_file() for file in files):
        return files
    if (lake.create(table).transaction_version("admit") or 0) >= listing.batch_no:
        return files  # part of the table already, and no longer ours
    wanted = [d for d in listing.deliveries if d.judged.reason is None and FEEDS[d.feed].table in (table, _feed_of(table, d))]
    made = []
    for name in sorted({delivery.feed for delivery in wanted}):
        # Under a name of its own for each table: what is let go here may be part of another one there.
        task = f"batch-{listing.batch_no:06d}-again-{table.short}-{name}"
        outcome = _again(lake, vault, task, name, [d for d in wanted if d.feed == name])
        for file, home in ((outcome.rows, FEEDS[name].table), (outcome.rejected, REJECTED)):
            if file and home is table:
                made.append(file)
            elif file:
                (lake.at(home) / file.name).unlink()
    return made


def _feed_of(table: Table, delivery: Listed) -> Table | None:
    """Rejects come from all feeds."""
    return FEEDS[delivery.feed].table if table is REJECTED and delivery.judged.rows_rejected else None


def _again(lake: Lake, vault: Vault, task_name: str, feed: str, deliveries: list[Listed]) -> Outcome:
    inbox = vault.new_file("inbox").with_suffix("")
    try:
        for delivery in deliveries:
            _lay_out(vault, inbox, delivery)
        task = Task(
            name=task_name, feed=feed, inbox=inbox.resolve(),
            feed_folder=lake.at(FEEDS[feed].table).resolve(), rejected_folder=lake.at(REJECTED).resolve(),
            vault=vault.path.resolve(), vault_key=vault.key_reference, keeps_originals=False,
            deliveries=tuple((d.judged.delivery_no, d.sender, d.business_on, d.sequence) for d in deliveries),
        )  # fmt: skip
        return Outcome.model_validate_json(stage(task.model_dump_json()))
    finally:
        shutil.rmtree(inbox, ignore_errors=True)


def _lay_out(vault: Vault, inbox: Path, delivery: Listed) -> None:
    place = Place(delivery.feed, delivery.sender, delivery.business_on, delivery.sequence)
    files = vault.originals.take(originals.name_of(place, delivery.judged.sha256))
    if not files:
        raise MachineError(
            f"delivery {delivery.judged.delivery_no}, {place}: its staged file is gone and the vault does not keep its original; "
            "restore the lake's folder of that feed from a backup"
        )
    folder = place.folder(inbox)
    folder.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
