"""Early-warning rules: `rules`, `rules check`, `rules test`, `rules verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch import configuration
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, err, grid_of, out, resolved
from loanwatch.errors import DataError, UsageError
from loanwatch.flag import examples
from loanwatch.flag.rules import Rule, load, sound
from loanwatch.lake import Lake as LakeFolder

app = typer.Typer(invoke_without_command=True, help="The early-warning rules of a tenant.", rich_markup_mode=None)

TOLD = 20

Examples = Annotated[Path, typer.Option("--examples", help="Folder of examples.")]


@app.callback()
def listed(context: typer.Context, env: Env = "local", tenant: Tenant = "demo") -> None:
    """The early-warning rules of a tenant, limits filled in; `check` and `test` them without Spark."""
    if context.invoked_subcommand is None:
        grid = grid_of("rule", "subject", "status", "amber", "red", "what to do")
        for rule in _loaded(env, tenant):
            grid.add_row(rule.id, rule.subject, rule.text.status, rule.amber, rule.red, rule.text.do.en)
        out.print(grid)


@app.command()
def check(env: Env = "local", tenant: Tenant = "demo") -> None:
    """Every fault of every rule, with file and line: what is no condition, means nothing, or is said twice."""
    found = _loaded(env, tenant)
    sound(found)
    live = sum(rule.text.status == "live" for rule in found)
    out.print(f"{len(found)} rules without a fault: {live} live, {len(found) - live} in shadow")


@app.command("test")
def try_out(root: Examples = Path("tests/rules"), env: Env = "local", tenant: Tenant = "demo") -> None:
    """Run the examples of rules; which do not hold, and what no example touches."""
    texts = {str(path): path.read_text(encoding="utf-8") for path in sorted(root.glob("*.yaml"))}
    if not texts:
        raise UsageError(f"{root}: no examples (*.yaml); give the folder by --examples")
    report = examples.run(_loaded(env, tenant), texts)
    for line in report.untouched:
        err.print(line, markup=False, highlight=False, style="yellow")
    if report.failed:
        raise DataError("\n".join([f"{len(report.failed)} examples do not hold", *report.failed]))
    out.print(f"{report.held} examples hold; untouched: {len(report.untouched)}")


@app.command()
def verify(
    date: Date, release: Release = None, first: First = False, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Compute all verdicts of a release again, by DuckDB and the rules it ran with; exit code 1 where they differ."""
    from loanwatch.verification import verify as compared

    settings = resolved(env, tenant, lake)
    attempt, found = compared(LakeFolder(settings.lake), day(date), release, first=first)
    grid = grid_of("subject", "subjects", "rules", *(found[0].held if found else ()), "differences")
    for one in found:
        counts = (one.subjects, one.rules, *one.held.values(), len(one.differences))
        grid.add_row(one.subject, *(f"{count:,}" for count in counts))
    out.print(f"release {attempt.release} of {date}, computed again by DuckDB", highlight=False)
    out.print(grid)
    differences = [line for one in found for line in one.differences]
    if differences:
        rest = [f"and {len(differences) - TOLD:,} more"] if len(differences) > TOLD else []
        raise DataError("\n".join(["the two engines differ", *differences[:TOLD], *rest]))


def _loaded(env: str, tenant: str) -> tuple[Rule, ...]:
    return load(configuration.load(resolved(env, tenant)).below("rules"))
