"""The examples of complete reports in the AnaCredit manual (part III): a sheet a case, in it a block a dataset: its header, and the
records that the case sends, by reference date.

The workbook gives names and examples, no formats and no code lists: what a field holds is seen from what stands in it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from loanwatch.errors import UsageError
from loanwatch.extract.layout import Field, Layout, digest_of

EDITION = "AnaCredit Reporting Manual, part III, examples 2.0"
DATASETS = {
    "instrument": "Instrument dataset", "financial": "Financial dataset", "accounting": "Accounting dataset",
    "instrument-protection": "Instrument-protection received dataset", "protection": "Protection received dataset",
    "counterparty-default": "Counterparty default dataset", "joint-liabilities": "Joint liabilities dataset",
}  # fmt: skip
CHANGED = ("instrument", "protection")  # told when new or changed (Regulation (EU) 2016/867, annex II)
INSTEAD = ("Non-applicable", "Not required")
DATE = "Reporting reference date"
_KEY = (DATE, "Observed agent identifier", "Contract identifier", "Instrument identifier", "Counterparty identifier",
        "Protection identifier")  # fmt: skip
_RATE = re.compile(r"interest rate|spread|cap\b|floor\b", re.IGNORECASE)
_AMOUNT = re.compile(r"amount|changes|write-offs|recoveries|value\b", re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """A record that a case sends: its sheet, its dataset, and what stands in its fields, by name, as in the workbook."""

    case: str
    dataset: str
    values: dict[str, Any]


def examples(path: Path) -> tuple[dict[str, list[str]], list[Example]]:
    """The headers by dataset, and all records; UsageError where it is another workbook."""
    headers: dict[str, list[str]] = {}
    found: list[Example] = []
    for case, row in _rows(path):
        if len(row) > 1 and row[1] == DATE:
            headers[row[0]] = [_plain(cell) for cell in row[1:] if cell is not None]
        elif row and row[0] in headers:
            names = headers[row[0]]
            found.append(Example(case, row[0], {name: _plain(cell) for name, cell in zip(names, row[1:], strict=False)}))
    if lacking := [name for name in DATASETS.values() if name not in headers]:
        raise UsageError(f"{path.name} has no {', '.join(lacking)}; is it the manual's own workbook of examples?")
    return headers, found


def layout(form: str, name: str, path: Path) -> Layout:
    """The layout of a dataset; UsageError where there is none of that name."""
    if name not in DATASETS:
        raise UsageError(f"{form}: there is no such dataset; there are {', '.join(DATASETS)}")
    headers, found = examples(path)
    dataset = DATASETS[name]
    mine = [example.values for example in found if example.dataset == dataset]
    return Layout(
        form=form, code=code(name), title=dataset, edition=EDITION, sends="changed" if name in CHANGED else "full", blanks=False,
        workbooks={path.name: digest_of(path)},
        fields=tuple(_field(one, [values.get(one) for values in mine]) for one in headers[dataset]),
    )  # fmt: skip


def code(name: str) -> str:
    """The code of a field, made from its name: the workbook gives none."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


def _field(name: str, values: list[Any]) -> Field:
    instead = tuple(word for word in INSTEAD if word in values)
    return Field(code=code(name), name=name, format=_format(name, values), key=name in _KEY, instead=instead)


def _format(name: str, values: list[Any]) -> str:
    told = [value for value in values if value is not None and value not in INSTEAD]
    if name == DATE or any(isinstance(value, datetime) for value in told):
        return "DATE"
    if name.endswith("identifier") or any(isinstance(value, str) for value in told):
        return "TEXT"
    if not told and re.search(r"\bdate\b", name, re.IGNORECASE):
        return "DATE"
    return "RATE" if _RATE.search(name) else "AMOUNT" if told or _AMOUNT.search(name) else "TEXT"


def _rows(path: Path) -> Iterator[tuple[str, list[Any]]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the manual's own workbook") from None
    except (InvalidFileException, zipfile.BadZipFile, ValueError, KeyError):
        raise UsageError(f"{path}: not an Excel workbook (.xlsx); name the manual's own") from None
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield sheet.title, [cell.strip() if isinstance(cell, str) else cell for cell in row]


def _plain(cell: Any) -> Any:
    return " ".join(cell.split()) if isinstance(cell, str) else cell
