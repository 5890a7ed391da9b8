"""What SQL a condition of a rule may be: of one row, deterministic, and total under ANSI mode. One row must not stop a night."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.errors import near
from loanwatch.expression import VALUES, columns_of, operands, spark_sql

Bounds = tuple[int, int]
Kind = Literal["boolean", "int", "bigint", "string", "null"]

NUMBERS: tuple[Kind, ...] = ("int", "bigint")
ANY: tuple[Kind, ...] = ("boolean", *NUMBERS, "string")
MOST: dict[Kind, int] = {"int": 2**31 - 1, "bigint": 2**63 - 1}
LONGEST = 500  # parts of a condition
_KINDS: dict[str, Kind] = {"boolean": "boolean", "int": "int", "long": "bigint", "string": "string"}


def faults(tree: exp.Expr, columns: Mapping[str, Column], table: str) -> list[str]:
    """Everything that keeps an expression from being a condition over one row of a table."""
    kind, found = checked(tree, columns, table)
    if kind not in ("boolean", "null"):
        found.append(f"{_sql(tree)} is neither true nor false")
    return found


def checked(tree: exp.Expr, columns: Mapping[str, Column], table: str) -> tuple[Kind, list[str]]:
    """Of which kind an expression over one row of a table is, and everything that keeps it from being one."""
    nodes = list(tree.walk())
    if len(nodes) > LONGEST:
        return "null", [f"{len(nodes)} parts, at most {LONGEST}; make some of it an indicator"]
    strange = [node for node in nodes if type(node) not in (*VALUES, exp.Identifier) or node.args.get("table")]
    if strange:
        return "null", list(dict.fromkeys(f"{_sql(node)} is not allowed in a rule; {_instead(node)}" for node in strange))
    unknown = [name for name in columns_of(tree) if name not in columns]
    if unknown:
        return "null", [f"{table} has no column {name!r}{near(name, list(columns))}" for name in unknown]
    found: list[str] = []
    return _Kinds(columns, found).of(tree), found


def _instead(node: exp.Expr) -> str:
    return "write `a div nullif(b, 0)`" if isinstance(node, exp.Div) else "make it an indicator"


def _sql(node: exp.Expr) -> str:
    return repr(spark_sql(node))


def kind_of(column: Column) -> Kind:
    """Of which kind a column's values are; null for what rules do not read."""
    return _KINDS.get(column.type, "null")


