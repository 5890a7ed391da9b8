"""What lies in the inbox: deliveries that have arrived, and what makes each of them new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from loanwatch.admit.delivery import MANIFEST, Manifest, Place
from loanwatch.admit.feeds import FEEDS

SENDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Arrival:
    """A delivery with its manifest in place; `reason` says why it cannot even be opened.

    `stamp` is size and time of its files: the same stamp at the same place is the same receipt.
    """

    place: Place
    stamp: str
    bytes: int
    manifest: Manifest | None
    reason: str | None


def arrivals(inbox: Path, through: date) -> Iterator[Arrival]:
    """Deliveries with a business date up to `through`, in the order in which they are numbered."""
    found = sorted(_places(inbox), key=lambda p: (p.business_on, list(FEEDS).index(p.feed), p.sender, p.sequence))
    for place in found:
        if place.business_on <= through:
            yield _arrival(inbox, place)


def unknown_feeds(inbox: Path) -> list[str]:
    """Folders of the inbox that are no feed: reported, never read."""
    return (
        sorted(path.name for path in inbox.iterdir() if path.is_dir() and path.name not in FEEDS)
        if inbox.is_dir()
        else []
    )


def _places(inbox: Path) -> Iterator[Place]:
    for feed in FEEDS:
        for manifest in (inbox / feed).glob(f"*/*/*/{MANIFEST}"):
            sender, day, sequence = manifest.parts[-4:-1]
            place = _place(feed, sender, day, sequence)
            if place and place.folder(inbox) == manifest.parent:
                yield place


def _place(feed: str, sender: str, day: str, sequence: str) -> Place | None:
    try:
        business_on = date.fromisoformat(day)
    except ValueError:
        return None
    well_named = SENDER.fullmatch(sender) and sequence.isascii() and sequence.isdigit()
    return Place(feed, sender, business_on, int(sequence)) if well_named and int(sequence) else None


def _arrival(inbox: Path, place: Place) -> Arrival:
    folder = place.folder(inbox)
    sizes = sorted((p.name, s.st_size, s.st_mtime_ns) for p in folder.iterdir() for s in [p.stat()])
    stamp = f"{sum(size for _, size, _ in sizes)}:{max(time for _, _, time in sizes)}"
    manifest, reason = _manifest(folder, place)
    return Arrival(place, stamp, sum(size for _, size, _ in sizes), manifest, reason)


def _manifest(folder: Path, place: Place) -> tuple[Manifest | None, str | None]:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "the file"
        return None, f"{MANIFEST}: {at}: {first['msg']}"
    stated = Place(manifest.feed, manifest.sender, manifest.business_on, manifest.sequence)
    if stated != place:
        return None, f"{MANIFEST}: speaks of another delivery than the folder it lies in"
    return manifest, None
