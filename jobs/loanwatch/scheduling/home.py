"""A private Airflow: its folder, its port, and the environment that its processes inherit."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from loanwatch.errors import UsageError

POOL = "spark"
PASSWORDS = "passwords.json"
SOURCES = Path(__file__).resolve().parents[2]  # jobs/, or site-packages


def find_dags() -> Path:
    """The folder of DAGs: ./dags, or the one beside the source tree."""
    for candidate in (Path("dags"), SOURCES.parent / "dags"):
        if (candidate / "post_loan_daily.py").is_file():
            return candidate.resolve()
    raise UsageError(f"no DAGs: {Path('dags').resolve()}/post_loan_daily.py is missing; give the folder by --dags")


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Home:
    """Where one Airflow lives. It listens on 127.0.0.1 only: whoever reaches it is an administrator, where no users are named."""

    folder: Path
    dags: Path = field(default_factory=find_dags)
    port: int = field(default_factory=free_port)
    users: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def passwords(self) -> dict[str, str]:
        """Of each user, made once and kept for the owner of the folder alone."""
        file = self.folder / PASSWORDS
        known: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
        if new := [user for user in self.users if user not in known]:
            known |= {user: secrets.token_urlsafe(12) for user in new}
            file.touch(mode=0o600)
            file.write_text(json.dumps(known) + "\n")
        return known

    def environment(self) -> dict[str, str]:
        """This process's environment, with what Airflow needs; its own LOANWATCH_* variables stay."""
        airflow = {
            "api__host": "127.0.0.1",
            "api__port": str(self.port),
            "api__base_url": self.url,
            "api__workers": "1",
            "api__secret_key": secrets.token_hex(16),
            "api_auth__jwt_secret": secrets.token_hex(32),
            "core__dags_folder": str(self.dags),
            "core__executor": "LocalExecutor",
            "core__execution_api_server_url": f"{self.url}/execution/",
            "core__load_examples": "False",
            "core__dags_are_paused_at_creation": "False",
            "core__parallelism": "2",
            "core__simple_auth_manager_all_admins": str(not self.users),
            "core__simple_auth_manager_users": ",".join(f"{user}:admin" for user in self.users) or "admin:admin",
            "core__simple_auth_manager_passwords_file": str(self.folder / PASSWORDS),
            "dag_processor__parsing_processes": "1",
            "database__sql_alchemy_conn": f"sqlite:///{self.folder}/airflow.db",
            "logging__base_log_folder": str(self.folder / "logs"),
            "logging__worker_log_server_port": str(free_port()),
            "usage_data_collection__enabled": "False",
        }
        defaults = {"LOANWATCH_CRON": "", "LOANWATCH_POOL": POOL}
        path = os.pathsep.join(filter(None, (str(SOURCES), os.environ.get("PYTHONPATH"))))
        own = {f"AIRFLOW__{name.upper()}": value for name, value in airflow.items()}
        return defaults | dict(os.environ) | own | {"AIRFLOW_HOME": str(self.folder), "PYTHONPATH": path}
