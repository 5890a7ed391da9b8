"""The vault: one person one token, wrong keys refused, nothing in clear on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from loanwatch.errors import UsageError
from loanwatch.vault import Vault


def tokens(vault: Vault, *values: str) -> list[str]:
    digests = vault.digests("name", values)
    vault.enter(vault.seal("name", values, digests))
    return vault.index.tokens(digests)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "vault")
    made.prepare()
    return made


def test_the_same_value_has_the_same_token_however_it_is_spelled(vault: Vault) -> None:
    first, other = tokens(vault, "Wang Xiaoming", "Li Si")
    again, third = tokens(vault, "ＷＡＮＧ xiaoming", "Zhang San")
    assert first == again
    assert len({first, other, third}) == 3


def test_tokens_are_revealed_and_values_do_not_lie_about(vault: Vault) -> None:
    (token,) = tokens(vault, "13800001111")
    assert vault.reveal([token, "00" * 16]) == {token: "13800001111"}
    assert not any(b"13800001111" in file.read_bytes() for file in vault.path.rglob("*") if file.is_file())


def test_two_kinds_of_value_have_two_tokens(vault: Vault) -> None:
    assert vault.digests("name", ["x"]) != vault.digests("phone", ["x"])


def test_another_key_is_refused(vault: Vault) -> None:
    vault.key_path.write_text("ab" * 32)
    with pytest.raises(UsageError, match="not the key this vault is sealed with"):
        Vault(vault.path).prepare()


def test_a_lost_key_is_said_and_not_replaced(vault: Vault) -> None:
    tokens(vault, "x")
    vault.key_path.unlink()
    with pytest.raises(UsageError, match="no key at file"):
        Vault(vault.path).prepare()


def test_a_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_KEY", "cd" * 32)
    vault = Vault(tmp_path / "vault", "env:VAULT_KEY")
    vault.prepare()
    assert tokens(vault, "x")
    assert not vault.key_path.exists()


def test_tokens_with_zero_bytes_at_the_end_stay_whole(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loanwatch.vault.os.urandom", lambda n: b"\1" + bytes(n - 1))
    digests = vault.digests("name", ["x"])
    sealed = vault.seal("name", ["x"], digests)
    vault.enter(sealed)
    assert vault.index.tokens(digests) == ["01" + "00" * 15]


def test_a_new_key_opens_the_same_tokens_and_the_old_one_nothing(vault: Vault) -> None:
    known = [*tokens(vault, "Wang Xiaoming"), *tokens(vault, "Li Si", "Zhang San")]
    new = vault.rotate(f"file:{vault.path.parent / 'second.key'}")
    assert new.entries() == 3
    assert new.reveal(known) == dict(zip(known, ["Wang Xiaoming", "Li Si", "Zhang San"], strict=True))
    assert tokens(new, "Li Si") == [known[1]]
    with pytest.raises(UsageError, match="is not the key this vault is sealed with"):
        Vault(vault.path).prepare()
    assert not list(vault.path.glob("segment-*"))


def test_a_rotation_that_was_killed_leaves_the_old_key_and_is_done_again(vault: Vault) -> None:
    (token,) = tokens(vault, "Wang Xiaoming")
    (vault.path / "keyed-001").mkdir()
    shutil.copy(vault.segments()[0], vault.path / "keyed-001")
    vault.prepare()
    assert vault.reveal([token]) == {token: "Wang Xiaoming"}
    new = vault.rotate(f"file:{vault.path.parent / 'second.key'}")
    assert new.reveal([token]) == {token: "Wang Xiaoming"}
    assert new.forget([token]) == 1
    assert [pq.read_metadata(path).num_rows for path in vault.path.rglob("segment-*")] == [0]  # no copy is left


def test_the_same_key_is_no_rotation(vault: Vault) -> None:
    with pytest.raises(UsageError, match="is the key it is sealed with"):
        vault.rotate("file")


def test_what_is_forgotten_is_gone_and_the_rest_is_not(vault: Vault) -> None:
    gone, kept = tokens(vault, "Wang Xiaoming", "Li Si")
    assert vault.forget([gone]) == 1
    assert vault.reveal([gone, kept]) == {kept: "Li Si"}
    assert vault.find("name", "Wang Xiaoming") is None and vault.find("name", "li si") == kept
    assert tokens(vault, "Wang Xiaoming") != [gone]
