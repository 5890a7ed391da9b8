"""Indicators of cash flow, consumption, activity and inquiries, per borrower (domain.md 4 B-D).

All rest on consent to monitoring. `kept` indicators compare the last 31 days with the mean of the two
times 31 days before: 10000 = as before. Of 31 days, because each holds a monthly payday at least once.
"""

from loanwatch.admit.feeds import BEHAVIOUR
from loanwatch.derive.indicator import Indicator, Source

MONTH = 31

ACTIVITY = Source("activity", BEHAVIOUR, history_days=3 * MONTH, consent="monitoring")
INCIDENT = Source("incident", BEHAVIOUR, history_days=30, consent="monitoring")


def _kept(name: str, column: str, doc: str, source_of: str, *kinds: str) -> Indicator:
    where = f"kind in ({', '.join(repr(kind) for kind in kinds)})"
    now = ACTIVITY.sum(f"{kinds[0]}_now", column, days=MONTH, where=where)
    before = ACTIVITY.sum(f"{kinds[0]}_before", column, days=2 * MONTH, before=MONTH, where=where)
    return Indicator(name, "bp", f"20000 * {now.name} div nullif({before.name}, 0)", doc, source_of, of=(now, before))


def _times(name: str, kind: str, days: int, doc: str, source_of: str) -> Indicator:
    times = INCIDENT.sum(f"{kind}_times_{days}d", "times", days=days, where=f"kind = '{kind}'")
    return Indicator(name, "count", times.name, doc, source_of, of=(times,))


_INFLOW = INCIDENT.sum("inflow_30d", "amount_minor", days=30, where="kind in ('inflow', 'salary')")
_OUTFLOW = INCIDENT.sum("outflow_30d", "amount_minor", days=30, where="kind = 'outflow'")
_LOGIN = ACTIVITY.days_since_last("last_login", where="kind = 'login'")

INDICATORS = (
    _kept("spend_kept_bp", "amount_minor", "Spending kept.", "domain.md 4 B, CON_DROP", "spend"),
    _kept("inflow_kept_bp", "amount_minor", "Money received kept, salary included.", "domain.md 4 B, CF_TURNOVER_1M6M",
          "inflow", "salary"),
    _kept("salary_kept_bp", "amount_minor", "Salary kept.", "domain.md 4 B, CF_PAYROLL", "salary"),
    _kept("login_kept_bp", "times", "Logins kept.", "domain.md 4 D, DEV_INACTIVE", "login"),
    _kept("social_kept_bp", "times", "Social activity kept.", "domain.md 4 D, SOC_DROP", "social"),
    _times("inquiries_7d", "inquiry", 7, "Credit inquiries by other lenders in 7 days.", "domain.md 4 C, ML_ORG_7D"),
    _times("inquiries_30d", "inquiry", 30, "Credit inquiries by other lenders in 30 days.", "domain.md 4 C, ML_ORG_30D"),
    _times("bounces_30d", "bounce", 30, "Failed debits in 30 days.", "domain.md 4 A, RPY_BOUNCE"),
    _times("device_changes_30d", "device_change", 30, "New devices in 30 days.", "domain.md 4 D, DEV_CHANGES"),
    _times("address_changes_30d", "address_change", 30, "New addresses in 30 days.", "domain.md 4 D, CT_CHURN"),
    Indicator("outflow_share_30d_bp", "bp", "10000 * outflow_30d div nullif(inflow_30d, 0)",
              "Money sent over money received, 30 days.", "domain.md 4 B, CF_LARGE_OUT", of=(_OUTFLOW, _INFLOW)),
    Indicator("instalment_share_30d_bp", "bp", "10000 * due_30d_minor div nullif(inflow_30d, 0)",
              "Instalments of all its loans over money received, 30 days.", "domain.md 4 B, CF_DSR", of=(_INFLOW,),
              sources=("schedule",)),
    Indicator("days_since_login", "days", f"coalesce(last_login, {3 * MONTH})",
              "Days since the last login; 93 = or longer, or never.", "domain.md 4 D, DEV_INACTIVE", of=(_LOGIN,)),
)  # fmt: skip
