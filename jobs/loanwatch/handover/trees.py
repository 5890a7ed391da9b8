"""Rules as trees of plain lists, for programs that do not read SQL: `[">", ["column", "days_past_due"], ["value", 30]]`."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from loanwatch.derive.tables import CONSENTED
from loanwatch.expression import operands
from loanwatch.flag.rules import Rule

Tree = list[Any]

NAMES: dict[type[exp.Expr], str] = {
    exp.And: "and", exp.Or: "or", exp.Not: "not", exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">",
    exp.GTE: ">=", exp.NullSafeEQ: "<=>", exp.In: "in", exp.Between: "between", exp.Coalesce: "coalesce",
    exp.Greatest: "greatest", exp.Least: "least", exp.Nullif: "nullif", exp.Abs: "abs", exp.Neg: "neg", exp.Add: "+",
    exp.Sub: "-", exp.Mul: "*", exp.IntDiv: "div", exp.Mod: "%",
}  # fmt: skip


def tree(node: exp.Expr) -> Tree:
    """An expression without faults as a tree."""
    match node:
        case exp.Paren():
            return tree(node.this)
        case exp.Column():
            return ["column", node.name]
        case exp.Boolean():
            return ["value", bool(node.this)]
        case exp.Literal():
            return ["value", str(node.name) if node.is_string else int(node.name)]
        case exp.Is():
            return ["is", tree(node.this), None if isinstance(node.expression, exp.Null) else bool(node.expression.this)]
    return [NAMES[type(node)], *map(tree, operands(node))]


def rule_as_data(rule: Rule) -> dict[str, Any]:
    """A rule as the night ran it: its conditions as trees and as SQL, the sources that it rests on, its place in the masks."""
    of = rule.conditions
    return {
        "id": rule.id, "subject": rule.subject, "bit": rule.bit, "digest": rule.digest, "status": rule.text.status,
        "applies": tree(of.applies) if of.applies else ["value", True], "amber": tree(of.amber) if of.amber else ["value", False],
        "red": tree(of.red) if of.red else ["value", False], "clear": tree(of.clear) if of.clear else None,
        "sql": {"applies": rule.applies, "amber": rule.amber, "red": rule.red, "clear": rule.clear},
        "gaps": rule.gap_columns, "consented": bool(CONSENTED.intersection(rule.gap_columns)),
        "says": rule.says.model_dump(), "source": rule.text.source,
    }  # fmt: skip
