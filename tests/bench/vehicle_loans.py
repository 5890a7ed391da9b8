"""Vehicle loans month by month (data 02): whether LTV warns of charge-offs, and what repossession brings of our value."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from performance import SEED, WITHIN, Flags, Ints, Numbers
from points import boosted, measured_half
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from vehicle_book import HORIZON, WAYS, Book, loan_months, repossessed

from loanwatch.adapters.abs_ee.endings import NEVER

HEADING = "## Vehicles behind loans, United States (02), month by month"
TOPS = (0.01, 0.02, 0.05)
YOUNG, OLD = 3, 5  # years
QUARTILES_APART = 1.349  # standard deviations of a normal distribution
DRAWS = 200
KNOWN = "payments behind, months on book, balance share"
BY_CURVE, UNMOVED = "all these, LTV by curve", "all these, LTV unmoved"
SETS: dict[str, tuple[str, ...]] = {
    "payments behind": ("behind",),
    KNOWN: ("behind", "months_on_book", "balance_share"),
    "payments behind, LTV by curve": ("behind", "curve"),
    BY_CURVE: ("behind", "months_on_book", "balance_share", "curve"),
    "all these, LTV by straight line": ("behind", "months_on_book", "balance_share", "straight line"),
    UNMOVED: ("behind", "months_on_book", "balance_share", "unmoved"),
}
LTVS = {name: KNOWN if name.startswith("all these") else "payments behind" for name in SETS if "LTV" in name}
"""Sets with LTV, and what they are without."""
BEGINS = """
{heading}

{date}. {loans:,} loans, {months} month-ends, {lost} charge-offs. The value is that at origination, moved by the tenant's declared
curve (its default: fuels are not published, and no index of used vehicles is among the data); straight line: a tenth of the
value when new a year; unmoved: as recorded. LTV is the balance over that. In per cent: the median loan, and loans that exceed
the value.

"""
WARNS = """
**Does LTV warn of charge-offs?** {rows:,} loan-months, {events} of them with a charge-off within {horizon} months ({lost} loans).
Each half of the loans, by hash, is ranked by a model that was fitted on the other. In per cent: area under the ROC curve (AUC),
and, of the loan-months that a charge-off follows, those within the highest ranks; in brackets: how much more than the same
without LTV, and the 90% interval of that (bootstrap over the loans that are measured).

"""
BRINGS = """
**What does repossession bring?** All proceeds over the value at the month-end before the first of them, in per cent: median
(quartiles); spread: the robust standard deviation over the median, (quartiles' distance / 1.349) / median.

"""
ENDS = """
The night's FSD of the value by curve, for a usual sale, was {fsd:.0f} in the median. Its prudent value (less FSD, discount of a
sale, costs) is {prudent} of the value; {enough} of {sold} vehicles ({share:.0f}%) brought as much. Proceeds over the balance of
the month before, where there still was one: {balance}.

What this cannot say. Charge-offs are few, and the half that is measured is of the same months and lender as the one that was
fitted, not of a later time. Payments behind are counted from monthly money: deferrals, as of 2020, look missed. Of a loss that the
file never writes to zero the months before are left out. Vehicles repossessed are not like others; their proceeds are an
auction's, after costs, and what borrowers sold themselves is not told. The curve is a mean of five-year losses over all makes
(2025); nothing of it was fitted here.
"""


def features(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """These columns; payments behind bend at each of the first ones, and all else may count more for those who are behind."""
    bent = {f"behind {knot}": (rows["behind"] - knot).clip(lower=0) for knot in range(1, 4)}
    late = {f"{name}, behind": rows[name] * rows["behind"].clip(upper=1) for name in names if name != "behind"}
    return pd.DataFrame({**{name: rows[name] for name in names}, **bent, **late})


def logistic(rows: pd.DataFrame, follows: Flags, fit: Flags) -> Numbers:
    """The probability by logistic regression."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    chances: Numbers = model.fit(rows[fit], follows[fit]).predict_proba(rows)[:, 1]
    return chances


MODELS = {"logistic regression": logistic, "gradient boosting": boosted}


def across(rows: pd.DataFrame, names: tuple[str, ...], model: str, half: Flags) -> Numbers:
    """Each half's probabilities by the model that is fitted on the other."""
    told, follows = features(rows, names), rows["follows"].to_numpy()
    return np.where(half, MODELS[model](told, follows, ~half), MODELS[model](told, follows, half))


def drawn_loans(loans: int) -> Numbers:
    """How often each loan counts: once, in the first row; as drawn with replacement, in the others."""
    draws = np.random.default_rng(SEED).multinomial(loans, np.full(loans, 1 / loans), size=DRAWS)
    return np.vstack([np.ones(loans), draws])


def ranked(score: Numbers, follows: Flags, loan: Ints, drawn: Numbers) -> tuple[Numbers, ...]:
    """AUC, and the share of what the event follows in each top: of each a figure a draw. Of equal scores any may come first."""
    _, of = np.unique(-score, return_inverse=True)
    figures = []
    for weights in drawn[:, loan]:
        all_of, hits = np.bincount(of, weights), np.bincount(of, weights * follows)
        seen, found, others = np.cumsum(all_of), np.cumsum(hits), all_of - hits
        auc = (others * (found - hits / 2)).sum() / (others.sum() * hits.sum())
        caught = np.interp(np.array(TOPS) * seen[-1], np.r_[0, seen], np.r_[0, found]) / found[-1]
        figures.append([auc, *caught])
    return tuple(np.array(figures).T)


