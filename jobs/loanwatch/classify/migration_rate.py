"""Migration between classes since the year's opening, and the rates: form G12 of the 1104 returns (domain.md 1.2).

What has moved down, over what was there at the opening less what has been repaid, disposed of or written off since.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.codes import CLASSES, NON_PERFORMING

CELLS = [f"{word}_minor" for word in CLASSES.words]
PERFORMING = tuple(word for word in CLASSES.words if word not in NON_PERFORMING)


def migration_rate(loan_class: DataFrame, loan_class_month_ends: DataFrame, loan: DataFrame, as_of: date) -> DataFrame:
    """`classify.migration_rate`: one row per currency and class at the opening, at month-ends."""
    opened_on = F.lit(date(as_of.year - 1, 12, 31))
    opening = _assets(loan_class_month_ends.where(F.col("as_of") == opened_on), "opening")
    lent = loan.where((F.col("opened_on") > opened_on) & (F.col("opened_on") <= F.lit(as_of)))
    lent = lent.select("loan_id", F.col("currency").alias("lent_in"), F.col("principal_minor").alias("lent_minor"))
    moved = _assets(loan_class, "closing").join(opening, on="loan_id", how="full").join(lent, on="loan_id", how="full")
    currency = F.coalesce("closing_currency", "opening_currency", "lent_in")
    moved = moved.select(currency.alias("currency"), *_parts())
    rows = [_old(moved, CLASSES.words), _performing(moved), _new(moved)]
    known = F.broadcast(opening.agg((F.count(F.lit(1)) > 0).alias("known")))
    return reduce(DataFrame.unionByName, rows).join(known, how="cross").where("known").drop("known")


def _assets(loan_class: DataFrame, when: str) -> DataFrame:
    named = {"five_class": f"{when}_class", "book_minor": f"{when}_minor", "currency": f"{when}_currency"}
    return loan_class.where("book_minor > 0").select("loan_id", *[F.col(name).alias(new) for name, new in named.items()])


def _parts() -> list[Column | str]:
    """Of each loan: what is kept of the opening; what is more than that; and what was lent since and is gone again (case XII of the
    notes: also where some of the loan is left)."""
    was, now = F.coalesce("opening_minor", F.lit(0)), F.coalesce("closing_minor", F.lit(0))
    gone = F.when(F.col("opening_class").isNull(), F.greatest(F.col("lent_minor") - now, F.lit(0)))
    return [
        "opening_class", "closing_class", was.alias("opening_minor"), F.least(was, now).alias("kept_minor"),
        F.greatest(now - was, F.lit(0)).alias("more_minor"), F.coalesce(gone, F.lit(0)).alias("gone_minor"),
    ]  # fmt: skip


def _by_class(amount: str) -> list[Column]:
    cells = zip(CLASSES.words, CELLS, strict=True)
    return [F.sum(F.when(F.col("closing_class") == word, F.col(amount)).otherwise(0)).alias(cell) for word, cell in cells]


def _old(moved: DataFrame, words: tuple[str, ...]) -> DataFrame:
    """A row per class at the opening."""
    sums = moved.where(F.col("opening_class").isin(*words)).groupBy("currency", "opening_class")
    found = sums.agg(F.sum("opening_minor").alias("opening_minor"), *_by_class("kept_minor"))
    worse = F.coalesce(*[F.when(F.col("opening_class") == word, _sum(CELLS[place + 1 :]))
                         for place, word in enumerate(words[:-1])])  # fmt: skip
    return _rated(found, worse)


def _performing(moved: DataFrame) -> DataFrame:
    """The two performing classes together: what of them is non-performing now."""
    sums = moved.where(F.col("opening_class").isin(*PERFORMING)).groupBy("currency")
    found = sums.agg(F.sum("opening_minor").alias("opening_minor"), *_by_class("kept_minor"))
    return _rated(found.withColumn("opening_class", F.lit("performing")), _sum([f"{word}_minor" for word in NON_PERFORMING]))


def _new(moved: DataFrame) -> DataFrame:
    """What came since the opening; no rate."""
    found = moved.groupBy("currency").agg(F.sum("gone_minor").alias("decrease_minor"), *_by_class("more_minor"))
    none = F.lit(None).cast("bigint")
    return found.select(
        "currency", F.lit("new").alias("opening_class"), F.lit(0).cast("bigint").alias("opening_minor"), "decrease_minor",
        *CELLS, none.alias("worse_minor"), none.alias("rate_bp"),
    )  # fmt: skip


def _rated(found: DataFrame, worse: Column) -> DataFrame:
    found = found.withColumns({"left_minor": _sum(CELLS), "worse_minor": worse})
    return found.select(
        "currency", "opening_class", "opening_minor", (F.col("opening_minor") - F.col("left_minor")).alias("decrease_minor"),
        *CELLS, "worse_minor", F.expr("worse_minor * 10000 div nullif(left_minor, 0)").alias("rate_bp"),
    )  # fmt: skip


def _sum(cells: list[str]) -> Column:
    return reduce(Column.__add__, map(F.col, cells))