class _Kinds:
    """Of which kind a node is; adds to `faults` what does not fit. Of numbers, how far they can reach."""

    def __init__(self, columns: Mapping[str, Column], faults: list[str]) -> None:
        self.columns, self.faults = columns, faults

    def of(self, node: exp.Expr) -> Kind:
        kind: Kind = "boolean"
        match node:
            case exp.Paren():
                kind = self.of(node.this)
            case exp.Column():
                kind = self._column(node)
            case exp.Literal() | exp.Null() | exp.Boolean():
                kind = self._constant(node)
            case exp.And() | exp.Or() | exp.Not():
                self._all(node, list(operands(node)), ("boolean",))
            case exp.Is():
                if not isinstance(node.expression, exp.Null | exp.Boolean):
                    self.faults.append(f"{_sql(node)}: `is` asks for null, true or false; compare by `=`")
                self._all(node, [node.this], ("boolean",) if isinstance(node.expression, exp.Boolean) else ANY)
            case exp.EQ() | exp.NEQ() | exp.NullSafeEQ() | exp.In():
                self._alike(node, ANY)
            case exp.GT() | exp.GTE() | exp.LT() | exp.LTE() | exp.Between():
                self._alike(node, (*NUMBERS, "string"))
            case exp.Coalesce() | exp.Greatest() | exp.Least() | exp.Nullif():
                kind = self._alike(node, ANY)
            case _:
                kind = self._number(node)
        return kind

    def _column(self, node: exp.Column) -> Kind:
        column = self.columns[node.name]
        if kind_of(column) == "null":
            self.faults.append(f"{column.name!r} is of the type {column.type}, which rules do not read")
        return kind_of(column)

    def _constant(self, node: exp.Expr) -> Kind:
        if isinstance(node, exp.Null):  # a trap: nothing equals it, and Spark takes it for a double
            self.faults.append("null: ask by `is null` or `is not null`")
            return "null"
        if isinstance(node, exp.Boolean):
            return "boolean"
        if node.is_string:
            return "string"
        if not node.is_int:
            self.faults.append(f"{_sql(node)}: whole numbers only, in the unit that the column's name ends with")
            return "null"
        if int(node.name) > MOST["bigint"]:
            self.faults.append(f"{_sql(node)} is too large")
        return "int" if int(node.name) <= MOST["int"] else "bigint"

    def _number(self, node: exp.Expr) -> Kind:
        kinds = self._all(node, list(operands(node)), NUMBERS)
        kind: Kind = "bigint" if "bigint" in kinds or isinstance(node, exp.IntDiv) else "int"
        if isinstance(node, exp.IntDiv | exp.Mod) and not _divides(node.expression):
            self.faults.append(f"{_sql(node)}: divide by nullif(…, 0): one row must not stop a night")
        elif not self.faults and max(map(abs, bounds(node, self.columns))) > MOST[kind]:
            self.faults.append(f"{_sql(node)} can be too large for {kind}; make it an indicator")
        return kind

    def _all(self, node: exp.Expr, parts: Sequence[exp.Expr], wanted: Sequence[Kind]) -> list[Kind]:
        kinds = [self.of(part) for part in parts]
        for part, kind in zip(parts, kinds, strict=True):
            if kind not in (*wanted, "null"):
                self.faults.append(f"{_sql(node)}: {_sql(part)} is {_named(kind)}, not {_named(wanted[0])}")
        return kinds

    def _alike(self, node: exp.Expr, wanted: Sequence[Kind]) -> Kind:
        """The kind that all parts have in common."""
        parts = list(operands(node))
        if len(parts) == 1 and isinstance(node, exp.In):
            self.faults.append(f"{_sql(node)}: an empty list")
        kinds = [kind for kind in self._all(node, parts, wanted) if kind != "null"]
        if len({_named(kind) for kind in kinds}) > 1:
            self.faults.append(f"{_sql(node)} compares {' with '.join(dict.fromkeys(map(_named, kinds)))}")
        coded = [self.columns[p.name] for p in parts if isinstance(p, exp.Column) and self.columns[p.name].codes]
        for column in coded:
            words = column.codes.words if column.codes else ()
            for part in parts:
                if part.is_string and part.name not in words:
                    self.faults.append(f"{column.name} is never {part.name!r}{near(part.name, words)}")
        return "bigint" if "bigint" in kinds else next(iter(kinds), "null")


def _named(kind: Kind) -> str:
    return {"boolean": "true or false", "int": "a number", "bigint": "a number", "string": "a word", "null": "null"}[kind]


def _divides(divisor: exp.Expr) -> bool:
    """Whether a divisor is never 0."""
    if isinstance(divisor, exp.Paren):
        return _divides(divisor.this)
    if isinstance(divisor, exp.Nullif):
        return divisor.expression.is_int and int(divisor.expression.name) == 0
    return divisor.is_int and int(divisor.name) != 0


def bounds(node: exp.Expr, columns: Mapping[str, Column]) -> Bounds:
    """The least and the most that a number can be, from what the columns can be; nulls apart."""
    parts = [bounds(part, columns) for part in operands(node)]
    if isinstance(node, exp.Column):
        return reach(columns[node.name])
    if isinstance(node, exp.Literal):
        return int(node.name), int(node.name)
    if compute := _BOUNDS.get(type(node)):
        return compute(*parts)
    return min(low for low, _ in parts), max(high for _, high in parts)  # one of the parts


def reach(column: Column) -> Bounds:
    """The least and the most that a column of numbers holds."""
    most = MOST[kind_of(column)]
    return (-most if column.at_least is None else column.at_least), (most if column.at_most is None else column.at_most)


def _of_abs(a: Bounds) -> Bounds:
    return 0 if a[0] <= 0 <= a[1] else min(map(abs, a)), max(map(abs, a))


def _of_mul(a: Bounds, b: Bounds) -> Bounds:
    products = [x * y for x in a for y in b]
    return min(products), max(products)


def _of_part(a: Bounds, _: Bounds) -> Bounds:
    """A quotient or a remainder is not farther from 0 than what is divided."""
    most = max(map(abs, a))
    return -most, most


_BOUNDS: dict[type[exp.Expr], Callable[..., Bounds]] = {
    exp.Neg: lambda a: (-a[1], -a[0]),
    exp.Abs: _of_abs,
    exp.Add: lambda a, b: (a[0] + b[0], a[1] + b[1]),
    exp.Sub: lambda a, b: (a[0] - b[1], a[1] - b[0]),
    exp.Mul: _of_mul,
    exp.IntDiv: _of_part,
    exp.Mod: _of_part,
}
