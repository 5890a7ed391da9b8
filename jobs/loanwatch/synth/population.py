"""People and the institutions they borrow from: nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.synth import words
from loanwatch.synth.columns import constant, digits, fixed_width
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.contracts import BUSINESS, Loans
from loanwatch.synth.plan import Flags, Ints, Plan, first_of, month_of

WEIGHTS = np.array([20, 17, 14, 13, 11, 10, 8, 7])  # of the partners in a full book
SHARED_PERSONS = 0.05

BORN_FROM = -3653  # 1960-01-01
BIRTH_DAYS = 14_600
SEQUENCES = 1000
STRIDE = 9_023_327  # has no divisor in common with their product, so that all come before any comes twice
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK_LETTERS = np.frombuffer(b"10X98765432", np.uint8)
FIRM_OF = 3
CREDIT_CODE = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
CREDIT_WEIGHTS = 3 ** np.arange(17) % len(CREDIT_CODE)
MEDIAN_INCOME_MINOR = 700_000
PAYDAYS = np.array([0, 5, 10, 15, 20, 25])  # 0: no salary


@dataclass(frozen=True)
class Persons:
    """A row per person: what identifies them, where they live, what they earn a month, how carefully they pay, and whether it is
    a firm."""

    serial: Ints
    name: Ints
    city: Ints
    street: Ints
    door: Ints
    phone: Ints
    income_minor: Ints
    payday: Ints
    careless: Flags
    firm: Flags

    def __len__(self) -> int:
        return len(self.serial)

    def of(self, rows: Ints) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def partner_loans(loans: int) -> list[int]:
    """How many loans each partner has in the book of the first day: eight partners, fewer in a tiny book."""
    partners = min(len(WEIGHTS), max(3, loans // 30), loans)
    ends = np.cumsum(WEIGHTS[:partners]) / WEIGHTS[:partners].sum()
    spread = np.diff(np.round(ends * (loans - partners)), prepend=0).astype(np.int64)
    return [int(extra) + 1 for extra in spread]


def persons_of(books: list[Loans]) -> list[Ints]:
    """Per partner, the person behind each customer; some persons are customers of two partners."""
    first = 0
    persons: list[Ints] = []
    for number, loans in enumerate(books):
        own = np.arange(first, first + loans.customers)
        if number:
            before = books[number - 1]
            shared = int(min(round(SHARED_PERSONS * loans.customers), before.book_customers // 2))
            own[:shared] = persons[-1][before.book_customers - shared : before.book_customers]
        persons.append(own)
        first += loans.customers
    return persons


def firms(books: list[Loans], persons: list[Ints], rows: int) -> Flags:
    """Every so manieth of those who borrow for business only is a firm, and not its owner."""
    only = np.ones(rows, bool)
    for loans, who in zip(books, persons, strict=True):
        only[who[loans.customer[loans.product != BUSINESS]]] = False
    only &= np.arange(rows) % FIRM_OF == 0
    return only


def persons(plan: Plan, firm: Flags) -> Persons:
    """So many people, some of them firms."""
    rows = len(firm)
    draw = plan.stream("persons")
    city = draw.integers(0, len(words.CITIES), rows)
    prefix = np.array(words.PHONE_PREFIXES)[draw.integers(0, len(words.PHONE_PREFIXES), rows)]
    return Persons(
        serial=np.arange(rows),
        name=draw.integers(0, len(words.NAMES), rows),
        city=city,
        street=streets(draw, city),
        door=draw.integers(0, 10**7, rows),
        phone=prefix * 10**8 + draw.integers(0, 10**8, rows),
        income_minor=(MEDIAN_INCOME_MINOR * np.exp(0.5 * draw.standard_normal(rows))).astype(np.int64),
        payday=PAYDAYS[draw.choice(len(PAYDAYS), rows, p=(0.3, 0.15, 0.2, 0.2, 0.1, 0.05))],
        careless=draw.random(rows) < 0.15,
        firm=firm,
    )


def streets(draw: np.random.Generator, city: Ints) -> Ints:
    """A street of each city."""
    return city * words.STREETS_PER_CITY + draw.integers(0, words.STREETS_PER_CITY, len(city))


def id_numbers(persons: Persons) -> pa.StringArray:
    """Of people and of firms, eighteen places."""
    return pc.if_else(pa.array(persons.firm), credit_codes(persons), identity_numbers(persons))


def credit_codes(persons: Persons) -> pa.StringArray:
    """A firm registered in its city, its number, check character of GB 32100."""
    prefix = np.array([city.id_prefix for city in words.CITIES])[persons.city]
    body = np.hstack([digits(np.full(len(prefix), 91), 2), digits(prefix, 6), digits(persons.serial, 9)])
    check = CREDIT_CODE[-((body - ord("0")).astype(np.int64) @ CREDIT_WEIGHTS) % len(CREDIT_CODE)]
    return fixed_width(np.hstack([body, check[:, None]]))


def identity_numbers(persons: Persons) -> pa.StringArray:
    """City, birth date, sequence, check character of GB 11643."""
    code = persons.serial * STRIDE % (BIRTH_DAYS * SEQUENCES)
    born = BORN_FROM + code // SEQUENCES
    month = month_of(born)
    birth = (1970 + month // 12) * 10_000 + (month % 12 + 1) * 100 + born - first_of(month) + 1
    prefix = np.array([city.id_prefix for city in words.CITIES])[persons.city]
    body = np.hstack([digits(prefix, 6), digits(birth, 8), digits(code % SEQUENCES, 3)])
    check = CHECK_LETTERS[(body - ord("0")).astype(np.int64) @ CHECK_WEIGHTS % len(CHECK_LETTERS)]
    return fixed_width(np.hstack([body, check[:, None]]))


def phones(persons: Persons) -> pa.StringArray:
    return fixed_width(digits(persons.phone, 11))


def addresses(street: Ints, door: Ints) -> pa.StringArray:
    """Street, number, building and flat, in Chinese."""
    number, flat = np.divmod(door, 10_000)
    parts = (
        chosen(words.STREETS, street), fixed_width(digits(number % 900 + 100, 3)), constant("号", len(door)),
        fixed_width(digits(flat % 3000 + 101, 4)), constant("室", len(door)),
    )  # fmt: skip
    return pc.binary_join_element_wise(*parts, "")
