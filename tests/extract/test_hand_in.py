"""Handing in a form: who may, what is noted, what the file looks like, and whose names are in it; on a lake without Spark."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from cli import loanwatch
from conftest import ROOT
from extract.test_east import CHANGE, FILER, FORM
from keys import people, signed
from lakes import released

from loanwatch import settings
from loanwatch.errors import DataError, UsageError
from loanwatch.extract import files, filing, hand_in, layout
from loanwatch.extract.filing import FileText
from loanwatch.extract.records import Records
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE, BASE_CHANGE, BASE_FIGURE, BASE_LOAN
from loanwatch.report.tables import HAND_IN, RECORD
from loanwatch.seal import audit_log, sealed_tables
from loanwatch.seal import tables as seal
from loanwatch.tables import Table
from loanwatch.vault import Vault

D = date(2025, 3, 31)
LAYOUT = layout.read(FORM)
NAMES = ("张三", "Wang Xiaoming")
NOTHING: Mapping[str, str] = MappingProxyType({})
BANK = {"institution": "bank", "book": "own", "filer": FILER, "forms": ["east/705", "1104/G01II"]}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return made_lake(tmp_path, NAMES)


def made_lake(folder: Path, persons: Sequence[str]) -> Lake:
    """A loan of each of these, of a pool of its own, that changed class in March, sealed; the names are in the vault beside."""
    vault = Vault(folder / "lake.vault")
    vault.prepare()
    digests = vault.digests("name", persons)
    vault.enter(vault.seal("name", persons, digests))
    rows = [{**CHANGE, "loan_id": f"P01:L{n}", "pool_id": f"T{n + 1}", "customer_name": token}
            for n, token in enumerate(vault.index.tokens(digests))]  # fmt: skip
    return sealed_lake(folder / "lake", {BASE_CHANGE: rows, BASE_LOAN: []})


def sealed_lake(path: Path, tables: Mapping[Table, Sequence[Mapping[str, Any]]], as_of: date = D) -> Lake:
    """A lake with a release whose base table is sealed; another date of it, if it is there already."""
    made, attempt = released(path, as_of, tables)
    told = sealed_tables.seal(made, attempt, [table for table in (*BASE, BASE_FIGURE) if table in tables])
    content = sealed_tables.content_digest({name: of.digest for name, of in told.items()})
    row = {"release": attempt.release, "as_of": as_of, "through_delivery_no": 1, "conf_digest": "c", "code_digest": "c"}
    made.append(seal.SEALED, [row | {"content_digest": content}])
    return made


def handed_in(
    lake: Lake, *more: str, users: tuple[str, ...] = (), environment: Mapping[str, str] = NOTHING, **business: Any
) -> Any:  # fmt: skip
    out = lake.path.parent / "out"
    said = {"BUSINESS": {**BANK, **business}, "VAULT_USERS": users or [audit_log.user()]}
    given = {f"LOANWATCH__{name}": json.dumps(value) for name, value in said.items()}
    asked = ("form", "hand-in", "east/705", "--date", D, "--out", out, "--lake", lake.path, "--env", "test", *more)
    return loanwatch(*asked, **given, **environment)


def test_what_is_handed_in_is_noted_and_names_leave_in_the_file_alone(lake: Lake, tmp_path: Path) -> None:
    done = handed_in(lake)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "out" / "K0001H111000001-DKWJXTBDB-20250331.txt"
    lines = [line.split("\x01") for line in file.read_bytes().decode("gb18030").splitlines()]
    assert [(line[4], line[6], line[8]) for line in lines] == [("P01:L0", "张三", "正常"), ("P01:L1", "Wang Xiaoming", "正常")]
    assert file.stat().st_mode & 0o077 == 0
    (noted,) = lake.rows(HAND_IN).to_pylist()
    assert (noted["hand_in_no"], noted["form"], noted["records"], noted["faults"]) == (1, "east/705", 2, [])
    assert (noted["file"], noted["demonstration"], noted["handed_in_by"]) == (file.name, False, audit_log.user())
    records = lake.rows(RECORD).to_pylist()
    assert [(row["hand_in_no"], row["line_no"], row["loan_id"]) for row in records] == [(1, 1, "P01:L0"), (1, 2, "P01:L1")]
    assert records[0]["base_key"] == "P01:L0\t2025-03-07"
    assert not any(name in str(records) + done.stdout for name in NAMES)
    acts = [(entry.action, entry.subject, entry.entries) for entry in audit_log.entries(lake)]
    revealed, *_, entered = [act for act in acts if act[0] in ("reveal", "hand_in")]
    assert revealed == ("reveal", "east/705 of 2025-03-31, release 1", 2)
    assert noted["file_digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert entered == ("hand_in", "1: east/705 of 2025-03-31", None)


def test_where_approvals_are_required_only_what_two_people_approved_is_handed_in(lake: Lake, tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(ROOT / "conf", conf)
    keys = people(conf, "li", "wang")
    required = {"LOANWATCH_CONF": str(conf), "LOANWATCH__SEAL__APPROVALS": "required"}
    asked = ("approve", "release", "--date", D, "--lake", lake.path, "--env", "test")
    for name, key in keys.items():
        refused = handed_in(lake, environment=required)
        assert refused.returncode == 2 and "has to be approved by 2 people" in refused.stderr
        assert "loanwatch approve release --date 2025-03-31 --release 1" in refused.stderr.replace("\n", " ")
        (tmp_path / name).write_bytes(signed(key, loanwatch(*asked, **required).stdout))
        for _ in range(2):
            done = loanwatch(*asked, "--signature", tmp_path / name, **required)
        assert done.returncode == 1 and f"{name} has approved this already" in done.stderr
    assert not (tmp_path / "out").exists() and lake.rows(HAND_IN).num_rows == 0
    done = handed_in(lake, environment=required)
    assert done.returncode == 0, done.stderr
    (noted,) = lake.rows(HAND_IN).to_pylist()
    assert [who.split()[0] for who in noted["approved_by"]] == ["li", "wang"]
    listed = loanwatch("approve", "list", "--lake", lake.path, "--env", "test", **required)
    assert listed.stdout.count(f"release 1 of {D}") == 2 and "approvals: required" in listed.stdout


def test_what_became_of_it_since_the_hand_in_before(lake: Lake) -> None:
    april = date(2025, 4, 30)
    asked = ("form", "delta", "east/705", "--lake", lake.path, "--env", "test")
    bank = {"LOANWATCH__BUSINESS": json.dumps(BANK)}
    none = loanwatch(*asked, "--date", D, **bank)
    assert none.returncode == 2 and f"was handed in for no date before {D}" in none.stderr
    assert handed_in(lake).returncode == 0
    changes = [{**CHANGE, "loan_id": "P01:L0", "changed_on": date(2025, 4, day), "month_end": april} for day in (3, 4, 5)]
    sealed_lake(lake.path, {BASE_CHANGE: changes, BASE_LOAN: []}, april)
    done = loanwatch(*asked, "--date", april, **bank)
    assert done.returncode == 0, done.stderr
    first, heading, row = done.stdout.splitlines()
    assert first == "east/705 of 2025-04-30, release 2, since hand-in 1 of 2025-03-31, release 1"
    assert heading.split()[:6] == ["field", "name", "before", "after", "form", "changed"]
    assert row.split() == ["records", "2", "3", "0", "0", "0", "-2", "3", "0", "0", "0", "0"]


def test_the_same_again_is_the_same_hand_in_and_what_differs_another(lake: Lake) -> None:
    first, again = handed_in(lake), handed_in(lake)
    assert "hand-in 1; the same was handed in before" in again.stdout and first.returncode == again.returncode == 0
    over = handed_in(lake, filer={**FILER, "branch": "0002"})
    assert over.returncode == 2 and "there already, with other content: move it away" in over.stderr
    file = lake.path.parent / "out" / "K0001H111000001-DKWJXTBDB-20250331.txt"
    file.rename(file.with_suffix(".1"))
    other = handed_in(lake, filer={**FILER, "branch": "0002"})
    assert "hand-in 2" in other.stdout and "before" not in other.stdout
    file.rename(file.with_suffix(".2"))
    back = handed_in(lake)  # not the last one that the regulator has
    assert "hand-in 3" in back.stdout and "before" not in back.stdout
    assert sorted(row["hand_in_no"] for row in lake.rows(HAND_IN).to_pylist()) == [1, 2, 3]
    assert sorted(row["hand_in_no"] for row in lake.rows(RECORD).to_pylist()) == [1, 1, 2, 2, 3, 3]
    found = loanwatch("where", "P01:L1", "--lake", lake.path, "--env", "test")
    assert found.returncode == 0 and found.stdout.count("east/705") == 3 and "XWJFL=关注" in found.stdout.replace("\n", "")
    nothing = loanwatch("where", "P01:L9", "--lake", lake.path, "--env", "test")
    assert nothing.returncode == 2 and "loan 'P01:L9' is in no record that was handed in" in nothing.stderr


def test_a_form_that_others_file_is_refused_and_shown_as_a_demonstration(lake: Lake, tmp_path: Path) -> None:
    refused = handed_in(lake, institution="trust", book="trust")
    assert refused.returncode == 2
    assert "filed by bank, not by a trust (business.institution); of the book own, not of the trust book" in refused.stderr
    assert not lake.has(HAND_IN) and not (tmp_path / "out").exists()
    shown = handed_in(lake, "--demonstration", institution="trust", book="trust")
    assert shown.returncode == 0, shown.stderr
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "DEMONSTRATION-K0001H111000001-DKWJXTBDB-20250331.txt"
    assert file.read_text("gb18030").splitlines()[0] == "DEMONSTRATION: not to be filed"
    assert [row["demonstration"] for row in lake.rows(HAND_IN).to_pylist()] == [True]


def test_nothing_is_handed_in_by_whom_the_vault_does_not_know_or_without_a_name_of_the_file(lake: Lake, tmp_path: Path) -> None:
    stranger = handed_in(lake, users=("somebody",))
    assert stranger.returncode == 2 and "may not use the vault's values" in stranger.stderr
    bare = handed_in(lake, filer={})
    assert bare.returncode == 2 and "asks for business.filer.licence, which is not set" in bare.stderr
    outside = handed_in(lake, filer={**FILER, "licence": "../x"})
    assert outside.returncode == 2 and "is no name of a file" in outside.stderr
    assert not lake.has(HAND_IN) and not (tmp_path / "out").exists()


def test_a_person_whom_the_vault_lacks_is_told_and_no_file_is_written(lake: Lake, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "lake.vault")
    vault.forget([lake.rows(BASE_CHANGE, "loan_id = 'P01:L0'").to_pylist()[0]["customer_name"]])
    done = handed_in(lake)
    assert done.returncode == 1 and "release 1: 1 persons are not in the vault" in done.stderr
    assert not lake.has(HAND_IN) and not (tmp_path / "out").exists()


def test_a_hand_in_taken_out_of_the_ledger_is_found(lake: Lake) -> None:
    assert handed_in(lake).returncode == 0
    verify = ("audit", "verify", "--lake", lake.path, "--env", "test")
    assert "hand_in" not in loanwatch(*verify).stderr
    lake.delta(HAND_IN).delete("hand_in_no = 1")
    assert "hand_in 1: east/705 of 2025-03-31" in loanwatch(*verify).stderr


def test_what_leaves_is_checked_and_not_its_token(tmp_path: Path) -> None:
    lake = made_lake(tmp_path, ("长" * 151, "Wang Xiaoming"))
    done = handed_in(lake)
    assert done.returncode == 1 and "453 bytes" in done.stdout.replace("\n", "") and "长" not in done.stdout + done.stderr
    assert not lake.has(HAND_IN) and not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_hands_in_nothing(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("no folder")
    done = handed_in(lake)
    assert done.returncode == 3 and "cannot be written" in done.stderr and "nothing was handed in" in done.stderr
    assert not lake.has(HAND_IN)


def test_a_hand_in_of_a_pool_has_its_loans_alone_and_a_line_of_its_own(lake: Lake, tmp_path: Path) -> None:
    filer = {**FILER, "licence": {"T1": "K1", "T2": "K2"}}
    whole = handed_in(lake, filer=filer)
    assert whole.returncode == 2 and "a file is of one licence, which business.filer tells by pool: give --pool" in whole.stderr
    for pool, number in (("T1", 1), ("T2", 2)):
        done = handed_in(lake, "--pool", pool, filer=filer)
        assert f"1 records, hand-in {number}" in done.stdout, done.stderr
    assert "hand-in 1; the same was handed in before" in handed_in(lake, "--pool", "T1", filer=filer).stdout
    assert sorted(file.name[:2] for file in (tmp_path / "out").iterdir()) == ["K1", "K2"]
    assert {row["hand_in_no"]: row["pool_id"] for row in lake.rows(HAND_IN).to_pylist()} == {1: "T1", 2: "T2"}
    unset = handed_in(lake, "--pool", "T3", filer=filer)
    assert unset.returncode == 2 and "business.filer.licence, which is not set for the pool T3" in unset.stderr


def test_records_of_a_process_that_died_are_no_hand_in(lake: Lake) -> None:
    gone = {"hand_in_no": 1, "line_no": 1, "base_key": "x", "loan_id": "P01:L7", "given": ["x"]}
    lake.append(RECORD, [gone], batch=1)
    assert hand_in.of_loan(lake, "P01:L7") == []
    assert "hand-in 2" in handed_in(lake).stdout
    assert [row["hand_in_no"] for row in hand_in.of_loan(lake, "P01:L0")] == [2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"institution": "guarantee"}, ["filed by bank, not by a guarantee (business.institution)"]),
        ({"jurisdiction": "eu"}, ["a form of cn, not of eu (business.jurisdiction)"]),
        ({"book": "trust"}, ["of the book own, not of the trust book (business.book)"]),
        ({"forms": ["1104/G13"]}, ["not among the forms that it files (business.forms)"]),
    ],
)
def test_who_files_a_form(change: dict[str, str], said: list[str]) -> None:
    how = filing.read(FORM.with_name(filing.FILE), LAYOUT, ["KHMC"])
    business = settings.load("test", flags={"business": {**BANK, **change}}).business
    assert list(filing.refusals(how, LAYOUT.form, business, D)) == said
    assert list(filing.refusals(how, LAYOUT.form, business, date(2020, 12, 31))) == [*said, "its edition holds from 2021-01-01"]
    ended = how.model_copy(update={"until": date(2025, 3, 30)})
    assert list(filing.refusals(ended, LAYOUT.form, business, D)) == [*said, "its edition holds from 2021-01-01 until 2025-03-30"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not YAML"),
        ("[]", "filing: Input should be a valid dictionary"), ("filed_by: [bnk]", "filed_by.0: Input should be"),
        ("persons: {KHMX: full}", "persons: 'KHMX' is filled with no token of a name; did you mean 'KHMC'?"),
        ("persons: {}", "persons: KHMC 客户名称 names a person: say how much of the name leaves"),
        ("more: 1", "more: Extra inputs"),
        ("file: {name: x, delimiter: '||'}", "file.delimiter: String should have at most 1 character"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_filing_is_told(tmp_path: Path, text: str, said: str) -> None:
    good = FORM.with_name(filing.FILE).read_text(encoding="utf-8")
    name = text.split(":", maxsplit=1)[0]
    kept = [line for line in good.splitlines() if not line.startswith((name, "#"))]
    path = tmp_path / "filing.yaml"
    path.write_text(text if text[0] in "{[" else "\n".join([*kept, text]), encoding="utf-8")
    with pytest.raises(UsageError, match=r"filing\.yaml") as fault:
        filing.read(path, LAYOUT, ["KHMC"])
    assert said in str(fault.value)


def records(*names: str) -> Records:
    """Records that differ in the customer's name."""
    blank = {code: [""] * len(names) for code in LAYOUT.by_code} | {"KHMC": list(names)}
    return Records(pa.table({**blank, "line_no": range(1, len(names) + 1)}))


