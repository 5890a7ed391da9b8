"""Which versions of a row lost: `admit.superseded`, found by the hash of the key and confirmed on the key.

DuckDB over the feed tables' own files: a batch's keys against all others', one narrow column of each,
at a tenth of what a Spark plan over sixteen feeds costs to compile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.judged import Judged
from loanwatch.admit.tables import DELIVERY, SUPERSEDED
from loanwatch.lake import Lake
from loanwatch.tables import Feed

MEMORY = "2GB"

# `by` is the lowest delivery number that holds a higher version.
_LOST = """
with contested as (
    select key_hash from (select key_hash from read_parquet($new) {old_hashes})
    group by key_hash having count(*) > 1
),
ranked as (
    select v.*, min(v.delivery_no) over higher as best, count(*) over higher as above
    from (select {key}, key_hash, delivery_no, line_no, ranks.rank from read_parquet({files}) join ranks using (delivery_no)
          where key_hash in (from contested)) v
    window higher as (partition by {key} order by rank desc, line_no desc rows between unbounded preceding and 1 preceding)
)
select '{feed}' as feed, delivery_no, line_no, greatest(best, delivery_no)::int as by
from ranked where above > 0
order by delivery_no, line_no
"""
_OLD_HASHES = """union all
    select key_hash from read_parquet($old) where key_hash in (select key_hash from read_parquet($new))"""


def write_superseded(
    lake: Lake, batch_no: int, files: dict[str, list[str]], judged: list[tuple[str, int, Judged]]
) -> None:
    """Append what a batch's rows supersede, and which of them are superseded already; at most once a batch.

    `files` are the batch's files by feed, `judged` its deliveries as (feed, sequence, judgement).
    """
    lost = [_lost(lake, FEEDS[name], set(names), judged) for name, names in files.items() if names]
    known = lake.rows(SUPERSEDED, columns=("feed", "delivery_no", "line_no")).to_pylist()
    listed = {(row["feed"], row["delivery_no"], row["line_no"]) for row in known}
    rows = [r for table in lost for r in table.to_pylist() if (r["feed"], r["delivery_no"], r["line_no"]) not in listed]
    lake.append(SUPERSEDED, rows, batch_no)


def _lost(lake: Lake, feed: Feed, names: set[str], judged: list[tuple[str, int, Judged]]) -> pa.Table:
    paths = [Path(file) for file in lake.files(feed.table)]
    new = [str(path) for path in paths if path.name in names]
    old = [str(path) for path in paths if path.name not in names]
    key = ", ".join(feed.identity)
    files = "list_concat($new, $old)" if old else "$new"
    query = _LOST.format(key=key, feed=feed.name, files=files, old_hashes=_OLD_HASHES if old else "")
    with duckdb.connect(config={"memory_limit": MEMORY}) as engine:
        engine.register("ranks", ranks(sent(lake, feed, judged)))
        return engine.execute(query, {"new": new} | ({"old": old} if old else {})).to_arrow_table()


def sent(lake: Lake, feed: Feed, judged: list[tuple[str, int, Judged]]) -> Iterator[tuple[object, int, str, int]]:
    """The admitted deliveries of a feed, a batch's own among them, as (sent_on, sequence, sha256, delivery_no)."""
    where = f"feed = '{feed.name}' and outcome = 'admitted'"
    names = ("sent_on", "sequence", "sha256", "delivery_no")
    for row in lake.rows(DELIVERY, where, names).to_pylist():
        yield row["sent_on"], row["sequence"], row["sha256"], row["delivery_no"]
    for name, sequence, of in judged:
        if name == feed.name and of.reason is None:
            yield of.sent_on, sequence, of.sha256, of.delivery_no


def ranks(sent: Iterator[tuple[object, int, str, int]]) -> pa.Table:
    """The senders' order of deliveries: sent_on, sequence, content; arrival decides nothing."""
    ordered = sorted(set(sent))
    numbers = [number for *_, number in ordered]
    return pa.table({"delivery_no": pa.array(numbers, pa.int32()), "rank": pa.array(range(len(numbers)), pa.int64())})
