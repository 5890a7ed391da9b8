"""The senders that speak of all partners at once: ledger, bank, valuer and others. They listen first, and send at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from loanwatch.admit import feeds
from loanwatch.admit.filing_feeds import AGREEMENT, FORM_FIGURE, TRANSFER, TRANSFER_LOAN, WRITE_OFF_DETAIL
from loanwatch.admit.monitoring_feeds import (
    DEBT_ELSEWHERE,
    DEFAULT_PROBABILITY,
    EXCHANGE_RATE,
    IMPAIRMENT,
    REVIEW,
    SIGNAL,
)
from loanwatch.admit.register_feeds import COUNTERPARTY
from loanwatch.synth import institutions, ledger, register, sales, sent_collateral, sent_events
from loanwatch.synth.agreements import agreement
from loanwatch.synth.collection import Promises
from loanwatch.synth.faults import STALE_VALUATION, Planted, misbooked
from loanwatch.synth.figures import form_figure
from loanwatch.synth.impaired import debt_elsewhere, default_probability, impairment
from loanwatch.synth.market import Market, price_index
from loanwatch.synth.plan import Plan
from loanwatch.synth.rates import exchange_rate
from loanwatch.synth.reviews import review
from loanwatch.synth.senders import Collector, Sender, of_day
from loanwatch.synth.share import Share
from loanwatch.synth.signals import signal
from loanwatch.synth.transfers import transfer


class Around:
    """Our ledger and risk staff, the custodian bank, the valuer, the bureau and the market of one book."""

    def __init__(self, plan: Plan, market: Market, inbox: Path, planted: Planted) -> None:
        self.plan, self.market, self.planted = plan, market, planted
        self.ledger, self.bank = Sender("ledger", "parquet", inbox), Sender("bank", "csv", inbox)
        self.valuer = Sender("valuer", "parquet", inbox)
        self.bureau, self.market_data = Sender("bureau", "csv", inbox), Sender("market", "csv", inbox)
        self.risk = Sender("risk", "csv", inbox)
        self.signals, self.reviews = Collector("signal_id", "G"), Collector()
        self.impaired, self.chances, self.debts = Collector(), Collector(), Collector()
        self.lost, self.counterparties = Collector(), Collector()
        self.bought: list[tuple[pa.Table, pa.Table]] = []
        self.totals, self.entries = Collector(), Collector("entry_id", "K")
        self.values = Collector("valuation_id", "V")
        self.sold = 0
        self.ledger_loans: pa.Table | None = None  # of the first pool that has any

    def listen(self, share: Share, promised: Promises) -> None:
        """Take note of one partner's share: its totals, its cash, the values of its collateral, what is said of its customers."""
        board = ledger.Board(self.plan, len(share.pools))
        closed_on = share.accounts.closed_on
        totals = ledger.totals(board, share.loans, share.allocation, share.endings, closed_on, share.pool)
        self.ledger_loans = self.ledger_loans or institutions.ledger_loan(share)
        booked_on, entries = institutions.bank_entry(share)
        draw = self.plan.stream("revaluation", share.loans.partner)
        signals, reviews = signal(share), review(share, promised)
        lost, bought = sent_events.write_off_detail(share), transfer(share)
        counterparties = register.counterparty(share)
        self.bought += [bought] if bought else []
        impaired, chances, debts = impairment(share), default_probability(share), debt_elsewhere(share)
        for day in self.plan.business_days:
            self.signals.add(day, of_day(self.plan, *signals, day))
            self.reviews.add(day, of_day(self.plan, *reviews, day))
            self.impaired.add(day, of_day(self.plan, *impaired, day))
            self.chances.add(day, of_day(self.plan, *chances, day))
            self.debts.add(day, of_day(self.plan, *debts, day))
            self.lost.add(day, of_day(self.plan, *lost, day))
            self.counterparties.add(day, of_day(self.plan, *counterparties, day))
            self.totals.add(day, institutions.control_total(share, totals, day))
            self.entries.add(day, of_day(self.plan, booked_on, entries, day))
            self.first_values(share, day)
            self.values.add(day, sent_collateral.revaluation(share, self.market, draw, day))

    def first_values(self, share: Share, day: int) -> None:
        """The values of the assets that came with the day's loans; on the first day those of the whole book."""
        opened_on = share.loans.opened_on[share.assets.loan]
        which = np.flatnonzero(opened_on <= day if day == self.plan.first else opened_on == day)
        for line in np.flatnonzero(share.assets.stale[which]) + self.values.rows(day) + 1:
            self.planted.add(STALE_VALUATION, feeds.VALUATION.name, self.valuer.code, day, 1, int(line))
        self.values.add(day, sent_collateral.first_valuation(share, which))

    def send(self, partners: int, late: Path) -> None:
        """All their deliveries; corrections of planted faults go to `late`."""
        first = self.plan.first
        self.ledger.send(feeds.PARTNER, first, institutions.partner(self.plan, partners))
        self.ledger.send(feeds.POOL, first, institutions.pool(self.plan, partners))
        self.ledger.send(AGREEMENT, first, agreement(self.plan, partners))
        for feed, parts in zip((TRANSFER, TRANSFER_LOAN), zip(*self.bought, strict=True), strict=False):
            self.ledger.send(feed, first, pa.concat_tables(parts))
        rates = exchange_rate(self.plan)
        quoted_on = rates["quoted_on"].combine_chunks().cast("int32").to_numpy()
        for day in self.plan.business_days:
            self.market_data.send(EXCHANGE_RATE, day, of_day(self.plan, quoted_on, rates, day))
            self.bureau.send(SIGNAL, day, self.signals.on(day))
            self.bureau.send(DEBT_ELSEWHERE, day, self.debts.on(day))
            self.risk.send(REVIEW, day, self.reviews.on(day))
            self.ledger.send(IMPAIRMENT, day, self.impaired.on(day))
            self.ledger.send(DEFAULT_PROBABILITY, day, self.chances.on(day))
            self.ledger.send(COUNTERPARTY, day, self.counterparties.on(day))
            self.ledger.send(WRITE_OFF_DETAIL, day, self.lost.on(day))
            self.ledger.send(FORM_FIGURE, day, form_figure(self.plan, day))
            self.send_totals(day, late)
            self.bank.send(feeds.BANK_ENTRY, day, self.entries.on(day))
            self.valuer.send(feeds.VALUATION, day, self.values.on(day))
            index_from, sales_from = (0, first - sales.HISTORY_DAYS) if day == first else (day, day)
            self.valuer.send(feeds.PRICE_INDEX, day, price_index(self.market, range(index_from, day + 1)))
            sold = sales.sale(self.plan, self.market, range(sales_from, day + 1), self.sold + 1)
            self.sold += len(sold)
            self.valuer.send(feeds.SALE, day, sold)

    def send_totals(self, day: int, late: Path) -> None:
        """The ledger's totals, and on the last day its loans of a pool; with planted faults it has made a slip there."""
        totals, listed = self.totals.on(day), self.ledger_loans
        if listed and day == self.plan.last:
            if self.plan.faults:
                Sender("ledger", "parquet", late).send(feeds.CONTROL_TOTAL, day, totals, sequence=2)
                totals, listed = misbooked(totals, listed, day, self.planted)
            self.ledger.send(feeds.LEDGER_LOAN, day, listed)
        self.ledger.send(feeds.CONTROL_TOTAL, day, totals)
