"""Steps of the last night of `night.py`, one by one, cold and warm in one application: where a night's CPU seconds go.

CPU seconds are user + system of this process, the JVM and the Python workers; of a step with its reads, without writing. What
compiling machine code takes of them is told apart: it is the same for ten loans and for ten million. The table is appended to
tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from night import README, Meter, machine

from loanwatch import session, settings
from loanwatch.cover.model.champions import Models
from loanwatch.flag.rules import in_force
from loanwatch.lake import Lake
from loanwatch.nights import Application, checked
from loanwatch.pipeline import STAGES, STEPS, Step
from loanwatch.runner import Runner
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt

COMPILERS = ("C1 Compil", "C2 Compil")  # as Linux names the JVM's threads, cut off after 15 characters
TURNS = 2


@dataclass(frozen=True)
class Spent:
    """CPU seconds of a step, in a JVM that has not done it before and in one that has, each in all and by the compilers."""

    step: str
    rows: int
    all: tuple[float, ...]
    compiling: tuple[float, ...]


def flags(folder: Path) -> dict[str, str]:
    return {"inbox": str(folder / "inbox"), "lake": str(folder / "lake")}


def last_release(lake: Lake) -> Attempt:
    release = publication.latest(publication.attempts(lake))
    if release is None:
        raise SystemExit(f"{lake.path}: nothing is published; run night.py first")
    return release


def measured(folder: Path, steps: Sequence[Step]) -> Iterator[Spent]:
    """Each of the steps as of the last release."""
    running, meter = Application(settings.load("local", flags=flags(folder))), Meter()
    lake, conf = running.lake, running.configuration
    release = last_release(lake)
    parent = publication.parent_of(publication.attempts(lake), release)
    given = checked(conf)
    known = {**given, "rules": in_force(given["rules"], release.as_of), "as_of": release.as_of}
    known["champions"] = Models(lake).champions(release.as_of, conf.business.currency)
    runner = Runner(lambda: running.spark, lake, release, parent, known, lambda *_: None, lambda _: None)
    jvm = session.jvm_process(running.spark)
    meter.start()
    turns = [[_performed(runner, step, meter, jvm) for step in steps] for _ in range(TURNS)]
    for step, *each in zip(steps, *turns, strict=True):
        rows = len(lake.rows(step.writes, release.partition, ("release",)))
        yield Spent(step.name, rows, tuple(one[0] for one in each), tuple(one[1] for one in each))
    meter.done.set()
    running.stop()
    session.end()


def _performed(runner: Runner, step: Step, meter: Meter, jvm: int) -> tuple[float, float]:
    before, compiled = meter.look(), _compiling(jvm)
    frames = {source.short: runner.read(source) for source in step.reads}
    made = step.function(**frames, **{name: runner.values[name] for name in step.needs})
    made.write.format("noop").mode("overwrite").save()
    runner.engine().catalog.clearCache()
    spent = meter.look() - before, _compiling(jvm) - compiled
    print(f"{step.name:<28} {spent[0]:>7.1f} CPU s, {spent[1]:>6.1f} of them compiling", flush=True)
    return spent


def _compiling(jvm: int) -> float:
    """CPU seconds of the JVM's compilers so far."""
    ticks = 0
    for thread in Path(f"/proc/{jvm}/task").iterdir():
        with suppress(OSError):  # threads end while one looks
            name, _, rest = (thread / "stat").read_text().partition(" (")[2].rpartition(") ")
            if name.startswith(COMPILERS):
                ticks += sum(map(int, rest.split()[11:13]))  # utime and stime (proc(5))
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="Where `night.py` kept book and lake.")
    parser.add_argument("wanted", nargs="*", default=STAGES, help="Stages or steps; default: all that are not of a month's end.")
    given = parser.parse_args()
    steps = [step for step in STEPS if not step.monthly and {step.stage, step.name} & {*given.wanted}]
    text = f"\n## Steps one by one\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += "| step | rows | CPU s cold | of it compiling | warm | of it compiling |\n|---|---|---|---|---|---|\n"
    for one in measured(given.folder, steps):
        figures = (f"{n:.0f}" for pair in zip(one.all, one.compiling, strict=True) for n in pair)
        text += f"| {one.step} | {one.rows:,} | {' | '.join(figures)} |\n"
    print(text)
    README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
