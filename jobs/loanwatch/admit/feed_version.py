"""Which version of a feed a delivery follows, and what has changed from one version to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.layout import Unreadable
from loanwatch.admit.reading import check_columns, column_names
from loanwatch.columns import Column
from loanwatch.tables import Feed


def followed(feed: Feed, manifest: Manifest, folder: Path) -> Feed:
    """The feed as of the version that the manifest names; without one, the newest that the columns of all files fit.

    Unreadable where there is no such version, or its time is over on the delivery's business date.
    """
    version = manifest.version or _fitting(feed, manifest, folder)
    if version > feed.version:
        raise Unreadable(f"{MANIFEST}: version {version} of {feed.name} is not known; the newest is {feed.version}")
    until = feed.until(version)
    if until and manifest.business_on > until:
        raise Unreadable(
            f"version {version} of {feed.name} was taken up to {until}; "
            f"`loanwatch feeds diff {feed.name}@{version} {feed.name}@{feed.version}` says what has changed since"
        )
    return feed.at(version)


def _fitting(feed: Feed, manifest: Manifest, folder: Path) -> int:
    """The newest version that has the columns of all files and asks for no others; the newest of all where none does."""
    if not feed.older:
        return feed.version
    files = {file.name: column_names(folder / file.name, feed) for file in manifest.files}
    return next((v for v in range(feed.version, 0, -1) if _fits(feed.at(v), files)), feed.version)


def _fits(feed: Feed, files: dict[str, list[str]]) -> bool:
    try:
        for file, names in files.items():
            check_columns(names, feed, file)
    except Unreadable:
        return False
    return True


def changes(before: Feed, after: Feed) -> list[tuple[str, str]]:
    """What differs, as (column, what)."""
    old, new = ({column.name: column for column in feed.file_columns} for feed in (before, after))
    told = [(name, f"new: {new[name].type}{', required' * new[name].required}") for name in new if name not in old]
    told += [(name, "gone") for name in old if name not in new]
    return told + [(name, what) for name in new if name in old for what in _differences(old[name], new[name])]


def _differences(old: Column, new: Column) -> Iterator[str]:
    for field in fields(Column):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name not in ("codes", "standards") and before != after:
            yield f"{field.name}: {before} is now {after}"
    was, now = (column.codes.words if column.codes else () for column in (old, new))
    for what, words in (("new", [w for w in now if w not in was]), ("gone", [w for w in was if w not in now])):
        if words:
            yield f"{what} words: {', '.join(words)}"
