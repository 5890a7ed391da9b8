"""The DAGs under the real scheduler: two nights, the models after them, one night again, and one with a gap before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.cover.model.champions import Models
from loanwatch.cover.tables import ASSET_VALUE, INTRADAY_VALUE
from loanwatch.flag.tables import INTRADAY_WARNING
from loanwatch.intraday import live
from loanwatch.lake import Lake
from loanwatch.report.tables import WATCH_LIST
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.synth import synth

pytest.importorskip("airflow")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DAG, MODELS, COLLATERAL = "post_loan_daily", "model_refresh", "collateral_refresh"
FIRST, SECOND, AFTER_A_GAP = date(2025, 4, 3), date(2025, 4, 4), date(2025, 4, 9)


@dataclass
class Story:
    """What happened: the state each run ended in, what was said, and the attempts as they then stood."""

    folder: Path
    states: dict[str, str] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    revalued: str = ""

    @property
    def home(self) -> Path:
        return self.folder / "airflow"

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")


def revalued(told: Story) -> str:
    """An asset of the last release, appraised after it at a tenth of what it was worth."""
    release = told.attempts["second"][-1].release
    worth = told.lake.rows(ASSET_VALUE, f"release = {release} and value_minor > 0 order by asset_id limit 1").to_pylist()[0]
    day = SECOND + timedelta(1)
    row = {"valuation_id": "X1", "asset_id": worth["asset_id"], "valued_on": day, "value_minor": worth["value_minor"] // 10,
           "currency": worth["currency"], "method": "appraisal"}  # fmt: skip
    with DeliveryWriter(told.folder / "book" / "inbox", FEEDS["valuation"], Place("valuation", "valuer", day, 9), day) as writer:
        writer.write(pa.Table.from_pylist([row], schema=writer.schema))
    return str(worth["asset_id"])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    from loanwatch.scheduling import headless
    from loanwatch.scheduling.home import Home

    told = Story(tmp_path_factory.mktemp("headless"))
    synth(300, 95, 3, date(2025, 1, 1), told.folder / "book")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "ENV": "test", "_LAKE": told.lake.path, "_INBOX": told.folder / "book" / "inbox", "_SPARK__JARS": ROOT / ".jars",
            "RETRY_SECONDS": 1,
        }.items():  # fmt: skip
            environment.setenv(f"LOANWATCH_{name}", str(value))
        with headless.serving(Home(told.home, ROOT / "dags"), print) as (api, processes):
            runs: dict[str, tuple[str, date | None]] = {
                "first": (DAG, FIRST), "second": (DAG, SECOND), "models": (MODELS, SECOND), "collateral": (COLLATERAL, None),
                "again": (DAG, FIRST), "gap": (DAG, AFTER_A_GAP),
            }  # fmt: skip
            for name, (dag, as_of) in runs.items():
                if name == "collateral":
                    told.revalued = revalued(told)
                lines = told.said.setdefault(name, [])
                told.states[name] = headless.follow(api.on(dag), processes, as_of, lines.append)
                told.attempts[name] = publication.attempts(told.lake)
                print(*lines, sep="\n")
        yield told


def test_two_dates_are_published_one_upon_the_other(story: Story) -> None:
    assert (story.states["first"], story.states["second"]) == ("success", "success")
    published = [(a.as_of, a.state, a.parent) for a in story.attempts["second"]]
    first = story.attempts["first"][0].release
    assert published == [(FIRST, "published", None), (SECOND, "published", first)]


def test_the_watch_list_of_both_dates_has_rows(story: Story) -> None:
    for attempt in story.attempts["second"]:
        assert len(story.lake.rows(WATCH_LIST, f"release = {attempt.release}")) > 0


def test_models_are_fitted_and_value_from_the_next_night_on(story: Story) -> None:
    assert story.states["models"] == "success"
    assert story.attempts["models"] == story.attempts["second"]
    models = Models(story.lake)
    promoted = {row["kind"]: row for row in models.rows() if row["act"] == "promoted"}
    assert "flat" in promoted
    assert {(row["from_on"], row["until_on"]) for row in promoted.values()} == {(SECOND + timedelta(1), SECOND)}
    assert models.champions(SECOND + timedelta(1), "CNY").keys() == promoted.keys()


def test_a_valuation_between_nights_reaches_the_warnings_without_a_release(story: Story) -> None:
    assert story.states["collateral"] == "success"
    assert story.attempts["collateral"] == story.attempts["models"]
    values = {row["asset_id"]: row for row in live(story.lake, INTRADAY_VALUE)}
    assert values[story.revalued]["valued_on"] == SECOND + timedelta(1)
    assert any(row["outcome"] == "red" for row in live(story.lake, INTRADAY_WARNING))


def test_a_published_date_succeeds_again_and_changes_nothing(story: Story) -> None:
    assert story.states["again"] == "success"
    assert story.attempts["again"] == story.attempts["second"]


def test_a_gap_is_retried_and_then_fails_with_what_to_do(story: Story) -> None:
    assert story.states["gap"] == "failed"
    said = "\n".join(story.said["gap"])
    assert "up_for_retry" in said
    assert "NotNow: 2025-04-09 has to wait: 2025-04-05 is next" in said
    assert story.attempts["gap"] == story.attempts["second"]


def test_logs_speak_of_counts_and_not_of_great_expectations(story: Story) -> None:
    logs = "\n".join(path.read_text() for path in story.home.glob("logs/**/attempt=1.log"))
    assert "step=report.watch_list rows=" in logs
    assert "DataSourceManager" not in logs


def test_no_process_is_left(story: Story) -> None:
    import psutil

    left = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("AIRFLOW_HOME") == str(story.home)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process.cmdline())
        except psutil.Error:
            continue
    assert left == []
