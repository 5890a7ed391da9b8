"""`python -m loanwatch`: the command line, its exit codes and its errors in a line."""

from __future__ import annotations

import sys
import traceback

import typer

from loanwatch.commands import (
    approve,
    audit,
    book,
    champions,
    doctor,
    form,
    hand_in,
    housekeeping,
    indicators,
    listing,
    model,
    night,
    personal,
    reading,
    reperform,
    rules,
    scenario,
    snapshot,
    why,
)
from loanwatch.commands.options import err
from loanwatch.errors import LoanwatchError, MachineError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Post-loan monitoring. Exit codes: 0 done, 1 the data says no, 2 your mistake, 3 the machine's fault, 4 not now.",
)  # fmt: skip
app.command("synth")(book.synth)
app.command("import")(book.import_)
app.command("run")(night.run)
app.command("refresh")(night.refresh)
app.command("catch-up")(night.catch_up)
app.command("restate")(night.restate)
app.command("read")(reading.read)
app.command("snapshot")(snapshot.snapshot)
app.command("reperform")(reperform.reperform)
app.command("why")(why.why)
app.command("diff")(reading.diff)
app.command("tables")(listing.tables)
app.command("feeds")(listing.feeds)
app.command("indicators")(indicators.indicators)
form.app.command("hand-in")(hand_in.hand_in_)
form.app.command("delta")(hand_in.delta)
app.add_typer(form.app, name="form")
app.command("drill")(hand_in.drill_)
app.command("where")(hand_in.where)
app.add_typer(rules.app, name="rules")
app.add_typer(scenario.app, name="scenario")
for name, command in (
    ("fit", champions.fit), ("list", champions.list_), ("card", champions.show), ("promote", champions.promote),
    ("refresh", champions.refresh),
):  # fmt: skip
    model.app.command(name)(command)
app.add_typer(model.app, name="model")
app.add_typer(audit.app, name="audit")
app.add_typer(approve.app, name="approve")
app.command("doctor")(doctor.doctor)
app.command("housekeeping")(housekeeping.housekeeping)
app.command("unlock")(night.unlock)
app.command("reveal")(personal.reveal)
app.command("original")(personal.original)
app.command("erase")(personal.erase)
app.command("rotate")(personal.rotate)


def main() -> None:
    """Run a command; a known error is said in one line, and gives its exit code."""
    try:
        app()
    except LoanwatchError as error:
        err.print(f"loanwatch: {error}", markup=False, highlight=False, style="red")
        sys.exit(error.exit_code)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        err.print(f"loanwatch: {error.strerror or error}{where}", markup=False, highlight=False, style="red")
        sys.exit(MachineError.exit_code)
    except Exception:  # a mistake of ours; Python's own exit code would say "the data says no"
        traceback.print_exc()
        err.print("loanwatch: this is a fault of the program; nothing was published by it", style="red")
        sys.exit(MachineError.exit_code)


if __name__ == "__main__":
    main()
