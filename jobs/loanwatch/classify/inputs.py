"""What the floors of schemes may read: one row of named, typed inputs per loan. Null = not known, which is never fine."""

from collections.abc import Mapping

from loanwatch import codes
from loanwatch.classify.class_columns import SCHEMES
from loanwatch.columns import DAYS_PAST_DUE, OWN_DAYS_PAST_DUE, Column, basis_points, coded, count


def _flag(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "boolean", doc, required=required)


# As `balance.loan_day` has them.
OF_DAY = ("days_past_due", "own_days_past_due", "material_days_past_due", "technical", "repayment_gap", "debtor")
OF_LOAN = (
    DAYS_PAST_DUE,
    OWN_DAYS_PAST_DUE,
    count("material_days_past_due", "Days in a row on which arrears were material; null = no threshold is set.", required=False),
    count("regulatory_days_past_due", "Days past due that go on through the loans it repaid; 0 = it repaid none.", required=False),
    _flag("technical", "A recorded technical cause excuses the arrears."),
    coded("repayment_gap", codes.GAPS, "What is missing of the partner's repayments."),
    coded("debtor", codes.DEBTORS, "Whether the debtor is a person or a firm.", required=False),
    _flag("rolled_over", "It repaid another loan, by its contract; null = it followed one, and no contract says so."),
    _flag("misused", "Its funds were used otherwise than agreed.", required=True),
    coded("judged", codes.CLASSES, "The class that two people judged it to have; normal = they did not."),
    _flag("was_non_performing", "It was substandard or worse in the parent release.", required=True),
    count("clear_months", "Whole months in which nothing was past due, of those that the nights remember."),
    count("clear_periods", "Due dates in them."),
    _flag("enhanced", "Guarantees that the regulator recognises as credit enhancement cover all that it owes."),
    _flag("observed", "It is restructured, and its observation has not ended.", required=True),
    count("restructurings", "Changes of the contract in financial difficulty since its observation began."),
    _flag("measured", "Its contract was changed in financial difficulty since the parent release.", required=True),
    _flag("measured_in_year", "Its contract was changed in financial difficulty in the last twelve months.", required=True),
    _flag("liquidated", "The debtor is in liquidation."),
    _flag("evades", "The debtor evades debts to lenders."),
    _flag("merging", "The debtor merged with another firm, or was taken over, in the last six months."),
    _flag("downgraded", "An external rating of the debtor was cut sharply."),
    _flag("adverse_elsewhere", "Another lender has the debtor in an adverse class."),
    _flag("credit_impaired", "Credit-impaired in our accounts: stage 3."),
    basis_points("pd_rise_bp", "By how much its chance of default has risen since it was first booked; 0 = not.", at_least=0),
    basis_points("pd_ratio_bp", "That chance over what it was; 0 = it has not risen.", at_least=0),
    basis_points("allowance_bp", "Of a credit-impaired loan, expected credit loss over gross amount.", at_least=0),
)
# What a debtor's claims at this lender come to, by the floors that read none of these. Null = claims in several currencies.
OF_DEBTOR = (
    _flag("debtor_npl", "Another of the debtor's claims here is substandard or worse."),
    basis_points("debtor_npl_bp", "Share of the debtor's claims here that are substandard or worse.", at_least=0),
    basis_points("debtor_default_bp", "Share of the debtor's claims here in default; 0 = nobody asks.", at_least=0),
    basis_points("debtor_overdue_bp", "Share of its debts here and elsewhere that is past due for more than 90 days.", at_least=0),
)
# What the scheme gave in the parent release, and since when it would give a better class.
OF_PAST = tuple(column for of in SCHEMES.values() for column in of.remembered)
INPUTS: Mapping[str, Column] = {column.name: column for column in (*OF_LOAN, *OF_DEBTOR, *OF_PAST)}
# Kinds of signals that stand against a debtor, and the feeds of inputs that not every institution has: of one that never came
# these are unknown where the tenant's classes rest on it (business.class_sources).
SIGNALS: Mapping[str, str] = {
    "liquidated": "court_liquidation",
    "evades": "debt_evasion",
    "merging": "merger",
    "downgraded": "rating_cut",
    "adverse_elsewhere": "bureau_adverse",
}
MEASURED = ("measured", "measured_in_year")
RISES = ("pd_rise_bp", "pd_ratio_bp")
MERGING_MONTHS = 6
SOURCES: Mapping[str, str] = {
    **dict.fromkeys(SIGNALS, "signal"),
    **dict.fromkeys(("credit_impaired", "allowance_bp"), "impairment"),
    **dict.fromkeys(RISES, "default_probability"),
    "debtor_overdue_bp": "debt_elsewhere",
}
