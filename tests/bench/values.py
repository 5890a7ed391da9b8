"""How good values of houses and vehicles are on real sales: `python tests/bench/values.py --data DIR`.

Writes `tests/bench/values.md`. A model knows only sales before the quarter that it values; where sales are of one time, a fifth
of them, by a hash of their numbers, is valued by a model of the others. Loans on vehicles month by month: `vehicle_loans`; with
`--only-loans` that section alone is written anew.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import indices
import pandas as pd
import sales
import vehicle_loans
from night import machine

from loanwatch.admit import sale_files
from loanwatch.commands.model import MEANT, cells
from loanwatch.cover.model import backtest
from loanwatch.cover.model.valuer import comparable

PAGE = Path(__file__).with_name("values.md")
CITIES = ("北京", "上海", "深圳", "温州")
HEADINGS = "| | sales | MdAPE | in 5% | in 10% | in 20% | bias | 1 FSD | 90% band |\n|---|---|---|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Asked:
    """Sales of a source to be valued: of months from the first to before the last, or a fifth where none is given."""

    title: str
    source: str
    kind: str
    first: date | None = None
    end: date | None = None


ASKED = (
    Asked("Houses, Seattle (07), 2015 by rolling quarters", "seattle", "house", date(2015, 1, 1), date(2016, 1, 1)),
    Asked("Houses, King County (08), a fifth held out", "king-county", "house"),
    Asked("Vehicles, United Kingdom (12), a fifth held out", "uk-cars", "vehicle"),
)


def measured(asked: Asked, data: Path, folder: Path) -> Iterator[str]:
    """The lines of one table."""
    began = time.process_time()
    found = sale_files.read([sales.write(asked.source, data, folder)])
    rows = found.rows.to_pandas()
    rows = comparable(rows.assign(sold_on=pd.to_datetime(rows["sold_on"])), asked.kind)
    if asked.first is None or asked.end is None:
        tested = [backtest.held_out(rows, asked.kind)]
    else:
        tested = list(backtest.by_period(rows, asked.kind, asked.first, asked.end, 3))
    told = backtest.summed_up(tested)
    rejected = "; ".join(f"{count:,} rejected, {reason}" for reason, count in sorted(found.rejected.items()))
    yield f"\n## {asked.title}\n\n{found.rows_in:,} rows, {found.repeated:,} repeated{'; ' if rejected else ''}{rejected}; "
    yield f"{time.process_time() - began:.0f} CPU s with everything.\n\n{HEADINGS}"
    for name, figures in told.items():
        yield f"| {name} | {' | '.join(cells(figures))} |\n"


def index_lines(data: Path) -> Iterator[str]:
    """The table of price indices: how exact LTV is on published levels, and what chained changes come to."""
    yield "\n## LTV moved by a published index\n\n"
    yield "LTV = balance / (value at origination x index ratio), of every cell and period against its first; *off*: the largest "
    yield "relative difference from the same with the published levels. China publishes changes a month: chained.\n\n"
    yield "| index | cells | periods published | off | periods bridged |\n|---|---|---|---|---|\n"
    for title, (published, months) in indices.INDICES.items():
        rows = published(data)
        cells = indices.by_cell(rows, months)
        off, bridged = indices.furthest(rows, cells), sum(of[-1].bridged for of in cells.values())
        yield f"| {title} | {len(cells)} | {len(rows):,} | {'' if off is None else f'{off:.0e}'} | {bridged} |\n"
    last = ", ".join(f"{city} {100 * of[-1].level:.1f}" for city, of in cells.items() if city in CITIES)
    yield f"\nExisting homes, June 2026, October 2020 = 100: {last}.\n"


def spliced(page: str, section: str) -> str:
    """The page with its section on vehicle loans, the last one, written anew."""
    return page.partition(f"\n{vehicle_loans.HEADING}")[0] + section


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only-loans", action="store_true", help="the section on vehicle loans alone; the page keeps the others")
    given = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8") if given.only_loans else whole(given.data)
    section = "".join(vehicle_loans.lines(given.data))
    print(section)
    PAGE.write_text(spliced(page, section), encoding="utf-8")


def whole(data: Path) -> str:
    """The page but for vehicle loans."""
    text = "".join(index_lines(data))
    print(text)
    text = f"# What values are worth\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\nBy `make bench-values`; {MEANT}.\n{text}"
    with tempfile.TemporaryDirectory() as folder:
        for asked in ASKED:
            text += "".join(measured(asked, data, Path(folder)))
            print(text.rsplit("\n## ", 1)[-1], flush=True)
    return text


if __name__ == "__main__":
    main()
