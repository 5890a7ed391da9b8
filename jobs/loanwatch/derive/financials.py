"""Indicators of the financial statements of business borrowers (domain.md 4 E); without any, not applicable."""

from loanwatch.derive.indicator import Indicator, share

_LATEST = "the latest statement of a year"


def _over(name: str, part: str, whole: str, doc: str, code: str, at_least: int | None = None) -> Indicator:
    return share(name, part, whole, doc, f"domain.md 4 E, {code}", "statement", at_least=at_least)


INDICATORS = (
    Indicator("turnover_change_bp", "bp", "10000 * turnover_minor div nullif(turnover_before, 0) - 10000",
              f"Turnover of {_LATEST} against the year before, less 10000.", "domain.md 4 E, FIN_TURNOVER", sources=("statement",),
              at_least=-10_000),
    _over("equity_share_bp", "total_assets_minor - total_liabilities_minor", "total_assets_minor",
          f"Equity over assets, {_LATEST}.", "FIN_EQUITY"),
    _over("interest_cover_bp", "ebit_minor", "interest_minor", f"Operating profit over interest, {_LATEST}.", "FIN_ICR"),
    _over("pre_tax_margin_bp", "pre_tax_profit_minor", "turnover_minor", f"Profit before tax over turnover, {_LATEST}.", "FIN_PBT"),
    Indicator("loss_years", "count", "loss_years", "Years with a loss in a row, up to the latest statement.",
              "domain.md 4 E, FIN_PBT", sources=("statement",), at_least=0),
    _over("current_ratio_bp", "current_assets_minor", "current_liabilities_minor", f"Current assets over current liabilities, "
          f"{_LATEST}.", "FIN_CURRENT", at_least=0),
    _over("debt_to_turnover_bp", "debt_minor", "turnover_minor", f"Financial debt over turnover, {_LATEST}.", "FIN_TURNOVER",
          at_least=0),
    Indicator("statement_age_days", "days",
              "case when statement_on is not null then greatest(0, datediff({as_of}, statement_on)) end",
              "Days since the end of the year that the latest statement tells of.", "domain.md 4 E, FIN_LATE",
              sources=("statement",), at_least=0),
)  # fmt: skip
