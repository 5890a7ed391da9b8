"""One missing source makes exactly the indicators that rest on it unknown, and changes no other.

A subject of which all is known, and the same once for each source without it; what depends on the source without saying so
would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from derive.borrowers import OCCASIONAL, D, Rows, did, loan
from derive.borrowers import performed as of_borrowers
from derive.reference import Told
from derive.test_loan_indicator import performed as of_loans
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE
from loanwatch.derive.asset_indicator import asset_indicator
from loanwatch.derive.behaviour import SOURCES
from loanwatch.derive.collateral import ASSET_INDICATORS
from loanwatch.derive.tables import BORROWER_INDICATORS, LOAN_INDICATORS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from loanwatch.derive.indicator import Indicator

FULL = "full"
BEHAVIOUR = tuple(source.name for source in SOURCES)
Row = dict[str, Any]


def only_its_own(found: Mapping[str, Told], declared: Iterable[Indicator], gaps: Mapping[str, tuple[str, ...]]) -> None:
    """`gaps`: by subject, the sources that it lacks."""
    full = found[FULL]
    for name, lacking in gaps.items():
        row = found[name]
        assert {gap for gap in row if gap.endswith("_gap") and row[gap] != "none"} == {f"{source}_gap" for source in lacking}, name
        for one in declared:
            unknown = any(f"{source}_gap" in one.gap_columns for source in lacking)
            assert row[one.name] == (None if unknown else full[one.name]), (name, one.name)


KNOWN: Row = {
    "partner_id": "P01", "days_past_due": 20, "own_days_past_due": 40, "unpaid_since": D - timedelta(20), "paid_minor": 0,
    "own_paid_minor": 5, "balance_minor": 1000, "arrears_minor": 50, "missed_instalments": 1, "prepaid_minor": 3,
    "due_30d_minor": 60, "next_due_minor": 70, "next_due_on": D + timedelta(9), "opened_on": D - timedelta(300),
    "matures_on": D - timedelta(2),
}  # fmt: skip
WITHOUT_PAYMENTS: Row = {
    "days_past_due": 90, "own_days_past_due": 91, "own_paid_minor": 1, "unpaid_since": D - timedelta(90), "paid_minor": 9,
    "balance_minor": 7, "arrears_minor": 6, "missed_instalments": 3, "prepaid_minor": 0, "repayment_gap": "late",
}  # fmt: skip
OF_SCHEDULE = (
    "days_past_due", "own_days_past_due", "unpaid_since", "arrears_minor", "missed_instalments", "prepaid_minor", "due_30d_minor",
    "next_due_minor", "next_due_on",
)  # fmt: skip
LOANS: dict[str, Row] = {
    FULL: {}, "repayment": WITHOUT_PAYMENTS, "schedule": dict.fromkeys(OF_SCHEDULE), "valuation": {}, "refinanced": {},
    "registration": {}, "appraisal": {},
    "promise": {"partner_id": "P02"}, "guarantee": {"partner_id": "P03"},
    "history": {}, "payer": {"own_days_past_due": None, "own_paid_minor": None},
}  # fmt: skip


def test_of_loans(spark: SparkSession) -> None:
    """Each named as what it lacks."""
    cover = {"lien_rank": 2, "valuation_age_days": 8, "uncounted_liens": 0}
    known = {"ltv_bp": 7000, "value_change_bp": -5, "shortfall_minor": 0, "prior_minor": 5, "cover_minor": 50,
             "shortfall_probability_bp": 3, "prudent_shortfall_minor": 0}  # fmt: skip
    found = of_loans(
        spark, [{"loan_id": name, **KNOWN, **changed} for name, changed in LOANS.items()],
        [{"loan_id": name, **cover, **({"unknown_because": "x"} if name == "valuation" else known),
          "registered_until": None if name == "registration" else D,
          **({"valuation_age_days": None, "value_change_bp": None} if name == "appraisal" else {})} for name in LOANS],
        [row for name in LOANS if name != "repayment" for row in _payments(name)],
        [{"loan_id": name, "own_statuses": "#1N21N1N" if name == "history" else "1N21N1N"} for name in LOANS],
        roll_over=[{"loan_id": name, "replaced_loans": 1, "regulatory_days_past_due": None if name == "refinanced" else 77}
                   for name in LOANS],
        charge=[{"loan_id": name, "charge_id": name, "charged_on": D, "kind": "late_fee", "amount_minor": 9} for name in LOANS],
        loan_event=[{"loan_id": name, "event_id": f"{name}-{kind}", "kind": kind, "happened_on": D - timedelta(100)}
                    for name in LOANS for kind in ("extension", "compensation", "demand", "acceleration")],
        promise=[{"loan_id": name, "promise_id": name, "promised_on": D - timedelta(9), "due_on": D - timedelta(3)}
                 for name in LOANS if name != "promise"],
        guarantee=[{"loan_id": name, "guarantee_id": "1", "active": True} for name in LOANS if name != "guarantee"],
    )  # fmt: skip
    rows = {row["loan_id"]: row.asDict() for row in found.collect()}
    assert [one.name for one in LOAN_INDICATORS if rows[FULL][one.name] is None] == []
    only_its_own(rows, LOAN_INDICATORS, {name: () if name == FULL else (name,) for name in LOANS})


def _payments(name: str) -> list[Row]:
    return [
        {"loan_id": name, "repayment_id": f"{name}-{ago}-{payer}", "paid_on": D - timedelta(ago), "paid_minor": 4,
         "channel": channel, "payer": None if name == "payer" else payer, "funder_minor": 3, "partner_minor": 1}
        for ago, channel in ((5, "wallet"), (80, "debit")) for payer in ("borrower", "partner")
    ]  # fmt: skip


PARTNERS = {"no_contact": "P02", "no_attempt": "P03", "no_statement": "P04", "absent": "NEVER", "late": "LATE"}
NOT_SENT = {"P02": "contact", "P03": "contact_attempt", "P04": "statement"}
BORROWERS: dict[str, tuple[str, ...]] = {
    FULL: (), "no_contact": ("contact",), "no_attempt": ("attempt",), "no_statement": ("statement",), "no_consent": BEHAVIOUR,
    "absent": BEHAVIOUR, "late": BEHAVIOUR, "no_repayment": ("repayment",), "no_schedule": ("schedule",), "no_payer": ("payer",),
    "no_history": ("history",),
}  # fmt: skip
AT = {name: PARTNERS.get(name, "P01") for name in BORROWERS}
CUSTOMERS = {name: f"{partner}:{name}" for name, partner in AT.items()}


def test_of_borrowers(spark: SparkSession) -> None:
    """Each at a partner that does not send something; without consent and without behaviour all of it is missing."""
    found = _borrowers(spark, ("signal",), _signals())
    unlike = {one.name for one in BORROWER_INDICATORS if found[FULL][one.name] is None}
    assert all(name.endswith("_vs_peers_bp") for name in unlike), unlike
    declared = [one for one in BORROWER_INDICATORS if not _clock_of_others(one)]
    only_its_own(found, declared, BORROWERS)
    without = _borrowers(spark, (), ())
    only_its_own({FULL: found[FULL], "no_signal": without[FULL]}, declared, {"no_signal": ("signal",)})


def _borrowers(spark: SparkSession, bureau: tuple[str, ...], signals: Rows) -> dict[str, Row]:
    occasional = [feed for feed in OCCASIONAL if feed != "signal"]
    sent = {name: [*bureau, *(feed for feed in occasional if NOT_SENT.get(name) != feed)] for name in set(AT.values())}
    consents = [{"customer_id": CUSTOMERS[name], "purpose": "monitoring", "given": name != "no_consent"} for name in BORROWERS]
    of_each = [
        {"loan_id": CUSTOMERS[name], "history_gap": "late" if name == "no_history" else "none", "late_months_24m": 2,
         "worst_status_60m": 3, "times_eased_12m": 1, "compensations": 1} for name in BORROWERS
    ]  # fmt: skip
    classes = [{"loan_id": CUSTOMERS[name], "five_class": "loss"} for name in BORROWERS]
    return of_borrowers(
        spark, [_loan(name) for name in BORROWERS], _behaviour(), consents, of_each, classes, sent=sent, signal=signals,
        contact=[{"customer_id": CUSTOMERS[name], "phone": name, "relation": "self"} for name in BORROWERS if name != "no_contact"],
        contact_attempt=[{"customer_id": CUSTOMERS[name], "attempt_id": name, "attempted_on": D, "channel": "call",
                          "outcome": "right_party"} for name in BORROWERS if name != "no_attempt"],
        statement=[{"customer_id": CUSTOMERS[name], "period_ends_on": D.replace(year=year), "months": 12} for name in BORROWERS
                   if name != "no_statement" for year in (2023, 2024)],
    )  # fmt: skip


def _loan(name: str) -> Row:
    unknown = {"no_schedule": ("days_past_due", "own_days_past_due", "due_30d_minor", "next_due_minor"),
               "no_payer": ("own_days_past_due", "own_paid_minor")}.get(name, ())  # fmt: skip
    known = loan(name, AT[name], own_days_past_due=40, product="business", balance_minor=100, principal_minor=80, due_30d_minor=20,
                 next_due_minor=30, repayment_gap="absent" if name == "no_repayment" else "none")  # fmt: skip
    return {**known, **dict.fromkeys(unknown)}


def _behaviour() -> Rows:
    kinds = ("spend", "inflow", "salary", "outflow", "login", "social", "inquiry", "bounce")
    told = [name for name in BORROWERS if name not in ("no_consent", "absent")]
    return [did(name, kind, ago, 5 + ago, AT[name]) for name in told for kind in kinds for ago in (3, 100, 140, 200)]


def _signals() -> Rows:
    return [{"signal_id": name, "customer_id": CUSTOMERS[name], "kind": "bureau_overdue", "amount_minor": 7} for name in BORROWERS]


def _clock_of_others(one: Indicator) -> bool:
    """Whether it counts other borrowers by what is known of them."""
    return one.name.startswith("delinquent_") and not one.name.endswith(("_loans", "_bp"))


def test_of_assets(spark: SparkSession) -> None:
    values: dict[str, Row] = {FULL: {}, "valuation": {"value_minor": None}, "prior": {}, "schedule": {}, "asset_event": {},
                              "insurance": {}, "appraisal": {"valuation_age_days": None, "recorded_minor": None}}  # fmt: skip
    worth = {"kind": "vehicle", "currency": "CNY",
             "recorded_minor": 90, "value_minor": 80, "valuation_age_days": 4, "fsd_bp": 7, "apart_bp": 8}
    found = asset_indicator(
        frame(spark, LOAN_DAY, [{"loan_id": name, "currency": "CNY", "days_past_due": None if name == "schedule" else 99}
                                for name in values]),
        frame(spark, ASSET_VALUE, [{"asset_id": name, **worth, **changed} for name, changed in values.items()]),
        frame(spark, ALLOCATION, [{"loan_id": name, "asset_id": name, "lien_rank": 2, "beside_minor": 0,
                                   "before_minor": None if name == "prior" else 10} for name in values]),
        frame(spark, feeds.PLEDGE, [{"loan_id": name, "asset_id": name, "lien_rank": 2} for name in values]),
        frame(spark, feeds.ASSET, [{"asset_id": name, "locator": name, "built_year": 2000, "vin_wrong": True} for name in values]),
        frame(spark, feeds.VALUATION, [{"asset_id": name, "valuation_id": str(n), "value_minor": 90 - n, "currency": "CNY"}
                                       for name in values for n in range(2)]),
        frame(spark, feeds.ASSET_EVENT, [{"asset_id": name, "event_id": "1", "kind": "insurance", "happened_on": D, "until_on": D,
                                          "insured_minor": 5} for name in values if name != "insurance"]),
        frame(spark, DELIVERY, [{"feed": "asset_event", "sender": name} for name in values if name != "asset_event"]),
        D,
    )  # fmt: skip
    rows = {row["asset_id"]: row.asDict() for row in found.collect()}
    assert [one.name for one in ASSET_INDICATORS if rows[FULL][one.name] is None] == []
    only_its_own(rows, ASSET_INDICATORS, {name: () if name == FULL else (name,) for name in values})
