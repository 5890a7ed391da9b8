"""Indicators of what was agreed, claimed and promised besides paying, per loan (domain.md 4 A, F, H)."""

from loanwatch.admit.contact_feeds import PROMISE
from loanwatch.admit.feeds import LOAN_EVENT
from loanwatch.derive.indicator import Indicator, Source
from loanwatch.derive.window import EVER

# Events belong to the contract: none told is none. Promises are the partner's; one that never sent any has a gap.
EVENT = Source("contract", LOAN_EVENT, whole=True)
PROMISED = Source("promise", PROMISE)
YEARS_OF_LIMITATION = 3  # Civil Code 188
MONTHS_OF_GUARANTEE = 6  # where none are agreed: Civil Code 692

_EASING = "kind in ('extension', 'restructuring', 're_age')"
_EASED, _EASED_YEAR = EVENT.count("eased", _EASING).over(EVER), EVENT.count("eased", _EASING).days(365)
_HOLIDAYS = EVENT.count("holiday", "kind = 'holiday'").days(365)
_LAST_EASED = EVENT.last("last_eased", _EASING).over(EVER)
_COMPENSATED = EVENT.last("compensated", "kind = 'compensation'").over(EVER)
_COMPENSATIONS = EVENT.count("compensations", "kind = 'compensation'").over(EVER)
_DEMANDED = EVENT.last("demanded", "kind in ('demand', 'lawsuit')").over(EVER)
_ACCELERATED = EVENT.last("accelerated", "kind = 'acceleration'").over(EVER)
_SUED = EVENT.count("sued", "kind = 'lawsuit'").over(EVER)
_SEIZED = EVENT.count("repossessed", "kind = 'repossession'").over(EVER)
_TECHNICAL = EVENT.count("technical_cause", "kind = 'technical'").days(365)

_DUE = f"least(matures_on, coalesce({_ACCELERATED.name}, matures_on))"
_SINCE_CLAIM = f"greatest({_DEMANDED.name}, {_DUE})"
_BY_LAW = f"case when guaranteed_by_law then add_months({_DUE}, {MONTHS_OF_GUARANTEE}) end"

INDICATORS = (
    Indicator("times_eased", "count", _EASED.name, "Extensions, restructurings and re-agings so far.",
              "domain.md 4 A, RPY_EXTENSION", of=(_EASED,), at_least=0),
    Indicator("times_eased_12m", "count", _EASED_YEAR.name, "Extensions, restructurings and re-agings within a year.",
              "domain.md 4 A, RPY_EXTENSION", of=(_EASED_YEAR,), at_least=0),
    Indicator("holidays_12m", "count", _HOLIDAYS.name, "Payment holidays within a year.", "domain.md 4 A, RPY_EXTENSION",
              of=(_HOLIDAYS,), at_least=0),
    Indicator("days_since_eased", "days", f"datediff({{as_of}}, {_LAST_EASED.name})",
              "Days since terms were last eased; not applicable where they never were.", "domain.md 4 A, RPY_PROBATION_BREACH",
              of=(_LAST_EASED,), at_least=0),
    Indicator("probation_days_past_due", "days",
              f"case when datediff({{as_of}}, {_LAST_EASED.name}) <= 730 then days_past_due end",
              "Days past due within two years after terms were eased; else not applicable.",
              "domain.md 4 A, RPY_PROBATION_BREACH", of=(_LAST_EASED,), sources=("repayment", "schedule"), at_least=0),
    Indicator("technical_causes_12m", "count", _TECHNICAL.name, "Technical causes recorded within a year.", "domain.md 1.1",
              of=(_TECHNICAL,), at_least=0),
    Indicator("compensations", "count", _COMPENSATIONS.name, "Times that somebody compensated for it.",
              "domain.md 4 H, PT_COMP_AGE", of=(_COMPENSATIONS,), at_least=0),
    Indicator("days_since_compensated", "days", f"datediff({{as_of}}, {_COMPENSATED.name})",
              "Days since somebody last compensated for it; not applicable where nobody did.", "domain.md 4 H, PT_COMP_AGE",
              of=(_COMPENSATED,), at_least=0),
    Indicator("days_since_demand", "days", f"datediff({{as_of}}, {_DEMANDED.name})",
              "Days since payment was last demanded or sued for; not applicable where it never was.",
              "domain.md 4 F, COL_LIMITATION", of=(_DEMANDED,), at_least=0),
    Indicator("undemanded_days_past_due", "days",
              f"case when {_DEMANDED.name} >= unpaid_since then 0 else days_past_due end",
              "Days past due without any demand since they began; 0 = one was made.", "domain.md 4 F, COL_LIMITATION",
              of=(_DEMANDED,), sources=("repayment", "schedule"), at_least=0),
    Indicator("limitation_in_days", "days",
              f"datediff(add_months({_SINCE_CLAIM}, {12 * YEARS_OF_LIMITATION}), {{as_of}})",
              "Days until the claim is statute-barred: three years from the last due date or acceleration, again from each demand "
              "or suit.", "domain.md 4 F, COL_LIMITATION; Civil Code 188, 189, 195", of=(_DEMANDED, _ACCELERATED)),
    Indicator("guarantee_ends_in_days", "days", f"datediff(least(guaranteed_until, {_BY_LAW}), {{as_of}})",
              "Days left to call upon the first guarantor who was not called upon yet: as agreed, else six months from the last "
              "due date or acceleration; not applicable without one.", "domain.md 4 F, GUAR_PERIOD; Civil Code 692",
              of=(_ACCELERATED,), sources=("guarantee",)),
    Indicator("lawsuits", "count", _SUED.name, "Lawsuits filed for it.", "domain.md 4 F, COL_TITLE", of=(_SUED,), at_least=0),
    Indicator("repossessed", "flag", f"{_SEIZED.name} > 0", "Collateral was taken.", "domain.md 4 F, COL_SEIZED", of=(_SEIZED,)),
    Indicator("broken_promises_60d", "count", "coalesce(broken_promises, 0)",
              "Promises due in the last 60 days that less was paid for than promised.", "domain.md 4 A, RPY_BROKEN_PTP",
              sources=("promise", "repayment"), at_least=0),
    Indicator("kept_promises_60d", "count", "coalesce(kept_promises, 0)", "Promises due in the last 60 days that were kept.",
              "domain.md 4 A, RPY_BROKEN_PTP", sources=("promise", "repayment"), at_least=0),
)  # fmt: skip
