"""A few loans as feed rows, and what the steps of a night make of them: from the rows to the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.contact_feeds import PROMISE
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.loan_day import loan_day
from loanwatch.balance.tables import LOAN_MONTH, ROLL_OVER
from loanwatch.convention import Convention
from loanwatch.cover.allocation import allocation
from loanwatch.cover.asset_value import asset_value
from loanwatch.cover.index_level import index_level
from loanwatch.cover.loan_cover import loan_cover
from loanwatch.cover.tables import MODEL_VALUE
from loanwatch.derive.loan_indicator import loan_indicator
from loanwatch.explanation.acts import Act
from loanwatch.explanation.loan_rows import LoanRows
from loanwatch.explanation.outlook import Outlook
from loanwatch.flag.masks import MASKS
from loanwatch.flag.rules import Rule
from loanwatch.flag.verdict import masks
from loanwatch.gaps import Expected
from loanwatch.settings import Prudence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
OPENED = date(2024, 6, 10)
CONVENTIONS = {
    "default": Convention(), "business": Convention(order=("principal", "interest", "fee"), across="component"),
    "vehicle": Convention(grace_days=2, closed_days="next_open_day"),
}  # fmt: skip
CLOSED = [D + timedelta(n) for n in range(-300, 120) if (D + timedelta(n)).weekday() >= 5]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class SmallLoan:
    """The feed rows about one loan; those of a secured loan have pledges and valuations of its assets."""

    product: str
    principal: int
    instalments: Rows
    charges: Rows
    events: Rows
    repayments: Rows
    valuations: Rows

    def after(self, act: Act, day: date) -> SmallLoan:
        """The loan with an act done on a day: the value found is spread over its assets."""
        if act.kind in ("cash", "whole"):
            return replace(self, repayments=[*self.repayments, paid(day, act.minor or 0, "borrower")])
        assets = sorted({row["asset_id"] for row in self.valuations})
        total = act.minor or len(assets)
        shares = [1] * (len(assets) - 1)
        found = [valued(asset, day, share) for asset, share in zip(assets, [*shares, total - len(shares)], strict=True)]
        return replace(self, valuations=[*self.valuations, *found])

    def outlook(self, seen: Mapping[str, Mapping[str, Any]]) -> Outlook:
        convention = CONVENTIONS.get(self.product, CONVENTIONS["default"])
        rows = (seen["loan_day"], seen["loan_cover"], seen["loan_indicator"])
        known = LoanRows(self.instalments, self.charges, self.events, self.repayments)
        return Outlook(D, *rows, known, convention, CLOSED)


def paid(day: date, amount: int, payer: str) -> dict[str, Any]:
    return {"paid_on": day, "paid_minor": amount, "payer": payer}


def valued(asset: str, day: date, amount: int) -> dict[str, Any]:
    return {"asset_id": asset, "valued_on": day, "value_minor": amount}


def some_loan(draw: Random, n: int) -> SmallLoan:
    """Due on the 15th; paid in full, in part, by others, or not at all for months; half of them secured, some twice."""
    dues = [date(2024 + month // 12, month % 12 + 1, 15) for month in range(6, 18)]
    plan = [(draw.randint(900, 1100), draw.randint(0, 90)) for _ in dues]
    instalments = [
        {"schedule_no": 1, "instalment_no": i + 1, "agreed_on": OPENED, "due_on": due, "principal_minor": part,
         "interest_minor": interest} for i, (due, (part, interest)) in enumerate(zip(dues, plan, strict=True))
    ]  # fmt: skip
    behind = draw.choice([0, 1, 2, 5, 8])
    punctual = [due for due in dues if due <= D][: max(8 - behind, 0)]
    repayments = [paid(due, sum(plan[i]), draw.choice(["borrower"] * 4 + ["partner"])) for i, due in enumerate(punctual)]
    repayments += [paid(D - timedelta(draw.choice([3, 40])), draw.randint(1, 900), "borrower")] if draw.random() < 0.5 else []
    charged = D - timedelta(draw.choice([20, 50]))
    charges = [{"charged_on": charged, "due_on": None, "amount_minor": draw.randint(1, 60)}] if draw.random() < 0.4 else []
    holiday = {"event_id": "E1", "kind": "holiday", "happened_on": date(2024, 12, 1), "from_on": date(2024, 12, 10),
               "until_on": date(2025, 1, 20)}  # fmt: skip
    assets = [f"P01:A{n}-{i}" for i in range(draw.choice([0, 1, 1, 2]))]
    values = [valued(asset, D - timedelta(draw.choice([30, 400])), draw.randint(2000, 9000)) for asset in assets]
    product = draw.choice(["home", "business", "vehicle"])
    principal = sum(part for part, _ in plan)
    return SmallLoan(product, principal, instalments, charges, [holiday] if draw.random() < 0.2 else [], repayments, values)


Seen = dict[str, dict[str, dict[str, Any]]]


def performed(spark: SparkSession, book: Mapping[str, SmallLoan], as_of: date, rules: Sequence[Rule]) -> Seen:
    """The rows of the steps about each loan, by table; `verdict` among them."""
    spark.catalog.clearCache()
    given = {feed.name: frame(spark, feed, rows) for feed, rows in _feeds(book).items()}
    arrived = frame(spark, DELIVERY, [{"feed": "repayment", "sender": "P01", "business_on": as_of}])
    days = loan_day(
        *(given[name] for name in ("loan", "borrower", "instalment", "charge", "repayment", "loan_event")), arrived, as_of,
        Expected("daily", {"repayment": 0}, {}), CONVENTIONS, CLOSED,
    ).cache()  # fmt: skip
    levels = index_level(given["price_index"])
    said = frame(spark, MODEL_VALUE, [])
    line = spark.createDataFrame([], f"{MODEL_VALUE.spark}, as_of date")
    collateral = (given["pledge"], given["asset"], given["valuation"])
    values = asset_value(days, *collateral, levels, said, line, as_of, {}, Prudence()).cache()
    cover = loan_cover(days, allocation(days, given["pledge"], values, as_of), values, Prudence()).cache()
    nothing = {of.short: frame(spark, of, []) for of in (ROLL_OVER, PROMISE, GUARANTEE)}
    indicators = loan_indicator(
        days, cover, repayment=given["repayment"], charge=given["charge"], loan_event=given["loan_event"],
        loan_month_month_ends=frame(spark, LOAN_MONTH, []), delivery=arrived, as_of=as_of, **nothing,
    ).cache()  # fmt: skip
    verdicts = masks(indicators, "loan", rules).withColumnRenamed("subject_id", "loan_id")
    tables = {"loan_day": days, "loan_cover": cover, "loan_indicator": indicators, "verdict": verdicts}
    return {name: {row["loan_id"]: row.asDict() for row in table.collect()} for name, table in tables.items()}


def _feeds(book: Mapping[str, SmallLoan]) -> dict[Any, Rows]:
    """The rows of all loans by feed; an index moves what was valued last year."""
    each = list(book.items())
    sender = {"sender_id": "P01"}
    assets = [(name, row["asset_id"]) for name, loan in each for row in loan.valuations]
    cell = {"kind": "home", "region": "R"}
    periods = ((date(2024, 1, 1), 10000), (D - timedelta(60), 9100))
    levels = [{**cell, **sender, "period_on": day, "published_on": day, "level_bp": bp} for day, bp in periods]
    return {
        feeds.LOAN: [{"loan_id": name, "customer_id": "P01:C", "product": loan.product, "principal_minor": loan.principal,
                      "opened_on": OPENED} for name, loan in each],
        feeds.BORROWER: [],
        feeds.INSTALMENT: [{"loan_id": name, **row} for name, loan in each for row in loan.instalments],
        feeds.CHARGE: _numbered(each, "charges", "charge_id"),
        feeds.REPAYMENT: _numbered(each, "repayments", "repayment_id"),
        feeds.LOAN_EVENT: _numbered(each, "events", "event_id"),
        feeds.PLEDGE: [{"loan_id": name, "asset_id": asset, "lien_rank": 1} for name, asset in sorted(set(assets))],
        feeds.ASSET: [{"asset_id": asset, **cell} for asset in sorted({asset for _, asset in assets})],
        feeds.VALUATION: [{**sender, "valuation_id": f"{row['asset_id']}-{n}", **row} for _, loan in each
                          for n, row in enumerate(loan.valuations)],
        feeds.PRICE_INDEX: levels,
    }  # fmt: skip


def _numbered(each: Sequence[tuple[str, SmallLoan]], kind: str, number: str) -> Rows:
    return [
        {**row, "loan_id": name, "sender_id": "P01", number: f"{name}-{n}"}
        for name, loan in each for n, row in enumerate(getattr(loan, kind))
    ]  # fmt: skip


def ends(verdict: Mapping[str, Any], rule: Rule) -> bool:
    """Whether a warning ends or begins to clear, by masks: not raised, and the exit holds or the rule does not apply."""
    held = {name: bool(verdict[name][0] >> rule.bit & 1) for name in MASKS}
    return not (held["amber"] or held["red"]) and (held["cleared"] or held["not_applicable"])
