"""What rules and rankings of warnings are worth on real borrowers: `python tests/bench/warned.py --data DIR --folder DIR`.

Runs the steps that loans' verdicts rest on at every month-end of data 01, 02 and 05 (hours; a folder that has them is used as it
is), then writes `tests/bench/warnings.md`. Weights and points are fitted on half of the customers, figures are of the other half.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from books import BOOKS, Book, judged, month_of
from month_steps import RULES_OF, month_steps
from night import machine
from performance import Figures, Flags, Interval, Numbers, Panel, top
from points import Colours, boosted, declared, fitted, fitted_weights, measured_half, scored

from loanwatch import adapters, settings
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.configuration import load
from loanwatch.derive.tables import LOAN_HISTORY, LOAN_INDICATOR
from loanwatch.flag.masks import WORD
from loanwatch.flag.rules import Rule, about, in_force
from loanwatch.flag.tables import RULE, VERDICT
from loanwatch.lake import Lake
from loanwatch.nights import checked

PAGE = Path(__file__).with_name("warnings.md")
SHARES = {"0.5": 0.005, "1": 0.01, "2": 0.02, "5": 0.05}
MASKS = ("amber", "red", "unknown", "not_applicable")
COLUMNS = "alerts a month | precision % | caught % | events warned % | lead, months"
STATUSES = 12  # month-ends back that the model without rules is given one by one


@dataclass(frozen=True)
class Evidence:
    """Loan-months of a book that can be judged: what rules said of them, what is known of them, and what came.

    `silent` are rules that are unknown or not applicable everywhere.
    """

    rows: pd.DataFrame
    colours: dict[str, Colours]
    features: pd.DataFrame
    follows: Flags
    measured: Flags
    silent: frozenset[str]

    def lateness(self) -> tuple[Numbers, Numbers]:
        """Days past due by the borrower's own clock, -1 off the book; and the same below one, to rank among equals."""
        late = self.features["own_days_past_due"].fillna(-1).to_numpy()
        return late, late / (late.max() + 2)

    def to_fit_on(self) -> tuple[dict[str, Colours], Flags, Numbers]:
        """Colours, what follows and what ranks among equals, of the half that is not reported on."""
        fit = ~self.measured
        return {rule: colour[fit] for rule, colour in self.colours.items()}, self.follows[fit], self.lateness()[1][fit]

    def panel(self) -> Panel:
        """Those to report on."""
        rows = self.rows[self.measured]
        loan = rows["loan_id"].factorize(sort=True)[0].astype(np.int64)
        return Panel(loan, rows["month"].to_numpy(), self.follows[self.measured], rows["event"].to_numpy())


def perform(book: Book, data: Path, folder: Path) -> None:
    """The month-ends of a book, as far as they are not there."""
    if not (folder / "inbox").is_dir():
        adapters.perform(book.adapter, book.files(data), folder, print)
    for attempt in month_steps(book.tenant, folder, book.first, book.last, book.tables):
        print(f"{book.name}: {attempt.as_of}", flush=True)


def gathered(book: Book, data: Path, folder: Path, rules: tuple[Rule, ...]) -> Evidence:
    """Everything about the loan-months of a book, in the order of loan and month."""
    lake = Lake(folder / "lake")
    days = lake.rows(RULE, columns=("distinct as_of",))["as_of"].to_pylist()
    rows, truth = pd.concat([_month(lake, day) for day in days]), book.truth(book.files(data))
    idle = truth.off_book[truth.off_book["month"].isin(rows["month"])]
    rows = rows.merge(idle, on=["loan_id", "month"], how="outer")
    words = [name for name in rows if name.rstrip("0123456789") in MASKS]
    rows[words] = rows[words].fillna(0).astype(np.int64)  # off the book: nothing is said of them
    rows = rows.sort_values(["loan_id", "month"], ignore_index=True)
    known, event = judged(book, truth, rows[["loan_id", "month"]])
    known &= rows["status"] != "written_off"  # lost already: there is nothing left to warn of
    rows = rows.assign(event=event)[known].reset_index(drop=True)
    follows = (rows["event"] <= rows["month"] + book.horizon).to_numpy()
    bits = {row["rule_id"]: row["bit"] for row in lake.rows(RULE, "release = 1 and subject = 'loan'").to_pylist()}
    colours = {rule.id: _colour(rows, bits[rule.id]) for rule in rules}
    loans, number = np.unique(rows["loan_id"], return_inverse=True)
    raised = {rule: colour for rule, colour in colours.items() if colour.any()}
    on_book = rows["status"].notna().to_numpy()
    silent = frozenset(rule for rule, bit in bits.items() if _bit(rows, ("unknown", "not_applicable"), bit)[on_book].all())
    return Evidence(rows, raised, _features(rows), follows, measured_half(loans)[number], silent)


