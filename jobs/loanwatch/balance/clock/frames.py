"""Loans of a Spark frame through the clock: a row for each thing known about a loan, in; a reading or a history a loan, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.balance.clock.book import NEVER, PRINCIPAL, REPLACED, UNIX, Claims, Ints
from loanwatch.balance.clock.history import history, past_statuses
from loanwatch.balance.clock.readings import Readings, read
from loanwatch.balance.clock.rows import HEAD, MONEY, claims_of, events_of, money_of, payments_of, recovered_of
from loanwatch.convention import Convention

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DATES = ("unpaid_since", "interest_unpaid_since", "principal_unpaid_since", "material_since", "next_due_on")
TYPES = dict.fromkeys(_DATES, pa.date32()) | {
    "missed_instalments": pa.int32(), "missed_periods": pa.int32(), "technical": pa.bool_(),
}  # fmt: skip
# `scheduled_minor`: principal of the only schedule, null where one has replaced another; `own_unpaid_since`: the borrower's;
# `recovered_minor`: what came in after the write-off, null without one.
READING = pa.schema([
    ("loan_id", pa.string()),
    *[(name, TYPES.get(name, pa.int64())) for name in Readings.__dataclass_fields__],
    ("scheduled_minor", pa.int64()), ("own_unpaid_since", pa.date32()), ("recovered_minor", pa.int64()),
])  # fmt: skip
HISTORY = pa.schema([
    ("loan_id", pa.string()), ("missed_ever", pa.int32()), ("due_lately", pa.bool_()), ("late_lately", pa.bool_()),
    ("own_past", pa.string()),
])  # fmt: skip
# The ids of some loans, their rows, the day of each, and the convention and closed days that they share.
Reader = Callable[[pa.Array, Mapping[str, Ints], Ints, Convention, Ints], pa.RecordBatch]


def readings(rows: DataFrame, as_of: date, conventions: Sequence[Convention], closed: Sequence[date]) -> DataFrame:
    """One row per loan with instalments: READING.

    `rows` are as `clock.rows` tells, with `event_id` to order events of a day.
    """
    return _through(rows, as_of, conventions, closed, READING, reading)


def histories(
    rows: DataFrame, as_of: date, since: date, ends: Sequence[date], conventions: Sequence[Convention], closed: Sequence[date]
) -> DataFrame:
    """The same: HISTORY, in which `lately` is from a day on, and `own_past` the borrower's own statuses on the first of
    some days, the newest first: as many as the loan's head wants."""
    first, past = since.toordinal(), [day.toordinal() for day in ends]

    def of_history(names: pa.Array, rows: Mapping[str, Ints], as_of: Ints, convention: Convention, closed: Ints) -> pa.RecordBatch:
        claims, events = claims_of(rows), events_of(rows)
        found = history(claims, events, money_of(rows, "one"), as_of, first, convention, closed)
        result = {name: pa.array(values) for name, values in vars(found).items()}
        wanted = np.zeros(len(names), np.int64)
        heads = rows["what"] == HEAD
        wanted[rows["loan"][heads]] = rows["one"][heads]
        own = payments_of(rows, "other")
        result["own_past"] = pa.array(past_statuses(claims, events, own, wanted, past, convention, closed))
        return _batch(names, result, claims, HISTORY)

    return _through(rows, as_of, conventions, closed, HISTORY, of_history)


