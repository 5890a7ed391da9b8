"""Indicators of how past months went, per loan: read off `own_statuses` of `balance.loan_month` (domain.md 4 A)."""

from loanwatch.balance.tables import LATE
from loanwatch.derive.indicator import Indicator

_DOC = "of the month-ends on the book, as far as known"


def _late(months: int, statuses: str = "own_statuses") -> str:
    """How many of the last month-ends were past due."""
    newest = f"substring({statuses}, 1, {months})"
    return f"length({newest}) - length(translate({newest}, '{LATE}', ''))"


def _worst(months: int, statuses: str = "own_statuses") -> str:
    """The highest status of the last month-ends; 0 = none past due."""
    newest = f"substring({statuses}, 1, {months})"
    cases = [f"when instr({newest}, '{status}') > 0 then {status}" for status in reversed(LATE)]
    return f"case {' '.join(cases)} else 0 end"


def _at(month: int) -> str:
    """The status of one month-end as a number; null where it is not known."""
    return f"int(nullif(nullif(translate(substring(own_statuses, {month}, 1), 'N', '0'), '#'), ''))"


def _indicator(name: str, formula: str, doc: str, source_of: str) -> Indicator:
    return Indicator(name, "count", formula, doc, f"domain.md 4 A, {source_of}", sources=("history",), at_least=0)


INDICATORS = (
    _indicator("late_months_3m", _late(3), f"Of the last 3 {_DOC}, how many past due.", "RPY_MISS_24M"),
    _indicator("late_months_6m", _late(6), f"Of the last 6 {_DOC}, how many past due.", "RPY_MISS_24M"),
    _indicator("late_months_12m", _late(12), f"Of the last 12 {_DOC}, how many past due.", "RPY_MISS_24M"),
    _indicator("late_months_24m", _late(24), f"Of the last 24 {_DOC}, how many past due.", "RPY_MISS_24M"),
    _indicator("worst_status_3m", _worst(3), "Worst status of the last 3 month-ends: 1 = 1-30 days past due.", "RPY_RUN3_5Y"),
    _indicator("worst_status_12m", _worst(12), "Worst status of the last 12 month-ends.", "RPY_RUN3_5Y"),
    _indicator("worst_status_60m", _worst(60), "Worst status of the last 60 month-ends.", "RPY_RUN3_5Y"),
    _indicator("status_1m_ago", _at(1), "Status of the last month-end: 0 = nothing past due.", "RPY_CONSEC_MISS"),
    _indicator("status_2m_ago", _at(2), "Status of the month-end before the last.", "RPY_CONSEC_MISS"),
    _indicator("status_3m_ago", _at(3), "Status of the third month-end back.", "RPY_CONSEC_MISS"),
    _indicator("late_streak", f"length(own_statuses) - length(trim(leading '{LATE}' from own_statuses))",
               "Month-ends in a row past due, up to the last.", "RPY_CONSEC_MISS"),
    _indicator("clean_streak", "length(own_statuses) - length(trim(leading 'N' from own_statuses))",
               "Month-ends in a row with nothing past due, up to the last.", "RPY_CONSEC_MISS"),
    Indicator("months_known", "count", "length(translate(own_statuses, '#', ''))", "Month-ends of which the status is known.",
              "the book", at_least=0),
)  # fmt: skip
