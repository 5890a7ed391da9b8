"""The functions that mappings may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loanwatch.adapters import agency, agency_reads, card_dpd, taiwan_cards
from loanwatch.adapters.fitting import Inputs
from loanwatch.adapters.monthly import Given


@dataclass(frozen=True)
class Function:
    """What a mapping cannot say: from typed rows to deliveries."""

    reads: Inputs
    deliver: Callable[[Given], None]


FUNCTIONS = {
    "agency": Function(agency_reads.READS, agency.agency),
    "card_dpd": Function(card_dpd.READS, card_dpd.card_dpd),
    "taiwan_cards": Function(taiwan_cards.READS, taiwan_cards.taiwan_cards),
}
