"""Who tried to reach whom when a loan was past due, what came of it, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.arrears import Unpaid, unpaid
from loanwatch.synth.columns import amounts, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import Flags, Ints
from loanwatch.synth.reach import OTHER, OWN, Reach
from loanwatch.synth.share import Share

CHANNELS, COLLECTORS, OUTCOMES = codes.CONTACT_CHANNELS.words, codes.COLLECTORS.words, codes.CONTACT_OUTCOMES.words
RIGHT_PARTY, OTHER_PARTY, REFUSED, NO_ANSWER, INVALID, DELIVERED = range(len(OUTCOMES))
CALL, MESSAGE, APP = range(3)
CHANNEL_SHARES = (0.7, 0.2, 0.1)
COLLECTOR_SHARES = (0.5, 0.15, 0.05, 0.3)
HISTORY_DAYS = 60
FROM_DAYS, UNTIL_DAYS, EVERY_DAYS = 3, 45, 7  # past due; an attempt so often
HOURS = (8, 22)  # GB/T 45251-2025: none from 22:00 to 8:00
TO_OTHER = 0.15
ANSWERS, ANSWERS_UNDER_STRESS, OTHER_ANSWERS, REFUSES = 0.35, 0.18, 0.4, 0.15
PROMISES, PROMISED_WITHIN_DAYS = 0.3, 10


@dataclass(frozen=True)
class Attempts:
    """Attempts in order of day; `loan` and `minor` are those of the instalment that was past due."""

    loan: Ints
    minor: Ints
    customer: Ints
    contact: Ints
    day: Ints
    hour: Ints
    channel: Ints
    collector: Ints
    outcome: Ints

    def __len__(self) -> int:
        return len(self.loan)


def attempts(share: Share, reach: Reach) -> Attempts:
    """All attempts of one partner from some weeks before the first day on; notes in `reach` who refused, and when."""
    draw = share.plan.stream("attempts", share.loans.partner)
    late, day = times(share, draw)
    customer = share.loans.customer[late.loan]
    count = len(late)
    channel = draw.choice(len(CHANNEL_SHARES), count, p=CHANNEL_SHARES)
    to_other = (channel == CALL) & (reach.relation[customer] >= 0) & (draw.random(count) < TO_OTHER)
    stressed = (share.path.misses_from[customer] <= day) & (day < share.path.cured_on[customer])
    dead = reach.dies_on[customer] <= day
    outcome = outcomes(draw, channel, to_other, stressed, dead)
    refused = outcome == REFUSED
    np.minimum.at(reach.refused_on, customer[refused], day[refused])
    kept = np.flatnonzero(~to_other | (day < reach.refused_on[customer]) | (refused & (day == reach.refused_on[customer])))
    collector = draw.choice(len(COLLECTORS), count, p=COLLECTOR_SHARES)
    contact, hour = np.where(to_other, OTHER, OWN), draw.integers(*HOURS, count)
    columns = (late.loan, late.minor, customer, contact, day, hour, channel, collector, outcome)
    return Attempts(*(column[kept] for column in columns))


def times(share: Share, draw: np.random.Generator) -> tuple[Unpaid, Ints]:
    """The instalment behind each attempt and its day, by day; until when it was past due depends on all payments."""
    plan, of = share.plan, unpaid(share.allocation, share.endings.payments)
    of = of.where(share.allocation.claims.instalments).and_(share.moves.past)
    left_on = share.accounts.closed_on[of.loan]
    begin = np.maximum(of.due_on + FROM_DAYS, plan.first - HISTORY_DAYS)
    end = np.minimum.reduce([of.until, left_on, of.due_on + UNTIL_DAYS, np.full(len(of), plan.last + 1)])
    late = np.flatnonzero(end > begin)
    row = np.repeat(late, draw.poisson((end - begin)[late] / EVERY_DAYS))
    day = begin[row] + (draw.random(len(row)) * (end - begin)[row]).astype(np.int64)
    order = np.argsort(day, kind="stable")
    return of.where(row[order]), day[order]


def outcomes(draw: np.random.Generator, channel: Ints, to_other: Flags, stressed: Flags, dead: Flags) -> Ints:
    """What came of each attempt: calls may be answered, messages are delivered, dead numbers are invalid."""
    luck, count = draw.random(len(channel)), len(channel)
    answered = np.where(luck < np.where(stressed, ANSWERS_UNDER_STRESS, ANSWERS), RIGHT_PARTY, NO_ANSWER)
    own = np.where(channel == CALL, answered, DELIVERED)
    own = np.where(dead & (channel != APP), INVALID, own)
    someone = np.where(draw.random(count) < REFUSES, REFUSED, OTHER_PARTY)
    return np.where(to_other, np.where(luck < OTHER_ANSWERS, someone, NO_ANSWER), own)


def contact_attempt(share: Share, of: Attempts) -> tuple[Ints, pa.Table]:
    """The `contact_attempt` rows, numbered in order of day; and the day of each."""
    return of.day, pa.table({
        "attempt_id": numbered("T", np.arange(1, len(of) + 1), 9),
        "attempted_on": dates(of.day),
        "customer_id": share.customer_ids.take(pa.array(of.customer)),
        "contact_no": pa.array(of.contact, pa.int32(), mask=of.channel == APP),
        "hour": pa.array(of.hour, pa.int32()),
        "channel": chosen(CHANNELS, of.channel),
        "collector": chosen(COLLECTORS, of.collector),
        "outcome": chosen(OUTCOMES, of.outcome),
    })  # fmt: skip


@dataclass(frozen=True)
class Promises:
    """Promises in order of day: to pay an instalment by a day."""

    loan: Ints
    day: Ints
    due_on: Ints
    minor: Ints


def promises(share: Share, of: Attempts) -> Promises:
    """What some of those who were reached have promised; whether they pay is theirs."""
    draw = share.plan.stream("promises", share.loans.partner)
    made = np.flatnonzero((of.outcome == RIGHT_PARTY) & (draw.random(len(of)) < PROMISES))
    due_on = of.day[made] + draw.integers(1, PROMISED_WITHIN_DAYS, len(made))
    return Promises(of.loan[made], of.day[made], due_on, of.minor[made])


def promise(share: Share, of: Promises) -> tuple[Ints, pa.Table]:
    """The `promise` rows, numbered in order of day; and the day of each."""
    return of.day, pa.table({
        "promise_id": numbered("Q", np.arange(1, len(of.day) + 1), 8),
        "promised_on": dates(of.day),
        "loan_id": share.loan_ids.take(pa.array(of.loan)),
        "promised_minor": amounts(of.minor),
        "due_on": dates(of.due_on),
    })  # fmt: skip
