"""Many rules over real columns with limits of their units, drawn from a seed: as their authors would write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import yaml

from loanwatch.derive.indicator import Indicator
from loanwatch.derive.tables import BORROWER_INDICATORS, LOAN_INDICATORS
from loanwatch.flag.rules import Rule, in_force, load

DAY = date(2025, 4, 3)
LIMITS = {
    "days": (0, 3, 7, 15, 30, 60, 90, 180, 365), "count": (0, 1, 2, 3, 5, 8, 13),
    "bp": (500, 1000, 2500, 5000, 7500, 9000, 9500, 12000, 20000), "minor": (0, 10_000, 500_000, 2_000_000, 10_000_000),
}  # fmt: skip
INDICATORS = {
    subject: [one for one in declared if one.unit in LIMITS]
    for subject, declared in (("loan", LOAN_INDICATORS), ("borrower", BORROWER_INDICATORS))
}
WORDS = {"en": "a rule", "zh": "一条规则"}


def drawn(number: int, seed: int = 0) -> tuple[Rule, ...]:
    """So many rules in force, half of them about loans; each other one reads one column, the rest two or three."""
    draw = Random(seed)
    texts = list(_texts(number, draw))
    return in_force(load({"rules/drawn.yaml": yaml.safe_dump(texts, allow_unicode=True), "rules/limits.yaml": "unused: 0"}), DAY)


def _texts(number: int, draw: Random) -> Iterator[dict[str, Any]]:
    for n in range(number):
        subject = ("loan", "borrower")[n % 2]
        amber, red = _pair(subject, draw, n % 4 > 1)
        applies = draw.choice(["true", "secured", "status = 'open'", "days_past_due > 0"]) if subject == "loan" else "true"
        yield {
            "id": f"R{n:03}", "subject": subject, "applies": applies, "amber": amber, "red": red, "status": "shadow",
            "from": date(2020, 1, 1), "says": WORDS, "do": {"owner": "risk", "within_days": 5, **WORDS}, "source": "drawn",
        }  # fmt: skip


def _pair(subject: str, draw: Random, wide: bool) -> tuple[str, str]:
    """Amber, and the stricter red."""
    one, other, third = draw.sample(INDICATORS[subject], 3)
    (low, high), (limit, _), (least, _) = (_limits(indicator, draw) for indicator in (one, other, third))
    amber, red = f"{one.name} > {low}", f"{one.name} > {high}"
    if not wide:
        return amber, red
    return draw.choice([
        (f"{amber} and {other.name} < {limit}", f"{red} and {other.name} < {limit}"),
        (f"{amber} or ({other.name} > {limit} and {third.name} < {least})", red),
        (f"greatest({one.name}, {other.name}) > {low}", f"greatest({one.name}, {other.name}) > {high}"),
        (f"{one.name} div nullif({other.name}, 0) > {low}", f"{one.name} div nullif({other.name}, 0) > {high}"),
        (f"coalesce({one.name}, 0) between {low} and {high} or {third.name} is null", f"coalesce({one.name}, 0) > {high}"),
    ])  # fmt: skip


def _limits(indicator: Indicator, draw: Random) -> tuple[int, int]:
    low, high = sorted(draw.sample(LIMITS[indicator.unit], 2))
    return low, high
