"""Indicators per borrower, theme by theme: one drawn book against plain Python."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from derive.borrowers import OCCASIONAL, performed
from derive.reference import agree
from derive.themes import behaviour, book, contact, financials, legal

from loanwatch.derive.tables import BORROWER_INDICATORS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_borrowers_have_what_the_words_of_their_indicators_say(spark: SparkSession) -> None:
    draw = random.Random(17)
    loans = book.drawn(draw)
    did = behaviour.drawn(draw, loans)
    indicators, classes = book.of_loans(draw, loans)
    pledges, assets = book.pledged(draw, loans)
    contacts, attempts = contact.drawn(draw, loans)
    signals, statements = legal.drawn(draw, loans), financials.drawn(draw, loans)
    found = performed(
        spark, loans, did, of_loans=indicators, classes=classes, sent=dict.fromkeys(("P01", "P02"), OCCASIONAL),
        pledge=pledges, asset=assets, contact=contacts, contact_attempt=attempts, signal=signals, statement=statements,
    )  # fmt: skip
    themes = (
        book.expected(loans, indicators, classes, pledges, assets, contacts), contact.expected(loans, contacts, attempts),
        legal.expected(loans, signals), financials.expected(loans, statements),
        behaviour.expected(loans, did, {name for name, row in found.items() if row["activity_gap"] == "none"}),
    )  # fmt: skip
    agree(found, BORROWER_INDICATORS, {name: {k: v for theme in themes for k, v in theme[name].items()} for name in found})
    lonely = [name for name, row in found.items() if row["spend_kept_bp"] is not None and row["spend_kept_vs_peers_bp"] is None]
    assert len(lonely) > 5, "too few peers, also of the product"
