"""What became of a form since it was handed in: parts against plain Python on random pairs of books, and their sum."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.codes import CLASSES
from loanwatch.columns import Column, coded
from loanwatch.extract import filling, mapping
from loanwatch.extract.delta import PARTS, RECORDS, Before, Delta, Pair
from loanwatch.extract.layout import Field, Layout
from loanwatch.tables import Table

BASE = Table(
    "report.base_loan", "small", (Column("loan_id", required=True),),
    (Column("loan_id", required=True), Column("pool_id"), Column("currency"), coded("five_class", CLASSES, "", required=False),
     Column("cover_minor", "long"), Column("balance_minor", "long"), Column("lost", "boolean")),
)  # fmt: skip
SCHEMA = pa.schema([field for field in BASE.arrow if field.name in BASE.by_name])
FORM = Layout(
    form="esma/t", code="T", title="t", edition="e", sends="full", blanks=False, workbooks={},
    fields=(
        Field(code="ID", name="n", format="{ALPHANUM-100}", key=True), Field(code="OWED", name="n", format="{MONETARY}"),
        Field(code="BAD", name="n", format="{MONETARY}"), Field(code="COVER", name="n", format="{MONETARY}", instead=("ND1",)),
    ),
)  # fmt: skip
TEXT = """\
source: test
table: report.base_loan
records: not lost
fields:
  ID: loan_id
  OWED: balance_minor
  BAD:
    cases:
    - {when: five_class in ('loss'), give: balance_minor}
    - {when: 'true', give: '0'}
  COVER: {value: cover_minor, else: ND1}
