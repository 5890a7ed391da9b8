"""Schemes of classes as data: ordered floors, worst first; the first that holds gives a loan its class.

A floor is a condition over the inputs of a loan, in the language of the rules, three-valued: where an input is not known and
the floor can neither be told to hold nor not to, the class is that of the floors that are known, provisional if the floor is
of a worse class. All faults of a file are told together, with file and line, before a JVM is started.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from loanwatch.classify.class_columns import FIVE, SCHEMES, ClassColumns
from loanwatch.classify.inputs import INPUTS, OF_DEBTOR
from loanwatch.classify.scheme_text import SchemeText, read
from loanwatch.codes import CodeList
from loanwatch.errors import UsageError, near
from loanwatch.expression import Row, columns_of, evaluate, parsed
from loanwatch.kinds import faults as expression_faults
from loanwatch.trial import trial_of

_TERM = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Floor:
    """At least this class, where `when` holds; `rank` is the place of the class, 0 = best."""

    name: str
    rank: int
    when: exp.Expr
    paragraph: str

    @property
    def reads(self) -> tuple[str, ...]:
        return columns_of(self.when)


@dataclass(frozen=True)
class Doubt:
    """Where `when` holds, or cannot be told, `missing` is missing."""

    missing: str
    when: exp.Expr


@dataclass(frozen=True)
class Decision:
    """The class of a loan, the floor that gave it with its paragraph, and what was missing to be sure; `kept` where nothing but
    what it was gives it."""

    word: str
    floor: str
    paragraph: str
    missing: tuple[str, ...]
    kept: bool


@dataclass(frozen=True)
class Scheme:
    """A scheme without faults: its floors worst first, the last holding for all."""

    name: str
    columns: ClassColumns
    floors: tuple[Floor, ...]
    doubts: tuple[Doubt, ...]

    @property
    def classes(self) -> CodeList:
        return self.columns.codes

    @property
    def reads(self) -> tuple[str, ...]:
        """The inputs that it reads, as they are declared."""
        trees = [*(floor.when for floor in self.floors), *(doubt.when for doubt in self.doubts)]
        read_ = {name for tree in trees for name in columns_of(tree)}
        return tuple(name for name in INPUTS if name in read_)

    @property
    def alone(self) -> Scheme:
        """The scheme without the floors that look at the debtor's other claims: the class that a claim has for itself."""
        others = {column.name for column in OF_DEBTOR}
        return replace(self, floors=tuple(floor for floor in self.floors if not others.intersection(floor.reads)))

    @property
    def today(self) -> tuple[int, ...]:
        """The places of the floors that do not look at what the class was."""
        past = {column.name for column in self.columns.remembered}
        return tuple(place for place, floor in enumerate(self.floors) if not past.intersection(floor.reads))

    def decide(self, row: Row) -> Decision:
        """The class of a loan with these inputs."""
        holds = [evaluate(floor.when, row) for floor in self.floors]
        chosen = self.floors[holds.index(True)]
        unsure = [f for f, held in zip(self.floors, holds, strict=True) if held is None and f.rank > chosen.rank]
        missing = [name for name in self.reads if row[name] is None and any(name in floor.reads for floor in unsure)]
        doubted = [doubt.missing for doubt in self.doubts if evaluate(doubt.when, row) is not False]
        word = self.classes.words[chosen.rank]
        may = any(holds[place] is not False for place in self.today if self.floors[place].rank >= chosen.rank)
        kept = word == row.get(self.columns.was) and not may and not doubted
        return Decision(word, chosen.name, chosen.paragraph, tuple(dict.fromkeys([*missing, *doubted])), kept)


