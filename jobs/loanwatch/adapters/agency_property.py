"""The homes behind agency mortgages: asset, pledge and value at origination."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters.arrears import Ints
from loanwatch.adapters.monthly import Book, Days

WHOLE_BP = 10_000


def send_properties(book: Book, month: int, loan: Ints, loans: pa.RecordBatch, opened_on: Days) -> None:
    """The homes of loans that come in; a first lien, for the agencies buy no others. No loan to value: no valuation."""
    of = loans.take(pa.array(loan))
    ids, same = book.ids(loan), len(loan)
    book.send("asset", month, pa.table({
        "asset_id": ids, "kind": pc.fill_null(of["kind"], "house"), "region": of["region"], "locator": pc.binary_join_element_wise(
            pa.scalar("home of"), of["number"], " "),
    }))  # fmt: skip
    book.send("pledge", month, pa.table({
        "loan_id": ids, "asset_id": ids, "lien_rank": pa.array(np.ones(same, np.int32)),
        "prior_claims_minor": pa.array(np.zeros(same, np.int64)), "active": pa.array(np.ones(same, bool)),
    }))  # fmt: skip
    ltv_bp = pc.fill_null(of["ltv_bp"], 0).to_numpy()
    which = np.flatnonzero(ltv_bp)
    book.send("valuation", month, pa.table({
        "valuation_id": of["number"].take(pa.array(which)), "valued_on": opened_on[loan[which]],
        "asset_id": ids.take(pa.array(which)),
        "value_minor": of["original_minor"].to_numpy()[which] * WHOLE_BP // ltv_bp[which],
        "currency": pa.array([book.currency] * len(which), pa.string()),
        "method": pa.array(["partner"] * len(which), pa.string()),
    }))  # fmt: skip
