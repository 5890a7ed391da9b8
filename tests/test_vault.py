"""The vault: one person one token, wrong keys refused, nothing in clear on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from loanwatch.errors import UsageError
from loanwatch.vault import Vault


def tokens(vault: Vault, name: str, *values: str) -> list[str]:
    digests = vault.digests("name", values)
    vault.enter(name, vault.seal("name", values, digests))
    return vault.index.tokens(digests)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "vault")
    made.prepare()
    return made


def test_the_same_value_has_the_same_token_however_it_is_spelled(vault: Vault) -> None:
    first, other = tokens(vault, "1", "Wang Xiaoming", "Li Si")
    again, third = tokens(vault, "2", "ＷＡＮＧ xiaoming", "Zhang San")
    assert first == again
    assert len({first, other, third}) == 3


def test_tokens_are_revealed_and_values_do_not_lie_about(vault: Vault) -> None:
    (token,) = tokens(vault, "1", "13800001111")
    assert vault.reveal([token, "00" * 16]) == {token: "13800001111"}
    assert not any(b"13800001111" in file.read_bytes() for file in vault.path.rglob("*") if file.is_file())


def test_two_kinds_of_value_have_two_tokens(vault: Vault) -> None:
    assert vault.digests("name", ["x"]) != vault.digests("phone", ["x"])


def test_another_key_is_refused(vault: Vault) -> None:
    vault.key_path.write_text("ab" * 32)
    with pytest.raises(UsageError, match="not the key this vault was made with"):
        Vault(vault.path).prepare()


def test_a_lost_key_is_said_and_not_replaced(vault: Vault) -> None:
    tokens(vault, "1", "x")
    vault.key_path.unlink()
    with pytest.raises(UsageError, match="no key at file"):
        Vault(vault.path).prepare()


def test_a_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_KEY", "cd" * 32)
    vault = Vault(tmp_path / "vault", "env:VAULT_KEY")
    vault.prepare()
    assert tokens(vault, "1", "x")
    assert not vault.key_path.exists()


def test_tokens_with_zero_bytes_at_the_end_stay_whole(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loanwatch.vault.os.urandom", lambda n: b"\1" + bytes(n - 1))
    digests = vault.digests("name", ["x"])
    sealed = vault.seal("name", ["x"], digests)
    vault.enter("1", sealed)
    assert vault.index.tokens(digests) == ["01" + "00" * 15]