def load(texts: Mapping[str, str]) -> dict[str, Scheme]:
    """The schemes of a configuration by name; UsageError lists every fault of every file."""
    faults: list[str] = []
    found = {}
    names = {path: path.removeprefix("classes/").removesuffix(".yaml") for path in texts}
    for path, name in names.items():
        if name not in SCHEMES:
            faults.append(f"conf/{path}: no scheme {name!r}{near(name, SCHEMES)}; schemes: {', '.join(SCHEMES)}")
        elif written := read(f"conf/{path}", texts[path], faults):
            found[name] = _scheme(name, written, faults)
    faults += [f"conf/classes/{name}.yaml is missing" for name in SCHEMES if name not in names.values()]
    if faults:
        raise UsageError("\n".join(dict.fromkeys(faults)))
    return found


def in_use(schemes: Mapping[str, Scheme], further: Collection[str]) -> dict[str, Scheme]:
    """Those by which an institution classes: China's five classes, and of the others what `business.schemes` says."""
    return {name: scheme for name, scheme in schemes.items() if scheme.columns is FIVE or name in further}


def _scheme(name: str, written: SchemeText, faults: list[str]) -> Scheme:
    columns, floors, doubts, before = SCHEMES[name], [], [], len(faults)
    classes = columns.codes
    for item in written.floors:
        at = f"{written.path}:{item.line}: floor {item.text.floor}: "
        if item.text.at_least not in classes:
            at = f"{written.path}:{item.at('at_least')}: floor {item.text.floor}: "
            faults.append(f"{at}no class {item.text.at_least!r}{near(item.text.at_least, classes.words)}")
            continue
        tree = _condition(written, item.text.when, f"{written.path}:{item.at('when')}: floor {item.text.floor}: ", faults)
        floors.append((item.line, Floor(item.text.floor, classes.words.index(item.text.at_least), tree, item.text.paragraph)))
    for doubt in written.doubts:
        at = f"{written.path}:{doubt.at('when')}: doubt {doubt.text.missing}: "
        doubts.append(Doubt(doubt.text.missing, _condition(written, doubt.text.when, at, faults)))
    scheme = Scheme(name, columns, tuple(floor for _, floor in floors), tuple(doubts))
    if len(faults) == before:
        _ordered(scheme, written, faults)
    return scheme


def _condition(written: SchemeText, sql: str, at: str, faults: list[str]) -> exp.Expr:
    """The tree of a condition, its terms filled in; `false` for what is none."""
    try:
        tree = parsed(_filled(written, sql, at, faults, ()))
    except ValueError as error:
        faults.append(f"{at}{error}")
        return exp.false()
    found = [f"{at}{fault}" for fault in expression_faults(tree, INPUTS, "the row of inputs")]
    faults += found
    return exp.false() if found else tree


def _filled(written: SchemeText, sql: str, at: str, faults: list[str], within: tuple[str, ...]) -> str:
    def term(match: re.Match[str]) -> str:
        name = match[1]
        if name not in written.terms or name in within:
            said = "stands within itself" if name in within else f"is no term{near(name, written.terms)}"
            faults.append(f"{at}{{{name}}} {said}")
            return "false"
        return f"({_filled(written, written.terms[name], at, faults, (*within, name))})"

    return _TERM.sub(term, sql)


def _ordered(scheme: Scheme, written: SchemeText, faults: list[str]) -> None:
    """Floors stand worst first and once each, the last holds for all with the best class, and each can hold."""
    last, before, names = scheme.floors[-1:], len(scheme.classes.words), set()
    if not last or last[0].rank or last[0].when != exp.true():
        faults.append(f"{written.path}:1: the last floor has to be `when: true` with the class {scheme.classes.words[0]!r}")
    for item, floor in zip(written.floors, scheme.floors, strict=True):
        at = f"{written.path}:{item.line}: floor {floor.name}: "
        if floor.rank > before:
            faults.append(f"{at}{item.text.at_least} stands after a better class; floors stand worst first")
        if floor.name in names:
            faults.append(f"{at}stands twice")
        before = min(before, floor.rank)
        names.add(floor.name)
        if not any(evaluate(floor.when, row) is True for row in trial_of([floor.when], INPUTS).rows):
            faults.append(f"{at}can never hold, by what the inputs can be")

