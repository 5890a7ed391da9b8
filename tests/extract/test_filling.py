"""Forms filled from a base table: against plain Python, cell by cell; and what is wrong with a mapping, told with its line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.codes import CURRENCIES, ID_TYPES
from loanwatch.columns import Column, coded
from loanwatch.errors import UsageError
from loanwatch.extract import edit_checks, filling, formats, layout, mapping
from loanwatch.extract.layout import Field, Layout
from loanwatch.report import base_tables
from loanwatch.tables import Table

CONF = Path(__file__).parents[2] / "conf" / "extracts"
BASE = Table(
    "report.base_loan", "small", (Column("loan_id", required=True),),
    (
        Column("loan_id", required=True), Column("pool_id"), coded("currency", CURRENCIES, "", required=False),
        Column("owed_minor", "long"), Column("of_minor", "long"), Column("rate_bp", "long"), Column("days", "int"),
        Column("since", "date"), Column("until", "date"), Column("lost", "boolean"), coded("kind", ID_TYPES, "", required=False),
        Column("name"),
    ),
)  # fmt: skip
COLUMNS = {BASE.name: {column.name: column for column in BASE.columns}}
FORM = Layout(
    form="esma/t", code="T", title="t", edition="e", sends="full", blanks=False, workbooks={},
    fields=(
        Field(code="ID", name="n", format="{ALPHANUM-100}", key=True),
        Field(code="DUE", name="n", format="{DATEFORMAT}", instead=("ND5",)),
        Field(code="ANY", name="n", format="{DATEFORMAT}", instead=("ND5",)), Field(code="OWED", name="n", format="{MONETARY}"),
        Field(code="SHARE", name="n", format="{PERCENTAGE}", instead=("ND1",)),
        Field(code="DAYS", name="n", format="{INTEGER-9999}"),
        Field(code="LOST", name="n", format="{Y/N}"), Field(code="KIND", name="n", format="{LIST}", codes=("INDV", "OTHR")),
        Field(code="STATE", name="n", format="{LIST}", codes=("GOOD", "LATE", "LOST")), Field(code="LEI", name="n", format="{LEI}"),
        Field(code="NONE", name="n", format="{YEAR}", instead=("ND1",)),
        Field(code="XSINCE", name="n", format="C8", element=formats.DATE), Field(code="XOWED", name="n", format="D20.2"),
        Field(code="WHOLE", name="n", format="I"), Field(code="XNAME", name="n", format="C..30"),
    ),
)  # fmt: skip
TEXT = """\
source: test
table: report.base_loan
records: not lost or owed_minor > 0
constants: {ND1: [NONE]}
fields:
  ID: loan_id
  DUE: {value: since, else: ND5}
  ANY: {value: 'coalesce(since, until)', else: ND5}
  OWED: owed_minor + of_minor
  SHARE: {value: '10000 * owed_minor div nullif(of_minor, 0)', unit: bp, else: ND1}
  DAYS: days
  LOST: lost
  KIND: {value: kind, words: {id_card: INDV, passport: INDV, credit_code: OTHR, other: OTHR}}
  STATE:
    cases:
    - {when: lost, give: "'LOST'"}
    - {when: days > 0, give: "'LATE'"}
    - {when: 'true', give: "'GOOD'"}
  LEI: {setting: lei, of: pool_id}
  XSINCE: since
  XOWED: owed_minor
  WHOLE: days
  XNAME: name