def lines(data: Path) -> Iterator[str]:
    """The section of the page."""
    book = Book.read(sorted((data / "02-auto-loan-abs-ee").glob("*.csv.gz")))
    yield BEGINS.format(
        heading=HEADING, date=time.strftime("%Y-%m-%d"), loans=len(book.tape), months=len(book.tape.month_ends),
        lost=(book.ends.charged_off < NEVER).sum(),
    )  # fmt: skip
    yield from _ltv_lines(book)
    yield from _warning_lines(loan_months(book), book)
    yield from _repossession_lines(repossessed(book))


def _ltv_lines(book: Book) -> Iterator[str]:
    names = " | ".join([f"LTV, {way}" for way in WAYS] + [f"above 100, {way}" for way in WAYS])
    yield f"| month-end | loans | {names} |\n|---|---|---|---|---|---|---|---|\n"
    last = len(book.tape.month_ends) - 1
    for month in (*range(0, last, 12), last):
        open_now = (book.tape.balance[:, month] > 0) & (month < book.ends.ended)
        ltv = [book.tape.balance[open_now, month] / book.value[way][open_now, month] for way in WAYS]
        cells = [f"{100 * np.median(of):.0f}" for of in ltv] + [f"{100 * np.mean(of > 1):.0f}" for of in ltv]
        yield f"| {book.tape.month_ends[month]} | {open_now.sum():,} | {' | '.join(cells)} |\n"


def _warning_lines(rows: pd.DataFrame, book: Book) -> Iterator[str]:
    """How well charge-offs are seen coming, with LTV and without."""
    loan, follows, drawn = rows["loan"].to_numpy(), rows["follows"].to_numpy(), drawn_loans(len(book.tape))
    half = measured_half(book.tape.loan_ids)[loan]
    yield WARNS.format(rows=len(rows), events=follows.sum(), horizon=HORIZON, lost=len(np.unique(loan[follows])))
    tops = " | ".join(f"in the top {100 * top:.0f}%" for top in TOPS)
    yield f"| model | ranks by | AUC | {tops} |\n|---|---|---|---|---|---|\n"
    more: dict[str, Numbers] = {}
    for model in MODELS:
        found = {name: ranked(across(rows, names, model, half), follows, loan, drawn) for name, names in SETS.items()}
        for name, figures in found.items():
            base = found[LTVS[name]] if name in LTVS else None
            cells = [_cell(figure, None if base is None else base[place]) for place, figure in enumerate(figures)]
            yield f"| {model} | {name} | {' | '.join(cells)} |\n"
        more |= {f"{name} ({model})": found[name][0] - found[without][0] for name, without in LTVS.items()}
        more[f"LTV by curve over LTV unmoved ({model})"] = found[BY_CURVE][0] - found[UNMOVED][0]
    yield f"\n{told_apart(more)}\n"


def told_apart(more: Mapping[str, Numbers]) -> str:
    """Which differences of AUC are more than chance explains, in words."""
    by: dict[str, list[str]] = {}
    for name, drawn in more.items():
        by.setdefault(verdict(drawn), []).append(name)
    return " ".join(f"{said} {'; '.join(names)}." for said, names in by.items())


def verdict(more: Numbers) -> str:
    """Whether draws (the first is the figure itself) are on one side of nothing, by their 90 % interval."""
    low, high = np.percentile(more[1:], WITHIN)
    if low <= 0 <= high:
        return "Adds nothing to the AUC that can be told from chance:"
    return "Adds to the AUC:" if low > 0 else "Takes from the AUC:"


def _cell(figure: Numbers, before: Numbers | None = None) -> str:
    if before is None:
        return f"{100 * figure[0]:.1f}"
    more = 100 * (figure - before)
    low, high = np.percentile(more[1:], WITHIN)
    return f"{100 * figure[0]:.1f} ({more[0]:+.1f}: {low:+.1f} to {high:+.1f})"


def _repossession_lines(sold: pd.DataFrame) -> Iterator[str]:
    """What vehicles brought, over what they were said to be worth the month before."""
    yield f"{BRINGS}| | vehicles | {' | '.join(WAYS)} |\n|---|---|---|---|---|\n"
    young, old = sold["age_years"] < YOUNG, sold["age_years"] >= OLD
    groups = {
        "all": young | ~young, "bought new": sold["new"], "bought used": ~sold["new"], f"under {YOUNG} years old": young,
        f"{YOUNG} to {OLD}": ~young & ~old, f"{OLD} and older": old,
    }  # fmt: skip
    for name, rows in groups.items():
        cells = [_quartiles(sold.loc[rows, "proceeds"] / sold.loc[rows, way]) for way in WAYS]
        yield f"| {name} | {rows.sum()} | {' | '.join(cells)} |\n"
    spread = [_spread(sold["proceeds"] / sold[way]) for way in WAYS]
    yield f"| spread | | {' | '.join(f'{100 * of:.0f}' for of in spread)} |\n"
    enough = int((sold["proceeds"] >= sold["prudent"]).sum())
    yield ENDS.format(
        fsd=100 * sold["fsd"].median(), prudent=_quartiles(sold["prudent"] / sold["curve"]), enough=enough, sold=len(sold),
        share=100 * enough / len(sold), balance=_quartiles((sold["proceeds"] / sold["balance"]).dropna()),
    )  # fmt: skip


def _quartiles(shares: pd.Series[float]) -> str:
    low, middle, high = 100 * np.percentile(shares, (25, 50, 75))
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


def _spread(shares: pd.Series[float]) -> float:
    low, middle, high = np.percentile(shares, (25, 50, 75))
    return float((high - low) / QUARTILES_APART / middle)
