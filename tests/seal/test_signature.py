"""Signatures by keys made here, verified by ssh-keygen: whose it is, and each way in which it is none."""

from datetime import date
from pathlib import Path

import pytest
from keys import keygen, new_key, public, signed

from loanwatch.errors import DataError, MachineError, UsageError
from loanwatch.seal.signature import Signer, Signers

STATEMENT = "loanwatch: tenant demo runs with configuration 1f0a 中文\n"
ON = date(2026, 3, 31)




@pytest.fixture
def li(tmp_path: Path) -> Path:
    return new_key(tmp_path, "li")


@pytest.fixture
def wang(tmp_path: Path) -> Path:
    return new_key(tmp_path, "wang")


def signers(folder: Path, *lines: str) -> Signers:
    allowed = folder / "allowed_signers"
    allowed.write_text("".join(lines), encoding="utf-8")
    return Signers(allowed, folder / "revoked_keys")


def test_a_signature_tells_whose_it_is(tmp_path: Path, li: Path, wang: Path) -> None:
    listed = signers(tmp_path, f"li {public(li)}", f"wang {public(wang)}")
    fingerprint = keygen("-l", "-f", wang).split()[1]
    assert listed.signer(STATEMENT, signed(wang, STATEMENT), ON) == Signer("wang", fingerprint)
    assert listed.signer(STATEMENT, signed(li, STATEMENT), ON).person == "li"


def test_two_keys_of_a_person_are_one_person(tmp_path: Path, li: Path, wang: Path) -> None:
    listed = signers(tmp_path, f"li {public(li)}", f"li {public(wang)}")
    both = [listed.signer(STATEMENT, signed(key, STATEMENT), ON) for key in (li, wang)]
    assert [signer.person for signer in both] == ["li", "li"]
    assert len({signer.fingerprint for signer in both}) == 2


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda key: signed(key, STATEMENT.strip()), "incorrect signature"),
        (lambda key: signed(key, STATEMENT, "git"), "namespace"),
        (lambda key: b"I agree\n", "missing header"),
        (lambda key: b"\xff\x00", "missing header"),
    ],
)
def test_what_is_no_signature_of_the_statement_is_refused(tmp_path: Path, li: Path, made, said: str) -> None:
    with pytest.raises(DataError, match=f"none of this statement.*{said}"):
        signers(tmp_path, f"li {public(li)}").signer(STATEMENT, made(li), ON)


def test_an_unknown_key_is_nobodys(tmp_path: Path, li: Path, wang: Path) -> None:
    with pytest.raises(DataError, match=r"allowed_signers: the key SHA256:\S+ is nobody's there.*No principal matched"):
        signers(tmp_path, f"li {public(li)}").signer(STATEMENT, signed(wang, STATEMENT), ON)


def test_a_revoked_key_is_refused_and_named(tmp_path: Path, li: Path) -> None:
    listed = signers(tmp_path, f"li {public(li)}")
    listed.revoked.write_text(public(li), encoding="utf-8")
    with pytest.raises(DataError, match=r"of li may not sign.*revoked_keys"):
        listed.signer(STATEMENT, signed(li, STATEMENT), ON)


def test_a_key_of_another_namespace_is_refused(tmp_path: Path, li: Path) -> None:
    with pytest.raises(DataError, match="namespace"):
        signers(tmp_path, f'li namespaces="git" {public(li)}').signer(STATEMENT, signed(li, STATEMENT), ON)


@pytest.mark.parametrize(
    ("on", "good"),
    [(date(2026, 3, 30), False), (ON, True), (date(2026, 4, 30), True), (date(2026, 5, 1), False)],
)
def test_a_key_holds_from_its_first_day_to_the_day_before_its_end(
    tmp_path: Path, li: Path, on: date, good: bool
) -> None:
    listed = signers(tmp_path, f'li valid-after="20260331Z",valid-before="20260430120000Z" {public(li)}')
    if good:
        assert listed.signer(STATEMENT, signed(li, STATEMENT), on).person == "li"
    else:
        with pytest.raises(DataError, match="is nobody's there on"):
            listed.signer(STATEMENT, signed(li, STATEMENT), on)


@pytest.mark.parametrize("names", ["li,wang", "*", "l?"])
def test_a_key_that_is_not_one_persons_is_refused(tmp_path: Path, li: Path, names: str) -> None:
    with pytest.raises(DataError, match="has to be one person's"):
        signers(tmp_path, f"{names} {public(li)}").signer(STATEMENT, signed(li, STATEMENT), ON)


def test_a_key_listed_for_two_people_never_signs_for_both(tmp_path: Path, li: Path) -> None:
    listed = signers(tmp_path, f"li {public(li)}", f"wang {public(li)}")
    assert {listed.signer(text, signed(li, text), ON).person for text in (STATEMENT, "another\n")} == {"li"}


def test_a_list_that_is_missing_and_a_program_that_is(
    tmp_path: Path, li: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="allowed_signers is missing"):
        Signers(tmp_path / "allowed_signers", tmp_path / "revoked_keys").signer(STATEMENT, b"", ON)
    made, listed = signed(li, STATEMENT), signers(tmp_path, f"li {public(li)}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="install OpenSSH"):
        listed.signer(STATEMENT, made, ON)
