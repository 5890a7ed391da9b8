"""The key of a vault: by reference, never in a plan, a log or an error; keys for each purpose are derived from it."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loanwatch.errors import UsageError


@dataclass(frozen=True)
class VaultKey:
    """The key that a reference names: `file` (beside the vault), `file:PATH` or `env:NAME`."""

    vault: Path
    named: str

    @property
    def path(self) -> Path:
        """The key's file, where it is one."""
        path = self.named.removeprefix("file").removeprefix(":")
        return Path(path) if path else self.vault.with_name(f"{self.vault.name}.key")

    @property
    def reference(self) -> str:
        """The key's reference, good from any working directory."""
        return self.named if self.named.startswith("env:") else f"file:{self.path.resolve()}"

    def make(self) -> None:
        """A new key, where it is a file that is not there yet."""
        if not self.named.startswith("env:") and not self.path.exists():
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")

    def derived(self, purpose: bytes) -> bytes:
        """A key for one purpose."""
        return hmac.digest(self.secret, purpose, "sha256")

    @cached_property
    def secret(self) -> bytes:
        """The key itself; UsageError where there is none."""
        text = os.environ.get(self.named.removeprefix("env:")) if self.named.startswith("env:") else self._file()
        try:
            secret = bytes.fromhex((text or "").strip())
        except ValueError:
            secret = b""
        if len(secret) != 32:
            raise UsageError(f"vault {self.vault}: no key at {self.named}; it has to hold 64 hexadecimal digits")
        return secret

    def _file(self) -> str | None:
        return self.path.read_text() if self.path.is_file() else None