def _month(lake: Lake, day: date) -> pd.DataFrame:
    """What one month-end left of each loan."""
    where = f"as_of = '{day}'"
    masks = lake.rows(VERDICT, f"{where} and subject = 'loan'", ("subject_id", *MASKS))
    rows = pd.DataFrame({"loan_id": masks["subject_id"].to_pylist()})
    for name in MASKS:
        rows = rows.join(_words(masks[name]).add_prefix(name))
    numbers = [c.name for c in LOAN_INDICATOR.columns if c.type in ("int", "long", "boolean")]
    for table, columns in ((LOAN_INDICATOR, numbers), (LOAN_HISTORY, ["own_statuses"]), (LOAN_DAY, ["status"])):
        rows = rows.merge(lake.rows(table, where, ("loan_id", *columns)).to_pandas(), on="loan_id", how="left", validate="1:1")
    return rows.assign(month=month_of(day))


def _words(masks: pa.ChunkedArray) -> pd.DataFrame:
    return pd.DataFrame(np.array(masks.to_pylist(), np.int64))


def _colour(rows: pd.DataFrame, bit: int) -> Colours:
    """0 = neither, 1 = amber, 2 = red."""
    return np.where(_bit(rows, ("red",), bit), 2, _bit(rows, ("amber",), bit)).astype(np.int8)


def _bit(rows: pd.DataFrame, masks: tuple[str, ...], bit: int) -> Flags:
    """Whether the bit of a rule is set in one of some masks."""
    words = np.bitwise_or.reduce([rows[f"{name}{bit // WORD}"].to_numpy() for name in masks])
    return (words >> (bit % WORD)) & 1 == 1


def _features(rows: pd.DataFrame) -> pd.DataFrame:
    names = [c.name for c in LOAN_INDICATOR.columns if c.type in ("int", "long", "boolean") and c.name in rows]
    numbers = rows[names].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    levels = {"N": 0, **{str(level): level for level in range(1, 8)}}
    letters = {f"status_{n}": rows["own_statuses"].str[n].map(levels) for n in range(STATUSES)}
    return numbers.assign(**letters).dropna(axis=1, how="all")


