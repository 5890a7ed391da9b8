"""Models in a lake: fitted, kept, refused where they are not what was written, promoted, and asked once a month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from cover.model.markets import homes
from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.model.artefact import Artefact, load, save
from loanwatch.cover.model.champions import Champion, Models
from loanwatch.cover.model.contest import card, ruled
from loanwatch.cover.model.traits import days
from loanwatch.cover.model.valuer import Fit, comparable, fit
from loanwatch.cover.model_value import model_value
from loanwatch.cover.tables import MODEL_VALUE
from loanwatch.errors import DataError
from loanwatch.lake import Lake

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

UNTIL = date(2015, 1, 1)
D, MIDDLE = date(2015, 1, 20), date(2015, 1, 15)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return comparable(homes(900).assign(region="here"), "house")


@pytest.fixture(scope="module")
def new(sales: pd.DataFrame) -> Fit:
    return fit(sales, "house", float((UNTIL - date(1970, 1, 1)).days))


@pytest.fixture(scope="module")
def artefact(new: Fit, sales: pd.DataFrame) -> Artefact:
    return Artefact(new.valuer, card(new, sales, "house", UNTIL))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.open("demo")
    return made


def test_what_is_read_values_as_what_was_written_and_has_the_same_digest(tmp_path: Path, artefact: Artefact) -> None:
    name = save(artefact, tmp_path)
    again = load(tmp_path, name)
    asked = homes(60, seed=4)
    on = days(asked["sold_on"])
    one, two = artefact.valuer.value(asked, on), again.valuer.value(asked, on)
    assert (one.value == two.value).all()
    assert (one.wide == two.wide).all()
    assert again.card == dict(artefact.card)
    assert save(again, tmp_path) == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_same_sales_fit_the_same_model(tmp_path: Path, artefact: Artefact, sales: pd.DataFrame) -> None:
    again = fit(sales, "house", float((UNTIL - date(1970, 1, 1)).days))
    assert save(Artefact(again.valuer, card(again, sales, "house", UNTIL)), tmp_path) == save(artefact, tmp_path)


@pytest.mark.parametrize("how", ["changed", "gone", "added"])
def test_a_model_that_is_not_what_was_written_is_refused(tmp_path: Path, artefact: Artefact, how: str) -> None:
    name = save(artefact, tmp_path)
    file = tmp_path / name / "trees_0.txt"
    if how == "changed":
        file.write_bytes(file.read_bytes().replace(b"0", b"1", 1))
    elif how == "gone":
        file.unlink()
    else:
        (tmp_path / name / "more.py").write_text("print(1)")
    with pytest.raises(DataError, match="not the model that was written"):
        load(tmp_path, name)
    with pytest.raises(DataError, match="no such model"):
        load(tmp_path, "0" * 64)


def test_the_champion_of_a_date_is_the_last_promoted_by_then_that_knows_no_later_sale(lake: Lake, artefact: Artefact) -> None:
    models = Models(lake)
    assert models.champions(D, "CNY") == {}
    old = models.keep(Artefact(artefact.valuer, {**artefact.card, "until_on": "2014-12-01"}), "ann")
    new = models.keep(artefact, "ann")
    assert models.keep(artefact, "bob") == new
    assert [(row["act_no"], row["act"], row["said_by"]) for row in models.rows()] == [(1, "fitted", "ann"), (2, "fitted", "ann")]
    models.promote(old, date(2014, 12, 10), "ann", "first")
    models.promote(new, date(2015, 1, 5), "ann", "nearer")
    currency = artefact.card["currency"]
    told = {day: models.champions(day, currency) for day in (date(2014, 12, 9), date(2014, 12, 10), date(2015, 1, 4), D)}
    assert [of["house"].digest if of else None for of in told.values()] == [None, old, old, new]
    models.promote(old, date(2015, 1, 5), "bob", "taken back")
    assert models.champions(D, currency)["house"].digest == old
    assert models.champions(D, "USD") == {}


def test_a_model_takes_the_place_of_another_only_where_it_is_nearer_to_what_neither_knew(
    new: Fit, sales: pd.DataFrame, artefact: Artefact
) -> None:
    assert ruled(new, sales, "house", None).promoted
    early = sales[sales["sold_on"] < "2014-02-01"].reset_index(drop=True)
    first = new.unseen["sold_on"].min().date()
    stale = fit(early, "house", float((date(2014, 2, 1) - date(1970, 1, 1)).days)).valuer
    worse = Artefact(stale, {**artefact.card, "until_on": first.isoformat()})
    better = Artefact(new.valuer, {**artefact.card, "until_on": first.isoformat()})  # has in truth seen them all
    assert ruled(new, sales, "house", worse).promoted
    assert not ruled(new, sales, "house", better).promoted
    knows_all = ruled(new, sales, "house", artefact)
    assert (knows_all.promoted, knows_all.why) == (False, "0 sales that neither knew; 50 are asked")
    sure = Fit(new.valuer, new.unseen, type(new.values)(new.values.value, new.values.fsd / 9, new.values.wide / 9))
    assert "a band for 90 % holds" in ruled(sure, sales, "house", worse).why


def test_an_asset_is_valued_once_a_month_unless_it_or_the_model_changes(
    spark: SparkSession, tmp_path: Path, artefact: Artefact
) -> None:
    name = save(artefact, tmp_path)
    champions = {"house": Champion("house", artefact.card["currency"], str(tmp_path), name)}
    wanted = homes(40, seed=7)
    assets: Rows = [
        {"asset_id": f"P01:{n}", "kind": "house", "region": "here" if n % 2 else "elsewhere", "size": int(row["size"]),
         "built_year": int(row["built_year"]), "latitude_e3": int(row["latitude_e4"]) // 10,
         "longitude_e3": int(row["longitude_e4"]) // 10} for n, row in wanted.iterrows()
    ]  # fmt: skip
    assets[3]["size"] = None
    assets[4]["kind"] = "vehicle"
    pledges: Rows = [{"asset_id": row["asset_id"], "loan_id": "P01:1"} for row in assets]
    found = performed(spark, assets, pledges, [], champions)
    assert set(found) == {row["asset_id"] for row in assets} - {"P01:3", "P01:4"}
    asked = [row for row in assets if row["asset_id"] in found]
    by_hand = artefact.valuer.value(pd.DataFrame(asked), np.full(len(asked), float((MIDDLE - date(1970, 1, 1)).days)))
    for row, value, fsd in zip(asked, by_hand.value, by_hand.fsd, strict=True):
        told = found[row["asset_id"]]
        assert (told["value_minor"], told["fsd_bp"]) == (round(value), round(10_000 * fsd))
        assert (told["valued_for"], told["by_model"], told["own_sales"] > 0) == (MIDDLE, name, row["region"] == "here")
    known = [{**row, "as_of": D.replace(day=2)} for row in found.values()]
    assert performed(spark, assets, pledges, known, champions) == {}
    assets[0]["built_year"] += 1
    assert set(performed(spark, assets, pledges, known, champions)) == {"P01:0"}
    assert performed(spark, assets, pledges, [], {}) == {}


def performed(
    spark: SparkSession, assets: Rows, pledges: Rows, known: Rows, champions: dict[str, Champion]
) -> dict[str, dict[str, Any]]:
    schema = f"{MODEL_VALUE.spark}, as_of date"
    line = spark.createDataFrame([tuple(row[name] for name in (*MODEL_VALUE.names, "as_of")) for row in known], schema)
    rows = model_value(
        frame(spark, LOAN_DAY, [{"loan_id": "P01:1"}]), frame(spark, feeds.PLEDGE, pledges), frame(spark, feeds.ASSET, assets),
        line, D, champions,
    ).collect()  # fmt: skip
    return {row["asset_id"]: row.asDict() for row in rows}
