"""Data 09 and 11 as published price indices: each a table of levels, or of changes a month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from loanwatch.cover.chain import Chained, Published, chained

OWNED = ("existing", "mom", "all")  # of data 11: what stands, changes a month, homes of all sizes


def fhfa_states(data: Path) -> list[Published]:
    """Indices of 51 states by quarter, 1975 to 2019 (data 09); one quarter of one state is not published (`.`)."""
    names = ["place", "year", "quarter", "index"]
    raw = pd.read_csv(data / "09-hpi-us-fhfa" / "HPI_AT_state.csv.gz", names=names, na_values=".")
    return list(_quarters(raw))


def fhfa_metros(data: Path) -> list[Published]:
    """Indices of 404 metropolitan areas by quarter, 1975 to 2022 (data 09); `-` is not published."""
    raw = pd.read_csv(data / "09-hpi-us-fhfa" / "HPI_AT_metro.csv.gz", na_values="-")
    raw.columns = ["name", "place", "year", "quarter", "index", "error"]
    return list(_quarters(raw.astype({"place": str})))


def china(data: Path) -> list[Published]:
    """Changes a month of existing homes in 70 cities, October 2020 to June 2026 (data 11)."""
    raw = pd.read_csv(data / "11-hpi-china-70-cities" / "nbs_70city_long.csv.gz", usecols=range(7))
    of = raw[(raw["series"] == OWNED[0]) & (raw["measure"] == OWNED[1]) & (raw["size_band"] == OWNED[2])]
    return [
        Published((city,), date.fromisoformat(f"{month}-01"), change_bp=round(100 * value))
        for month, city, value in zip(of["month"], of["city"], of["value"], strict=True)
    ]


def by_cell(rows: Iterable[Published], months: int) -> dict[str, list[Chained]]:
    """The chained levels of each cell, in order."""
    cells: dict[str, list[Chained]] = {}
    for row in chained(rows, months):
        cells.setdefault(row.cell[0], []).append(row)
    return cells


INDICES: dict[str, tuple[Callable[[Path], list[Published]], int]] = {
    "FHFA, states (09)": (fhfa_states, 3), "FHFA, metropolitan areas (09)": (fhfa_metros, 3), "China, 70 cities (11)": (china, 1),
}  # fmt: skip
"""What publishes an index, and how many months its periods have."""


def furthest(rows: Iterable[Published], cells: Mapping[str, Sequence[Chained]]) -> float | None:
    """Of a loan of as much as its home was worth in a cell's first period: by how much its LTV in any other period, with the home
    moved by the chained level, is off from that with the published level, relatively; None where no level is published."""
    levels = {(row.cell[0], row.period_on): row.level_bp for row in rows}
    off = [
        abs((1 / row.level) / (first / now) - 1)
        for cell, of in cells.items() for row in of
        if (first := levels[cell, of[0].period_on]) and (now := levels[cell, row.period_on])
    ]  # fmt: skip
    return max(off, default=None)


def _quarters(raw: pd.DataFrame) -> Iterable[Published]:
    told = raw.dropna(subset="index")
    for place, year, quarter, index in zip(told["place"], told["year"], told["quarter"], told["index"], strict=True):
        yield Published((place,), date(int(year), 3 * int(quarter) - 2, 1), level_bp=round(100 * index))
