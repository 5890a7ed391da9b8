"""Rules are checked without a JVM: all faults of all files at once, with file, rule and the nearest name."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from loanwatch import configuration, settings
from loanwatch.errors import UsageError
from loanwatch.flag import rules

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
        ({"amber": "balance_minor / days_past_due > 1"}, "divide by nullif"),
        ({"amber": "cast(loan_id as int) > 1"}, "is not allowed in a rule"),
        ({"amber": "days_past_due > (select 1)"}, "is not allowed in a rule"),
        ({"amber": None, "red": None}, "neither amber nor red"),
        ({"says": {"en": "{nothing}", "zh": "x"}}, "no column or limit 'nothing'"),
        ({"says": {"en": "only English"}}, "says.zh: Field required"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_fault_names_file_and_rule(change: dict[str, object], fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(change)
    assert fault in str(caught.value)
    assert str(caught.value).startswith("conf/rules/a.yaml: rule DPD")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        load({"amber": "nonsense > 1"}, {"id": "B", "red": "nonsense > 2"}, {"id": "B"})
    assert len(str(caught.value).splitlines()) == 3


def test_a_rule_is_in_force_from_its_day_until_the_day_it_is_retired() -> None:
    found = load({"from": date(2025, 3, 1), "until": date(2025, 3, 3)})
    days = [day for day in range(1, 6) if rules.in_force(found, date(2025, 3, day))]
    assert days == [1, 2]


def test_the_place_in_the_masks_is_among_the_rules_in_force_of_the_subject() -> None:
    found = load_in_force({"id": "A", "until": date(2024, 1, 1)}, {"id": "B"}, {"id": "C", "subject": "borrower", "amber": None,
                          "red": "loans > 1", "says": {"en": "x", "zh": "x"}}, {"id": "D"})  # fmt: skip
    assert [(rule.id, rule.bit) for rule in found] == [("B", 0), ("D", 1), ("C", 0)]


def test_the_digest_changes_with_a_limit_it_uses() -> None:
    written = yaml.safe_dump([RULE], allow_unicode=True)
    one, two = (rules.load({"rules/a.yaml": written, "rules/limits.yaml": f"amber: {n}\nother: {n}"}) for n in (0, 1))
    assert one[0].digest != two[0].digest


def test_the_shipped_rules_load_and_are_enough() -> None:
    shipped = rules.load(configuration.load(settings.load("test")).below("rules"))
    assert len(shipped) >= 15
    assert {rule.subject for rule in shipped} == {"loan", "borrower"}
