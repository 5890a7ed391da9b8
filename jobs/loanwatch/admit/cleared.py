"""Which rejected rows have been put right: `admit.cleared`.

A rejected row is open until a row of the same sender, feed and business key is admitted that is a higher version of it
(versions.py: the sender's order decides, not the arrival). Found by the hash of the key alone, the key itself is not kept:
of a hundred thousand open rows and ten million new ones, one in twenty million such tables has a false match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.key_hash import key_hash
from loanwatch.admit.listing import Listing
from loanwatch.admit.rejecting import business_key
from loanwatch.admit.tables import CLEARED, DELIVERY, REJECTED
from loanwatch.admit.versions import MEMORY, ranks, sent
from loanwatch.columns import KEY_HASH
from loanwatch.lake import Lake
from loanwatch.tables import Feed

_PLACE = ("delivery_no", "line_no")
_CLEARED = """
select '{feed}' as feed, r.delivery_no, r.line_no, min(greatest(a.delivery_no, r.delivery_no))::int as by
from rejected r join admitted a using (key_hash)
join ranks rejected_in on rejected_in.delivery_no = r.delivery_no
join ranks admitted_in on admitted_in.delivery_no = a.delivery_no
join senders told on told.delivery_no = r.delivery_no
join senders tells on tells.delivery_no = a.delivery_no and tells.sender = told.sender
where (admitted_in.rank, a.line_no) > (rejected_in.rank, r.line_no)
group by r.delivery_no, r.line_no order by r.delivery_no, r.line_no
"""


def write_cleared(lake: Lake, listing: Listing) -> None:
    """Append which rejected rows a batch puts right, and which of its own have been already; at most once a batch."""
    opened = _open(lake)
    feeds = [FEEDS[name] for name in pc.unique(opened["feed"]).to_pylist()]
    found = [_cleared(lake, feed, opened.filter(pc.equal(opened["feed"], feed.name)), listing) for feed in feeds]
    rows = pa.concat_tables(found) if found else CLEARED.arrow.empty_table()
    lake.append(CLEARED, rows.cast(CLEARED.arrow), listing.batch_no)


def _open(lake: Lake) -> pa.Table:
    """Rejected rows whose key is known and that nothing has put right so far."""
    rows = lake.rows(REJECTED, "key_hash is not null", ("feed", *_PLACE, KEY_HASH.name))
    return rows.join(lake.rows(CLEARED, columns=("feed", *_PLACE)), ["feed", *_PLACE], join_type="left anti")


def _cleared(lake: Lake, feed: Feed, opened: pa.Table, listing: Listing) -> pa.Table:
    """What is put right: old rejects by the batch's rows, the batch's own rejects by all rows there are."""
    new = {file.name for file in listing.files.get(feed.name, ())}
    own = pc.any(pc.greater_equal(opened["delivery_no"], listing.first_delivery_no)).as_py()
    files = [Path(file) for file in lake.files(feed.table) if own or Path(file).name in new]
    admitted = _keys(feed, files, opened)
    if not len(admitted):
        return CLEARED.arrow.empty_table()
    judged = [(d.feed, d.sequence, d.judged) for d in listing.deliveries]
    with duckdb.connect(config={"memory_limit": MEMORY}) as engine:
        engine.register("rejected", opened)
        engine.register("admitted", admitted)
        engine.register("ranks", ranks(sent(lake, feed, judged)))
        engine.register("senders", _senders(lake, feed, listing))
        return engine.execute(_CLEARED.format(feed=feed.name)).to_arrow_table().cast(CLEARED.arrow)


def _keys(feed: Feed, files: Sequence[Path], opened: pa.Table) -> pa.Table:
    """Place and key of the rows of feed files whose key is that of an open rejected row."""
    whole = business_key(feed) == feed.identity  # then it is what lies beside the row
    names = (KEY_HASH.name,) if whole else business_key(feed)
    parts = [pa.table({name: pa.array([], pa.int64()) for name in (KEY_HASH.name, *_PLACE)})]
    for rows in _groups(files, names):
        hashes = rows[KEY_HASH.name].combine_chunks() if whole else key_hash([_flat(rows[name]) for name in names])
        keyed = pa.table({KEY_HASH.name: hashes} | {name: rows[name].cast(pa.int64()) for name in _PLACE})
        parts.append(keyed.filter(pc.is_in(keyed[KEY_HASH.name], opened[KEY_HASH.name].combine_chunks())))
    return pa.concat_tables(parts)


def _groups(files: Sequence[Path], names: Sequence[str]) -> Iterator[pa.Table]:
    for path in files:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=[*names, *_PLACE])


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _senders(lake: Lake, feed: Feed, listing: Listing) -> pa.Table:
    """Who sent which delivery of a feed."""
    rows = lake.rows(DELIVERY, f"feed = '{feed.name}' and delivery_no is not null", ("delivery_no", "sender")).to_pylist()
    known = {row["delivery_no"]: row["sender"] for row in rows}
    known |= {d.judged.delivery_no: d.sender for d in listing.deliveries if d.feed == feed.name}
    return pa.table({"delivery_no": pa.array(known, pa.int32()), "sender": pa.array(known.values(), pa.string())})
