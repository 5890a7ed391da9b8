"""What the model of comparable sales says an asset is worth in the middle of the month: asked once a month, not every night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.admit.collateral_feeds import TRAITS
from loanwatch.cover.tables import MODEL_VALUE

if TYPE_CHECKING:
    import pyarrow as pa

    from loanwatch.cover.model.artefact import Artefact
    from loanwatch.cover.model.champions import Champion

MIDDLE = 15  # day of the month
SEEN = ("kind", "region", "built_year", "size", *(trait.name for trait in TRAITS), "latitude_e3", "longitude_e3")
# Without these an asset is not told from another: the model says nothing.
TAKES = {"flat": ("size",), "house": ("size",), "vehicle": ("make", "model", "built_year")}
KEY = ["asset_id", "valued_for", "by_model", "traits_hash"]
TASKS = 2  # each reads the models once


def model_value(
    loan_day: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    model_value_line: DataFrame,
    as_of: date,
    champions: Mapping[str, Champion],
) -> DataFrame:
    """`cover.model_value`: assets pledged for a loan of the day that no release of the line has valued so, this month.

    A cache of admitted rows (runs.md 12): a value depends on the asset's traits, the champion and the month, and is asked anew
    where one of them has changed.
    """
    none = loan_day.sparkSession.createDataFrame([], MODEL_VALUE.spark)
    if not champions:
        return none
    pledged = pledge.where("active").join(loan_day.select("loan_id"), on="loan_id", how="left_semi").select("asset_id").distinct()
    told = [(F.col("kind") == kind) & F.concat(*TAKES[kind]).isNotNull() for kind in champions]
    wanted = asset.where(reduce(or_, told)).join(pledged, on="asset_id", how="left_semi")
    wanted = wanted.select("asset_id", *SEEN).withColumns(asked_for(as_of, champions))
    new = wanted.join(model_value_line.select(*KEY), on=KEY, how="left_anti").coalesce(TASKS)
    return new.mapInArrow(_valued(dict(champions)), MODEL_VALUE.spark)


def asked_for(as_of: date, champions: Mapping[str, Champion]) -> dict[str, Column]:
    """By which month, model and traits an asset's value is known."""
    traits = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in SEEN]
    models = [F.when(F.col("kind") == kind, champion.digest) for kind, champion in champions.items()]
    model = F.coalesce(*models, F.lit(None).cast("string"))
    return {
        "valued_for": F.lit(as_of.replace(day=MIDDLE)),
        "by_model": model,
        "traits_hash": F.xxhash64(*traits),
    }


def newest(
    asset: DataFrame, model_value: DataFrame, model_value_line: DataFrame, as_of: date, champions: Mapping[str, Champion]
) -> DataFrame:
    """Per asset what the champion of its kind says this month, of its traits as they are."""
    known = model_value.unionByName(model_value_line.select(*MODEL_VALUE.names))
    asked = asset.select("asset_id", *SEEN).withColumns(asked_for(as_of, champions)).select(*KEY)
    currency = F.lit(next((champion.currency for champion in champions.values()), None))
    return known.join(asked, on=KEY, how="inner").select(
        "asset_id", "by_model", "own_sales", F.col("value_minor").alias("said_minor"), F.col("fsd_bp").alias("said_fsd_bp"),
        F.col("wide_bp").alias("said_wide_bp"), currency.cast("string").alias("said_currency"),
    )  # fmt: skip


def _valued(champions: dict[str, Champion]):  # type: ignore[no-untyped-def]
    def values(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            for kind, champion in champions.items():
                rows = pa.Table.from_batches([batch]).to_pandas()
                rows = rows[rows["kind"] == kind].reset_index(drop=True)
                if len(rows):
                    yield _of_kind(rows, _read(champion.folder, champion.digest))

    return values


@cache
def _read(folder: str, digest: str) -> Artefact:
    """Once a process: parsing trees takes seconds."""
    from loanwatch.cover.model.artefact import load

    return load(Path(folder), digest)


def _of_kind(rows, artefact: Artefact) -> pa.RecordBatch:  # type: ignore[no-untyped-def]
    """A row an asset, as `cover.model_value` has them."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from loanwatch.cover.model.traits import days

    told = artefact.valuer.value(rows, days(pd.to_datetime(rows["valued_for"])))
    columns = {
        **{name: rows[name] for name in KEY},
        "value_minor": np.maximum(np.round(told.value), 1).astype(np.int64),
        "fsd_bp": np.round(10_000 * told.fsd).astype(np.int64),
        "wide_bp": np.round(10_000 * told.wide).astype(np.int64),
        "own_sales": rows["region"].map(artefact.card["regions"]).fillna(0).astype(np.int32),
    }
    schema = pa.schema([MODEL_VALUE.arrow.field(name) for name in MODEL_VALUE.names])
    return pa.RecordBatch.from_pandas(pd.DataFrame(columns), schema=schema, preserve_index=False)
