"""The page of a model's card: its figures and pictures, in both languages, whatever regions are called."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loanwatch.report.model_card import Card, Level, card_page
from loanwatch.report.page import Language, Words

CONF = Path(__file__).parents[2] / "conf"
FIRST = date(2024, 1, 1)


def figures(sales: float, **changed: float) -> dict[str, float]:
    told = {"sales": sales, "median_error": 8.04, "within_10": 57.5, "bias": -1.24, "likely": 68.3, "nearly_all": 89.9}
    return {**told, **changed}


def card(language: Language = "en", **changed: Any) -> Card:
    told: dict[str, Any] = {
        "kind": "flat", "currency": "CNY", "sales": 12_345, "unseen": 678, "first_sold_on": "2024-01-01", "until_on": "2024-01-11",
        "accuracy": {"in total": figures(678), "quarter": {"2023Q4": figures(678)},
                     "price": {"lower third": figures(226)}, "region": {"<b>x</b>": figures(400, median_error=16.08)}},
    }  # fmt: skip
    days = [FIRST + timedelta(5 * n) for n in range(5)]
    levels = [Level(None, list(zip(days, [100.0, 110.0, 120.0, 110.0, 140.0], strict=True)))]
    return Card("d" * 64, {**told, **changed}, levels, [("log_size", 0.6), ("grade", 0.4)], language)


def page(of: Card) -> str:
    return card_page(of, Words.load(CONF, of.language))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_and_figures_of_the_card_are_on_the_page(language: Language) -> None:
    html = page(card(language))
    for text in ("d" * 64, "12,345", "678", "2024-01-11", "8.0%", "57.5%", "-1.2%", "68.3%", "89.9%", "log_size", "60.0%"):
        assert text in html, text
    assert "{" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    assert "<b>x" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_bars_are_as_long_as_what_they_show_and_marks_stand_where_the_share_is_asked() -> None:
    html = page(card())
    assert re.findall(r'class="s31" y="2" width="([\d.]+)"', html) == ["50.00"] * 3 + ["100.00", "100.00", "66.67"]
    assert re.findall(r'class="s1" y="2" width="([\d.]+)"', html) == ["68.30", "89.90"] * 4
    assert re.findall(r'class="own" d="M([\d.]+) ', html) == ["68.3", "90"] * 4


def test_the_level_is_drawn_up_to_the_last_sale_and_dashed_beyond() -> None:
    """20 days on 400 points, from 100 at the bottom to 140 at the top of 90; sales are known for half of them."""
    html = page(card())
    known, ahead = re.findall(r'class="whole(?: ahead)?" d="([^"]*)"', html)
    assert known == "M0.0 90.0 L100.0 67.5 L200.0 45.0"
    assert ahead == "M200.0 45.0 L300.0 67.5 L400.0 0.0"
    assert '<rect class="axis" width="200.0" height="90.0"/>' in html
    assert "from 2024-01-01 to 2024-01-21; the first day is 100, the lowest 100.0, the highest 140.0" in html
