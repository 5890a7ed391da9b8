"""A synthetic book, delivery by delivery: the partners one after the other, then those who speak of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from loanwatch.errors import UsageError
from loanwatch.synth import contracts, population, truth
from loanwatch.synth.around import Around
from loanwatch.synth.desk import Desk
from loanwatch.synth.faults import Planted, plant
from loanwatch.synth.market import market
from loanwatch.synth.paths import paths
from loanwatch.synth.plan import Plan, Say
from loanwatch.synth.roll_overs import with_roll_overs
from loanwatch.synth.senders import partner_sender
from loanwatch.synth.share import Share, share
from loanwatch.synth.truth import Truth

OLDEST_START, NEWEST_START = date(1990, 1, 1), date(2199, 1, 1)


def silent(_: str) -> None:
    """Say nothing."""


def synth(loans: int, days: int, seed: int, start: date, out: Path, faults: bool = False, say: Say = silent) -> None:
    """Write a believable book of so many loans over so many business dates: `out/inbox`, and the answers in `out/truth`.

    The same arguments give the same bytes in every file. With `faults`, some deliveries are broken, corrected or
    late (`out/late`), as `truth/planted.parquet` and `truth/late.json` list. UsageError for arguments without sense.
    """
    plan = Plan(loans, days, seed, start, faults)
    refuse(plan, out)
    with Truth(out / "truth") as answers:
        write(plan, out, answers, say)


def refuse(plan: Plan, out: Path) -> None:
    """Raise UsageError, with everything that is wrong."""
    wrong = []
    if plan.loans < 1:
        wrong.append(f"loans is {plan.loans}: a book needs at least one loan")
    if plan.days < 1:
        wrong.append(f"days is {plan.days}: there must be at least one business date")
    if plan.seed < 0:
        wrong.append(f"seed is {plan.seed}: use 0 or a positive number")
    if not OLDEST_START <= plan.start <= NEWEST_START:
        wrong.append(f"start is {plan.start}: use a date from {OLDEST_START} to {NEWEST_START}")
    taken = [name for name in ("inbox", "late", "truth") if (out / name).exists() and any((out / name).iterdir())]
    if taken:
        wrong.append(f"{out} already has {', '.join(taken)}: name another folder, or remove them")
    if wrong:
        raise UsageError("synth: " + "; ".join(wrong))


def write(plan: Plan, out: Path, answers: Truth, say: Say) -> None:
    """All deliveries and all answers."""
    planted = Planted()
    around = Around(plan, market(plan), out / "inbox", planted)
    reached, at_risk_days, partners = 0, 0, []
    for each in shares(plan):
        desk = Desk(each, partner_sender(each.code, each.loans.partner, out / "inbox"), answers)
        for day in plan.business_days:
            desk.send(day)
        around.listen(each, desk.promised)
        answers.add("loan", truth.loan(each))
        answers.add("balance", truth.balance(each))
        answers.add("roll_over", truth.roll_over(each))
        new, days = truth.ninety_days(each)
        reached, at_risk_days = reached + new, at_risk_days + days
        partners.append(each.code)
        say(f"partner={each.code} loans={len(each.loans)} reached_90_days={new}")
    around.send(len(partners), out / "late")
    if plan.faults:
        plant(plan, out, planted, partners)
    answers.add("planted", planted.rows())
    answers.say("book", facts(plan, partners, reached, at_risk_days))


def shares(plan: Plan) -> Iterator[Share]:
    """The partners' shares, worked out one at a time: only contracts and people are known for all at once."""
    books = [contracts.loans(plan, number, size) for number, size in enumerate(population.partner_loans(plan.loans))]
    person = population.persons_of(books)
    count = sum(loans.customers for loans in books)
    since = np.full(count, plan.last)
    for loans, who in zip(books, person, strict=True):
        np.minimum.at(since, who, loans.customer_since)
    people, fates = population.persons(plan, population.firms(books, person, count)), paths(plan, since)
    books = with_roll_overs(plan, books, person, fates)
    for loans, who in zip(books, person, strict=True):
        compensates = loans.partner == len(books) - 1
        yield share(plan, loans, who, people.of(who), fates.of(who), compensates)


def facts(plan: Plan, partners: list[str], reached: int, at_risk_days: int) -> dict[str, object]:
    """`book.json`: the arguments, who compensates, and how many loans a year reach 90 days past due."""
    return {
        "loans": plan.loans, "days": plan.days, "seed": plan.seed, "start": plan.start.isoformat(), "faults": plan.faults,
        "partners": partners, "compensates": partners[-1],
        "reached_90_days": reached, "loan_years_at_risk": round(at_risk_days / 365, 2),
        "reached_90_days_a_year_bp": 10_000 * 365 * reached // max(at_risk_days, 1),
    }  # fmt: skip
