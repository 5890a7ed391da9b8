"""What a task of the nightly DAG does: some stages of the night of a date, in a Spark application of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from loanwatch import session, settings
from loanwatch.errors import UsageError
from loanwatch.pipeline import APPLICATIONS, STAGES, STEPS
from loanwatch.settings import Settings

if TYPE_CHECKING:
    from loanwatch.nights import Application
    from loanwatch.seal.step_result import StepResult

log = logging.getLogger(__name__)

# Airflow's root logger stands at INFO: Great Expectations says 200 lines a night there, about itself.
TALKATIVE = ("great_expectations", "py4j")


def resolved() -> Settings:
    """The settings of this environment: LOANWATCH_ENV, LOANWATCH_TENANT and the layer LOANWATCH__*."""
    return settings.load(os.environ.get("LOANWATCH_ENV", "local"), os.environ.get("LOANWATCH_TENANT", "demo"))


def applications(of: Settings) -> dict[str, tuple[str, str]]:
    """The tasks of a night: name, and the first and last stage of each."""
    return dict(APPLICATIONS) if of.night.applications == "three" else {"night": (STAGES[0], STAGES[-1])}


def published_tables() -> tuple[str, ...]:
    """The public tables that publication makes visible, all at once."""
    return tuple(step.name for step in STEPS if step.writes.public)


def business_date(partition_key: str | None, params: Mapping[str, object]) -> date:
    """The date a run is for: its partition, else its parameter; never the clock, never a logical date."""
    given = partition_key or params.get("business_date")
    if not given:
        raise UsageError("no business date: trigger with the partition key, or the parameter business_date, as 2025-04-01")
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise UsageError(f"business date {given!r} is no date; write it as 2025-04-01") from None


def perform(as_of: date, first: str, last: str) -> None:
    """Run stages of the night of a date. The Spark session, and its JVM, are gone when this returns or raises."""
    with _application() as application:
        attempt = application.night(as_of, first, last)
    log.info("night as_of=%s stages=%s..%s release=%d state=%s", as_of, first, last, attempt.release, attempt.state)


def refresh_collateral() -> None:
    """Value and flag what has arrived about collateral since the last release."""
    with _application() as application:
        from loanwatch import intraday

        intraday.refresh(application)


def refresh_models(before: date) -> None:
    """Fit the models of houses and vehicles anew on sales before a date, and promote what is better."""
    from loanwatch import modelling

    for said in modelling.refresh(resolved(), before):
        log.info(said)


def keep_house() -> None:
    """Take away what the lake does not need any more, and put its files together."""
    from loanwatch.housekeeping import Housekeeping
    from loanwatch.lake import Lake

    done = Housekeeping(Lake(resolved().lake)).keep()
    log.info("retired=%d abandoned=%d compacted=%d removed=%d", done.retired, done.abandoned, done.compacted, done.removed)


@contextmanager
def _application() -> Iterator[Application]:
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    from loanwatch.nights import Application

    application = Application(resolved(), say=_say)
    try:
        yield application
    finally:
        application.stop()
        session.end()


def _say(done: StepResult) -> None:
    log.info("step=%s rows=%d wall_ms=%d", done.step, done.rows, done.wall_ms)
