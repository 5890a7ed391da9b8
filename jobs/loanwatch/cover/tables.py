"""What `cover` writes."""

from dataclasses import replace

from loanwatch import codes
from loanwatch.admit.collateral_feeds import INDEX_CELL
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

KIND = coded("kind", codes.ASSET_KINDS, "Kind of asset.")
CELL = replace(INDEX_CELL, name="cell")
PERIOD_ON = date("period_on", "First day of the period.")

ASSET_VALUE = Table(
    "cover.asset_value",
    "one row per asset that is pledged for a loan of the day",
    (ASSET_ID,),
    (
        ASSET_ID,
        coded("kind", codes.ASSET_KINDS, "Kind of asset; null = the asset was never delivered.", required=False),
        REGION,
        replace(VALUE_MINOR, required=False, doc="Value on the day, minor units; null = unknown."),
        basis_points("fsd_bp", "Standard deviation of the value's relative error (FSD).", at_least=0),
        minor("prudent_minor", "Value less FSD, discount of a sale and its costs (`business.prudence`).", required=False),
        replace(CURRENCY, required=False),
        date("valued_on", "Day of the recorded valuation it starts from.", required=False),
        coded("method", codes.VALUATION_METHODS, "How the recorded value was found.", required=False),
        replace(VALUE_MINOR, name="recorded_minor", required=False, doc="The recorded value, minor units."),
        basis_points("index_move_bp", "Index on the day over index at the valuation; 10000 = unmoved, null = no index."),
        Column("index_cell", doc="Cell of the price index that moved it: the finest with enough sales."),
        count("index_bridged", "Periods in between that nobody published, moved as other cells were.", required=False),
        count("index_age_days", "Days since the index's last period began.", required=False),
        count("valuation_age_days", "Days since the recorded valuation.", required=False),
        Column("unknown_because", doc="Why there is no value; null where there is one."),
    ),
)  # fmt: skip
LEVEL_SCALE = 10**12  # an index of a billion times its first period still fits
INDEX_LEVEL = Table(
    "cover.index_level",
    "one row per kind, cell and period of the price indices as known on the day",
    (KIND, CELL, PERIOD_ON),
    (
        KIND, CELL, PERIOD_ON,
        date("until_on", "First day of the cell's next period; null = there is none yet.", required=False),
        Column("level_e12", "long", "Level over that of the cell's first period, by 10^12.", required=True, at_least=1),
        count("bridged", "Periods up to this one that nobody published."),
        count("sales", "Sales behind the period; null = the sender answers for it.", required=False),
    ),
)  # fmt: skip
ALLOCATION = Table(
    "cover.allocation",
    "one row per pledge for a loan of the day",
    (LOAN_ID, ASSET_ID),
    (
        LOAN_ID, ASSET_ID,
        Column("lien_rank", "int", "Rank of our lien; 1 = first.", required=True, at_least=1),
        Column("counts", "boolean", "False = the lien is registered for somebody else, or no longer.", required=True),
        date("registered_until", "Last day of the lien's registration; null = not told.", required=False),
        minor("claim_minor", "What the loan claims of the asset, minor units."),
        minor("before_minor", "Claims that rank before it, minor units; null = unknown.", required=False),
        minor("beside_minor", "Claims of our other loans of its rank, minor units.", required=False),
        minor("allocated_minor", "Of the asset's prudent value, what is for the loan; null = unknown.", required=False),
        Column("unknown_because", doc="Why it is unknown; null where it is known."),
    ),
)  # fmt: skip
LOAN_COVER = Table(
    "cover.loan_cover",
    "one row per secured loan of the day",
    (LOAN_ID,),
    (
        LOAN_ID,
        count("assets", "Assets pledged for the loan."),
        minor("claims_minor", "Balance and the claims that rank before it or beside it, minor units; null = unknown.",
              required=False),
        minor("prior_minor", "Of the claims, those that rank before ours.", required=False),
        minor("cover_minor", "Value of the assets whose lien counts, minor units; null = one of them is unknown.", required=False),
        minor("shortfall_minor", "By how much the claims exceed the value, minor units.", required=False),
        Column("lien_rank", "int", "Worst rank of our liens; 1 = first.", required=True, at_least=1),
        LTV_BP,
        basis_points("value_change_bp", "Value on the day over recorded value, less 10000."),
        count("valuation_age_days", "Age of the oldest valuation among them.", required=False),
        Column("unknown_because", doc="Why the cover is unknown; null where it is known."),
        count("uncounted_liens", "Of its pledges, those whose lien does not count.", required=False),
        date("registered_until", "When the first of its registrations ends; null = one is not told.", required=False),
        basis_points("fsd_bp", "Standard deviation of the cover's relative error.", at_least=0),
        basis_points("shortfall_probability_bp", "Chance that the assets are worth less than the claims.", at_least=0),
        minor("bad_shortfall_minor", "Shortfall in one case of twenty, or more, minor units.", required=False),
        minor("prudent_minor", "Prudent value that is for the loan (`cover.allocation`), minor units.", required=False),
        minor("prudent_shortfall_minor", "Balance beyond that, minor units.", required=False),
    ),
)  # fmt: skip

TABLES = (INDEX_LEVEL, ASSET_VALUE, ALLOCATION, LOAN_COVER)
