"""The plain values that steps may need, from the configuration of the attempt."""

from typing import Any

import yaml

from loanwatch.classify.loan_class import floors
from loanwatch.configuration import Configuration
from loanwatch.flag import rules


def values(configuration: Configuration) -> dict[str, Any]:
    """Rules, classes, freshness and conventions by the names that steps call them, all rules
    that ever were; UsageError lists all faults."""
    return {
        "rules": rules.load(configuration.below("rules")),
        "classes": floors(configuration.texts["classes/cn_five_class.yaml"]),
        "freshness": yaml.safe_load(configuration.texts["feeds.yaml"])["fresh_days"],
        "settlement_lag_days": configuration.business.settlement_lag_days,
    }
