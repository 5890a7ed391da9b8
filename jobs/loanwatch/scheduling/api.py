"""The few questions that are put to Airflow's REST API."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import httpx

from loanwatch.errors import MachineError

DAG = "post_loan_daily"
RAISED_LINES = 5  # Spark adds a hundred of Java


@dataclass(frozen=True)
class TaskState:
    """Where one task of a run stands."""

    task: str
    state: str
    try_number: int


class Api:
    """One Airflow's REST API, as its administrator; questions about runs are about one DAG."""

    def __init__(self, url: str, dag: str = DAG) -> None:
        self._http = httpx.Client(base_url=url, timeout=30.0, trust_env=False)
        self._dag = f"/api/v2/dags/{dag}"

    def on(self, dag: str) -> Api:
        """The same about another DAG."""
        other = copy(self)
        other._dag = f"/api/v2/dags/{dag}"
        return other

    def healthy(self) -> bool:
        """Whether database, scheduler and DAG processor all say so."""
        try:
            said = self._http.get("/api/v2/monitor/health").raise_for_status().json()
        except httpx.HTTPError:
            return False
        return all((said.get(part) or {}).get("status") == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def log_in(self, user: str | None = None, password: str | None = None) -> None:
        """Fetch the token that all other questions need: of a user, or where there is none, anybody's."""
        asked = {"username": user, "password": password} if user else None
        token = self._json("POST" if user else "GET", "/auth/token", asked)["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def make_pool(self, name: str, slots: int) -> None:
        """Make a pool if it is not there."""
        if self._http.get(f"/api/v2/pools/{name}").status_code == httpx.codes.NOT_FOUND:
            self._json("POST", "/api/v2/pools", {"name": name, "slots": slots})

    def parsed_at(self) -> datetime | None:
        """When the DAG was last read; None while it has not been."""
        answer = self._http.get(self._dag)
        said = answer.json().get("last_parsed_time") if answer.is_success else None
        return datetime.fromisoformat(said) if said else None

    def import_error(self) -> str | None:
        """Why a DAG file cannot be read, if one cannot."""
        found = self._json("GET", "/api/v2/importErrors")["import_errors"]
        return f"{found[0]['filename']}: {found[0]['stack_trace']}" if found else None

    def trigger(self, as_of: date | None) -> str:
        """Ask for a run, of a business date where the DAG has one; the run's id."""
        asked = {"logical_date": None} | ({"partition_key": as_of.isoformat()} if as_of else {})
        return str(self._json("POST", f"{self._dag}/dagRuns", asked)["dag_run_id"])

    def run_state(self, run: str) -> str:
        """The state of a run: queued, running, success, failed."""
        return str(self._json("GET", self._run(run))["state"])

    def task_states(self, run: str) -> list[TaskState]:
        """The states of a run's tasks that have one."""
        found = self._json("GET", f"{self._run(run)}/taskInstances")["task_instances"]
        return [TaskState(t["task_id"], t["state"], t["try_number"]) for t in found if t["state"]]

    def answer(self, run: str, task: str, option: str) -> None:
        """Answer a task that waits for a person: Approve or Reject."""
        path = f"{self._run(run)}/taskInstances/{task}/-1/hitlDetails"
        self._json("PATCH", path, {"chosen_options": [option], "params_input": {}})

    def asked(self, run: str, task: str) -> str:
        """What a task shows to whom it waits for."""
        return str(self._json("GET", f"{self._run(run)}/taskInstances/{task}/-1/hitlDetails")["body"])

    def log_lines(self, run: str, task: str, try_number: int) -> list[str]:
        """Where the log of one try of a task stands, and its lines."""
        path = f"{self._run(run)}/taskInstances/{task}/logs/{try_number}?full_content=true"
        lines = [line for entry in self._json("GET", path)["content"] for line in _lines(entry)]
        return [line for line in lines if not line.startswith(("::group::", "::endgroup::"))]

    def _run(self, run: str) -> str:
        return f"{self._dag}/dagRuns/{quote(run, safe='')}"

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise MachineError(f"{method} {self._http.base_url}{path}: {error or type(error).__name__}") from None
        if not answer.is_success:
            raise MachineError(f"{method} {answer.url}: {answer.status_code} {answer.text[:500]}")
        return answer.json()  # type: ignore[no-any-return]


def _lines(entry: dict[str, Any] | str) -> list[str]:
    """A log entry as text: its event, and the first lines of what was raised; without the frames."""
    if isinstance(entry, str):
        return [entry]
    raised = [f"{e['exc_type']}: {e['exc_value']}".splitlines()[:RAISED_LINES] for e in entry.get("error_detail") or []]
    return [str(entry.get("event", "")), *(line for lines in raised for line in lines)]
