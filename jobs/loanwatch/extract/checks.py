"""What a record has to hold between its fields: `checks.yaml` beside the layout, conditions in the language of the rules.

In a condition amounts and per cents are whole hundredths, whole numbers are numbers, all else is text as it stands in the form,
days too; what stands in place of a value, or nothing, is null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Item

from loanwatch.columns import Column
from loanwatch.errors import UsageError
from loanwatch.expression import columns_of, parsed
from loanwatch.extract.compiling import WIDE, duckdb_sql
from loanwatch.extract.formats import EAST_NEVER
from loanwatch.extract.layout import Field, Layout
from loanwatch.kinds import faults
from loanwatch.yaml_lines import listed, twice

FILE = "checks.yaml"
_HUNDREDTHS = re.compile(r"\{(MONETARY|PERCENTAGE)\}|D\d+(\.\d+)?|AMOUNT")
_WHOLE = re.compile(r"\{(INTEGER-9999|YEAR)\}|I")


class CheckText(BaseModel):
    """`holds` has to be true of each record, and `says` tells what is wrong where it is false."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: str = Item(pattern=r"^[a-z][a-z0-9_]*$")
    holds: str
    says: str = Item(min_length=1)
    critical: bool = True


@dataclass(frozen=True)
class Check:
    """A check without faults, as SQL of DuckDB over the typed fields of a record."""

    name: str
    sql: str
    says: str
    critical: bool
    fields: tuple[str, ...]


def read(path: Path, layout: Layout) -> list[Check]:
    """From its file, none where there is none; UsageError lists every fault with its line."""
    if not path.is_file():
        return []
    found: list[str] = []
    columns_ = columns(layout)
    checks = []
    for line, _, item in listed(str(path), path.read_text(encoding="utf-8"), found):
        try:
            checks.append(_check(CheckText.model_validate(item), columns_, f"{path}:{line}", found))
        except ValidationError as error:
            found += [f"{path}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    found += [f"{path}: check {name} stands twice" for name in twice(check.name for check in checks)]
    if found:
        raise UsageError("\n".join(found))
    return checks


def _check(text: CheckText, columns: Mapping[str, Column], at: str, found: list[str]) -> Check:
    try:
        tree = parsed(text.holds)
    except ValueError as error:
        found.append(f"{at}: check {text.check}: {error}")
        return Check(text.check, "true", text.says, text.critical, ())
    found += [f"{at}: check {text.check}: {fault}" for fault in faults(tree, columns, "the form")]
    if not columns_of(tree):
        found.append(f"{at}: check {text.check}: it reads no field; a name with points stands in `…`, as `1.1.A`")
    return Check(text.check, duckdb_sql(tree), text.says, text.critical, columns_of(tree))


def columns(layout: Layout) -> dict[str, Column]:
    wide = {field.code: bool(_HUNDREDTHS.fullmatch(field.format) or _WHOLE.fullmatch(field.format)) for field in layout.fields}
    return {code: Column(code, "long", at_least=-WIDE, at_most=WIDE) if number else Column(code) for code, number in wide.items()}


def value(field: Field, text: str) -> str:
    """The value of a field, of which the text is given as SQL, as SQL; null where it is of another format."""
    told = f"nullif({text}, '')"
    for word in (*field.instead, *([EAST_NEVER[field.element]] if field.element in EAST_NEVER else [])):
        told = f"nullif({told}, '{word}')"
    if _HUNDREDTHS.fullmatch(field.format):
        number = f"split_part({told}, ' ', 1)"  # most fit 64 bits, which is much faster
        small, large = (f"try_cast(100 * try_cast({number} as decimal({digits}, 5)) as hugeint)" for digits in (15, 30))
        return f"coalesce({small}, {large})"
    return f"try_cast({told} as hugeint)" if _WHOLE.fullmatch(field.format) else told
