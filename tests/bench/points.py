"""Points by which open warnings rank loans: declared, fitted on half of the customers, and what a model without rules reaches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from performance import Flags, Numbers
from sklearn.ensemble import HistGradientBoostingClassifier

from loanwatch.flag.rule_text import Weight
from loanwatch.flag.rules import Rule

Colours: TypeAlias = npt.NDArray[np.int8]
Weights: TypeAlias = Mapping[str, Weight]

LEVELS = (0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 26, 34)
LEAST_GAIN, LOOKED_AT = 0.002, (0.005, 0.01, 0.02, 0.05)
STARTS = 6
ONE, HEAVY = Weight(amber=1, red=3), Weight(amber=6, red=11)
# Each says that more days are past due than the one before: arrears that grow never lose points.
GRADES = {
    "DPD": ONE, "SUBSTANDARD_NEAR": Weight(amber=3, red=6), "SUBSTANDARD_DUE": Weight(amber=8, red=11),
    "LOSS_DUE": Weight(amber=11, red=15),
}  # fmt: skip


def measured_half(loan_ids: Sequence[str]) -> Flags:
    """Which customers figures are reported on; weights are fitted on the others. By hash of the id."""
    return np.array([hashlib.sha256(loan.encode()).digest()[0] % 2 == 1 for loan in loan_ids])


def declared(rules: Sequence[Rule]) -> dict[str, Weight]:
    """The weights that the rules have."""
    return {rule.id: rule.text.weight for rule in rules}


def listed(weights: Weights, common: Weights) -> list[str]:
    """The lines of a tenant's file of weights: those that the common rules do not have."""
    return [f"{rule}: {{amber: {w.amber}, red: {w.red}}}" for rule, w in sorted(weights.items()) if w != common[rule]]


@dataclass(frozen=True)
class Ranking:
    """Loan-months that rules have judged, and how far weights of the rules bring those forward that an event follows.

    Points are added as the queue does it: of each theme the heaviest only. `among_equals`, below one, ranks what has the same.
    """

    rules: Sequence[Rule]
    colours: Mapping[str, Colours]
    follows: Flags
    among_equals: Numbers
    _patterns: npt.NDArray[np.int8] = field(init=False)
    _of: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        patterns, of = np.unique(np.array([self.colours[rule.id] for rule in self.rules]), axis=1, return_inverse=True)
        object.__setattr__(self, "_patterns", patterns)
        object.__setattr__(self, "_of", of.ravel())

    def score(self, weights: Weights) -> Numbers:
        """Points of each loan-month, and what ranks it among equals."""
        themes: dict[str, Numbers] = {}
        for rule, colours in zip(self.rules, self._patterns, strict=True):
            weight = weights[rule.id]
            points = np.choose(colours, [0.0, float(weight.amber), float(weight.red)])
            themes[rule.theme] = np.maximum(themes.get(rule.theme, 0.0), points)
        total: Numbers = np.sum(list(themes.values()), axis=0)[self._of] + self.among_equals
        return total

    def caught(self, weights: Weights) -> float:
        """The share of what the event follows within the top half, one, two and five percent, on average."""
        order = np.argsort(-self.score(weights), kind="stable")
        found = np.cumsum(self.follows[order])
        tops = [found[int(len(order) * share) - 1] for share in LOOKED_AT]
        return float(np.mean(tops) / found[-1])


def fitted(ranking: Ranking) -> dict[str, Weight]:
    """Weights that rank a book best: the best that is found from some starts."""
    starts = _starts([rule.id for rule in ranking.rules])
    return max((_climbed(start, ranking.caught) for start in starts), key=ranking.caught)


def _climbed(weights: dict[str, Weight], caught: Callable[[Weights], float]) -> dict[str, Weight]:
    """One weight after the other is changed as long as more is caught; then each that nothing speaks for is taken back."""
    best, grew = caught(weights), True
    while grew:
        grew = False
        for rule in list(weights):
            tried = {weight: caught(weights | {rule: weight}) for weight in _next(weights, rule)}
            weight = max(tried, key=lambda w: tried[w], default=weights[rule])
            if tried.get(weight, 0.0) > best + LEAST_GAIN:
                best, weights[rule], grew = tried[weight], weight, True
    for rule in list(weights):
        plain = weights | {rule: GRADES.get(rule, ONE)}
        if _grows(plain) and caught(plain) >= best:
            weights = plain
    return weights


def _starts(rules: Sequence[str]) -> Iterator[dict[str, Weight]]:
    """Every rule like every other; and rules drawn that weigh more."""
    draw = np.random.default_rng(1)
    for number in range(STARTS):
        heavy = draw.random(len(rules)) < (0.3 if number else 0.0)
        yield {rule: GRADES.get(rule, HEAVY if more else ONE) for rule, more in zip(rules, heavy, strict=True)}


def _next(weights: Weights, rule: str) -> Iterator[Weight]:
    """Weights of a rule of which one colour's, or their proportion, stays; those that break no grades."""
    now = weights[rule]
    for amber in LEVELS:
        for red in LEVELS:
            if amber <= red and (amber == now.amber or red == now.red or red == 3 * amber):
                weight = Weight(amber=amber, red=red)
                if _grows(weights | {rule: weight}):
                    yield weight


def _grows(weights: Weights) -> bool:
    """Whether the first grade weighs anything, and no later one less than the one before."""
    grades = [points for rule in GRADES if rule in weights for points in (weights[rule].amber, weights[rule].red)]
    return all(less <= more for less, more in pairwise(grades)) and grades[:1] != [0]


def boosted(features: pd.DataFrame, follows: Flags, fit: Flags) -> Numbers:
    """The probability by gradient boosting; events are few, so its trees are small and many."""
    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.02, max_leaf_nodes=6, min_samples_leaf=200, l2_regularization=10.0, random_state=1
    )
    chances: Numbers = model.fit(features[fit], follows[fit]).predict_proba(features)[:, 1]
    return chances
