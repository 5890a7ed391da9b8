"""What partners tell of their loans and pledges for the forms of regulators alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch import codes
from loanwatch.synth import agreements, words
from loanwatch.synth.columns import dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.contracts import BUSINESS, HOME, VEHICLE
from loanwatch.synth.plan import NEVER, Flags, Ints
from loanwatch.synth.population import id_numbers
from loanwatch.synth.share import Share

KINDS, PURPOSES = codes.BORROWER_KINDS.words, codes.PURPOSES.words
CONSUMER = KINDS.index("consumer")
OF_PERSONS, OF_FIRMS = ("sole_proprietor", "small_owner", "farmer"), ("micro", "micro", "micro", "small", "small", "medium")
OF_CONSUMERS = ("consumption", "consumption", "renovation", "travel", "medical", "tuition", "other")
OF_BUSINESS = ("working_capital", "working_capital", "working_capital", "equipment")
TRADES = np.array([1, 2, 13, 18, 27, 39, 48, 50, 51, 52, 52, 54, 61, 62, 62, 65, 72, 80, 81])  # divisions of GB/T 4754
PLACES = ("110101", "310104", "440106", "440305", "510104", "330302", "420102", "500103")
ONLINE, GREEN, RURAL, SCIENCE, ENTRUSTED, LPR, OTHERS_ASSET = 0.6, 0.03, 0.15, 0.05, 0.3, 0.4, 0.04
OFFICERS, BANKS = 40, ("甲银行", "乙银行", "丙农商行")
INCLUSIVE_MINOR = 1_000_000_000  # of one borrower, ten million yuan


class Details:
    """Of all loans of one partner, drawn once."""

    def __init__(self, share: Share) -> None:
        self.share, self.draw = share, share.plan.stream("details", share.loans.partner)
        loans, rows = share.loans, len(share.loans)
        self.firm = share.persons.firm[loans.customer]
        business = self.firm | (loans.product == BUSINESS)
        by_person = self._of(OF_PERSONS, KINDS, loans.customers)[loans.customer]
        by_firm = self._of(OF_FIRMS, KINDS, loans.customers)[loans.customer]
        self.kind = np.where(self.firm, by_firm, np.where(business, by_person, CONSUMER))
        of_consumer = np.where(loans.product == VEHICLE, PURPOSES.index("car"), self._of(OF_CONSUMERS, PURPOSES, rows))
        of_consumer = np.where((loans.product == HOME) & (self.draw.random(rows) < 0.5), PURPOSES.index("home"), of_consumer)
        self.purpose = np.where(business, self._of(OF_BUSINESS, PURPOSES, rows), of_consumer)
        self.industry = np.ma.masked_array(TRADES[self.draw.integers(0, len(TRADES), rows)], ~business)
        self.place = share.persons.city[loans.customer] % len(PLACES)
        self.account = self.draw.integers(0, 10**12, (3, rows))
        self.online = self._drawn(rows, ONLINE)
        self.agreed = share.plan.stream("agreements", loans.partner)

    def loan_detail(self, rows: slice) -> pa.Table:
        """The `loan_detail` rows of a range of loans."""
        loans, count = self.share.loans, len(self.share.loans.opened_on[rows])
        refinances, small = loans.refinances[rows] >= 0, loans.principal_minor[rows] <= INCLUSIVE_MINOR
        rural, entrusted = self._drawn(count, RURAL), self._drawn(count, ENTRUSTED)
        small &= (self.kind[rows] != CONSUMER) & (self.kind[rows] != KINDS.index("medium"))
        names = chosen(words.NAMES, self.draw.integers(0, len(words.NAMES), count))
        return pa.table({
            "loan_id": self.share.loan_ids[rows],
            "valid_from": dates(loans.opened_on[rows]),
            "contract_id": pc.binary_join_element_wise(self.share.loan_ids[rows], "C", "-"),
            "borrower_kind": chosen(KINDS, self.kind[rows]),
            "purpose": chosen(PURPOSES, self.purpose[rows]),
            "industry_division": pa.array(self.industry[rows].data, pa.int32(), mask=np.ma.getmaskarray(self.industry[rows])),
            "used_in": chosen(PLACES, self.place[rows]),
            "granted_as": chosen(codes.GRANTED_AS.words, np.where(refinances, 2, 0)),
            "paid_out": chosen(codes.PAID_OUT.words, entrusted.astype(np.int64)),
            "rate_basis": chosen(codes.RATE_BASES.words, 1 - self._drawn(count, LPR).astype(np.int64)),
            "revolving": pa.array(np.zeros(count, np.bool_)),
            "online": pa.array(self.online[rows]),
            "green": pa.array(self._drawn(count, GREEN)),
            "rural": pa.array(rural),
            "inclusive_rural": pa.array(rural & small),
            "inclusive_small": pa.array(small),
            "science": pa.array(self._drawn(count, SCIENCE)),
            "officer_no": numbered("E", self.draw.integers(0, OFFICERS, count), 4),
            "loan_account": numbered("9501", self.account[0][rows], 12),
            "payee_account": numbered("9502", self.account[1][rows], 12),
            "payee_name": names,
            "payee_bank": chosen(BANKS, self.draw.integers(0, len(BANKS), count)),
            "repayment_account": numbered("9503", self.account[2][rows], 12),
            "repayment_bank": chosen(BANKS, self.draw.integers(0, len(BANKS), count)),
            "authorised": pa.array(self.online[rows]),
            "authorisation_no": pc.if_else(pa.array(self.online[rows]), numbered("S", self.account[0][rows], 12), None),
            "authorised_from": dates(np.where(self.online[rows], loans.opened_on[rows], NEVER)),
            "authorised_until": dates(np.full(count, NEVER)),
        })  # fmt: skip

    def loan_agreement(self, rows: slice) -> pa.Table:
        """The `loan_agreement` rows of a range of loans."""
        loans = np.arange(rows.start, rows.stop)
        return agreements.loan_agreement(self.share, loans, self.agreed, self.online[rows])

    def pledge_detail(self, which: Ints) -> pa.Table:
        """The `pledge_detail` rows of pledges taken: what is pledged is the borrower's own, but for some."""
        share, draw = self.share, self.draw
        loan = share.pledges.loan[which]
        owner = share.persons.of(share.loans.customer[loan])
        others = draw.random(len(which)) < OTHERS_ASSET
        names = pc.if_else(pa.array(others), chosen(words.NAMES, draw.integers(0, len(words.NAMES), len(which))),
                           chosen(words.NAMES, owner.name))  # fmt: skip
        whose = chosen(("id_card", "credit_code"), owner.firm.astype(np.int64))
        return pa.table({
            "loan_id": share.loan_ids.take(pa.array(loan)),
            "asset_id": share.asset_ids.take(pa.array(share.pledges.asset[which])),
            "valid_from": dates(share.loans.opened_on[loan]),
            "contract_id": pc.binary_join_element_wise(share.loan_ids.take(pa.array(loan)), numbered("D", which, 8), "-"),
            "signed_on": dates(share.loans.opened_on[loan]),
            "until_on": dates(np.full(len(which), NEVER)),
            "maximum": pa.array(self._drawn(len(which), 0.2)),
            "officer_no": numbered("E", draw.integers(0, OFFICERS, len(which)), 4),
            "certificate_no": numbered("9601", draw.integers(0, 10**10, len(which)), 10),
            "owner_name": names,
            "owner_id_type": whose,
            "owner_id_number": pc.if_else(pa.array(others), pa.scalar(None, pa.string()), id_numbers(owner)),
        })  # fmt: skip

    def _of(self, some: tuple[str, ...], known: tuple[str, ...], rows: int) -> Ints:
        return np.array([known.index(word) for word in some])[self.draw.integers(0, len(some), rows)]

    def _drawn(self, rows: int, share: float) -> Flags:
        return np.asarray(self.draw.random(rows) < share)
