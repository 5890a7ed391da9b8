"""Indicators of collateral, per loan (domain.md 4 F). Null for an unsecured loan: not applicable."""

from loanwatch.columns import LTV_BP, basis_points, count
from loanwatch.derive.indicator import Indicator, from_column

INDICATORS: tuple[Indicator, ...] = (
    from_column(LTV_BP, "bp", "domain.md 4 F, COL_LTV", "valuation"),
    from_column(basis_points("value_change_bp", "Value on the day over recorded value, less 10000."), "bp",
                "domain.md 4 F, COL_DROP", "valuation"),
    from_column(count("valuation_age_days", "Age of the oldest valuation among the loan's assets."), "days",
                "domain.md 4 F, COL_STALE", "valuation"),
)  # fmt: skip
