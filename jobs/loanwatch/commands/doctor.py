"""`doctor`: whether this machine can run a night; one line each, with the mend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from loanwatch import session
from loanwatch.commands.options import Env, Lake, Tenant, Vault, out, resolved
from loanwatch.errors import LoanwatchError, MachineError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.seal import signature
from loanwatch.seal.approval import Approvals
from loanwatch.settings import Settings
from loanwatch.vault import Vault as VaultFolder

PINNED = {"pyspark": "4.2.0", "delta-spark": "4.4.0", "pyarrow": "26.0.1", "great-expectations": "1.24.1"}
FREE_BYTES = 5 * 1024**3


Fetch = Annotated[bool, typer.Option("--fetch-jars", help="Fetch the Delta jars and archive their classes, if not done.")]


def doctor(
    lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo", fetch: Fetch = False
) -> None:
    """Check Java, jars, memory, disk, lake, vault and versions."""
    settings = resolved(env, tenant, lake, vault)
    if fetch:
        session.fetch_jars(settings.spark.jars)
        session.archive_classes(settings)
    ill = 0
    for name, check in CHECKS.items():
        try:
            out.print(f"[green]ok[/]    {name:<9} {check(settings)}", highlight=False)
        except LoanwatchError as error:
            ill += 1
            out.print(f"[red]wrong[/] {name:<9} {error}", highlight=False)
    if ill:
        raise typer.Exit(MachineError.exit_code)


def _java(settings: Settings) -> str:
    said = subprocess.run([session.java(), "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < 17:
        raise MachineError(
            f"version {found[1] if found else '?'}; install 17 (Debian: apt-get install openjdk-17-jre-headless)"
        )
    return said.splitlines()[0]


def _jars(settings: Settings) -> str:
    return ", ".join(jar.name for jar in session.jar_files(settings.spark.jars))


def _memory(settings: Settings) -> str:
    wanted = _bytes(settings.spark.memory)
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if wanted > there * 0.75:
        raise MachineError(
            f"spark.memory={settings.spark.memory} of {there / 1024**3:.0f} GB; set it to three quarters at most"
        )
    return f"spark.memory={settings.spark.memory} of {there / 1024**3:.0f} GB"


def _disk(settings: Settings) -> str:
    folder = next(p for p in (settings.lake.resolve(), *settings.lake.resolve().parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise MachineError(
            f"{free / 1024**3:.1f} GB free at {folder}; make room, a night needs a few GB per million loans"
        )
    return f"{free / 1024**3:.0f} GB free at {folder}"


def _lake(settings: Settings) -> str:
    folder = LakeFolder(settings.lake)
    if not folder.exists:
        return f"{settings.lake} is not there yet; the first night makes it"
    folder.open(settings.tenant)
    return f"{settings.lake}, tenant {settings.tenant}"


def _vault(settings: Settings) -> str:
    vault = VaultFolder(settings.vault_path, settings.vault_key)
    if not vault.path.exists():
        return f"{vault.path} is not there yet; the first night makes it"
    vault.prepare()
    return f"{vault.path}, key {settings.vault_key}"


def _openmp(settings: Settings) -> str:
    try:
        import lightgbm
    except OSError:
        mend = "Debian: apt-get install libgomp1; macOS: brew install libomp"
        raise MachineError(f"no OpenMP, which models of values need ({mend})") from None
    return f"LightGBM {lightgbm.__version__} loads it"


def _signing(settings: Settings) -> str:
    if settings.seal.approvals == "off":
        return "approvals are off: nobody has to sign what runs"
    return f"approvals are required; {signature.program()} verifies, by {Approvals.of(settings).signers.allowed}"


def _versions(settings: Settings) -> str:
    wrong = [f"{name} is {version(name)}, wants {pin}" for name, pin in PINNED.items() if version(name) != pin]
    if wrong:
        raise MachineError("; ".join(wrong) + "; install from the lock, requirements.txt")
    return f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {pin}" for name, pin in PINNED.items())


def _bytes(text: str) -> int:
    return int(text[:-1]) * {"g": 1024**3, "m": 1024**2}[text[-1].lower()]


CHECKS: dict[str, Callable[[Settings], str]] = {
    "java": _java, "jars": _jars, "memory": _memory, "disk": _disk, "lake": _lake, "vault": _vault, "openmp": _openmp,
    "signing": _signing, "versions": _versions,
}  # fmt: skip
