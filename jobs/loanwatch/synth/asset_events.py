"""What happens to collateral: insured year by year; seized, claimed, driven away, above all where a loan defaults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.columns import amounts, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.market import VEHICLE
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

KINDS = codes.ASSET_EVENTS.words
INSURANCE, SEIZURE = KINDS.index("insurance"), KINDS.index("seizure")
YEAR = 365
HOMES_INSURED, RENEWED, INSURED_PART = 0.6, 0.94, (0.8, 1.3)  # of the value
HISTORY_DAYS = 365
NOISE_A_YEAR = {"seizure": 0.003, "title_claim": 0.002, "title_suit": 0.001, "transfer": 0.001, "transfer_untold": 0.0005,
                "tracker_silent": 0.05, "hotspot": 0.01}  # fmt: skip
TRUE = {"seizure": 0.25, "transfer_untold": 0.03, "tracker_silent": 0.3, "hotspot": 0.15}  # of assets whose loan defaults
LEAD_DAYS = (-60, 45)  # before the arrears begin
SEIZED_DAYS, FIRST_RANK = 3 * YEAR, 0.6
# How many end within the story, and after how many days.
ENDS = {"seizure": (0.3, 30, 300), "title_claim": (0.5, 10, 120), "title_suit": (0.3, 60, 300), "tracker_silent": (0.9, 1, 6)}
OF_VEHICLES = [KINDS.index(word) for word in ("tracker_silent", "hotspot")]


@dataclass(frozen=True)
class Events:
    """What happened, a row each; `ended_on` is told by a second row on that day."""

    asset: Ints
    kind: Ints
    day: Ints
    until_on: Ints
    insured_minor: Ints
    rank: Ints
    ended_on: Ints


def asset_event(share: Share) -> tuple[Ints, pa.Table]:
    """The `asset_event` rows of one partner in order of the day on which they are told; and that day.

    What was over when the story began is told once, as over.
    """
    draw = share.plan.stream("asset_events", share.loans.partner)
    of = joined(insured(share, draw), happened(share, draw))
    begun, ended = np.flatnonzero(of.ended_on > share.plan.first), np.flatnonzero(of.ended_on <= share.plan.last)
    row, day = np.concatenate([begun, ended]), np.concatenate([of.day[begun], of.ended_on[ended]])
    order = np.argsort(day, kind="stable")
    row, day, ends = row[order], day[order], (order >= len(begun))
    return day, pa.table({
        "event_id": numbered("A", row + 1, 8),
        "happened_on": dates(of.day[row]),
        "asset_id": share.asset_ids.take(pa.array(of.asset[row])),
        "kind": chosen(KINDS, of.kind[row]),
        "rank": pa.array(of.rank[row], pa.int32(), mask=of.kind[row] != SEIZURE),
        "insured_minor": amounts(of.insured_minor[row], of.kind[row] != INSURANCE),
        "until_on": dates(of.until_on[row]),
        "ended_on": dates(np.where(ends, of.ended_on[row], NEVER)),
    })  # fmt: skip


def insured(share: Share, draw: np.random.Generator) -> Events:
    """Policies of a year: the one in force when the story begins, and the next ones until one is not renewed."""
    assets, plan = share.assets, share.plan
    rows = len(assets.loan)
    opened, closed = share.loans.opened_on[assets.loan], share.accounts.closed_on[assets.loan]
    sum_minor = (assets.value_minor * draw.uniform(*INSURED_PART, rows)).astype(np.int64)
    on = (assets.kind == VEHICLE) | (draw.random(rows) < HOMES_INSURED)
    begin = opened + np.maximum(plan.first - opened, 0) // YEAR * YEAR
    parts = []
    while (on := on & (begin <= np.minimum(plan.last, closed))).any():
        which = np.flatnonzero(on)
        parts.append((which, begin[which], sum_minor[which]))
        begin, on = begin + YEAR, on & (draw.random(rows) < RENEWED)
    asset, day, minor = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else [np.empty(0, np.int64)] * 3
    never, none = np.full(len(asset), NEVER), np.zeros(len(asset), np.int64)
    return Events(asset, none + INSURANCE, day, day + YEAR - 1, minor, none, never)


def happened(share: Share, draw: np.random.Generator) -> Events:
    """Everything else: some to anybody, more where the loan defaults; while the asset secures a loan that is owed."""
    asset, kind, day = (np.concatenate(of) for of in zip(noise(share, draw), true(share, draw), strict=True))
    loan = share.assets.loan[asset]
    may = ~np.isin(kind, OF_VEHICLES) | (share.assets.kind[asset] == VEHICLE)
    may &= (day >= share.loans.opened_on[loan]) & (day <= np.minimum(share.accounts.closed_on[loan], share.plan.last))
    asset, kind, day = asset[may], kind[may], day[may]
    seizure, chance = kind == SEIZURE, draw.random(len(kind))
    until, rank = np.where(seizure, day + SEIZED_DAYS, NEVER), np.where(draw.random(len(kind)) < FIRST_RANK, 1, 2)
    ended = np.full(len(kind), NEVER)
    for word, (part, soonest, latest) in ENDS.items():
        of = np.flatnonzero((kind == KINDS.index(word)) & (chance < part))
        ended[of] = day[of] + draw.integers(soonest, latest, len(of))
    return Events(asset, kind, day, until, np.zeros(len(kind), np.int64), rank, ended)


def noise(share: Share, draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Asset, kind and day of what may happen to any."""
    rows, span = len(share.assets.loan), HISTORY_DAYS + share.plan.days
    kinds = np.array([KINDS.index(word) for word in NOISE_A_YEAR])
    many = draw.poisson(np.array(list(NOISE_A_YEAR.values())) * rows * span / YEAR)
    kind = np.repeat(kinds, many)
    asset = draw.integers(0, max(rows, 1), len(kind))
    return asset, kind, share.plan.first - HISTORY_DAYS + draw.integers(0, span, len(kind))


def true(share: Share, draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Asset, kind and day of what happens around a default."""
    arrears_on = share.accounts.default_arrears_on[share.assets.loan]
    parts = []
    for word, part in TRUE.items():
        asset = np.flatnonzero((arrears_on < NEVER) & (draw.random(len(arrears_on)) < part))
        parts.append((asset, np.full(len(asset), KINDS.index(word)), arrears_on[asset] - draw.integers(*LEAD_DAYS, len(asset))))
    asset, kind, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    return asset, kind, day


def joined(one: Events, other: Events) -> Events:
    """Both, in order of day."""
    order = np.argsort(np.concatenate([one.day, other.day]), kind="stable")
    return Events(*(np.concatenate([getattr(of, name) for of in (one, other)])[order] for name in vars(one)))
