"""`python -m loanwatch.scheduling`: run business dates under Airflow without a screen, or serve its UI."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.commands.options import day
from loanwatch.errors import LoanwatchError, UsageError
from loanwatch.scheduling.home import Home, find_dags, free_port

Dates = Annotated[list[str], typer.Option("--date", help="Business date, YYYY-MM-DD; may be repeated.")]
Port = Annotated[int, typer.Option("--port", help="Port of the UI and API; 0 = any free one.")]
Folder = Annotated[Path, typer.Option("--home", help="Airflow's own folder.", envvar="AIRFLOW_HOME")]
Users = Annotated[list[str] | None, typer.Option("--user", help="Who may log in, once for each; without: nobody has to.")]
Dags = Annotated[Path | None, typer.Option("--dags", help="Folder of DAGs; default ./dags.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def run(date: Dates, port: Port = 0, home: Folder = Path(".airflow"), dags: Dags = None) -> None:
    """Run business dates one after another; stop at the first that fails, with exit code 1."""
    from loanwatch.scheduling import headless

    if not headless.run(_home(home, dags, port), [day(text) for text in date], _say):
        raise typer.Exit(1)


@app.command()
def serve(port: Port = 8080, home: Folder = Path(".airflow"), dags: Dags = None, user: Users = None) -> None:
    """Serve Airflow's UI until Ctrl-C."""
    from loanwatch.scheduling import headless

    headless.serve(_home(home, dags, port, tuple(user or ())), _say)


def main() -> None:
    """Run a command; a known error is said in a few lines, and gives its exit code."""
    try:
        if importlib.util.find_spec("airflow") is None:
            raise UsageError("Airflow is not installed: pip install 'loanwatch[airflow]'")
        app()
    except LoanwatchError as error:
        typer.echo(f"loanwatch: {error}", err=True)
        sys.exit(error.exit_code)


def _home(folder: Path, dags: Path | None, port: int, users: tuple[str, ...] = ()) -> Home:
    # Not resolved by symbolic link: Airflow writes the paths as given.
    return Home(Path(os.path.abspath(folder)), dags.resolve() if dags else find_dags(), port or free_port(), users)  # noqa: PTH100


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
