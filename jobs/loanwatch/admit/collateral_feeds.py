"""The feeds about houses and vehicles: what secures loans, what it is worth, and what the like of it was sold for."""

import datetime as dt
from dataclasses import replace

from loanwatch import codes
from loanwatch.admit.vin import vin_wrong
from loanwatch.columns import (
    ASSET_ID,
    CURRENCY,
    LOAN_ID,
    OWN_NUMBER,
    REGION,
    SENDER_ID,
    VALID_FROM,
    VALUE_MINOR,
    Column,
    coded,
    count,
    date,
    minor,
    number,
    restricted,
)
from loanwatch.tables import Feed, Older


def _optional(name: str, doc: str, *, at_most: int | None = None) -> Column:
    return replace(count(name, doc, required=False), at_most=at_most)


BUILT_YEAR = Column(
    "built_year", "int", "Year of construction, manufacture or first registration.", at_least=1800, at_most=2200, years_ahead=3,
    standards=("EBA-NPL 4,12 Year of construction",),
)  # fmt: skip
SIZE = Column(
    "size", "int", "Square metres of a home, kilometres that a vehicle has run.",
    between_where=("kind", (("flat", 5, 2_000), ("house", 5, 5_000), ("vehicle", 0, 3_000_000))),
)  # fmt: skip
MOST_MINOR = 10**12  # a home or vehicle for more is a slip
# What makes one house or vehicle worth more than another, told of assets and of sales alike; empty = not known.
TRAITS = (
    Column("district", doc="District, ward or postcode within the region."),
    coded("home_type", codes.HOME_TYPES, "How a home is built.", required=False),
    _optional("plot_m2", "Land that goes with a home, square metres."),
    _optional("basement_m2", "Of the home's square metres, those in a basement."),
    _optional("bedrooms", "Bedrooms.", at_most=100),
    _optional("bath_quarters", "Bathrooms, in quarters: 10 = two and a half.", at_most=400),
    _optional("floors_half", "Storeys of a home, in halves: 3 = one and a half.", at_most=400),
    _optional("grade", "Quality of construction as the sender grades it; higher = better.", at_most=1000),
    _optional("condition", "State of repair as the sender grades it; higher = better.", at_most=1000),
    _optional("view_grade", "View as the sender grades it; higher = better.", at_most=1000),
    Column("waterfront", "boolean", "Whether a home stands at the water."),
    Column("renovated_year", "int", "Year of the last renovation.", at_least=1800, at_most=2200, years_ahead=3),
    Column("make", doc="Make of a vehicle."),
    Column("model", doc="Model of a vehicle, without the make."),
    coded("fuel", codes.FUELS, "What a vehicle runs on.", required=False),
    coded("transmission", codes.TRANSMISSIONS, "How a vehicle changes gears.", required=False),
    _optional("engine_cc", "Displacement, cubic centimetres.", at_most=100_000),
    _optional("consumption_ml", "Fuel on 100 km by the maker's word, millilitres."),
    minor("road_tax_minor", "Tax of a vehicle a year, minor units.", required=False),
)  # fmt: skip
_TOLD = tuple(trait.name for trait in TRAITS)


def _degrees(name: str, doc: str, most: int, decimals: int) -> Column:
    limit = most * 10**decimals
    return Column(f"{name}_e{decimals}", "int", doc, at_least=-limit, at_most=limit)


