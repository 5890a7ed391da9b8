"""Limits of rules fitted on half of the customers: those that bring most of what the event follows into the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import yaml
from points import LEAST_GAIN, Colours, Ranking, Weights

from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.expression import parsed
from loanwatch.flag.rule_text import LIMITS
from loanwatch.flag.rules import Rule, load
from loanwatch.flag.second_engine import duckdb_sql

# What people have chosen: no regulation says them.
FREE = (
    "arrears_share_amber_bp", "arrears_share_red_bp", "paid_share_amber_bp", "paid_share_red_bp", "late_streak_amber",
    "late_streak_red", "substandard_near_amber", "substandard_near_red", "rolling_worse_red", "secured_late_amber",
    "secured_late_amber_bp", "secured_late_red_bp",
)  # fmt: skip
FACTORS = (0.25, 0.5, 0.7, 0.8, 0.9, 1.1, 1.2, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class Judged:
    """The half of a book's loan-months to fit on: how its rules rank them, and the numbers that the rules are about."""

    ranking: Ranking
    features: pd.DataFrame


def fitted(texts: Mapping[str, str], judged: Judged, weights: Weights) -> dict[str, int]:
    """The free limits that others than those declared rank better by, one after the other; weights are kept as they are."""
    changed: dict[str, int] = {}
    best = judged.ranking.caught(weights)
    for limit, now in declared(texts).items():
        if any(limit in rule.limits for rule in judged.ranking.rules):
            tried = {value: under(texts, changed | {limit: value}, judged).caught(weights) for value in _others(now)}
            value = max(tried, key=lambda value: tried[value])
            if tried[value] > best + LEAST_GAIN:
                best, changed[limit] = tried[value], value
    return changed


def under(texts: Mapping[str, str], changed: Mapping[str, int], judged: Judged) -> Ranking:
    """The ranking under other limits."""
    was = judged.ranking
    again = _again(texts, changed, [rule for rule in was.rules if set(rule.limits) & set(changed)])
    new = {rule.id: colours(rule, judged.features) for rule in again}
    return Ranking(was.rules, {**was.colours, **new}, was.follows, was.among_equals)


def declared(texts: Mapping[str, str]) -> dict[str, int]:
    """The free limits, as the configuration has them."""
    return {name: value for name, value in yaml.safe_load(texts[LIMITS]).items() if name in FREE}


def colours(rule: Rule, features: pd.DataFrame) -> Colours:
    """0 = neither, 1 = amber, 2 = red, of each row; a number that is missing is null."""
    types = {name: pa.bool_() if LOAN_INDICATOR.by_name[name].type == "boolean" else pa.int64() for name in rule.columns}
    told = pa.table({name: pa.array(features[name], from_pandas=True).cast(kind) for name, kind in types.items()})
    conditions = [duckdb_sql(parsed(sql)) for sql in (rule.applies, rule.red, rule.amber)]
    sql = "select case when not coalesce({}, false) then 0 when {} then 2 when {} then 1 else 0 end as colour from told"
    found: Colours = duckdb.from_arrow(told).query("told", sql.format(*conditions)).fetchnumpy()["colour"].astype(np.int8)
    return found


def _others(value: int) -> list[int]:
    """What to try instead."""
    near = {round(value * factor) for factor in FACTORS} | {value - 1, value + 1}
    return sorted({max(1, other) for other in near} - {value})


def _again(texts: Mapping[str, str], changed: Mapping[str, int], rules: Sequence[Rule]) -> list[Rule]:
    """The rules with other limits."""
    files = {f"rules/{rule.theme}.yaml" for rule in rules}
    said = yaml.safe_dump(yaml.safe_load(texts[LIMITS]) | changed)
    loaded = load({path: text for path, text in texts.items() if path in files} | {LIMITS: said})
    wanted = {rule.id: rule.text.from_ for rule in rules}
    return [rule for rule in loaded if wanted.get(rule.id) == rule.text.from_]
