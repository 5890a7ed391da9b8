"""Airflow without a screen: its servers as children of this process, and runs followed to their end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

from loanwatch.errors import MachineError
from loanwatch.scheduling.api import Api, TaskState
from loanwatch.scheduling.home import PASSWORDS, POOL, Home
from loanwatch.scheduling.processes import Processes, ended_at_exit

AIRFLOW = (sys.executable, "-m", "airflow")
SERVERS = ("api-server", "scheduler", "dag-processor")  # nothing here is deferred: no triggerer
START_SECONDS = 180.0
POLL_SECONDS = 0.5
LOG_LINES = 20
ENDED = ("success", "failed")
Say = Callable[[str], None]


@contextmanager
def serving(home: Home, say: Say) -> Iterator[tuple[Api, Processes]]:
    """An Airflow that is up, healthy and has read the DAG; gone when the block is left."""
    begun, began_at = time.monotonic(), datetime.now(UTC)
    home.folder.mkdir(parents=True, exist_ok=True)
    passwords = home.passwords()
    processes = Processes(home.folder / "servers", home.environment())
    with ended_at_exit(processes):
        processes.run("db-migrate", (*AIRFLOW, "db", "migrate"))
        for name in SERVERS:
            processes.start(name, (*AIRFLOW, name))
        api = Api(home.url)
        _await(api.healthy, processes, "servers are not healthy")
        user = next(iter(home.users), None)
        api.log_in(user, passwords.get(user or ""))
        api.make_pool(POOL, slots=1)
        _await(lambda: _parsed(api, began_at), processes, "the DAG has not been read")
        say(f"airflow is up after {time.monotonic() - begun:.0f} s at {home.url}, in {home.folder}")
        yield api, processes


def run(home: Home, dates: Sequence[date], say: Say) -> bool:
    """Run business dates one after another, up to the first that fails; whether all succeeded."""
    with serving(home, say) as (api, processes):
        return all(follow(api, processes, as_of, say) == "success" for as_of in dates)


def serve(home: Home, say: Say) -> None:
    """Serve the UI until this process is told to end."""
    with serving(home, say) as (_, processes):
        for user in home.users:
            say(f"user {user}, password in {home.folder / PASSWORDS}")
        say(f"open {home.url}; Ctrl-C ends it")
        while True:
            processes.check()
            time.sleep(1.0)


def follow(api: Api, processes: Processes, as_of: date | None, say: Say) -> str:
    """Trigger the run of a date, or of now, and say each change of state; the state it ends in."""
    begun, run_id, when = time.monotonic(), api.trigger(as_of), as_of or "now"
    said: dict[str, TaskState] = {}
    while True:
        processes.check()
        state = api.run_state(run_id)  # before the tasks: what ends a run is then among them
        for now in api.task_states(run_id):
            if said.get(now.task) != now:
                said[now.task] = now
                say(f"{when}  {now.task:<8} {now.state:<13} try {now.try_number}  {time.monotonic() - begun:6.1f} s")
                _tell_why(api, run_id, now, say)
        if state in ENDED:
            say(f"{when}  run      {state:<13}        {time.monotonic() - begun:6.1f} s")
            return state
        time.sleep(POLL_SECONDS)


def _tell_why(api: Api, run_id: str, now: TaskState, say: Say) -> None:
    if now.state in ("failed", "up_for_retry"):
        where, *lines = api.log_lines(run_id, now.task, now.try_number) or ["no log"]
        for line in (where, *lines[-LOG_LINES:]):
            say(f"    {line}")


def _parsed(api: Api, since: datetime) -> bool:
    if error := api.import_error():
        raise MachineError(f"a DAG cannot be read: {error}")
    parsed_at = api.parsed_at()
    return parsed_at is not None and parsed_at >= since


def _await(ready: Callable[[], bool], processes: Processes, otherwise: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        processes.check()
        if time.monotonic() >= deadline:
            raise MachineError(f"airflow: {otherwise} after {START_SECONDS:.0f} s; its logs are in AIRFLOW_HOME/servers")
        time.sleep(POLL_SECONDS)
