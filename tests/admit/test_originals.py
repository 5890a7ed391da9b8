"""Originals of deliveries: as they came, for those allowed, for so long, and not of a person who was erased."""

from __future__ import annotations

import os
import pwd
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from admit.desk import DAY, Desk
from cli import loanwatch

from loanwatch import originals, person
from loanwatch.admit.batch import Admission
from loanwatch.admit.delivery import MANIFEST
from loanwatch.admit.limits import FeedLimits
from loanwatch.errors import MachineError, UsageError
from loanwatch.originals import name_of
from loanwatch.seal.tables import AUDIT_LOG
from loanwatch.vault import Vault

ALLOWED = {"LOANWATCH__VAULT_USERS": f"[{pwd.getpwuid(os.getuid()).pw_name}]"}


@pytest.fixture
def keeping(desk: Desk) -> Desk:
    """A desk whose vault keeps originals for ten days."""
    desk.originals_kept_days = 10
    return desk


def borrower(number: int, name: str | None) -> dict[str, Any]:
    return {"customer_id": f"P01:C{number}", "id_type": "id_card", "id_number": f"11{number}", "name": name}


def kept(desk: Desk) -> dict[int, dict[str, bytes]]:
    """The original of every delivery that can be had."""
    receipts = {row["delivery_no"]: person.original(row) for row in desk.ledger()}
    return {number: files for number, name in receipts.items() if (files := desk.vault.originals.take(name))}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_came_comes_back_and_does_not_lie_about(keeping: Desk) -> None:
    """Admitted or refused, several in a pack."""
    first = files(keeping.send("borrower", [borrower(1, "Wang Xiaoming")]))
    refused = keeping.send("borrower", [borrower(2, "Li")], sequence=2)
    (refused / "borrower.csv").write_bytes(b"Zhang San")
    assert keeping.admit() == 2
    assert kept(keeping) == {1: first, 2: files(refused)}
    for file in keeping.vault.path.rglob("*"):
        assert file.is_dir() or not any(name in file.read_bytes() for name in (b"Wang Xiaoming", b"Zhang San")), file


def test_a_large_file_is_cut_into_blocks(keeping: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "BLOCK_BYTES", 7)
    sent = files(keeping.send("borrower", [borrower(1, "Wang"), borrower(2, "Li")]))
    keeping.admit()
    assert kept(keeping) == {1: sent}
    (pack,) = keeping.vault.originals.packs()
    blocks = list(originals._blocks(pack))
    assert len(blocks) > 20
    swapped = originals.Block(**{**vars(blocks[0]), "sealed": blocks[1].sealed})
    with pytest.raises(UsageError, match="does not open"):
        keeping.vault.originals._opened(swapped)


def test_they_go_when_their_days_are_over_by_the_business_date(keeping: Desk) -> None:
    keeping.send("borrower", [borrower(1, "Wang")])
    keeping.admit(DAY)
    keeping.admit(DAY + timedelta(10))
    assert set(kept(keeping)) == {1}
    keeping.admit(DAY + timedelta(11))
    assert kept(keeping) == {}


def test_none_are_kept_where_the_settings_say_so(desk: Desk) -> None:
    desk.send("borrower", [borrower(1, "Wang")])
    desk.admit()
    assert kept(desk) == {} and not list(desk.vault.path.rglob("*originals*"))


def test_a_new_key_opens_them_and_the_old_one_nothing(keeping: Desk) -> None:
    sent = files(keeping.send("borrower", [borrower(1, "Wang")]))
    keeping.admit()
    before = keeping.vault.originals
    keeping.vault = keeping.vault.rotate(f"file:{keeping.vault.path}.second")
    assert kept(keeping) == {1: sent}
    assert before.packs() == []
    (pack,) = keeping.vault.originals.packs()
    with pytest.raises(UsageError, match="wrong key"):
        before._opened(next(originals._blocks(pack)))
    assert Vault(keeping.vault.path, keeping.vault.key).originals.packs() == [pack]


