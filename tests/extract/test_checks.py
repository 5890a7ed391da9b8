"""Checks between the fields of a record: each of those that ship finds what it is for, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from loanwatch.errors import UsageError
from loanwatch.extract import checks, edit_checks, layout
from loanwatch.extract.records import LINE, Records

ANNEX = Path(__file__).parents[2] / "conf" / "extracts" / "esma" / "annex5"
FORM = layout.read(ANNEX / layout.FILE)
GOOD = {
    "AUTL6": "2024-02-29", "AUTL24": "2023-01-31", "AUTL25": "2026-01-31", "AUTL29": "100.00 EUR", "AUTL30": "90.00 EUR",
    "AUTL66": "ND5", "AUTL68": "0.00 EUR", "AUTL69": "0", "AUTL70": "PERF", "AUTL71": "ND5", "AUTL72": "0.00 EUR", "AUTL73": "ND5",
    "AUTL74": "0.00 EUR", "AUTL76": "0.00 EUR", "AUTL9": "ND5",
}  # fmt: skip
DEFAULTED = {
    "AUTL68": "0.01 EUR", "AUTL69": "91", "AUTL70": "DFLT", "AUTL71": "PDXX", "AUTL72": "90.00 EUR", "AUTL73": "2024-02-29",
}  # fmt: skip


def broken(*changes: dict[str, str]) -> list[str]:
    """The checks that records with these changes break, each as `name lines`."""
    rows = [{field.code: (GOOD | change).get(field.code, "ND1") for field in FORM.fields} for change in changes]
    table = pa.Table.from_pylist(rows).append_column(LINE, pa.array(range(1, len(rows) + 1), pa.int64()))
    found = edit_checks.faults(FORM, Records(table), checks.read(ANNEX / checks.FILE, FORM))
    return [f"{fault.says.partition(':')[0]} {fault.lines}" for fault in found if ": " in fault.says]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"AUTL68": "0.01 EUR"}, "arrears"),
        ({"AUTL69": "1", "AUTL70": "ARRE"}, "arrears"),
        ({"AUTL24": "2024-03-01"}, "origination_before_cut_off"),
        ({"AUTL25": "2023-01-30"}, "origination_before_maturity"),
        ({"AUTL9": "2024-02-01"}, "redeemed"),
        ({"AUTL9": "2024-02-01", "AUTL70": "RDMD"}, "redeemed_owes_nothing"),
        (DEFAULTED | {"AUTL73": "ND5"}, "default_dated"),
        (DEFAULTED | {"AUTL71": "ND5"}, "default_reason"),
        ({"AUTL68": "1 EUR", "AUTL69": "91", "AUTL70": "ARRE"}, "default_after_90_days"),
        ({"AUTL68": "1 EUR", "AUTL69": "1"}, "performing"),
        ({"AUTL68": "1 EUR", "AUTL69": "1", "AUTL70": "RARR"}, "restructured_dated"),
        ({"AUTL30": "100.01 EUR"}, "balance"),
        ({"AUTL74": "0.01 EUR", "AUTL76": "ND5"}, "losses"),
        (DEFAULTED | {"AUTL74": "80.00 EUR", "AUTL76": "9.99 EUR"}, "losses_add_up"),
    ],
)
def test_each_finds_what_it_is_for(change: dict[str, str], check: str) -> None:
    assert broken({}, change, DEFAULTED, {"AUTL68": "1 EUR", "AUTL69": "90", "AUTL70": "ARRE"}) == [f"{check} (2,)"]


def test_the_ones_that_ship_are_all_tried() -> None:
    tried = {mark.args[1][n][1] for mark in test_each_finds_what_it_is_for.pytestmark for n in range(len(mark.args[1]))}
    assert tried == {check.name for check in checks.read(ANNEX / checks.FILE, FORM)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {check: a, holds: AUTL999 = 1, says: x}", "checks.yaml:1: check a: the form has no column 'AUTL999'"),
        ("- {check: a, holds: AUTL69, says: x}", "checks.yaml:1: check a: 'AUTL69' is neither true nor false"),
        ("- {check: a, holds: AUTL69 = 'x', says: x}", "checks.yaml:1: check a: "),
        ("\n- {check: a, holds: 'true'}", "checks.yaml:2: says: Field required"),
        ("- {check: a, holds: AUTL69 = 1, says: x}\n- {check: a, holds: AUTL69 = 1, says: x}", "check a stands twice"),
    ],
)
def test_what_is_wrong_with_a_check_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / checks.FILE).write_text(text)
    with pytest.raises(UsageError) as refused:
        checks.read(tmp_path / checks.FILE, FORM)
    assert said in str(refused.value)
