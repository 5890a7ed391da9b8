"""A person in the lake: by whatever they are named, and which tokens stand for nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from loanwatch.admit.contact_feeds import CONTACT
from loanwatch.admit.delivery import Place
from loanwatch.admit.feeds import ASSET, BORROWER, LOAN, PLEDGE
from loanwatch.admit.filing_feeds import GUARANTEE_DETAIL, LOAN_DETAIL, PLEDGE_DETAIL
from loanwatch.admit.tables import DELIVERY, REJECTED
from loanwatch.admit.tokens import restricted
from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.originals import name_of
from loanwatch.seal import audit_log
from loanwatch.settings import Settings
from loanwatch.tables import Feed
from loanwatch.token_index import TOKEN
from loanwatch.vault import Vault

Rows = list[tuple[Feed, str, set[str]]]  # of feeds, by some values of a column


def find(lake: Lake, vault: Vault, named: str) -> str:
    """The borrower's id of a person named by token, `<id type>:<id number>` or `<partner>:<customer number>`."""
    if TOKEN.fullmatch(named):
        return named
    if token := vault.find("identity", named):
        return token
    known = _values(lake, BORROWER, _where("customer_id", [named]), "borrower_id")
    if not known:
        raise UsageError("nobody is known by that name; give a token, <id type>:<id number>, or <partner>:<customer number>")
    return min(known, key=lambda borrower_id: (not TOKEN.fullmatch(borrower_id), borrower_id))  # the document, once it came


def tokens(lake: Lake, borrower_id: str) -> set[str]:
    """The tokens of a person and of nobody else: document, names, numbers, accounts, addresses, contacts, and what its loans are
    secured by.

    All versions of all its customer numbers count. A name or a number that others have, too, stays: it is theirs as well.
    """
    customers, loans, assets = _of(lake, borrower_id)
    of_others = _values(lake, PLEDGE, f"{_where('asset_id', assets)} and not ({_where('loan_id', loans)})", "asset_id")
    of_person = _only(lake, _rows(customers, loans, assets - of_others))
    return {token for token in {*of_person, borrower_id} if TOKEN.fullmatch(token)}


def _of(lake: Lake, borrower_id: str) -> tuple[set[str], set[str], set[str]]:
    """A person's customer numbers, loans, and assets that secure them."""
    customers = _values(lake, BORROWER, _where("borrower_id", [borrower_id]), "customer_id")
    loans = _values(lake, LOAN, _where("customer_id", customers), "loan_id")
    return customers, loans, _values(lake, PLEDGE, _where("loan_id", loans), "asset_id")


def _rows(customers: set[str], loans: set[str], assets: set[str]) -> Rows:
    """Where a person's values stand."""
    return [
        (BORROWER, "customer_id", customers), (CONTACT, "customer_id", customers), (ASSET, "asset_id", assets),
        (LOAN_DETAIL, "loan_id", loans), (PLEDGE_DETAIL, "loan_id", loans), (GUARANTEE_DETAIL, "loan_id", loans),
    ]  # fmt: skip


def deliveries(lake: Lake, borrower_id: str) -> set[str]:
    """The names of the originals with personal values of a person: deliveries with rows of its customer numbers, loans or assets.

    A rejected row counts where its record still shows whose it is.
    """
    numbers: set[int] = set()
    for feed, key, mine in _rows(*_of(lake, borrower_id)):
        numbers |= set(lake.rows(feed.table, _where(key, mine), ("delivery_no",))["delivery_no"].to_pylist())
        rejected = lake.rows(REJECTED, f"feed = '{feed.name}'", ("delivery_no", "record")).to_pylist()
        numbers |= {row["delivery_no"] for row in rejected if json.loads(row["record"]).get(key) in mine}
    receipts = lake.rows(DELIVERY, "outcome = 'admitted'").to_pylist()
    return {original(row) for row in receipts if row["delivery_no"] in numbers}


def original(receipt: Mapping[str, Any]) -> str:
    """The name of the original of a receipt of `admit.delivery`."""
    place = Place(receipt["feed"], receipt["sender"], receipt["business_on"], receipt["sequence"])
    return name_of(place, receipt["sha256"])


def _only(lake: Lake, rows: Rows) -> set[str]:
    """The tokens in the restricted columns of these rows that stand in no other row of the feeds."""
    columns = [(feed, column.name, _where(key, mine)) for feed, key, mine in rows for column in restricted(feed)]
    here = {token for feed, name, where in columns for token in _values(lake, feed, where, name)}
    elsewhere = {
        token for feed, name, where in columns for token in _values(lake, feed, f"not ({where}) and {_where(name, here)}", name)
    }  # fmt: skip
    return here - elsewhere


def _values(lake: Lake, feed: Feed, where: str, column: str) -> set[str]:
    return {value for value in lake.rows(feed.table, where, (column,))[column].to_pylist() if value is not None}


def _where(column: str, values: Iterable[str]) -> str:
    listed = _listed(values)
    return f"{column} in ({listed})" if listed else "false"


def _listed(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))


def permitted(settings: Settings) -> None:
    """UsageError for a user whom the settings do not name."""
    if (user := audit_log.user()) not in settings.vault_users:
        raise UsageError(
            f"user {user} may not use the vault's values; who may is in `vault_users` of conf/env/{settings.env}.yaml"
        )


def opened_vault(settings: Settings) -> Vault:
    """The vault that the settings name, to reveal from."""
    vault = Vault(settings.vault_path, settings.vault_key)
    if not vault.path.is_dir():
        raise UsageError(f"no vault at {vault.path}; give its folder by --vault")
    vault.prepare()
    return vault