"""
FILER = {"lei": {"A": "7LTWFZYICNSX8D621K86"}}
Row = Mapping[str, Any]

amounts = st.none() | st.integers(-(10**18), 10**18)
days_ = st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31))
base_rows = st.lists(
    st.fixed_dictionaries({
        "pool_id": st.sampled_from(["A", "B", None]), "currency": st.sampled_from(["CNY", "USD"]), "owed_minor": amounts,
        "of_minor": amounts | st.just(0), "rate_bp": amounts, "days": st.none() | st.integers(0, 9999), "since": days_,
        "until": days_, "lost": st.none() | st.booleans(), "kind": st.none() | st.sampled_from(ID_TYPES.words),
        "name": st.none() | st.text(alphabet="甲a'\";,=\\ ", max_size=8),
    }),
    max_size=12,
)  # fmt: skip


def expected(row: Row) -> dict[str, str] | None:
    """The record of a row in plain Python; None where it is none."""
    lost, owed, of_, days = row["lost"], row["owed_minor"], row["of_minor"], row["days"]
    if lost is not False and (owed is None or owed <= 0):
        return None

    def hundredths(value: int) -> str:
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"

    share = None if owed is None or not of_ else abs(10000 * owed) // abs(of_) * (1 if (owed < 0) == (of_ < 0) else -1)
    first = row["since"] or row["until"]
    state = None if lost is None else "LOST" if lost else None if days is None else "LATE" if days > 0 else "GOOD"
    return {
        "ID": row["loan_id"],
        "DUE": row["since"].isoformat() if row["since"] else "ND5",
        "ANY": first.isoformat() if first else "ND5",
        "OWED": "" if owed is None or of_ is None else f"{hundredths(owed + of_)} {row['currency']}",
        "SHARE": "ND1" if share is None else hundredths(share),
        "DAYS": "" if days is None else str(days),
        "LOST": {None: "", True: "Y", False: "N"}[lost],
        "KIND": {None: "", "id_card": "INDV", "passport": "INDV"}.get(row["kind"], "OTHR"),
        "STATE": state or "",
        "LEI": FILER["lei"].get(row["pool_id"], ""),
        "NONE": "ND1",
        "XSINCE": row["since"].strftime("%Y%m%d") if row["since"] else "99991231",
        "XOWED": "" if owed is None else hundredths(owed),
        "WHOLE": "" if days is None else str(days),
        "XNAME": row["name"] or "",
    }


@settings(deadline=None, max_examples=60)
@given(base_rows)
def test_each_cell_as_plain_python_says(rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        row["loan_id"] = f"P01:{99 - number}"
    with NamedTemporaryFile(suffix=".parquet") as file:
        pq.write_table(pa.Table.from_pylist(rows, plain(BASE)), file.name)
        filled = filling.fill(FORM, mapping.of("m.yaml", TEXT, FORM, COLUMNS), BASE, [file.name], FILER)
    wanted = [record for row in sorted(rows, key=lambda row: row["loan_id"]) if (record := expected(row))]
    assert filled.records.rows.drop_columns(["line_no"]).to_pylist() == wanted
    assert filled.records.rows["line_no"].to_pylist() == list(range(1, len(wanted) + 1))
    assert filled.keys["loan_id"].to_pylist() == [record["ID"] for record in wanted]


def plain(table: Table) -> pa.Schema:
    return pa.schema([field for field in table.arrow if field.name in table.names and field.name not in ("as_of", "release")])


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("  DAYS: days\n", "", "m.yaml:5: not said: DAYS n"),
        ("DAYS: days", "DAY: days", "m.yaml:11: esma/t has no field 'DAY'; did you mean 'DAYS'?"),
        ("DAYS: days", "DAYS: day", "m.yaml:11: DAYS: the base table has no column 'day'; did you mean 'days'?"),
        ("DAYS: days", "DAYS: owed_minor", "m.yaml:11: DAYS n: {INTEGER-9999} is of whole numbers, owed_minor is in minor"),
        ("DAYS: days", "DAYS: since", "m.yaml:11: DAYS n: since is a date; a number is asked for"),
        ("DAYS: days", "DAYS: (select 1)", "m.yaml:11: DAYS: '(SELECT 1)' is not allowed"),
        ("DAYS: days", "DAYS: days\n  DAYS: days", "m.yaml:12: DAYS stands twice"),
        ("OWED: owed_minor + of_minor", "OWED: rate_bp", "m.yaml:9: OWED n: {MONETARY} is of values in minor, rate_bp is in bp"),
        ("OWED: owed_minor + of_minor", "OWED: owed_minor + rate_bp", "m.yaml:9: OWED: of two units, bp and minor; say its unit"),
        ("credit_code: OTHR, ", "", "m.yaml:13: KIND: no word for credit_code of kind"),
        ("other: OTHR", "other: ELSE", "m.yaml:13: KIND: 'ELSE' is not in the code list"),
        ("    - {when: 'true', give: \"'GOOD'\"}\n", "", "m.yaml:14: STATE: the last case has to be `when: true`"),
        ("when: lost", "when: since is null", "m.yaml:14: STATE: 'since' is of the type date, which rules do not read"),
        ("{ND1: [NONE]}", "{ND9: [NONE]}", "m.yaml:4: NONE n: 'ND9': a year"),
        ("else: ND5}\n  ANY", "else: ND7}\n  ANY", "m.yaml:7: DUE: else 'ND7' may not stand there"),
        ("of: pool_id", "of: pool", "m.yaml:19: LEI: the base table has no column 'pool'"),
        ("table: report.base_loan", "table: report.base", "m.yaml:2: no base table 'report.base'; did you mean"),
        ("records: not lost", "records: days", "m.yaml:3: records: "),
        ("source: test", "sauce: test", "m.yaml:1: source: Field required"),
        ("source: test", "source: [", "m.yaml: not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(was: str, is_: str, said: str) -> None:
    assert TEXT.count(was) == 1
    with pytest.raises(UsageError) as refused:
        mapping.of("m.yaml", TEXT.replace(was, is_), FORM, COLUMNS)
    assert said in str(refused.value)


def test_a_setting_that_is_not_set_is_missing_and_named(tmp_path: Path) -> None:
    row = {"loan_id": "P01:1", "pool_id": "B", "currency": "CNY", "owed_minor": 5, "of_minor": 10, "days": 0, "lost": False,
           "kind": "other", "name": "n"}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], plain(BASE)), tmp_path / "b.parquet")
    filled = filling.fill(FORM, mapping.of("m.yaml", TEXT, FORM, COLUMNS), BASE, [str(tmp_path / "b.parquet")], {})
    assert filled.unset == {"LEI": "lei"}
    (fault,) = edit_checks.faults(FORM, filled.records)
    assert (fault.field, fault.says, fault.records, fault.lines, fault.critical) == ("LEI", "missing", 1, (1,), True)


@pytest.mark.parametrize("path", sorted(CONF.glob("*/*/mapping.yaml")), ids=lambda path: path.parent.name)
def test_shipped_mappings_have_no_fault(path: Path) -> None:
    """Of an empty book they give no record, or one of noughts, and no fault."""
    one = layout.read(path.with_name(layout.FILE))
    how = mapping.read(path, one, {table.name: table.by_name for table in base_tables.BASE})
    filled = filling.fill(one, how, next(table for table in base_tables.BASE if table.name == how.table), [], {})
    assert filled.records.rows.num_rows == (1 if one.cells else 0) and edit_checks.faults(one, filled.records, (), how.empty) == []
