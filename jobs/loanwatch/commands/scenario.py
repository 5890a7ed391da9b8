"""Golden scenarios: `scenario new|run|accept`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from loanwatch import settings as layers
from loanwatch.commands.options import err, out
from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.nights import Application
from loanwatch.scenarios.book import perform, stories
from loanwatch.scenarios.compare import accept as accept_story
from loanwatch.scenarios.compare import differences

app = typer.Typer(no_args_is_help=True, help="Golden scenarios: stories told in tables.", rich_markup_mode=None)

Root = Annotated[Path, typer.Option("--root", help="Folder of the scenarios.")]
Name = Annotated[str | None, typer.Argument(help="One scenario; all of them without it.")]
GOLDEN = Path("tests/golden")

SKELETON = {
    "story.md": "# {name}\n\nWhat happens, and what has to come of it.\n",
    "given/loan.csv": "day,loan_id,opened_on\n2025-03-01,1,2024-09-01\n",
    "given/instalment.csv": "day,loan_id,instalment_no,due_on,principal_minor\n2025-03-01,1,1,2025-03-02,100000\n",
    "then/balance.loan_day.csv": "as_of,loan_id,days_past_due,balance_minor\n2025-03-01,1,0,100000\n",
}


@app.command("new")
def new(name: str, root: Root = GOLDEN) -> None:
    """Make the folder of a new scenario."""
    if not name.isidentifier() or not name.islower():
        raise UsageError(f"{name!r} is no name for a scenario; use small letters, digits and _")
    folder = root / name
    if folder.exists():
        raise UsageError(f"{folder} is there already")
    for path, text in SKELETON.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.format(name=name), encoding="utf-8")
    out.print(f"{folder}: tell the story in story.md, given/ and then/; `loanwatch scenario run {name}`")


@app.command("run")
def run(name: Name = None, root: Root = GOLDEN, env: str = "test") -> None:
    """Run scenarios and say every cell that differs."""
    with tempfile.TemporaryDirectory() as folder:
        lake = _performed(root, name, Path(folder), env)
        told = stories(root, name)
        lines = [line for story in told for line in differences(story, lake)]
    if lines:
        raise DataError("\n".join([f"{len(lines)} cells differ", *lines]))
    out.print(f"{len(told)} scenarios as told")


@app.command("accept")
def accept(name: Name = None, root: Root = GOLDEN, env: str = "test") -> None:
    """Take what came as what had to come; look at the change before you commit it."""
    with tempfile.TemporaryDirectory() as folder:
        lake = _performed(root, name, Path(folder), env)
        for story in stories(root, name):
            accept_story(story, lake)
            out.print(f"accepted {story.name}")


def _performed(root: Path, name: str | None, folder: Path, env: str) -> Lake:
    flags = {"lake": str(folder / "lake"), "inbox": str(folder / "inbox")}
    application = Application(layers.load(env, "scenarios", flags))
    try:
        perform(stories(root, name), application, lambda line: err.print(line, highlight=False))
    finally:
        application.stop()
    return application.lake
