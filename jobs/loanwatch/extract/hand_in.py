"""What was handed in: the ledger of hand-ins with the edit checks that each was held to, and the records of each, tokens for names.

The records are noted before the row of the hand-in, and both before the file has its name: no file leaves that is in no ledger,
and a process that died before the row has handed in nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.columns import Column
from loanwatch.explanation.known import quoted
from loanwatch.extract.edit_checks import Fault
from loanwatch.extract.filling import Filled
from loanwatch.extract.layout import Layout
from loanwatch.extract.records import LINE
from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.report.tables import HAND_IN, RECORD
from loanwatch.seal import canonical
from loanwatch.seal.publication import Attempt
from loanwatch.seal.table_digest import sha256
from loanwatch.tables import Table

WAIT_SECONDS = 60.0
OF = ("form", "as_of", "pool_id")
SAME = (*OF, "release", "records_digest", "filing_digest", "file_digest", "demonstration")


@dataclass(frozen=True)
class HandedIn:
    """A row of `report.hand_in`, and whether it is of an earlier time: the same records had been handed in before."""

    number: int
    again: bool


def records_digest(layout: Layout, filled: Filled) -> str:
    """The SHA-256 of the records' canonical lines, each ended by a newline, in their order."""
    lines = _lines(filled.records.rows, [Column(code) for code in layout.by_code])
    return sha256("".join(f"{line}\n" for line in lines.to_pylist()))


def results(faults: Sequence[Fault]) -> list[str]:
    """The edit checks that some records break, each with how many; none where all hold."""
    return [f"{fault.field}: {fault.says}: {fault.records} records" for fault in faults]


def enter(
    lake: Lake, layout: Layout, attempt: Attempt, filled: Filled, base: Table, *, facts: Mapping[str, Any], faults: Sequence[Fault]
) -> HandedIn:
    """Enter a hand-in with its records, unless the same was entered before; `facts` are the other columns of its row."""
    row = {
        "form": layout.form, "edition": layout.edition, "as_of": attempt.as_of, "release": attempt.release, "base": base.name,
        "fields": list(layout.by_code), "records": len(filled.records.rows), "records_digest": records_digest(layout, filled),
        "faults": results(faults), **facts,
    }  # fmt: skip
    with lease(lake.path, HAND_IN.name, WAIT_SECONDS):
        delta = lake.create(HAND_IN)
        known = lake.rows(HAND_IN).to_pylist()
        same = [one["hand_in_no"] for one in known if all(one[name] == row[name] for name in SAME)]
        latest = max((one["hand_in_no"] for one in known if all(one[name] == row[name] for name in OF)), default=None)
        if same and max(same) == latest:
            return HandedIn(max(same), again=True)
        number = 1 + max([lake.last_batch(RECORD), *(one["hand_in_no"] for one in known)])
        lake.append(RECORD, _records(layout, filled, base, number), batch=number)
        lake.append_if_unchanged(delta, HAND_IN, [{"hand_in_no": number, **row}])
    return HandedIn(number, again=False)


def _records(layout: Layout, filled: Filled, base: Table, number: int) -> pa.Table:
    rows, count = filled.records.rows, len(filled.records.rows)
    with duckdb.connect() as engine:
        codes = ", ".join(f'"{code}"' for code in layout.by_code)
        values = engine.register("rows", rows).sql(f"select [{codes}] as given from rows").to_arrow_table()["given"]
    columns = {
        "hand_in_no": pa.array([number] * count, pa.int32()), "line_no": rows[LINE], "base_key": _lines(filled.keys, base.key),
        "loan_id": filled.keys[base.subject], "given": values,
    }  # fmt: skip
    return pa.table(columns).cast(RECORD.arrow)


def _lines(rows: pa.Table, columns: Sequence[Column]) -> pa.ChunkedArray:
    """The canonical line of some columns of each row, in their order."""
    with duckdb.connect() as engine:
        engine.register("rows", rows)
        return engine.sql(f"select {canonical.sql(columns)} as line from rows").to_arrow_table()["line"]


def earlier(lake: Lake, form: str, as_of: date, pool: str | None) -> list[dict[str, Any]]:
    """The hand-ins of a form for earlier dates, rows of `report.hand_in`; demonstrations where it was only ever demonstrated."""
    rows = lake.rows(HAND_IN, f"form = {quoted(form)} and as_of < date '{as_of}' order by as_of, hand_in_no").to_pylist()
    mine = [row for row in rows if row["pool_id"] == pool]
    return [row for row in mine if not row["demonstration"]] or mine


def records(lake: Lake, row: Mapping[str, Any], layout: Layout) -> pa.Table:
    """The records of a row of `report.hand_in`: a column of text a field, null in those that the form did not have then; tokens
    for names; and `line_no`."""
    found = lake.rows(RECORD, f"hand_in_no = {row['hand_in_no']} order by {LINE}", (LINE, "given"))
    place = {code: n for n, code in enumerate(row["fields"])}
    nothing = pa.nulls(len(found), pa.string())
    columns = {code: pc.list_element(found["given"], place[code]) if code in place else nothing for code in layout.by_code}
    return pa.table(columns | {LINE: found[LINE]})


def told(lake: Lake, rows: Sequence[Mapping[str, Any]], layout: Layout) -> pa.Table | None:
    """The records of some hand-ins of a form, as `records` gives them, one after the other and numbered through; None of none."""
    if not rows:
        return None
    whole = pa.concat_tables([records(lake, row, layout) for row in rows])
    return whole.set_column(whole.column_names.index(LINE), LINE, pa.array(range(1, len(whole) + 1), pa.int64()))


def of_loan(lake: Lake, loan_id: str) -> list[dict[str, Any]]:
    """Every record that a loan entered, by date: the row of its hand-in, `line_no` and what was `given` in its fields."""
    hand_ins = {row["hand_in_no"]: row for row in lake.rows(HAND_IN).to_pylist()}
    found = lake.rows(RECORD, f"loan_id = {quoted(loan_id)}", ("hand_in_no", "line_no", "given")).to_pylist()
    rows = [{**hand_ins[row["hand_in_no"]], **row} for row in found if row["hand_in_no"] in hand_ins]
    return sorted(rows, key=lambda row: (row["as_of"], row["hand_in_no"], row["line_no"]))
