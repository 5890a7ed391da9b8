"""What forms about collateral and guarantees are filled from: each loan with each asset, or guarantee, that secures it.

Loans that share assets count as one loan (notes of G13 in the 1104 volume): its balance is shared out over all their assets by
latest value, and each asset's value over the loans by balance, to the minor unit. Only at the end of a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from loanwatch.gaps import partner_of
from loanwatch.proportion import part
from loanwatch.report.base_tables import BASE_PLEDGE, OF_GUARANTOR

OF_ASSET = {"kind": "asset_kind", "region": "asset_region", "make": "make", "model": "model", "size": "size"}
OF_CONTRACT = (
    "contract_id", "signed_on", "until_on", "maximum", "officer_no", "certificate_no", "owner_name", "owner_id_type",
    "owner_id_number",
)  # fmt: skip


def base_pledge(
    loan_day: DataFrame,
    loan: DataFrame,
    borrower: DataFrame,
    loan_class: DataFrame,
    loan_cover: DataFrame,
    pledge: DataFrame,
    pledge_detail: DataFrame,
    guarantee: DataFrame,
    guarantee_detail: DataFrame,
    asset: DataFrame,
    asset_indicator: DataFrame,
    valuation: DataFrame,
    loan_detail: DataFrame,
    as_of: date,
) -> DataFrame:
    """`report.base_pledge`: one row per loan and what secures it."""
    of_day = loan_day.select("loan_id", "balance_minor", "currency", "status")
    pledges = pledge.where("active").join(of_day.select("loan_id"), on="loan_id", how="left_semi").select(
        "loan_id", "asset_id", "lien_rank", "secured_minor",
        F.coalesce("prior_claims_minor", F.when(F.col("lien_rank") == 1, 0)).alias("prior_claims_minor"),
    )  # fmt: skip
    own = pledges.withColumn("own", F.lit(True))
    assets = _assets(of_day, pledges, valuation).join(own, on=["loan_id", "asset_id"], how="left")
    traits = asset.select("asset_id", *[F.col(name).alias(word) for name, word in OF_ASSET.items()])
    seized = asset_indicator.select("asset_id", (F.col("seizures") > 0).alias("seized"))
    detail = pledge_detail.select("loan_id", "asset_id", *OF_CONTRACT)
    of_assets = (
        assets.join(traits, on="asset_id", how="left").join(seized, on="asset_id", how="left")
        .join(detail, on=["loan_id", "asset_id"], how="left").withColumnRenamed("asset_id", "security_id")
        .withColumns({"secured_as": F.lit("collateral"), "own": F.coalesce("own", F.lit(False))})
    )  # fmt: skip
    of_guarantees = _guarantees(guarantee, guarantee_detail).join(of_day.select("loan_id"), on="loan_id", how="left_semi")
    secured = of_assets.unionByName(of_guarantees, allowMissingColumns=True)
    number = F.row_number().over(Window.partitionBy("loan_id").orderBy("secured_as", "security_id"))
    contract = Window.partitionBy("loan_id", "contract_id", "own").orderBy("secured_as", "security_id")
    secured = secured.withColumns({"security_no": number, "place": F.row_number().over(contract)})
    return _told(of_day, secured, loan, borrower, loan_class, loan_cover, loan_detail, as_of)


def _guarantees(guarantee: DataFrame, guarantee_detail: DataFrame) -> DataFrame:
    """The guarantees in force; one of whose contract nothing was told has the number of its loan and its own."""
    guarantor = [F.col(f"guarantor_{name}").alias(f"owner_{name}") for name in ("name", "id_type", "id_number")]
    told = guarantee_detail.select(
        "loan_id", "guarantee_id", F.col("contract_id").alias("told_id"), "signed_on", "maximum", "officer_no", *guarantor,
        *OF_GUARANTOR,
    )  # fmt: skip
    made = {
        "contract_id": F.coalesce("told_id", F.concat_ws("-", "loan_id", "guarantee_id")),
        "secured_as": F.lit("guarantee"),
        "own": F.lit(True),
    }
    renamed = {"guarantee_id": "security_id", "kind": "guarantee_kind", "guaranteed_minor": "secured_minor"}
    rows = guarantee.where("active").select("loan_id", *renamed, "until_on")
    rows = rows.join(told, on=["loan_id", "guarantee_id"], how="left").withColumns(made).drop("told_id")
    return rows.withColumnsRenamed(renamed)


def _told(
    of_day: DataFrame, secured: DataFrame, loan: DataFrame, borrower: DataFrame, loan_class: DataFrame, loan_cover: DataFrame,
    loan_detail: DataFrame, as_of: date,
) -> DataFrame:  # fmt: skip
    """Each loan of the day with what secures it, or alone, and what is known of the loan."""
    contracts = loan.select("loan_id", "customer_id", "pool_id", "product", F.col("matures_on").alias("loan_matures_on"))
    rows = (
        of_day.join(secured, on="loan_id", how="left").join(contracts, on="loan_id")
        .join(loan_class.select("loan_id", "five_class"), on="loan_id", how="left")
        .join(loan_cover.select("loan_id", "pledge_ratio_bp"), on="loan_id", how="left")
        .join(loan_detail.select("loan_id", F.col("contract_id").alias("loan_contract_id")), on="loan_id", how="left")
        .join(borrower.select("customer_id", "borrower_id"), on="customer_id", how="left")
    )  # fmt: skip
    of_asset = F.col("secured_as") == "collateral"
    made = {
        "month_end": F.lit(as_of),
        "partner_id": partner_of(F.col("loan_id")),
        "borrower_id": F.coalesce("borrower_id", "customer_id"),
        "secured_as": F.coalesce("secured_as", F.lit("none")),
        "security_no": F.coalesce("security_no", F.lit(0)),
        "own": F.coalesce("own", F.lit(True)),
        "written_off": F.col("status") == "written_off",
        "loan_contract_id": F.coalesce("loan_contract_id", "loan_id"),
        "loan_share_minor": F.when(of_asset, F.col("loan_share_minor")).otherwise(F.col("balance_minor")),
        "first_of_contract": F.coalesce("place", F.lit(1)) == 1,
    }
    return rows.withColumns(made).select(*BASE_PLEDGE.names)


def _assets(of_day: DataFrame, pledges: DataFrame, valuation: DataFrame) -> DataFrame:
    """Each loan of a group with each asset of the group, and what of the one falls to the other."""
    groups = pledges.select("loan_id", "asset_id").coalesce(1).mapInArrow(_grouped, "loan_id string, asset_id string, of long")
    order = F.struct("valued_on", "sender_id", "valuation_id")
    valued = F.struct("value_minor", "currency")
    values = valuation.groupBy("asset_id").agg(F.min_by(valued, order).alias("first"), F.max_by(valued, order).alias("last"))
    loans = groups.select("of", "loan_id").distinct().join(of_day.select("loan_id", "balance_minor", "currency"), on="loan_id")
    assets = groups.select("of", "asset_id").distinct().join(values, on="asset_id", how="left")
    # A value in another currency is none: the two are not compared.
    told = {name: F.when(F.col(of)["currency"] == F.col("currency"), F.col(of)["value_minor"])
            for name, of in (("first_value_minor", "first"), ("value_minor", "last"))}  # fmt: skip
    pairs = loans.join(assets, on="of").withColumns(told).drop("first", "last", "currency")
    of_loan, of_asset = Window.partitionBy("loan_id"), Window.partitionBy("asset_id")
    alone, known = F.count(F.lit(1)).over(of_loan) == 1, F.count("value_minor").over(of_loan) == F.count(F.lit(1)).over(of_loan)
    by_value = _shared("balance_minor", "value_minor", of_loan.orderBy("asset_id"))
    made = {
        "loan_share_minor": F.when(alone, F.col("balance_minor")).when(known, by_value),
        "value_share_minor": _shared("value_minor", "balance_minor", of_asset.orderBy("loan_id")),
        "first_value_share_minor": _shared("first_value_minor", "balance_minor", of_asset.orderBy("loan_id")),
    }
    return pairs.withColumns(made).drop("of", "balance_minor")


def _grouped(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Each pledge with the number of its group: loans and assets that hang together, directly or through others."""
    pledges = [batch for batch in batches if len(batch)]
    if not pledges:
        return
    table = pa.Table.from_batches(pledges)
    loans, assets = (table[name].combine_chunks().dictionary_encode() for name in ("loan_id", "asset_id"))
    rows, columns = loans.indices.to_numpy(), assets.indices.to_numpy() + len(loans.dictionary)
    nodes = len(loans.dictionary) + len(assets.dictionary)
    edges = coo_array((pc.fill_null(pa.nulls(len(table), pa.int8()), 1).to_numpy(), (rows, columns)), shape=(nodes, nodes))
    _, group = connected_components(edges, directed=False)
    yield from table.append_column("of", pa.array(group[rows], pa.int64())).to_batches()


def _shared(whole: str, by: str, window: WindowSpec) -> Column:
    """A row's part of a whole in proportion to a column; where that is nothing in all rows, the first has it all."""
    first = F.when(F.row_number().over(window) == 1, F.col(whole)).when(F.col(whole).isNotNull(), F.lit(0))
    total = F.sum(by).over(window.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing))
    return F.when(total == 0, first).otherwise(part(whole, by, window))
