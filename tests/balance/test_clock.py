"""The clock in numpy against the reference, over loans that hypothesis draws; and the boundaries by name."""

from __future__ import annotations

from datetime import date, timedelta

from balance.clock_arrays import history_of, past_of, read_all
from balance.clock_reference import Charge, Event, Instalment, Loan, Walk
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.convention import COMPONENTS, Convention

D = date(2024, 3, 1)  # the day before is a leap day
CLOSED = {D + timedelta(n) for n in range(-400, 400) if (D + timedelta(n)).weekday() >= 5}
days_around = st.integers(-130, 70).map(lambda n: D + timedelta(n))
past = st.integers(-130, 0).map(lambda n: D + timedelta(n))
amount = st.integers(0, 6)


@st.composite
def loans(draw: st.DrawFn) -> Loan:
    """A small loan in trouble: few instalments near each other, so that everything meets everything."""
    agreed = {1: D - timedelta(140)} | {n: draw(past) for n in range(2, 2 + draw(st.sampled_from([0, 0, 0, 1, 2])))}
    agreed = dict(zip(agreed, sorted(agreed.values()), strict=True))
    if len(set(agreed.values())) < len(agreed):
        agreed = {1: agreed[1]}
    instalments = [
        Instalment(schedule, number, draw(days_around), draw(amount), draw(amount))
        for schedule in agreed for number in range(1, 1 + draw(st.integers(1, 5)))
    ]  # fmt: skip
    charges = draw(st.lists(st.builds(Charge, past, days_around, amount), max_size=2))
    payers = st.sampled_from(["borrower", "borrower", "partner"])
    paid = draw(st.lists(st.tuples(past, st.integers(-6, 14), payers), max_size=5))
    return Loan(instalments, agreed, charges, paid, draw(st.lists(events(), max_size=3)))


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(["holiday", "extension", "acceleration", "re_age", "technical", "lawsuit"]))
    day = draw(past)
    first = draw(st.one_of(st.none(), days_around)) if kind in ("holiday", "extension", "technical") else None
    return Event(day, kind, first, max(first or day, day) + timedelta(draw(st.integers(0, 90))))


conventions = st.builds(
    Convention,
    order=st.permutations(COMPONENTS).map(tuple),
    across=st.sampled_from(["due_date", "component"]),
    grace_days=st.sampled_from([0, 0, 3]),
    closed_days=st.sampled_from(["count", "next_open_day"]),
    months=st.sampled_from(["mba", "ots"]),
    technical_days=st.sampled_from([0, 7, 30]),
    technical_minor=st.sampled_from([0, 5, 100]),
    material_minor=st.sampled_from([None, 0, 3]),
    material_bp=st.sampled_from([0, 1000, 4000]),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(loans(), min_size=1, max_size=8), conventions)
def test_the_clock_equals_the_reference(book: list[Loan], convention: Convention) -> None:
    found = read_all(book, D, convention, CLOSED)
    for place, loan in enumerate(book):
        expected = Walk(loan, D, convention, CLOSED).reading()
        assert {name: found[name][place] for name in expected} == expected, loan


@settings(max_examples=300, deadline=None)
@given(st.lists(loans(), min_size=1, max_size=8), conventions, st.sampled_from([D, D + timedelta(20), D + timedelta(30)]))
def test_the_history_equals_the_reference(book: list[Loan], convention: Convention, day: date) -> None:
    found = history_of(book, day, convention, CLOSED)
    for place, loan in enumerate(book):
        expected = Walk(loan, day, convention, CLOSED).history()
        assert {name: found[name][place] for name in expected} == expected, loan


@settings(max_examples=150, deadline=None)
@given(st.lists(loans(), min_size=1, max_size=5), conventions, st.data())
def test_past_days_equal_the_reference_of_each(book: list[Loan], convention: Convention, data: st.DataObject) -> None:
    """Whatever became known later: a letter by 30 days past due at the end of each day, `#` where no schedule was agreed yet."""
    ends = [D - timedelta(days) for days in (0, 9, 30, 31, 61)]
    wanted = data.draw(st.lists(st.integers(0, len(ends)), min_size=len(book), max_size=len(book)))
    found = past_of(book, wanted, ends, convention, CLOSED)
    assert found == ["".join(letter(loan, day, convention) for day in ends[:n]) for loan, n in zip(book, wanted, strict=True)]


def letter(loan: Loan, day: date, convention: Convention) -> str:
    if min(loan.agreed.values()) > day:
        return "#"
    since = Walk(loan, day, convention, CLOSED).reading()["unpaid_since"]
    assert since is None or isinstance(since, date)
    return "N" if since is None else str(min(((day - since).days + 29) // 30, 7))


@settings(max_examples=100, deadline=None)
@given(st.lists(loans(), min_size=1, max_size=4), conventions)
def test_a_loan_does_not_depend_on_the_others(book: list[Loan], convention: Convention) -> None:
    together = read_all(book, D, convention, CLOSED)
    for place, loan in enumerate(book):
        alone = read_all([loan], D, convention, CLOSED)
        assert {name: values[place] for name, values in together.items()} == {n: values[0] for n, values in alone.items()}


def test_days_long_before_and_long_after_stay_with_their_loan() -> None:
    long_ago, for_ever = date(1960, 5, 5), date(9999, 12, 31)
    plan = [Instalment(1, 1, long_ago, 5, 0), Instalment(1, 2, for_ever, 7, 0)]
    odd = Loan(plan, {1: long_ago}, paid=[(long_ago, 3, "borrower")])
    plain = Loan([Instalment(1, 1, D - timedelta(1), 5, 0)], {1: D - timedelta(9)})
    for across in ("due_date", "component"):
        convention = Convention(across=across, material_minor=0)
        found = read_all([plain, odd, plain], D, convention, CLOSED)
        for place, loan in enumerate((plain, odd, plain)):
            expected = Walk(loan, D, convention, CLOSED).reading()
            assert {name: found[name][place] for name in expected} == expected
