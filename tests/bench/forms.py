"""What filling and checking forms of 1,000,000 loans costs: a night of a synthetic book at a month's end, its base tables so many
times over.

CPU seconds are user + system of this process. The table is appended to tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
from night import README, machine

from loanwatch.extract import checks, edit_checks, filling
from loanwatch.forms import Form
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.synth import figures, synth
from loanwatch.tables import Table

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"
FIRST, DAYS, D, LOANS = date(2025, 3, 3), 29, date(2025, 3, 31), 400
FORMS = ("east/503", "east/504", "east/601", "east/603", "1104/G01II", "1104/G11I", "1104/G11II", "1104/G13", "1104/S63I",
         "1104/S63II")  # fmt: skip


def book(folder: Path) -> Lake:
    """A lake of one night, of a small book."""
    synth(LOANS, DAYS, 11, FIRST, folder)
    places = [part for name in ("inbox", "lake", "vault") for part in (f"--{name}", str(folder / name))]
    run = [sys.executable, "-m", "loanwatch", "run", "--date", str(D), *places, "--env", "test"]
    subprocess.run(run, check=True, cwd=ROOT, capture_output=True)
    return Lake(folder / "lake")


def grown(lake: Lake, table: Table, loans: int, folder: Path) -> str:
    """The rows of a base table, so many times over under other numbers of loans and borrowers, until there are so many loans."""
    attempt, path = publication.find(lake, D, None, first=False), folder / f"{table.short}.parquet"
    rows = filling.rows_of(table, lake.files(table, attempt.as_of, attempt.release))
    with duckdb.connect() as engine:
        there = engine.sql(f"select count(distinct loan_id) from ({rows})").fetchall()[0][0]
        again = "b.* replace (b.loan_id || 'x' || r.range as loan_id, b.borrower_id || r.range as borrower_id"
        contract = ", b.contract_id || r.range as contract_id)"
        engine.sql(f"copy (select {again}{contract} from ({rows}) b, range({-(-loans // there)}) r) to '{path}' (format parquet)")
    return str(path)


def cpu() -> float:
    spent = os.times()
    return spent.user + spent.system


def main(loans: int) -> None:
    """Fill and check each form, and append what it took."""
    lines = [f"## Forms of {loans:,} loans\n", f"{time.strftime('%Y-%m-%d')}, {machine()}\n",
             "| form | records or cells | filling, CPU s | checks | s |", "|---|---|---|---|---|"]  # fmt: skip
    total = 0.0
    with tempfile.TemporaryDirectory() as name:
        lake, files = book(Path(name)), dict[str, str]()
        for form in (Form.named(form, CONF) for form in FORMS):
            if form.table.name not in files:
                files[form.table.name] = grown(lake, form.table, loans, Path(name))
            told = {cell: figure for of, cell, figure in figures.cells() if of == form.name}
            began, before = time.monotonic(), cpu()
            filled = filling.fill(form.layout, form.mapping, form.table, [files[form.table.name]], {}, None, told)
            between = cpu()
            said = checks.read(form.folder / checks.FILE, form.layout)
            edit_checks.faults(form.layout, filled.records, said, form.empty, filled.exact)
            after = cpu()
            many = len(form.layout.fields) if form.layout.cells else len(filled.records.rows)
            spent = f"{between - before:.1f} | {after - between:.1f} | {time.monotonic() - began:.0f}"
            lines.append(f"| {form.name} | {many:,} | {spent} |")
            total += after - before
    lines.append(f"| **total** | | **{total:.0f}** | | |")
    print("\n".join(lines))
    with README.open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    main(parser.parse_args().loans)
