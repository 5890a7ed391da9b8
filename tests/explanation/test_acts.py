"""What is stated to end a warning ends it, and anything smaller or later does not: done truly, through the steps of a night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from explanation.small_book import D, SmallLoan, ends, performed, some_loan
from flag.test_rules import load_in_force

from loanwatch.explanation.acts import Act, acts
from loanwatch.explanation.ahead import Ahead
from loanwatch.flag.rules import Rule

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RULES = load_in_force(
    {"id": "A_DPD", "amber": "days_past_due > 0", "red": "days_past_due > 30"},
    {"id": "B_DPD_RED", "amber": "days_past_due > 30", "red": None, "clear": "days_past_due < 20"},
    {"id": "C_ARREARS", "amber": "arrears_minor > 700", "red": None},
    {"id": "D_MISSED", "amber": "missed_instalments > 1", "red": None},
    {"id": "E_OWN", "applies": "own_days_past_due > days_past_due", "amber": "own_days_past_due > 0", "red": None},
    {"id": "F_SHARE", "applies": "days_past_due > 0", "amber": "paid_share_30d_bp < 9500", "red": None},
    {"id": "G_LTV", "applies": "secured", "amber": "ltv_bp > 9000", "red": "ltv_bp > 10000"},
    {"id": "H_STALE", "applies": "secured", "amber": "valuation_age_days > 335 or value_change_bp < -500", "red": None},
    {"id": "I_BOTH", "amber": "days_past_due > 0 and ltv_bp > 8000", "red": None},
    {"id": "J_OTHERS", "amber": "others_share_90d_bp > 0", "red": None},
)
Stated = dict[tuple[str, str], tuple[SmallLoan, Rule, Act]]


def test_what_is_stated_suffices_until_its_day_and_nothing_less_or_later_does(spark: SparkSession) -> None:
    draw = Random(5)
    stated = stated_of(spark, {f"P01:{n}": some_loan(draw, n) for n in range(24)})
    kinds = [(rule.id, act.kind) for _, rule, act in stated.values()]
    assert {kind for _, kind in kinds} == {"cash", "whole", "value", "valuation"}
    assert {rule for rule, _ in kinds} == {rule.id for rule in RULES}
    assert len(kinds) > 50
    soon = D + timedelta(1)
    assert not_ending(spark, stated, soon) == set()
    assert not_ending(spark, less(stated), soon) == set(less(stated))
    dated = [act.by for _, _, act in stated.values() if act.by]
    often = max(sorted(set(dated)), key=dated.count)
    assert often > soon and dated.count(often) > 20
    of_day = {key: row for key, row in stated.items() if row[2].by == often}
    assert not_ending(spark, of_day, often) == set()
    assert not_ending(spark, less(of_day), often) == set(of_day)
    assert not_ending(spark, of_day, often + timedelta(1)) == set(of_day)


def stated_of(spark: SparkSession, book: dict[str, SmallLoan]) -> Stated:
    """The acts of all raised rules on all loans of a book, by loan and a name."""
    seen = performed(spark, book, D, RULES)
    found: Stated = {}
    for name in seen["loan_day"]:
        rows = {table: seen[table].get(name, {}) for table in seen}
        ahead = Ahead(book[name].outlook(rows), "daily")
        assert ahead.loan.unlike == (), name
        for rule in RULES:
            if any(rows["verdict"][mask][0] >> rule.bit & 1 for mask in ("amber", "red")):
                found |= {(name, f"{rule.id}-{act.kind}"): (book[name], rule, act) for act in acts(rule, ahead)}
    return found


def less(stated: Stated) -> Stated:
    """One minor unit less, of what is more than one."""
    return {
        key: (loan, rule, replace(act, minor=act.minor - 1)) for key, (loan, rule, act) in stated.items() if (act.minor or 0) > 1
    }


def not_ending(spark: SparkSession, stated: Stated, day: date) -> set[tuple[str, str]]:
    """Those that do not end when they are done on a day, as the night of that day finds."""
    loans: dict[str, Any] = {f"P01:{n}": key for n, key in enumerate(stated)}
    after = {name: apart(stated[key][0].after(stated[key][2], day), name) for name, key in loans.items()}
    verdicts = performed(spark, after, day, RULES)["verdict"]
    return {key for name, key in loans.items() if name in verdicts and not ends(verdicts[name], stated[key][1])}


def apart(loan: SmallLoan, name: str) -> SmallLoan:
    """The loan with assets of its own."""
    return replace(loan, valuations=[{**row, "asset_id": f"{name}-{row['asset_id'][4:]}"} for row in loan.valuations])
