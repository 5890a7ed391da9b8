"""A night on more than one machine: a standalone master and two workers, and the same digests as on one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
import pyspark
import pytest
from conftest import JARS, application

from loanwatch import settings
from loanwatch.lake import Lake
from loanwatch.nights import Application
from loanwatch.seal import publication
from loanwatch.seal.step_result import results

pytestmark = pytest.mark.slow
NIGHT = date(2025, 4, 3)
START_SECONDS = 60.0
STARTS_FAST = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@contextmanager
def spark_class(log: Path, *arguments: str) -> Iterator[None]:
    """A Spark server from the pip package, gone when the block is left."""
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with log.open("w") as out:
        server = subprocess.Popen([home / "bin/spark-class", *arguments], env=environment, stdout=out, stderr=out)
        try:
            yield
        finally:
            mine = psutil.Process(server.pid)
            for process in [*mine.children(recursive=True), mine]:
                process.kill()
            server.wait()


def said(log: Path, pattern: str) -> str:
    """What a server has written to its log, once it has."""
    deadline = time.monotonic() + START_SECONDS
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    return found[1]


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The URL of a master with two registered workers of one core each."""
    with spark_class(
        tmp_path / "master.log", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0",
        "--webui-port", "0",
    ):  # fmt: skip
        url = said(tmp_path / "master.log", r"Starting Spark master at (spark://\S+)")
        worker = ("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
                  "--webui-port", "0")  # fmt: skip
        one, two = (tmp_path / f"worker-{i}" for i in (1, 2))
        with (
            spark_class(one.with_suffix(".log"), *worker, "--work-dir", str(one), url),
            spark_class(two.with_suffix(".log"), *worker, "--work-dir", str(two), url),
        ):
            for log in (one, two):
                said(log.with_suffix(".log"), "(Successfully registered) with master")
            yield url


def digests(lake: Lake) -> dict[str, str]:
    return {table: str(row["digest"]) for table, row in results(lake, publication.find(lake, NIGHT)).items()}


def test_a_cluster_gives_the_digests_of_one_machine(
    book: Path, tmp_path: Path, master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One vault for both: the same person has the same token. The workers of the cluster admit, too.

    And the cluster compiles whole stages, where the tests' one machine interprets them.
    """
    monkeypatch.setattr("loanwatch.admit.batch.ALONE_BYTES", 0)
    monkeypatch.setattr("loanwatch.admit.tasks.TASK_BYTES", 200_000)
    vault, inbox = str(tmp_path / "vault"), book / "inbox"
    there = {"master": master, "memory": "1g", "jars": str(JARS), "shuffle_partitions": 2, "java_options": STARTS_FAST}
    flags = {"inbox": str(inbox), "lake": str(tmp_path / "there"), "vault": vault, "spark": there}
    on_cluster = Application(settings.load("cluster", flags=flags))
    on_cluster.night(NIGHT)
    executors = on_cluster.spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # less the driver
    on_cluster.stop()
    monkeypatch.undo()
    alone = application(inbox, tmp_path / "here", vault=vault)
    alone.night(NIGHT)
    alone.stop()
    assert executors == 2
    assert len(digests(alone.lake)) > 15
    assert digests(on_cluster.lake) == digests(alone.lake)
