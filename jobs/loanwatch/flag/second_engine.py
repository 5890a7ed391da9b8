"""The rules in another engine: outcomes and masks as DuckDB computes them, from the same trees that Spark is given."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from loanwatch.expression import parsed
from loanwatch.flag.outcome import masks_of, outcome, state
from loanwatch.flag.rules import Rule


def duckdb_sql(tree: exp.Expr) -> str:
    """An expression in DuckDB's dialect; each part in parentheses, for the two bind some operators differently."""
    whole = exp.Paren(this=tree.copy())
    for node in reversed(list(whole.walk())):  # parts before what they are part of
        _enclose(node)
    inner: exp.Expr = whole.this
    return inner.sql(dialect="duckdb", comments=False)


def outcomes_sql(rules: Sequence[Rule], rows: str) -> str:
    """A query of `rows` and, a column a rule, its outcome."""
    columns = [f"{duckdb_sql(parsed(outcome(rule)))} as {state(rule)}" for rule in rules]
    return f"select {', '.join(['*', *columns])} from {rows}"


def masks_sql(rules: Sequence[Rule], subject: str, rows: str) -> str:
    """A query of one row per subject of `rows`: `subject_id` and its masks, as `flag.verdict` has them."""
    columns = [f"{duckdb_sql(parsed(sql))} as {name}" for name, sql in masks_of(rules).items()]
    return f"select {subject}_id as subject_id, {', '.join(columns)} from ({outcomes_sql(rules, rows)})"


def _enclose(node: exp.Expr) -> None:
    """Put a part of operators in parentheses, where it stands."""
    parent, key, index = node.parent, node.arg_key, node.index
    compound = isinstance(node, exp.Binary | exp.Not | exp.Neg | exp.Between | exp.In)
    if compound and key and parent and not isinstance(parent, exp.Paren):
        parent.set(key, exp.Paren(this=node), index)
