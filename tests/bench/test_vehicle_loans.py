"""The bench of vehicle loans, on a few loans and scores of which the answer is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from adapters import abs_ee_file
from adapters.abs_ee_file import LEVEL, loan
from sklearn.metrics import roc_auc_score

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)  # the scripts here import each other plainly
try:
    import values
    from vehicle_book import Book, loan_months, repossessed, straight_line
    from vehicle_loans import HEADING, drawn_loans, features, ranked, told_apart
finally:
    sys.path.remove(HERE)  # and some are named as folders of tests

PAYS, LOST, SOLD, LATE = range(4)
P = LEVEL


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Nine month-ends from May 2017: one pays, one is charged off in October, one's vehicle is sold in September, one is late."""
    loans = [
        loan(1, [P] * 8, vehicleModelYear=2016),
        loan(2, [P, 0, 0, 0, 20, None, None, None], BAL5=0.0, PRC5=0.0, REP5=500.0, REP6=-300.0, REC7=25.0),
        loan(3, [P, 0, 0, 0, None, None, None, None], REP4=700.0, REP5=100.0),
        loan(4, [P, 0, 0, 0, P, P, P, P]),
    ]
    return Book.read([abs_ee_file.write(tmp_path_factory.mktemp("abs-ee") / "pool1.csv", loans)])


def test_values_fall_along_the_curve_of_the_tenant(book: Book) -> None:
    """3,000 in November 2016: made in mid-2014, and in mid-2016; 11.5 % a year."""
    on, end = np.datetime64("2016-11-01"), np.datetime64("2018-01-31")
    years = (end - on).astype(int) / 365
    assert book.tape.month_ends[-1] == end
    assert book.value["curve"][[PAYS, LOST], -1] == pytest.approx(300_000 * 0.885**years)
    assert book.value["unmoved"][PAYS].tolist() == [300_000] * 9
    ages = (on - np.array(["2016-07-01", "2014-07-01"], "datetime64[D]")).astype(int) / 365
    assert book.value["straight line"][[PAYS, LOST], -1] == pytest.approx(300_000 * (10 - ages - years) / (10 - ages))
    assert straight_line(np.array([3000]), np.array([9999])) == pytest.approx(365 / 650)


def test_payments_behind_are_those_due_and_not_made(book: Book) -> None:
    assert book.behind[PAYS].round(6).tolist() == [0] * 9
    assert book.behind[LATE].round(6).tolist() == [0, 0, 1, 2, 3, 3, 3, 3, 3]


def test_a_charge_off_is_followed_to_its_month_and_what_is_not_known_is_left_out(book: Book) -> None:
    rows = loan_months(book)
    by_loan = {number: of.set_index("month")["follows"].to_dict() for number, of in rows.groupby("loan")}
    assert by_loan[LOST] == {0: False, 1: False, 2: True, 3: True, 4: True}
    assert by_loan[PAYS] == by_loan[LATE] == dict.fromkeys(range(6), False)  # the file ends three months later
    assert by_loan[SOLD] == {0: False}  # sold in the fourth month, and never written to zero
    ltv = rows.set_index(["loan", "month"]).loc[(PAYS, 3)]
    assert ltv["unmoved"] == pytest.approx(book.tape.balance[PAYS, 3] / 300_000)
    assert (ltv["months_on_book"], ltv["behind"]) == (9, 0)


def test_repossession_brings_all_proceeds_over_the_value_of_the_month_before(book: Book) -> None:
    sold = repossessed(book)
    assert sold["proceeds"].tolist() == [500_00, 800_00]
    assert sold["curve"].tolist() == [book.value["curve"][LOST, 4], book.value["curve"][SOLD, 3]]
    assert sold["balance"].tolist() == [book.tape.balance[LOST, 4], book.tape.balance[SOLD, 3]]
    years = (book.tape.month_ends[4] - np.datetime64("2016-11-01")).astype(int) / 365
    fsd = (0.15**2 + 0.12**2 * years) ** 0.5
    assert sold["prudent"][0] == pytest.approx(sold["curve"][0] * ((1 - fsd) * 0.75 - 0.06))


def test_ranks_are_measured_by_loan_and_ties_by_halves() -> None:
    draw = np.random.default_rng(1)
    loans = np.repeat(np.arange(100), 20)
    score, follows = draw.integers(0, 9, 2000) / 9, draw.random(2000) < 0.1
    drawn = drawn_loans(100)[:4]
    auc, one, _, five = ranked(score, follows, loans, drawn)
    assert auc == pytest.approx([roc_auc_score(follows, score, sample_weight=weights[loans]) for weights in drawn])
    assert (len(set(auc)), drawn.sum(axis=1).tolist()) == (4, [100] * 4)
    assert five[0] == pytest.approx(5 * one[0])  # both within those of the highest score, a ninth of all
    first = np.where(follows, 1.0, 0.0)
    assert ranked(first, follows, loans, drawn[:1])[3][0] == pytest.approx(100 / follows.sum())


def test_differences_are_told_by_whether_their_interval_leaves_nothing() -> None:
    spread = np.linspace(-1, 1, 101)
    assert told_apart({"a": spread + 2, "b": spread + 0.5, "c": spread - 2, "d": spread + 3}) == (
        "Adds to the AUC: a; d. Adds nothing to the AUC that can be told from chance: b. Takes from the AUC: c."
    )


def test_what_is_known_beside_arrears_may_count_more_for_those_who_are_behind() -> None:
    rows = pd.DataFrame({"behind": [0.0, 0.5, 2.5], "curve": [0.8, 0.8, 0.8]})
    told = features(rows, ("behind", "curve"))
    assert told["curve, behind"].tolist() == pytest.approx([0, 0.4, 0.8])
    assert [told[f"behind {knot}"].tolist() for knot in (1, 2, 3)] == [[0, 0, 1.5], [0, 0, 0.5], [0, 0, 0]]


def test_the_page_keeps_its_other_sections() -> None:
    page = values.PAGE.read_text(encoding="utf-8")
    assert page.count(HEADING) == 1
    others = page.partition(f"\n{HEADING}")[0]
    assert values.spliced(page, f"\n{HEADING}\n\nanew\n") == f"{others}\n{HEADING}\n\nanew\n"
    assert values.spliced(others, "\nfirst\n") == f"{others}\nfirst\n"
