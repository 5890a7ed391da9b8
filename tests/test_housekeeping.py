"""What a lake may lose: by table, by age, by who needs it; noted before it goes; and what is said of what is gone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cli import loanwatch
from lakes import released

from loanwatch import housekeeping
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, POPULATION
from loanwatch.classify.tables import LOAN_CLASS, OBSERVATION
from loanwatch.cover.tables import MODEL_VALUE
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.errors import NotNow, UsageError
from loanwatch.explanation.explain import explain
from loanwatch.housekeeping import Housekeeping, may_go
from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.pipeline import STEPS
from loanwatch.report.tables import WATCH_LIST
from loanwatch.seal import audit_log, publication, retired, sealed_tables
from loanwatch.seal.acts import acts
from loanwatch.seal.tables import RETIRED, SEALED
from loanwatch.tables import Line, Parent, Table

FIRST = date(2025, 3, 29)  # the third is a month-end
DAYS = [FIRST + timedelta(n) for n in range(6)]
HAD: tuple[Table, ...] = (LOAN_DAY, LOAN_MONTH, POPULATION, LOAN_CLASS, OBSERVATION, MODEL_VALUE, LOAN_INDICATOR)
GO = {LOAN_DAY.name, LOAN_MONTH.name, POPULATION.name, LOAN_INDICATOR.name}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Six nights, one row in each table."""
    for day in DAYS:
        made, attempt = released(tmp_path / "lake", day, {table: [{}] for table in HAD})
        told = sealed_tables.seal(made, attempt, [LOAN_CLASS, POPULATION])
        content = sealed_tables.content_digest({name: of.digest for name, of in told.items()})
        row = {"release": attempt.release, "as_of": day, "through_delivery_no": 1, "conf_digest": "c", "code_digest": "c"}
        made.append(SEALED, [row | {"content_digest": content}])
    return made


def there(lake: Lake, *tables: Table) -> dict[str, list[date]]:
    return {table.name: sorted(as_of for as_of, _ in lake.partitions(table)) for table in tables}


def test_working_tables_go_after_so_many_nights_and_what_is_needed_stays(lake: Lake) -> None:
    done = Housekeeping(lake, nights=2).keep()
    assert there(lake, *HAD) == {
        LOAN_DAY.name: DAYS[4:], LOAN_INDICATOR.name: DAYS[4:], POPULATION.name: DAYS[4:],
        LOAN_MONTH.name: [DAYS[2], *DAYS[4:]],  # the month-end stays
        LOAN_CLASS.name: DAYS, OBSERVATION.name: DAYS, MODEL_VALUE.name: DAYS,
    }  # fmt: skip
    assert (done.retired, done.abandoned) == (4 * 4 - 1, 0)
    assert lake.rows(LOAN_DAY).num_rows == 2 and lake.rows(LOAN_CLASS).num_rows == 6
    again = Housekeeping(lake, nights=2).keep()
    assert (again.retired, again.abandoned) == (0, 0)


@pytest.mark.parametrize(("nights", "days"), [(5, DAYS[1:]), (6, DAYS)])
def test_a_release_goes_on_the_night_that_its_time_is_over(lake: Lake, nights: int, days: list[date]) -> None:
    Housekeeping(lake, nights).keep()
    assert there(lake, LOAN_DAY)[LOAN_DAY.name] == days


def test_by_the_rule_it_is_five_weeks_of_nights(lake: Lake) -> None:
    assert Housekeeping(lake).due() == [] and Housekeeping(lake).nights == 35


def test_what_is_public_or_read_through_a_parent_never_goes() -> None:
    day = publication.Attempt(1, FIRST, None, 1, "c", "c", "night", "published", "h", 1, None, None)
    read = {of.table for step in STEPS for of in step.reads if isinstance(of, Parent | Line)}
    for step in STEPS:
        assert may_go(step.writes, day) == (not step.writes.public and step.writes not in read), step.name
    assert not may_go(WATCH_LIST, day) and may_go(LOAN_DAY, day)


