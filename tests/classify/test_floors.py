"""The floors beside days past due: debts of one firm, the way upwards, restructuring, judgement, signals."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from classify.book import CLEAN, QUIET, SHIPPED, D, classed, told
from classify.observation_reference import months_after

from loanwatch.classify.inputs import INPUTS
from loanwatch.codes import NON_PERFORMING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIRM = {"debtor": "firm"}


def test_one_claim_in_trouble_pulls_a_firms_others_and_never_a_persons(spark: SparkSession) -> None:
    """Order 2023 No. 1 art. 10(4), 14: more than 10 % of a firm's claims here non-performing makes all of them so."""
    firms = {"ten": (10, 90), "more": (11, 90), "person": (90, 10), "unknown": (90, 10), "mixed": (1, 99)}
    loans = []
    for name, (bad, good) in firms.items():
        of = {**FIRM, "borrower_id": name, "debtor": {"person": "person", "unknown": None}.get(name, "firm")}
        late = {"days_past_due": 91, "own_days_past_due": 91, "balance_minor": bad}
        loans += [{**of, **late, "loan_id": f"{name}-bad"}, {**of, "loan_id": f"{name}-good", "balance_minor": good}]
    loans[-1]["currency"] = "USD"
    good = {name.removesuffix("-good"): row for name, row in told(spark, loans).items() if name.endswith("-good")}
    assert good == {
        "ten": ("special_mention", "CN5-SM-4", []), "more": ("substandard", "CN5-X-1", []), "person": ("normal", "none", []),
        "unknown": ("normal", "none", ["debtor"]), "mixed": ("special_mention", "CN5-SM-4", ["debtor_npl_bp"]),
    }  # fmt: skip


def test_what_the_regulator_recognises_as_credit_enhancement_keeps_a_firms_claim_out(spark: SparkSession) -> None:
    """Art. 14: only where it covers the whole claim, on the day; what nobody told of is not known, if it would."""
    whole: dict[str, Any] = {"guaranteed_minor": None, "active": True, "recognised": True}
    guarantees: dict[str, list[dict[str, Any]]] = {
        "whole": [whole], "none": [], "enough": [{**whole, "guaranteed_minor": 90}], "in part": [{**whole, "guaranteed_minor": 89}],
        "together": [{**whole, "guaranteed_minor": minor} for minor in (40, 50)], "released": [{**whole, "active": False}],
        "last day": [{**whole, "until_on": D}], "over": [{**whole, "until_on": D - timedelta(1)}],
        "not recognised": [{**whole, "recognised": False}], "not told": [{**whole, "recognised": None}],
        "perhaps": [{**whole, "guaranteed_minor": 89}, {**whole, "guaranteed_minor": 1, "recognised": None}],
        "not told and too little": [{**whole, "guaranteed_minor": 89, "recognised": None}],
    }  # fmt: skip
    loans, rows = [], []
    for name, given in guarantees.items():
        of = {**FIRM, "borrower_id": name}
        loans.append({**of, "loan_id": f"{name}-bad", "days_past_due": 91, "own_days_past_due": 91, "balance_minor": 50})
        loans.append({**of, "loan_id": f"{name}-good", "balance_minor": 90})
        rows += [{"loan_id": f"P01:{name}-good", "guarantee_id": str(n), **row} for n, row in enumerate(given)]
    found = {name.removesuffix("-good"): row for name, row in told(spark, loans, guarantee=rows).items() if "-good" in name}
    out, pulled, unknown = ("CN5-SM-4", []), ("CN5-X-1", []), ("CN5-SM-4", ["enhanced"])
    assert {name: (floor, missing) for name, (_, floor, missing) in found.items()} == {
        "whole": out, "none": pulled, "enough": out, "in part": pulled, "together": out, "released": pulled, "last day": out,
        "over": pulled, "not recognised": pulled, "not told": unknown, "perhaps": unknown, "not told and too little": pulled,
    }  # fmt: skip


def test_a_firms_claim_goes_upwards_once_settled_and_a_persons_by_days(spark: SparkSession) -> None:
    """Art. 15: six months and two repayments, and nothing else of the debtor non-performing."""
    memories = {"few": (400, 1), "settled": (184, 2), "not clear": (None, 0), "person": (1, 0), "other": (400, 9)}
    kinds = {name: "person" if name == "person" else "firm" for name in memories}
    loans = [{"loan_id": name, "borrower_id": name, "debtor": kind, "balance_minor": 99} for name, kind in kinds.items()]
    loans.append({**FIRM, "loan_id": "late", "borrower_id": "other", "days_past_due": 91, "balance_minor": 1})
    states = [
        {"loan_id": f"P01:{name}", "was_non_performing": True, "observed": False, "restructurings": 0, "clear_periods": periods,
         "clear_since": D - timedelta(days) if days is not None else None}
        for name, (days, periods) in memories.items()
    ]  # fmt: skip
    found = {name: floor for name, (_, floor, _) in told(spark, loans, observation=states).items()}
    assert found == {
        "few": "CN5-UP-1", "settled": "none", "not clear": "CN5-UP-1", "person": "none", "other": "CN5-UP-2",
        "late": "CN5-SS-1",
    }  # fmt: skip