def test_a_person_erased_is_in_no_original_any_more(keeping: Desk, tmp_path: Path) -> None:
    """Those of others stay; a rejected row counts, too."""
    keeping.send("borrower", [borrower(1, "Wang"), borrower(2, "Li")])
    keeping.send("borrower", [borrower(1, None), borrower(3, "Zhao")], sequence=2)
    keeping.send("borrower", [borrower(3, "Zhao")], sequence=3)
    keeping.send("repayment", [{"repayment_id": "R1", "paid_on": DAY, "loan_id": "P01:L1", "paid_minor": 1}])
    keeping.admit()
    there = ("--lake", keeping.lake.path, "--vault", keeping.vault.path)
    done = loanwatch("erase", "P01:C1", "--purpose", "asked to be forgotten", *there, **ALLOWED)
    assert done.returncode == 0 and "the originals of 2 deliveries" in done.stdout, done.stderr
    assert {(row["feed"], row["sequence"]) for row in keeping.ledger() if row["delivery_no"] in kept(keeping)} == {
        ("borrower", 3), ("repayment", 1),
    }  # fmt: skip
    gone = loanwatch("original", 1, "--purpose", "proof", "--out", tmp_path / "gone", *there, **ALLOWED)
    assert gone.returncode == 2 and "is not kept" in gone.stderr and not (tmp_path / "gone").exists()


def test_the_command_is_for_those_allowed_and_logged(keeping: Desk, tmp_path: Path) -> None:
    sent = files(keeping.send("borrower", [borrower(1, "Wang")]))
    keeping.admit()
    asked = ("original", 1, "--purpose", "a dispute", "--out", tmp_path / "there", "--lake", keeping.lake.path,
             "--vault", keeping.vault.path)  # fmt: skip
    refused = loanwatch(*asked)
    assert refused.returncode == 2 and "may not use the vault" in refused.stderr
    done = loanwatch(*asked, **ALLOWED)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "there") == sent and MANIFEST in sent
    (logged,) = keeping.lake.rows(AUDIT_LOG).to_pylist()
    assert (logged["action"], logged["purpose"], logged["entries"]) == ("original", "a dispute", len(sent))
    assert logged["subject"] == name_of("borrower/P01/2025-03-01/001", keeping.ledger()[0]["sha256"])
    assert loanwatch("original", 9, "--purpose", "x", *asked[4:], **ALLOWED).returncode == 2


def test_each_batch_makes_a_pack_named_by_its_business_date(keeping: Desk) -> None:
    for n in range(3):
        keeping.send("borrower", [borrower(n, f"Wang {n}")], DAY + timedelta(n))
        keeping.admit(DAY + timedelta(n))
    assert [date.fromisoformat(pack.name[10:20]) for pack in keeping.vault.originals.packs()] == [
        DAY + timedelta(n) for n in range(3)
    ]
    assert set(kept(keeping)) == {1, 2, 3}


@pytest.mark.parametrize("keeps", [10, 0])
def test_an_unfinished_list_whose_files_are_gone_is_finished_from_the_originals(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, keeps: int
) -> None:
    """The inbox is empty by then, and one delivery was refused by a gate; without originals it is said what is gone."""
    desk.originals_kept_days = keeps
    desk.send("borrower", [borrower(1, "Wang"), borrower(2, None)])
    desk.send("borrower", [borrower(3, "Li"), borrower(3, "Li")], sequence=2)
    limits = FeedLimits(limits={"all": {"same_key_bp": {"refuse": 0}}})
    with monkeypatch.context() as killed:
        killed.setattr(Admission, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.admit(DAY, limits)
    shutil.rmtree(desk.inbox)
    for staged in desk.lake.path.rglob("batch-*.parquet"):
        staged.unlink()
    if not keeps:
        with pytest.raises(MachineError, match="delivery 1, borrower/P01/2025-03-01/001: its staged file is gone"):
            desk.admit()
        return
    assert desk.admit() == 2
    assert [(row["customer_id"], row["delivery_no"], row["line_no"]) for row in desk.rows("borrower")] == [("P01:C1", 1, 1)]
    assert [(row["delivery_no"], row["line_no"]) for row in desk.rejected()] == [(1, 2)]
    assert [row["outcome"] for row in desk.ledger()] == ["admitted", "refused"]
    assert not list(desk.vault.path.rglob("*.csv"))
    assert len(list(desk.lake.path.rglob("batch-*.parquet"))) == 2
