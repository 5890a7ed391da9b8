"""Points by which open warnings rank loans: declared, fitted on half of the customers, and what a model without rules reaches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from performance import Flags, Numbers
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from loanwatch.flag.rules import Rule
from loanwatch.shown import RED_COUNTS

Colours: TypeAlias = npt.NDArray[np.int8]

DOUBLE = 10  # points that double the odds
WEIGHTS, LEAST_GAIN, LOOKED_AT = (1, 2, 3, 5, 8), 0.001, (0.005, 0.01, 0.02, 0.05)


def measured_half(loan_ids: Sequence[str]) -> Flags:
    """Which customers figures are reported on; weights and points are fitted on the others. By hash of the id."""
    return np.array([hashlib.sha256(loan.encode()).digest()[0] % 2 == 1 for loan in loan_ids])


def declared(colours: Mapping[str, Colours], rules: Sequence[Rule], weights: Mapping[str, int] | None = None) -> Numbers:
    """As the queue does it: the weights (by default the rules' own) of what is open, of each theme the heaviest only."""
    given = weights or {rule.id: rule.text.weight for rule in rules}
    themes: dict[str, Numbers] = {}
    for rule in rules:
        points = given[rule.id] * np.choose(colours[rule.id], [0.0, 1.0, float(RED_COUNTS)])
        themes[rule.theme] = np.maximum(themes.get(rule.theme, 0.0), points)
    return np.sum(list(themes.values()), axis=0)


def fitted_weights(books: Sequence[tuple[Mapping[str, Colours], Flags, Numbers]], rules: Sequence[Rule]) -> dict[str, int]:
    """Weights of rules that rank the loan-months of some books best, by the queue's own way of adding them up.

    Of each book the colours, what follows, and what ranks among equals. One weight after the other is changed as long as the
    share caught in the top half to five percent grows, over all books alike.
    """
    seen = [rule for rule in rules if any(rule.id in colours and colours[rule.id].any() for colours, *_ in books)]
    weights = dict.fromkeys([rule.id for rule in seen], 1)

    def caught(weights: Mapping[str, int]) -> float:
        total = 0.0
        for colours, follows, among_equals in books:
            score = declared(colours, [rule for rule in seen if rule.id in colours], weights) + among_equals
            order = np.argsort(-score, kind="stable")
            total += sum(follows[order[: int(len(score) * share)]].sum() / follows.sum() for share in LOOKED_AT)
        return total / len(books) / len(LOOKED_AT)

    best, grew = caught(weights), True
    while grew:
        grew = False
        for rule in weights:
            tried = {weight: caught({**weights, rule: weight}) for weight in WEIGHTS}
            weight = max(tried, key=lambda w: tried[w])
            if tried[weight] > best + LEAST_GAIN:
                best, weights[rule], grew = tried[weight], weight, True
    return weights


def fitted(colours: Mapping[str, Colours], follows: Flags, fit: Flags) -> pd.DataFrame:
    """Points a rule and colour by logistic regression on the loan-months to fit on; those without any are left out."""
    steps = _steps(colours)
    seen = steps.loc[:, steps[fit].sum() > 0]
    model = LogisticRegression(C=0.1, max_iter=500).fit(seen[fit], follows[fit])
    points = np.round(DOUBLE * model.coef_[0] / np.log(2)).astype(int)
    table = pd.DataFrame([(*name.rsplit(" ", 1), value) for name, value in zip(seen, points, strict=True) if value])
    return table.set_axis(["rule", "colour", "points"], axis=1)


def scored(colours: Mapping[str, Colours], points: pd.DataFrame) -> Numbers:
    """The sum of fitted points."""
    steps = _steps(colours)
    names = points["rule"] + " " + points["colour"]
    return steps[names].to_numpy() @ points["points"].to_numpy(np.float64)


def _steps(colours: Mapping[str, Colours]) -> pd.DataFrame:
    """A flag a rule that is amber or worse, and one that is red; of those that are the same everywhere the first."""
    flags = {f"{rule} {name}": (values >= least).astype(np.int8) for rule, values in colours.items() for name, least in LEAST}
    first = {values.tobytes(): name for name, values in reversed(flags.items())}
    return pd.DataFrame({name: flags[name] for name in flags if name in first.values()})


LEAST = (("amber", 1), ("red", 2))


def boosted(features: pd.DataFrame, follows: Flags, fit: Flags) -> Numbers:
    """The probability by gradient boosting on all numbers there are."""
    model = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.05, min_samples_leaf=50, random_state=1)
    chances: Numbers = model.fit(features[fit], follows[fit]).predict_proba(features)[:, 1]
    return chances