def test_six_months_are_whole_months(spark: SparkSession) -> None:
    days = {"whole": date(2024, 9, 1), "a day less": date(2024, 9, 2)}
    loans = [{**FIRM, "loan_id": name} for name in days]
    states = [{"loan_id": f"P01:{name}", "was_non_performing": True, "observed": False, "restructurings": 0, "clear_periods": 2,
               "clear_since": since} for name, since in days.items()]  # fmt: skip
    found = told(spark, loans, observation=states)
    assert {name: five_class for name, (five_class, _, _) in found.items()} == {"whole": "normal", "a day less": "substandard"}


def test_what_is_observed_is_special_mention_and_changed_twice_substandard(spark: SparkSession) -> None:
    """Art. 21, 23: days past due alone end no observation, of a person neither."""
    memories = {"once": (1, 0, 0), "twice": (2, 30, 1), "twice and settled": (2, 300, 6)}
    states = [
        {"loan_id": f"P01:{name}", "was_non_performing": False, "observed": True, "restructurings": times,
         "clear_since": D - timedelta(days), "clear_periods": periods}
        for name, (times, days, periods) in memories.items()
    ]  # fmt: skip
    found = told(spark, [{"loan_id": name} for name in memories], observation=states)
    assert {name: floor for name, (_, floor, _) in found.items()} == {
        "once": "CN5-RT-1", "twice": "CN5-RT-2", "twice and settled": "CN5-RT-1",
    }  # fmt: skip


def test_judgement_of_two_people_only_worsens_a_class(spark: SparkSession) -> None:
    def review(number: int, loan: str, word: str | None, author: str = "A", **more: Any) -> dict[str, Any]:
        return {"sender_id": "risk", "review_id": f"R{number}", "decided_on": D - timedelta(9), "decision": "override",
                "author": author, "subject": "loan", "subject_id": f"P01:{loan}", "five_class": word, **more}  # fmt: skip

    def approval(number: int, author: str = "B") -> dict[str, Any]:
        return review(100 + number, "x", None, author, decision="approve", approves_review_id=f"R{number}")

    reviews = [
        review(1, "worse", "doubtful"), approval(1), review(2, "better", "normal"), approval(2), review(3, "alone", "loss"),
        review(4, "own", "loss"), approval(4, "A"), review(5, "ended", "loss", expires_on=D - timedelta(1)), approval(5),
        review(6, "lasts", "loss", expires_on=D), approval(6), approval(7), approval(8),
        review(7, "worse", "loss", decided_on=D - timedelta(10)),
        review(8, "x", "substandard", subject="borrower", subject_id="debtor"),
    ]  # fmt: skip
    names = ("worse", "alone", "own", "ended", "lasts")
    loans = [*({"loan_id": name} for name in names), {"loan_id": "better", "days_past_due": 91, "own_days_past_due": 91},
             {"loan_id": "all", "borrower_id": "debtor"}]  # fmt: skip
    assert {name: floor for name, (_, floor, _) in told(spark, loans, review=reviews).items()} == {
        "worse": "CN5-JD-DF", "better": "CN5-SS-1", "alone": "none", "own": "none", "ended": "none", "lasts": "CN5-JD-LS",
        "all": "CN5-JD-SS",
    }  # fmt: skip