"""
MAPPED = mapping.of("m.yaml", TEXT, FORM, {BASE.name: BASE.by_name})
ROWS = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.fixed_dictionaries({
        "pool_id": st.sampled_from(["T1", "T2"]), "currency": st.sampled_from(["CNY", "USD"]),
        "five_class": st.sampled_from(["normal", "loss", None]), "cover_minor": st.none() | st.integers(0, 10**13),
        "balance_minor": st.integers(0, 10**13), "lost": st.booleans(),
    }),
)  # fmt: skip
Book = dict[str, dict[str, Any]]
Totals = dict[tuple[str, str], int]


def pair(pool: str | None = None) -> Pair:
    return Pair(FORM, MAPPED, BASE, {}, pool)


def found(folder: Path, made: Book, known: Book, now: Book, same_rules: bool, pool: str | None = None) -> list[Delta]:
    """The delta of books."""
    files = []
    for name, book in {"made": made, "known": known, "now": now}.items():
        files.append(str(folder / f"{name}.parquet"))
        rows = [{"loan_id": loan, **row} for loan, row in book.items()]
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), files[-1])
    filled = filling.fill(FORM, MAPPED, BASE, files[:1], {}, pool)
    given = {code: filled.records.rows[code].to_pylist() for code in MAPPED.amounts}
    before = Before(given, len(filled.records.rows), files[:1], files[1:2], same_rules)
    return pair(pool).delta(before, files[2:])


def counted(book: Book, pool: str | None) -> Totals:
    """What the form comes to, in plain Python."""
    totals: Totals = {}
    for row in book.values():
        if row["lost"] or (pool and row["pool_id"] != pool):
            continue
        bad = {"normal": 0, "loss": row["balance_minor"], None: None}[row["five_class"]]
        for field, minor in (("OWED", row["balance_minor"]), ("BAD", bad), ("COVER", row["cover_minor"])):
            if minor is not None:
                at = (field, row["currency"])
                totals[at] = totals.get(at, 0) + minor
        totals[RECORDS, ""] = totals.get((RECORDS, ""), 0) + 1
    return totals


@settings(deadline=None, max_examples=60)
@given(made=ROWS, known=ROWS, now=ROWS, same_rules=st.booleans(), pool=st.sampled_from([None, "T1"]))
def test_the_parts_are_those_of_plain_python_and_sum_to_the_difference(
    made: Book, known: Book, now: Book, same_rules: bool, pool: str | None
) -> None:
    with TemporaryDirectory() as folder:
        deltas = found(Path(folder), made, known, now, same_rules, pool)
    stay = known.keys() & now.keys()
    moves: dict[str, tuple[Book, Book]] = {
        "form_changed": ({}, {}), "data_corrected" if same_rules else "rules_changed": (made, known),
        "left": ({loan: row for loan, row in known.items() if loan not in now}, {}),
        "new": ({}, {loan: row for loan, row in now.items() if loan not in known}),
    }  # fmt: skip
    steps = [{loan: dict(known[loan]) for loan in stay}]
    for columns in (["five_class"], ["cover_minor"], list(BASE.by_name)[1:]):
        steps.append({loan: row | {name: now[loan][name] for name in columns} for loan, row in steps[-1].items()})
    for name, before, after in zip(("migrated", "revalued", "moved"), steps, steps[1:], strict=False):
        moves[name] = before, after
    totals = {name: (counted(before, pool), counted(after, pool)) for name, (before, after) in moves.items()}
    for one in deltas:
        at = one.field, one.currency
        assert sum(one.parts.values()) == one.after - one.before
        assert (one.before, one.after) == (counted(made, pool).get(at, 0), counted(now, pool).get(at, 0))
        expected = {name: after.get(at, 0) - before.get(at, 0) for name, (before, after) in totals.items()}
        assert one.parts == dict.fromkeys(PARTS, 0) | expected
    assert {(one.field, one.currency) for one in deltas} >= {*counted(made, pool), *counted(now, pool)}


LOAN = {"pool_id": "T1", "currency": "CNY", "five_class": "normal", "cover_minor": 900, "balance_minor": 500, "lost": False}


@pytest.mark.parametrize(
    ("part", "field", "by", "made", "known", "now"),
    [
        ("new", "OWED", 500, {}, {}, {"A": LOAN}),
        ("left", RECORDS, -1, {"A": LOAN}, {"A": LOAN}, {}),
        ("migrated", "BAD", 500, {"A": LOAN}, {"A": LOAN}, {"A": LOAN | {"five_class": "loss"}}),
        ("revalued", "COVER", -100, {"A": LOAN}, {"A": LOAN}, {"A": LOAN | {"cover_minor": 800}}),
        ("moved", "OWED", -50, {"A": LOAN}, {"A": LOAN}, {"A": LOAN | {"balance_minor": 450}}),
        ("data_corrected", "OWED", 7, {"A": LOAN}, {"A": LOAN | {"balance_minor": 507}}, {"A": LOAN | {"balance_minor": 507}}),
    ],
)  # fmt: skip
def test_each_cause_alone(tmp_path: Path, part: str, field: str, by: int, made: Book, known: Book, now: Book) -> None:
    (one,) = [delta for delta in found(tmp_path, made, known, now, True) if delta.field == field]
    assert {name: minor for name, minor in one.parts.items() if minor} == {part: by}


def test_what_was_handed_in_otherwise_than_the_form_is_filled_now_is_the_forms_change(tmp_path: Path) -> None:
    rows = [{"loan_id": "A", **LOAN}]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "a.parquet")
    files = [str(tmp_path / "a.parquet")]
    before = Before({"OWED": ["-5.01 CNY", "ND1", None], "BAD": []}, 3, files, files, True)
    told = {(one.field, one.currency): (one.before, one.parts["form_changed"]) for one in pair().delta(before, files)}
    assert told == {(RECORDS, ""): (3, -2), ("OWED", "CNY"): (-501, 1001), ("BAD", "CNY"): (0, 0), ("COVER", "CNY"): (0, 900)}


def test_a_file_that_is_older_than_a_column_reads_null_there(tmp_path: Path) -> None:
    old = pa.Table.from_pylist([{"loan_id": "A", **LOAN}], schema=SCHEMA).drop_columns(["cover_minor"])
    pq.write_table(old, tmp_path / "old.parquet")
    filled = filling.fill(FORM, MAPPED, BASE, [str(tmp_path / "old.parquet")], {})
    assert filled.records.rows.select(list(FORM.by_code)).to_pylist() == [
        {"ID": "A", "OWED": "5.00 CNY", "BAD": "0.00 CNY", "COVER": "ND1"}
    ]
