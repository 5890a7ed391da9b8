"""Every feed says whose data it is and on what basis; what rests on consent is used only with it."""

from __future__ import annotations

import pytest

from loanwatch import codes
from loanwatch.admit.feeds import FEEDS
from loanwatch.derive.tables import BORROWER_INDICATORS, LOAN_INDICATORS
from loanwatch.tables import Feed


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_personal_data_have_a_subject_and_a_basis(feed: Feed) -> None:
    for column in (*feed.row, *feed.file_columns):
        whose, basis = feed.basis_of(column)
        assert whose in codes.DATA_SUBJECTS
        assert (basis in codes.LAWFUL_BASES) is (whose != "nobody"), column.name
        assert not column.restricted or whose != "nobody", column.name


def test_a_source_over_a_feed_by_consent_asks_for_it() -> None:
    sources = {measure.source for indicator in (*LOAN_INDICATORS, *BORROWER_INDICATORS) for measure in indicator.of}
    assert {source.feed.name for source in sources} >= {"behaviour", "repayment"}
    for source in sources:
        assert (source.consent is not None) is (source.feed.basis in ("consent", "separate_consent")), source.name