def page(book: Book, evidence: Evidence, rules: tuple[Rule, ...]) -> str:
    """The section of a book."""
    panel, half = evidence.panel(), evidence.measured
    months = len(np.unique(panel.month))
    lines = [
        f"## {book.name}: {book.title}", "",
        f"Event: {book.event}. Half of the customers: {len(panel.loan):,} loan-months of {panel.loan.max() + 1:,} loans at "
        f"{months} month-ends can be judged, {panel.follows.sum():,} ({panel.follows.mean():.2%}) were followed by the event.", "",
        f"| rule | status | colour | {COLUMNS} |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rule in rules:
        for colour, least in (("amber or red", 1), ("red", 2)):
            raised = evidence.colours.get(rule.id, np.zeros(len(half), np.int8))[half] >= least
            if raised.any():
                lines.append(f"| {rule.id} | {'live' if rule.live else 'shadow'} | {colour} | {_cells(panel.measure(raised))} |")
    quiet = [rule.id for rule in rules if rule.id in evidence.silent]
    lines += ["", f"Never an answer, for want of a source or of what they ask about: {', '.join(quiet)}."]
    points = fitted(evidence.colours, evidence.follows, ~half)
    scores = rankings(evidence, rules, points)
    lines += ["", f"| ranked by | top % | {COLUMNS} |", "|---|---|---|---|---|---|---|"]
    for name, score in scores.items():
        for share, of in SHARES.items():
            lines.append(f"| {name} | {share} | {_cells(panel.measure(top(score[half], of)))} |")
    for name, caught in book.reference:
        lines += [f"| *{name}* | {share} | | | {value} | | |" for share, value in caught.items()]
    lines += ["", "Points fitted on the other half (10 double the odds; red adds to amber):", "",
              ", ".join(f"{row.rule} {row.colour} {row.points}" for row in points.itertuples()), ""]  # fmt: skip
    return "\n".join(lines)


def rankings(evidence: Evidence, rules: tuple[Rule, ...], points: pd.DataFrame) -> dict[str, Numbers]:
    """Scores of all loan-months, by what they are called."""
    late, by_lateness = evidence.lateness()
    mine = [rule for rule in rules if rule.id in evidence.colours]
    live = [rule for rule in mine if rule.live]
    return {
        "days past due": late,
        "live rules, all of one weight": declared(evidence.colours, live, {rule.id: 1 for rule in live}) + by_lateness,
        "live rules, declared weights": declared(evidence.colours, live) + by_lateness,
        "all rules, declared weights": declared(evidence.colours, mine) + by_lateness,
        "all rules, fitted points": scored(evidence.colours, points) + by_lateness,
        "boosting on all indicators and 12 statuses": boosted(evidence.features, evidence.follows, ~evidence.measured),
    }


def _cells(figures: Figures) -> str:
    shares = [_percent(each) for each in (figures.precision, figures.caught, figures.warned)]
    months = figures.lead
    lead = "" if np.isnan(months.value) else f"{months.value:.0f} ({months.low:.0f} to {months.high:.0f})"
    return " | ".join([f"{figures.alerts_a_month:,.1f}", *shares, lead])


def _percent(of: Interval) -> str:
    return f"{of.value:.1%} ({of.low:.1%} to {of.high:.1%})".replace("%", "")


def main() -> None:
    """Run what is missing, measure, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--folder"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--book", choices=[book.name for book in BOOKS], action="append")
    given = parser.parse_args()
    sections, halves = [], []
    for book in BOOKS:
        if given.book and book.name not in given.book:
            continue
        folder = given.folder / book.name
        perform(book, given.data, folder)
        values = checked(load(settings.load("demo", book.tenant, {})))
        rules = about(in_force(values["rules"], RULES_OF), "loan")
        evidence = gathered(book, given.data, folder, rules)
        sections.append(page(book, evidence, rules))
        halves.append(evidence.to_fit_on())
    weights = fitted_weights(halves, [rule for rule in rules if rule.live])
    found = ", ".join(f"{rule} {weight}" for rule, weight in weights.items() if weight > 1)
    sections.append(f"{WEIGHTS}\n\n{found}.\n")
    today = datetime.now(tz=UTC).date()
    PAGE.write_text("\n".join([f"# What warnings are worth\n\n{today}, {machine()}\n", INTRODUCTION, *sections]))


WEIGHTS = """\
## Weights

Of live rules, those other than 1 that rank best on the halves to fit on, over all books alike. What is declared in `conf/rules`
was chosen on 01 and 02 among weights by which arrears that grow never lose points:"""
INTRODUCTION = """\
By `make warnings`. In brackets 90 % intervals by bootstrap over customers. *Precision*:
share of raised loan-months that the event follows within the horizon; *caught*: share of loan-months followed by the event that
are raised; *events warned*: share of events with something raised within the horizon before; *lead*: median months from the
first of the unbroken run of raised month-ends. Horizons beyond what the source tells are left out, not counted as "no event".
"""

if __name__ == "__main__":
    main()
