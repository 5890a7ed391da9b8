"""What the runner gives a step of the nights before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import LAST, application
from frames import frame

from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.digest import HALVES
from loanwatch.errors import DataError, NotNow
from loanwatch.lake import Lake
from loanwatch.pipeline import STEPS, Step
from loanwatch.report.tables import VINTAGE
from loanwatch.runner import Runner
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import StepResult, note, results

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NIGHTS = {date(2025, 1, 30): "A", date(2025, 1, 31): "B", date(2025, 2, 27): "C", date(2025, 2, 28): "D", date(2025, 3, 31): "E"}


def night(lake: Lake, day: date, floor: str) -> Attempt:
    """A night that has classed one loan, by this floor."""
    attempt = publication.fix(lake, publication.open_attempt(lake, day, "a test"), 1, "conf", "code")
    row = {"loan_id": "P01:1", "five_class": "normal", "floor": floor, "provisional": False,
           "book_minor": 1, "currency": "CNY"}  # fmt: skip
    lake.append(LOAN_CLASS, [{"as_of": day, "release": attempt.release, **row}])
    return publication.publish(lake, attempt)


def test_a_step_reads_its_parent_and_the_month_ends_before(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    nights = {day: night(lake, day, floor) for day, floor in NIGHTS.items()}

    def seen(day: date, months: int) -> tuple[set[str], list[tuple[date, str]]]:
        parent = publication.parent_of(nights.values(), nights[day])
        runner = Runner(lambda: spark, lake, nights[day], parent, {}, lambda *_: None, lambda _: None)
        before = {row["floor"] for row in runner.read(LOAN_CLASS.parent).collect()}
        ends = runner.read(LOAN_CLASS.month_ends(months)).orderBy("as_of").collect()
        return before, [(row["as_of"], row["floor"]) for row in ends]

    jan, feb = date(2025, 1, 31), date(2025, 2, 28)
    assert seen(date(2025, 3, 31), 13) == ({"D"}, [(jan, "B"), (feb, "D")])
    assert seen(date(2025, 3, 31), 1) == ({"D"}, [(feb, "D")])
    assert seen(feb, 13) == ({"C"}, [(jan, "B")])
    assert seen(date(2025, 1, 30), 13) == (set(), [])


def test_a_step_reads_what_the_line_of_parents_has_added(spark: SparkSession, tmp_path: Path) -> None:
    """As far back as it asks, the date of each row beside it, and nothing of the night itself."""
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    nights = {day: night(lake, day, floor) for day, floor in NIGHTS.items()}

    def seen(day: date, months: int) -> list[tuple[date, str]]:
        parent = publication.parent_of(nights.values(), nights[day])
        runner = Runner(lambda: spark, lake, nights[day], parent, {}, lambda *_: None, lambda _: None)
        rows = runner.read(LOAN_CLASS.line(months))
        assert rows.columns == [*LOAN_CLASS.names, "as_of"]
        return [(row["as_of"], row["floor"]) for row in rows.orderBy("as_of").collect()]

    told = list(NIGHTS.items())
    assert seen(date(2025, 3, 31), 13) == told[:4]
    assert seen(date(2025, 3, 31), 0) == []  # nothing before the month itself
    assert seen(date(2025, 1, 31), 13) == told[:1]
    assert seen(date(2025, 1, 30), 13) == []


def test_a_month_s_step_is_not_performed_on_other_dates(tmp_path: Path) -> None:
    """Its table is there, and it is noted with no rows: no engine is started for it."""
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = night(lake, date(2025, 3, 30), "A")
    told: list[StepResult] = []
    runner = Runner(lambda: pytest.fail("starts an engine"), lake, attempt, None, {}, lambda *_: None, told.append)
    (step,) = (step for step in STEPS if step.writes is VINTAGE)
    runner.run(step)
    assert [(result.step, result.rows, result.digest, set(result.sums.values())) for result in told] == [
        ("report.vintage", 0, "-".join("0" * HALVES), {0})
    ]
    assert results(lake, attempt)["report.vintage"]["rows"] == 0
    assert lake.files(VINTAGE) == []


def test_rows_that_are_not_as_their_columns_say_are_named_and_are_not_of_the_table(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = night(lake, date(2025, 3, 31), "A")
    good = {"partner_id": "P01", "product": "consumer", "currency": "CNY", "opened_month": date(2025, 1, 1), "months_on_book": 2,
            "loans": 1, "principal_minor": 5, "exposure_minor": 4, "loans_31_plus": 0, "exposure_31_plus_minor": 0,
            "loans_91_plus": 0, "exposure_91_plus_minor": 0, "loans_unknown": 0}  # fmt: skip
    rows = [good, good | {"partner_id": "P02", "loans": None}, good | {"partner_id": "P03", "product": "bicycle", "loans": -1}]

    def performed(made: list[dict[str, Any]]) -> Runner:
        step = SimpleNamespace(name=VINTAGE.name, writes=VINTAGE, reads=(), needs=(), monthly=True,
                               function=lambda: frame(spark, VINTAGE, made))  # fmt: skip
        runner = Runner(lambda: spark, lake, attempt, None, {}, lambda *_: None, lambda _: None)
        runner.run(cast(Step, step))
        return runner

    with pytest.raises(DataError) as error:
        performed(rows)
    said = str(error.value)
    assert said.startswith("report.vintage: not as declared: product (required; product IN (") and "'vehicle')): 1 rows" in said
    assert "loans (required; loans >= 0): 2 rows, such as partner_id, product, currency, opened_month P02 consumer CNY" in said
    assert lake.files(VINTAGE) == [] and VINTAGE.name not in results(lake, attempt)
    performed([good])  # what was left of the first lies there no more
    (file,) = lake.files(VINTAGE, attempt.as_of, attempt.release)
    assert [path.name for path in Path(file).parent.iterdir() if not path.name.startswith(".")] == [Path(file).name]
    assert results(lake, attempt)[VINTAGE.name]["rows"] == 1


def test_what_a_dead_process_had_written_is_replaced(spark: SparkSession, tmp_path: Path) -> None:
    """Committed and not noted: the next takes its place; files beside it go when the table is put together."""
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    day = date(2025, 3, 30)
    for n, kept in enumerate(([], ["A"], ["B", "C"], [], ["D"])):
        folder = lake.folder(LOAN_CLASS, day, 1)
        row = {"five_class": "normal", "floor": "none", "provisional": False, "book_minor": 1, "currency": "CNY"}
        rows = frame(spark, LOAN_CLASS, [row | {"loan_id": f"P01:{loan}"} for loan in kept])
        rows.write.mode("append").parquet(str(folder / f"{n}"))
        (folder / f"{n}").rename(folder.with_name(f"x{n}"))
        new = [path.rename(folder / path.name) for path in folder.with_name(f"x{n}").glob("part-*.parquet") if kept]
        lake.commit(LOAN_CLASS, day, 1, new)
        assert sorted(row["loan_id"] for row in lake.rows(LOAN_CLASS).to_pylist()) == [f"P01:{loan}" for loan in kept]
        assert lake.partitions(LOAN_CLASS) == ({(day, 1)} if kept else set())


def test_no_stage_begins_before_the_steps_of_earlier_ones_are_done(tmp_path: Path) -> None:
    """What was not written would be read as empty, and sealed."""
    running = application(tmp_path, tmp_path / "lake")
    running.lake.open("demo")
    attempt = publication.fix(running.lake, publication.open_attempt(running.lake, LAST, "a test"), 1, "conf", "code")
    for step in STEPS:
        if step.writes is not VINTAGE:
            note(running.lake, attempt, StepResult(step.name, 0, "", {}, 0))
    with pytest.raises(NotNow, match=r"has not done report.vintage; run it from the stage report"):
        running.build(attempt, running.configuration, ("seal",))
