"""The folder for auditors: its own program finds it whole, and whatever was changed, added or left out, by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from lakes import released
from test_verification import LOANS, RULES, D, verdict_of

from loanwatch import configuration, settings
from loanwatch.balance.tables import LOAN_DAY, POPULATION, RECONCILIATION
from loanwatch.classify.inputs import INPUTS, OF_DAY
from loanwatch.classify.tables import CLASS_INPUT, LOAN_CLASS
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.errors import DataError, UsageError
from loanwatch.flag.rules import in_force
from loanwatch.flag.tables import RULE, VERDICT
from loanwatch.handover import folder as handover
from loanwatch.lake import Lake
from loanwatch.pipeline import SEALED
from loanwatch.report.tables import PORTFOLIO
from loanwatch.seal import publication, sealed_tables
from loanwatch.seal import tables as seal
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import StepResult, note
from loanwatch.tables import Table
from loanwatch.values import values

DAYS = (None, 0, 1, 31, 91, 271, 361)
CONF = configuration.load(settings.load("test"))
SCHEMES = values(CONF)["schemes"]
Rows = list[dict[str, Any]]


def day(n: int) -> dict[str, Any]:
    """A loan of the day: its clocks run apart, some arrears are excused, some repayments late."""
    return {
        "loan_id": f"P01:L{n}", "partner_id": "P01", "pool_id": f"T{n % 2}", "currency": "CNY", "product": "home",
        "status": "open", "balance_minor": 100 + n, "days_past_due": DAYS[n % 7], "own_days_past_due": DAYS[n // 7 % 7],
        "material_days_past_due": DAYS[n % 7], "technical": None if n % 5 == 0 else n % 5 == 1,
        "repayment_gap": "late" if n % 11 == 0 else "none",
        "debtor": ("person", "firm", None)[n % 3],
    }  # fmt: skip


def known(loan: Mapping[str, Any], n: int) -> dict[str, Any]:
    """What its class rests on: the day's clocks, of some a loan that it repaid, impairment, or a change of the contract."""
    quiet = {name: False if of.type == "boolean" else of.codes.words[0] if of.codes else 0 for name, of in INPUTS.items()}
    rolled = {"regulatory_days_past_due": DAYS[n % 4]} if n % 9 == 0 else {}
    impaired = {"credit_impaired": True, "allowance_bp": 100 * n} if n % 17 == 3 else {}
    row = {**quiet, **{name: loan[name] for name in OF_DAY}, **rolled, **impaired, "observed": n % 19 == 0}
    return {"loan_id": loan["loan_id"], "book_minor": loan["balance_minor"], "currency": "CNY", **row}


