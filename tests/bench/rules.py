"""60 and 200 rules on 1,000,000 loans and as many borrowers: what planning and evaluating them costs by Spark, warm, and by DuckDB.

CPU seconds are user + system of this process and the JVM. The table is appended to tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from drawn_rules import LIMITS, drawn
from night import README, Meter, machine
from pyspark.sql import DataFrame, SparkSession

from loanwatch import session, settings
from loanwatch.columns import ARROW, Column
from loanwatch.flag.rules import TABLES, Rule, about
from loanwatch.flag.second_engine import masks_sql
from loanwatch.flag.verdict import verdict

TURNS = 3
SUBJECTS = ("loan", "borrower")


def indicators(folder: Path, rows: int) -> None:
    """A file of indicators a subject: numbers beside the limits, one in twenty missing, one source in ten with a gap."""
    draw = np.random.default_rng(7)
    for subject in SUBJECTS:
        columns = {column.name: _values(column, rows, draw) for column in TABLES[subject].columns}
        pq.write_table(pa.table(columns), folder / f"{subject}.parquet", row_group_size=rows // 4)


def _values(column: Column, rows: int, draw: np.random.Generator) -> pa.Array:
    missing = None if column.required else draw.random(rows) < 0.05
    if column.type == "boolean":
        return pa.array(draw.random(rows) < 0.3, mask=missing)
    if column.codes:
        words = column.codes.words
        often = [0.1 / (len(words) - 1)] * (len(words) - 1)
        return pa.array(np.array(words)[draw.choice(len(words), rows, p=[*often, 0.9])])
    if column.type == "string":
        return pa.array(np.char.add("P01:L", np.arange(rows).astype("U8")))
    unit = next((unit for unit in LIMITS if column.name.endswith(unit)), "days")
    least = -1000 if column.at_least is None else column.at_least
    spread = draw.exponential(LIMITS[unit][-3], rows).astype(np.int64)
    return pa.array(np.maximum(spread, least), ARROW[column.type], mask=missing)


def spent(meter: Meter, work: Callable[[], object]) -> float:
    """CPU seconds of the last of some turns."""
    for _ in range(TURNS):
        before = meter.look()
        work()
    return meter.look() - before


def by_spark(meter: Meter, spark: SparkSession, folder: Path, rules: tuple[Rule, ...]) -> tuple[float, float, float]:
    """Seconds of planning; CPU seconds without and with writing."""

    def planned() -> DataFrame:
        files = {s: spark.read.schema(TABLES[s].spark).parquet(str(folder / f"{s}.parquet")) for s in SUBJECTS}
        nothing = {s: spark.createDataFrame([], table.spark) for s, table in TABLES.items()}
        return verdict(*(nothing | files).values(), rules)

    began = time.monotonic()
    planned()._jdf.queryExecution().executedPlan()
    planning = time.monotonic() - began
    evaluated = spent(meter, lambda: planned().write.format("noop").mode("overwrite").save())
    return planning, evaluated, spent(meter, lambda: planned().write.format("delta").mode("overwrite").save(str(folder / "masks")))


def by_duckdb(meter: Meter, folder: Path, rules: tuple[Rule, ...]) -> float:
    """CPU seconds with writing."""

    def write() -> None:
        with duckdb.connect() as engine:
            for subject in SUBJECTS:
                rows = f"read_parquet('{folder}/{subject}.parquet')"
                query = masks_sql(about(rules, subject), subject, rows)
                engine.execute(f"copy ({query}) to '{folder}/{subject}_masks.parquet'")

    return spent(meter, write)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="Loans, and as many borrowers.")
    parser.add_argument("--rules", type=int, nargs="*", default=[60, 200])
    arguments = parser.parse_args()
    meter, lines = Meter(), []
    meter.start()
    with tempfile.TemporaryDirectory() as name:
        indicators(Path(name), arguments.rows)
        spark = session.start(settings.load("local"))
        for number in arguments.rules:
            rules = drawn(number)
            planning, evaluated, written = by_spark(meter, spark, Path(name), rules)
            other = by_duckdb(meter, Path(name), rules)
            cells = (f"{planning:.1f}", f"{evaluated:.1f}", f"{written:.1f}", f"{other:.1f}", f"{written / other:.1f}")
            lines.append(f"| {number} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
        spark.stop()
        session.end()
    meter.done.set()
    text = f"\n## Rules on {arguments.rows:,} loans and as many borrowers\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += "| rules | planning, s | Spark, CPU s warm | with writing | DuckDB with writing | ratio |\n|---|---|---|---|---|---|\n"
    text += "\n".join(lines) + "\n"
    if arguments.rows == parser.get_default("rows"):
        README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
