"""Of forms that tell what is new or has changed: the records that differ from what was told of them last."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.extract.filling import Filled
from loanwatch.extract.layout import Layout
from loanwatch.extract.records import LINE, Records


def changed(filled: Filled, layout: Layout, told: pa.Table | None) -> Filled:
    """The records that are new, or of which anything but the day that they are told for differs from the newest of `told`: earlier
    records in the order in which they were told, as `hand_in.told` gives them."""
    if told is None:
        return filled
    of_day = {field.code for field in layout.fields if field.key and field.format == "DATE"}
    key = ", ".join(_quoted(field.code) for field in layout.fields if field.key and field.code not in of_day)
    same = " and ".join(
        f"r.{_quoted(code)} is not distinct from l.{_quoted(code)}" for code in layout.by_code if code not in of_day
    )
    with duckdb.connect() as engine:
        engine.register("records", filled.records.rows)
        engine.register("told", told)
        last = f"select * from told qualify row_number() over (partition by {key} order by {LINE} desc) = 1"
        lines = engine.sql(f"select {LINE} from records r where not exists (select 1 from ({last}) l where {same}) order by 1")
        kept = lines.to_arrow_table()[LINE]
    rows, keys = (of.filter(pc.is_in(of[LINE], value_set=kept.combine_chunks())) for of in (filled.records.rows, filled.keys))
    number = pa.array(range(1, len(rows) + 1), pa.int64())
    rows, keys = (of.set_column(of.column_names.index(LINE), LINE, number) for of in (rows, keys))
    return replace(filled, records=Records(rows), keys=keys)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
