"""What a value may look like, as each regulator writes it down: truth tables at the edges."""

from __future__ import annotations

from pathlib import Path

import pytest
from extract.test_layout import BY_HAND

from loanwatch.errors import UsageError
from loanwatch.extract import formats, layout
from loanwatch.extract.formats import DATE
from loanwatch.extract.layout import Field

LAYOUTS = sorted((Path(__file__).parents[2] / "conf" / "extracts").glob(f"*/*/{layout.FILE}"))
GOOD: list[tuple[str, str, list[str], list[str]]] = [
    ("C..6", "", ["", "abcdef", "正常"], ["abcdefg", "正常a", "a\nb"]),
    ("C6", "", ["正常", "abcdef"], ["正", "正常a"]),
    ("C8", DATE, ["20240229", "99991231"], ["20230229", "20241301", "2024-02-29", "2024022", "00010101x"]),
    ("D20.2", "", ["0", "0.00", "-1.5", "9" * 18 + ".99"], ["1.234", "1.", ".5", "9" * 19, "1,000", "1e3", "+1"]),
    ("D20", "", ["0", "9" * 20], ["9" * 21, "1.0"]),
    ("I", "", ["0", "-3", "12"], ["1.0", "", " 1"]),
    ("{ALPHANUM-28}", "", ["a", "é" * 28], ["", "a" * 29, "a\r"]),
    ("{DATEFORMAT}", "", ["2024-02-29"], ["2023-02-29", "20240229", "24-02-29"]),
    ("{MONETARY}", "", ["0 EUR", "-12.34567 USD", "9" * 18 + " EUR"], ["12.34", "12.345678 EUR", "9" * 19 + " EUR", "1 eur"]),
    ("{PERCENTAGE}", "", ["5.4", "-0.1234567890", "100"], ["5,4", "0.12345678901", "5%"]),
    ("{INTEGER-9999}", "", ["0", "9999"], ["10000", "1.0"]),
    ("{YEAR}", "", ["2016"], ["16", "20160"]),
    ("{Y/N}", "", ["Y", "N"], ["y", "YES"]),
    ("{LIST}", "", ["OTHR"], ["othr", "OTH"]),
    ("{CURRENCYCODE_3}", "", ["USD"], ["US", "usd"]),
    ("{COUNTRYCODE_2}", "", ["US"], ["USA"]),
    ("{NUTS}", "", ["DE212", "USZZZ"], ["DE2", "de212"]),
    ("{LEI}", "", ["529900T8BM49AURSDO55"], ["529900T8BM49AURSDO56", "529900T8BM49AURSDO5"]),
]


@pytest.mark.parametrize(("written", "element", "good", "bad"), GOOD, ids=[written for written, *_ in GOOD])
def test_what_may_stand_there_and_what_not(written: str, element: str, good: list[str], bad: list[str]) -> None:
    form = formats.of(Field(code="A", name="a", format=written, element=element))
    assert [form.fault(value) for value in good] == [None] * len(good)
    assert [value for value in bad if form.fault(value) is None] == []


def test_a_format_that_nobody_knows_is_named() -> None:
    with pytest.raises(UsageError, match=r"format 'Z9' is not known"):
        formats.of(Field(code="A", name="a", format="Z9"))


def test_a_value_against_its_field() -> None:
    """Code list, open ends, what may stand instead, keys."""
    listed = Field(code="A", name="a", format="C..30", codes=("正常", "逾期"), open="其他-")
    for value, fault in (
        ("正常", None), ("其他-停息", None), ("其他-", "not in the code list (正常, 逾期, 其他-…)"), (None, None), ("", None),
        ("其他", "not in the code list (正常, 逾期, 其他-…)"),
        ("其他-" + "长" * 9, "34 bytes; text of at most 30 bytes in one line"),
    ):  # fmt: skip
        assert formats.fault(listed, value) == fault, value
    key = Field(code="A", name="a", format="{YEAR}", key=True, instead=("ND1",))
    assert [formats.fault(key, value) for value in (None, "ND1", "ND2", "2024")] == [
        "missing, and part of the key", None, "a year", None,
    ]  # fmt: skip


@pytest.mark.parametrize("path", LAYOUTS, ids=[f"{path.parts[-3]}/{path.parts[-2]}" for path in LAYOUTS])
def test_every_field_of_every_form_has_a_format_that_its_own_codes_keep(path: Path) -> None:
    one = layout.read(path)
    assert one.form == f"{path.parts[-3]}/{path.parts[-2]}"
    assert path.parts[-3] in BY_HAND or layout.written(one) == path.read_text(encoding="utf-8"), "edited by hand?"
    assert len(one.by_code) == len(one.fields)
    faults = {code: fault for field in one.fields for code in field.codes if (fault := formats.fault(field, code))}
    faults |= {field.code: "no format" for field in one.fields if not formats.of(field).says}
    assert faults == {}