def test_signals_events_and_roll_overs_are_floors_and_what_never_came_is_not_known(spark: SparkSession) -> None:
    kinds = {"liquidated": "court_liquidation", "evades": "debt_evasion", "downgraded": "rating_cut", "adverse": "bureau_adverse",
             "ended": "court_liquidation", "accepted": "court_insolvency"}  # fmt: skip
    signals = [{"customer_id": f"P01:{name}", "kind": kind, "ended_on": D if name == "ended" else None}
               for name, kind in kinds.items()]  # fmt: skip
    loans = [{**FIRM, "loan_id": name} for name in (*kinds, "misused", "named", "followed")]
    loans.append({**FIRM, "loan_id": "elsewhere", "customer_id": "P02:7", "borrower_id": "P01:liquidated"})
    over = [{"loan_id": "P01:named", "regulatory_days_past_due": 0},
            {"loan_id": "P01:followed", "regulatory_days_past_due": 0, "inferred": True}]  # fmt: skip
    given = {"signal": signals, "over": over, "loan_event": [{"loan_id": "P01:misused", "kind": "misuse"}]}
    came = [{"feed": "signal"}]
    found = told(spark, loans, sources=("signal",), delivery=came, **given)
    assert {name: (floor, missing) for name, (_, floor, missing) in found.items()} == {
        "liquidated": ("CN5-LS-2", []), "evades": ("CN5-DF-2", []), "downgraded": ("CN5-SS-3", []), "adverse": ("CN5-SM-4", []),
        "ended": ("none", []), "accepted": ("none", []), "misused": ("CN5-SM-2", []), "named": ("CN5-SM-3", []),
        "followed": ("none", ["rolled_over"]), "elsewhere": ("CN5-LS-2", []),
    }  # fmt: skip
    unknown = ["liquidated", "evades", "downgraded", "adverse_elsewhere"]
    assert told(spark, [{**FIRM, "loan_id": "x"}], sources=("signal",))["x"] == ("normal", "none", unknown)
    assert told(spark, [{"loan_id": "x"}], sources=("signal",))["x"] == ("normal", "none", unknown[:3])
    assert told(spark, [{**FIRM, "loan_id": "x"}])["x"] == ("normal", "none", [])


def test_what_the_accounts_say_is_a_floor_by_the_share_of_the_allowance(spark: SparkSession) -> None:
    """Art. 11(2), 12(3), 13(3): credit-impaired, and from 50 and 90 % of the gross amount on."""
    allowances = {"little": 0, "below half": 4_999, "half": 5_000, "below": 8_999, "most": 9_000, "cured": 9_000}
    accounts = [{"loan_id": f"P01:{name}", "credit_impaired": name != "cured", "gross_minor": 10_000, "allowance_minor": minor}
                for name, minor in allowances.items()]  # fmt: skip
    loans = [{"loan_id": name} for name in [*allowances, "untold"]]
    came = {"delivery": [{"feed": "impairment"}], "sources": ("impairment",)}
    assert {name: (floor, missing) for name, (_, floor, missing) in told(spark, loans, impairment=accounts, **came).items()} == {
        "little": ("CN5-SS-2", []), "below half": ("CN5-SS-2", []), "half": ("CN5-DF-3", []), "below": ("CN5-DF-3", []),
        "most": ("CN5-LS-3", []), "cured": ("none", []), "untold": ("none", []),
    }  # fmt: skip
    never = told(spark, [{"loan_id": "x"}], sources=("impairment",), delivery=[{"feed": "signal"}])
    assert never["x"] == ("normal", "none", ["credit_impaired", "allowance_bp"])


def test_a_fifth_of_a_firms_debts_to_all_lenders_overdue_makes_its_claims_substandard(spark: SparkSession) -> None:
    """Art. 11(4): of 1,000 owed, 500 of it here; `here` is what of that is 91 days past due."""
    cases = {"a fifth": (50, 150, "firm"), "more": (50, 151, "firm"), "elsewhere": (0, 201, "firm"), "person": (0, 500, "person"),
             "currency": (50, 0, "firm")}  # fmt: skip
    loans: list[dict[str, Any]] = []
    for name, (here, _, debtor) in cases.items():
        of = {"borrower_id": name, "customer_id": f"P01:{name}", "debtor": debtor}
        loans += [{**of, "loan_id": f"{name}-late", "balance_minor": here, "days_past_due": 91}] if here else []
        loans.append({**of, "loan_id": f"{name}-rest", "balance_minor": 500 - here})
    loans.append({**FIRM, "loan_id": "untold-rest"})
    debts = [{"customer_id": f"P01:{name}", "debt_minor": 500, "overdue_90d_minor": there,
              "currency": "USD" if name == "currency" else "CNY"} for name, (_, there, _) in cases.items()]  # fmt: skip

    def rest(*sources: str) -> dict[str, tuple[str, list[str]]]:
        found = told(spark, loans, debt_elsewhere=debts, sources=sources)
        return {name.removesuffix("-rest"): row[1:] for name, row in found.items() if name.endswith("-rest")}

    expected = {
        "a fifth": ("CN5-SM-4", []), "more": ("CN5-SS-4", []), "elsewhere": ("CN5-SS-4", []), "person": ("none", []),
        "currency": ("CN5-SM-4", ["debtor_overdue_bp"]), "untold": ("none", []),
    }  # fmt: skip
    assert rest() == expected
    assert rest("debt_elsewhere") == {**expected, "untold": ("none", ["debtor_overdue_bp"])}


