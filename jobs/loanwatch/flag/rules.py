"""Early-warning rules as people write them (conf/rules/*.yaml), and as the engine runs them.

A rule is boolean Spark SQL over one row of one indicator table. All faults of all files are reported
together, with file and rule, before a JVM is started.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlglot import exp

from loanwatch.derive.tables import BORROWER_INDICATOR, BORROWER_INDICATORS, LOAN_INDICATOR, LOAN_INDICATORS
from loanwatch.errors import UsageError
from loanwatch.tables import Table

LIMITS = "rules/limits.yaml"
TABLES: dict[str, Table] = {"loan": LOAN_INDICATOR, "borrower": BORROWER_INDICATOR}
GAPS = {
    "loan": {i.name: i.gap_columns for i in LOAN_INDICATORS},
    "borrower": {i.name: i.gap_columns for i in BORROWER_INDICATORS},
}
# Deterministic, of one row, and total under ANSI mode.
FUNCTIONS = (exp.Coalesce, exp.Greatest, exp.Least, exp.Abs, exp.Nullif, exp.In, exp.Between, exp.Not, exp.Is)
_OPERATORS = (
    exp.Binary,
    exp.Connector,
    exp.Paren,
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Neg,
)
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Words(BaseModel):
    """The same sentence in both languages; `{column}` and `{limit}` are filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Action(Words):
    """What to do, by whom, within how many days."""

    owner: str
    within_days: int = Field(ge=0)


class RuleText(BaseModel):
    """A rule as its author writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    subject: Literal["loan", "borrower"]
    applies: str = "true"
    amber: str | None = None
    red: str | None = None
    clear: str | None = None
    clear_after_days: int = Field(0, ge=0)
    status: Literal["live", "shadow"] = "live"
    from_: date = Field(alias="from")
    until: date | None = None
    says: Words
    do: Action
    source: str


@dataclass(frozen=True)
class Rule:
    """A rule as the engine runs it: limits filled in; `bit` is its place in the masks once it is in force."""

    text: RuleText
    bit: int
    applies: str
    amber: str
    red: str
    clear: str | None
    columns: tuple[str, ...]
    says: Words
    limits: Mapping[str, int]

    @property
    def id(self) -> str:
        return self.text.id

    @property
    def subject(self) -> str:
        return self.text.subject

    @property
    def gap_columns(self) -> tuple[str, ...]:
        """The gap columns of the sources it rests on."""
        gaps = GAPS[self.subject]
        return tuple(dict.fromkeys(gap for column in self.columns for gap in gaps.get(column, ())))

    @property
    def digest(self) -> str:
        """What it does, in 16 hexadecimal digits: changes when its meaning or words change."""
        body = self.text.model_dump_json(by_alias=True) + repr(sorted(self.limits.items()))
        return hashlib.sha256(body.encode()).hexdigest()[:16]


def load(texts: Mapping[str, str]) -> tuple[Rule, ...]:
    """All rules of a configuration, by id; UsageError lists every fault of every file."""
    limits = {k: int(v) for k, v in (yaml.safe_load(texts.get(LIMITS, "")) or {}).items()}
    faults: list[str] = []
    written: list[tuple[str, RuleText]] = []
    for path, text in sorted(texts.items()):
        if path != LIMITS:
            written += [(path, rule) for rule in _written(path, text, faults)]
    faults += [f"rule {name}: stands twice" for name in sorted(_twice(rule.id for _, rule in written))]
    rules = [_compiled(path, rule, limits, faults) for path, rule in sorted(written, key=lambda w: w[1].id)]
    if faults:
        raise UsageError("\n".join(faults))
    return tuple(rules)


def in_force(rules: Iterable[Rule], as_of: date) -> tuple[Rule, ...]:
    """The rules in force on a business date, each with its place in the masks of its subject."""
    kept = [r for r in rules if r.text.from_ <= as_of and (r.text.until is None or as_of < r.text.until)]
    return tuple(replace(rule, bit=bit) for subject in TABLES for bit, rule in enumerate(about(kept, subject)))


def about(rules: Iterable[Rule], subject: str) -> tuple[Rule, ...]:
    """The rules about one kind of subject."""
    return tuple(rule for rule in rules if rule.subject == subject)


def _written(path: str, text: str, faults: list[str]) -> Iterator[RuleText]:
    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        faults.append(f"conf/{path}: not YAML: {' '.join(str(error).split())}")
        return
    for number, row in enumerate(rows or [], start=1):
        name = row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
        try:
            yield RuleText.model_validate(row)
        except ValidationError as error:
            for fault in error.errors():
                faults.append(f"conf/{path}: rule {name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}")


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _compiled(path: str, text: RuleText, limits: Mapping[str, int], faults: list[str]) -> Rule:
    at = f"conf/{path}: rule {text.id}"
    table = TABLES[text.subject]
    if not text.amber and not text.red:
        faults.append(f"{at}: neither amber nor red")
    columns: list[str] = []
    parts = {}
    for part in ("applies", "amber", "red", "clear"):
        sql = getattr(text, part)
        parts[part] = _filled(f"{at}: {part}", sql, limits, faults) if sql else None
        if parts[part]:
            columns += _checked(f"{at}: {part}", parts[part] or "", table, faults)
    for word in {*_PLACEHOLDER.findall(text.says.en), *_PLACEHOLDER.findall(text.says.zh)}:
        if word not in limits and word not in table.names:
            faults.append(f"{at}: says: no column or limit {word!r}{_near(word, [*limits, *table.names])}")
    used = {name: limits[name] for name in _PLACEHOLDER.findall(text.model_dump_json()) if name in limits}
    return Rule(
        text, 0, parts["applies"] or "true", parts["amber"] or "false", parts["red"] or "false", parts["clear"],
        tuple(dict.fromkeys(columns)), text.says, used,
    )  # fmt: skip


def _filled(at: str, sql: str, limits: Mapping[str, int], faults: list[str]) -> str:
    for name in _PLACEHOLDER.findall(sql):
        if name not in limits:
            faults.append(f"{at}: no limit {name!r} in conf/{LIMITS}{_near(name, list(limits))}")
    return _PLACEHOLDER.sub(lambda m: str(limits.get(m[1], 0)), sql)


def _checked(at: str, sql: str, table: Table, faults: list[str]) -> list[str]:
    """The columns of an expression; faults for what is no expression over one row of the table."""
    try:
        tree = sqlglot.parse_one(sql, dialect="spark")
    except sqlglot.errors.SqlglotError as error:
        faults.append(f"{at}: not SQL: {sql!r}: {str(error).splitlines()[0]}")
        return []
    for node in tree.walk():
        if not isinstance(node, (*FUNCTIONS, *_OPERATORS)):
            faults.append(f"{at}: {node.sql(dialect='spark')!r} is not allowed in a rule; make it an indicator")
        if isinstance(node, exp.Div | exp.IntDiv | exp.Mod) and not isinstance(
            node.expression, exp.Literal | exp.Nullif
        ):
            faults.append(f"{at}: divide by nullif(…, 0): one row must not stop a night")
    if not isinstance(tree, (exp.Connector, exp.Predicate, exp.Boolean, exp.Not, exp.Paren, exp.Column)):
        faults.append(f"{at}: {sql!r} is neither true nor false")
    names = [column.name for column in tree.find_all(exp.Column)]
    for name in dict.fromkeys(names):
        if name not in table.names:
            faults.append(f"{at}: {table.name} has no column {name!r}{_near(name, list(table.names))}")
    return names


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
