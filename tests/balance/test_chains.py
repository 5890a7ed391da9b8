"""Chains of loans that repaid each other: what is taken over equals a plain walk, circles among them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.balance.chains import taken_over

D = date(2025, 3, 1)
SCHEMA = pa.schema([
    ("loan_id", pa.string()), ("replaced_loan_id", pa.string()), ("inferred", pa.bool_()), ("since", pa.date32()),
    ("matures_on", pa.date32()),
])  # fmt: skip
Link = dict[str, Any]


def link(new: int, old: int, inferred: bool = False, since: int | None = None, matures: int | None = 0) -> Link:
    days = {"since": since, "matures_on": matures}
    dates = {name: None if ago is None else D - timedelta(ago) for name, ago in days.items()}
    return {"loan_id": f"L{new}", "replaced_loan_id": f"L{old}", "inferred": inferred, **dates}


def before(links: list[Link], loan: str, named_only: bool) -> list[Link]:
    """The links that lead to a loan, from any distance."""
    found: list[Link] = []
    open_ends, seen = [loan], {loan}
    while open_ends:
        end = open_ends.pop()
        for one in links:
            if one["loan_id"] == end and not (named_only and one["inferred"]):
                found.append(one)
                if one["replaced_loan_id"] not in seen:
                    seen.add(one["replaced_loan_id"])
                    open_ends.append(one["replaced_loan_id"])
    return found


def walked(links: list[Link]) -> list[dict[str, Any]]:
    result = []
    for loan in sorted({one["loan_id"] for one in links}):
        own = [one for one in links if one["loan_id"] == loan]
        named = before(links, loan, named_only=True)
        first = min(own, key=lambda one: (one["inferred"], one["since"] or date.max, one["replaced_loan_id"]))
        result.append({
            "loan_id": loan, "replaced_loan_id": first["replaced_loan_id"], "replaced_loans": len(own),
            "inferred": first["inferred"],
            "carried_since": min(filter(None, (one["since"] for one in before(links, loan, False))), default=None),
            "original_matures_on": min(filter(None, (one["matures_on"] for one in named)), default=None),
            "original_unknown": any(one["matures_on"] is None for one in named),
        })  # fmt: skip
    return result


def performed(links: list[Link]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = taken_over(pa.Table.from_pylist(links, SCHEMA)).to_pylist()
    return rows


some_links = st.lists(
    st.builds(
        link, st.integers(0, 7), st.integers(0, 7), st.booleans(), st.none() | st.integers(0, 400), st.none() | st.integers(-9, 400)
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: (one["loan_id"], one["replaced_loan_id"]),
)


@settings(max_examples=500, deadline=None)
@given(some_links)
def test_what_is_taken_over_equals_a_walk(links: list[Link]) -> None:
    assert performed(links) == walked(links)


def test_a_chain_of_a_thousand_loans() -> None:
    links = [link(n + 1, n, matures=500 - n, since=90 if n == 3 else None) for n in range(1000)]
    last = {row["loan_id"]: row for row in performed(links)}["L1000"]
    assert (last["carried_since"], last["original_matures_on"]) == (D - timedelta(90), D - timedelta(500))
