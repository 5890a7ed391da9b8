"""Indicators of cash flow and consumption, per borrower (domain.md 4 B)."""

from loanwatch.derive.behaviour import HALF_YEAR, QUARTER, YEAR, a_day, amount, kept, last, often, times
from loanwatch.derive.indicator import Indicator, share
from loanwatch.derive.window import RECENT_DAYS, Window

SPEND, INFLOW = amount("spend", "spend"), amount("inflow", "inflow", "salary")
SALARY, OUTFLOW = amount("salary", "salary"), amount("outflow", "outflow")
BOUNCE = times("bounce")

# What peers have in common, season and holidays among it, is no signal about one of them.
KEPT = (
    kept(SPEND, "Spending kept.", "domain.md 4 B, CON_DROP"),
    kept(INFLOW, "Money received kept, salary included.", "domain.md 4 B, CF_TURNOVER_1M6M"),
    kept(SALARY, "Salary kept.", "domain.md 4 B, CF_PAYROLL"),
    kept(OUTFLOW, "Money sent, against before.", "domain.md 4 B, CF_LARGE_OUT"),
)
_INFLOW_30D, _OUTFLOW_30D, _SPEND_30D = (series.days(30) for series in (INFLOW, OUTFLOW, SPEND))
_THREE, _SIX = Window(months=3, closed=True), Window(months=6, closed=True)
_IN_3M, _IN_6M, _IN_NOW = (INFLOW.of(HALF_YEAR).over(window) for window in (_THREE, _SIX, Window(days=RECENT_DAYS)))
_SPENT_3M, _SPENT_6M = (SPEND.of(HALF_YEAR).over(window) for window in (_THREE, _SIX))
_IN_3M_TO_DATE, _OUT_3M_TO_DATE = (series.of(QUARTER).over(Window(months=3)) for series in (INFLOW, OUTFLOW))
_BOUNCED_3M, _BOUNCED_12M = BOUNCE.of(QUARTER).over(Window(months=3)), BOUNCE.of(YEAR).over(Window(months=12))
_LAST_SALARY, _LAST_INFLOW = (last(kind).of(QUARTER).over(Window(months=12)) for kind in ("salary", "inflow"))

INDICATORS = (
    *KEPT,
    a_day("inflow_3m_to_6m_bp", _IN_3M, _IN_6M,
          "Money received a day in three months over six, whole months that closed before the last 31 days.",
          "domain.md 4 B, CF_TURNOVER_3M6M"),
    a_day("inflow_1m_to_6m_bp", _IN_NOW, _IN_6M, "Money received a day in the last 31 days over the six months before.",
          "domain.md 4 B, CF_TURNOVER_1M6M"),
    a_day("spend_3m_to_6m_bp", _SPENT_3M, _SPENT_6M,
          "Spending a day in three months over six, whole months that closed before the last 31 days.",
          "domain.md 4 B, CON_DROP"),
    share("outflow_share_30d_bp", _OUTFLOW_30D.name, _INFLOW_30D.name, "Money sent over money received, 30 days.",
          "domain.md 4 B, CF_LARGE_OUT", of=(_OUTFLOW_30D, _INFLOW_30D), at_least=0),
    share("outflow_share_3m_bp", _OUT_3M_TO_DATE.name, _IN_3M_TO_DATE.name,
          "Money sent over money received, this month and three before.", "domain.md 4 B, CF_LARGE_OUT",
          of=(_OUT_3M_TO_DATE, _IN_3M_TO_DATE), at_least=0),
    share("instalment_share_30d_bp", "due_30d_minor", _INFLOW_30D.name,
          "Instalments of all its loans over money received, 30 days.", "domain.md 4 B, CF_DSR", "schedule", of=(_INFLOW_30D,),
          at_least=0),
    share("spend_share_30d_bp", _SPEND_30D.name, _INFLOW_30D.name, "Spending over money received, 30 days.",
          "domain.md 4 B, CON_SPIKE", of=(_SPEND_30D, _INFLOW_30D), at_least=0),
    share("inflow_cover_bp", f"{_INFLOW_30D.name} - {_OUTFLOW_30D.name} - {_SPEND_30D.name}", "next_due_minor",
          "What was left of the money of 30 days over the next instalments of all its loans.", "domain.md 4 B, CF_BAL_COVER",
          "schedule", of=(_INFLOW_30D, _OUTFLOW_30D, _SPEND_30D)),
    Indicator("days_since_salary", "days", f"datediff({{as_of}}, {_LAST_SALARY.name})",
              "Days since the last salary; not applicable without any in this month and twelve before.",
              "domain.md 4 B, CF_PAYROLL", of=(_LAST_SALARY,), at_least=0),
    Indicator("days_since_inflow", "days", f"datediff({{as_of}}, greatest({_LAST_INFLOW.name}, {_LAST_SALARY.name}))",
              "Days since money was last received; not applicable without any in this month and twelve before.",
              "domain.md 4 B, CF_PAYROLL", of=(_LAST_INFLOW, _LAST_SALARY), at_least=0),
    often("bounces_30d", BOUNCE, 30, "Failed debits in 30 days.", "domain.md 4 A, RPY_BOUNCE"),
    Indicator("bounces_3m", "count", _BOUNCED_3M.name, "Failed debits, this month and three before.", "domain.md 4 A, RPY_BOUNCE",
              of=(_BOUNCED_3M,), at_least=0),
    Indicator("bounces_12m", "count", _BOUNCED_12M.name, "Failed debits, this month and twelve before.",
              "domain.md 4 A, RPY_BOUNCE", of=(_BOUNCED_12M,), at_least=0),
)  # fmt: skip
