"""The digest of a table: equal for equal rows however they lie, and what was changed is named; against a plain computation."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lakes import released

from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.columns import DELIVERY_NO, Column
from loanwatch.errors import DataError, UsageError
from loanwatch.pipeline import SEALED
from loanwatch.seal import sealed_tables
from loanwatch.seal.canonical import line
from loanwatch.seal.table_digest import Content, unlike
from loanwatch.seal.tables import SEALED as RELEASES
from loanwatch.seal.tables import TABLE_DIGEST
from loanwatch.tables import Table

DAY = date(2025, 3, 1)
EVERY = Table(
    "report.every", "one row per id and part", (Column("id"), Column("part", "int")),
    (Column("id"), Column("part", "int"), Column("amount", "long"), Column("on", "date"), Column("is", "boolean"),
     Column("masks", "longs"), Column("words", "strings"), DELIVERY_NO),
)  # fmt: skip
TEXT = st.text(st.sampled_from("ab\\\t,{}N\n汉é'\"\x00\x1f"), max_size=4)
ROW = st.fixed_dictionaries({
    "id": st.none() | TEXT, "part": st.integers(-2, 2), "amount": st.none() | st.integers(-(2**63), 2**63 - 1),
    "on": st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)), "is": st.none() | st.booleans(),
    "masks": st.none() | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3), "words": st.none() | st.lists(TEXT, max_size=3),
    "delivery_no": st.integers(1, 9),
})  # fmt: skip
ROWS = st.lists(ROW, max_size=8, unique_by=lambda row: (row["id"], row["part"]))
SCHEMA = pa.schema([field for field in EVERY.arrow if field.name in EVERY.names])


def content(folder: Path, *parts: Sequence[dict[str, Any]]) -> Content:
    files = []
    for rows in parts:
        files.append(str(folder / f"{len(list(folder.iterdir()))}.parquet"))
        pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), files[-1])
    return Content.of(EVERY, files)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plainly(rows: Sequence[dict[str, Any]]) -> str:
    """The digest as its description says it, row by row."""
    names = ["amount", "id", "is", "masks", "on", "part", "words"]
    placed: dict[str, list[tuple[bytes, str]]] = {}
    for row in rows:
        key = line([row["id"], row["part"]])
        placed.setdefault(sha256(key)[:3], []).append((key.encode(), sha256(line(row[name] for name in names))))
    text = "report.every\nkey\tid\tpart\n" + "\t".join(["columns", *names]) + "\n"
    for bucket in sorted(placed):
        digests = [digest for _, digest in sorted(placed[bucket])]
        text += f"{bucket}\t{len(digests)}\t{sha256(''.join(digests))}\n"
    return sha256(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


@given(rows=ROWS, seed=st.integers(0, 99), delivery_no=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_the_digest_is_that_of_the_rows_in_any_order_of_any_files(
    folder: Path, rows: list[dict[str, Any]], seed: int, delivery_no: int
) -> None:
    whole = content(folder, rows).digest()
    assert (whole.digest, whole.rows) == (plainly(rows), len(rows))
    shuffled = [{**row, "delivery_no": delivery_no} for row in random.Random(seed).sample(rows, len(rows))]
    assert content(folder, shuffled[::2], shuffled[1::2]).digest() == whole


@given(rows=ROWS.filter(bool), other=ROW, data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_differs_is_named_and_nothing_else(folder: Path, rows: list[dict[str, Any]], other: dict[str, Any], data: Any) -> None:
    names = ("amount", "on", "is", "masks", "words")
    which = data.draw(st.integers(0, len(rows) - 1))
    changed = {**rows[which], **{name: other[name] for name in names}}
    expected = [(line([changed["id"], changed["part"]]), "changed")] if changed != rows[which] else []
    before, rest = content(folder, rows), [*rows[:which], *rows[which + 1 :]]
    assert list(unlike(before, content(folder, [*rest, changed]))) == expected
    key = line([rows[which]["id"], rows[which]["part"]])
    assert list(unlike(before, content(folder, rest))) == [(key, "missing")]
    assert list(unlike(content(folder, rest), before)) == [(key, "added")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"words": []}, {"words": None}), ({"words": []}, {"words": [""]}), ({"words": ["a,b"]}, {"words": ["a", "b"]}),
        ({"words": ["a\\", "b"]}, {"words": ["a\\,b"]}), ({"id": None}, {"id": r"\N"}), ({"masks": [1, 2]}, {"masks": [12]}),
        ({"id": "a\t1", "part": 2}, {"id": "a", "part": 12}), ({"is": None}, {"is": False}), ({"amount": 0}, {"amount": None}),
    ],
)  # fmt: skip
def test_no_two_contents_look_the_same(folder: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    blank: dict[str, Any] = {**dict.fromkeys(EVERY.names), "id": "x", "part": 1, "delivery_no": 1}
    assert content(folder, [blank | one]).digest().digest != content(folder, [blank | other]).digest().digest


def test_a_list_with_a_null_has_no_canonical_form(folder: Path) -> None:
    row: dict[str, Any] = {**dict.fromkeys(EVERY.names), "id": "x", "part": 1, "masks": [1, None], "delivery_no": 1}
    with pytest.raises(DataError, match="masks: a list with a null"):
        content(folder, [row]).digest()


def test_a_table_of_a_release_that_was_changed_after_it_was_sealed_is_found_and_its_rows_named(tmp_path: Path) -> None:
    """One class is made better in the file itself, one row taken out, the file's name kept."""
    rows = [{"loan_id": f"P01:L{n}", "five_class": "loss" if n == 7 else "normal"} for n in range(5000)]
    lake, attempt = released(tmp_path / "lake", DAY, {LOAN_CLASS: rows})
    tables = {LOAN_CLASS.name: LOAN_CLASS}
    with pytest.raises(UsageError, match="before tables had digests"):
        sealed_tables.check(lake, attempt, tables)
    digests = sealed_tables.seal(lake, attempt, [LOAN_CLASS])
    assert sealed_tables.seal(lake, attempt, [LOAN_CLASS]) == digests == sealed_tables.sealed(lake, attempt)
    content_digest = sealed_tables.content_digest({name: of.digest for name, of in digests.items()})
    sealed = {"release": 1, "as_of": DAY, "through_delivery_no": 1, "conf_digest": "c", "code_digest": "c"}
    lake.append(RELEASES, [sealed | {"content_digest": content_digest}])
    (kept,) = sealed_tables.check(lake, attempt, tables)
    assert kept.holds and kept.keys == ()

    (file,) = lake.files(LOAN_CLASS, DAY, 1)
    stored = pq.read_table(file, partitioning=None).to_pylist()
    forged = [{**row, "five_class": "normal"} for row in stored if row["loan_id"] != "P01:L4711"]
    pq.write_table(pa.Table.from_pylist(forged, schema=pq.read_schema(file)), file)
    (check,) = sealed_tables.check(lake, attempt, tables)
    assert not check.holds and (check.sealed.rows, check.found.rows) == (5000, 4999)
    assert {"P01:L7"} <= set(check.keys) and len(check.keys) < 10

    row = lake.rows(TABLE_DIGEST).to_pylist()[0]
    lake.append(TABLE_DIGEST, [{**row, "table": "report.change", "as_of": DAY}])
    with pytest.raises(DataError, match="do not come to the content digest"):
        sealed_tables.check(lake, attempt, tables)


def test_what_readers_get_and_what_proves_it_is_sealed() -> None:
    names = {table.name for table in SEALED}
    assert {"report.watch_list", "flag.warning", "classify.loan_class", "flag.verdict", "balance.population"} <= names
    assert "derive.loan_indicator" not in names


FILLERS = {"string": "a\t", "int": 1, "long": 2, "date": DAY, "boolean": True, "longs": [1, 2], "strings": ["a,"]}


@pytest.mark.parametrize("table", SEALED, ids=[table.name for table in SEALED])
def test_every_table_that_is_sealed_has_a_digest(table: Table, tmp_path: Path) -> None:
    """By the types of its columns: a key may name a column without its type."""
    row = {column.name: FILLERS[column.type] for column in table.columns}
    pq.write_table(pa.Table.from_pylist([row], pa.schema([table.arrow.field(name) for name in row])), tmp_path / "a.parquet")
    made = Content.of(table, [str(tmp_path / "a.parquet")]).digest()
    key, names = (line(row[name] for name in of) for of in (made.key, made.columns))
    assert made.buckets == {sha256(key)[:3]: (1, sha256(sha256(names)))}
