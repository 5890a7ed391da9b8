#!/usr/bin/env python3
"""Verifies this folder, with the standard library and pyarrow alone: python verify.py [--content-digest DIGEST]

What is checked: the bytes of every file; the digests of the sealed tables, and that they come to the content digest of the
release (hold that to the page, the certificate or the deposited audit log by --content-digest); counts and sums; that no loan
and no subject is left out anywhere; the outcome of every rule on every subject, and the class of every loan, computed anew.
Exit code 0: all holds. 1: what does not, with table, key, rule.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SHOWN = 20
CLEAR, AMBER, RED, UNKNOWN, NOT_APPLICABLE = range(5)
OUTCOMES = ("clear", "amber", "red", "unknown", "not_applicable")
CONDITIONS = ("applies", "amber", "red", "clear")
MASKS = ("amber", "red", "unknown", "not_applicable", "cleared", "no_basis")
WORD = 62  # rules to a word of a mask
DIGITS = 3  # of a bucket
POOL = ["partner_id", "pool_id", "currency"]
Tree = list[Any]
Rows = dict[str, Any]


# -- three-valued logic over whole columns: null is unknown, and neither true nor false ---------------------------------------


def evaluate(tree: Tree, rows: Rows) -> Any:
    """What an expression is on every row: an array, or a scalar where it reads no column."""
    kind, *parts = tree
    if kind == "column":
        return rows[parts[0]]
    if kind == "value":
        return pa.scalar(parts[0])
    if kind == "is":
        return _is(evaluate(parts[0], rows), parts[1])
    return KINDS[kind](*(evaluate(part, rows) for part in parts))


def _is(value: Any, what: bool | None) -> Any:
    if what is None:
        return pc.is_null(value)
    return _surely(value if what else pc.invert(value))


def _surely(value: Any) -> Any:
    """True where it is true; false where it is false or unknown."""
    return pc.coalesce(value, pa.scalar(False))


def _any(values: Iterable[Any]) -> Any:
    return reduce(pc.or_kleene, values, pa.scalar(False))


def _nullif(value: Any, other: Any) -> Any:
    return pc.if_else(_surely(pc.equal(value, other)), pa.scalar(None, value.type), value)


def _same(one: Any, other: Any) -> Any:
    return pc.or_(pc.and_(pc.is_null(one), pc.is_null(other)), _surely(pc.equal(one, other)))


def _remainder(value: Any, by: Any) -> Any:
    return pc.subtract_checked(value, pc.multiply_checked(by, pc.divide_checked(value, by)))


KINDS: dict[str, Callable[..., Any]] = {
    "and": pc.and_kleene, "or": pc.or_kleene, "not": pc.invert,
    "=": pc.equal, "<>": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal, "<=>": _same,
    "in": lambda value, *listed: _any(pc.equal(value, one) for one in listed),
    "between": lambda value, low, high: pc.and_kleene(pc.greater_equal(value, low), pc.less_equal(value, high)),
    "coalesce": pc.coalesce, "greatest": pc.max_element_wise, "least": pc.min_element_wise, "nullif": _nullif,
    "abs": pc.abs_checked, "neg": pc.negate_checked, "+": pc.add_checked, "-": pc.subtract_checked, "*": pc.multiply_checked,
    "div": pc.divide_checked, "%": _remainder,
}  # fmt: skip


def _whole(value: Any, rows: int) -> Any:
    """A condition as a column of truth values."""
    if isinstance(value, pa.Scalar):
        return pa.nulls(rows, pa.bool_()) if value.as_py() is None else pa.repeat(value, rows)
    return value


# -- rules -----------------------------------------------------------------------------------------------------------------


def outcome(rule: dict[str, Any], rows: Rows, count: int) -> Any:
    """The outcome of a rule for every subject. Red and amber need a condition that is true. A condition that is unknown while
    a source has a gap is unknown; unknown without a gap, such as a ratio to nothing, is not applicable."""
    applies, amber, red = (_whole(evaluate(rule[name], rows), count) for name in ("applies", "amber", "red"))
    missing = _whole(_surely(_any(pc.not_equal(rows[gap], "none") for gap in rule["gaps"])), count)
    unsure = pc.or_(pc.is_null(amber), pc.is_null(red))
    found = pc.if_else(unsure, pc.if_else(missing, UNKNOWN, NOT_APPLICABLE), CLEAR)
    found = pc.if_else(_surely(amber), AMBER, found)
    found = pc.if_else(_surely(red), RED, found)
    found = pc.if_else(pc.is_null(applies), UNKNOWN, found)
    return pc.if_else(_surely(pc.invert(applies)), NOT_APPLICABLE, found)


def held(rule: dict[str, Any], rows: Rows, count: int) -> dict[str, Any]:
    """Of every mask, for which subjects the rule has its bit set."""
    found = outcome(rule, rows, count)
    masks = {name: pc.equal(found, place) for place, name in enumerate(OUTCOMES)}
    clear = masks.pop("clear")
    masks["cleared"] = _surely(_whole(evaluate(rule["clear"], rows), count)) if rule["clear"] else clear
    lawful, lacking = (_gaps(rule, rows, words) for words in (("none", "no_basis"), ("no_basis",)))
    masks["no_basis"] = pc.and_(masks["unknown"], pc.and_(pc.invert(_any(map(pc.invert, lawful))), _any(lacking))) \
        if rule["consented"] else pa.repeat(pa.scalar(False), count)  # fmt: skip
    return masks


def _gaps(rule: dict[str, Any], rows: Rows, words: Sequence[str]) -> list[Any]:
    return [_surely(pc.is_in(rows[gap], value_set=pa.array(words))) for gap in rule["gaps"]]


def masks_of(rules: Sequence[dict[str, Any]], rows: Rows, count: int) -> dict[str, list[Any]]:
    """The masks of all subjects of a kind, as words of 62 rules."""
    words = max(1, -(-len(rules) // WORD))
    masks = {name: [pa.repeat(pa.scalar(0), count) for _ in range(words)] for name in MASKS}
    for rule in rules:
        word, bit = divmod(rule["bit"], WORD)
        for name, holds in held(rule, rows, count).items():
            masks[name][word] = pc.bit_wise_or(masks[name][word], pc.if_else(holds, 1 << bit, 0))
    return masks


# -- classes: floors worst first, of which the first that holds gives the class ----------------------------------------------


def classed(scheme: dict[str, Any], rows: Rows, count: int) -> dict[str, Any]:
    """The class of every loan. Where an input is not known, a floor of a worse class may hold: it is provisional, and `missing`
    names the inputs, comma-separated."""
    held = [_whole(evaluate(floor["when"], rows), count) for floor in scheme["floors"]]
    found = {name: pa.nulls(count, pa.string()) for name in ("class", "floor", "paragraph")}
    rank = pa.nulls(count, pa.int64())
    for holds, floor in reversed(list(zip(held, scheme["floors"], strict=True))):
        found = {name: pc.if_else(_surely(holds), floor[name], values) for name, values in found.items()}
        rank = pc.if_else(_surely(holds), floor["rank"], rank)
    unsure = [pc.and_(pc.is_null(holds), pc.less(rank, floor["rank"])) for holds, floor in zip(held, scheme["floors"], strict=True)]
    lacks: dict[str, Any] = {}
    for name in scheme["reads"]:
        of = (may for may, floor in zip(unsure, scheme["floors"], strict=True) if name in floor["reads"])
        lacks[name] = pc.and_(pc.is_null(rows[name]), _whole(_surely(_any(of)), count))
    for doubt in scheme["doubts"]:
        doubted = pc.invert(_surely(pc.invert(_whole(evaluate(doubt["when"], rows), count))))
        lacks[doubt["missing"]] = pc.or_(lacks[doubt["missing"]], doubted) if doubt["missing"] in lacks else doubted
    words = [pc.if_else(lack, f"{name},", "") for name, lack in lacks.items()]
    missing = pc.binary_join_element_wise(*words, "", "") if words else pa.repeat(pa.scalar(""), count)
    given = {
        "column": found["class"], "floor": found["floor"], "paragraph": found["paragraph"],
        "provisional": _whole(_any(lacks.values()), count), "missing": pc.utf8_rtrim(missing, ","),
    }  # fmt: skip
    return {scheme["columns"][part]: values for part, values in given.items()}


# -- digests ---------------------------------------------------------------------------------------------------------------


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def lines(columns: Sequence[Any]) -> Any:
    r"""Rows as lines: cells joined by tabs; null is `\N`; in a text `\` is `\\` and a tab `\t`; a list its elements in braces,
    each ended by a comma, a comma within one `\,`."""
    return pc.binary_join_element_wise(*map(_cells, columns), "\t", null_handling="replace", null_replacement="\\N")


def _cells(column: Any) -> Any:
    if pa.types.is_list(column.type):
        elements = pc.binary_join_element_wise(_escaped(_cells(column.values), ",", "\\,"), ",", "")
        joined = pc.binary_join(pa.ListArray.from_arrays(column.offsets, elements, mask=pc.is_null(column)), "")
        return pc.binary_join_element_wise("{", joined, "}", "")
    if pa.types.is_string(column.type):
        return _escaped(_escaped(column, "\\", "\\\\"), "\t", "\\t")
    return pc.cast(column, pa.string())


def _escaped(column: Any, what: str, by: str) -> Any:
    return pc.replace_substring(column, what, by) if pc.any(pc.match_substring(column, what)).as_py() else column


def bucketed(file: Path, key: Sequence[str], columns: Sequence[str]) -> dict[str, list[tuple[bytes, str]]]:
    """The rows of a table by the first three digits of the digest of their key's line: that line and the digest of the row's."""
    buckets = defaultdict[str, list[tuple[bytes, str]]](list)
    for batch in pq.ParquetFile(file).iter_batches(batch_size=1 << 16, columns=list(columns)):
        made = (pc.cast(lines([batch[name] for name in names]), pa.binary()).to_pylist() for names in (key, columns))
        for place, row in zip(*made, strict=True):
            buckets[sha256(place)[:DIGITS]].append((place, sha256(row)))
    return buckets


def summed(buckets: dict[str, list[tuple[bytes, str]]]) -> dict[str, str]:
    """Rows and digest of each bucket, as the line of its table has them."""
    joined = {name: "".join(row for _, row in sorted(rows)) for name, rows in buckets.items()}
    return {name: f"{len(buckets[name])}\t{sha256(joined[name].encode())}" for name in sorted(buckets)}


def table_digest(name: str, key: Sequence[str], columns: Sequence[str], buckets: dict[str, str]) -> str:
    head = [name, "\t".join(["key", *key]), "\t".join(["columns", *columns])]
    return sha256("".join(f"{line}\n" for line in [*head, *(f"{b}\t{of}" for b, of in sorted(buckets.items()))]).encode())


# -- the checks ------------------------------------------------------------------------------------------------------------


class Folder:
    """A folder as it was handed over; each check gives what does not hold, in words."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))

    def table(self, name: str, columns: Iterable[str] | None = None) -> pa.Table:
        return pq.read_table(self._file(name), columns=sorted(columns) if columns else None, partitioning=None)

    def keys(self, name: str, column: str) -> set[str]:
        return set(self.table(name, [column])[column].to_pylist())

    def judged(self, subject: str, columns: Iterable[str] = ()) -> pa.Table:
        """The verdicts on one kind of subject."""
        rows = self.table("flag.verdict", {"subject", "subject_id", *columns})
        return rows.filter(pc.equal(rows["subject"], subject))

    def _file(self, name: str) -> Path:
        return self.path / "tables" / f"{name}.parquet"

    def files(self) -> Iterator[str]:
        """Bytes of every file; none missing, none added."""
        told = {**self.manifest["files"], "manifest.json": None}
        there = {str(file.relative_to(self.path)) for file in self.path.rglob("*") if file.is_file()}
        yield from (f"{name}: not in the manifest, added" for name in sorted(there - set(told)) if "__pycache__" not in name)
        for name, digest in told.items():
            if name not in there:
                yield f"{name}: missing"
            elif digest:
                with (self.path / name).open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                        yield f"{name}: its bytes are not those that were handed over"

    def digests(self) -> Iterator[str]:
        """Rows of the sealed tables."""
        digests = {}
        for name, of in self.manifest["tables"].items():
            if not of["sealed"]:
                continue
            told = dict(line.split("\t", 1) for line in (self.path / "digests" / f"{name}.txt").read_text().splitlines())
            digests[name] = table_digest(name, of["key"], of["columns"], told)
            if digests[name] != of["digest"]:
                yield f"digests/{name}.txt: does not come to the digest of {name}"
            rows = bucketed(self._file(name), of["key"], of["columns"])
            found = summed(rows)
            unlike = [b for b in sorted({*told, *found}) if told.get(b) != found.get(b)]
            if unlike:
                kept, there = (sum(int(line.split("\t")[0]) for line in of.values()) for of in (told, found))
                named = [place.decode().replace("\t", " ") for b in unlike for place, _ in sorted(rows.get(b, ()))]
                yield f"{name}: not the rows that were sealed; {kept} were, {there} are there; changed or added: of {_some(named)}"
        content = sha256("".join(f"{name}\t{digest}\n" for name, digest in sorted(digests.items())).encode())
        if content != self.manifest["release"]["content_digest"]:
            yield "the digests of the tables do not come to the content digest of the release"

    def counts(self) -> Iterator[str]:
        """Rows and sums of every table, as the manifest has them and as they were read back on the night."""
        for name, of in self.manifest["tables"].items():
            if (rows := pq.read_metadata(self._file(name)).num_rows) != of["rows"]:
                yield f"{name}: {rows} rows instead of {of['rows']}"
            for column, total in of["sums"].items():
                found = pc.sum(self.table(name, [column])[column]).as_py() or 0
                if found != total:
                    yield f"{name}.{column}: sums to {found} instead of {total}"

    def book(self) -> Iterator[str]:
        """Loans and money of the day against the population, our ledger's pools, and the portfolio."""
        day = self.table("balance.loan_day", ["loan_id", *POOL, "status", "balance_minor"])
        told = self.table("balance.population")
        on_book = told.filter(pc.equal(told["fate"], "on_book"))
        counted = dict(zip(on_book["partner_id"].to_pylist(), on_book["loans"].to_pylist(), strict=True))
        if lost := pc.sum(told.filter(pc.equal(told["fate"], "lost"))["loans"]).as_py():
            yield f"balance.population: {lost} loans are lost: nobody knows what became of them"
        for partner, loans in _grouped(day, ["partner_id"], [("loan_id", "count")]).items():
            if counted.pop(partner[0], 0) != loans[0]:
                yield f"balance.loan_day: {loans[0]} loans of {partner[0]}, not as many as balance.population says"
        yield from (f"balance.loan_day: none of the {loans} loans of {partner}" for partner, loans in counted.items())
        open_ = day.filter(pc.and_(pc.equal(day["status"], "open"), pc.greater(day["balance_minor"], 0)))
        owed = _grouped(open_, POOL, [("loan_id", "count"), ("balance_minor", "sum")])
        for row in self.table("balance.reconciliation").to_pylist():
            of = tuple(row[name] for name in POOL)
            if (row["loans"], row["balance_minor"]) != owed.pop(of, (0, 0)):
                yield f"balance.reconciliation: {' '.join(of)}: not the loans and balances of balance.loan_day"
        yield from (f"balance.reconciliation: {' '.join(of)} is missing" for of in owed)
        total = pc.sum(day["balance_minor"]).as_py() or 0
        for cut, exposure in _grouped(self.table("report.portfolio"), ["cut"], [("exposure_minor", "sum")]).items():
            if exposure[0] != total:
                yield f"report.portfolio: by {cut[0]} exposures sum to {exposure[0]}, balances to {total}"

    def completeness(self) -> Iterator[str]:
        """Every loan of the day is classed, every subject judged, and nobody else is."""
        loans = self.keys("balance.loan_day", "loan_id")
        for name in ("classify.loan_class", "derive.loan_indicator"):
            yield from _unlike(name, loans, self.keys(name, "loan_id"))
        for subject, name in self.manifest["subjects"].items():
            judged = set(self.judged(subject)["subject_id"].to_pylist())
            yield from _unlike(f"flag.verdict of {subject}s", self.keys(name, f"{subject}_id"), judged)

    def verdicts(self) -> Iterator[str]:
        """The outcome of every rule on every subject."""
        rules = json.loads((self.path / "rules.json").read_text(encoding="utf-8"))
        yield from _rules_unlike(rules, self.table("flag.rule").to_pylist())
        for subject, name in self.manifest["subjects"].items():
            about = [rule for rule in rules if rule["subject"] == subject]
            read = {f"{subject}_id", *(gap for rule in about for gap in rule["gaps"])}
            read |= {c for rule in about for part in CONDITIONS if rule[part] for c in columns_of(rule[part])}
            rows, was = _common(self.table(name, read), f"{subject}_id", self.judged(subject, MASKS), "subject_id")
            yield from _verdicts(subject, about, rows, was)

    def classes(self) -> Iterator[str]:
        """The class of every loan by each scheme, and whether the scheme read what the day says of the loan."""
        for scheme in json.loads((self.path / "classes.json").read_text(encoding="utf-8")):
            inputs = self.table(scheme["inputs"], {"loan_id", *scheme["reads"], *scheme["of_day"]})
            now, day = _common(inputs, "loan_id", self.table("balance.loan_day", {"loan_id", *scheme["of_day"]}), "loan_id")
            yield from _cells_unlike(scheme["inputs"], now, day, scheme["of_day"], "by balance.loan_day")
            read = {name: _numbers(inputs[name].combine_chunks()) for name in inputs.column_names}
            again = pa.table({"loan_id": inputs["loan_id"], **classed(scheme, read, len(inputs))})
            again, was = _common(again, "loan_id", self.table(scheme["table"]), "loan_id")
            missing = scheme["columns"]["missing"]
            was = was.set_column(was.column_names.index(missing), missing, pc.binary_join(was[missing], ","))
            yield from _cells_unlike(scheme["table"], was, again, again.column_names[1:], "computed anew")


def _cells_unlike(table: str, was: pa.Table, now: pa.Table, columns: Iterable[str], how: str) -> Iterator[str]:
    """Cells that two tables with the same loans in the same order do not have in common."""
    for column in columns:
        differ = pc.invert(_same(was[column], now[column]))
        told = was.filter(differ), now.filter(differ)
        for loan, one, other in zip(told[0]["loan_id"], told[0][column], told[1][column], strict=True):
            yield f"{table}: {loan}: {column} is {one}, {how} {other}"


def _verdicts(subject: str, rules: Sequence[dict[str, Any]], rows: pa.Table, was: pa.Table) -> Iterator[str]:
    if not len(rows):
        return
    read = {name: _numbers(rows[name].combine_chunks()) for name in rows.column_names}
    for mask, words in masks_of(rules, read, len(rows)).items():
        if not pc.all(_surely(pc.equal(pc.list_value_length(was[mask]), len(words)))).as_py():
            yield f"flag.verdict: {mask} of {subject}s is not of {len(words)} words everywhere"
            continue
        for place, again in enumerate(words):
            then = pc.list_element(was[mask], place)
            differ = pc.not_equal(then, again)
            told = pa.table({"key": was["subject_id"], "then": then, "again": again}).filter(differ)
            for row in told.to_pylist():
                yield from _bits(rules, place, f"{subject} {row['key']}: {mask}", row["then"], row["again"])


def _bits(rules: Sequence[dict[str, Any]], place: int, what: str, then: int, again: int) -> Iterator[str]:
    for bit in range(WORD):
        if (then ^ again) >> bit & 1:
            name = next((rule["id"] for rule in rules if rule["bit"] == place * WORD + bit), "of no name")
            yield f"flag.verdict: rule {name}, {what} is {then >> bit & 1}, computed anew {again >> bit & 1}"


def columns_of(tree: Tree) -> set[str]:
    """The columns that an expression reads."""
    kind, *parts = tree
    if kind == "column":
        return {parts[0]}
    return {name for part in parts if isinstance(part, list) for name in columns_of(part)}


def _numbers(column: Any) -> Any:
    return pc.cast(column, pa.int64()) if pa.types.is_integer(column.type) else column


def _rules_unlike(rules: Sequence[dict[str, Any]], ran: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Rules of the folder that are not those the night ran."""
    told = {rule["id"]: rule for rule in rules}
    for rule in ran:
        of = told.pop(rule["rule_id"], {})
        if any(of.get(name) != rule[name] for name in ("subject", "bit", "digest")) or any(
            of["sql"][name] != rule[name] for name in ("amber", "red")
        ):
            yield f"rules.json: {rule['rule_id']} is not the rule of that name in flag.rule"
    yield from (f"rules.json: {name} is not in flag.rule" for name in told)


def _common(one: pa.Table, key: str, other: pa.Table, other_key: str) -> tuple[pa.Table, pa.Table]:
    """Rows that both have, in the same order; what one lacks is told by `completeness`."""
    at = pc.index_in(other[other_key], value_set=one[key].combine_chunks())
    other = other.filter(pc.is_valid(at))
    return one.take(at.drop_null()), other


def _grouped(rows: pa.Table, by: list[str], of: list[tuple[str, str]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    found = rows.group_by(by).aggregate(of).to_pylist()
    return {tuple(row[name] for name in by): tuple(row[f"{name}_{how}"] for name, how in of) for row in found}


def _unlike(name: str, expected: set[str], found: set[str]) -> Iterator[str]:
    if gone := expected - found:
        yield f"{name}: missing: {_some(sorted(gone))}"
    if more := found - expected:
        yield f"{name}: not expected: {_some(sorted(more))}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


CHECKS = (
    ("bytes of files", Folder.files), ("digests of sealed tables", Folder.digests), ("counts and sums", Folder.counts),
    ("loans and money of the day", Folder.book), ("nobody is left out", Folder.completeness),
    ("every rule on every subject", Folder.verdicts), ("the class of every loan", Folder.classes),
)  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    asked.add_argument("--content-digest", help="what the page or the certificate of the release prints")
    told = asked.parse_args()
    folder, failed = Folder(told.folder), 0
    for name, check in CHECKS:
        try:
            faults = list(check(folder))
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            faults = [f"cannot be checked: {type(error).__name__}: {error}"]
        failed += len(faults)
        print(f"{'FAULT' if faults else 'ok':5} {name}")
        for fault in faults[:SHOWN]:
            print(f"      {fault}")
        if len(faults) > SHOWN:
            print(f"      … and {len(faults) - SHOWN} more")
    release = folder.manifest["release"]
    if told.content_digest and told.content_digest != release["content_digest"]:
        failed += 1
        print(f"FAULT the content digest is {release['content_digest']}, not {told.content_digest}")
    print(f"release {release['release']} of {release['as_of']}, content digest {release['content_digest']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
