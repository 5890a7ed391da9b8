"""The arrears clock, again: one loan, day after day, in plain Python and without cleverness.

Written from the rules in `loanwatch/balance/clock/__init__.py` and from domain 2.3 and 3.3, not from the code.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta

from loanwatch.convention import Convention

DAY = timedelta(1)
CHARGE = -1


@dataclass
class Instalment:
    schedule: int
    number: int
    due: date
    principal: int
    interest: int


@dataclass
class Charge:
    charged: date
    due: date
    amount: int


@dataclass
class Event:
    day: date
    kind: str
    first: date | None = None
    until: date | None = None


@dataclass
class Loan:
    """`agreed` is the day each schedule was agreed on; payments are (day, amount, payer)."""

    instalments: list[Instalment]
    agreed: dict[int, date]
    charges: list[Charge] = field(default_factory=list)
    paid: list[tuple[date, int, str | None]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass
class Claim:
    component: str
    number: int
    asked_on: date
    due: date
    asked: int
    left: int = 0
    schedule: int = 0


class Walk:
    """The loan up to a day, with the money of some payers or of all."""

    def __init__(self, loan: Loan, until: date, convention: Convention, closed: set[date], payers: set[str] | None = None) -> None:
        self.convention, self.closed, self.credit, self.until = convention, closed, 0, until
        charges = [c for c in loan.charges if c.charged <= until]
        self.claims = [Claim("fee", CHARGE, c.charged, max(c.due, c.charged), c.amount, c.amount) for c in charges]
        known = {n: day for n, day in loan.agreed.items() if day <= until}
        if known:
            self.claims += self.plan(loan, min(known))
        money = staying([(day, amount) for day, amount, payer in loan.paid if day <= until and (payers is None or payer in payers)])
        new = sorted((day, n) for n, day in known.items() if n != min(known))
        days = [c.due for c in self.claims] + list(money) + [e.day for e in loan.events] + [day for day, _ in new] + [until]
        self.material_since: date | None = None
        self.causes: list[Event] = []
        self.missed_ever: set[tuple[int, int]] = set()
        self.late_lately: set[tuple[int, int]] = set()
        day = min(days)
        while day <= until:
            self.credit += money.get(day, 0)
            self.allocate(day)
            for agreed, number in new:
                if agreed == day:
                    self.claims = [c for c in self.claims if c.number == CHARGE and c.asked_on > day] + self.plan(loan, number)
                    self.credit = 0
            for event in loan.events:
                if event.day == day and event.kind == "technical":
                    self.causes.append(event)
                elif event.day == day and all(agreed != day for agreed, _ in new):
                    self.happens(event)
                    self.allocate(day)
            self.count_material(day)
            self.remember(day)
            day += DAY

    def plan(self, loan: Loan, number: int) -> list[Claim]:
        return [
            Claim(component, i.number, loan.agreed[number], i.due, amount, amount, number)
            for i in loan.instalments if i.schedule == number
            for component, amount in (("principal", i.principal), ("interest", i.interest))
        ]  # fmt: skip

    def effective(self, claim: Claim) -> date:
        day = claim.due
        while self.convention.closed_days == "next_open_day" and day in self.closed:
            day += DAY
        return day

    def queue(self, claims: list[Claim]) -> list[Claim]:
        rank = self.convention.order.index
        return sorted(claims, key=lambda c: (self.effective(c), rank(c.component), c.number))  # type: ignore[arg-type]

    def allocate(self, day: date) -> None:
        due = self.queue([c for c in self.claims if self.effective(c) <= day])
        if self.convention.across == "component":
            due.sort(key=lambda c: self.convention.order.index(c.component))  # type: ignore[arg-type]
        for claim in due:
            part = min(claim.left, self.credit)
            claim.left -= part
            self.credit -= part

    def happens(self, event: Event) -> None:
        for claim in self.claims:
            if claim.number == CHARGE or not claim.left:
                continue
            if event.kind in ("holiday", "extension") and (event.first or event.day) <= claim.due <= event.until:
                claim.due = event.until
            elif event.kind == "acceleration" and claim.due > event.day:
                claim.due = event.day
            elif event.kind == "re_age" and claim.due < event.day:
                claim.due = event.until

    def past_due(self, day: date) -> list[Claim]:
        grace = timedelta(self.convention.grace_days)
        return [c for c in self.claims if c.left and self.effective(c) + grace < day]

    def count_material(self, day: date) -> None:
        if self.convention.material_minor is None:
            return
        late = self.past_due(day)
        arrears = sum(c.left for c in late)
        exposure = arrears + sum(c.left for c in self.claims if c.component == "principal" and c not in late)
        if arrears > self.convention.material_minor and arrears * 10_000 > self.convention.material_bp * exposure:
            self.material_since = self.material_since or day
        else:
            self.material_since = None

    def remember(self, day: date) -> None:
        """What was missed on the day, and what of this month's instalments was not paid in time."""
        dates = sorted({c.due for c in self.claims if c.number != CHARGE})
        for claim in self.past_due(day):
            if claim.number != CHARGE and day >= self.close(claim.due, dates):
                self.missed_ever.add((claim.schedule, claim.number))

        for claim in self.claims:
            in_time = self.effective(claim) + timedelta(self.convention.grace_days)
            if claim.number != CHARGE and claim.left and in_time <= day < self.until and claim.due >= self.until.replace(day=1):
                self.late_lately.add((claim.schedule, claim.number))

    def history(self) -> dict[str, object]:
        """Up to the day; lately is in its month."""
        due = [c for c in self.claims if c.number != CHARGE and self.until.replace(day=1) <= c.due <= self.until]
        return {"missed_ever": len(self.missed_ever), "due_lately": bool(due), "late_lately": bool(self.late_lately)}

    def missed_periods(self) -> int:
        late = {c.number: c.due for c in self.past_due(self.until) if c.number != CHARGE}
        dates = sorted({c.due for c in self.claims if c.number != CHARGE})
        return sum(self.until >= self.close(due, dates) for due in late.values())

    def close(self, due: date, dates: list[date]) -> date:
        later = [d for d in dates if d > due]
        following = later[0] if later else month_on(due)
        return following - DAY if self.convention.months == "mba" else following

    def technical(self) -> bool:
        late = self.past_due(self.until)
        return bool(late) and sum(c.left for c in late) <= self.convention.technical_minor and all(
            (self.until - self.effective(c)).days <= self.convention.technical_days
            and any((e.first or e.day) <= c.due <= e.until for e in self.causes)
            for c in late
        )  # fmt: skip

    def reading(self) -> dict[str, object]:
        late = self.past_due(self.until)
        since = {
            part: min((self.effective(c) for c in late if c.component == part), default=None)
            for part in ("fee", "interest", "principal")
        }  # fmt: skip
        ahead = [c.due for c in self.claims if c.number != CHARGE and c.due > self.until]
        next_on = min(ahead, default=None)
        arrears = {part: sum(c.left for c in late if c.component == part) for part in since}
        prepaid = max(self.credit - sum(c.left for c in self.claims if c.due <= self.until < self.effective(c)), 0)
        missed = len({c.number for c in late if c.number != CHARGE})
        periods, technical = self.missed_periods(), self.technical()
        for claim in self.queue([c for c in self.claims if self.effective(c) > self.until]):
            part = min(claim.left, self.credit)
            claim.left -= part
            self.credit -= part
        return {
            "remaining_minor": sum(c.left for c in self.claims if c.component == "principal"),
            **{f"{part}_arrears_minor": amount for part, amount in arrears.items()},
            "unpaid_since": min(filter(None, since.values()), default=None),
            "interest_unpaid_since": since["interest"],
            "principal_unpaid_since": since["principal"],
            "missed_instalments": missed,
            "missed_periods": periods,
            "material_since": self.material_since,
            "technical": technical,
            "prepaid_minor": prepaid,
            "next_due_on": next_on,
            "next_due_minor": sum(c.left for c in self.claims if c.number != CHARGE and c.due == next_on),
            "due_30d_minor": sum(c.asked for c in self.claims if c.number != CHARGE and 0 <= (self.until - c.due).days < 30),
        }


def staying(paid: list[tuple[date, int]]) -> dict[date, int]:
    """Payments that were not taken back later; what was taken back and never paid is owed by the next ones."""
    by_day: dict[date, int] = {}
    for day, amount in sorted(paid):
        by_day[day] = by_day.get(day, 0) + amount
    kept: list[tuple[date, int]] = []
    owed = 0
    for day, amount in by_day.items():
        if amount < 0:
            owed -= amount
            while owed and kept:
                last_day, last = kept.pop()
                if last > owed:
                    kept.append((last_day, last - owed))
                owed = max(owed - last, 0)
        elif amount > owed:
            kept.append((day, amount - owed))
            owed = 0
        else:
            owed -= amount
    return dict(kept)


def month_on(day: date) -> date:
    year, month = (day.year + day.month // 12, day.month % 12 + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
