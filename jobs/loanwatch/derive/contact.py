"""Indicators of whether borrowers can be reached, by their own numbers and the record of attempts (domain.md 4 D).

Other people's numbers serve to reach and for nothing else: they are in none of these.
"""

from loanwatch.admit.contact_feeds import CONTACT_ATTEMPT
from loanwatch.derive.indicator import Indicator, Source
from loanwatch.derive.window import EVER, Window

ATTEMPTED = Source("attempt", CONTACT_ATTEMPT)
QUARTER = Window(days=90)
UNANSWERED = ("no_answer", "invalid")

_REACHED = ATTEMPTED.last("reached", "outcome = 'right_party'").over(EVER)
_TRIED = ATTEMPTED.last("tried", "channel in ('call', 'visit')").over(QUARTER)
_FIRST_TRIED = ATTEMPTED.first("first_tried", "channel in ('call', 'visit')").over(EVER)
_ATTEMPTS = ATTEMPTED.count("attempts", "true").days(30)
_CALLS = ATTEMPTED.count("calls", "channel in ('call', 'visit')").days(30)
_REFUSED = ATTEMPTED.count("refusals", "outcome = 'refused'").days(90)
_INVALID = ATTEMPTED.count("invalid", "outcome = 'invalid'").days(30)

INDICATORS = (
    Indicator("attempts_30d", "count", _ATTEMPTS.name, "Attempts to reach the borrower in 30 days.",
              "domain.md 4 D, CT_FAIL_STREAK", of=(_ATTEMPTS,), at_least=0),
    Indicator("calls_30d", "count", _CALLS.name, "Calls and visits in 30 days: the legal cap binds.", "domain.md 1.7",
              of=(_CALLS,), at_least=0),
    Indicator("days_since_reached", "days",
              f"case when {_TRIED.name} is not null then datediff({{as_of}}, coalesce({_REACHED.name}, {_FIRST_TRIED.name})) end",
              "Days since the borrower was last reached, or, if it never was, since the first call or visit; not applicable "
              "where nobody called in 90 days.", "domain.md 4 D, CT_NO_RPC", of=(_REACHED, _TRIED, _FIRST_TRIED), at_least=0),
    Indicator("unanswered_streak", "count", "coalesce(unanswered_streak, 0)",
              "Calls and visits in a row without an answer, up to the last, within 90 days.", "domain.md 4 D, CT_FAIL_STREAK",
              sources=("attempt",), at_least=0),
    Indicator("invalid_attempts_30d", "count", _INVALID.name, "Attempts at a number or address that is not valid, 30 days.",
              "domain.md 4 D, CT_NUM_INVALID", of=(_INVALID,), at_least=0),
    Indicator("refusals_90d", "count", _REFUSED.name, "Others who were reached and refuse further contact, 90 days.",
              "domain.md 4 D, CT_REFUSED", of=(_REFUSED,), at_least=0),
    Indicator("own_numbers", "count", "own_numbers", "Numbers of its own that may be used.", "domain.md 4 D, CT_NUM_INVALID",
              sources=("contact",), at_least=0),
    Indicator("dead_numbers", "count", "dead_numbers", "Numbers of its own that the carrier calls suspended or out of service.",
              "domain.md 4 D, CT_NUM_INVALID", sources=("contact",), at_least=0),
    Indicator("all_numbers_dead", "flag", "own_numbers > 0 and dead_numbers = own_numbers",
              "It states numbers of its own, none in service.", "domain.md 4 D, CT_LOST", sources=("contact",)),
    Indicator("number_changes_90d", "count", "number_changes_90d", "Own numbers told or changed in 90 days.",
              "domain.md 4 D, CT_CHURN", sources=("contact",), at_least=0),
    Indicator("sharing_own_number", "count", "sharing_own_number", "Other borrowers who state the same number as their own.",
              "domain.md 4 D, CT_SHARED", sources=("contact",), at_least=0),
    Indicator("delinquent_sharing_own_number", "count", "delinquent_sharing_own_number",
              "Other borrowers who state the same number and are known to be more than 30 days past due.",
              "domain.md 4 D, CT_SHARED", sources=("contact",), at_least=0),
)  # fmt: skip
