"""What sealing and verifying 1,000,000 loans costs: digests of the sealed tables, and the auditors' program on a folder of them.

CPU seconds are user + system of this process. The table is appended to tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from drawn_rules import DAY
from night import README, machine
from rules import SUBJECTS, indicators

from loanwatch import configuration, settings
from loanwatch.classify.tables import LOAN_CLASS, MIGRATION
from loanwatch.columns import Column
from loanwatch.flag.rules import TABLES, about, in_force
from loanwatch.flag.second_engine import masks_sql
from loanwatch.flag.tables import RULE, VERDICT, WARNING, WARNING_EVENT
from loanwatch.handover import verify
from loanwatch.handover.trees import rule_as_data
from loanwatch.report.tables import CHANGE, WATCH_LIST
from loanwatch.seal.sealed_tables import content_digest
from loanwatch.seal.table_digest import Content, TableDigest
from loanwatch.tables import Table
from loanwatch.values import values

# Rows by loan: all classed and new, three in ten with a warning, as in synthetic books.
PUBLIC = {LOAN_CLASS: 1.0, MIGRATION: 1.0, WARNING: 0.3, WARNING_EVENT: 0.05, WATCH_LIST: 0.2, CHANGE: 0.05}
KINDS = {
    "string": "'word ' || {n} % 1000", "int": "({n} % 400)::int", "long": "({n} % 10000000)::bigint",
    "date": "date '2024-01-01' + ({n} % 400)::int", "boolean": "{n} % 2 = 0", "longs": "[{n} % 1000, 0]::bigint[]",
    "strings": "['DPD', 'LTV']",
}  # fmt: skip


def drawn(engine: duckdb.DuckDBPyConnection, table: Table, rows: int, file: Path) -> None:
    """A table of so many rows, one value in three missing where it may be."""
    key = {column.name for column in table.key}

    def value(column: Column, place: int) -> str:
        if column.name in key and column.type == "string":
            return "'P01:L' || i"
        drawn = KINDS[column.type].format(n=f"hash(i + {7919 * place})")
        return drawn if column.required or column.name in key else f"if(hash(i + {place}) % 3 = 0, null, {drawn})"

    columns = ", ".join(f'{value(column, place)} as "{column.name}"' for place, column in enumerate(table.columns))
    engine.execute(f"copy (select {columns} from range({rows}) t(i)) to '{file}' (format parquet)")


def folder_of(folder: Path, rows: int) -> dict[str, Table]:
    """The sealed tables of a book, and indicators with the verdicts of the shipped rules on them; all as the verifier reads it."""
    (folder / "tables").mkdir()
    (folder / "digests").mkdir()
    shipped = in_force(values(configuration.load(settings.load("local")))["rules"], DAY)
    indicators(folder, rows)
    with duckdb.connect() as engine:
        for table, share in PUBLIC.items():
            drawn(engine, table, int(rows * share), folder / "tables" / f"{table.name}.parquet")
        told = []
        for subject in SUBJECTS:
            (folder / f"{subject}.parquet").rename(at := folder / "tables" / f"{TABLES[subject].name}.parquet")
            of = masks_sql(about(shipped, subject), subject, f"read_parquet('{at}')")
            told.append(f"select '{subject}' as subject, * from ({of})")
        engine.execute(f"copy ({' union all '.join(told)}) to '{folder}/tables/{VERDICT.name}.parquet' (format parquet)")
    rules = [rule_as_data(rule) for rule in shipped if rule.subject in SUBJECTS]
    (folder / "rules.json").write_text(json.dumps(rules, default=str))
    ran = [{name: (rule | rule["sql"] | {"rule_id": rule["id"]})[name] for name in RULE.names} for rule in rules]
    pq.write_table(pa.Table.from_pylist(ran), folder / "tables" / f"{RULE.name}.parquet")
    return {table.name: table for table in (*PUBLIC, VERDICT)}


def handed_over(folder: Path, digests: dict[str, TableDigest]) -> verify.Folder:
    """The folder with a manifest of these digests."""
    tables: dict[str, Any] = {}
    for name, of in digests.items():
        lines = (f"{bucket}\t{rows}\t{digest}\n" for bucket, (rows, digest) in sorted(of.buckets.items()))
        (folder / "digests" / f"{name}.txt").write_text("".join(lines))
        tables[name] = {"sealed": True, "key": of.key, "columns": of.columns, "digest": of.digest}
    content = content_digest({name: of.digest for name, of in digests.items()})
    subjects = {subject: TABLES[subject].name for subject in SUBJECTS}
    manifest = {"release": {"content_digest": content}, "subjects": subjects, "tables": tables}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return verify.Folder(folder)


def spent(what: str, work: Callable[[], Any]) -> tuple[str, Any]:
    """A line of the table, and what the work gave."""
    cpu, began = time.process_time(), time.monotonic()
    found = work()
    line = f"| {what} | {time.process_time() - cpu:.1f} | {time.monotonic() - began:.1f} |"
    print(line, flush=True)
    return line, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="Loans, and as many borrowers.")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = folder_of(folder, rows)
        at = {name: [str(folder / "tables" / f"{name}.parquet")] for name in tables}
        lines = []
        for label, wanted in (("published tables", [*PUBLIC]), ("verdicts", [VERDICT])):
            line, found = spent(f"digests of {label}", lambda of=wanted: {t.name: Content.of(t, at[t.name]).digest() for t in of})
            lines.append((line, found))
        checked = handed_over(folder, {name: of for _, digests in lines for name, of in digests.items()})
        for label, check in (("digests", checked.digests), ("every rule on every subject", checked.verdicts)):
            lines.append(spent(f"verifier: {label}", lambda of=check: list(of())))
            if lines[-1][1]:
                raise SystemExit("\n".join(lines[-1][1][:9]))
    text = f"\n## Seal and verifier on {rows:,} loans and as many borrowers\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += "| | CPU s | s |\n|---|---|---|\n" + "\n".join(line for line, _ in lines) + "\n"
    if rows == parser.get_default("rows"):
        README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
