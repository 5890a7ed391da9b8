"""Writes the folder: tables, digests, rules, classes, the program that verifies them, and a manifest of it all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loanwatch import catalogue
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import CLASS_INPUT
from loanwatch.derive.tables import INDICATORS
from loanwatch.errors import DataError, UsageError
from loanwatch.explanation.known import quoted
from loanwatch.flag.rules import binding, in_force, load
from loanwatch.handover.schemes import schemes
from loanwatch.handover.trees import rule_as_data
from loanwatch.lake import Lake
from loanwatch.nights import landed
from loanwatch.seal import audit_log, sealed_tables
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import results
from loanwatch.seal.table_digest import TableDigest
from loanwatch.snapshot import write_csv
from loanwatch.tables import Table

SUBJECTS = {subject: table for subject, (table, _) in INDICATORS.items()}
INPUTS = (LOAN_DAY, CLASS_INPUT, *SUBJECTS.values())  # of rules and classes, of every subject
RELEASE = ("release", "as_of", "parent", "through_delivery_no", "conf_digest", "code_digest", "publication_no")
VERIFIER = Path(__file__).with_name("verify.py")


def write(lake: Lake, attempt: Attempt, content_digest: str, out: Path) -> str:
    """Write the folder of a release; the digest of its manifest.

    UsageError where the folder is not empty; DataError where a table is not what was sealed or read back on the night, or is
    not kept any more.
    """
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty; give a new folder")
    digests = {check.sealed.table: check.sealed for check in _sound(lake, attempt)}
    for part in ("tables", "csv", "digests"):
        (out / part).mkdir(parents=True, exist_ok=True)
    written = results(lake, attempt)
    tables = [catalogue.TABLES[name] for name in sorted({*digests, *(table.name for table in INPUTS)})]
    told = {table.name: _table(lake, attempt, table, written[table.name], digests.get(table.name), out) for table in tables}
    _rules_and_classes(lake, attempt, out)
    shutil.copy(VERIFIER, out / VERIFIER.name)
    manifest = {
        "release": {name: asdict(attempt)[name] for name in RELEASE} | {"content_digest": content_digest},
        "audit_log_head": str(audit_log.head(audit_log.entries(lake))),
        "subjects": {subject: table.name for subject, table in SUBJECTS.items()},
        "tables": told, "files": {str(file.relative_to(out)): _sha256(file) for file in sorted(out.rglob("*")) if file.is_file()},
    }  # fmt: skip
    _json(out / "manifest.json", manifest)
    return _sha256(out / "manifest.json")


def _sound(lake: Lake, attempt: Attempt) -> list[sealed_tables.Check]:
    checks = sealed_tables.check(lake, attempt, catalogue.TABLES)
    if broken := ", ".join(check.sealed.table for check in checks if not check.holds):
        raise DataError(f"{broken}: not what was sealed; `loanwatch audit tables --date {attempt.as_of}` says which rows")
    return checks


def _table(
    lake: Lake, attempt: Attempt, table: Table, written: Mapping[str, Any], sealed: TableDigest | None, out: Path
) -> dict[str, Any]:
    """Write a table in the order of its key; what the manifest says of it."""
    file = out / "tables" / f"{table.name}.parquet"
    columns = sealed.columns if sealed else tuple(sorted(table.names))
    _copy(table, columns, lake.files(table, attempt.as_of, attempt.release), file)
    if (rows := pq.read_metadata(file).num_rows) != written["rows"]:
        raise DataError(f"{table.name}: {written['rows']} rows were read back on the night, {rows} are there; past its keeping?")
    if table.public:
        held = pq.read_table(file, partitioning=None)
        write_csv(out / "csv" / f"{table.name}.csv", {name: held[name].to_pylist() for name in table.names if name in columns})
    if sealed:
        lines = (f"{bucket}\t{rows}\t{digest}\n" for bucket, (rows, digest) in sorted(sealed.buckets.items()))
        (out / "digests" / f"{table.name}.txt").write_text("".join(lines), encoding="utf-8")
    return {
        "grain": table.grain, "rows": rows, "sums": json.loads(written["sums"]), "sealed": sealed is not None,
        "digest": sealed.digest if sealed else None, "key": [c.name for c in table.key if c.name in columns], "columns": columns,
        "says": {column.name: column.doc for column in table.columns},
    }  # fmt: skip


def _copy(table: Table, columns: Sequence[str], files: Sequence[str], to: Path) -> None:
    if not files:
        schema = pa.schema([table.arrow.field(name) for name in columns])
        pq.write_table(schema.empty_table(), to)
        return
    listed, names = ", ".join(map(quoted, files)), ", ".join(f'"{name}"' for name in columns)
    key = ", ".join(f'"{column.name}"' for column in table.key if column.name in columns)
    query = f"select {names} from read_parquet([{listed}]) order by {key}"
    try:
        with duckdb.connect() as engine:
            engine.execute(f"copy ({query}) to {quoted(str(to))} (format parquet, compression zstd)")
    except duckdb.Error as error:
        raise DataError(f"{table.name}: its files cannot be read: {str(error).splitlines()[0]}") from None


def _rules_and_classes(lake: Lake, attempt: Attempt, out: Path) -> None:
    conf = landed(lake, str(attempt.conf_digest))
    rules = in_force(binding(load(conf.below("rules")), conf.business), attempt.as_of)
    _json(out / "rules.json", [rule_as_data(rule) for rule in rules])
    _json(out / "classes.json", schemes(conf))


def _json(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
