"""V = V0 * I(day) / I(valued_on): the latest valuation, moved by the index of its kind and region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch import codes
from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.asset_value import asset_value
from loanwatch.cover.index_level import index_level
from loanwatch.cover.model.champions import Champion
from loanwatch.cover.model_value import KEY, asked_for
from loanwatch.cover.tables import MODEL_VALUE
from loanwatch.settings import Prudence

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 1)
JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
Rows = Sequence[dict[str, Any]]
LEVELS = [(JAN, 10000), (FEB, 12000), (MAR, 15000)]


def performed(
    spark: SparkSession, pledges: Rows, valuations: Rows = (), indices: Rows = (), assets: Rows | None = None,
    model: Rows = (),
) -> dict[str, dict[str, Any]]:
    """The step's rows by asset; every pledged asset is delivered, in a region of its own, unless assets are given.

    Where the model says something, it is the champion of all kinds.
    """
    names = {row["asset_id"] for row in pledges}
    delivered = [{"asset_id": name, "region": name[4:]} for name in names] if assets is None else assets
    champions = {kind: Champion(kind, "CNY", "", "M") for kind in codes.ASSET_KINDS.words} if model else {}
    asked = frame(spark, feeds.ASSET, delivered).withColumns(asked_for(D, champions)).select(*KEY)
    told = frame(spark, MODEL_VALUE, [{"by_model": "M", **row} for row in model]).drop("valued_for", "traits_hash")
    said = told.join(asked, on=["asset_id", "by_model"], how="inner").select(*MODEL_VALUE.names)
    found = asset_value(
        frame(spark, LOAN_DAY, [{"loan_id": "P01:1"}, {"loan_id": "P01:2"}]), frame(spark, feeds.PLEDGE, pledges),
        frame(spark, feeds.ASSET, delivered), frame(spark, feeds.VALUATION, valuations),
        index_level(frame(spark, feeds.PRICE_INDEX, indices)), said, line(spark), D, champions, Prudence(),
    )  # fmt: skip
    rows = found.collect()
    assert len({row["asset_id"] for row in rows}) == len(rows), "an asset has more than one row"
    return {row["asset_id"]: row.asDict() for row in rows}


def line(spark: SparkSession) -> DataFrame:
    """What releases before have of the model's values: nothing."""
    return spark.createDataFrame([], f"{MODEL_VALUE.spark}, as_of date")


def valued(name: str, on: date, value: int, number: str = "V1") -> dict[str, Any]:
    return {"asset_id": f"P01:{name}", "valued_on": on, "value_minor": value, "valuation_id": number}


def level(name: str, period: date, bp: int, **given: Any) -> dict[str, Any]:
    return {"region": name, "period_on": period, "published_on": period, "level_bp": bp, **given}


def test_a_recorded_value_moves_with_the_index(spark: SparkSession) -> None:
    """Columns: index levels, valuations, then value, recorded value, index move, age, reason."""
    end_of_january, half = FEB - timedelta(1), [(JAN, 20000), (MAR, 10000)]
    cases: list[tuple[str, list[tuple[date, int]], list[tuple[Any, ...]], tuple[Any, ...]]] = [
        ("first_day", LEVELS, [(JAN, 1000)], (1500, 1000, 15000, 59, None)),
        ("last_day", LEVELS, [(end_of_january, 1000)], (1500, 1000, 15000, 29, None)),
        ("next_period", LEVELS, [(FEB, 1000)], (1250, 1000, 12500, 28, None)),
        ("in_force", LEVELS, [(D, 1000)], (1000, 1000, 10000, 0, None)),
        ("fallen", half, [(JAN, 1001)], (501, 1001, 5000, 59, None)),
        ("before_the_index", LEVELS, [(JAN - timedelta(1), 1000)], (1000, 1000, None, 60, None)),
        ("no_index", [], [(JAN, 1000)], (1000, 1000, None, 59, None)),
        ("no_valuation", LEVELS, [], (None, None, None, None, "no valuation")),
        ("latest", LEVELS, [(FEB, 2000), (JAN, 1000)], (2500, 2000, 12500, 28, None)),
        ("tie", [], [(JAN, 1000, "V1"), (JAN, 3000, "V2")], (3000, 3000, None, 59, None)),
        ("tie_reversed", [], [(JAN, 3000, "V2"), (JAN, 1000, "V1")], (3000, 3000, None, 59, None)),
    ]
    found = performed(
        spark, [{"asset_id": f"P01:{name}"} for name, *_ in cases],
        [valued(name, *given) for name, _, valuations, _ in cases for given in valuations],
        [level(name, *given) for name, levels, *_ in cases for given in levels],
    )  # fmt: skip
    columns = "value_minor", "recorded_minor", "index_move_bp", "valuation_age_days", "unknown_because"
    for name, *_, expected in cases:
        assert tuple(found[f"P01:{name}"][column] for column in columns) == expected, name


