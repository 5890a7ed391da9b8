"""The plain values that steps may need, from the configuration of the attempt."""

from typing import Any

from loanwatch.calendars import closed_days
from loanwatch.classify import scheme
from loanwatch.configuration import Configuration
from loanwatch.convention import DEFAULT, Convention
from loanwatch.flag import rules
from loanwatch.gaps import Expected


def values(configuration: Configuration) -> dict[str, Any]:
    """Rules, classes, expected feeds and conventions by the names that steps call them, all rules
    that ever were; UsageError lists all faults."""
    business = configuration.business
    return {
        "rules": rules.binding(rules.load(configuration.below("rules")), business),
        "schemes": scheme.in_use(scheme.load(configuration.below("classes")), business.schemes),
        "class_sources": business.class_sources,
        "expected": Expected.of(configuration),
        "conventions": {DEFAULT: Convention()} | business.conventions,
        "closed_days": closed_days(business.open_days),
        "roll_over_days": business.roll_over_days,
        "settlement_lag_days": business.settlement_lag_days,
        "storms": business.storms,
        "review_min_minor": business.review_min_minor,
        "portfolio_actions": business.portfolio_actions,
        "prudence": business.prudence,
    }
