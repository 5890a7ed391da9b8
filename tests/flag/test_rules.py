"""Rules are checked without a JVM: all faults of all files at once, with file, rule and the nearest name."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml

from loanwatch import configuration, settings
from loanwatch.errors import UsageError
from loanwatch.flag import rules
from loanwatch.flag.outcome import AMBER, CLEAR, UNKNOWN, outcome_on
from loanwatch.settings import Business

RULE = {
    "id": "DPD", "subject": "loan", "amber": "days_past_due > {amber}", "red": "days_past_due > 30",
    "from": date(2020, 1, 1), "says": {"en": "{days_past_due} days", "zh": "{days_past_due}天"},
    "do": {"owner": "servicing", "within_days": 3, "en": "Call", "zh": "致电"}, "source": "a test",
}  # fmt: skip


def load(*changes: dict[str, object]) -> tuple[rules.Rule, ...]:
    written = yaml.safe_dump([{**RULE, **change} for change in changes], allow_unicode=True)
    return rules.load({"rules/a.yaml": written, "rules/limits.yaml": "amber: 0"})


def load_in_force(*changes: dict[str, object]) -> tuple[rules.Rule, ...]:
    return rules.in_force(load(*changes), date(2025, 3, 1))


def test_limits_are_filled_in() -> None:
    (rule,) = load({})
    assert (rule.amber, rule.columns, rule.gap_columns) == (
        "days_past_due > 0", ("days_past_due",), ("repayment_gap", "schedule_gap"),
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amber": "days_pastdue > 1"}, "has no column 'days_pastdue'; did you mean 'days_past_due'?"),
        ({"amber": "days_past_due > {ambr}"}, "no limit 'ambr' in conf/rules/limits.yaml; did you mean 'amber'?"),
        ({"amber": "days_past_due +"}, "not SQL"),
        ({"amber": "days_past_due + 1"}, "is neither true nor false"),
        ({"amber": "rand() > 1"}, "is not allowed in a rule"),
        ({"amber": "arrears_minor / days_past_due > 1"}, "write `a div nullif(b, 0)`"),
        ({"amber": "arrears_minor div days_past_due > 1"}, "divide by nullif"),
        ({"amber": "arrears_minor div nullif(days_past_due, 1) > 1"}, "divide by nullif"),
        ({"amber": "1000 * days_past_due > 1"}, "can be too large for int"),
        ({"amber": "days_past_due > 1.5"}, "whole numbers only"),
        ({"amber": "days_past_due <> null"}, "ask by `is null`"),
        ({"amber": "days_past_due not in (1, null)"}, "ask by `is null`"),
        ({"amber": "days_past_due in ()"}, "an empty list"),
        ({"amber": "days_past_due is missed_instalments"}, "compare by `=`"),
        ({"amber": "days_past_due > 'many'"}, "compares a number with a word"),
        ({"amber": "product = 'hom'"}, "product is never 'hom'; did you mean 'home'?"),
        ({"amber": "secured and days_past_due"}, "'days_past_due' is a number, not true or false"),
        ({"amber": "t.days_past_due > 1"}, "is not allowed in a rule"),
        ({"amber": " or ".join(["days_past_due = 1"] * 200)}, "parts, at most 500"),
        ({"amber": "(" * 5000 + "secured" + ")" * 5000}, "nested too deep"),
        ({"amber": "cast(loan_id as int) > 1"}, "is not allowed in a rule"),
        ({"amber": "days_past_due > (select 1)"}, "is not allowed in a rule"),
        ({"amber": None, "red": None}, "neither amber nor red"),
        ({"says": {"en": "{nothing}", "zh": "x"}}, "no column or limit 'nothing'"),
        ({"says": {"en": "only English"}}, "says.zh: Field required"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
        ({"raise_after_days": -1}, "raise_after_days: Input should be greater than or equal to 0"),
        ({"cool_down_days": "long"}, "cool_down_days: Input should be a valid integer"),
    ],
)
def test_a_fault_names_file_and_rule(change: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(change)
    assert fault in str(caught.value)
    assert re.match(r"conf/rules/a.yaml:\d+: rule DPD: ", str(caught.value))


def test_what_runs_is_what_was_checked() -> None:
    """What the parser forgives, and Spark would not: a semicolon, `notnull`, a comment."""
    (rule,) = load({"amber": "days_past_due > 0 and days_past_due notnull -- late", "red": "days_past_due >30;"})
    assert (rule.amber, rule.red) == ("days_past_due > 0 AND NOT days_past_due IS NULL", "days_past_due > 30")


@pytest.mark.parametrize(
    ("text", "limits", "fault"),
    [
        ("DPD", "amber: 0", "conf/rules/a.yaml:1: a list is wanted"),
        ("- {", "amber: 0", "conf/rules/a.yaml: not YAML"),
        ("[" * 5000, "amber: 0", "conf/rules/a.yaml: not YAML"),
        ("- DPD\n- 7", "amber: 0", "conf/rules/a.yaml:2: rule without id"),
        ("- id: A\n  id: B", "amber: 0", "conf/rules/a.yaml:1: rule B: id: stands twice"),
        ("- {[1]: 2}", "amber: 0", "conf/rules/a.yaml:1: not to be read"),
        ("\n- {id: A, from: 2025-13-45}", "amber: 0", "conf/rules/a.yaml:2: not to be read: month must be in 1..12"),
        ("", "[1]", "conf/rules/limits.yaml:1: `name: number` is wanted"),
        ("", "# none\namber: few", "conf/rules/limits.yaml:2: limit 'amber' is no whole number"),
        ("", "amber: [1]", "conf/rules/limits.yaml:1: limit 'amber' is no whole number"),
        ("", "amber: 1\namber: 2", "conf/rules/limits.yaml:2: limit 'amber' stands twice"),
    ],
)
def test_files_that_are_no_rules(text: str, limits: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        rules.load({"rules/a.yaml": text, "rules/limits.yaml": limits})
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [("", (2, 6)), ("DPD: 5", (5, 15)), ("DPD: {amber: 1, red: 8}", (1, 8)), ("DPD: {amber: 0, red: 0}", (0, 0))],
)
def test_a_file_of_weights_replaces_those_of_the_rules(weights: str, expected: tuple[int, int]) -> None:
    written = yaml.safe_dump([{**RULE, "weight": 2}, {**RULE, "id": "OTHER", "amber": "days_past_due > 5"}], allow_unicode=True)
    texts = {"rules/a.yaml": written, "rules/limits.yaml": "amber: 0", "rules/weights.yaml": weights}
    weighed = {rule.id: (rule.text.weight.amber, rule.text.weight.red) for rule in rules.load(texts)}
    assert weighed == {"DPD": expected, "OTHER": (1, 3)}


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        ("[1]", "conf/rules/weights.yaml:1: `RULE: number` is wanted"),
        ("\nDP: 3", "conf/rules/weights.yaml:2: no rule 'DP'; did you mean 'DPD'?"),
        ("DPD: 1\nDPD: 2", "conf/rules/weights.yaml:2: weight of 'DPD' stands twice"),
        ("DPD: {amber: 3, red: 2}", "conf/rules/weights.yaml:1: weight of 'DPD': Value error, red weighs 2, less than amber, 3"),
        ("DPD: {amber: 3}", "conf/rules/weights.yaml:1: weight of 'DPD': Field required; a number is wanted, or"),
        ("DPD: -1", "conf/rules/weights.yaml:1: weight of 'DPD': Input should be greater than or equal to 0"),
        ("DPD: true", "conf/rules/weights.yaml:1: weight of 'DPD': Input should be a valid dictionary"),
        ("DPD: 2025-13-45", "conf/rules/weights.yaml:1: weight of 'DPD': not to be read"),
    ],
)
def test_weights_that_are_none(weights: str, fault: str) -> None:
    texts = {"rules/a.yaml": yaml.safe_dump([RULE]), "rules/limits.yaml": "amber: 0", "rules/weights.yaml": weights}
    with pytest.raises(UsageError) as caught:
        rules.load(texts)
    assert fault in str(caught.value)


def test_a_fault_is_at_its_line() -> None:
    wrong = {**RULE, "red": "nonsense > 1"}
    written = yaml.safe_dump([{**wrong, "id": "A"}, {**wrong, "id": "B"}], sort_keys=False)
    with pytest.raises(UsageError) as caught:
        rules.load({"rules/a.yaml": written, "rules/limits.yaml": "amber: 0"})
    lines = written.splitlines()
    told = [int(line.split(":")[1]) for line in str(caught.value).splitlines()]
    assert [lines[number - 1].strip() for number in told] == ["red: nonsense > 1"] * 2
    assert told[0] < told[1]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"red": "days_past_due >= 0"}, "red holds where amber does not: days_past_due = 0"),
        ({"amber": "days_past_due > 40"}, "red holds where amber does not: days_past_due = 31"),
        ({"clear": "days_past_due < 5"}, "the exit holds where it is amber: days_past_due = 1"),
        ({"clear": "coalesce(days_past_due, 0) = 0 or secured"}, "the exit holds where it is amber"),
        ({"amber": "days_past_due > -1", "red": None}, "holds for all that it applies to"),
        ({"red": "days_past_due < 0"}, "red can never hold"),
        ({"red": "days_past_due > 30 and days_past_due < 31"}, "red can never hold"),
        ({"red": "days_past_due > 30 and product = 'home' and product = 'vehicle'"}, "red can never hold"),
        ({"applies": "secured and not secured"}, "applies to nothing"),
        ({"applies": "days_past_due > 10 and days_past_due not between 5 and 2147483647"}, "applies to nothing"),
        ({"applies": "own_days_past_due > days_past_due", "red": "own_days_past_due > 30"}, "red holds where amber does not"),
    ],
)
def test_a_rule_that_means_nothing_is_told_with_a_row(change: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        rules.sound(load(change))
    assert re.match(r"conf/rules/a.yaml:1: rule DPD: ", str(caught.value))
    assert fault in str(caught.value)


def test_two_rules_that_say_the_same_on_a_day() -> None:
    other = {"id": "OTHER", "amber": "not days_past_due <= 0", "red": "30 < days_past_due"}
    with pytest.raises(UsageError, match=r"conf/rules/a.yaml:\d+: rule DPD: says the same as rule OTHER"):
        rules.sound(load({}, other))
    rules.sound(load({}, {**other, "red": "29 < days_past_due"}))
    rules.sound(load({"until": date(2024, 1, 1)}, {**other, "from": date(2024, 1, 1)}))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        load({"amber": "nonsense > 1"}, {"id": "B", "red": "nonsense > 2"}, {"id": "B"})
    assert len(str(caught.value).splitlines()) == 3


def test_a_rule_is_in_force_from_its_day_until_the_day_it_is_retired() -> None:
    found = load({"from": date(2025, 3, 1), "until": date(2025, 3, 3)})
    days = [day for day in range(1, 6) if rules.in_force(found, date(2025, 3, day))]
    assert days == [1, 2]


def test_the_place_in_the_masks_is_among_the_rules_in_force_of_the_subject() -> None:
    found = load_in_force(
        {"id": "A", "red": None, "until": date(2024, 1, 1)}, {"id": "B"},
        {"id": "C", "subject": "borrower", "amber": None, "red": "loans > 1", "says": {"en": "x", "zh": "x"}},
        {"id": "D", "red": "days_past_due > 60"},
    )  # fmt: skip
    assert [(rule.id, rule.bit) for rule in found] == [("B", 0), ("D", 1), ("C", 0)]


def test_a_change_is_a_new_version_and_the_old_one_stays() -> None:
    old, new = {"until": date(2025, 3, 3)}, {"from": date(2025, 3, 3), "amber": "days_past_due > 5"}
    found = load(old, new)
    running = {day: [rule.amber for rule in rules.in_force(found, date(2025, 3, day))] for day in (2, 3)}
    assert running == {2: ["days_past_due > 0"], 3: ["days_past_due > 5"]}
    rules.sound(found)


@pytest.mark.parametrize("until", [None, date(2025, 3, 4)])
def test_two_versions_at_once_are_a_fault(until: date | None) -> None:
    with pytest.raises(UsageError, match=r"rule DPD: in force together with conf/rules/a.yaml:1: rule DPD; .* until: 2025-03-03"):
        load({"until": until}, {"from": date(2025, 3, 3)})


def split(limit: str, **change: object) -> tuple[rules.Rule, ...]:
    written = yaml.safe_dump([{**RULE, "red": None, **change}], allow_unicode=True)
    return rules.load({"rules/a.yaml": written, "rules/limits.yaml": f"amber: {limit}"})


def test_a_limit_by_product_is_that_of_the_product() -> None:
    (rule,) = split("{by: product, home: 10, vehicle: 20, else: 30}")
    rules.sound([rule])
    for product, limit in {"home": 10, "vehicle": 20, "consumer": 30, "business": 30}.items():
        row = {"product": product, "repayment_gap": "none", "schedule_gap": "none"}
        found = [outcome_on(rule, {**row, "days_past_due": days}) for days in (limit, limit + 1)]
        assert found == [CLEAR, AMBER], product
        assert outcome_on(rule, {**row, "days_past_due": None, "schedule_gap": "absent"}) == UNKNOWN


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        ("{by: product, hom: 1, else: 2}", "limit by product: no word 'hom'; did you mean 'home'?"),
        ("{by: partner_id, P01: 1, else: 2}", "limits by partner_id: one column of derive.loan_indicator is wanted"),
        ("{by: nothing, P01: 1, else: 2}", "limits by nothing: one column"),
        ("{by: product, home: 1}", "limit 'amber' is no whole number, nor"),
        ("{by: product, else: 1}", "limit 'amber' is no whole number, nor"),
        ("{home: 1, vehicle: 2, else: 3}", "limit 'amber' is no whole number, nor"),
        ("{by: product, home: x, else: 3}", "limit 'amber' is no whole number, nor"),
    ],
)
def test_a_limit_by_a_column_that_is_none(limit: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        split(limit)
    assert fault in str(caught.value)


def test_a_rule_binds_the_institutions_that_it_names_or_all() -> None:
    found = load({"id": "ALL"}, {"id": "BANKS", "institutions": ["bank"]})
    bound = [[rule.id for rule in rules.binding(found, Business(institution=kind))] for kind in ("bank", "trust")]
    assert bound == [["ALL", "BANKS"], ["ALL"]]


def test_a_rule_binds_in_the_jurisdictions_that_it_names_or_everywhere() -> None:
    found = load({"id": "ALL"}, {"id": "HERE", "jurisdictions": ["cn"]}, {"id": "THERE", "jurisdictions": ["eu"]})
    bound = [[rule.id for rule in rules.binding(found, Business(jurisdiction=place))] for place in ("cn", "eu", "other")]
    assert bound == [["ALL", "HERE"], ["ALL", "THERE"], ["ALL"]]


def test_the_digest_changes_with_a_limit_it_uses() -> None:
    written = yaml.safe_dump([RULE], allow_unicode=True)
    one, two = (rules.load({"rules/a.yaml": written, "rules/limits.yaml": f"amber: {n}\nother: {n}"}) for n in (0, 1))
    assert one[0].digest != two[0].digest


def test_the_digest_is_the_same_where_what_goes_without_saying_is_said() -> None:
    (one,), (two,) = load({}), load({"cool_down_days": 30, "institutions": [], "jurisdictions": []})
    assert one.digest == two.digest


@pytest.mark.parametrize("days", ["raise_after_days", "clear_after_days", "cool_down_days"])
def test_the_digest_changes_with_the_days_of_a_life(days: str) -> None:
    (one,), (two,) = load({}), load({days: 7})
    assert one.digest != two.digest


def test_a_rule_is_of_the_theme_of_its_file() -> None:
    shipped = {rule.id: rule.theme for rule in rules.load(configuration.load(settings.load("test")).below("rules"))}
    assert (shipped["DPD"], shipped["LTV"]) == ("arrears", "collateral")


def test_the_shipped_rules_load_and_are_enough() -> None:
    shipped = rules.load(configuration.load(settings.load("test")).below("rules"))
    rules.sound(shipped)
    assert len(shipped) >= 15
    assert {rule.subject for rule in shipped} == set(rules.TABLES)
