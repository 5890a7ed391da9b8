"""The list of a batch, and the receipts that the ledger keeps of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import BaseModel

from loanwatch.admit.inbox import Arrival
from loanwatch.admit.judged import Amount, Judged
from loanwatch.admit.staged_file import StagedFile


class Listed(BaseModel):
    """One delivery of the list."""

    feed: str
    sender: str
    business_on: date
    sequence: int
    stamp: str
    judged: Judged


class GateResult(BaseModel):
    """One row of `admit.gate_result`."""

    release: int
    table: str
    delivery_no: int | None
    expectation: str
    severity: str
    success: bool
    observed: str


class Listing(BaseModel):
    """The list of a batch: what it consists of, to the file. Repeats have no number and no rows."""

    batch_no: int
    first_delivery_no: int
    known_on: date
    deliveries: list[Listed]
    repeats: list[Listed]
    files: dict[str, list[StagedFile]]
    gates: list[GateResult] = []

    @property
    def through(self) -> int:
        return self.first_delivery_no + len(self.deliveries) - 1


def listed(arrival: Arrival, judged: Judged) -> Listed:
    """A delivery with what became of it."""
    return Listed(**asdict(arrival.place), stamp=arrival.stamp, judged=judged)


def unopened(number: int, arrival: Arrival) -> Judged:
    """The judgement of a delivery whose manifest says nothing."""
    return Judged(delivery_no=number, sha256="", reason=arrival.reason)


def repeated(before: dict[str, Any]) -> Judged:
    """The judgement of a repeat: the same rows and amounts as its receipt of before, all of them repeated."""
    sums = {name: Amount(**total).again() for name, total in json.loads(before["sums"] or "{}").items()}
    return Judged(delivery_no=0, sha256=before["sha256"], rows_in=before["rows_in"], sums=sums)


def receipts(listing: Listing) -> Iterator[dict[str, Any]]:
    """The ledger's rows: in = admitted + rejected + repeated, in each of them."""
    for kind, one in [("admitted", d) for d in listing.deliveries] + [("repeated", d) for d in listing.repeats]:
        judged = one.judged
        outcome = "refused" if judged.reason else kind
        admitted = judged.rows_in - judged.rows_rejected if outcome == "admitted" else 0
        yield {
            **one.model_dump(exclude={"judged"}),
            "delivery_no": judged.delivery_no or None,
            "batch_no": listing.batch_no,
            "sha256": judged.sha256,
            "version": judged.version,
            "sent_on": judged.sent_on,
            "outcome": outcome,
            "reason": judged.reason,
            "rows_in": judged.rows_in,
            "rows_admitted": admitted,
            "rows_rejected": judged.rows_in if outcome == "refused" else judged.rows_rejected,
            "rows_repeated": judged.rows_in if outcome == "repeated" else 0,
            "sums": json.dumps({name: amount.model_dump() for name, amount in judged.sums.items()}),
            "known_on": listing.known_on,
        }