ASSET = Feed(
    "asset", whose="borrower", basis="contract", state=True,
    key=(ASSET_ID,), on=VALID_FROM,
    facts=(coded("kind", codes.ASSET_KINDS, "Kind of asset.").with_(standards=("FIRE collateral.type",)), REGION,
           restricted("locator", "locator", "Address of a flat, VIN of a vehicle.", required=True),
           Column("vin_wrong", "boolean", "Whether the VIN's check digit is wrong; null = the locator is not spelled as a VIN.",
                  of=("kind", "locator"), found=vin_wrong),
           BUILT_YEAR, SIZE, *TRAITS,
           _degrees("latitude", "Thousandths of a degree: about 100 metres, no address.", 90, 3),
           _degrees("longitude", "Thousandths of a degree.", 180, 3)),
    older=(Older(dt.date(2026, 12, 31), lacks=("size", *_TOLD, "latitude_e3", "longitude_e3")),),
    doc="Houses and vehicles.",
)  # fmt: skip
PLEDGE = Feed(
    "pledge", whose="borrower", basis="contract", state=True,
    key=(LOAN_ID, ASSET_ID), on=VALID_FROM,
    facts=(Column("lien_rank", "int", "Rank of our lien; 1 = first.", required=True, at_least=1,
                  standards=("FIRE collateral.charge", "EBA-NPL 4,09 Lien position")),
           minor("prior_claims_minor", "Claims that rank before ours, minor units; empty = not known.", required=False).with_(
               standards=("EBA-NPL 4,10 Higher Ranking Loan",)),
           Column("active", "boolean", "False from the day the pledge is released.", required=True),
           minor("secured_minor", "The most that our lien secures, as registered; empty = the whole claim.", required=False),
           minor("prior_maximum_minor", "Registered maximum of the claims before ours: what is paid off can be drawn again.",
                 required=False),
           coded("registered_for", codes.REGISTERED_FOR, "Who the register names as holder of our lien; empty = not told.",
                 required=False),
           date("registered_until", "Last day of the registration; empty = not told.", required=False)),
    older=(Older(dt.date(2026, 12, 31), lacks=("secured_minor", "prior_maximum_minor", "registered_for", "registered_until")),),
    doc="Which asset secures which loan.",
)  # fmt: skip
VALUATION = Feed(
    "valuation", whose="borrower", basis="contract", sent_by="valuer", past=True,
    key=(SENDER_ID, number("valuation_id", "The valuer's number.")),
    on=date("valued_on", "Day the value refers to.").with_(
        standards=("FIRE collateral.value_date", "EBA-NPL 4,24 Date of Latest External Valuation")),
    facts=(ASSET_ID,
           VALUE_MINOR.with_(
               at_most=MOST_MINOR, standards=(*VALUE_MINOR.standards, "EBA-NPL 4,23 Latest External Valuation Amount")),
           CURRENCY,
           coded("method", codes.VALUATION_METHODS, "How the value was found.").with_(
               standards=("FIRE collateral.valuation_type", "EBA-NPL 4,26 Type of Latest External Valuation"))),
    sums=(VALUE_MINOR,),
    doc="Recorded values of assets.",
)  # fmt: skip
NATION = "nation"  # the index cell of a kind as a whole
INDEX_CELL = replace(
    REGION, required=True, pattern=f"{REGION.pattern}(?:/{REGION.pattern}){{0,2}}",
    doc=f"Region as assets name it; finer: `region/district`, `region/district/home_type`; coarser: `{NATION}`.",
)  # fmt: skip
PRICE_INDEX = Feed(
    "price_index", sent_by="valuer", past=True,
    key=(SENDER_ID, coded("kind", codes.ASSET_KINDS, "Kind of asset."), INDEX_CELL, date("period_on", "First day of the period.")),
    on=date("published_on", "Day of publication."),
    facts=(Column("level_bp", "long", "Index level, 10000 = base.", at_least=1),
           Column("change_bp", "long", "Level over that of the period before, 10000 = unmoved.", at_least=1),
           Column("base", doc="Period at which the level is 10000, such as 2020: levels of two bases are not compared.",
                  pattern=OWN_NUMBER.pattern),
           _optional("sales", "Sales behind the period; empty = the sender answers for it.")),
    some_of=("level_bp", "change_bp"),
    older=(Older(dt.date(2026, 12, 31), lacks=("change_bp", "base", "sales")),),
    doc="Price indices by kind of asset and region, as levels, changes, or both. Like for like: of vehicles of the same age, as "
        "published indices of used vehicles hold it; what a vehicle loses by its own age is taken off besides.",
)  # fmt: skip
SALE = Feed(
    "sale", sent_by="valuer", past=True,
    key=(SENDER_ID, number("sale_id", "The sender's number of the sale.")),
    on=date("sold_on", "Day of the sale."),
    facts=(coded("kind", codes.ASSET_KINDS, "Kind of asset."), replace(REGION, required=True),
           minor("price_minor", "Price, minor units.", at_least=1).with_(at_most=MOST_MINOR), CURRENCY,
           BUILT_YEAR.with_(standards=()), SIZE, *TRAITS,
           _degrees("latitude", "Ten-thousandths of a degree.", 90, 4),
           _degrees("longitude", "Ten-thousandths of a degree.", 180, 4),
           number("property_id", "The sender's number of the house or vehicle: sales of one share it.").with_(required=False),
           Column("related", "boolean", "Between relatives or other related parties: no measure of the market.")),
    sums=(minor("price_minor", "Price, minor units."),),
    older=(Older(dt.date(2026, 12, 31), lacks=(*_TOLD, "latitude_e4", "longitude_e4", "property_id", "related")),),
    doc="Comparable sales on the market.",
)  # fmt: skip
ASSET_EVENT = Feed(
    "asset_event", whose="borrower", basis="contract",
    key=(SENDER_ID, number("event_id", "The sender's number of the event.")),
    on=date("happened_on", "Day of the event; of an insurance its first day, of a silent tracker the last it was heard of."),
    facts=(ASSET_ID, coded("kind", codes.ASSET_EVENTS, "What happened."),
           _optional("rank", "Place in the queue of a seizure: 1 = it holds the asset, later ones wait.").with_(
               at_least=1, required_where=("kind", ("seizure",))),
           minor("insured_minor", "Of an insurance, the sum insured, minor units.", required=False).with_(
               required_where=("kind", ("insurance",))),
           date("until_on", "Last day of an insurance or a seizure; a seizure lapses if it is not extended.", required=False).with_(
               required_where=("kind", ("insurance",))),
           date("ended_on", "Day on which it was lifted, settled or cancelled; comes in a later version of the row.",
                required=False)),
    doc="What happened to an asset: seizures, insurance, disputes about its title, transfers, what its tracker says.",
)  # fmt: skip
GUARANTEE = Feed(
    "guarantee", whose="borrower", basis="contract", state=True,
    key=(LOAN_ID, number("guarantee_id", "The partner's number of the guarantee.")), on=VALID_FROM,
    facts=(coded("kind", codes.GUARANTEES, "When the guarantor has to pay."),
           minor("guaranteed_minor", "The most that it pays, minor units; empty = the whole claim.", required=False),
           date("until_on", "Last day on which the guarantor can be called upon; empty = not agreed: six months from the last due "
                "date (Civil Code 692).", required=False),
           date("called_on", "Day on which we called upon the guarantor in time.", required=False),
           Column("active", "boolean", "False from the day the guarantee is released.", required=True),
           Column("recognised", "boolean", "Whether the regulator recognises it as credit enhancement that keeps a firm's claim "
                  "out of what its others do to it (Order 2023 No. 1 art. 14); empty = not told.")),
    older=(Older(dt.date(2027, 3, 31), lacks=("recognised",)),),
    doc="Guarantees of persons and firms for a loan.",
)  # fmt: skip

COLLATERAL_FEEDS = (ASSET, PLEDGE, VALUATION, PRICE_INDEX, SALE, ASSET_EVENT)
