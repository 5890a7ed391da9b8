"""A new model against the one in use: it takes its place if it is nearer to prices that neither knew, and keeps its word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from loanwatch.cover.model.accuracy import Accuracy, accuracy
from loanwatch.cover.model.artefact import Artefact
from loanwatch.cover.model.baselines import BASELINES
from loanwatch.cover.model.interval import LIKELY, NEARLY_ALL, Values
from loanwatch.cover.model.traits import KINDS, Floats, days
from loanwatch.cover.model.valuer import Fit

FEW = 50  # sales: of fewer nothing is said
OFF = 5.0  # per cent by which a band may hold fewer prices than it promises


@dataclass(frozen=True)
class Ruling:
    """Whether the new model is to be used, and what speaks for or against it."""

    promoted: bool
    why: str


def ruled(new: Fit, sales: pd.DataFrame, kind: str, champion: Artefact | None) -> Ruling:
    """Of the sales that set the new model's bands right, where a model of those before did not know them; a champion that knows
    some of them is asked of the later ones only. Without a champion it has to be nearer than a table of medians."""
    known_until = date.fromisoformat(champion.card["until_on"]) if champion else date.min
    later = new.unseen["sold_on"].dt.date.to_numpy() >= known_until
    unseen = new.unseen[later].reset_index(drop=True)
    if len(unseen) < FEW:
        return Ruling(False, f"{len(unseen)} sales that neither knew; {FEW} are asked")
    price = unseen["price_minor"].to_numpy(np.float64)
    ours = accuracy(new.values.value[later], price, new.values.of(later))
    name, theirs = _others(unseen, sales, kind, champion)
    against = accuracy(theirs, price)
    said = f"median error {ours.median_error:.2f} %, {name} {against.median_error:.2f} %, of {len(unseen)} sales"
    if kept := [f"a band for {100 * asked:.0f} % holds {held:.1f} %" for asked, held in _bands(ours) if held < 100 * asked - OFF]:
        return Ruling(False, f"{said}; {', '.join(kept)}")
    return Ruling(ours.median_error < against.median_error, said)


def _others(unseen: pd.DataFrame, sales: pd.DataFrame, kind: str, champion: Artefact | None) -> tuple[str, Floats]:
    """What the champion says, or a table of medians of the sales before."""
    on = days(unseen["sold_on"])
    if champion:
        return "the champion's", champion.valuer.value(unseen, on).value
    name, table = next(iter(BASELINES[kind].items()))
    before = sales[~sales["sale_id"].isin(unseen["sale_id"])]
    said = table(before, unseen, kind)
    return f"a table's ({name})", np.where(np.isfinite(said), said, np.nanmedian(said))


def _bands(ours: Accuracy) -> list[tuple[float, float]]:
    return [(LIKELY, ours.likely), (NEARLY_ALL, ours.nearly_all)]


def card(new: Fit, sales: pd.DataFrame, kind: str, until: date) -> dict[str, Any]:
    """What is known of a model: its sales, what it looks at, and how far off it was of those that it had not seen, by segment."""
    unseen = new.unseen
    price = unseen["price_minor"].to_numpy(np.float64)
    third = np.searchsorted(np.quantile(price, (1 / 3, 2 / 3)), price)
    by = {
        "quarter": unseen["sold_on"].dt.to_period("Q").astype(str).to_numpy(),
        "price": np.array(["lower third", "middle third", "upper third"])[third],
        "region": unseen["region"].to_numpy(str),
    }
    whole = accuracy(new.values.value, price, new.values)
    return {
        "kind": kind, "currency": str(sales["currency"].iloc[0]), "until_on": until.isoformat(),
        "first_sold_on": sales["sold_on"].min().date().isoformat(), "sales": len(sales), "unseen": len(unseen),
        "looks_at": KINDS[kind](sales.head(1), days(sales["sold_on"].head(1))).names,
        "regions": {str(region): int(count) for region, count in unseen["region"].value_counts().sort_index().items()},
        "median_error_bp": round(100 * whole.median_error), "within_10_bp": round(100 * whole.within_10),
        "bias_bp": round(100 * whole.bias),
        "accuracy": {"in total": _told(whole)} | {name: _segments(new.values, price, of) for name, of in by.items()},
    }  # fmt: skip


def _segments(values: Values, price: Floats, of: Any) -> Mapping[str, Mapping[str, float]]:
    """Segments with enough sales to say anything."""
    found = {}
    for name in sorted(set(of)):
        here = of == name
        if here.sum() >= FEW:
            found[str(name)] = _told(accuracy(values.value[here], price[here], values.of(here)))
    return found


def _told(of: Accuracy) -> dict[str, float]:
    return {name: round(float(value), 2) for name, value in asdict(of).items()}
