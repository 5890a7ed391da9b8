"""The files as arrays: a row a loan, a column a month-end, amounts in cents."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from loanwatch.errors import UsageError

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

PARTNER = "ALLY"
NOT_REPORTED = -1
MEASURES = ("BAL", "PRC", "PMT", "REC", "REP")
DATES = {"reportingPeriodEndingDate": "%m-%d-%Y", "interestPaidThroughDate": "%m-%d-%Y",
         "originationDate": "%m/%Y", "loanMaturityDate": "%m/%Y"}  # fmt: skip
TEXTS = (*DATES, "originatorName", "obligorGeographicLocation")
NUMBERS = (
    "assetNumber", "originalLoanAmount", "originalInterestRatePercentage", "vehicleModelYear", "vehicleNewUsedCode",
    "vehicleValueAmount", "vehicleValueSourceCode", "remainingTermtoMaturityNumber",
    "nextReportingPeriodPaymentAmountDue", "reportingPeriodActualEndBalanceAmount",
    "reportingPeriodScheduledPaymentAmount", "totalActualAmountPaid", "actualPrincipalCollectedAmount",
    "currentDelinquencyStatus", "paymentExtendedNumber",
)  # fmt: skip
MAY_BE_EMPTY = ("paymentExtendedNumber",)


@dataclass(frozen=True)
class Tape:
    """Loans by row; month-end 0 is the first report's. `balance` is NOT_REPORTED where the file is silent."""

    fields: pd.DataFrame
    month_ends: Days
    balance: Ints
    principal: Ints
    paid: Ints
    recovered: Ints
    proceeds: Ints

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def loan_ids(self) -> npt.NDArray[np.object_]:
        numbers = self.fields["assetNumber"].astype("int64").astype(str)
        return (f"{PARTNER}:" + numbers).to_numpy(object)

    def cents(self, field: str) -> Ints:
        """An amount of Schedule AL, in cents."""
        return cents(self.fields[field].to_numpy(float))

    @property
    def reported(self) -> Flags:
        return np.asarray(self.balance != NOT_REPORTED)


def cents(dollars: npt.NDArray[np.float64]) -> Ints:
    """Whole cents; nothing stated is nothing."""
    return np.rint(np.nan_to_num(dollars) * 100).astype(np.int64)


def read(files: Sequence[Path]) -> Tape:
    """All files as one tape, each a pool of its own; UsageError names every fault of the layout."""
    if not files:
        raise UsageError("no files: name at least one file of the ABS-EE layout")
    if missing := [str(path) for path in files if not path.is_file()]:
        raise UsageError(f"no such file: {', '.join(missing)}")
    frames = [_frame(path) for path in files]
    if len({_months(frame.columns) for frame in frames}) > 1:
        raise UsageError("files with different numbers of months: import them one by one, each into its own folder")
    fields = pd.concat(frames, ignore_index=True)
    _one_of_each(fields, "assetNumber")
    return _tape(fields)


def _frame(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(TEXTS, "string"), low_memory=False)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as CSV: {' '.join(str(error).split())}") from None
    if faults := _faults(frame):
        raise UsageError(f"{path}: not of the ABS-EE layout: {'; '.join(faults)}")
    return frame.assign(pool=pool_id(path))


def pool_id(path: Path) -> str:
    """The pool that a file is: its name without endings."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", path.name.split(".")[0]) or "pool"


def _faults(frame: pd.DataFrame) -> list[str]:
    months = range(1, max(_months(frame.columns), 1) + 1)
    monthly = [f"{measure}{month}" for month in months for measure in MEASURES]
    missing = [name for name in (*NUMBERS, *TEXTS, *monthly) if name not in frame.columns]
    faults = [f"missing columns: {', '.join(missing)}"] if missing else []
    numbers = [name for name in (*NUMBERS, *monthly) if name in frame.columns]
    words = [name for name in numbers if frame[name].notna().any() and not pd.api.types.is_numeric_dtype(frame[name])]
    if words:
        faults.append(f"not numbers: {', '.join(words)}")
    needed = [name for name in (*NUMBERS, *TEXTS) if name in frame.columns and name not in MAY_BE_EMPTY]
    if empty := [name for name in needed if frame[name].isna().any()]:
        faults.append(f"empty cells: {', '.join(empty)}")
    odd = [f"{name} (not like {shape})" for name, shape in DATES.items() if name in frame and _odd(frame[name], shape)]
    if odd:
        faults.append(f"not dates: {', '.join(odd)}")
    return faults if len(frame) else [*faults, "no rows"]


def _odd(cells: pd.Series[str], shape: str) -> bool:
    """Whether a cell that says something is no date of that shape."""
    return bool((pd.to_datetime(cells, format=shape, errors="coerce").isna() & cells.notna()).any())


def _months(columns: Iterable[str]) -> int:
    return max((int(found[1]) for name in columns if (found := re.fullmatch(r"BAL(\d{1,3})", str(name)))), default=0)


def _one_of_each(fields: pd.DataFrame, column: str) -> None:
    twice = fields.loc[fields[column].duplicated(), column]
    if len(twice):
        raise UsageError(f"{column}: {len(twice)} rows repeat a loan, the first is {twice.iloc[0]}; a loan is one row")


def _tape(fields: pd.DataFrame) -> Tape:
    months = _months(fields.columns)
    wide = {m: fields[[f"{m}{i}" for i in range(1, months + 1)]].to_numpy(float) for m in MEASURES}

    def measure(name: str, first: str | None) -> Ints:
        start = fields[first].to_numpy(float) if first else np.zeros(len(fields))
        return cents(np.column_stack([start, wide[name]]))

    balance = measure("BAL", "reportingPeriodActualEndBalanceAmount")
    silent = np.column_stack([np.zeros(len(fields), bool), np.isnan(wide["BAL"])])
    return Tape(
        fields, _month_ends(fields, months),
        # An overpaid loan has a negative balance until the refund: it owes nothing.
        balance=np.where(silent, NOT_REPORTED, np.maximum(balance, 0)),
        principal=measure("PRC", "actualPrincipalCollectedAmount"), paid=measure("PMT", "totalActualAmountPaid"),
        recovered=measure("REC", None), proceeds=measure("REP", None),
    )  # fmt: skip


def _month_ends(fields: pd.DataFrame, months: int) -> Days:
    ends = day(fields, "reportingPeriodEndingDate")
    if len(np.unique(ends)) > 1:
        raise UsageError("reportingPeriodEndingDate: loans whose first reports differ; months could not be counted")
    after = ends[0].astype("datetime64[M]") + np.arange(1, months + 2)
    return np.asarray(after.astype("datetime64[D]") - np.timedelta64(1, "D"))


def day(fields: pd.DataFrame, field: str) -> Days:
    """A date of Schedule AL; of a month its first day."""
    return pd.to_datetime(fields[field], format=DATES[field]).to_numpy().astype("datetime64[D]")
