"""What is measured of whom: `indicators`."""

from __future__ import annotations

from typing import Annotated

import typer

from loanwatch import configuration
from loanwatch.codes import DATA_SUBJECTS, LAWFUL_BASES, SUBJECTS
from loanwatch.commands.options import Env, Tenant, grid_of, out, resolved
from loanwatch.derive.indicator import Indicator, Measure
from loanwatch.derive.tables import INDICATORS
from loanwatch.errors import UsageError, near
from loanwatch.flag.rules import Rule, load

Name = Annotated[str | None, typer.Argument(help="One of them, in full.")]


def indicators(name: Name = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """The indicators that rules are made of: of whom, in what unit, over what; with NAME, how, from where, and who reads it."""
    if name is None:
        grid = grid_of("indicator", "of", "unit", "what it is", "source")
        for subject, (_, declared) in INDICATORS.items():
            for one in declared:
                grid.add_row(one.name, subject, one.unit, one.doc, one.source_of)
        out.print(grid)
        return
    found = {subject: one for subject, (_, declared) in INDICATORS.items() for one in declared if one.name == name}
    if not found:
        known = [one.name for _, declared in INDICATORS.values() for one in declared]
        raise UsageError(f"no indicator {name!r}{near(name, known)}; `loanwatch indicators` lists them")
    rules = load(configuration.load(resolved(env, tenant)).below("rules"))
    for subject, one in found.items():
        _show(subject, one, [rule for rule in rules if rule.subject == subject and name in rule.columns])


def _show(subject: str, one: Indicator, rules: list[Rule]) -> None:
    lines = [
        f"{one.name}, of each {SUBJECTS.label(subject, 'en').lower()}, {one.unit}: {one.doc}",
        f"formula: {one.formula}{f' over {one.over}, in basis points' if one.over else ''}",
        f"unknown where one of these is not none: {', '.join(one.gap_columns) or 'nothing'}",
        f"source: {one.source_of}",
    ]
    for line in lines:
        out.print(line, highlight=False, markup=False)
    if one.of:
        grid = grid_of("measure", "of", "where", "window", "whose data", "lawful basis")
        for measure in one.of:
            grid.add_row(*_measured(measure))
        out.print(grid)
    if rules:
        grid = grid_of("rule", "status", "amber", "red")
        for rule in rules:
            grid.add_row(rule.id, rule.text.status, rule.amber, rule.red)
        out.print(grid)


def _measured(measure: Measure) -> tuple[str, ...]:
    series, window, feed = measure.series, measure.window, measure.source.feed
    how = {"sum": f"sum of {series.column}", "max": f"last {series.column}", "min": f"first {series.column}"}[series.how]
    consent = f" ({measure.source.consent})" if measure.source.consent else ""
    basis = LAWFUL_BASES.label(feed.basis, "en") + consent if feed.basis else "none needed"
    return measure.name, f"{feed.name}: {how}", series.where, window.told, DATA_SUBJECTS.label(feed.whose, "en"), basis
