"""A mapping: how a sender's files are written, and which of its columns are which of ours. No expressions, only words.

`load` gives a mapping that fits our declarations, or says every fault of the file with its place and the nearest known name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from loanwatch.adapters.cells import DateKind, Day, Kind
from loanwatch.errors import UsageError, near

MOST_BYTES = 256 * 1024
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
REJECT = "reject"
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,200}$")]

Words = Annotated[tuple[Word, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
"""One word, or a list of them."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Cell(_Part):
    """What one of our columns is made of: a constant, or columns of the sender's, joined by `-` where there are several.

    `parse` says how it is written, by default `text`, `integer`, `iso` or `boolean`, as our column's type is; `places` are
    the decimal places of a minor unit. `codes` are the sender's words and ours; a word that is not among them is `otherwise`,
    or turned away (`reject`). `day` takes the first or last day of the month. `exponent`: 1.00E+05 is a number; unless a mapping
    says that its sender writes round numbers so, it is not, for digits are lost in others. `empty` are words that mean nothing.
    """

    from_: Words = Field(default=(), alias="from")
    constant: Word | None = None
    parse: Kind | None = None
    places: Annotated[int, Field(ge=0, le=4)] = 2
    exponent: bool = False
    day: Day | None = None
    codes: dict[str, Word] = {}
    otherwise: Word = REJECT
    empty: Words = ()

    @model_validator(mode="after")
    def _either(self) -> Self:
        if bool(self.from_) == (self.constant is not None):
            raise ValueError("say either `from` or `constant`")
        if self.constant is not None and (self.parse or self.codes or self.day):
            raise ValueError("a constant is neither parsed nor translated")
        if self.otherwise != REJECT and not self.codes:
            raise ValueError("`otherwise` goes with `codes`")
        return self


class BusinessOn(_Part):
    """The business date of rows: constant, from the one date in the file's name, or from a column."""

    constant: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    name: DateKind | None = None
    from_: Word | None = Field(default=None, alias="from")
    parse: DateKind = "iso"
    day: Day | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(given is not None for given in (self.constant, self.name, self.from_)) != 1:
            raise ValueError("say one of `constant`, `name`, `from`")
        return self


class Files(_Part):
    """Files of one layout: which they are by name (`*` is anything), and how they are written.

    `columns` are named where the file has no header. `empty` are words that mean nothing, beside the empty cell.
    """

    files: Words = ("*",)
    delimiter: Literal[",", ";", "|", "tab"] = ","
    encoding: Literal["utf-8", "gb18030", "big5", "latin-1"] = "utf-8"
    columns: tuple[Word, ...] = ()
    empty: Words = ()
    business_on: BusinessOn

    @field_validator("columns")
    @classmethod
    def _each_once(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise ValueError(f"twice: {', '.join(twice)}")
        return columns


class Rows(_Part):
    """How rows of a feed, or of what a function reads, are made of rows of a file: one of one.

    `snapshot`: each file is all there is; only what is new or changed is delivered. `once`: equal rows are one.
    """

    of: Word
    snapshot: bool = False
    once: bool = False
    columns: dict[str, Cell]

    @field_validator("columns", mode="before")
    @classmethod
    def _renamed(cls, given: object) -> object:
        """`loan_id: CONTRACT` is short for `loan_id: {from: CONTRACT}`."""
        if not isinstance(given, dict):
            return given
        return {name: {"from": cell} if isinstance(cell, str) else cell for name, cell in given.items()}


class Mapping(_Part):
    """`conf/adapters/<name>.yaml`; `calendar` says on which dates whole snapshots come."""

    sender: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    about: Word
    calendar: Literal["daily", "month_end"] = "daily"
    files: dict[Word, Files] = Field(min_length=1)
    feeds: dict[Word, Rows] = {}
    function: Word | None = None
    reads: dict[Word, Rows] = {}


class _Loader(yaml.BaseLoader):
    """Every scalar is text: `01` stays 01 and `no` stays no. A key that stands twice, an anchor or alias is a fault."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent) or getattr(self.peek_event(), "anchor", None):  # type: ignore[no-untyped-call]
            raise yaml.YAMLError("anchors and aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if twice := [name for name in names if names.count(name) > 1]:
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: {twice[0]!r} stands twice")
        return super().construct_mapping(node, deep)


def written(path: Path) -> Mapping:
    """The mapping of a file as it is written; UsageError says every fault of its form."""
    at = f"conf/adapters/{path.name}"
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise UsageError(f"{at}: longer than {MOST_BYTES} bytes")
        tree = yaml.load(content.decode("utf-8"), _Loader)  # noqa: S506 - a BaseLoader makes text only
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{at}: not YAML: {' '.join(str(error).split())[:300]}") from None
    try:
        return Mapping.model_validate(tree)
    except ValidationError as error:
        raise UsageError("\n".join(f"{at}: {fault}" for fault in _said(error))) from None


_KEYS = sorted({
    field.alias or name for model in (Cell, BusinessOn, Files, Rows, Mapping) for name, field in model.model_fields.items()
})  # fmt: skip


def _said(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        place = ".".join(map(str, fault["loc"])) or "the file"
        key = str(fault["loc"][-1]) if fault["loc"] else ""
        yield f"{place}: unknown key{near(key, _KEYS)}" if fault["type"] == "extra_forbidden" else f"{place}: {fault['msg']}"