def _through(
    rows: DataFrame, as_of: date, conventions: Sequence[Convention], closed: Sequence[date], gives: pa.Schema, reader: Reader
) -> DataFrame:
    schema = ", ".join(f"{field.name} {_SPARK[field.type]}" for field in gives)
    by_loan = rows.repartition("loan_id").sortWithinPartitions("loan_id", "what", "on", "event_id").drop("event_id")
    day, shut = as_of.toordinal(), np.array([day.toordinal() for day in closed], np.int64)

    def read_whole(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for table in whole_loans(batches):
            yield from read_table(table, day, conventions, shut, reader)

    return by_loan.mapInArrow(read_whole, schema)


def whole_loans(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows of a partition in tables that do not cut a loan in two."""
    kept: list[pa.RecordBatch] = []
    for batch in batches:
        if not len(batch):
            continue
        loan = batch.column(0)
        last = pc.index(loan, loan[-1]).as_py()
        if kept and (last or kept[-1].column(0)[-1] != loan[-1]):
            yield pa.Table.from_batches([*kept, batch.slice(0, last)])
            kept = []
        elif last:
            yield pa.Table.from_batches([batch.slice(0, last)])
        kept.append(batch.slice(last))
    if kept:
        yield pa.Table.from_batches(kept)


def read_table(
    table: pa.Table, as_of: int, conventions: Sequence[Convention], closed: Ints, reader: Reader
) -> Iterator[pa.RecordBatch]:
    """What a reader says of whole loans, a batch per convention; loans without an instalment have none.

    A loan is read at the end of the day of its head, by default at `as_of`.
    """
    columns = {name: table.column(name) for name in table.column_names}
    ids = columns.pop("loan_id").combine_chunks()
    first = np.r_[True, pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)]
    arrays = {name: _ints(column) for name, column in columns.items()}
    arrays["loan"] = np.cumsum(first) - 1
    names = ids.take(pa.array(np.flatnonzero(first)))
    of, day = np.zeros(len(names), np.int64), np.full(len(names), as_of)
    heads = arrays["what"] == HEAD
    of[arrays["loan"][heads]] = arrays["number"][heads]
    day[arrays["loan"][heads]] = np.where(arrays["on"][heads] == NEVER, as_of, arrays["on"][heads])
    for number, convention in enumerate(conventions):
        if len(chosen := np.flatnonzero(of == number)):
            yield reader(names.take(pa.array(chosen)), _only(arrays, chosen), day[chosen], convention, closed)


def _only(arrays: Mapping[str, Ints], chosen: Ints) -> dict[str, Ints]:
    """The rows of some loans, which are then numbered from 0."""
    place = np.full(int(arrays["loan"].max()) + 1, -1)
    place[chosen] = np.arange(len(chosen))
    loan = place[arrays["loan"]]
    return {name: array[loan >= 0] for name, array in {**arrays, "loan": loan}.items()}


def reading(names: pa.Array, rows: Mapping[str, Ints], as_of: Ints, convention: Convention, closed: Ints) -> pa.RecordBatch:
    """READING of loans that share a convention."""
    claims, events = claims_of(rows), events_of(rows)
    readings = read(claims, events, money_of(rows, "one"), as_of, convention, closed)
    result = {name: pa.array(values) for name, values in vars(readings).items()}
    scheduled = np.zeros(len(names), np.int64)
    np.add.at(scheduled, claims.loan[claims.component == PRINCIPAL], claims.asked[claims.component == PRINCIPAL])
    replaced = np.isin(np.arange(len(names)), events.loan[events.kind == REPLACED])
    result |= {"scheduled_minor": pa.array(scheduled, mask=replaced)}
    result["own_unpaid_since"] = pa.array(_own_since(rows, readings.unpaid_since, as_of, convention, closed))
    recovered, written_off = recovered_of(rows, len(names))
    result["recovered_minor"] = pa.array(recovered, mask=~written_off)
    return _batch(names, result, claims, READING)


def _own_since(rows: Mapping[str, Ints], since: Ints, as_of: Ints, convention: Convention, closed: Ints) -> Ints:
    """Since when the borrower itself is past due: read anew only of loans for which somebody else paid."""
    others = np.unique(rows["loan"][(rows["what"] == MONEY) & (rows["one"] != rows["other"])])
    if not len(others):
        return since
    own, result = _only(rows, others), since.copy()
    read_own = read(claims_of(own), events_of(own), money_of(own, "other"), as_of[others], convention, closed)
    result[others] = read_own.unpaid_since
    return result


def _batch(names: pa.Array, result: Mapping[str, pa.Array], claims: Claims, gives: pa.Schema) -> pa.RecordBatch:
    """The result of loans that have a plan, by their ids."""
    has_plan = np.isin(np.arange(len(names)), claims.loan[claims.number >= 0])
    columns = {"loan_id": names, **result}
    batch = pa.RecordBatch.from_arrays([_as(columns[field.name], field) for field in gives], schema=gives)
    return batch.filter(pa.array(has_plan))


def _as(values: pa.Array, field: pa.Field) -> pa.Array:
    if pa.types.is_date32(field.type):
        days = values.to_numpy(zero_copy_only=False)
        return pa.array((days - UNIX).astype(np.int32), mask=days == NEVER).cast(pa.date32())
    return values.cast(field.type)


def _ints(column: pa.ChunkedArray) -> Ints:
    """Whole numbers and days as they are; a missing day is NEVER, a missing number 0."""
    if pa.types.is_date32(column.type):
        days = column.cast(pa.int32()).cast(pa.int64())
        found: Ints = pc.fill_null(pc.add(days, UNIX), NEVER).to_numpy()
    else:
        found = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
    return found


_SPARK = {pa.string(): "string", pa.int64(): "bigint", pa.int32(): "int", pa.date32(): "date", pa.bool_(): "boolean"}
