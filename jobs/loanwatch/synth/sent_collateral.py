"""The rows about collateral: assets and pledges, which the partner sends, and values, which the valuer sends."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch import codes
from loanwatch.synth import collateral, words
from loanwatch.synth.columns import amounts, constant, dates, fixed_width
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.market import BASE_BP, VEHICLE, Market, market
from loanwatch.synth.market import KINDS as ASSET_KINDS
from loanwatch.synth.plan import Ints, month_of
from loanwatch.synth.population import addresses
from loanwatch.synth.share import Share
from loanwatch.synth.traits import Things, worth

METHODS = codes.VALUATION_METHODS.words
APPRAISAL = METHODS.index("appraisal")


def asset(share: Share) -> pa.Table:
    """All collateral: homes by address, vehicles by VIN."""
    assets = share.assets
    count = len(assets.loan)
    draw = share.plan.stream("locators", share.loans.partner)
    street = assets.city * words.STREETS_PER_CITY + draw.integers(0, words.STREETS_PER_CITY, count)
    homes = addresses(street, draw.integers(0, 10**7, count))
    vins = fixed_width(collateral.vins(share.plan, share.loans.partner, count))
    locator = pc.if_else(pa.array(assets.kind == VEHICLE), vins, homes)
    return pa.table({
        "asset_id": share.asset_ids,
        "valid_from": dates(share.loans.opened_on[assets.loan]),
        "kind": chosen(ASSET_KINDS, assets.kind),
        "region": chosen(words.REGIONS, assets.city),
        "locator": locator,
        **_things(share).columns(assets.built_year, decimals=3),
    })  # fmt: skip


def _things(share: Share) -> Things:
    """Such that the market would pay about what they were first said to be worth."""
    assets, draw = share.assets, share.plan.stream("traits", share.loans.partner)
    level = market(share.plan).at(assets.kind, assets.city, assets.valued_on) / BASE_BP
    age = np.maximum((1970 + month_of(assets.valued_on) // 12) - assets.built_year, 0)
    return worth(draw, assets.kind, assets.city, age, assets.value_minor, level)


def pledge(share: Share, which: Ints, valid_from: Ints, active: bool) -> pa.Table:
    """Pledges taken, or released."""
    pledges, prior = share.pledges, share.pledges.prior_claims_minor[which]
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(pledges.loan[which])),
        "asset_id": share.asset_ids.take(pa.array(pledges.asset[which])),
        "valid_from": dates(valid_from),
        "lien_rank": pa.array(pledges.lien_rank[which], pa.int32()),
        "prior_claims_minor": amounts(prior, prior < 0),
        "active": pa.repeat(pa.scalar(active), len(which)),
        "secured_minor": amounts(pledges.secured_minor[which]),
        "prior_maximum_minor": amounts(prior * 6 // 5, prior <= 0),
        "registered_for": chosen(collateral.HOLDERS, pledges.held_for[which]),
        "registered_until": dates(pledges.registered_until[which]),
    })  # fmt: skip


def valuation(share: Share, which: Ints, valued_on: Ints, value_minor: Ints, method: Ints) -> pa.Table:
    """Values of the partner's collateral, not yet numbered: the valuer does that."""
    return pa.table({
        "valued_on": dates(valued_on),
        "asset_id": share.asset_ids.take(pa.array(which)),
        "value_minor": amounts(value_minor),
        "currency": constant("CNY", len(which)),
        "method": chosen(METHODS, method),
    })  # fmt: skip


def first_valuation(share: Share, which: Ints) -> pa.Table:
    """What these assets were worth when their loan was opened: appraised, or what a vehicle was bought for."""
    assets = share.assets
    method = np.where(assets.kind[which] == VEHICLE, METHODS.index("purchase_price"), APPRAISAL)
    return valuation(share, which, assets.valued_on[which], assets.value_minor[which], method)


def revaluation(share: Share, market: Market, draw: np.random.Generator, day: int) -> pa.Table:
    """What was valued again on a day."""
    which = collateral.revalued(draw, share.assets, share.accounts.closed_on, day)
    minor = collateral.values(draw, market, share.assets, which, day)
    return valuation(share, which, np.full(len(which), day), minor, np.full(len(which), APPRAISAL))
