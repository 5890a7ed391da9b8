"""Comparable sales in files that are no delivery: read and checked row by row as admission does, for fitting and testing models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from loanwatch.admit.checking import check
from loanwatch.admit.collateral_feeds import SALE
from loanwatch.admit.layout import Unreadable
from loanwatch.admit.reading import Source, blocks
from loanwatch.columns import ARROW
from loanwatch.errors import DataError

SENDER = "file"


@dataclass
class SaleRows:
    """The rows that hold, of several with one number the last; how many there were, and why the others were turned away."""

    rows: pa.Table
    rows_in: int = 0
    repeated: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def read(paths: Iterable[Path]) -> SaleRows:
    """Rows as the feed `sale` declares them; DataError where a file cannot be read or a column is missing."""
    found, good = SaleRows(_schema().empty_table()), []
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: no such file")
        source = Source(path, SALE, typed=False)
        try:
            for block in blocks(source):
                checked = check(SALE, block.rows, SENDER, date.max)
                bad = checked.bad(len(block.rows))
                for row in np.flatnonzero(bad):
                    found.rejected.update(checked.reasons(int(row)))
                found.rows_in += len(block.rows)
                good.append(pa.table({c.name: checked.columns[c.name] for c in SALE.file_columns}).filter(pa.array(~bad)))
        except Unreadable as fault:
            raise DataError(f"{fault}; `loanwatch feeds sale` prints the columns") from None
        found.rows_in += len(source.broken)
        found.rejected.update({"wrong number of cells": len(source.broken)} if source.broken else {})
    rows = pa.concat_tables(good) if good else found.rows
    last = {number: place for place, number in enumerate(rows["sale_id"].to_pylist())}
    found.repeated = len(rows) - len(last)
    found.rows = rows.take(pa.array(sorted(last.values()), pa.int64()))
    return found


def _schema() -> pa.Schema:
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in SALE.file_columns])