def test_an_asset_has_one_row_if_it_is_pledged_for_a_loan_of_the_day(spark: SparkSession) -> None:
    pledges: Rows = [
        {"asset_id": "P01:shared", "loan_id": "P01:1"}, {"asset_id": "P01:shared", "loan_id": "P01:2"},
        {"asset_id": "P01:released", "active": False}, {"asset_id": "P01:of_a_gone_loan", "loan_id": "P01:9"},
        {"asset_id": "P01:twice_valued"},
    ]  # fmt: skip
    valuations = [valued("twice_valued", JAN, 1), valued("twice_valued", FEB, 2)]
    assert sorted(performed(spark, pledges, valuations)) == ["P01:shared", "P01:twice_valued"]


def test_of_two_publishers_of_a_period_the_later_one_counts(spark: SparkSession) -> None:
    indices = [level("flat", JAN, 10000)] + [
        level("flat", MAR, bp, sender_id=sender, published_on=MAR - timedelta(ago))
        for sender, ago, bp in (("A", 2, 11000), ("B", 0, 12000), ("C", 1, 13000))
    ]
    found = performed(spark, [{"asset_id": "P01:flat"}], [valued("flat", JAN, 1000)], indices)
    assert found["P01:flat"]["value_minor"] == 1200


def test_a_period_that_has_not_begun_is_not_in_force_though_already_published(spark: SparkSession) -> None:
    indices = [level("flat", JAN, 10000), level("flat", MAR, 12000), level("flat", APR, 99999, published_on=D)]
    found = performed(spark, [{"asset_id": "P01:flat"}], [valued("flat", JAN, 1000)], indices)
    assert found["P01:flat"]["value_minor"] == 1200


def test_an_asset_has_either_a_value_or_the_reason_why_not(spark: SparkSession) -> None:
    names = "both", "valuation_only", "asset_only", "neither"
    found = performed(
        spark, [{"asset_id": f"P01:{name}"} for name in names],
        [valued("both", JAN, 1), valued("valuation_only", JAN, 1)],
        assets=[{"asset_id": "P01:both"}, {"asset_id": "P01:asset_only"}],
    )  # fmt: skip
    assert {name[4:]: (row["value_minor"], row["unknown_because"]) for name, row in found.items()} == {
        "both": (1, None), "valuation_only": (None, "the asset was never delivered"),
        "asset_only": (None, "no valuation"), "neither": (None, "the asset was never delivered"),
    }  # fmt: skip


def test_the_finest_cell_with_enough_sales_moves_it(spark: SparkSession) -> None:
    """Columns: cells with sales (now and then), then cell and move."""
    flat = {"kind": "flat", "region": "city", "district": "east", "home_type": "flat"}
    cells: dict[str, tuple[str, dict[str, int | None], tuple[str | None, int | None]]] = {
        "finest": ("city1", {"{}/east/flat": 30, "{}/east": 99, "{}": None}, ("city1/east/flat", 10300)),
        "too_few": ("city2", {"{}/east/flat": 29, "{}/east": 30, "{}": None}, ("city2/east", 10200)),
        "region": ("city3", {"{}": None}, ("city3", 10100)),
        "nation": ("city4", {}, ("nation", 10900)),
    }
    moves = {"{}/east/flat": 10300, "{}/east": 10200, "{}": 10100}
    indices = [
        level(cell.format(city), period, bp, kind="flat", sales=sales)
        for city, of, _ in cells.values() for cell, sales in of.items() for period, bp in ((JAN, 10000), (MAR, moves[cell]))
    ] + [level("nation", period, bp, kind="flat") for period, bp in ((JAN, 10000), (MAR, 10900))]  # fmt: skip
    assets = [{"asset_id": f"P01:{name}", **flat, "region": city} for name, (city, *_) in cells.items()]
    assets.append({"asset_id": "P01:car", "kind": "vehicle", "region": "city1"})
    found = performed(
        spark, [{"asset_id": asset["asset_id"]} for asset in assets],
        [valued(asset["asset_id"][4:], JAN, 10000) for asset in assets], indices, assets,
    )  # fmt: skip
    for name, (*_, expected) in cells.items():
        assert (found[f"P01:{name}"]["index_cell"], found[f"P01:{name}"]["index_move_bp"]) == expected, name
    assert (found["P01:car"]["index_cell"], found["P01:car"]["value_minor"]) == (None, 10000), "the nation's flats move no car"


