"""Cells of forms that our ledger tells: what is no loan, or is not known loan by loan. It has little: the book is nearly all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loanwatch.synth.columns import dates
from loanwatch.synth.plan import Plan, as_date

ASSETS, OFF_BALANCE = range(2, 23), 24  # of G11_II: what is no loan
ITEMS_OF_FIRMS = ("1.2.2.1", "5.2", "6.1", "6.1.1", "6.2", "6.2.1", "6.2.1.1", "6.3", "6.4", "8", "11")
OF_FIRMS_ALONE = ("10.1", "10.2", "10.3", "12", "16")  # persons have none
ALLOWED_MINOR, RECEIVABLE_MINOR = 1_500_000_00, 40_000_00  # for loans that perform; interest
ASKED = {"C": 10, "D": 30, "E": 60, "F": 20, "G": 25}  # applications, by column


def cells() -> Iterator[tuple[str, str, int]]:
    """Form, cell and figure of each."""
    allowed = {"1.2.C": ALLOWED_MINOR, "21.C": RECEIVABLE_MINOR}
    for item in (*ASSETS, OFF_BALANCE):
        yield from (("1104/G11II", f"{item}.{column}", allowed.get(f"{item}.{column}", 0)) for column in "CDFGHI")
        yield from (("1104/G11II", f"{item}.1.{column}", 0) for column in "FGHI")
        yield from (("1104/G11II", f"{item}.2.{column}", 0) for column in "CDFGHI")
    yield from (("1104/G11II", f"1.2.{column}", allowed.get(f"1.2.{column}", 0)) for column in "CDFGHI")
    yield from (("1104/G11II", cell, 0) for cell in ("26.A", "26.I", "27.A", "27.1.A", "28.A", "28.1.A"))
    yield from (("1104/G11II", f"{item}.I", 0) for item in ("23.1", "23.2", "25", "25.1", "25.2"))
    for item in ITEMS_OF_FIRMS:
        yield from (("1104/S63I", f"{item}.{column}", ASKED.get(column, 0) if item == "5.2" else 0) for column in "ABCDEFG")
    for item in OF_FIRMS_ALONE:
        yield from (("1104/S63I", f"{item}.{column}", 0) for column in "ABCD")
    yield from (("1104/S63II", f"5.{column}", 0) for column in "ABCDEFG")


def form_figure(plan: Plan, day: int) -> pa.Table:
    """The `form_figure` rows of a business date: of a month's last day, and on the first day of the last month-end before."""
    ends = [day] if as_date(day + 1).month != as_date(day).month else []
    ends += [day - as_date(day).day] if day == plan.first else []
    told = [*cells()]
    return pa.table({
        "form": pa.array([form for form, _, _ in told] * len(ends), pa.string()),
        "cell": pa.array([cell for _, cell, _ in told] * len(ends), pa.string()),
        "month_end": dates(np.repeat(np.array(ends, np.int64), len(told))),
        "figure": pa.array([figure for _, _, figure in told] * len(ends), pa.int64()),
    })  # fmt: skip
