"""Early-warning rules as the engine runs them.

A rule is boolean Spark SQL over one row of one indicator table. All faults of all files are reported
together, with file, line and rule, before a JVM is started.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlglot import exp

from loanwatch.derive.tables import INDICATORS
from loanwatch.errors import UsageError, near
from loanwatch.expression import columns_of, parsed, spark_sql
from loanwatch.flag.rule_text import (
    LIMITS,
    WEIGHTS,
    Limit,
    RuleText,
    Split,
    Words,
    Written,
    read_limits,
    read_rules,
    read_weights,
)
from loanwatch.flag.soundness import Conditions, doubts, same
from loanwatch.kinds import faults as expression_faults
from loanwatch.settings import Business
from loanwatch.tables import Table

TABLES: dict[str, Table] = {subject: table for subject, (table, _) in INDICATORS.items()}
GAPS = {subject: {i.name: i.gap_columns for i in indicators} for subject, (_, indicators) in INDICATORS.items()}
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


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
    limits: Mapping[str, Limit]
    conditions: Conditions
    at: str
    """Where it stands, for messages."""
    theme: str
    """What the rules of its file are about."""

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
    def live(self) -> bool:
        """Whether it raises warnings; in shadow it gives verdicts only."""
        return self.text.status == "live"

    @property
    def digest(self) -> str:
        """What it does, in 16 hexadecimal digits: changes when its meaning or words change."""
        body = self.text.model_dump_json(by_alias=True, exclude_defaults=True) + repr(sorted(self.limits.items()))
        return hashlib.sha256(body.encode()).hexdigest()[:16]


def load(texts: Mapping[str, str]) -> tuple[Rule, ...]:
    """All rules of a configuration by id, each in all its versions; UsageError lists every fault of every file."""
    faults: list[str] = []
    limits = read_limits(texts.get(LIMITS, ""), faults)
    written: list[Written] = []
    for path, text in sorted(texts.items()):
        if path not in (LIMITS, WEIGHTS):
            written += read_rules(path, text, faults)
    written = _weighed(written, texts.get(WEIGHTS, ""), faults)
    written.sort(key=lambda rule: (rule.text.id, rule.text.from_))
    faults += _at_once(written)
    rules = [_compiled(rule, limits, faults) for rule in written]
    if faults:
        raise UsageError("\n".join(dict.fromkeys(faults)))
    return tuple(rules)


def _weighed(written: list[Written], text: str, faults: list[str]) -> list[Written]:
    """The rules with the weights that the file of weights says, in place of their own."""
    weights = read_weights(text, faults)
    known = list(dict.fromkeys(rule.text.id for rule in written))
    faults += [f"{at}no rule {name!r}{near(name, known)}" for name, (_, at) in weights.items() if name not in known]
    said = {name: {"weight": weight} for name, (weight, _) in weights.items()}
    return [replace(rule, text=rule.text.model_copy(update=said.get(rule.text.id, {}))) for rule in written]


def sound(rules: Sequence[Rule]) -> None:
    """UsageError lists what rules that can be run do not mean. Not asked of those that a release has run with."""
    found = [f"{rule.at}{doubt}" for rule in rules for doubt in doubts(rule.conditions, TABLES[rule.subject].by_name)]
    found += [f"{one.at}says the same as rule {other.id}; keep one" for one, other in _same(rules)]
    if found:
        raise UsageError("\n".join(found))


def binding(rules: Iterable[Rule], business: Business) -> tuple[Rule, ...]:
    """The rules that bind a tenant: those for its kind of institution, where it is."""
    kind, place = business.institution, business.jurisdiction
    return tuple(r for r in rules if kind in (r.text.institutions or (kind,)) and place in (r.text.jurisdictions or (place,)))


def in_force(rules: Iterable[Rule], as_of: date) -> tuple[Rule, ...]:
    """The rules in force on a business date, each with its place in the masks of its subject."""
    kept = [r for r in rules if r.text.from_ <= as_of and (r.text.until is None or as_of < r.text.until)]
    return tuple(replace(rule, bit=bit) for subject in TABLES for bit, rule in enumerate(about(kept, subject)))


def about(rules: Iterable[Rule], subject: str) -> tuple[Rule, ...]:
    """The rules about one kind of subject."""
    return tuple(rule for rule in rules if rule.subject == subject)


def _same(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of rules that say the same of the same subjects on some day."""
    versions = {f"{rule.id} {rule.text.from_}": rule for rule in rules}
    for subject, table in TABLES.items():
        asked = {name: rule.conditions for name, rule in versions.items() if rule.subject == subject}
        for pair in same(asked, table.by_name):
            one, other = (versions[name] for name in pair)
            if one.id != other.id and _overlap(one.text, other.text):
                yield one, other


