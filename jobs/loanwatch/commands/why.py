"""`why`: a loan explained on the terminal, in English or Chinese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from loanwatch import codes
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, out, resolved
from loanwatch.commands.reading import cell
from loanwatch.commands.why_collateral import asset_lines, provisional_lines
from loanwatch.explanation.explain import Explanation, explain
from loanwatch.explanation.ruling import RAISED, Limit, Ruling
from loanwatch.explanation.sources import SourceRows
from loanwatch.flag.told import Told
from loanwatch.lake import Lake as LakeFolder
from loanwatch.report.page import Words

Brief = Annotated[bool, typer.Option("--brief", help="In full only what is raised; of other rules outcome and nearest limit.")]
Language = Annotated[Literal["en", "zh"] | None, typer.Option("--language", help="By default the tenant's.")]
ORDER = ("red", "amber", "unknown", "clear", "not_applicable")
HOLDS = {True: "holds", False: "fails", None: "untold"}


def why(
    loan: Annotated[str, typer.Argument(help="Loan, such as P01:L0000001.")], date: Date, release: Release = None,
    first: First = False, brief: Brief = False, language: Language = None,
    lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Why a loan is where it is: what it owes, every rule with what it saw and what would change it, and where values came from."""
    settings = resolved(env, tenant, lake)
    found = explain(LakeFolder(settings.lake), loan, day(date), release, first=first)
    spoken = language or settings.business.language
    if brief:
        found = found.brief()
    for style, line in lines_of(found, loan, day(date), Words.load(settings.conf, f"why.{spoken}"), spoken):
        out.print(Text(line, style))


def lines_of(found: Explanation, loan: str, on: dt.date, words: Words, language: str) -> Iterator[tuple[str, str]]:
    """What is printed, line by line, each with its style."""
    yield "bold", words.say("title", loan=loan, date=on, release=found.release)
    for title, lines in _sections(found, words, language):
        yield "bold", f"\n{title}"
        for line in lines:
            yield "", f"  {line}"


def _sections(found: Explanation, words: Words, language: str) -> Iterator[tuple[str, Iterator[str]]]:
    """Titles, and the lines below each."""
    for name, facts in found.facts.items():
        title = words.say(name) if name in words.texts else words.say("indicators", subject=_subject(name, language))
        yield title, iter([words.say("unsecured")]) if name == "cover" and not facts else _facts(facts)
    if found.assets:
        yield words.say("assets"), (line for secured in found.assets for line in asset_lines(secured, words, language))
    if found.since.values or found.since.warnings:
        yield words.say("provisional"), provisional_lines(found.since, words, language)
    for subject in dict.fromkeys(ruling.rule.subject for ruling in found.rulings):
        rulings = [ruling for ruling in found.rulings if ruling.rule.subject == subject]
        rulings.sort(key=lambda ruling: (ORDER.index(ruling.outcome), ruling.rule.id))
        yield (
            words.say("rules", subject=_subject(subject, language)),
            (line for ruling in rulings for line in _ruling(ruling, words, language)),
        )
    for subject, behind in found.sources.items():
        yield words.say("behind", subject=_subject(subject, language)), _behind(behind, words)


def _subject(subject: str, language: str) -> str:
    return codes.SUBJECTS.label(subject, language)


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        yield f"{name:<24} {'—' if value is None else cell(name, value)}"


def _ruling(ruling: Ruling, words: Words, language: str) -> Iterator[str]:
    rule = ruling.rule
    if not ruling.nodes:  # in brief
        yield ": ".join([rule.id, words.say(ruling.outcome), *_gaps(ruling, words), *_changes(ruling, words)])
        return
    shadow = "" if rule.text.status == "live" else f" ({words.say('shadow')})"
    yield f"{rule.id}: {words.say(ruling.outcome)}{shadow}"
    if said := ruling.says.get(f"says_{language}"):
        yield f"    {words.say('since', says=said, date=ruling.since) if ruling.since else said}"
    yield f"    {words.say('version', digest=ruling.digest, date=rule.text.from_, source=rule.text.source)}"
    for key, nodes in ruling.nodes.items():
        for node in nodes:
            yield f"    {words.say(f'on_{key}')}: {_node(node, words)}"
    for line in (*_gaps(ruling, words), *_changes(ruling, words)):
        yield f"    {line}"


def _node(node: Told, words: Words) -> str:
    seen = f": {node.seen}" if node.seen else ""
    said = words.say(HOLDS[None if node.value is None else bool(node.value)])
    return f"{'  ' * node.depth}{node.text}{seen} {said}"


def _gaps(ruling: Ruling, words: Words) -> Iterator[str]:
    if ruling.gaps:
        yield words.say(
            "gap", gaps=", ".join(f"{gap.removesuffix('_gap')} ({why})" for gap, why in ruling.gaps.items())
        )


def _changes(ruling: Ruling, words: Words) -> Iterator[str]:
    """What would end a raised rule, or raise a clear one."""
    if ruling.outcome == "clear":
        nearest = [words.say("nearest", limit=_limit(limit, words)) for limit in ruling.limits]
        yield from nearest or [words.say("no_limit")]
    if ruling.outcome in RAISED:
        yield from _ends(ruling, words)
        if ruling.rule.text.clear_after_days:
            yield words.say("held", days=ruling.rule.text.clear_after_days)


def _ends(ruling: Ruling, words: Words) -> Iterator[str]:
    for act in ruling.acts:
        kind = "cash_by" if act.by else act.kind
        yield words.say(kind, amount=cell("_minor", act.minor), date=act.by)
    if ruling.unlike:
        yield words.say("unlike", columns=", ".join(ruling.unlike))
    elif not ruling.acts:
        yield words.say("no_act" if ruling.limits else "no_way")
        yield from (f"  {_limit(limit, words)}" for limit in ruling.limits)


def _limit(limit: Limit, words: Words) -> str:
    now, then, away = (figure(limit.column, value) for value in (limit.now, limit.then, abs(limit.then - limit.now)))
    return words.say("limit", column=limit.column, value=then, now=now, distance=away)


def figure(name: str, value: int) -> str:
    """A figure as people write it: money in units, basis points in percent."""
    return f"{value / 100:,.2f}%" if name.endswith("_bp") else str(cell(name, value))


def _behind(behind: Mapping[str, tuple[SourceRows, ...]], words: Words) -> Iterator[str]:
    """A line for each feed and rows of it, with all values that rest on them."""
    names: dict[SourceRows, list[str]] = {}
    for name, feeds in behind.items():
        for rows in feeds:
            names.setdefault(rows, []).append(name)
    for rows, columns in names.items():
        places = [words.say("place", delivery=p.delivery_no, line=p.line_no, date=p.on) for p in rows.newest]
        older = [words.say("older", count=rows.count - len(places))] if rows.count > len(places) else []
        yield f"{', '.join(columns)}"
        yield f"    {rows.feed}: {', '.join([*places, *older]) or words.say('none')}"
