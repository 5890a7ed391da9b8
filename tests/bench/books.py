"""Books of real borrowers of whom the event is known: what to run, and what became of each loan by the source's own word."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from loanwatch.adapters.abs_ee.endings import charge_offs
from loanwatch.adapters.abs_ee.tape import read
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE, INDEX_LEVEL, LOAN_COVER, MODEL_VALUE
from loanwatch.derive.tables import ASSET_INDICATOR, LOAN_INDICATOR
from loanwatch.flag.tables import RULE, VERDICT
from loanwatch.tables import Table

LOAN_TABLES = (LOAN_DAY, LOAN_MONTH, LOAN_INDICATOR, RULE, VERDICT)


@dataclass(frozen=True)
class Truth:
    """What a source says of its loans, months counted from year 0.

    `events` has a row per loan and month in which the event's state holds, `last` the last month of which the source tells,
    by loan; `off_book` the loan-months that it tells of without a debt: nothing is raised on them, but they count.
    """

    events: pd.DataFrame
    last: dict[str, int]
    off_book: pd.DataFrame


@dataclass(frozen=True)
class Book:
    """A data set, the tenant and adapter it runs by, its month-ends, the event, and within how many months it has to follow.

    `reference` is what others reach on customers held back: share of loan-months with the event caught, by share looked at.
    """

    name: str
    title: str
    folder: str
    pattern: str
    adapter: str
    tenant: str
    first: date
    last: date
    event: str
    horizon: int
    truth: Callable[[list[Path]], Truth]
    tables: tuple[Table, ...] = LOAN_TABLES
    judged_from: date = date.min
    reference: tuple[tuple[str, dict[str, float]], ...] = ()

    def files(self, data: Path) -> list[Path]:
        """The files of the set."""
        return sorted((data / self.folder).glob(self.pattern))


def month_of(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def _frame(rows: Iterable[tuple[object, ...]], *names: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(names))


NONE = _frame([], "loan_id", "month")


def _cards(files: list[Path]) -> Truth:
    """Status 3 or worse: 90 days past due. Nothing is known of a customer after its last month."""
    rows = pd.concat([pd.read_csv(file, dtype={"STATUS": str}) for file in files])
    rows["loan_id"] = "CARDS:" + rows["ID"].astype(str)
    rows["month"] = month_of(CARDS.last) + rows["MONTHS_BALANCE"]
    late, idle = rows["STATUS"].isin(["3", "4", "5"]), rows["STATUS"].isin(["C", "X"])
    months = rows[["loan_id", "month"]]
    return Truth(months[late], rows.groupby("loan_id")["month"].max().to_dict(), months[idle])


def _vehicles(files: list[Path]) -> Truth:
    """Written to zero without a pay-off."""
    lost = _frame(((loan, month_of(day)) for loan, day in charge_offs(files)), "loan_id", "month")
    return Truth(lost, dict.fromkeys(read(files).loan_ids, month_of(VEHICLES.last)), NONE)


def _taiwan(files: list[Path]) -> Truth:
    """Default in October: the only outcome that is told."""
    october = month_of(date(2005, 10, 31))
    rows = []
    for file in files:
        with gzip.open(file, "rt") as lines:
            rows += [(f"TWC:{row['ID']}", int(row["default.payment.next.month"])) for row in csv.DictReader(lines)]
    defaults = ((loan, october) for loan, defaulted in rows if defaulted)
    return Truth(_frame(defaults, "loan_id", "month"), dict.fromkeys([loan for loan, _ in rows], october), NONE)


CARDS = Book(
    "01", "Card customers, status by month", "01-card-monthly-dpd", "credit_record*.csv.gz", "card-dpd", "cards",
    date(2015, 1, 31), date(2020, 1, 31), "90 days past due within three months; customer-months not yet 90 days past due", 3,
    _cards,
    reference=(
        ("held back: status alone", {"0.5": 43, "1": 56, "2": 60, "5": 62}),
        ("held back: boosting", {"0.5": 53, "1": 59, "2": 65, "5": 73}),
    ),
)  # fmt: skip
VEHICLES = Book(
    "02", "Vehicle loans", "02-auto-loan-abs-ee", "*.csv.gz", "abs-ee", "ally",
    date(2017, 5, 31), date(2020, 12, 31), "charged off within three months", 3, _vehicles,
    tables=(*LOAN_TABLES, INDEX_LEVEL, MODEL_VALUE, ASSET_VALUE, ALLOCATION, LOAN_COVER, ASSET_INDICATOR),
    reference=(
        ("held back: payments behind", {"1": 34, "2": 47, "5": 65}),
        ("held back: boosting", {"1": 42, "2": 68, "5": 87}),
    ),
)  # fmt: skip
TAIWAN = Book(
    "05", "Card clients, Taiwan", "05-card-default-taiwan", "*.csv.gz", "taiwan-cards", "taiwan-cards",
    date(2005, 4, 30), date(2005, 9, 30), "default in the next month, told of the last month-end only", 1, _taiwan,
    judged_from=date(2005, 9, 30),
)  # fmt: skip
BOOKS = (CARDS, VEHICLES, TAIWAN)


def judged(book: Book, truth: Truth, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Of loan-months (`loan_id`, `month`): whether they can be judged, and the month of the next event, or a month never reached.

    A loan-month in the event's state is no warning any more; one whose horizon reaches beyond what is known is judged only
    where the event has come.
    """
    never = np.iinfo(np.int32).max
    events = truth.events.sort_values("month").rename(columns={"month": "event"})
    ordered = rows.reset_index().sort_values("month")
    events = events.astype({"event": "int64"})
    found = pd.merge_asof(ordered, events, left_on="month", right_on="event", by="loan_id", direction="forward")
    event = found.set_index("index")["event"].reindex(rows.index).fillna(never).astype("int64")
    last = rows["loan_id"].map(truth.last)
    follows = event <= rows["month"] + book.horizon
    told = rows["month"] + book.horizon <= last
    begun = rows["month"] >= month_of(book.judged_from)
    return (event != rows["month"]) & (told | follows) & begun, event