def _overlap(one: RuleText, other: RuleText) -> bool:
    return max(one.from_, other.from_) < min(one.until or date.max, other.until or date.max)


def _at_once(written: Sequence[Written]) -> Iterator[str]:
    """Two versions of one rule on one day; a change is a new version, from the day on which the old one ends."""
    for one, other in itertools.pairwise(written):
        if one.text.id == other.text.id and _overlap(one.text, other.text):
            yield f"{other.at()}in force together with {one.at().rstrip(': ')}; end the older version: until: {other.text.from_}"


def _compiled(written: Written, limits: Mapping[str, Limit], faults: list[str]) -> Rule:
    text = written.text
    table = TABLES[text.subject]
    if not text.amber and not text.red:
        faults.append(f"{written.at()}neither amber nor red")
    conditions = {key: getattr(text, key) for key in ("applies", "amber", "red", "clear")}
    parts = {key: _filled(written.at(key), sql, limits, table, faults) for key, sql in conditions.items() if sql}
    trees = {key: _checked(written.at(key), sql, table, faults) for key, sql in parts.items()}
    run = {key: spark_sql(tree) for key, tree in trees.items() if tree}
    columns = dict.fromkeys(name for tree in trees.values() if tree for name in columns_of(tree))
    for word in dict.fromkeys([*PLACEHOLDER.findall(text.says.en), *PLACEHOLDER.findall(text.says.zh)]):
        if word not in limits and word not in table.names:
            faults.append(f"{written.at('says')}no column or limit {word!r}{near(word, [*limits, *table.names])}")
    meaning = Conditions(*[trees.get(key) for key in conditions])
    used = {name: limits[name] for name in PLACEHOLDER.findall(text.model_dump_json()) if name in limits}
    return Rule(
        text, 0, run.get("applies", "true"), run.get("amber", "false"), run.get("red", "false"), run.get("clear"),
        tuple(columns), text.says, used, meaning, written.at(),
        written.theme,
    )  # fmt: skip


def _filled(at: str, sql: str, limits: Mapping[str, Limit], table: Table, faults: list[str]) -> str:
    """The condition with its limits; where these are split by a column, once for each word of it."""
    names = dict.fromkeys(PLACEHOLDER.findall(sql))
    faults += [f"{at}no limit {name!r} in conf/{LIMITS}{near(name, list(limits))}" for name in names if name not in limits]
    splits = {name: limit for name in names if isinstance(limit := limits.get(name, 0), Split)}
    if not splits:
        return PLACEHOLDER.sub(lambda m: str(limits.get(m[1], 0)), sql)
    columns = sorted({split.by for split in splits.values()})
    column = table.by_name.get(columns[0])
    words = sorted({word for split in splits.values() for word in split.of})
    if len(columns) > 1 or column is None or not column.codes or not column.required:
        faults.append(f"{at}limits by {', '.join(columns)}: one column of {table.name} is wanted, with words and never empty")
        return "false"
    faults += [f"{at}limit by {column.name}: no word {word!r}{near(word, column.codes.words)}" for word in words
               if word not in column.codes]  # fmt: skip

    def of(word: str | None) -> str:
        values = {name: splits[name].at(word) if name in splits else limits.get(name, 0) for name in names}
        return f"({PLACEHOLDER.sub(lambda m: str(values[m[1]]), sql)})"

    each = [f"({column.name} = '{word}' and {of(word)})" for word in words if word in column.codes]
    listed = ", ".join(f"'{word}'" for word in words)
    return " or ".join([*each, f"({column.name} not in ({listed}) and {of(None)})"])


def _checked(at: str, sql: str, table: Table, faults: list[str]) -> exp.Expr | None:
    """The tree of a condition; faults, and none, for what is no condition."""
    try:
        tree = parsed(sql)
    except ValueError as error:
        faults.append(f"{at}{error}")
        return None
    found = expression_faults(tree, table.by_name, table.name)
    faults += [f"{at}{fault}" for fault in found]
    return None if found else tree
