"""China's five classes by the floors of days past due (Order 2023 No. 1; conf/classes/cn_five_class.yaml)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict

from loanwatch.codes import CLASSES
from loanwatch.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Floor(BaseModel):
    """More than so many days past due: at least this class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: str
    five_class: str
    more_than_days: int
    source: str


def floors(text: str) -> tuple[Floor, ...]:
    """The floors, worst first; UsageError unless they fall from class to class and end below zero days."""
    found = tuple(Floor(**row) for row in yaml.safe_load(text)["floors"])
    days = [floor.more_than_days for floor in found]
    ranks = [CLASSES.words.index(floor.five_class) for floor in found]
    if days != sorted(days, reverse=True) or ranks != sorted(ranks, reverse=True) or days[-1] != -1:
        raise UsageError(
            "conf/classes/cn_five_class.yaml: floors have to be worst first and end with more_than_days: -1"
        )
    return found


def loan_class(loan_day: DataFrame, roll_over: DataFrame, classes: Sequence[Floor]) -> DataFrame:
    """`classify.loan_class`: one row per loan of the day; first floor that matches wins."""
    from pyspark.sql import functions as F

    by_contract, own = (F.coalesce(name, F.lit(0)) for name in ("days_past_due", "own_days_past_due"))
    # Order 2023 No. 1 art. 10(1): a recorded technical cause excuses days past due, never their number alone.
    excused = F.col("technical") & (own <= by_contract)
    counted = F.when(excused, 0).when(F.col("technical"), own).otherwise(F.greatest(by_contract, own))
    days = F.greatest(counted, F.coalesce("regulatory_days_past_due", F.lit(0)))
    floor = F.coalesce(*[F.when(days > f.more_than_days, f.floor) for f in classes])
    five_class = F.coalesce(*[F.when(days > f.more_than_days, f.five_class) for f in classes])
    followed = F.col("replaced_loan_id").isNull() | F.col("regulatory_days_past_due").isNotNull()
    known = F.col("days_past_due").isNotNull() & F.col("own_days_past_due").isNotNull() & followed
    carried = roll_over.select("loan_id", "replaced_loan_id", "regulatory_days_past_due")
    return loan_day.join(F.broadcast(carried), on="loan_id", how="left").select(
        "loan_id",
        five_class.alias("five_class"),
        floor.alias("floor"),
        (~known | (F.col("repayment_gap") != "none")).alias("provisional"),
    )
