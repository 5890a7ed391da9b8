"""What a class remembers of a loan from night to night: the observation of a restructured one, and how long all has been paid.

Order (CBIRC, PBOC) 2023 No. 1, ch. 3 (domain.md 1.1): the observation of a restructured loan begins on the first repayment date
agreed after the change, or at the last miss since, and takes a year and two repayments in a row at least; a loan that is
non-performing when it would end begins again. What each night knew is remembered and not computed anew.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.tables import OBSERVATION
from loanwatch.codes import CLASSES, NON_PERFORMING

RESTRUCTURING, EASING = "restructuring", ("extension", "holiday", "re_age")  # the latter are one where the debtor is in trouble
MONTHS, PERIODS = 12, 2
LOOKED_BACK_MONTHS = 24  # for changes that were not known before
BEFORE = tuple(name for name in OBSERVATION.names if name != "loan_id")


def observation(
    loan_day: DataFrame,
    roll_over: DataFrame,
    loan_event: DataFrame,
    loan_class_before: DataFrame,
    observation_before: DataFrame,
    as_of: date,
) -> DataFrame:
    """`classify.observation`: one row per loan of the day that was non-performing, or changed in the last two years."""
    remembered = _remembered(roll_over, loan_event, loan_class_before, observation_before, as_of)
    day, before = F.lit(as_of), {name: F.col(f"before.{name}") for name in BEFORE}
    loans = loan_day.join(F.broadcast(remembered), on="loan_id")
    for columns in (_of_day, _changed, _started, _missed, _counted):
        loans = loans.withColumns(columns(day, before))
    reached = ~F.col("waits") & (F.add_months("begun_on", MONTHS) < day) & (F.col("in_a_row") >= PERIODS)
    # A miss of the last day is seen the day after: the period has to be over, not only to end.
    loans = loans.withColumn("reached", F.col("watched") & reached)
    loans = loans.withColumn("again", F.col("reached") & ~(F.col("clear") & ~F.col("was_non_performing")))
    kept = F.col("was_non_performing") | F.col("observed") | _recent("looked_on", as_of)
    return loans.select(*_state(day, before)).where(kept)


def _remembered(
    roll_over: DataFrame, loan_event: DataFrame, loan_class_before: DataFrame, observation_before: DataFrame, as_of: date
) -> DataFrame:
    """One row per loan with anything to remember: what the parent release told of it, and the days of its changes."""
    recent = loan_event.where(_recent("happened_on", as_of))
    easing = F.when(F.col("kind").isin(*EASING), F.col("happened_on"))
    events = recent.where(F.col("kind").isin(RESTRUCTURING, *EASING)).select(
        "loan_id", F.when(F.col("kind") == RESTRUCTURING, F.col("happened_on")).alias("told_on"), easing.alias("eased_on")
    )
    classed = loan_class_before.where(F.col("five_class") != CLASSES.words[0])
    parts = [
        events,
        roll_over.where("carried_since is not null").select("loan_id", F.lit(True).alias("rolled")),
        classed.select("loan_id", F.lit(True).alias("was_worse"), F.col("five_class").isin(*NON_PERFORMING).alias("was_npl")),
        observation_before.select("loan_id", F.struct(*BEFORE).alias("before")),
    ]
    rows = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)
    found = rows.groupBy("loan_id").agg(
        F.collect_set("told_on").alias("told"), F.collect_set("eased_on").alias("eased"), F.max("before").alias("before"),
        *[F.coalesce(F.max(name), F.lit(False)).alias(name) for name in ("rolled", "was_worse", "was_npl")],
    )  # fmt: skip
    anything = (F.size("told") + F.size("eased") > 0) | F.col("rolled") | F.col("was_npl") | F.col("before").isNotNull()
    return found.where(anything)


Columns = dict[str, Column]


def _of_day(day: Column, before: Columns) -> Columns:
    """What is past due on the day, what is known to be paid, and whether a due date has come since the night before."""
    contract, own = F.col("days_past_due"), F.col("own_days_past_due")
    excused = F.coalesce(F.col("technical") & (own <= contract), F.lit(False))
    came = F.coalesce(before["next_due_on"] <= day, F.lit(False))
    return {
        "was_non_performing": F.col("was_npl"),
        "late": ~excused & F.coalesce(F.greatest(contract, own) > 0, F.lit(False)),
        "clear": excused | F.coalesce((contract == 0) & (own == 0), F.lit(False)),
        "came": came,
        "last_due_on": F.when(came, before["next_due_on"]).otherwise(before["due_on"]),
    }


def _changed(day: Column, before: Columns) -> Columns:
    """Changes of the contract that were not looked at before, of a debtor in financial difficulty then (art. 18 to 20)."""
    in_trouble = F.col("late") | F.col("was_worse")
    none, opened = F.array().cast("array<date>"), F.when(F.col("rolled"), F.array("opened_on"))
    since = F.greatest(before["looked_on"], F.add_months(day, -LOOKED_BACK_MONTHS))
    told = F.filter(F.array_union(F.col("told"), F.coalesce(opened, none)), lambda on: on > since)
    eased = F.filter("eased", lambda on: on > since)
    last = F.greatest(F.array_max(told), F.array_max(eased))
    return {
        "changes": F.array_union(told, F.when(in_trouble, eased).otherwise(none)),
        "looked_on": F.coalesce(last, before["looked_on"]),
    }


def _started(day: Column, before: Columns) -> Columns:
    """Whether it is observed, and how many changes there were; it waits until the first repayment date after the change has come.

    Of a change that is first known later that date is the next one: an observation is never too short.
    """
    started, was = F.size("changes") > 0, F.coalesce(before["observed"], F.lit(False))
    last = F.array_max("changes")
    within = F.size(F.filter("changes", lambda on: on > F.add_months(last, -MONTHS)))
    times = F.when(started & was, before["restructurings"] + F.size("changes")).when(started, within)
    return {
        "watched": started | was,
        "was_watched": was,
        "changed_on": F.coalesce(last, before["restructured_on"]),
        "times": F.coalesce(times, before["restructurings"], F.lit(0)),
        "waits": started | (was & (day < before["observed_from"])),
        "turned": F.col("was_npl") & ~F.coalesce(before["was_non_performing"], F.lit(False)),
    }


def _missed(day: Column, before: Columns) -> Columns:
    """Where its clock stands: money pays what is oldest first, so where anything is past due the last due date was missed."""
    own_since = F.when(F.col("own_days_past_due") > 0, F.date_sub(day, F.col("own_days_past_due")))
    last_due = F.when(F.col("last_due_on") < day, F.col("last_due_on"))
    missed_on = F.when(F.col("late"), F.greatest("unpaid_since", own_since, last_due))
    worse_on = F.when(F.col("turned"), day)
    begun = F.greatest(before["observed_from"], missed_on, worse_on)
    return {"begun_on": F.when(F.col("waits"), F.coalesce("next_due_on", day)).when(F.col("watched"), begun)}


def _counted(day: Column, before: Columns) -> Columns:
    """How often it began again, and how many repayments in a row were made since."""
    restarted = F.col("was_watched") & ~F.col("waits") & (F.col("begun_on") > before["observed_from"])
    paid = (F.col("came") & F.col("clear") & (F.col("last_due_on") >= F.col("begun_on"))).cast("int")
    anew = F.col("waits") | restarted | F.col("late")
    restarts = F.when(F.col("was_watched"), before["restarts"]).otherwise(0)
    return {
        "begun_again": restarts + F.coalesce(restarted, F.lit(False)).cast("int"),
        "in_a_row": F.when(anew, 0).otherwise(F.coalesce(before["periods"], F.lit(0)) + F.coalesce(paid, F.lit(0))),
    }


def _state(day: Column, before: Columns) -> list[Column | str]:
    """The row as it is remembered."""
    observed = F.col("watched") & ~(F.col("reached") & ~F.col("again"))
    clear, came, zero = F.col("clear"), F.col("came").cast("int"), F.lit(0)
    goes_on = F.size("changes") == 0  # what was agreed anew has to be paid anew
    return [
        "loan_id", "was_non_performing", observed.alias("observed"), "looked_on", F.col("changed_on").alias("restructured_on"),
        (F.size("changes") > 0).alias("changed"),
        F.when(observed, F.col("times")).otherwise(zero).alias("restructurings"),
        F.when(observed, F.when(F.col("again"), day).otherwise(F.col("begun_on"))).alias("observed_from"),
        F.when(observed, F.col("begun_again") + F.col("again").cast("int")).otherwise(zero).alias("restarts"),
        F.when(observed & ~F.col("again"), F.col("in_a_row")).otherwise(zero).alias("periods"),
        F.when(clear & goes_on, F.coalesce(before["clear_since"], day)).when(clear, day).alias("clear_since"),
        F.when(clear & goes_on, F.coalesce(before["clear_periods"], zero) + came).otherwise(zero).alias("clear_periods"),
        F.col("last_due_on").alias("due_on"), "next_due_on",
    ]  # fmt: skip


def _recent(column: str, as_of: date) -> Column:
    return F.coalesce(F.col(column) > F.add_months(F.lit(as_of), -LOOKED_BACK_MONTHS), F.lit(False))
