"""Roll rates of the card customers (data 01): by our `balance.loan_day`, and by the file's own status.

`python tests/real/roll_rates.py --data FOLDER --lake LAKE` reads the month-ends that `month_ends.py` has left in a lake.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from loanwatch.adapters import mapping
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.lake import Lake
from loanwatch.seal import publication

BUCKETS = ("off", "0", "1-29", "30-59", "60-89", "90-119", "120-149", "150+")
SILENT = "none"
EDGES = [-2, -1, 0, 29, 59, 89, 119, 149, 99_999]
OF_STATUS = {"C": "off", "X": "off", **dict(zip("012345", BUCKETS[2:], strict=True))}


def ours(lake: Lake) -> pd.DataFrame:
    """The bucket of each account at each month-end, by the number of the month; off = owes nothing."""
    found = {}
    newest = {attempt.as_of: attempt.release for attempt in publication.attempts(lake) if attempt.state != "open"}
    for day, release in sorted(newest.items()):
        rows = lake.rows(LOAN_DAY, f"release = {release}", ("loan_id", "days_past_due")).to_pandas()
        found[day.year * 12 + day.month] = rows.set_index(rows["loan_id"].str.partition(":")[2].astype(int))["days_past_due"]
    days = pd.DataFrame(found).fillna(-1)
    return days.apply(lambda column: pd.cut(column, EDGES, labels=list(BUCKETS)).astype(str))


def stated(file: Path) -> pd.DataFrame:
    """The bucket that the file states; none = the file does not speak of the account."""
    drawn = date.fromisoformat(str(mapping("card-dpd").files["credit_record"].business_on.constant))
    rows = pd.read_csv(file)
    rows["month"] = rows["MONTHS_BALANCE"] + drawn.year * 12 + drawn.month
    rows["bucket"] = rows["STATUS"].map(OF_STATUS)
    return rows.pivot_table(index="ID", columns="month", values="bucket", aggfunc="first").fillna(SILENT)


def rolls(buckets: pd.DataFrame, told: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """How many accounts go from one bucket (row) to another (column), over all pairs of months of which both are told."""
    pairs = told[:, :-1] & told[:, 1:]
    before, after = buckets.iloc[:, :-1].to_numpy()[pairs], buckets.iloc[:, 1:].to_numpy()[pairs]
    order = [bucket for bucket in BUCKETS if bucket in before or bucket in after]
    return pd.crosstab(before, after).reindex(index=order, columns=order, fill_value=0)


def main() -> None:
    """Print both matrices, their rates, and every way in which the two differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lake", type=Path, required=True)
    given = parser.parse_args()
    mine, file = ours(Lake(given.lake)), stated(given.data / "01-card-monthly-dpd" / "credit_record.csv.gz")
    months = [month for month in file.columns if month in mine.columns]
    mine, file = mine.reindex(index=file.index, columns=months).fillna("off"), file[months]
    both, told = np.stack([mine.to_numpy(), file.to_numpy()]), file.to_numpy() != SILENT
    print(f"{len(months)} months, {told.sum()} customer-months stated, {(both[0] == both[1])[told].sum()} in the same bucket")
    print("ours (columns) against the file's (rows):", pd.crosstab(both[1].ravel(), both[0].ravel()).to_string(), sep="\n")
    for name, buckets in (("file", file), ("ours", mine)):
        counts = rolls(buckets, told)
        print(f"{name}, accounts from month to month:", counts.to_string(), sep="\n")
        print(f"{name}, roll rates, percent:", (100 * counts.div(counts.sum(axis=1), axis=0)).round(2).to_string(), sep="\n")


if __name__ == "__main__":
    main()
