"""Chains of loans that repaid each other, to any depth: what the last of a chain takes over from the ones before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Ints = npt.NDArray[np.int32]
NEVER = np.iinfo(np.int32).max
TAKEN_OVER = pa.schema([
    ("loan_id", pa.string()), ("replaced_loan_id", pa.string()), ("replaced_loans", pa.int32()), ("inferred", pa.bool_()),
    ("carried_since", pa.date32()), ("original_matures_on", pa.date32()), ("original_unknown", pa.bool_()),
])  # fmt: skip
_SPARK = """loan_id string, replaced_loan_id string, replaced_loans int, inferred boolean, carried_since date,
            original_matures_on date, original_unknown boolean"""


def chains(links: DataFrame) -> DataFrame:
    """One row per loan that repaid others (TAKEN_OVER), from one per loan and loan it repaid.

    `links`: loan_id, replaced_loan_id, inferred, since (the date from which the replaced loan was past due when it was paid
    off; null = it was not), matures_on (of the replaced loan; null = it is not known). All links go to one worker: they are
    few beside the loans, and a chain has to be seen whole.
    """

    def taken_over_whole(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if together := [batch for batch in batches if len(batch)]:
            yield from taken_over(pa.Table.from_batches(together)).to_batches()

    return links.coalesce(1).mapInArrow(taken_over_whole, _SPARK)


def taken_over(links: pa.Table) -> pa.Table:
    """TAKEN_OVER of links; only a contract that names the other hands on the maturity of the original."""
    order = [("loan_id", "ascending"), ("inferred", "ascending"), ("since", "ascending"), ("replaced_loan_id", "ascending")]
    links = links.sort_by(order).combine_chunks()
    loans = pa.concat_arrays([links[name].combine_chunks() for name in ("loan_id", "replaced_loan_id")]).dictionary_encode()
    new, old = np.split(loans.indices.to_numpy(), 2)
    named = ~links["inferred"].to_numpy()
    matures = links["matures_on"]
    of_named = (new[named], old[named])
    since = _least(len(loans.dictionary), new, old, _days(links["since"]))
    original = _least(len(loans.dictionary), *of_named, _days(matures)[named])
    unknown = _least(len(loans.dictionary), *of_named, np.where(matures.is_null().to_numpy()[named], 0, NEVER).astype(np.int32))
    first = np.flatnonzero(np.r_[True, new[1:] != new[:-1]])
    row = new[first]
    return pa.Table.from_arrays(
        [
            *(links[name].take(pa.array(first)) for name in ("loan_id", "replaced_loan_id")),
            pa.array(np.diff(np.r_[first, len(new)]), pa.int32()),
            pa.array(~named[first]),
            *(pa.array(day[row], pa.int32(), mask=day[row] == NEVER).cast(pa.date32()) for day in (since, original)),
            pa.array(unknown[row] == 0),
        ],
        schema=TAKEN_OVER,
    )


def _least(loans: int, new: Any, old: Any, value: Ints) -> Ints:
    """Per loan the least value along all links that lead to it; a circle of loans has the least of the circle."""
    least = np.full(loans, NEVER, np.int32)
    np.minimum.at(least, new, value)
    while True:
        further = least.copy()
        np.minimum.at(further, new, least[old])
        if np.array_equal(further, least):
            return least
        least = further


def _days(column: pa.ChunkedArray) -> Ints:
    days: Ints = pc.fill_null(column.cast(pa.int32()), NEVER).to_numpy()
    return days
