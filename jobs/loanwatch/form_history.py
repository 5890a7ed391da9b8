"""Forms over time: what became of one since it was handed in last, and in which cells a loan has stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loanwatch.extract import drill, hand_in
from loanwatch.extract.delta import Before, Delta, Pair
from loanwatch.forms import Form, Made, sealed
from loanwatch.lake import Lake
from loanwatch.report.tables import HAND_IN
from loanwatch.seal import publication
from loanwatch.settings import Settings


def delta(settings: Settings, made: Made) -> tuple[dict[str, Any], list[Delta]] | None:
    """The last hand-in of the form for an earlier date, a row of `report.hand_in`, and what became of it since; None without one.

    A demonstration counts where the form was only ever demonstrated. Of a form that tells what has changed there is none: its
    records are that.

    DataError where what it was filled from is not what was sealed.
    """
    lake, form = Lake(settings.lake), made.form
    earlier = hand_in.earlier(lake, form.layout.form, made.attempt.as_of, made.pool)
    if not earlier or form.layout.sends == "changed":
        return None
    last = earlier[-1]
    was, known = (publication.find(lake, last["as_of"], release) for release in (last["release"], None))
    given = hand_in.records(lake, last, form.layout)
    before = Before(
        {code: given[code].to_pylist() for code in form.mapping.amounts}, last["records"], sealed(lake, was, form.table)[1],
        sealed(lake, known, form.table)[1], was.conf_digest == known.conf_digest, form.figures(lake, was),
        form.figures(lake, known),
    )  # fmt: skip
    pair = Pair(form.layout, form.mapping, form.table, settings.business.filer, made.pool)
    return last, pair.delta(before, made.files, form.figures(lake, made.attempt))


def entered(settings: Settings, loan_id: str) -> Iterator[tuple[dict[str, Any], dict[str, int | None] | None]]:
    """The hand-ins of forms of cells, rows of `report.hand_in`, with the cells that a loan entered and what it adds to each, minor
    units; None where the form is filled otherwise by now, so that it is not known."""
    lake = Lake(settings.lake)
    for row in lake.rows(HAND_IN, "true order by as_of, hand_in_no").to_pylist():
        form = Form.named(row["form"], settings.conf)
        if not form.path.is_file() or not form.layout.cells:
            continue
        if form.digest(settings) != row["filing_digest"]:
            yield row, None
            continue
        _, files = sealed(lake, publication.find(lake, row["as_of"], row["release"]), form.table)
        if cells := drill.entered(form.mapping, form.table, files, form.layout.by_code, loan_id, row["pool_id"]):
            yield row, cells
