"""`loanwatch model fit | list | card | promote | refresh` on the sales of a lake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cli import loanwatch
from cover.model.markets import homes
from lakes import released

from loanwatch.admit.collateral_feeds import SALE
from loanwatch.admit.tables import SUPERSEDED
from loanwatch.cover.model.champions import Models
from loanwatch.seal import publication

if TYPE_CHECKING:
    from pathlib import Path

    from loanwatch.lake import Lake

D, NEXT = date(2015, 1, 5), date(2015, 1, 6)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """800 sales of houses from 2012 to 2014 in a release of 2015-01-05; of one there are two versions, one is withdrawn, some are
    cheap for being sold within the family, and three come too late to be known."""
    drawn = homes(800)
    sales: list[dict[str, Any]] = [
        {"sender_id": "valuer", "sale_id": row["sale_id"], "sold_on": row["sold_on"].date(), "delivery_no": 1, "line_no": n,
         "related": False, "withdrawn": False, **{name: row[name] for name in ("kind", "region", "currency")},
         **{name: int(row[name]) for name in ("price_minor", "size", "grade", "built_year", "latitude_e4", "longitude_e4")}}
        for n, row in enumerate(drawn.to_dict("records"), 1)
    ]  # fmt: skip
    for row in sales[:20]:
        row |= {"related": True, "price_minor": 1}
    sales[30] |= {"withdrawn": True, "price_minor": 1}
    sales.append({**sales[40], "delivery_no": 2, "line_no": 1})
    sales[40] |= {"price_minor": 1}
    sales += [{**sales[50], "sale_id": f"late{n}", "sold_on": D + timedelta(n), "line_no": 900 + n} for n in range(3)]
    lost = [{"feed": "sale", "delivery_no": 1, "line_no": 41, "by": 2}]
    made, _ = released(tmp_path / "lake", D, {SALE.table: sales, SUPERSEDED: lost}, known=2)
    return made


def model(lake: Lake, *words: str) -> str:
    done = loanwatch("model", *words, "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_sales_to_a_champion(lake: Lake) -> None:
    said = model(lake, "refresh", "--date", str(D))
    assert "flat: 0 sales of a flat in CNY before 2015-01-05; a model takes 300" in said
    assert "values from 2015-01-06 on" in said
    fitted, promoted = Models(lake).rows()
    assert (fitted["act"], fitted["sales"], fitted["until_on"]) == ("fitted", 779, D)
    assert (promoted["act"], promoted["from_on"]) == ("promoted", NEXT)
    assert fitted["median_error_bp"] < 1500, "the sales of a unit of money are no comparables"
    assert "house CNY" in model(lake, "list")
    card = model(lake, "card", fitted["model"][:8], "--page", str(lake.path / "card.html"))
    assert "house in CNY: 779 sales from 2012-0" in card
    assert "2014Q4" in card
    assert fitted["model"] in (lake.path / "card.html").read_text("utf-8")

    again = model(lake, "refresh", "--date", str(D))
    assert "0 sales that neither knew; 50 are asked" in again
    assert len(Models(lake).rows()) == 2
    model(lake, "fit", "house", "--date", str(date(2014, 12, 1)))
    *_, older = Models(lake).rows()
    model(lake, "promote", older["model"])
    assert Models(lake).champions(NEXT, "CNY")["house"].digest == older["model"]
    assert Models(lake).champions(D, "CNY") == {}, "a release that is there stays as it was"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("fit", "boat", "--date", "2015-01-05"), 2, "no kind 'boat'; kinds: flat, house, vehicle"),
        (("fit", "flat", "--date", "2015-01-05"), 1, "0 sales of a flat in CNY before 2015-01-05; a model takes 300"),
        (("fit", "house", "--date", "tomorrow"), 2, "'tomorrow' is no date"),
        (("promote", "abc"), 2, "0 models begin with 'abc'; `loanwatch model list` shows them"),
    ],
)  # fmt: skip
def test_mistakes(lake: Lake, words: tuple[str, ...], code: int, said: str) -> None:
    done = loanwatch("model", *words, "--lake", lake.path)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_nothing_is_promoted_while_a_night_is_under_way(lake: Lake) -> None:
    model(lake, "fit", "house", "--date", str(D))
    (fitted,) = Models(lake).rows()
    publication.open_attempt(lake, NEXT, "a test")
    done = loanwatch("model", "promote", fitted["model"], "--lake", lake.path)
    assert done.returncode == 4
    assert "an attempt for 2015-01-06 is open; promote when it is published" in done.stderr
