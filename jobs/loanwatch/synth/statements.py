"""Financial statements of business borrowers: yearly of the larger ones, quarterly of the largest."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth.columns import amounts, constant, dates
from loanwatch.synth.contracts import BUSINESS
from loanwatch.synth.plan import Floats, Ints, first_of, month_of
from loanwatch.synth.share import Share

YEARLY_FROM_MINOR, QUARTERLY_FROM_MINOR = 10_000_000, 30_000_000  # lent to the customer for business
HISTORY_MONTHS = 24
DRAWN_UP_AFTER_DAYS = {12: (60, 130), 3: (15, 40)}
TURNOVER_OF_LOANS = 6.0  # turnover of a year in loans for business
STRESS_ON_TURNOVER, STRESS_ON_MARGIN = 0.45, 0.12
MARGIN, INTEREST_RATE = 0.09, 0.07


def statement(share: Share) -> tuple[Ints, pa.Table]:
    """The `statement` rows in order of the day on which they were drawn up; and the day of each."""
    draw = share.plan.stream("statements", share.loans.partner)
    lent = lent_for_business(share)
    parts = [periods(share, draw, np.flatnonzero(lent >= YEARLY_FROM_MINOR), 12),
             periods(share, draw, np.flatnonzero(lent >= QUARTERLY_FROM_MINOR), 3)]  # fmt: skip
    customer, ends_on, months, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    wanted = np.flatnonzero((day <= share.plan.last) & (day <= share.owes_until[customer]))
    order = wanted[np.argsort(day[wanted], kind="stable")]
    customer, ends_on, months, day = customer[order], ends_on[order], months[order], day[order]
    return day, pa.table({
        "customer_id": share.customer_ids.take(pa.array(customer)),
        "period_ends_on": dates(ends_on),
        "months": pa.array(months, pa.int32()),
        "drawn_up_on": dates(day),
        "currency": constant("CNY", len(day)),
        **figures(draw, lent[customer], months, stress(share, customer, ends_on)),
    })  # fmt: skip


def lent_for_business(share: Share) -> Ints:
    """Per customer, the principal of all loans for business."""
    loans = share.loans
    minor = np.where(loans.product == BUSINESS, loans.principal_minor, 0)
    return np.bincount(loans.customer, minor, loans.customers).astype(np.int64)


def periods(share: Share, draw: np.random.Generator, customer: Ints, months: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Customer, end, length and drawing-up day of each period that has ended; those of new customers come with them."""
    first, last = month_of(np.array([share.plan.first, share.plan.last]))
    ends = np.arange((first - HISTORY_MONTHS) // months * months, last + 1, months)
    who, month = np.repeat(customer, len(ends)), np.tile(ends, len(customer))
    ends_on = first_of(month) - 1
    day = ends_on + draw.integers(*DRAWN_UP_AFTER_DAYS[months], len(who))
    return who, ends_on, np.full(len(who), months), np.maximum(day, share.loans.customer_since[who])


def stress(share: Share, customer: Ints, ends_on: Ints) -> Floats:
    """How much of a business's trouble shows at the end of a period, from 0 to 1."""
    path = share.path
    begun, over = path.stress_on[customer] <= ends_on, path.cured_on[customer] <= ends_on
    return np.where(begun & ~over, path.visible[customer], 0.0)


def figures(draw: np.random.Generator, lent: Ints, months: Ints, stress: Floats) -> dict[str, pa.Array]:
    """Balance sheet and profit of each period, minor units; the parts fit into their sums."""
    noise = np.exp(0.1 * draw.standard_normal(len(lent)))
    turnover = lent * TURNOVER_OF_LOANS * months / 12 * noise * (1 - STRESS_ON_TURNOVER * stress)
    assets = lent * 4.0 * np.exp(0.1 * draw.standard_normal(len(lent)))
    liabilities = assets * np.clip(0.5 + 0.3 * stress + 0.08 * draw.standard_normal(len(lent)), 0.1, 1.2)
    debt = liabilities * 0.6
    ebit = turnover * (MARGIN - STRESS_ON_MARGIN * stress + 0.02 * draw.standard_normal(len(lent)))
    interest = debt * INTEREST_RATE * months / 12
    columns = {
        "total_assets_minor": assets, "current_assets_minor": assets * (0.6 - 0.15 * stress),
        "total_liabilities_minor": liabilities, "current_liabilities_minor": liabilities * 0.7, "debt_minor": debt,
        "turnover_minor": turnover, "ebit_minor": ebit, "interest_minor": interest, "pre_tax_profit_minor": ebit - interest,
    }  # fmt: skip
    return {name: amounts(np.rint(values).astype(np.int64)) for name, values in columns.items()}
