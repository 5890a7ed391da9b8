"""`loanwatch why` on a lake of one loan, in both languages, without Spark."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cli import loanwatch
from flag.test_rules import load_in_force
from lakes import released
from report.test_page import placeholders

from loanwatch import configuration, settings
from loanwatch.admit.feeds import INSTALMENT, REPAYMENT
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.commands.why import lines_of
from loanwatch.derive.tables import BORROWER_INDICATOR, LOAN_INDICATOR
from loanwatch.explanation import explain
from loanwatch.explanation.acts import Act
from loanwatch.explanation.explain import Explanation, Provisional, Secured
from loanwatch.explanation.ruling import Limit, Ruling
from loanwatch.explanation.sources import Place, SourceRows
from loanwatch.expression import parsed
from loanwatch.flag import masks
from loanwatch.flag.rules import in_force
from loanwatch.flag.tables import VERDICT
from loanwatch.flag.told import told
from loanwatch.report.page import Words
from loanwatch.tables import Table
from loanwatch.values import values

D = date(2025, 3, 1)
DUE = D - timedelta(45)
CONF = configuration.load(settings.load("test"))
LIMITS = "rules/limits.yaml"


@pytest.fixture(scope="module")
def why(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The command on a lake in which one loan is 45 days past due, and the rules had another limit than they have now."""
    path = tmp_path_factory.mktemp("why") / "lake"
    text = CONF.texts[LIMITS].replace("dpd_red: 30\n", "dpd_red: 40\n", 1)
    released(path, D, tables(), known=7, changed={LIMITS: text})

    def said(*more: object) -> str:
        done = loanwatch("why", "P01:1", "--date", D, "--lake", path, *more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return said


def tables() -> dict[Table, list[dict[str, Any]]]:
    owed = {"balance_minor": 100_000, "arrears_minor": 105_000, "days_past_due": 45, "own_days_past_due": 45,
            "missed_instalments": 1}  # fmt: skip
    loan = {"principal_minor": 100_000, "opened_on": DUE, "paid_minor": 0, "own_paid_minor": 0, "product": "consumer"}
    seen = {"secured": False, "status": "open", "first_payment_days": 45, "days_on_book": 45}
    rules = in_force(values(CONF)["rules"], D)
    width = {subject: masks.words(sum(rule.subject == subject for rule in rules)) for subject in ("loan", "borrower")}
    nothing = {subject: {mask: [0] * wide for mask in masks.MASKS} for subject, wide in width.items()}
    place, bit = divmod(next(rule.bit for rule in rules if rule.id == "DPD"), masks.WORD)
    red = [1 << bit if word == place else 0 for word in range(width["loan"])]
    about = {"subject": "loan", "subject_id": "P01:1"}
    plan = {"instalment_no": 1, "schedule_no": 1, "agreed_on": DUE, "due_on": DUE, "principal_minor": 100_000,
            "interest_minor": 5_000}  # fmt: skip
    return {
        LOAN_DAY: [{**loan, **owed}], LOAN_INDICATOR: [{**whole(LOAN_INDICATOR), **owed, **seen}],
        BORROWER_INDICATOR: [whole(BORROWER_INDICATOR)],
        VERDICT: [{**about, **nothing["loan"], "red": red}, {**about, **nothing["borrower"], "subject": "borrower"}],
        INSTALMENT.table: [{**plan, "delivery_no": 7, "line_no": 3, "withdrawn": False}], REPAYMENT.table: [],
    }  # fmt: skip


def whole(table: Table) -> dict[str, str]:
    return {name: "none" for name in table.names if name.endswith("_gap")}


def test_a_raised_rule_is_told_with_values_limits_source_rows_and_what_clears_it(why: Callable[..., str]) -> None:
    said = why()
    for line in (
        "DPD: red",
        "      45 days past due, 1,050.00 unpaid (limit 40)\n",
        "red: days_past_due > 40: 45 > 40 holds",  # the limit that the release ran with
        "exit: days_past_due = 0: 45 = 0 does not hold",
        "clears if the whole loan is repaid: 1,050.00\n",
        "in force from 2015-01-01; source: domain.md 4 A, RPY_DPD [V]; Order 2023 No. 1",
        "instalment: delivery 7 line 3 (2025-01-15)",
        "nearest limit: missed_instalments 2 (now 1, 1 away)",
    ):
        assert line in said, said


def test_in_chinese(why: Callable[..., str]) -> None:
    said = why("--language", "zh")
    for line in (
        "DPD: 红色", "      逾期45天，欠款1,050.00（阈值40天）\n", "45 > 40 成立", "全额结清贷款（1,050.00）即可解除",
        "批次7第3行（2025-01-15）",
    ):  # fmt: skip
        assert line in said, said


def words(language: str) -> Words:
    return Words.load(settings.load("test").conf, f"why.{language}")


def test_both_languages_have_the_same_words_and_values() -> None:
    english, chinese = words("en").texts, words("zh").texts
    assert list(english) == list(chinese)
    assert {key: placeholders(text) for key, text in english.items()} == {k: placeholders(t) for k, t in chinese.items()}


def test_every_word_is_used() -> None:
    class Recorded(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.add(key)
            return super().__getitem__(key)

    used: set[str] = set()
    (rule,) = load_in_force({"status": "shadow", "clear_after_days": 3})
    limit = (Limit("days_past_due", 1, 2),)
    nodes = {key: tuple(told(parsed(sql), {"a": None})) for key, sql in
             (("applies", "a is null"), ("amber", "a > 1"), ("red", "a is not null"), ("clear", "true"))}  # fmt: skip
    one = Ruling(rule, "red", "digest", {"says_en": "Late"}, D, nodes, {}, (), (), ())
    kinds = [Act("cash", 1, D), Act("cash", 1), Act("whole", 1), Act("value", 1), Act("valuation")]
    rulings = (
        replace(one, acts=tuple(kinds)), replace(one, unlike=("days_past_due",)), replace(one, limits=limit), one,
        replace(one, outcome="amber"), replace(one, outcome="unknown", gaps={"repayment_gap": "late"}),
        replace(one, outcome="clear", limits=limit), replace(one, outcome="clear"), replace(one, outcome="not_applicable"),
    )  # fmt: skip
    behind = {"days_past_due": (SourceRows("repayment", (Place(1, 2, D),), 2), SourceRows("charge", (), 0))}
    facts: dict[str, dict[str, Any]] = {"owes": {"balance_minor": 1}, "class": {}, "cover": {}, "loan": {}}
    worth = {"asset_id": "P01:A", "kind": "flat", "region": "wuhan", "value_minor": 100, "currency": "CNY", "valued_by": "both",
             "fsd_bp": 900, "prudent_minor": 70, "recorded_minor": 90, "valued_on": D, "method": "appraisal", "indexed_minor": 95,
             "indexed_fsd_bp": 1000, "index_move_bp": 10_500, "index_cell": "wuhan", "curve_bp": 9000, "mileage_bp": 9900,
             "model_minor": 110, "by_model": 64 * "a", "model_fsd_bp": 1100,
             "model_wide_bp": 1800, "calibration": "own", "apart_bp": 1363,
             "unknown_because": None}  # fmt: skip
    lien = {"lien_rank": 1, "counts": True, "before_minor": 0, "allocated_minor": 60, "unknown_because": None}
    assets = (
        Secured(worth, lien), Secured({**worth, "index_move_bp": None}, {**lien, "counts": False}),
        Secured({**worth, "value_minor": None, "unknown_because": "no valuation"}, {}),
    )  # fmt: skip
    warned = {"rule_id": "LTV", "subject_id": "P01:1", "outcome": "red", "colour_before": None, "says_en": "High"}
    since = Provisional(({**worth, "through_delivery_no": 9, "as_of": D},), (warned,))
    found = Explanation(1, facts, assets, since, rulings, {"loan": behind})
    texts = Recorded(words("en").texts)
    assert list(lines_of(found, "P01:1", D, replace(words("en"), texts=texts), "en"))
    assert set(texts) - used == set()


def test_in_brief_what_is_raised_is_told_in_full_and_of_the_others_how_far_they_are(why: Callable[..., str]) -> None:
    whole, brief = why(), why("--brief")
    assert len(brief.splitlines()) < len(whole.splitlines()) / 3
    raised = section(whole, "DPD")
    assert raised and all(line in brief for line in raised)
    assert all((start + outcome in brief) == (outcome != "not applicable") for start, outcome in headings(whole))
    assert "indicators:" in whole and "indicators:" not in brief


def section(text: str, rule: str) -> list[str]:
    """The lines about a rule."""
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith(f"  {rule}: "))
    more = next(n for n, line in enumerate(lines[first + 1 :]) if not line.startswith("    "))
    return lines[first : first + 1 + more]


def headings(text: str) -> list[tuple[str, str]]:
    """Each rule with its outcome."""
    found = re.findall(r"^(  [A-Z0-9_]+: )(clear|unknown|red|amber|not applicable)", text, re.MULTILINE)
    assert len(found) > 100
    return found


def test_a_scheme_by_which_nobody_classes_is_not_shown() -> None:
    row = {column.name: None for column in LOAN_CLASS.columns} | {"five_class": "normal", "stage": "stage_1"}
    shown = explain._classed(row)
    assert {"five_class", "missing", "stage", "stage_better_since"} <= set(shown)
    assert not any(name.startswith("eu_") for name in shown)
    assert explain._classed({}) == {}
