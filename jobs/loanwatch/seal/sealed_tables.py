"""The digests of a release's tables as they were sealed, and whether its rows still have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.seal import canonical, retired
from loanwatch.seal.publication import Attempt
from loanwatch.seal.table_digest import Content, TableDigest, sha256
from loanwatch.seal.tables import SEALED, TABLE_DIGEST
from loanwatch.tables import Table


@dataclass(frozen=True)
class Check:
    """Whether the rows of a table are those that were sealed; if not, `keys` are those in the parts that differ: no others do.

    `found` is None where housekeeping has noted that it took them away.
    """

    sealed: TableDigest
    found: TableDigest | None
    keys: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.found is None or self.sealed.digest == self.found.digest


def content_digest(digests: Mapping[str, str]) -> str:
    """The digest of the digests of tables: of lines of name and digest in the order of the names, each ended by a newline."""
    return sha256("".join(canonical.line(each) + "\n" for each in sorted(digests.items())))


def seal(lake: Lake, attempt: Attempt, tables: Sequence[Table]) -> dict[str, TableDigest]:
    """The digests of some tables of an attempt, computed and noted once."""
    if not (done := sealed(lake, attempt)):
        done = {t.name: Content.of(t, lake.files(t, attempt.as_of, attempt.release)).digest() for t in tables}
        lake.append(TABLE_DIGEST, [_row(attempt, of) for of in done.values()])
    return done


def sealed(lake: Lake, attempt: Attempt) -> dict[str, TableDigest]:
    """The digests of a release, by table, as they were noted; none where it was sealed before there were any."""
    return {row["table"]: _digest(row) for row in lake.rows(TABLE_DIGEST, attempt.partition).to_pylist()}


def sealed_content(lake: Lake, attempt: Attempt) -> str:
    """The content digest of a release; UsageError where it was sealed before its tables had digests."""
    content = lake.rows(SEALED, attempt.noted, ("content_digest",))["content_digest"].to_pylist()
    if not sealed(lake, attempt) or not content:
        raise UsageError(f"release {attempt.release} of {attempt.as_of} was sealed before tables had digests, or not at all")
    return str(content[0])


def check(lake: Lake, attempt: Attempt, tables: Mapping[str, Table], only: Collection[str] | None = None) -> list[Check]:
    """What has become of the sealed tables of a release, all or `only` some, by name.

    UsageError where it has no digests; DataError where these are not those that its content digest was made of.
    """
    digests = sealed(lake, attempt)
    if sealed_content(lake, attempt) != content_digest({name: of.digest for name, of in digests.items()}):
        raise DataError(
            f"{TABLE_DIGEST.name}: the digests of release {attempt.release} of {attempt.as_of} do not come to the content digest "
            f"in {SEALED.name}; one of the two was altered: restore both from a backup of the lake"
        )
    wanted = digests if only is None else {name: of for name, of in digests.items() if name in only}
    gone = retired.tables(lake, attempt)
    return [Check(of, None, ()) if name in gone else _check(lake, attempt, tables[name], of) for name, of in sorted(wanted.items())]


def _check(lake: Lake, attempt: Attempt, table: Table, was: TableDigest) -> Check:
    rows = Content(table, lake.files(table, attempt.as_of, attempt.release), was.columns)
    found = rows.digest()
    return Check(was, found, tuple(rows.rows(was.unlike(found))))


def _row(attempt: Attempt, of: TableDigest) -> dict[str, Any]:
    buckets = [f"{bucket} {rows} {digest}" for bucket, (rows, digest) in sorted(of.buckets.items())]
    return {
        "release": attempt.release, "as_of": attempt.as_of, "table": of.table, "rows": of.rows, "digest": of.digest,
        "key": of.key, "columns": of.columns, "buckets": buckets,
    }  # fmt: skip


def _digest(row: Mapping[str, Any]) -> TableDigest:
    parts = (part.split(" ") for part in row["buckets"])
    buckets = {bucket: (int(rows), digest) for bucket, rows, digest in parts}
    return TableDigest(row["table"], tuple(row["key"]), tuple(row["columns"]), buckets)
