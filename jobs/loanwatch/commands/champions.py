"""The models of a lake: `model fit`, `list`, `card`, `promote`, `refresh`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from loanwatch import codes
from loanwatch.commands import options
from loanwatch.commands.options import day, grid_of, out, resolved
from loanwatch.cover.model.champions import Models
from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.report.model_card import card_page
from loanwatch.report.page import Words

Kind = Annotated[str, typer.Argument(help=f"Kind of asset: {', '.join(codes.ASSET_KINDS.words)}.")]
Before = Annotated[str, typer.Option("--date", help="Only sales before this day are known to the model, YYYY-MM-DD.")]
Digest = Annotated[str, typer.Argument(help="Digest of a model, or how it begins: `loanwatch model list`.")]

Page = Annotated[Path | None, typer.Option("--page", help="Write the card as an HTML page to this file.")]


def fit(kind: Kind, before: Before, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Fit a model on the admitted sales of a kind before a day, and keep it in the lake; nothing is valued by it yet."""
    from loanwatch import modelling

    if kind not in codes.ASSET_KINDS.words:
        raise UsageError(f"no kind {kind!r}; kinds: {', '.join(codes.ASSET_KINDS.words)}")
    settings = resolved(env, tenant, lake)
    digest, new, _ = modelling.fitted(settings, kind, day(before))
    out.print(f"model {digest}", highlight=False)
    _print_card(Models(Lake(settings.lake)).load(digest).card)
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


def show(
    digest: Digest, page: Page = None, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo"
) -> None:  # fmt: skip
    """A model's card: what it knows, what it looks at, and how far off it was, by segment; with --page as a page with pictures."""
    settings = resolved(env, tenant, lake)
    models = Models(Lake(settings.lake))
    name = _found(models, digest)
    artefact = models.load(name)
    _print_card(artefact.card)
    if page:
        from loanwatch import modelling

        language = settings.business.language
        card = modelling.pictured(artefact, name, language)
        page.write_text(card_page(card, Words.load(settings.conf, language)), encoding="utf-8")
        out.print(f"page: {page}", markup=False, highlight=False)


def promote(digest: Digest, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Let a model value its kind from the next business date on."""
    from loanwatch import modelling

    settings = resolved(env, tenant, lake)
    name = _found(Models(Lake(settings.lake)), digest)
    from_on = modelling.promoted(settings, name, "by hand")
    out.print(f"model {name[:12]} values from {from_on} on", highlight=False)


def refresh(before: Before, lake: options.Lake = None, env: options.Env = "local", tenant: options.Tenant = "demo") -> None:
    """Fit every kind with enough sales anew, and promote what is nearer to prices than the model in use."""
    from loanwatch import modelling

    for said in modelling.refresh(resolved(env, tenant, lake), day(before)):
        out.print(said, markup=False, highlight=False)


def _found(models: Models, begins: str) -> str:
    names = sorted({row["model"] for row in models.rows() if row["model"].startswith(begins)})
    if len(names) != 1:
        raise UsageError(f"{len(names)} models begin with {begins!r}; `loanwatch model list` shows them")
    return str(names[0])


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
        grid.add_row(name, f"{told['sales']:,.0f}", *("" if math.isnan(n) else f"{n:.1f}" for n in figures))
    out.print(grid)
    out.print(f"looks at: {', '.join(card['looks_at'])}, neighbours, the market's level", markup=False, highlight=False)
