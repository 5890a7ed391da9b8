"""A night: from an open attempt to a published release, in one process or in several that share the attempt.

An attempt belongs to its date: any task or `run --date D` joins it. It fixes K, configuration, code and
parent once, after admission. A failed gate, or configuration or code that changed, abandons it; a
machine's fault leaves it to be resumed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from loanwatch import calendars, configuration, session
from loanwatch.admit.batch import Admission
from loanwatch.admit.limits import FeedLimits
from loanwatch.admit.tables import CONF
from loanwatch.configuration import Configuration
from loanwatch.cover.model.champions import Models
from loanwatch.errors import DataError, NotNow, UsageError
from loanwatch.flag.rules import in_force, sound
from loanwatch.gates import Gate
from loanwatch.lake import Lake
from loanwatch.locks import Lease, holder, lease
from loanwatch.pipeline import SEALED, STAGES, STEPS, stages
from loanwatch.runner import Runner
from loanwatch.seal import approval, audit_log, log_proof, milder, publication
from loanwatch.seal.approval import Approvals
from loanwatch.seal.audit_log import Head
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import StepResult, results
from loanwatch.seal.waivers import waivers
from loanwatch.settings import Settings
from loanwatch.values import values
from loanwatch.vault import Vault

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

ADMISSION_WAIT_SECONDS = 60.0


@dataclass
class Application:
    """One process at work on a lake: settings, and a Spark session that starts when first asked for."""

    settings: Settings
    say: Callable[[StepResult], None] = lambda result: None
    _leases: list[Lease] = field(default_factory=list)
    _starting: Future[SparkSession] | None = None

    @cached_property
    def lake(self) -> Lake:
        return Lake(self.settings.lake)

    @cached_property
    def spark(self) -> SparkSession:
        started = self.begin_spark().result()
        for held in self._leases:
            held.note_jvm(session.jvm_process(started))
        return started

    def begin_spark(self) -> Future[SparkSession]:
        """Start the session beside what is done first: it takes as long as a small night's admission."""
        if not self._starting:
            beside = ThreadPoolExecutor(1)
            self._starting = beside.submit(session.start, self.settings)
            beside.shutdown(wait=False)
        return self._starting

    def stop(self) -> None:
        """End the Spark session, if one was started."""
        if self._starting and not self._starting.exception():
            self._starting.result().stop()
        self._starting = None
        self.__dict__.pop("spark", None)

    @contextmanager
    def holding(self, name: str, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold a lease of the lake, with the JVM that works for it; NotNow names a holder that is alive."""
        with lease(self.settings.lake, name, wait_seconds) as held:
            if "spark" in self.__dict__:  # of the night before
                held.note_jvm(session.jvm_process(self.spark))
            self._leases.append(held)
            try:
                yield
            finally:
                self._leases.remove(held)

    @cached_property
    def configuration(self) -> Configuration:
        return configuration.load(self.settings)

    @cached_property
    def code_digest(self) -> str:
        return configuration.code_digest()

    def night(self, as_of: date, first: str = STAGES[0], last: str = STAGES[-1]) -> Attempt:
        """Run stages of the night of a date; the attempt, published if `seal` was among them.

        A date already published changes nothing and gives its release. NotNow where the date before is
        missing or somebody else is at work; UsageError for a date that can never be, or a configuration that is not approved.
        """
        sound(checked(self.configuration)["rules"])  # before anything is opened
        self.lake.open(self.settings.tenant)
        self.record()
        if done := self._published(as_of):
            return done
        self.approvals.demand(approval.configuration_of(self.configuration.digest))
        with self.holding("night"):
            if done := self._published(as_of):
                return done
            return self._perform(self._join(as_of), stages(first, last))

    def _published(self, as_of: date) -> Attempt | None:
        """The current release of a date; raises where the date is not one that can be run now."""
        calendar = self.settings.business.calendar
        if not calendars.is_business(calendar, as_of):
            raise UsageError(f"{as_of} is no business date of the calendar {calendar!r}")
        now = publication.current(publication.attempts(self.lake))
        if as_of in now:
            return now[as_of]
        if now and as_of < min(now):
            raise UsageError(f"{as_of} is before the first published date, {min(now)}")
        if now and as_of != (due := calendars.next_date(calendar, max(now))):
            raise NotNow(f"{as_of} has to wait: {due} is next; run it, or `loanwatch catch-up --to {as_of}`")
        return None

    def _join(self, as_of: date) -> Attempt:
        """The open attempt of the date, if it still holds; otherwise a new one."""
        for attempt in publication.attempts(self.lake):
            if attempt.state != "open":
                continue
            if attempt.kind == "night" and attempt.as_of != as_of:
                raise NotNow(
                    f"an attempt for {attempt.as_of} is open, by {attempt.holder}; run it, or `loanwatch unlock`"
                )
            if changed := self._changed(attempt):
                publication.abandon(self.lake, attempt, changed)
                log.warning("abandoned release=%d: %s", attempt.release, changed)
                break
            return attempt
        return publication.open_attempt(self.lake, as_of, holder())

    def _changed(self, attempt: Attempt) -> str | None:
        if attempt.kind != "night":
            return "a restatement that died before it was published"
        if not attempt.fixed:
            return None
        if attempt.conf_digest != self.configuration.digest:
            return "the configuration changed while it was open"
        return "the code changed while it was open" if attempt.code_digest != self.code_digest else None

    def _perform(self, attempt: Attempt, wanted: tuple[str, ...]) -> Attempt:
        try:
            if any(step.stage in wanted for step in STEPS):
                self.begin_spark()
            if not attempt.fixed:
                if "admit" not in wanted:
                    raise NotNow(f"the attempt for {attempt.as_of} has not admitted yet; run it from the stage admit")
                attempt = self._admit(attempt)
                milder.demand(self.approvals, attempt)
            self.build(attempt, self.configuration, wanted)
            return self.published(attempt) if "seal" in wanted else attempt
        except DataError as error:
            publication.abandon(self.lake, attempt, str(error))
            raise

    def published(self, attempt: Attempt) -> Attempt:
        """The attempt, made what readers see."""
        done = publication.publish(self.lake, attempt)
        self.record()
        return done

    def record(self) -> Head:
        """Enter in the audit log what has happened, be it in a run that died, and deposit its head after a publication."""
        log = audit_log.record(self.lake)
        self.deposits.bring(log)
        return audit_log.head(log)

    @property
    def deposits(self) -> Deposits:
        return Deposits(self.settings.deposit_path)

    @property
    def approvals(self) -> Approvals:
        return Approvals.of(self.settings)

    def _admit(self, attempt: Attempt) -> Attempt:
        """Admit what is there for the date, then fix what the attempt knows and runs with."""
        with lease(self.settings.lake, "admission", ADMISSION_WAIT_SECONDS):
            known = self.admission(attempt.release).admit(attempt.as_of)
            if not known:
                raise UsageError(f"{self.settings.inbox.resolve()}: no delivery up to {attempt.as_of}; is --inbox right?")
            land(self.lake, self.configuration)
            return publication.fix(self.lake, attempt, known, self.configuration.digest, self.code_digest)

    def admission(self, release: int, only: frozenset[str] | None = None) -> Admission:
        """Admission into the lake, of all feeds or some; whoever uses it holds the lease `admission`."""
        from loanwatch.admit.work import spread

        settings = self.settings
        return Admission(
            self.lake, Vault(settings.vault_path, settings.vault_key), settings.inbox,
            work=lambda function, tasks: spread(self.spark, function, tasks),
            limits=FeedLimits.of(self.configuration), release=release, originals_kept_days=settings.originals_kept_days, only=only,
        )  # fmt: skip

    def build(self, attempt: Attempt, conf: Configuration, wanted: tuple[str, ...] = STAGES) -> None:
        """Perform the steps of an attempt that it does not have yet; then, if `seal` is wanted, certificate and page.

        Everything but publication. NotNow where a step of an earlier stage is missing: what comes next would read nothing
        for it. DataError where a gate or a statement does not hold.
        """
        self._complete(attempt, before=wanted[0])
        parent = publication.parent_of(publication.attempts(self.lake), attempt)
        given = checked(conf)
        known = {**given, "rules": in_force(given["rules"], attempt.as_of), "as_of": attempt.as_of}
        known["champions"] = Models(self.lake).champions(attempt.as_of, conf.business.currency)
        gate = Gate(self.lake, attempt, parent)
        runner = Runner(lambda: self.spark, self.lake, attempt, parent, known, gate, self.say)
        for step in STEPS:
            if step.stage in wanted:
                runner.run(step)
        if "seal" in wanted:
            self._seal(attempt, conf)

    def _complete(self, attempt: Attempt, before: str) -> None:
        """Refuse to go on where an earlier stage has not done all its steps."""
        earlier, done = STAGES[: STAGES.index(before)], results(self.lake, attempt)
        missing = [step for step in STEPS if step.stage in earlier and step.name not in done]
        if missing:
            names = ", ".join(step.name for step in missing)
            raise NotNow(f"the attempt for {attempt.as_of} has not done {names}; run it from the stage {missing[0].stage}")

    def _seal(self, attempt: Attempt, conf: Configuration) -> None:
        """State what was counted, and write the page."""
        from loanwatch.seal.certificate import certify
        from loanwatch.seal.front_page import write_page

        approved = [self.approvals.stated(approval.configuration_of(conf.digest)), *milder.stated(self.approvals, attempt)]
        content = certify(self.lake, attempt, conf, SEALED, log_proof.whole(self.lake, self.deposits), approved)
        log.info("certified release=%d content=%s", attempt.release, content[:16])
        write_page(self.lake, self.settings, conf, attempt, content)


def checked(conf: Configuration) -> dict[str, Any]:
    """The plain values that steps may need, before the business date is known; UsageError for rules that do
    not parse, and waivers or limits that are none."""
    waivers(conf)
    FeedLimits.of(conf)
    return values(conf)


def land(lake: Lake, conf: Configuration) -> None:
    """Keep the texts of a configuration in the lake, by its digest."""
    if not len(lake.rows(CONF, f"conf_digest = '{conf.digest}'", ("path",))):
        texts = conf.texts.items()
        lake.append(CONF, [{"conf_digest": conf.digest, "path": path, "text": text} for path, text in texts])


def landed(lake: Lake, digest: str) -> Configuration:
    """The configuration that a release ran with."""
    texts = lake.rows(CONF, f"conf_digest = '{digest}'", ("path", "text")).to_pylist()
    return Configuration({row["path"]: row["text"] for row in texts})
