"""The life of one warning in plain Python: days are counted one by one, decisions read from the first review to the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

ENDS = {
    "absent": "the subject left the book",
    "no_basis": "consent was withdrawn",
    "not_applicable": "the rule no longer applies",
}
ALIVE = ("open", "curing", "held")


@dataclass(frozen=True)
class Terms:
    raise_after: int
    clear_after: int
    cool_down: int
    within: int = 3


@dataclass(frozen=True)
class Review:
    decided_on: date
    number: int
    decision: str
    colour: str | None = None
    expires_on: date | None = None


@dataclass
class Life:
    """What is known of a warning after each night; `saw` is the rule's outcome, `exit` a clear one whose exit holds."""

    terms: Terms
    state: str = "none"
    facts: dict[str, Any] = field(default_factory=dict)
    last: date | None = None
    blind_since: date | None = None
    raised_days: int | None = None
    calm_days: int | None = None

    def night(self, day: date, saw: str) -> None:
        gap = (day - self.last).days if self.last and not self.blind_since else 0
        raised = saw in ("amber", "red")
        self.raised_days = self._counted(self.raised_days, gap, raised, saw)
        self.calm_days = self._counted(self.calm_days, gap, saw == "exit" and self.state in ALIVE, saw)
        self.last, self.blind_since = day, (self.blind_since or day) if saw == "unknown" else None
        if self.state == "cleared" and day > self.facts["remembered_until"]:
            self._forget(day)
        if raised:
            self._raised(day, saw)
        elif saw in ENDS or saw in ("exit", "between"):
            self._not_raised(day, saw)

    def _forget(self, day: date) -> None:
        """A run of days of what is forgotten goes on, even if it is not known whether it does."""
        if self.blind_since and self.raised_days is not None:
            self.state, begun_on = "pending", self.blind_since - timedelta(self.raised_days)
            self.facts = {"colour": self.facts["colour"], "coloured_on": day, "worsened_on": day, "times_reopened": 0}
            self.facts["opened_on"] = begun_on
        else:
            self.state, self.facts = "none", {}

    @staticmethod
    def _counted(days: int | None, gap: int, holds: bool, saw: str) -> int | None:
        if saw == "unknown":
            return None if days is None else days + gap
        return (0 if days is None else days + gap) if holds else None

    def _raised(self, day: date, saw: str) -> None:
        assert self.raised_days is not None
        facts = self.facts
        if self.state in ALIVE:
            self.state = "open"
            self._colour(day, saw)
        elif self.raised_days >= self.terms.raise_after:
            again = self.state == "cleared"
            times = facts["times_reopened"] + 1 if again else 0
            opened_on = facts["opened_on"] if again else day
            self.state = "open"
            facts.update(opened_on=opened_on, coloured_on=day, worsened_on=day, times_reopened=times, colour=saw)
            facts.update(respond_by=day + timedelta(self.terms.within), remembered_until=None, ended_because=None)
        elif self.state == "pending":
            self._colour(day, saw)
        elif self.state == "none":
            self.state = "pending"
            begun_on = day - timedelta(self.raised_days)
            facts.update(colour=saw, opened_on=begun_on, coloured_on=day, worsened_on=day, times_reopened=0)

    def _colour(self, day: date, saw: str) -> None:
        if saw != self.facts["colour"]:
            self.facts.update(colour=saw, coloured_on=day)
            if saw == "red":
                self.facts["worsened_on"] = day
                if self.state != "pending":
                    self.facts["respond_by"] = day + timedelta(self.terms.within)

    def _not_raised(self, day: date, saw: str) -> None:
        if self.state == "pending":
            self.state, self.facts = "none", {}
        elif self.state in ALIVE:
            cured = self.calm_days is not None and self.calm_days >= self.terms.clear_after
            if because := ENDS.get(saw, "the exit condition held" if cured else None):
                self.state, until = "cleared", day + timedelta(self.terms.cool_down)
                self.facts.update(cleared_on=day, remembered_until=until, ended_because=because, respond_by=None)
            else:
                self.state = "open" if self.calm_days is None else "curing"

    def decided(self, day: date, reviews: Iterable[Review]) -> Mapping[str, Any]:
        """What people decided about it up to the day, as of the day."""
        found: dict[str, Any] = dict.fromkeys(("hidden", "answered_on", "confirmed_on", "override_colour"))
        on_show, recoloured, worsened_on = None, None, self.facts["worsened_on"]
        for review in sorted(reviews, key=lambda review: (review.decided_on, review.number)):
            if self.state == "pending" or not self.facts["opened_on"] <= review.decided_on <= day:
                continue
            if review.decided_on >= worsened_on:
                found["answered_on"] = found["answered_on"] or review.decided_on
            if review.decision == "recolour":
                recoloured = review
            else:
                on_show = review
                found["confirmed_on"] = review.decided_on if review.decision == "confirm" else found["confirmed_on"]
        lives = self.state != "cleared"
        if on_show and lives and on_show.decided_on >= worsened_on and (on_show.expires_on or day) >= day:
            found["hidden"] = {"snooze": "snoozed", "dismiss": "dismissed"}.get(on_show.decision)
        lasts = recoloured and lives and (recoloured.expires_on or day) >= day
        if recoloured and lasts and (recoloured.colour == "red" or recoloured.decided_on >= worsened_on):
            found["override_colour"] = recoloured.colour
        found["shown_colour"] = found["override_colour"] or self.facts["colour"]
        respond_by = self.facts.get("respond_by")
        found["overdue"] = respond_by is not None and (found["answered_on"] or day) > respond_by
        return found
