"""Models of what houses and vehicles are worth, on the sales that a lake has admitted: fitted, judged, promoted."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from loanwatch import calendars, codes
from loanwatch.admit.collateral_feeds import SALE
from loanwatch.admit.tables import SUPERSEDED
from loanwatch.cover.model.artefact import Artefact
from loanwatch.cover.model.champions import Models
from loanwatch.cover.model.comparables import NAMES
from loanwatch.cover.model.contest import card, ruled
from loanwatch.cover.model.traits import Floats
from loanwatch.cover.model.valuer import FEWEST, Fit, comparable, fit
from loanwatch.errors import DataError, NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.report.model_card import Card, Level
from loanwatch.report.page import Language
from loanwatch.seal import publication
from loanwatch.seal.approval import Approvals, model_of
from loanwatch.settings import Settings


def known_sales(lake: Lake, kind: str, currency: str, until: date) -> pd.DataFrame:
    """The comparable sales before a day that are admitted, not superseded and not withdrawn."""
    where = f"kind = '{kind}' and currency = '{currency}' and sold_on < date '{until}' and not withdrawn"
    rows, lost = lake.rows(SALE.table, where), lake.rows(SUPERSEDED, f"feed = '{SALE.name}'", ("delivery_no", "line_no"))
    kept: pa.Table = rows.join(lost, keys=["delivery_no", "line_no"], join_type="left anti") if len(lost) else rows
    sales = kept.select([column.name for column in SALE.row]).to_pandas()
    sales["sale_id"] = sales["sender_id"] + "/" + sales["sale_id"]
    return comparable(sales.assign(sold_on=pd.to_datetime(sales["sold_on"])), kind)


def fitted(settings: Settings, kind: str, until: date) -> tuple[str, Fit, pd.DataFrame]:
    """Fit a kind on its sales before a day, in the tenant's currency, and keep the model: its digest, the fit, the sales."""
    lake, currency = Lake(settings.lake), settings.business.currency
    sales = known_sales(lake, kind, currency, until)
    if len(sales) < FEWEST:
        raise DataError(f"{len(sales)} sales of a {kind} in {currency} before {until}; a model takes {FEWEST}")
    new = fit(sales, kind, float((until - date(1970, 1, 1)).days))
    return Models(lake).keep(Artefact(new.valuer, card(new, sales, kind, until)), getpass.getuser()), new, sales


def promoted(settings: Settings, digest: str, why: str) -> date:
    """Let a model value its kind from the next business date on: no release that is there, or begun, comes out differently.

    UsageError where approvals are required and it has none.
    """
    lake = Lake(settings.lake)
    Approvals.of(settings).demand(model_of(digest))
    there = publication.attempts(lake)
    if begun := [attempt for attempt in there if attempt.state == "open"]:
        raise NotNow(f"an attempt for {begun[0].as_of} is open; promote when it is published")
    now = publication.current(there)
    if not now:
        raise UsageError(f"{lake.path}: nothing is published yet; a model values from the night after the first on")
    from_on = calendars.next_date(settings.business.calendar, max(now))
    Models(lake).promote(digest, from_on, getpass.getuser(), why)
    return from_on


def pictured(artefact: Artefact, digest: str, language: Language) -> Card:
    """What the page of a model's card shows: beside its words, the levels of its market and how much each trait tells."""
    market = artefact.valuer.market
    whole = market.level.whole
    base = float(whole.logs[0])
    levels = [Level(None, _moved(whole.days, whole.logs - base))]
    for name, own in market.level.regions.items():
        logs = whole.at(own.days) + own.logs
        levels.append(Level(name, _moved(own.days, logs - float(logs[0]))))
    names = [*artefact.card["looks_at"], *NAMES]
    gain: Floats = np.sum([trees.feature_importance("gain") for trees in (*market.trees, *market.beyond)], axis=0)
    traits = sorted(zip(names, (gain / gain.sum()).tolist(), strict=True), key=lambda told: -told[1])
    return Card(digest, artefact.card, levels, traits, language)


def _moved(on: Floats, logs: Floats) -> list[tuple[date, float]]:
    epoch = date(1970, 1, 1)
    return [(epoch + timedelta(int(day)), 100 * float(height)) for day, height in zip(on, np.exp(logs), strict=True)]


def refresh(settings: Settings, until: date) -> Iterator[str]:
    """Fit every kind that has sales enough anew, and promote what is nearer to prices than the model in use; says what came of
    each kind. Where approvals are required it proposes only: people promote."""
    models, currency = Models(Lake(settings.lake)), settings.business.currency
    for kind in codes.ASSET_KINDS.words:
        in_use = models.champions(date.max, currency).get(kind)
        try:
            digest, new, sales = fitted(settings, kind, until)
        except DataError as too_few:
            yield f"{kind}: {too_few}"
            continue
        ruling = ruled(new, sales, kind, models.load(in_use.digest) if in_use else None)
        said = f"{kind}: model {digest[:12]}, {ruling.why}"
        if ruling.promoted and settings.seal.approvals == "required":
            said += f"; not promoted: `loanwatch approve model {digest[:12]}`, then `loanwatch model promote {digest[:12]}`"
        elif ruling.promoted:
            said += f"; values from {promoted(settings, digest, ruling.why)} on"
        yield said