def classed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its class, in plain Python."""
    classes = {name: row[name] for name in ("loan_id", "book_minor", "currency")}
    for scheme in SCHEMES.values():
        found, of = scheme.decide(row), scheme.columns
        classes |= {of.column: found.word, of.floor: found.floor, of.paragraph: found.paragraph,
                    of.provisional: bool(found.missing), of.missing: list(found.missing)}  # fmt: skip
    return classes


def tables() -> dict[Table, Rows]:
    loans = [day(n) for n in range(100)]
    inputs = [known(loan, n) for n, loan in enumerate(loans)]
    seen = [{**LOANS[n % 3], "loan_id": loan["loan_id"], "partner_id": "P01"} for n, loan in enumerate(loans)]
    balances = {pool: [loan["balance_minor"] for loan in loans if loan["pool_id"] == pool] for pool in ("T0", "T1")}
    rules = in_force(values(CONF)["rules"], D)
    return {
        LOAN_DAY: loans, CLASS_INPUT: inputs, LOAN_CLASS: [classed(row) for row in inputs],
        LOAN_INDICATOR: [{name: value for name, value in row.items() if value is not None} for row in seen],
        VERDICT: [verdict_of(row) | {"no_basis": [0] * len(verdict_of(row)["red"])} for row in seen],
        RULE: [{"rule_id": r.id, "subject": r.subject, "bit": r.bit, "digest": r.digest, "status": r.text.status, "amber": r.amber,
                "red": r.red} for r in rules],
        POPULATION: [{"partner_id": "P01", "fate": "on_book", "loans": 100}, {"partner_id": "P01", "fate": "repaid", "loans": 7}],
        RECONCILIATION: [{"partner_id": "P01", "pool_id": pool, "currency": "CNY", "loans": len(of), "balance_minor": sum(of),
                          "verdict": "agreed"} for pool, of in balances.items()],
        PORTFOLIO: [{"cut": cut, "cut_value": cut, "currency": "CNY", "exposure_minor": sum(map(sum, balances.values()))}
                    for cut in ("product", "partner")],
    }  # fmt: skip


def sealed(lake: Lake, attempt: Attempt) -> None:
    """Note what the steps have written, and seal it, as a night does."""
    for table in {*SEALED, *handover.INPUTS}:
        rows = lake.rows(table, attempt.partition)
        amounts = [name for name in table.names if name.endswith("_minor")]
        note(lake, attempt, StepResult(table.name, len(rows), "", {a: pc.sum(rows[a]).as_py() or 0 for a in amounts}, 0))
    digests = sealed_tables.seal(lake, attempt, SEALED)
    content = sealed_tables.content_digest({name: of.digest for name, of in digests.items()})
    row = {"release": attempt.release, "as_of": attempt.as_of, "through_delivery_no": 1, "conf_digest": "c", "code_digest": "c"}
    lake.append(seal.SEALED, [row | {"content_digest": content}])


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made, attempt = released(tmp_path_factory.mktemp("handover") / "lake", D, tables())
    sealed(made, attempt)
    return made


@pytest.fixture(scope="module")
def whole(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "folder"
    done = loanwatch("snapshot", "--date", D, "--out", out, "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "folder"))


def verified(folder: Path, *arguments: str) -> tuple[int, str]:
    """The program of the folder, in an interpreter that does not find this package."""
    program = ["-c", "import sys; sys.modules['loanwatch'] = None; import runpy; sys.argv = sys.argv[1:]; "
                     "runpy.run_path(sys.argv[0], run_name='__main__')"]  # fmt: skip
    asked = [sys.executable, *program, str(folder / "verify.py"), *arguments]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env={})
    return done.returncode, done.stdout + done.stderr


def test_a_folder_as_it_was_handed_over_is_found_whole(whole: Path, lake: Lake) -> None:
    content = sealed_tables.sealed_content(lake, sealed_attempt(lake))
    code, told = verified(whole, "--content-digest", content)
    assert code == 0 and told.count("ok ") == 7 and f"content digest {content}" in told, told
    assert verified(whole, "--content-digest", "0")[0] == 1
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["tables"]["classify.loan_class"]["rows"] == 100 and manifest["audit_log_head"].startswith("0 ")
    assert (whole / "csv" / "classify.loan_class.csv").read_text("utf-8-sig").startswith('"loan_id","five_class"')


def sealed_attempt(lake: Lake) -> Attempt:
    return publication.find(lake, D)


Change = Callable[[Rows], Rows]


def changed(key: str, value: str, **facts: Any) -> Change:
    return lambda rows: [{**row, **facts} if row[key] == value else row for row in rows]


def without(key: str, value: str) -> Change:
    return lambda rows: [row for row in rows if row[key] != value]


DPD = next(rule for rule in RULES if rule.id == "DPD").bit


def not_red(rows: Rows) -> Rows:
    of = next(row for row in rows if row["subject_id"] == "P01:L1")
    return changed("subject_id", "P01:L1", red=[of["red"][0] & ~(1 << DPD), *of["red"][1:]])(rows)


TAMPERED: dict[str, tuple[str, Change, Sequence[str]]] = {
    "a class made better": (
        "classify.loan_class", changed("loan_id", "P01:L13", five_class="normal"),
        ("classify.loan_class: not the rows that were sealed", "P01:L13: five_class is normal, computed anew loss"),
    ),
    "a loan taken out": (
        "classify.loan_class", without("loan_id", "P01:L7"),
        ("99 rows instead of 100", "classify.loan_class: missing: P01:L7", "100 were, 99 are there"),
    ),
    "a warning's colour taken back": (
        "flag.verdict", not_red,
        ("rule DPD, loan P01:L1: red is 0, computed anew 1", "flag.verdict: not the rows that were sealed"),
    ),
    "a subject nobody judged": ("flag.verdict", without("subject_id", "P01:L9"), ("flag.verdict of loans: missing: P01:L9",)),
    "an input made better": (
        "derive.loan_indicator", changed("loan_id", "P01:L1", days_past_due=0),
        ("rule DPD, loan P01:L1: red is 1, computed anew 0",),
    ),
    "a balance made smaller": (
        "balance.loan_day", changed("loan_id", "P01:L3", balance_minor=1),
        ("balance.loan_day.balance_minor: sums to", "P01 T1 CNY: not the loans and balances", "report.portfolio: by product"),
    ),
    "arrears hidden": (
        "balance.loan_day", changed("loan_id", "P01:L4", days_past_due=0, own_days_past_due=0),
        ("classify.class_input: P01:L4: days_past_due is 91, by balance.loan_day 0",),
    ),
    "what a class rests on made better": (
        "classify.class_input", changed("loan_id", "P01:L13", days_past_due=0),
        ("P01:L13: five_class is loss, computed anew normal", "P01:L13: days_past_due is 0, by balance.loan_day 361"),
    ),
    "a rule left out": ("flag.rule", without("rule_id", "DPD"), ("rules.json: DPD is not in flag.rule",)),
}  # fmt: skip


@pytest.mark.parametrize("what", list(TAMPERED))
def test_what_was_changed_is_found_and_named(what: str, folder: Path) -> None:
    name, change, expected = TAMPERED[what]
    file = folder / "tables" / f"{name}.parquet"
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(pa.Table.from_pylist(change(rows.to_pylist()), schema=rows.schema), file)
    code, told = verified(folder)
    assert code == 1 and f"tables/{name}.parquet: its bytes are not those that were handed over" in told
    for part in expected:
        assert part in told, told


def test_a_file_that_is_missing_added_or_none_is_said(folder: Path) -> None:
    (folder / "tables" / "report.change.parquet").unlink()
    (folder / "tables" / "report.other.parquet").write_text("x")
    (folder / "tables" / "flag.verdict.parquet").write_text("x")
    code, told = verified(folder)
    assert code == 1 and "tables/report.change.parquet: missing" in told and "report.other.parquet: not in the manifest" in told
    assert "cannot be checked" in told


def test_a_manifest_written_anew_to_fit_does_not_come_to_the_content_digest(folder: Path) -> None:
    """Rows, digests and manifest are forged together; what the page prints is out of reach."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"]["classify.loan_class"]["digest"] = "0" * 64
    (folder / "digests" / "classify.loan_class.txt").write_text("")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    code, told = verified(folder)
    assert code == 1 and "do not come to the content digest of the release" in told


def test_a_folder_that_is_not_empty_and_a_lake_that_is_not_as_sealed_are_refused(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("x")
    attempt = sealed_attempt(lake)
    with pytest.raises(UsageError, match="is not empty"):
        handover.write(lake, attempt, "", tmp_path / "out")
    other = Lake(Path(shutil.copytree(lake.path, tmp_path / "lake")))
    (file,) = other.files(LOAN_CLASS, D, 1)
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(rows.slice(1), file)
    with pytest.raises(DataError, match=r"classify.loan_class: not what was sealed; `loanwatch audit tables"):
        handover.write(other, attempt, "", tmp_path / "new")
