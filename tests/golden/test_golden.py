"""Every golden scenario, all of them run as one book."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import application

from loanwatch.lake import Lake
from loanwatch.scenarios.book import perform, stories
from loanwatch.scenarios.compare import differences
from loanwatch.scenarios.story import Story

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent
STORIES = stories(ROOT)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("golden")
    running = application(folder / "inbox", folder / "lake", tenant="scenarios")
    perform(STORIES, running, lambda line: None)
    running.stop()
    return running.lake


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_story_ends_as_told(lake: Lake, story: Story) -> None:
    assert list(differences(story, lake)) == []


def test_a_difference_is_found(lake: Lake, tmp_path: Path) -> None:
    """The comparison itself can fail: a changed cell and a missing row are named."""
    import shutil

    copy = tmp_path / "healthy"
    shutil.copytree(ROOT / "healthy", copy)
    then = copy / "then" / "balance.loan_day.csv"
    then.write_text(then.read_text().replace("2025-03-04,1,0", "2025-03-04,1,9").replace("2025-03-01,1,", "2025-03-01,2,"))
    lines = list(differences(Story(copy), lake))
    assert lines == [
        "healthy: balance.loan_day 2025-03-01 2: no row",
        "healthy: balance.loan_day 2025-03-04 1: days_past_due is 0, expected 9",
    ]
