"""The book at the first month-end: a function a feed, named as the feed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.adapters.abs_ee.endings import balance_before
from loanwatch.adapters.abs_ee.schedule import Schedule, of_month
from loanwatch.adapters.abs_ee.tape import PARTNER, Days, Ints, Tape, day

CURRENCY = "USD"
METHODS = {1: "purchase_price", 2: "purchase_price", 3: "appraisal", 98: "partner"}
"""vehicleValueSourceCode: invoice price, sales price, Kelley Blue Book, other."""


def partner(tape: Tape) -> pa.Table:
    """The one originator and servicer."""
    return pa.table({"partner_id": [PARTNER], "name": [tape.fields["originatorName"].iloc[0]], "role": ["originator"]})


def pool(tape: Tape) -> pa.Table:
    """Each file's pool."""
    pools = tape.fields["pool"].drop_duplicates().tolist()
    same = len(pools)
    return pa.table({
        "pool_id": pools, "partner_id": [PARTNER] * same, "kind": ["abs"] * same, "currency": [CURRENCY] * same,
        "name": [f"Asset-backed securities, {name}" for name in pools],
    })  # fmt: skip


def borrower(tape: Tape) -> pa.Table:
    """Obligors: no personal data is published, so each is its loan's number."""
    return pa.table({
        "customer_id": tape.loan_ids,
        "name": "obligor " + tape.fields["assetNumber"].astype(str),
        "region": tape.fields["obligorGeographicLocation"],
    })  # fmt: skip


def loan(tape: Tape, schedule: Schedule, principal: Ints, which: Ints) -> pa.Table:
    """Contracts of some loans; their principal is given, for it may have been raised."""
    fields = tape.fields.iloc[which]
    return pa.table({
        "loan_id": tape.loan_ids[which],
        "customer_id": tape.loan_ids[which],
        "pool_id": fields["pool"],
        "product": ["vehicle"] * len(which),
        "currency": [CURRENCY] * len(which),
        "principal_minor": principal[which],
        "rate_bp": np.rint(fields["originalInterestRatePercentage"].to_numpy(float) * 10_000).astype(np.int64),
        "opened_on": originated(tape)[which],
        "matures_on": matures(tape, schedule)[which],
    })  # fmt: skip


def asset(tape: Tape) -> pa.Table:
    """Vehicles; their numbers (VIN) are not published."""
    return pa.table({
        "asset_id": tape.loan_ids,
        "kind": ["vehicle"] * len(tape),
        "region": tape.fields["obligorGeographicLocation"],
        "locator": "asset " + tape.fields["assetNumber"].astype(str),
        "built_year": pa.array(tape.fields["vehicleModelYear"].to_numpy(np.int32)),
    })  # fmt: skip


def pledge(tape: Tape) -> pa.Table:
    """Each loan is secured by its vehicle, first in rank; a purchase-money lien has none before it."""
    return pa.table({
        "loan_id": tape.loan_ids,
        "asset_id": tape.loan_ids,
        "lien_rank": pa.array(np.ones(len(tape), np.int32)),
        "prior_claims_minor": np.zeros(len(tape), np.int64),
        "active": np.ones(len(tape), bool),
    })  # fmt: skip


def valuation(tape: Tape) -> pa.Table:
    """The vehicle's value at origination; loans of which none is stated have no row."""
    which = np.flatnonzero(tape.cents("vehicleValueAmount") > 0)
    source = tape.fields["vehicleValueSourceCode"].iloc[which]
    return pa.table({
        "valuation_id": tape.fields["assetNumber"].iloc[which].astype(str),
        "valued_on": originated(tape)[which],
        "asset_id": tape.loan_ids[which],
        "value_minor": tape.cents("vehicleValueAmount")[which],
        "currency": [CURRENCY] * len(which),
        "method": [METHODS.get(int(code), "partner") for code in source],
    })  # fmt: skip


def principal_at_start(tape: Tape) -> Ints:
    """The original amount; the opening balance where that is higher."""
    return np.maximum(tape.cents("originalLoanAmount"), balance_before(tape)[:, 0])


def originated(tape: Tape) -> Days:
    """The first day of the month of origination."""
    return day(tape.fields, "originationDate")


def matures(tape: Tape, schedule: Schedule) -> Days:
    """The due day of the month of maturity."""
    return of_month(day(tape.fields, "loanMaturityDate").astype("datetime64[M]"), schedule.due_day)
