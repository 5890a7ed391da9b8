"""What `cover` writes."""

from dataclasses import replace

from loanwatch import codes
from loanwatch.admit.collateral_feeds import INDEX_CELL
from loanwatch.columns import (
    AS_OF,
    ASSET_ID,
    CURRENCY,
    LOAN_ID,
    LTV_BP,
    REGION,
    RELEASE,
    VALUE_MINOR,
    Column,
    basis_points,
    coded,
    count,
    date,
    minor,
)
from loanwatch.tables import Table

BY_MODEL = Column("by_model", doc="Digest of the model that says so.", required=True)
ACT_NO = Column("act_no", "int", "Number of the act, from 1.", required=True, at_least=1)
THROUGH = Column("through_delivery_no", "int", "Last delivery that the refresh knew.", required=True, at_least=1)
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
        coded("valued_by", codes.VALUED_BY, "What the value rests on.", required=False),
        coded("method", codes.VALUATION_METHODS, "How the recorded value was found.", required=False),
        replace(VALUE_MINOR, name="recorded_minor", required=False, doc="The recorded value, minor units."),
        basis_points("index_move_bp", "Index on the day over index at the valuation; 10000 = unmoved, null = no index."),
        Column("index_cell", doc="Cell of the price index that moved it: the finest with enough sales."),
        count("index_bridged", "Periods in between that nobody published, moved as other cells were.", required=False),
        count("index_age_days", "Days since the index's last period began.", required=False),
        basis_points("curve_bp", "What age since the valuation leaves of a vehicle's value, by the curve of its fuel "
                     "(`business.prudence.vehicle_curve`); null = no vehicle, or its year is not told.", at_least=0),
        basis_points("mileage_bp", "What more kilometres than usual leave of it; null = no distance told since.", at_least=0),
        minor("indexed_minor", "First candidate: the recorded value, moved by index, age and distance.", required=False),
        basis_points("indexed_fsd_bp", "Its FSD, grown with the valuation's age.", at_least=0),
        minor("model_minor", "Second candidate: what a model of comparable sales says.", required=False),
        basis_points("model_fsd_bp", "Its FSD; in a market that did not set it right, at least a declared one.", at_least=0),
        basis_points("model_wide_bp", "Half of the band around it that holds nine of ten prices.", at_least=0),
        BY_MODEL.with_(required=False),
        coded("calibration", codes.CALIBRATIONS, "What set the model's bands right.", required=False),
        basis_points("apart_bp", "How far the recorded value is from the model's, over that.", at_least=0),
        count("valuation_age_days", "Days since the recorded valuation.", required=False),
        Column("unknown_because", doc="Why there is no value; null where there is one."),
    ),
)  # fmt: skip
MODEL_VALUE = Table(
    "cover.model_value",
    "one row per asset that a model has valued for a month, where no release before had",
    (ASSET_ID,),
    (
        ASSET_ID,
        date("valued_for", "The middle of the month that it is valued for."),
        BY_MODEL,
        Column("traits_hash", "long", "Hash of the asset's traits that the model saw.", required=True),
        minor("value_minor", "What it would be sold for, minor units.", at_least=1),
        basis_points("fsd_bp", "Standard deviation of the value's relative error (FSD).", required=True, at_least=0),
        basis_points("wide_bp", "Half of the band around the value that holds nine of ten prices.", required=True, at_least=0),
        count("own_sales", "Sales of its own region that set the band right."),
    ),
)  # fmt: skip
MODEL = Table(
    "cover.model",
    "one row per model fitted, and per promotion",
    (ACT_NO,),
    (
        ACT_NO,
        coded("act", codes.MODEL_ACTS, "What was done."),
        Column("model", doc="Digest of the model's files.", required=True), KIND, CURRENCY,
        date("from_on", "Promoted: the first business date that it values.", required=False),
        date("first_sold_on", "Day of the first sale that it knows."),
        date("until_on", "Day before which all sales are that it knows."),
        count("sales", "Sales that it knows."),
        count("unseen", "Of them, those that set its bands right: of these a model of the others had not known."),
        basis_points("median_error_bp", "Of the unseen, the median error.", required=True, at_least=0),
        basis_points("within_10_bp", "Of the unseen, the share off by 10 % or less.", required=True, at_least=0),
        basis_points("bias_bp", "Of the unseen, the median of value over price, less 1.", required=True),
        Column("said_by", doc="Who did it.", required=True),
        Column("why", doc="Promoted: what spoke for it."),
    ),
    ledger=True,
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
        count("months", "Months from one period of the cell to the next; of a cell with one, as of the kind.", required=False),
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
        basis_points("prudent_ltv_bp", "The claims over the prudent value of the assets whose lien counts.", at_least=0),
        basis_points("pledge_ratio_bp", "The balance alone over the value, of the whole contract (EAST 603, DZYL).", at_least=0),
        basis_points("value_change_bp", "Value on the day over recorded value, less 10000; null where one has no recorded value."),
        count("valuation_age_days", "Age of the oldest recorded valuation among them; null where one has none.", required=False),
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

TABLES = (INDEX_LEVEL, MODEL_VALUE, ASSET_VALUE, ALLOCATION, LOAN_COVER)
# Between nights: what a refresh found for the next business date, by the deliveries it knew; live until a release knows them.
INTRADAY_VALUE = Table(
    "cover.intraday_value",
    "one row per refresh and asset whose value its deliveries touch",
    (THROUGH, ASSET_ID),
    (THROUGH, AS_OF, RELEASE.with_(doc="Release that it is beside."), *ASSET_VALUE.columns),
    ledger=True,
)
LEDGERS = (MODEL, INTRADAY_VALUE)