def test_a_cell_that_ends_stays_where_it_was_and_says_how_old_it_is(spark: SparkSession) -> None:
    found = performed(spark, [{"asset_id": "P01:a"}], [valued("a", JAN, 1000)], [level("a", JAN, 10000), level("a", FEB, 12000)])
    assert (found["P01:a"]["value_minor"], found["P01:a"]["index_age_days"]) == (1200, 28)


def test_how_sure_a_value_is_and_what_is_left_of_it_for_prudence(spark: SparkSession) -> None:
    """FSD^2 = FSD_0^2 + drift^2 * years; prudent: 1,000,000 less FSD, less 15 % discount, less 7 % of the value."""
    year_ago = D - timedelta(365)
    found = performed(
        spark, [{"asset_id": f"P01:{name}"} for name in ("fresh", "old", "moved", "car")],
        [valued("fresh", D, 1_000_000), valued("old", year_ago, 1_000_000), valued("moved", year_ago, 1_000_000),
         {**valued("car", year_ago, 1_000_000), "method": "auction"}],
        [level("moved", on, 10000) for on in (year_ago.replace(day=1), FEB)],
        [{"asset_id": f"P01:{name}", "region": name} for name in ("fresh", "old", "moved")]
        + [{"asset_id": "P01:car", "kind": "vehicle"}],
    )  # fmt: skip
    told = {name[4:]: (row["fsd_bp"], row["prudent_minor"]) for name, row in found.items()}
    fsd = {"fresh": 800, "old": round((800**2 + 900**2) ** 0.5), "moved": round((800**2 + 600**2) ** 0.5)}
    expected = {name: (bp, (1_000_000 * (10_000 - bp) // 10_000) * 8500 // 10_000 - 70_000) for name, bp in fsd.items()}
    car = round((1500**2 + 2000**2) ** 0.5)
    assert told == expected | {"car": (car, (1_000_000 * (10_000 - car) // 10_000) * 7500 // 10_000 - 60_000)}


def test_a_vehicle_moves_with_its_age_and_its_market(spark: SparkSession) -> None:
    """Columns: built, fuel, index over that of a year ago, then move, curve, mileage, value, FSD. Valued at 100,000."""
    year_ago, young, old = D - timedelta(365), D.year - 1, D.year - 8  # young: new when it was valued
    cases: dict[str, tuple[int | None, str | None, int | None, tuple[int | None, ...]]] = {
        "curve": (young, "petrol", None, (None, 6600, None, 66_000, round((800**2 + 1200**2) ** 0.5))),
        "both": (young, "petrol", 9500, (9500, 6600, None, 62_700, round((800**2 + 800**2) ** 0.5))),
        "old": (old, "petrol", 9500, (9500, 8700, None, 82_650, round((800**2 + 800**2) ** 0.5))),
        "no_fuel": (old, None, None, (None, 8700, None, 87_000, round((800**2 + 1200**2) ** 0.5))),
        "no_year": (None, "petrol", 9500, (9500, None, None, 95_000, round((800**2 + 2000**2) ** 0.5))),
        "neither": (None, None, None, (None, None, None, 100_000, round((800**2 + 2000**2) ** 0.5))),
        "far": (young, "petrol", None, (None, 6600, 9680, 63_888, round((800**2 + 1200**2) ** 0.5))),
    }
    assets = [
        {"asset_id": f"P01:{name}", "kind": "vehicle", "region": name, "built_year": built, "fuel": fuel}
        | ({"size": 25_000, "valid_from": D} if name == "far" else {})
        for name, (built, fuel, *_) in cases.items()
    ]  # fmt: skip
    found = performed(
        spark, [{"asset_id": f"P01:{name}"} for name in cases], [valued(name, year_ago, 100_000) for name in cases],
        [level(name, period, bp, kind="vehicle") for name, (_, _, moved, _) in cases.items() if moved
         for period, bp in ((year_ago.replace(day=1), 10_000), (MAR, moved))],
        assets,
    )  # fmt: skip
    columns = "index_move_bp", "curve_bp", "mileage_bp", "value_minor", "fsd_bp"
    for name, (*_, expected) in cases.items():
        assert tuple(found[f"P01:{name}"][column] for column in columns) == expected, name


def test_without_a_value_there_is_no_prudent_value_either(spark: SparkSession) -> None:
    found = performed(spark, [{"asset_id": "P01:none"}])
    assert [found["P01:none"][name] for name in ("value_minor", "fsd_bp", "prudent_minor")] == [None] * 3


def said(name: str, value: int, fsd_bp: int = 1000, *, own: bool = True) -> dict[str, Any]:
    sales = 100 if own else 99
    return {"asset_id": f"P01:{name}", "value_minor": value, "fsd_bp": fsd_bp, "wide_bp": 2 * fsd_bp, "own_sales": sales}


def test_what_two_candidates_come_to(spark: SparkSession) -> None:
    """Columns: recorded (FSD 800), model, then value, by what, FSD, apart, calibration; a borrowed FSD is 2000 at least."""
    cases: dict[str, tuple[int | None, dict[str, Any] | None, tuple[Any, ...]]] = {
        "both": (10_000, {"value": 11_000, "fsd_bp": 1600},
                 (round((10_000 * 4 + 11_000) / 5), "both", 800, 909, "own")),
        "surer_model": (10_000, {"value": 11_000, "fsd_bp": 400}, (round((10_000 + 11_000 * 4) / 5), "both", 400, 909, "own")),
        "borrowed": (10_000, {"value": 11_000, "fsd_bp": 400, "own": False},
                     (round((10_000 * 2000**2 + 11_000 * 800**2) / (2000**2 + 800**2)), "both", 800, 909, "borrowed")),
        "far_above": (10_000, {"value": 7_957}, (7_957, "model", 1000, 2567, "own")),
        "explained": (10_000, {"value": 7_961}, (9_204, "both", 800, 2561, "own")),
        "far_below": (10_000, {"value": 13_400, "fsd_bp": 500}, (10_000, "recorded", 800, 2537, "own")),
        "far_borrowed": (10_000, {"value": 6_980, "own": False}, (10_000, "recorded", 2000, 4326, "borrowed")),
        "near_borrowed": (10_000, {"value": 6_990, "own": False},
                          (round((10_000 * 2000**2 + 6_990 * 800**2) / (2000**2 + 800**2)), "both", 800, 4306, "borrowed")),
        "at_the_limit": (10_000, {"value": 8_000, "fsd_bp": 800}, (9_000, "both", 800, 2500, "own")),
        "model_alone": (None, {"value": 500, "fsd_bp": 900}, (500, "model", 900, None, "own")),
        "model_alone_borrowed": (None, {"value": 500, "fsd_bp": 900, "own": False}, (500, "model", 2000, None, "borrowed")),
        "recorded_alone": (700, None, (700, "recorded", 800, None, None)),
        "neither": (None, None, (None, None, None, None, None)),
    }  # fmt: skip
    found = performed(
        spark, [{"asset_id": f"P01:{name}"} for name in cases],
        [valued(name, D, recorded) for name, (recorded, *_) in cases.items() if recorded],
        model=[said(name, **of) for name, (_, of, _) in cases.items() if of],
    )  # fmt: skip
    columns = "value_minor", "valued_by", "fsd_bp", "apart_bp", "calibration"
    for name, (*_, expected) in cases.items():
        assert tuple(found[f"P01:{name}"][column] for column in columns) == expected, name
    assert found["P01:neither"]["unknown_because"] == "no valuation, and the model takes size"
    assert (found["P01:model_alone"]["currency"], found["P01:model_alone"]["prudent_minor"]) == ("CNY", 351)


def test_a_value_in_another_currency_is_not_averaged_with_the_models(spark: SparkSession) -> None:
    found = performed(spark, [{"asset_id": "P01:a"}], [{**valued("a", D, 1000), "currency": "USD"}], model=[said("a", 7000)])
    assert [found["P01:a"][name] for name in ("value_minor", "currency", "valued_by", "model_minor")] == [
        1000, "USD", "recorded", None,
    ]  # fmt: skip


def test_what_a_model_said_of_other_traits_or_by_another_model_no_longer_counts(spark: SparkSession) -> None:
    found = performed(spark, [{"asset_id": "P01:a"}], model=[{**said("a", 7000), "by_model": "older"}])
    assert found["P01:a"]["value_minor"] is None
