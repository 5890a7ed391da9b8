"""Signatures of people under a statement: made with `ssh-keygen -Y sign -n loanwatch`, verified by the same program.

Who may sign stands in a list as ssh-keygen reads it, a line a key, such as
`li namespaces="loanwatch",valid-before="20270101Z" ssh-ed25519 …`. A person may have several keys; a key is one person's, by the
first line that holds for it. A file beside the list names the keys that were taken back.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from loanwatch.errors import DataError, MachineError, UsageError

NAMESPACE = "loanwatch"
_FINGERPRINT = re.compile(r"key (SHA256:\S+)")
_SEVERAL = re.compile(r"[,*?!\s]")  # a list, a pattern, or more than one line


@dataclass(frozen=True)
class Signer:
    """Who signed, as the list names the person, and by which key."""

    person: str
    fingerprint: str


@dataclass(frozen=True)
class Signers:
    """Who may sign (`allowed`), and which keys may no longer (`revoked`, whether or not there is such a file)."""

    allowed: Path
    revoked: Path

    def signer(self, statement: str, signature: bytes, on: date) -> Signer:
        """Whose signature of a statement it is, by the list as it holds on a date (UTC).

        DataError where it is none, or is of another text, by an unknown, expired or revoked key, or by one of several people.
        """
        if not self.allowed.is_file():
            raise UsageError(f"{self.allowed} is missing: name there who may sign, a line a key, as ssh-keygen(1) says")
        with TemporaryDirectory() as folder:
            file = Path(folder) / "signature"
            file.write_bytes(signature)
            fingerprint = self._made(statement, file)
            person = self._person(file, fingerprint, on)
            self._holds(statement, file, Signer(person, fingerprint), on)
        return Signer(person, fingerprint)

    def _made(self, statement: str, file: Path) -> str:
        """The key that made it; whoever's that is."""
        done = _keygen(["check-novalidate", "-n", NAMESPACE, "-s", str(file)], statement)
        if done.returncode:
            raise DataError(
                f"the signature is none of this statement: {_why(done)}; sign the statement as printed, to the byte, "
                f"with `ssh-keygen -Y sign -n {NAMESPACE}`"
            )
        found = _FINGERPRINT.search(done.stdout)
        if not found:
            raise MachineError(f"ssh-keygen verified a signature and named no key: {done.stdout.strip()}")
        return found[1]

    def _person(self, file: Path, fingerprint: str, on: date) -> str:
        done = _keygen(["find-principals", "-s", str(file), "-f", str(self.allowed), _at(on)])
        if done.returncode:
            raise DataError(
                f"{self.allowed}: the key {fingerprint} is nobody's there on {on}: {_why(done)}; whoever keeps the list adds it"
            )
        person = done.stdout.strip()
        if _SEVERAL.search(person):
            raise DataError(f"{self.allowed}: the key {fingerprint} has to be one person's, not of {person!r}")
        return person

    def _holds(self, statement: str, file: Path, signer: Signer, on: date) -> None:
        revoked = ["-r", str(self.revoked)] if self.revoked.is_file() else []
        listed = ["-f", str(self.allowed), "-I", signer.person, "-n", NAMESPACE]
        done = _keygen(["verify", *listed, "-s", str(file), *revoked, _at(on)], statement)
        if done.returncode:
            raise DataError(f"the key {signer.fingerprint} of {signer.person} may not sign on {on}: {_why(done)}; is it in "
                            f"{self.revoked}, or listed in {self.allowed} for another namespace than {NAMESPACE}?")  # fmt: skip


def program() -> str:
    """Where ssh-keygen is."""
    found = shutil.which("ssh-keygen")
    if not found:
        raise MachineError("ssh-keygen is missing: install OpenSSH's client; signatures are verified with it")
    return found


def _at(on: date) -> str:
    return f"-Overify-time={on:%Y%m%d}Z"


def _keygen(arguments: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """ssh-keygen, in plain words, with times in UTC; it ends with 255 for every refusal."""
    command, surroundings = [program(), "-Y", *arguments], {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", env=surroundings, check=False)  # noqa: S603


def _why(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stderr.strip() or done.stdout.strip()).split())
