"""What `cover` writes."""

from dataclasses import replace

from loanwatch import codes
from loanwatch.columns import (
    ASSET_ID,
    CURRENCY,
    LOAN_ID,
    LTV_BP,
    REGION,
    VALUE_MINOR,
    Column,
    basis_points,
    coded,
    count,
    date,
    minor,
)
from loanwatch.tables import Table

ASSET_VALUE = Table(
    "cover.asset_value",
    "one row per asset that is pledged for a loan of the day",
    (ASSET_ID,),
    (
        ASSET_ID,
        coded("kind", codes.ASSET_KINDS, "Kind of asset; null = the asset was never delivered.", required=False),
        REGION,
        replace(VALUE_MINOR, required=False, doc="Value on the day, minor units; null = unknown."),
        replace(CURRENCY, required=False),
        date("valued_on", "Day of the recorded valuation it starts from.", required=False),
        replace(VALUE_MINOR, name="recorded_minor", required=False, doc="The recorded value, minor units."),
        basis_points("index_move_bp", "Index on the day over index at the valuation; 10000 = unmoved, null = no index."),
        count("valuation_age_days", "Days since the recorded valuation.", required=False),
        Column("unknown_because", doc="Why there is no value; null where there is one."),
    ),
)  # fmt: skip
LOAN_COVER = Table(
    "cover.loan_cover",
    "one row per secured loan of the day",
    (LOAN_ID,),
    (
        LOAN_ID,
        count("assets", "Assets pledged for the loan."),
        minor("claims_minor", "Balance and the claims that rank before it, minor units; null = unknown.",
              required=False),
        minor("prior_minor", "Of the claims, those that rank before ours.", required=False),
        minor("cover_minor", "Value of the assets, minor units; null = one of them is unknown.", required=False),
        minor("shortfall_minor", "By how much the claims exceed the value, minor units.", required=False),
        Column("lien_rank", "int", "Worst rank of our liens; 1 = first.", required=True, at_least=1),
        LTV_BP,
        basis_points("value_change_bp", "Value on the day over recorded value, less 10000."),
        count("valuation_age_days", "Age of the oldest valuation among them.", required=False),
        Column("unknown_because", doc="Why the cover is unknown; null where it is known."),
    ),
)  # fmt: skip

TABLES = (ASSET_VALUE, LOAN_COVER)
