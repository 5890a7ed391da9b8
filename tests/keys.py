"""Keys of people, made by ssh-keygen, and what they sign with them."""

from __future__ import annotations

import subprocess
from pathlib import Path


def keygen(*arguments: str | Path, text: str | None = None) -> str:
    done = subprocess.run(["ssh-keygen", *map(str, arguments)], input=text, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def new_key(folder: Path, name: str) -> Path:
    keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name)
    return folder / name


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text(encoding="utf-8")


def signed(key: Path, text: str, namespace: str = "loanwatch") -> bytes:
    return keygen("-Y", "sign", "-q", "-n", namespace, "-f", key, text=text).encode()


def people(folder: Path, *names: str) -> dict[str, Path]:
    """Keys of people by name, and the list `allowed_signers` of them in the folder."""
    keys = {name: new_key(folder, name) for name in names}
    (folder / "allowed_signers").write_text("".join(f"{name} {public(key)}" for name, key in keys.items()), encoding="utf-8")
    return keys