def test_it_is_noted_before_it_goes_and_one_that_died_between_is_gone_on_with(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def died(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Housekeeping, "_take", died)
    with pytest.raises(KeyboardInterrupt):
        Housekeeping(lake, nights=5).keep()
    assert {row["table"] for row in lake.rows(RETIRED).to_pylist()} >= GO
    assert there(lake, LOAN_DAY)[LOAN_DAY.name] == DAYS
    (entry,) = [entry for entry in audit_log.entries(lake) if entry.action == "retire"]
    assert entry.subject == f"release 1 of {FIRST}" and entry.act in acts(lake)
    monkeypatch.undo()
    assert Housekeeping(lake, nights=5).keep().retired == len(GO)
    assert there(lake, LOAN_DAY)[LOAN_DAY.name] == DAYS[1:]


def test_what_an_abandoned_attempt_wrote_goes_at_once_and_what_an_open_one_did_stays(lake: Lake) -> None:
    for day, state in ((DAYS[-1] + timedelta(1), "abandoned"), (DAYS[-1] + timedelta(2), "open")):
        attempt = publication.open_attempt(lake, day, "a test")
        for table in (LOAN_DAY, LOAN_CLASS):
            lake.append(table, [{**lake.rows(table, "true limit 1").to_pylist()[0], "as_of": day, "release": attempt.release}])
        if state == "abandoned":
            publication.abandon(lake, attempt, "a gate")
    assert Housekeeping(lake).keep().abandoned == 2
    for days in there(lake, LOAN_DAY, LOAN_CLASS).values():
        assert days == [*DAYS, DAYS[-1] + timedelta(2)]


@pytest.mark.parametrize("name", housekeeping.LEASES)
def test_it_waits_for_who_is_at_work(lake: Lake, name: str) -> None:
    with lease(lake.path, name), pytest.raises(NotNow):
        Housekeeping(lake, nights=0).keep()
    assert there(lake, LOAN_DAY)[LOAN_DAY.name] == DAYS


def test_who_looks_into_what_is_gone_is_told_how_it_comes_back(lake: Lake) -> None:
    Housekeeping(lake, nights=5).keep()
    again = rf"perform it again, `loanwatch reperform --date {FIRST} --release 1 --scratch DIR`, and ask with --lake DIR"
    with pytest.raises(UsageError, match=again):
        explain(lake, "P01:L1", FIRST)
    attempt = publication.find(lake, FIRST)
    with pytest.raises(UsageError, match=r"balance\.loan_day of it were taken away"):
        retired.refuse(lake, attempt, LOAN_DAY)
    retired.refuse(lake, attempt, LOAN_CLASS)
    retired.refuse(lake, publication.find(lake, DAYS[1]))


def test_the_seal_of_what_is_left_holds_and_what_is_gone_is_known_to_be(lake: Lake) -> None:
    """Put together and old files removed at once: other files, the same rows."""
    done = Housekeeping(lake, nights=2, file_hours=0).keep()
    assert done.compacted > 0 and done.removed > 0
    for table in HAD:
        on_disk = {str(path) for path in lake.at(table).rglob("*.parquet") if "_delta_log" not in path.parts}
        assert on_disk == set(lake.files(table))
    for day in DAYS:
        checks = sealed_tables.check(lake, publication.find(lake, day), {table.name: table for table in HAD})
        states = {check.sealed.table: "gone" if check.found is None else check.holds for check in checks}
        assert states == {LOAN_CLASS.name: True, POPULATION.name: True if day in DAYS[4:] else "gone"}
    told = audited(lake)
    assert told.returncode == 0, told.stderr
    assert "all 1 tables of release 1 of 2025-03-29 are as they were sealed" in told.stdout
    assert "1 were taken away by housekeeping; `loanwatch reperform --date 2025-03-29 --release 1`" in told.stdout


def test_a_note_does_not_excuse_what_never_goes(lake: Lake) -> None:
    lake.append(RETIRED, [{"release": 1, "as_of": FIRST, "table": LOAN_CLASS.name, "nights": 99}])
    lake.drop(LOAN_CLASS, {(FIRST, 1)})
    told = audited(lake)
    assert told.returncode == 1 and "classify.loan_class: noted in seal.retired, and never to go" in told.stderr


def audited(lake: Lake) -> CompletedProcess[str]:
    return loanwatch("audit", "tables", "--date", FIRST, "--lake", lake.path, "--env", "test")
