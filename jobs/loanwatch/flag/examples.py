"""Examples of rules: given these values, this verdict. Run in plain Python; told is also what no example touches.

A file is a list of `{rule: DPD, given: {days_past_due: 31}, then: red}`. Each column that the rule reads is given, null where it
is missing; a gap of a source (`repayment_gap: late`) is `none` unless given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlglot import exp

from loanwatch.errors import near
from loanwatch.expression import Row, evaluate, spark_sql, told
from loanwatch.flag.outcome import OUTCOMES, outcome_on
from loanwatch.flag.rules import TABLES, Rule
from loanwatch.kinds import Kind, kind_of
from loanwatch.yaml_lines import listed

Then = Literal["clear", "amber", "red", "unknown", "not_applicable"]
_PYTHON: dict[Kind, type] = {"boolean": bool, "int": int, "bigint": int, "string": str}


class ExampleText(BaseModel):
    """An example as its author writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rule: str
    given: dict[str, bool | int | str | None]
    then: Then


@dataclass
class Report:
    """How many examples hold; each that does not, with file and line; and what none of them touches."""

    held: int = 0
    failed: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)


def run(rules: Sequence[Rule], texts: Mapping[str, str]) -> Report:
    """Run the examples of some files, by their names."""
    report, known = Report(), {rule.id: rule for rule in rules}  # of several versions, the newest
    rows: dict[str, list[Row]] = {rule.id: [] for rule in rules}
    for name, text in sorted(texts.items()):
        for at, example in _read(name, text, report.failed):
            if example.rule not in known:
                report.failed.append(f"{at}: no rule {example.rule!r}{near(example.rule, list(known))}")
            elif row := _row(at, example, known[example.rule], report.failed):
                rows[example.rule].append(row)
                found = OUTCOMES[outcome_on(known[example.rule], row)]
                if found == example.then:
                    report.held += 1
                else:
                    report.failed.append(f"{at}: rule {example.rule} is {found}, not {example.then}, with {told(example.given)}")
    for rule in known.values():
        report.untouched += _untouched(rule, rows[rule.id])
    return report


def _read(name: str, text: str, faults: list[str]) -> Iterator[tuple[str, ExampleText]]:
    for line, _, row in listed(name, text, faults):
        at = f"{name}:{line}"
        try:
            yield at, ExampleText.model_validate(row)
        except ValidationError as error:
            faults += [f"{at}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]


def _row(at: str, example: ExampleText, rule: Rule, faults: list[str]) -> Row | None:
    """The values as the rule reads them."""
    columns, before = TABLES[rule.subject].by_name, len(faults)
    gaps = {name: "none" for name in columns if name.endswith("_gap")}
    for name, value in example.given.items():
        if name not in rule.columns and name not in rule.gap_columns:
            faults.append(f"{at}: rule {rule.id} does not read {name!r}{near(name, [*rule.columns, *rule.gap_columns])}")
        elif value is not None and type(value) is not _PYTHON[kind_of(columns[name])]:
            faults.append(f"{at}: {name} is no {columns[name].type}: {value!r}")
    faults += [f"{at}: give {name}, null where it is missing" for name in rule.columns if name not in example.given]
    return {**gaps, **example.given} if len(faults) == before else None


def _untouched(rule: Rule, rows: Sequence[Row]) -> Iterator[str]:
    """Comparisons of a rule that no example shows to hold, or not to hold."""
    if not rows:
        yield f"rule {rule.id}: no example"
        return
    for key in ("applies", "amber", "red", "clear"):
        for atom in _atoms(getattr(rule.conditions, key)):
            seen = {evaluate(atom, row) for row in rows}
            for wanted, words in ((True, "holds"), (False, "does not hold")):
                if wanted not in seen:
                    yield f"rule {rule.id}: {key}: no example where {spark_sql(atom)!r} {words}"


def _atoms(tree: exp.Expr | None) -> Iterable[exp.Expr]:
    """The comparisons that a condition is made of."""
    if tree is None or isinstance(tree, exp.Boolean):
        return ()
    if isinstance(tree, exp.And | exp.Or):
        return (*_atoms(tree.this), *_atoms(tree.expression))
    return _atoms(tree.this) if isinstance(tree, exp.Paren | exp.Not) else (tree,)
