"""What people may do with personal data: `reveal`, `original`, `erase`, `rotate`; each is logged before it is done.

The key is what protects the values; the settings say who is meant to use it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch import locks, person
from loanwatch.admit.batch import Admission
from loanwatch.admit.tables import DELIVERY
from loanwatch.commands.options import Env, Lake, Tenant, Vault, out, resolved
from loanwatch.errors import UsageError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.person import opened_vault, permitted
from loanwatch.seal import audit_log
from loanwatch.seal.acts import Act
from loanwatch.settings import Settings
from loanwatch.token_index import TOKEN

WAIT_SECONDS = 60.0
Purpose = Annotated[str, typer.Option("--purpose", help="Why, in your own words; it is logged.")]


def reveal(
    token: Annotated[str, typer.Argument(help="Token, as the lake shows it.")], purpose: Purpose, lake: Lake = None,
    vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Show the value behind a token, for those whom the settings allow it."""
    settings = resolved(env, tenant, lake, vault)
    permitted(settings)
    if not TOKEN.fullmatch(token) or not purpose.strip():
        raise UsageError("a token is 32 hexadecimal digits, and a purpose some words")
    folder, opened = _lake(settings), opened_vault(settings)
    found = opened.reveal([token])
    _log(folder, "reveal", token, purpose, len(found))  # before it is shown
    if not found:
        raise UsageError(f"vault {opened.path}: no entry {token}: never entered, or erased")
    out.print(found[token], markup=False, highlight=False)


def original(
    delivery: Annotated[int, typer.Argument(help="Number of the delivery, as admit.delivery has it.")], purpose: Purpose,
    into: Annotated[Path, typer.Option("--out", help="A new folder for its files.")], lake: Lake = None,
    vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Write the files of a delivery as they came, for those whom the settings allow it."""
    settings = resolved(env, tenant, lake, vault)
    permitted(settings)
    folder, opened = _lake(settings), opened_vault(settings)
    receipts = folder.rows(DELIVERY, f"delivery_no = {delivery}").to_pylist()
    if not receipts or not purpose.strip():
        raise UsageError(f"no delivery {delivery} in this lake; `loanwatch read admit.delivery` lists them" if purpose.strip()
                         else "a purpose is some words")  # fmt: skip
    name = person.original(receipts[0])
    files = opened.originals.take(name)
    _log(folder, "original", name, purpose, len(files))  # before it is written
    if not files:
        raise UsageError(f"vault {opened.path}: delivery {delivery} is not kept: never, no longer, or a person in it was erased")
    into.mkdir(mode=0o700, parents=True)
    for file, content in files.items():
        (into / file).write_bytes(content)
    out.print(f"{len(files)} files of {name.split()[0]} in {into}", markup=False, highlight=False)


def erase(
    named: Annotated[str, typer.Argument(metavar="PERSON", help="Token, <id type>:<id number>, or <partner>:<customer>.")],
    purpose: Purpose, lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Destroy the vault's entries of a person; the lake keeps its tokens, which then lead nowhere."""
    settings = resolved(env, tenant, lake, vault)
    permitted(settings)
    opened, folder = opened_vault(settings), _lake(settings)
    with locks.lease(folder.path, "admission", WAIT_SECONDS), opened.lease(WAIT_SECONDS):
        Admission(folder, opened, settings.inbox, work=lambda *_: []).finish()
        borrower_id = person.find(folder, opened, named)
        entries = opened.reveal(person.tokens(folder, borrower_id))
        if not entries:
            raise UsageError("the vault holds nothing of this person alone: is it the token of a person, and not erased already?")
        _log(folder, "erase", borrower_id, purpose, len(entries))
        originals = opened.originals.forget(person.deliveries(folder, borrower_id))  # the entries tell whether it is done
        opened.forget(entries)
    out.print(
        f"{len(entries)} entries destroyed, and the originals of {originals} deliveries; "
        "what others have in common with this person is kept"
    )


def rotate(
    to: Annotated[str, typer.Option("--to", help="The new key: file:PATH or env:NAME.")], lake: Lake = None,
    vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Seal the vault with a new key; tokens, and so the lake, stay as they are."""
    settings = resolved(env, tenant, lake, vault)
    permitted(settings)
    folder, opened = _lake(settings), opened_vault(settings)
    with locks.lease(folder.path, "admission", WAIT_SECONDS), opened.lease(WAIT_SECONDS):
        _log(folder, "rotate", to, None, opened.entries())
        new = opened.rotate(to)
    out.print(f"sealed anew; from now on set vault_key: {new.key_reference}, then destroy the old key")


def _lake(settings: Settings) -> LakeFolder:
    lake = LakeFolder(settings.lake)
    if not lake.exists:
        raise UsageError(f"no lake at {lake.path}; give its folder by --lake")
    lake.open(settings.tenant)
    return lake


def _log(lake: LakeFolder, action: str, subject: str, purpose: str | None, entries: int) -> None:
    audit_log.enter(lake, Act(action, subject, purpose=purpose, entries=entries))
