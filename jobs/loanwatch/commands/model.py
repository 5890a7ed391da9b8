"""Models of what houses and vehicles are worth: `model test`."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from loanwatch import calendars
from loanwatch.commands.options import err, grid_of, out
from loanwatch.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from loanwatch.cover.model.accuracy import Accuracy

app = typer.Typer(no_args_is_help=True, help="Models of what houses and vehicles are worth.", rich_markup_mode=None)

MOST_REASONS = 10
MEANT = (
    "in per cent: MdAPE median absolute error of value over price; in 5%: sales so near; bias: median error; 1 FSD, 90% band: "
    "prices within one standard deviation of error, and within the band for nine of ten; below the total: simple tables, "
    "then of sales whose house or vehicle was sold before: the last price, moved by the market, drawn to what its traits were worth"
)
REFITS = {"monthly": 1, "quarterly": 3}

Kind = Annotated[Literal["house", "flat", "vehicle"], typer.Argument(help="Kind of asset.")]
More = Annotated[list[Path] | None, typer.Argument(help="Further files of sales.")]
Sales = Annotated[list[Path], typer.Option("--sales", help="Sales as `loanwatch feeds sale` prints it: CSV or Parquet.")]
From = Annotated[str | None, typer.Option("--from", help="First month to value, YYYY-MM; without: every fifth sale, by hash.")]
To = Annotated[str | None, typer.Option("--to", help="Last month to value.")]
Refit = Annotated[Literal["quarterly", "monthly"], typer.Option("--refit", help="How often a new model is fitted.")]


@app.callback()
def _group() -> None:
    """So that `test` is a command of its own."""


@app.command("test")
def try_out(
    kind: Kind, sales: Sales, more: More = None, first: From = None, last: To = None, refit: Refit = "quarterly",
) -> None:  # fmt: skip
    """How good values are: of sales that the model had not seen, by quarter and in total, and what simple tables would say."""
    from loanwatch.cover.model import backtest
    from loanwatch.cover.model.valuer import comparable

    if (first is None) != (last is None):
        raise UsageError("give both --from and --to, or neither")
    rows = comparable(_read([*sales, *(more or [])]), kind)
    if rows.empty:
        raise DataError(f"no sale of a {kind} in {', '.join(str(path) for path in sales)}")
    if first is None or last is None:
        tested = [backtest.held_out(rows, kind)]
    else:
        months = REFITS[refit]
        tested = list(backtest.by_period(rows, kind, _month(first), _after(_month(last)), months))
    if not tested:
        raise DataError(f"no sale of a {kind} from {first} to {last}")
    grid = grid_of("", "sales", "MdAPE", "in 5%", "in 10%", "in 20%", "bias", "1 FSD", "90% band")
    for name, told in backtest.summed_up(tested).items():
        grid.add_row(name, *cells(told))
    out.print(grid)
    out.print(MEANT, markup=False, highlight=False)


def cells(told: Accuracy) -> list[str]:
    """The figures of a row, in words."""
    numbers = (told.within_5, told.within_10, told.within_20, told.bias, told.likely, told.nearly_all)
    return [f"{told.sales:,}", f"{told.median_error:.2f}", *("" if math.isnan(n) else f"{n:.1f}" for n in numbers)]


def _read(paths: list[Path]) -> pd.DataFrame:
    """The sales of files; what was turned away is said."""
    import pandas as pd

    from loanwatch.admit import sale_files

    found = sale_files.read(paths)
    rejected = found.rows_in - len(found.rows) - found.repeated
    err.print(f"{found.rows_in:,} rows: {len(found.rows):,} admitted, {rejected:,} rejected, {found.repeated:,} repeated")
    for reason, count in found.rejected.most_common(MOST_REASONS):
        err.print(f"  {count:,} x {reason}", markup=False, highlight=False)
    sales: pd.DataFrame = found.rows.to_pandas()
    return sales.assign(sold_on=pd.to_datetime(sales["sold_on"]))


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UsageError(f"{text!r} is no month; write it as 2025-04") from None


def _after(month: date) -> date:
    return calendars.month_end(month) + calendars.ONE_DAY
