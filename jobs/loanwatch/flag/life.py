"""The life of a warning from one release to the next, as columns.

Of a warning of the parent release (`before_*`), its evidence (`now_*`), the masks of its subject and the terms of its rule.
Unknown holds the state: nothing is raised or cleared, and its days count neither as raised nor as clearing.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.masks import has
from loanwatch.flag.tables import LEFT
from loanwatch.flag.warning_columns import DROPPED, EXITED, NO_BASIS, NOT_CONCERNED, RETIRED

ALIVE = ("open", "curing", "held")
WITHOUT = {
    "borrower": "no loan of its is left", "asset": "it secures no loan any more", "pool": "no loan is left in it",
    "partner": "no loan of its is left",
}  # fmt: skip
COOL_DOWN_DAYS = 30  # of a rule that is no longer in force


def kept(warning_before: DataFrame, as_of: date) -> DataFrame:
    """What of the parent release's warnings still matters: all but those cleared too long ago.

    One that is being raised again as it is forgotten lends its run of days to the new one.
    """
    remembered = F.col("remembered_until") >= F.lit(as_of)
    dropped = F.col("remembered_until").isNull() & (F.col("ended_because") == DROPPED)
    return warning_before.where(
        (F.col("state") != "cleared") | remembered | dropped | F.col("raised_since").isNotNull()
    )


def lived(seen: DataFrame, as_of: date) -> DataFrame:
    """The columns of `flag.warning` up to what people decided; and `is_new`, whether it is raised in this release."""
    for columns in (_outcomes(), _was(as_of), _clocks(as_of), _turns(as_of), _state(as_of)):
        seen = seen.withColumns(columns)
    return seen.where(F.col("state").isNotNull()).withColumns(_colours(as_of)).withColumns(_dates(as_of))


def _outcomes() -> dict[str, Column]:
    bit, raised = F.coalesce("bit", F.lit(0)), F.col("now_colour").isNotNull()
    in_force, on_book = F.col("bit").isNotNull(), F.col("cleared").isNotNull()
    no_basis = has(F.col("no_basis"), bit)
    ends = (
        F.when(~on_book, _left())
        .when(~in_force, RETIRED)
        .when(has(F.col("not_applicable"), bit), NOT_CONCERNED)
        .when(no_basis, NO_BASIS)
    )
    is_unknown = in_force & on_book & has(F.col("unknown"), bit) & ~no_basis
    return {
        "raised": raised,
        "is_unknown": is_unknown,
        "exits": in_force & on_book & ~raised & ~is_unknown & has(F.col("cleared"), bit),
        "ends": F.when(~raised, ends),
    }


def _left() -> Column:
    """Why a subject is not on the book any more: of a loan what is known of it, of others that no loan of theirs is."""
    said = [F.when(F.col("subject") == subject, F.lit(f"{LEFT}: {words}")) for subject, words in WITHOUT.items()]
    return F.coalesce("left_because", *said, F.lit(LEFT))


def _was(as_of: date) -> dict[str, Column]:
    state = F.coalesce("before_state", F.lit("none"))
    cleared, until = state == "cleared", F.col("before_remembered_until")
    decided = F.col("decided_on") >= F.col("before_held_since")
    return {
        "was_alive": state.isin(*ALIVE),
        "was_pending": state == "pending",
        "was_held": state == "held",
        "was_dropped": cleared & until.isNull(),
        "was_cleared": cleared & F.coalesce(until >= F.lit(as_of), F.lit(True)),
        "is_released": (state == "held") & F.coalesce(decided & (F.col("decision") == "release"), F.lit(False)),
        "is_dropped": (state == "held") & F.coalesce(decided & (F.col("decision") == "drop"), F.lit(False)),
    }


def _clocks(as_of: date) -> dict[str, Column]:
    day, unknown = F.lit(as_of), F.col("is_unknown")
    # Days that were unknown are not counted: the run goes on as if it had begun so much later.
    idle = F.coalesce(F.datediff(day, "before_unknown_since"), F.lit(0))

    def since(name: str, goes_on: Column) -> Column:
        before = F.col(f"before_{name}")
        return F.when(goes_on, F.coalesce(F.date_add(before, idle), day)).when(unknown, before)

    return {
        "raised_since": since("raised_since", F.col("raised")),
        "clearing_since": F.when(F.col("was_alive"), since("clearing_since", F.col("exits"))),
        "unknown_since": F.when(unknown, F.coalesce("before_unknown_since", day)),
    }


def _turns(as_of: date) -> dict[str, Column]:
    day = F.lit(as_of)
    long_enough = F.datediff(day, "raised_since") >= F.col("raise_after_days")
    is_new = F.col("raised") & ~F.col("was_alive") & ~F.col("was_dropped") & long_enough
    exited = F.col("exits") & (F.datediff(day, "clearing_since") >= F.col("clear_after_days"))
    because = F.coalesce("ends", F.when(exited, EXITED), F.when(F.col("is_dropped"), DROPPED))
    return {
        "is_new": F.coalesce(is_new, F.lit(False)),
        "ended_because": F.when(F.col("was_alive"), because).when(F.col("was_cleared"), F.col("before_ended_because")),
        # The condition of what was dropped is over: from now on it is remembered as any other.
        "is_over": F.col("was_dropped") & ~F.col("raised") & ~F.col("is_unknown"),
    }


def _state(as_of: date) -> dict[str, Column]:
    alive, new = F.col("was_alive"), F.col("is_new")
    runs = F.col("raised") | (F.col("is_unknown") & F.col("before_raised_since").isNotNull())
    state = (
        F.when(new, "open")
        .when(alive & F.col("ended_because").isNotNull(), "cleared")
        .when(F.col("was_held") & ~F.col("is_released"), "held")
        .when(alive, F.when(F.col("clearing_since").isNotNull(), "curing").otherwise("open"))
        .when(F.col("was_cleared"), "cleared")
        .when(runs, "pending")
    )
    return {"state": state, "stays": F.col("was_cleared") & ~new, "reopens": F.col("was_cleared") & new}


def _colours(as_of: date) -> dict[str, Column]:
    stays, before = F.col("stays"), F.col("before_colour")
    colour = F.when(stays, before).otherwise(F.coalesce("now_colour", before))
    begins = F.col("is_new") | ((F.col("state") == "pending") & ~F.col("was_pending"))
    says = {
        name: F.when(stays, F.col(f"before_{name}")).otherwise(F.coalesce(f"now_{name}", f"before_{name}"))
        for name in ("says_en", "says_zh")
    }
    return {
        "begins": begins,
        "same": ~begins & F.coalesce(before == colour, F.lit(False)),
        "worsens": begins | F.coalesce((before == "amber") & (colour == "red"), F.lit(False)),
        "colour": colour,
        **says,
    }


def _dates(as_of: date) -> dict[str, Column]:
    day, state = F.lit(as_of), F.col("state")
    begins, reopens = F.col("begins"), F.col("reopens")
    clears = (state == "cleared") & ~F.col("stays")
    asked = F.date_add(day, F.col("within_days"))
    before_worsened = F.coalesce("before_worsened_on", "before_coloured_on")
    until = F.date_add(day, F.coalesce("cool_down_days", F.lit(COOL_DOWN_DAYS)))
    times = F.coalesce("before_times_reopened", F.lit(0)) + F.when(reopens, 1).otherwise(0)
    before_respond_by = F.coalesce("before_respond_by", F.date_add(before_worsened, F.col("within_days")))
    return {
        "opened_on": F.when(begins & ~reopens, F.when(F.col("is_new"), day).otherwise(F.col("raised_since")))
        .otherwise(F.col("before_opened_on")),
        "coloured_on": F.when(F.col("same"), F.col("before_coloured_on")).otherwise(day),
        "worsened_on": F.when(F.col("worsens"), day).otherwise(before_worsened),
        "times_reopened": F.when(begins & ~reopens, 0).otherwise(times),
        "held_by": F.when(state == "held", F.col("before_held_by")),
        "held_since": F.when(state == "held", F.col("before_held_since")),
        "cleared_on": F.when(clears, day).when(~begins | reopens, F.col("before_cleared_on")),
        "remembered_until": F.when(state != "cleared", None)
        .when(F.col("is_over") | (clears & (F.col("ended_because") != DROPPED)), until)
        .when(F.col("stays"), F.col("before_remembered_until")),
        "respond_by": F.when(
            state.isin("open", "curing"),
            F.when(F.col("worsens") | F.col("is_released"), asked).otherwise(before_respond_by),
        ),
        "ended_because": F.when(state == "cleared", F.col("ended_because")),
    }  # fmt: skip
