"""The models of a lake: `model fit`, `list`, `card`, `promote`, `refresh`."""

from __future__ import annotations

import getpass
from datetime import date
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import typer

from loanwatch import calendars, codes
from loanwatch.admit.collateral_feeds import SALE
from loanwatch.admit.tables import SUPERSEDED
from loanwatch.commands import options
from loanwatch.commands.options import day, grid_of, out, resolved
from loanwatch.cover.model.artefact import Artefact
from loanwatch.cover.model.champions import Models
from loanwatch.cover.model.contest import card, ruled
from loanwatch.cover.model.valuer import FEWEST, Fit, comparable
from loanwatch.cover.model.valuer import fit as fitted
from loanwatch.errors import DataError, NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.settings import Settings

Kind = Annotated[str, typer.Argument(help=f"Kind of asset: {', '.join(codes.ASSET_KINDS.words)}.")]
Before = Annotated[str, typer.Option("--date", help="Only sales before this day are known to the model, YYYY-MM-DD.")]
Digest = Annotated[str, typer.Argument(help="Digest of a model, or how it begins: `loanwatch model list`.")]


def fit(kind: Kind, before: Before, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Fit a model on the admitted sales of a kind before a day, and keep it in the lake; nothing is valued by it yet."""
    settings = resolved(env, tenant, lake)
    there = Lake(settings.lake)
    digest, new, _ = _kept(there, settings, _kind(kind), day(before))
    out.print(f"model {digest}", highlight=False)
    _print_card(Models(there).load(digest).card)
    out.print(f"{len(new.unseen):,} sales set its bands right; to use it: loanwatch model promote {digest[:12]}", highlight=False)


def list_(lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """What was fitted and promoted, in order."""
    grid = grid_of("no", "act", "model", "kind", "sales before", "sales", "MdAPE", "in 10%", "bias", "values from", "by", "why")
    for row in Models(Lake(resolved(env, tenant, lake).lake)).rows():
        figures = [f"{row[name] / 100:.2f}" for name in ("median_error_bp", "within_10_bp", "bias_bp")]
        grid.add_row(
            str(row["act_no"]), row["act"], row["model"][:12], f"{row['kind']} {row['currency']}", str(row["until_on"]),
            f"{row['sales']:,}", *figures, str(row["from_on"] or ""), row["said_by"], row["why"] or "",
        )  # fmt: skip
    out.print(grid)


def show(digest: Digest, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """A model's card: what it knows, what it looks at, and how far off it was, by segment."""
    models = Models(Lake(resolved(env, tenant, lake).lake))
    _print_card(models.load(_found(models, digest)).card)


def promote(digest: Digest, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Let a model value its kind from the next business date on."""
    settings = resolved(env, tenant, lake)
    models = Models(Lake(settings.lake))
    name = _found(models, digest)
    from_on = _promoted(models, settings, name, "by hand")
    out.print(f"model {name[:12]} values from {from_on} on", highlight=False)


def refresh(before: Before, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Fit every kind with enough sales anew, and promote what is nearer to prices than the model in use."""
    settings = resolved(env, tenant, lake)
    there = Lake(settings.lake)
    models, until = Models(there), day(before)
    for kind in codes.ASSET_KINDS.words:
        many = len(_sales(there, kind, settings.business.currency, until))
        if many < FEWEST:
            out.print(f"{kind}: {many} sales in {settings.business.currency}; a model takes {FEWEST}", highlight=False)
            continue
        in_use = models.champions(until, settings.business.currency).get(kind)
        digest, new, sales = _kept(there, settings, kind, until)
        ruling = ruled(new, sales, kind, models.load(in_use.digest) if in_use else None)
        said = f"{kind}: model {digest[:12]}, {ruling.why}"
        if ruling.promoted and not (in_use and in_use.digest == digest):
            said += f"; values from {_promoted(models, settings, digest, ruling.why)} on"
        out.print(said, highlight=False)


def _kept(lake: Lake, settings: Settings, kind: str, until: date) -> tuple[str, Fit, pd.DataFrame]:
    sales = _sales(lake, kind, settings.business.currency, until)
    if len(sales) < FEWEST:
        raise DataError(f"{len(sales)} sales of a {kind} in {settings.business.currency} before {until}; a model takes {FEWEST}")
    new = fitted(sales, kind, float((until - date(1970, 1, 1)).days))
    return Models(lake).keep(Artefact(new.valuer, card(new, sales, kind, until)), getpass.getuser()), new, sales


def _sales(lake: Lake, kind: str, currency: str, until: date) -> pd.DataFrame:
    """The comparable sales that are admitted, not superseded and not withdrawn, before a day."""
    where = f"kind = '{kind}' and currency = '{currency}' and sold_on < date '{until}' and not withdrawn"
    rows = lake.rows(SALE.table, where)
    lost = lake.rows(SUPERSEDED, f"feed = '{SALE.name}'", ("delivery_no", "line_no"))
    place = ["delivery_no", "line_no"]
    kept: pa.Table = rows.join(lost, keys=place, join_type="left anti") if len(lost) else rows
    sales = kept.select([column.name for column in SALE.row]).to_pandas()
    sales["sale_id"] = sales["sender_id"] + "/" + sales["sale_id"]
    return comparable(sales.assign(sold_on=pd.to_datetime(sales["sold_on"])), kind)


def _promoted(models: Models, settings: Settings, digest: str, why: str) -> date:
    """From the next date on, so that no release which is there, or begun, would come out differently."""
    there = publication.attempts(models.lake)
    if begun := [attempt for attempt in there if attempt.state == "open"]:
        raise NotNow(f"an attempt for {begun[0].as_of} is open; promote when it is published")
    now = publication.current(there)
    if not now:
        raise UsageError(f"{models.lake.path}: nothing is published yet; a model values from the night after the first on")
    from_on = calendars.next_date(settings.business.calendar, max(now))
    models.promote(digest, from_on, getpass.getuser(), why)
    return from_on


def _found(models: Models, begins: str) -> str:
    names = sorted({row["model"] for row in models.rows() if row["model"].startswith(begins)})
    if len(names) != 1:
        raise UsageError(f"{len(names)} models begin with {begins!r}; `loanwatch model list` shows them")
    return str(names[0])


def _kind(word: str) -> str:
    if word not in codes.ASSET_KINDS.words:
        raise UsageError(f"no kind {word!r}; kinds: {', '.join(codes.ASSET_KINDS.words)}")
    return word


def _print_card(card: Any) -> None:
    """In words."""
    out.print(
        f"{card['kind']} in {card['currency']}: {card['sales']:,} sales from {card['first_sold_on']} to before {card['until_on']}; "
        f"of {card['unseen']:,} of them a model of the others had not known:", highlight=False,
    )  # fmt: skip
    grid = grid_of("", "sales", "MdAPE", "in 10%", "bias", "1 FSD", "90% band")
    accuracy = dict(card["accuracy"])
    for name, told in [("in total", accuracy.pop("in total")), *((n, t) for of in accuracy.values() for n, t in of.items())]:
        figures = [told[key] for key in ("median_error", "within_10", "bias", "likely", "nearly_all")]
        grid.add_row(name, f"{told['sales']:,.0f}", *("" if np.isnan(n) else f"{n:.1f}" for n in figures))
    out.print(grid)
    out.print(f"looks at: {', '.join(card['looks_at'])}, neighbours, the market's level", markup=False, highlight=False)
