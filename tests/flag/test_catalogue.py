"""The shipped rules as a catalogue: enough of them, grouped, sourced, in two languages, each shown by examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from loanwatch import configuration, settings
from loanwatch.derive.tables import INDICATORS
from loanwatch.flag.outcome import OUTCOMES, outcome_on
from loanwatch.flag.rule_text import LIMITS, read_limits
from loanwatch.flag.rules import TABLES, Rule, load

EXAMPLES = Path(__file__).parents[1] / "rules"
THEMES = (
    "activity", "agreements", "arrears", "cash_flow", "claims", "collateral", "combinations", "compensation", "conduct", "contact",
    "exposure", "financials", "history", "inquiries", "legal", "partner", "pool", "repayment",
)  # fmt: skip
DESKS = {"servicing", "risk", "fraud desk", "collateral desk", "partner desk", "legal", "finance"}
DROPS = ("spend", "inflow", "salary", "login", "social")
NEVER_CLEAR = {"OWN_DPD"}  # it applies where the own clock runs ahead, and is amber there
CODE = re.compile(r"\b[A-Z]{2,4}_[A-Z0-9_]+")
NAMED = re.compile(rf"domain\.md 4 [A-H], {CODE.pattern}|domain\.md 1\.\d|Order 2\d{{3}} No\. \d")
FILLED_IN = re.compile(r"\{([a-z0-9_]+)\}")
CHINESE = re.compile("[\u4e00-\u9fff]")

TEXTS = configuration.load(settings.load("test")).below("rules")
RULES = {rule.id: rule for rule in load(TEXTS)}


def examples(theme: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((EXAMPLES / f"{theme}.yaml").read_text(encoding="utf-8")))


SHOWN = [example for theme in THEMES for example in examples(theme)]


def outcome(rule: Rule, given: dict[str, Any]) -> str:
    return OUTCOMES[outcome_on(rule, {**dict.fromkeys(rule.gap_columns, "none"), **given})]


def test_there_are_rules_enough_and_some_about_every_kind_of_subject() -> None:
    assert len(RULES) >= 90
    about = [rule.subject for rule in RULES.values()]
    assert min(about.count(subject) for subject in TABLES) >= 8


def test_a_file_is_a_theme_said_in_its_first_line_and_shown_by_the_examples_of_the_same_name() -> None:
    files = {Path(path).stem: text for path, text in TEXTS.items() if path != LIMITS}
    assert sorted(files) == list(THEMES) == sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
    for theme, text in files.items():
        assert re.match(r"# [A-Z].*\.\n- id: ", text), theme
        assert {example["rule"] for example in examples(theme)} == {rule["id"] for rule in yaml.safe_load(text)}, theme


def test_each_limit_is_asked_by_some_rule() -> None:
    assert set(read_limits(TEXTS[LIMITS], [])) == {name for rule in RULES.values() for name in rule.limits}


def test_a_starting_value_is_in_shadow_and_what_is_in_shadow_says_why() -> None:
    reason = {name: "[P]" in rule.text.source or "; in shadow, " in rule.text.source for name, rule in RULES.items()}
    assert {name for name in RULES if reason[name]} == {
        name for name, rule in RULES.items() if rule.text.status == "shadow"
    }


def test_a_rule_names_its_source_and_its_desk_and_reads_an_indicator() -> None:
    known = {subject: {indicator.name for indicator in indicators} for subject, (_, indicators) in INDICATORS.items()}
    assert [name for name, rule in RULES.items() if not NAMED.match(rule.text.source)] == []
    assert {rule.text.do.owner for rule in RULES.values()} == DESKS
    assert [name for name, rule in RULES.items() if not known[rule.subject] & set(rule.columns)] == []


def test_both_languages_are_what_they_say_and_tell_the_same_values() -> None:
    words = [(name, part) for name, rule in RULES.items() for part in (rule.says, rule.text.do)]
    assert [name for name, part in words if CHINESE.search(part.en) or not CHINESE.search(part.zh)] == []
    assert [name for name, part in words if set(FILLED_IN.findall(part.en)) != set(FILLED_IN.findall(part.zh))] == []


def test_examples_show_each_outcome_that_a_rule_can_have() -> None:
    for name, rule in RULES.items():
        possible = {"clear"} - ({"clear"} if name in NEVER_CLEAR else set())
        possible |= {colour for colour in ("amber", "red") if getattr(rule.text, colour)}
        possible |= {"unknown"} if rule.gap_columns else set()
        possible |= {"not_applicable"} if rule.text.applies != "true" else set()
        assert possible <= {example["then"] for example in SHOWN if example["rule"] == name}, name


def test_taking_an_input_away_never_turns_a_raised_rule_clear() -> None:
    raised = [(RULES[x["rule"]], x["given"]) for x in SHOWN if x["then"] in ("amber", "red")]
    for rule, values in raised:
        gaps = dict.fromkeys(rule.gap_columns, "absent")
        without = {column: outcome(rule, {**values, **gaps, column: None}) for column in rule.columns}
        assert "clear" not in without.values(), (rule.id, values, without)


# Against peers nothing is known where nothing is of the borrower itself.
kept = st.integers(0, 12_000)
own_and_peers = st.tuples(kept, st.none() | kept) | st.just((None, None))


@given(st.sampled_from(DROPS), own_and_peers, st.sampled_from(("none", "no_basis")))
@trials(phases=[Phase.generate], max_examples=500, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_drop_counts_against_the_own_past_and_the_peers(
    kind: str, seen: tuple[int | None, int | None], gap: str
) -> None:
    rule = RULES[f"{kind.upper()}_DROP"]
    values = {f"{kind}_kept_bp": seen[0], f"{kind}_kept_vs_peers_bp": seen[1], "activity_gap": gap}
    amber, red = sorted((limit for limit in rule.limits.values() if isinstance(limit, int)), reverse=True)
    assert outcome(rule, values) == drop(*seen, gap, amber, red)


def drop(own: int | None, peers: int | None, gap: str, amber: int, red: int) -> str:
    """By what is left of the own past or, where there are peers enough and it is more, against theirs."""
    if own is None:
        return "not_applicable" if gap == "none" else "unknown"
    left = own if peers is None else max(own, peers)
    return "red" if left < red else "amber" if left < amber else "clear"


def test_indicators_and_rules_together_cover_the_catalogue() -> None:
    sources = [rule.text.source for rule in RULES.values()]
    sources += [indicator.source_of for _, indicators in INDICATORS.values() for indicator in indicators]
    assert len({code for source in sources for code in CODE.findall(source)}) >= 75
