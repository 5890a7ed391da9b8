"""Warnings that a person made milder than they were computed, and whether two people approved it: by the delivery of the decision.

A class can be judged worse than computed only (`classify/judgement.py`), and snoozed or dismissed warnings keep their colour; so
only a recolouring to less than red is meant here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.admit.tables import DELIVERY, SUPERSEDED
from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.seal.approval import Approvals, delivery_of
from loanwatch.seal.publication import Attempt
from loanwatch.seal.statement import Statement

MEND = "have them approved, or their author take them back by a later version of the row, `withdrawn`"


def deliveries(lake: Lake, attempt: Attempt) -> list[dict[str, Any]]:
    """The deliveries known to an attempt that hold a milder colour which is in force on its date: rows of `admit.delivery`."""
    where = (
        f"decision = 'recolour' and colour <> 'red' and not withdrawn and delivery_no <= {attempt.known} "
        f"and decided_on <= date '{attempt.as_of}' and (expires_on is null or expires_on >= date '{attempt.as_of}')"
    )
    at = ("delivery_no", "line_no")
    lost = lake.rows(SUPERSEDED, f"feed = '{REVIEW.name}' and by <= {attempt.known}", at).to_pylist()
    beaten = {tuple(row.values()) for row in lost}
    numbers = {row["delivery_no"] for row in lake.rows(REVIEW.table, where, at).to_pylist() if tuple(row.values()) not in beaten}
    listed = ", ".join(map(str, sorted(numbers)))
    return list(lake.rows(DELIVERY, f"delivery_no in ({listed})").to_pylist()) if numbers else []


def demand(approvals: Approvals, attempt: Attempt) -> None:
    """DataError where approvals are required and a delivery of decisions in force has none."""
    if not approvals.required:
        return
    faults = []
    for row in deliveries(approvals.lake, attempt):
        try:
            approvals.demand(delivery_of(row))
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(["decisions make warnings milder than computed", *faults, MEND]))


def stated(approvals: Approvals, attempt: Attempt) -> Iterator[Statement]:
    """For the certificate: who approved each delivery that makes a warning milder; nothing where approvals are off."""
    if approvals.required:
        for row in deliveries(approvals.lake, attempt):
            yield approvals.stated(delivery_of(row))
