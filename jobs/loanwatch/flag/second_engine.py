"""The rules in another engine: outcomes and masks as DuckDB computes them, from the same trees that Spark is given."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from loanwatch.flag.expression import parsed
from loanwatch.flag.masks import WORD, words
from loanwatch.flag.outcome import OUTCOMES, exit_holds, outcome, state
from loanwatch.flag.rules import Rule

MASKS = (*OUTCOMES[1:], "cleared")


def duckdb_sql(tree: exp.Expr) -> str:
    """An expression in DuckDB's dialect; each part in parentheses, for the two bind some operators differently."""
    whole = exp.Paren(this=tree.copy())
    for node in reversed(list(whole.walk())):  # parts before what they are part of
        if isinstance(node, exp.Binary | exp.Not | exp.Neg | exp.Between | exp.In) and not isinstance(
            node.parent, exp.Paren
        ):
            node.replace(exp.Paren(this=node.copy()))
    inner: exp.Expr = whole.this
    return inner.sql(dialect="duckdb", comments=False)


def outcomes_sql(rules: Sequence[Rule], rows: str) -> str:
    """A query of `rows` and, a column a rule, its outcome."""
    columns = [f"{duckdb_sql(parsed(outcome(rule)))} as {state(rule)}" for rule in rules]
    return f"select {', '.join(['*', *columns])} from {rows}"


def masks_sql(rules: Sequence[Rule], subject: str, rows: str) -> str:
    """A query of one row per subject of `rows`: `subject_id` and its masks, as `flag.verdict` has them."""
    masks = {
        name: [f"{state(rule)} = {place}" for rule in rules] for place, name in enumerate(OUTCOMES) if name in MASKS
    }
    masks["cleared"] = [duckdb_sql(parsed(exit_holds(rule))) for rule in rules]
    columns = [f"{_mask(holds)} as {name}" for name, holds in masks.items()]
    return f"select {subject}_id as subject_id, {', '.join(columns)} from ({outcomes_sql(rules, rows)})"


def _mask(holds: Sequence[str]) -> str:
    parts = []
    for word in range(words(len(holds))):
        bits = enumerate(holds[word * WORD : (word + 1) * WORD])
        parts.append(" | ".join(["0::bigint", *(f"if({held}, {1 << bit}, 0)::bigint" for bit, held in bits)]))
    return f"[{', '.join(parts)}]"