def drawn(draw: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A claim as a loan of the day, and what is remembered of it: none where it was performing."""
    days, months = draw.choice([0, 0, 0, 5, 91, 300]), draw.randint(4, 8)
    loan = {"days_past_due": days, "own_days_past_due": days, "balance_minor": draw.choice([0, 1, 10, 89, 90, 91]),
            "currency": draw.choice(["CNY", "CNY", "CNY", "USD"])}  # fmt: skip
    since = {"clear_since": months_after(D, -months), "clear_periods": draw.randint(1, 3)}
    memory = {"was_non_performing": True, "observed": False, "restructurings": 0, **since} if draw.random() < 0.3 else {}
    return loan, memory


def row_of(debtor: str | None, loan: dict[str, Any], memory: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a claim of which nothing else is known, and nothing is missing."""
    quiet = {name: {"boolean": False, "int": 0, "long": 0}.get(column.type) for name, column in INPUTS.items()}
    days = {name: loan[name] for name in ("days_past_due", "own_days_past_due")}
    months = months_between(memory["clear_since"], D) if memory else 0
    was = {"was_non_performing": True, "clear_months": months, "clear_periods": memory["clear_periods"]} if memory else {}
    return {**quiet, "judged": "normal", "repayment_gap": "none", "debtor": debtor, **days, **was}


def months_between(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)


def test_spark_tests_debts_as_a_plain_reading_does(spark: SparkSession) -> None:
    """Random debtors: each claim by itself, then all by what they come to."""
    draw, scheme = Random(3), SHIPPED["cn_five_class"]
    loans, states, expected = [], [], {}
    for number in range(400):
        debtor = draw.choice(["person", "firm", "firm", None])
        claims = {f"P01:{number}-{n}": drawn(draw) for n in range(draw.randint(1, 4))}
        rows = {loan_id: row_of(debtor, *claim) for loan_id, claim in claims.items()}
        bad = [claims[name][0]["balance_minor"] for name, row in rows.items() if scheme.alone.decide(row).word in NON_PERFORMING]
        total, one = sum(c["balance_minor"] for c, _ in claims.values()), len({c["currency"] for c, _ in claims.values()}) == 1
        share = (sum(bad) * 10_000 // total if total else 0) if one or not bad else None
        other = {"debtor_npl": bool(bad), "debtor_npl_bp": share} if debtor != "person" else {}
        expected |= {loan_id: scheme.decide({**row, **other}) for loan_id, row in rows.items()}
        loans += [{**CLEAN, **c, "loan_id": name, "debtor": debtor, "borrower_id": f"B{number}"} for name, (c, _) in claims.items()]
        states += [{**memory, "loan_id": name} for name, (_, memory) in claims.items() if memory]
    found = {row["loan_id"]: row for row in classed(spark, loans, observation=states).collect()}
    for loan_id, decision in expected.items():
        row = found[loan_id]
        assert (row["five_class"], row["floor"], tuple(row["missing"])) == (decision.word, decision.floor, decision.missing)
    assert {"CN5-X-1", "CN5-UP-1", "CN5-UP-2", "CN5-SM-4"} <= {decision.floor for decision in expected.values()}


def test_no_claim_on_a_merged_firm_goes_upwards_for_six_months(spark: SparkSession) -> None:
    """Art. 16: frozen against better classes, not against worse ones, and only while the signal is half a year old at most."""
    merged = {"today": D, "half a year": date(2024, 9, 2), "over": date(2024, 9, 1), "lifted": D}
    signals = [{"signal_id": name, "customer_id": f"P01:{name}", "kind": "merger", "published_on": on,
                "ended_on": D if name == "lifted" else None} for name, on in merged.items()]  # fmt: skip
    loans = [{**FIRM, "loan_id": name} for name in (*merged, "not merged")]
    before = [{"loan_id": f"P01:{loan['loan_id']}", "five_class": "doubtful"} for loan in loans]
    found = told(spark, loans, signal=signals, loan_class_before=before)
    assert {name: of[:2] for name, of in found.items()} == {
        "today": ("doubtful", "CN5-MA-3"), "half a year": ("doubtful", "CN5-MA-3"), "over": ("normal", "none"),
        "lifted": ("normal", "none"), "not merged": ("normal", "none"),
    }  # fmt: skip
    classes = {"special_mention": "MA-1", "substandard": "MA-2", "doubtful": "MA-3", "loss": "MA-4"}
    for word, floor in classes.items():
        row = SHIPPED["cn_five_class"].decide({**QUIET, **FIRM, "merging": True, "five_class_was": word})
        assert (row.word, row.floor) == (word, f"CN5-{floor}")
    worse = {**QUIET, **FIRM, "merging": True, "five_class_was": "special_mention", "days_past_due": 91}
    assert SHIPPED["cn_five_class"].decide(worse).floor == "CN5-SS-1"
    person = {**QUIET, "merging": True, "five_class_was": "doubtful"}
    assert SHIPPED["cn_five_class"].decide(person).floor == "none"
