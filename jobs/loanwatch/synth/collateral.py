"""Homes and vehicles behind the secured loans, what they are pledged for, and what valuers said they are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loanwatch import codes
from loanwatch.admit import vin
from loanwatch.synth.contracts import HOME, Loans
from loanwatch.synth.contracts import VEHICLE as VEHICLE_LOAN
from loanwatch.synth.market import FLAT, HOUSE, VEHICLE, Floats, Market, age_left
from loanwatch.synth.plan import Flags, Ints, Plan, month_of

HOUSES, SECOND_FLAT, PRIOR_CLAIM, PRIOR_UNKNOWN = 0.10, 0.08, 0.15, 0.05
HOME_LTV, VEHICLE_LTV = (0.40, 0.75), (0.55, 0.90)
STALE, STALE_DAYS = 0.01, (731, 1000)
REVALUED_A_DAY = 0.001
REVALUATION_NOISE = 0.05
MID_YEAR_MONTHS = 6
HOLDERS = codes.REGISTERED_FOR.words
SECURED, HELD_BY_PARTNER, ENDS_EARLY = 1.3, 0.15, 0.02


@dataclass(frozen=True)
class Assets:
    """The collateral of one partner, a row each, by the loan it was taken for; `stale`: valued long ago for good."""

    loan: Ints
    kind: Ints
    city: Ints
    built_year: Ints
    value_minor: Ints
    valued_on: Ints
    stale: Flags


@dataclass(frozen=True)
class Pledges:
    """Which asset secures which loan, by loan; prior claims of -1 are not known. How the register has the lien."""

    loan: Ints
    asset: Ints
    lien_rank: Ints
    prior_claims_minor: Ints
    secured_minor: Ints
    held_for: Ints
    registered_until: Ints


def assets(plan: Plan, loans: Loans, city_of_customer: Ints) -> Assets:
    """One asset for a vehicle loan, one or two for a home loan; none for a second loan on the same home."""
    draw = plan.stream("assets", loans.partner)
    secured = np.flatnonzero(((loans.product == HOME) | (loans.product == VEHICLE_LOAN)) & (owner(loans) < 0))
    two = (loans.product[secured] == HOME) & (draw.random(len(secured)) < SECOND_FLAT)
    loan = np.repeat(secured, 1 + two)
    rows = len(loan)
    is_vehicle = loans.product[loan] == VEHICLE_LOAN
    kind = np.where(is_vehicle, VEHICLE, np.where(draw.random(rows) < HOUSES, HOUSE, FLAT))
    low, high = np.where(is_vehicle[:, None], VEHICLE_LTV, HOME_LTV).T
    value = loans.principal_minor[loan] / draw.uniform(low, high) / np.repeat(1 + two, 1 + two)
    opened_year = 1970 + month_of(loans.opened_on[loan]) // 12
    stale = (draw.random(rows) < STALE) & plan.faults
    valued_on = loans.opened_on[loan] - np.where(stale, draw.integers(*STALE_DAYS, rows), 0)
    return Assets(
        loan=loan,
        kind=kind,
        city=city_of_customer[loans.customer[loan]],
        built_year=opened_year - draw.integers(0, np.where(is_vehicle, 6, 30), rows),
        value_minor=value.astype(np.int64) // 10_000 * 10_000,
        valued_on=valued_on,
        stale=stale,
    )


def owner(loans: Loans) -> Ints:
    """Per loan, the customer's earlier home loan on whose home it is secured too; -1 for all other loans."""
    home = np.flatnonzero(loans.product == HOME)
    earliest = np.full(loans.customers, len(loans))
    np.minimum.at(earliest, loans.customer[home], home)
    first = np.full(len(loans), -1)
    again = home[earliest[loans.customer[home]] != home]
    first[again] = earliest[loans.customer[again]]
    return first


def pledges(plan: Plan, loans: Loans, assets: Assets) -> Pledges:
    """Every asset for its loan, and the homes of customers with two home loans for the second one too."""
    draw = plan.stream("pledges", loans.partner)
    own = len(assets.loan)
    again = np.flatnonzero(owner(loans) >= 0)
    shared = np.searchsorted(assets.loan, owner(loans)[again])
    loan, asset = np.concatenate([assets.loan, again]), np.concatenate([np.arange(own), shared])
    is_home = loans.product[loan] == HOME
    chance = draw.random(len(loan))
    prior = np.where(is_home & (chance < PRIOR_CLAIM), assets.value_minor[asset] * draw.uniform(0.1, 0.3, len(loan)), 0)
    prior = prior.astype(np.int64)
    prior[own:] = loans.principal_minor[assets.loan[shared]]
    rank = np.where(prior > 0, 2, 1)
    prior[:own][(rank[:own] > 1) & (chance[:own] < PRIOR_CLAIM * PRIOR_UNKNOWN)] = -1
    order = np.argsort(loan, kind="stable")
    return Pledges(loan[order], asset[order], rank[order], prior[order], *_registered(plan, loans, loan[order]))


def _registered(plan: Plan, loans: Loans, loan: Ints) -> tuple[Ints, Ints, Ints]:
    """What each lien secures at most, for whom it is registered, and until when: a year after the loan, or too early."""
    draw = plan.stream("registrations", loans.partner)
    secured = (loans.principal_minor[loan] * SECURED).astype(np.int64)
    held = np.where(draw.random(len(loan)) < HELD_BY_PARTNER, HOLDERS.index("partner"), HOLDERS.index("us"))
    matures = loans.opened_on[loan] + loans.term_months[loan] * 365 // 12
    return secured, held, matures + np.where(draw.random(len(loan)) < ENDS_EARLY, -draw.integers(1, 300, len(loan)), 365)


def revalued(draw: np.random.Generator, assets: Assets, owed_until: Ints, day: int) -> Ints:
    """The assets that a valuer looked at again on a day, while their loan was owed."""
    there = (assets.valued_on < day) & ~assets.stale & (day <= owed_until[assets.loan])
    return np.flatnonzero(there & (draw.random(len(there)) < REVALUED_A_DAY))


def values(draw: np.random.Generator, market: Market, assets: Assets, which: Ints, day: int) -> Ints:
    """What those assets are worth on a day: the first value moved with the index, vehicles older, and the valuer's opinion."""
    kind, city = assets.kind[which], assets.city[which]
    then = market.at(kind, city, assets.valued_on[which])
    now = market.at(kind, city, np.full(len(which), day))
    opinion = np.exp(REVALUATION_NOISE * draw.standard_normal(len(which)))
    aged = _left(assets, which, np.full(len(which), day)) / _left(assets, which, assets.valued_on[which])
    older = np.where(kind == VEHICLE, aged, 1)
    return (assets.value_minor[which] * now / then * older * opinion).astype(np.int64) // 10_000 * 10_000


def _left(assets: Assets, which: Ints, day: Ints) -> Floats:
    """What age had left of each by a day, counted from the middle of its year."""
    months = month_of(day) - 12 * (assets.built_year[which] - 1970) - MID_YEAR_MONTHS
    return age_left(assets.kind[which], np.maximum(months, 0) / 12)


def vins(plan: Plan, partner: int, rows: int) -> npt.NDArray[np.uint8]:
    """Vehicle identification numbers as rows of letters."""
    draw = plan.stream("vins", partner)
    letters = np.frombuffer(vin.ALPHABET, np.uint8)[draw.integers(0, len(vin.ALPHABET), (rows, vin.LENGTH))]
    letters[:, vin.CHECK_PLACE] = vin.check_letters(letters)
    return letters