def test_a_file_of_each_kind(tmp_path: Path) -> None:
    shown = files.content(LAYOUT, records("a,b", '说"'), FileText(name="x", encoding="gb18030"), demonstration=True)
    notice, body = shown.decode("gb18030").split("\n", maxsplit=1)
    head, *rows = csv.reader(io.StringIO(body))
    assert notice == files.NOTICE and head == list(LAYOUT.by_code)
    assert [(row[6], len(row), "".join(row)) for row in rows] == [("a,b", 15, "a,b"), ('说"', 15, '说"')]
    made = files.content(LAYOUT, records("<a&b>", "说"), FileText(name="x", kind="xml"), demonstration=False)
    root = ElementTree.fromstring(made)  # noqa: S314 our own
    assert root.tag == "DKWJXTBDB" and [each.findtext("KHMC") for each in root] == ["<a&b>", "说"] and not root.attrib
    text = FileText(name="x", kind="text", delimiter="|", header=True)
    assert files.content(LAYOUT, records("a"), text, demonstration=False).decode().splitlines()[1] == "||||||a||||||||"


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("a|b", "text", r"KHMC 客户名称: '\|' in a field, which its file cannot hold; records: 2"),
        ("a\nb", "text", r"'\\n' in a field"), ("a\x07", "xml", "a character that XML does not keep"),
        ("a\rb", "xml", "a character that XML does not keep"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_hold_is_told_with_field_and_record(name: str, kind: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        files.content(LAYOUT, records("fine", name), FileText(name="x", kind=kind, delimiter="|"), demonstration=False)
