"""Weights and limits as the bench fits them, on drawn loan-months of which the best answer is known."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from loanwatch import configuration, settings
from loanwatch.flag.rule_text import Weight, read_weights
from loanwatch.flag.rules import in_force

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)  # the scripts here import each other plainly
try:
    import limits
    from points import ONE, Ranking, declared, fitted, listed
finally:
    sys.path.remove(HERE)  # and some are named as folders of tests

TEXTS = configuration.load(settings.load("test", "demo")).below("rules")
RULES = {rule.id: rule for rule in in_force(limits.load(TEXTS), date(2026, 1, 1))}
ROWS = 4000


def ranking(colours: dict[str, np.ndarray], follows: np.ndarray) -> Ranking:
    return Ranking([RULES[rule] for rule in colours], colours, follows, np.linspace(0, 0.9, len(follows)))


def test_points_are_added_of_each_theme_the_heaviest_only() -> None:
    colours = {rule: np.array(row, np.int8) for rule, row in {
        "DPD": [1, 2, 0, 0], "SUBSTANDARD_NEAR": [1, 0, 0, 0], "WORST_12M": [0, 2, 1, 0],
    }.items()}  # fmt: skip
    found = ranking(colours, np.zeros(4, bool)).score({
        "DPD": Weight(amber=2, red=9), "SUBSTANDARD_NEAR": Weight(amber=4, red=5), "WORST_12M": ONE,
    })  # fmt: skip
    assert RULES["DPD"].theme == RULES["SUBSTANDARD_NEAR"].theme != RULES["WORST_12M"].theme
    assert found.astype(int).tolist() == [4, 12, 1, 0]
    assert found.argsort().tolist() == [3, 2, 0, 1]  # all else equal, by what ranks among equals


def test_a_rule_that_tells_is_fitted_above_rules_that_say_nothing() -> None:
    draw = np.random.default_rng(1)
    noise = {rule: draw.integers(0, 3, ROWS).astype(np.int8) for rule in ("LATE_STREAK", "OWN_PARTIAL_PAYMENT", "ARREARS_SHARE")}
    follows = draw.random(ROWS) < 0.02
    telling = ranking({"WORST_12M": (2 * follows).astype(np.int8), **noise}, follows)
    weights = fitted(telling)
    assert telling.caught(weights) > telling.caught(declared(telling.rules))
    assert weights["WORST_12M"].red > max(weights[rule].red for rule in noise if RULES[rule].theme != RULES["WORST_12M"].theme)


def test_grades_of_arrears_never_lose_points() -> None:
    draw = np.random.default_rng(2)
    late = draw.integers(0, 400, ROWS)
    follows = (late > 0) & (late < 20)  # of those that are late for long, nobody
    colours = {"DPD": np.select([late > 30, late > 0], [2, 1], 0), "SUBSTANDARD_DUE": np.select([late > 270, late > 90], [2, 1], 0)}
    weights = fitted(ranking({rule: colour.astype(np.int8) for rule, colour in colours.items()}, follows))
    grades = [points for rule in colours for points in (weights[rule].amber, weights[rule].red)]
    assert grades == sorted(grades)
    assert grades[0] > 0


def test_a_file_of_weights_says_what_the_common_rules_do_not() -> None:
    common, weights = declared(list(RULES.values())), {"DPD": ONE, "WORST_12M": ONE, "LTV": Weight(amber=0, red=0)}
    assert (common["DPD"] != ONE, common["WORST_12M"]) == (True, ONE)
    lines = listed(weights, common)
    assert [line.partition(":")[0] for line in lines] == ["DPD", "LTV"]
    faults: list[str] = []
    read = {name: weight for name, (weight, _) in read_weights("\n".join(lines), faults).items()}
    assert (common | read, faults) == (common | weights, [])


def test_colours_are_those_of_the_rule_and_a_missing_number_is_none() -> None:
    features = pd.DataFrame({"days_past_due": [0.0, 1.0, 31.0, np.nan]})
    assert limits.colours(RULES["DPD"], features).tolist() == [0, 1, 2, 0]


def test_a_limit_is_fitted_to_where_events_begin() -> None:
    draw = np.random.default_rng(3)
    share = draw.integers(0, 10_000, ROWS).astype(float)
    features = pd.DataFrame({"arrears_share_bp": share, "days_past_due": np.full(ROWS, 31.0)})
    rule, weights = RULES["ARREARS_SHARE"], {"ARREARS_SHARE": ONE}
    follows = share > 9000
    judged = limits.Judged(Ranking([rule], {rule.id: limits.colours(rule, features)}, follows, draw.random(ROWS) * 0.9), features)
    found = limits.fitted(TEXTS, judged, weights)
    assert found["arrears_share_red_bp"] == 9000  # three times what is declared
    assert limits.under(TEXTS, found, judged).caught(weights) > judged.ranking.caught(weights)


def test_free_limits_are_limits() -> None:
    assert set(limits.declared(TEXTS)) == set(limits.FREE)
    used = {name for rule in RULES.values() if rule.live for name in rule.limits}
    assert set(limits.FREE) - used == set()
