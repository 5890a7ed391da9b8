"""What forms of regulators are filled from: the loans of a month and those that left in the year, each with all that one row of a
form may ask for.

Only at the end of a month: the whole schedule and all money of every loan are read.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.admit.filing_feeds import LOAN_DETAIL, WRITE_OFF_DETAIL
from loanwatch.balance.tables import LATE
from loanwatch.codes import LEFT_BECAUSE
from loanwatch.gaps import partner_of
from loanwatch.report.base_tables import BASE_LOAN

REPAID, *GONE = LEFT_BECAUSE.words  # without an event, and the events
# Of a loan that has left nothing is owed; what stands in these of one that is on the book may be not known.
OWED = (
    "balance_minor", "arrears_minor", "fee_arrears_minor", "interest_arrears_minor", "principal_arrears_minor", "days_past_due",
    "missed_instalments",
)  # fmt: skip
OF_DAY = ("unpaid_since", "interest_unpaid_since", "principal_unpaid_since", "next_due_on", "next_due_minor")
RENEGOTIATED = ("extension", "restructuring", "holiday", "re_age")
DETAILS = (LOAN_DETAIL, WRITE_OFF_DETAIL)
OF_ASSET = {"kind": "asset_kind", "region": "asset_region", "make": "make", "model": "model", "built_year": "built_year"}


def base_loan(
    loan_day: DataFrame,
    roll_over: DataFrame,
    loan_month: DataFrame,
    partner: DataFrame,
    loan: DataFrame,
    borrower: DataFrame,
    instalment: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    loan_class: DataFrame,
    loan_class_month_ends: DataFrame,
    observation: DataFrame,
    observation_month_ends: DataFrame,
    loan_cover: DataFrame,
    pledge: DataFrame,
    guarantee: DataFrame,
    asset: DataFrame,
    valuation: DataFrame,
    loan_detail: DataFrame,
    write_off_detail: DataFrame,
    base_pledge: DataFrame,
    as_of: date,
) -> DataFrame:
    """`report.base_loan`: one row per loan on the book at a month-end, or that left it in the year."""
    year_began = F.lit(date(as_of.year - 1, 12, 31))
    opening = _opening(*(of.where(F.col("as_of") == year_began) for of in (loan_class_month_ends, observation_month_ends)))
    known = F.broadcast(opening.agg((F.count(F.lit(1)) > 0).alias("opening_known")))
    lent = loan.where((F.col("opened_on") > year_began) & (F.col("opened_on") <= F.lit(as_of)))
    of_month = (
        loan_month.withColumns({"of_month": F.lit(True), "month_status": F.col("status")})
        .select("loan_id", "of_month", "month_status", "missed_ever", "own_statuses")
        .join(opening, on="loan_id", how="full")
        .join(lent.select("loan_id", F.lit(True).alias("lent")), on="loan_id", how="full")
        .join(known, how="cross")
    )
    contracts = loan.select(
        "loan_id", "customer_id", "pool_id", "product", "currency", "principal_minor", "rate_bp", "opened_on", "matures_on",
        "refinances_loan_id",
    ).join(of_month, on="loan_id", how="inner")
    parts = (
        loan_day.select("loan_id", F.lit(True).alias("on_book"), F.col("status").alias("book_status"), *OWED, *OF_DAY),
        roll_over.where(~F.col("inferred")).select("loan_id", F.struct("regulatory_days_past_due").alias("rolled")),
        loan_class.select("loan_id", "five_class"),
        _last_class(loan_class_month_ends),
        observation.select("loan_id", F.col("observed").alias("restructured_"), F.col("restructurings").alias("restructurings_")),
        _scheduled_next(instalment, of_month, as_of),
        _secured(pledge, guarantee, of_month),
        _collateral(base_pledge),
        *(rows.select("loan_id", *[column.name for column in feed.facts])
          for rows, feed in zip((loan_detail, write_off_detail), DETAILS, strict=True)),
        loan_cover.select("loan_id", "assets", "cover_minor", "ltv_bp", "pledge_ratio_bp"),
        _scheduled(instalment, of_month),
        _paid(repayment, loan_event, of_month, as_of),
        _events(loan_event, of_month),
        _secured_by(pledge, asset, valuation, of_month),
    )
    whole = reduce(lambda rows, part: rows.join(part, on="loan_id", how="left"), parts, contracts)
    of_customer = borrower.select("customer_id", "borrower_id", "region", "id_type", F.col("name").alias("customer_name"))
    of_customer = of_customer.withColumn("id_number", F.when(F.col("id_type").isNotNull(), F.col("borrower_id")))
    of_partner = F.broadcast(partner.select("partner_id", F.col("name").alias("partner_name")))
    made = whole.join(of_customer, on="customer_id", how="left").withColumns(_made(as_of))
    return made.join(of_partner, on="partner_id", how="left").select(*BASE_LOAN.names)


def _made(as_of: date) -> dict[str, Column]:
    """What is put together from several parts."""
    left, days = F.col("on_book").isNull(), F.col("days_past_due")
    because = F.coalesce(*[F.when(F.col(f"{kind}_on").isNotNull(), F.lit(kind)) for kind in GONE], F.lit(REPAID))
    left_on = F.coalesce(*[F.col(f"{kind}_on") for kind in GONE], F.col("last_paid_on"))
    months_ago = F.regexp_instr("own_statuses", F.lit(f"[{LATE}]")) - 1
    no, year_began = F.lit(False), F.lit(date(as_of.year - 1, 12, 31))
    none_then = F.when(F.coalesce("opening_known", no) | (F.col("opened_on") > year_began), F.lit(0))
    return {
        "of_month": F.coalesce("of_month", no),
        "this_year": F.col("opened_on") > year_began,
        "written_off_this_year": F.coalesce(F.col("write_off_on") > year_began, no),
        "opening_minor": F.coalesce("opening_minor", none_then),
        "opening_restructured": F.coalesce("opening_restructured", none_then == 1),
        "last_class": F.coalesce("five_class", "last_class"),
        "restructured": F.when(~left, F.coalesce("restructured_", no)),
        "restructurings": F.when(~left, F.coalesce("restructurings_", F.lit(0))),
        "extensions": F.coalesce("extensions", F.lit(0)),
        "secured_as": F.coalesce("secured_as", F.lit("none")),
        "month_end": F.lit(as_of),
        "partner_id": partner_of(F.col("loan_id")),
        "borrower_id": F.coalesce("borrower_id", "customer_id"),
        "interest_year_minor": F.expr("cast(cast(principal_minor as decimal(38, 0)) * rate_bp div 10000 as bigint)"),
        "term_months": F.round(F.months_between("matures_on", "opened_on")).cast("int"),
        "left_on": F.when(left, left_on),
        "left_because": F.when(left, because),
        "repaid_on": F.when(left & because.isin(REPAID, "settled"), left_on),
        "written_off": F.coalesce(F.col("book_status") == "written_off", F.col("write_off_on").isNotNull()),
        **_recovered(F.when(left, F.lit(0)).otherwise(F.col("balance_minor"))),
        "sued": F.col("lawsuit_on").isNotNull(),
        "renegotiated": F.col("renegotiated_on").isNotNull(),
        "last_late_on": F.when(months_ago >= 0, F.last_day(F.add_months(F.lit(as_of), -months_ago))),
        **{name: F.when(left, F.lit(0)).otherwise(F.col(name)) for name in OWED},
        "regulatory_days_past_due": F.when(left, F.lit(0)).otherwise(_through_loans_repaid()),
        "over_90_since": F.when(days > 90, F.date_add("unpaid_since", 91)),
        **{name: F.coalesce(name, F.lit(0)) for name in ("assets", "paid_minor", "paid_month_minor", "proceeds_minor")},
    }


def _recovered(owed: Column) -> dict[str, Column]:
    """What came in after a write-off: principal, as far as less of it is owed than was written off; the rest is interest."""
    whole, less = F.col("recovered_minor"), F.col("written_off_principal_minor") - owed
    principal = F.when(whole.isNotNull() & less.isNotNull(), F.greatest(F.least(whole, less), F.lit(0)))
    return {"recovered_principal_minor": principal, "recovered_interest_minor": whole - principal}


def _through_loans_repaid() -> Column:
    """The more of its own days past due and those that go on; not known where either is not."""
    days, rolled = F.col("days_past_due"), F.col("rolled")
    on = rolled["regulatory_days_past_due"]
    return F.when(rolled.isNull(), days).when(days.isNotNull() & on.isNotNull(), F.greatest(days, on))


def _opening(loan_class: DataFrame, observation: DataFrame) -> DataFrame:
    """What was an asset at the end of the last year: its class, its principal, whether it was observed as restructured."""
    observed = observation.select("loan_id", F.col("observed").alias("observed_then"))
    assets = loan_class.where("book_minor > 0").join(observed, on="loan_id", how="left")
    return assets.select(
        "loan_id", F.col("five_class").alias("opening_class"), F.col("book_minor").alias("opening_minor"),
        F.coalesce("observed_then", F.lit(False)).alias("opening_restructured"),
    )  # fmt: skip


def _last_class(loan_class_month_ends: DataFrame) -> DataFrame:
    last = F.max(F.struct("as_of", "five_class")).getField("five_class").alias("last_class")
    return loan_class_month_ends.groupBy("loan_id").agg(last)


def _scheduled_next(instalment: DataFrame, loans: DataFrame, as_of: date) -> DataFrame:
    """Of the schedule agreed on last: the instalment that runs, and what the next due date asks for."""
    rows = instalment.join(loans.select("loan_id"), on="loan_id", how="left_semi")
    due = F.col("due_on") <= F.lit(as_of)
    of_date = rows.groupBy("loan_id", "schedule_no", "due_on").agg(
        F.count(F.lit(1)).alias("n"), F.sum("principal_minor").alias("principal"), F.sum("interest_minor").alias("interest")
    )
    following = F.min_by(F.struct("principal", "interest"), F.when(~due, F.col("due_on")))
    of_schedule = of_date.groupBy("loan_id", "schedule_no").agg(
        F.least(F.sum(F.when(due, F.col("n")).otherwise(0)) + 1, F.sum("n")).cast("int").alias("instalment_no"),
        following.alias("following"),
    )
    last = F.max_by(F.struct("instalment_no", "following"), "schedule_no").alias("last")
    return of_schedule.groupBy("loan_id").agg(last).select(
        "loan_id", "last.instalment_no", F.col("last.following.principal").alias("next_principal_minor"),
        F.col("last.following.interest").alias("next_interest_minor"),
    )  # fmt: skip


def _secured(pledge: DataFrame, guarantee: DataFrame, loans: DataFrame) -> DataFrame:
    """How each loan is secured that is: collateral comes before a guarantee."""
    parts = (pledge.where("active").select("loan_id", F.lit(0).alias("rank")),
             guarantee.where("active").select("loan_id", F.lit(1).alias("rank")))  # fmt: skip
    rows = parts[0].unionByName(parts[1]).join(loans.select("loan_id"), on="loan_id", how="left_semi")
    return rows.groupBy("loan_id").agg(F.when(F.min("rank") == 0, "collateral").otherwise("guarantee").alias("secured_as"))


def _collateral(base_pledge: DataFrame) -> DataFrame:
    """What of its assets falls to each loan; not known where one of the values is not."""
    known = F.min(F.col("value_share_minor").isNotNull())
    total = F.when(known, F.sum("value_share_minor")).alias("collateral_minor")
    return base_pledge.where("secured_as = 'collateral'").groupBy("loan_id").agg(total)


def _scheduled(instalment: DataFrame, loans: DataFrame) -> DataFrame:
    """Of the schedule agreed on last: instalments, first due date, the most that one asks for, months from one to the next."""
    rows = instalment.join(loans.select("loan_id"), on="loan_id", how="left_semi")
    of_schedule = rows.groupBy("loan_id", "schedule_no").agg(
        F.count(F.lit(1)).cast("int").alias("instalments"), F.min("due_on").alias("first_due_on"),
        F.max(F.expr("principal_minor + interest_minor")).alias("largest_instalment_minor"),
        F.size(F.collect_set(F.trunc("due_on", "month"))).alias("months"), F.max("due_on").alias("last_due_on"),
    )  # fmt: skip
    told = ("instalments", "first_due_on", "largest_instalment_minor", "months", "last_due_on")
    last = F.max_by(F.struct(*told), "schedule_no").alias("last")
    span = F.months_between(F.trunc("last_due_on", "month"), F.trunc("first_due_on", "month"))
    between = F.round(F.try_divide(span, F.col("months") - 1)).cast("int").alias("instalment_months")
    return of_schedule.groupBy("loan_id").agg(last).select("loan_id", "last.*").select("loan_id", *told[:3], between)


def _paid(repayment: DataFrame, loan_event: DataFrame, loans: DataFrame, as_of: date) -> DataFrame:
    """What came in, in all, in the month and after a write-off, what of it was collateral, and when the last of it came."""
    lost = loan_event.where("kind = 'write_off'").groupBy("loan_id").agg(F.min("happened_on").alias("lost_on"))
    paid, after = F.col("paid_minor"), F.col("paid_on") > F.col("lost_on")
    return (
        repayment.join(loans.select("loan_id"), on="loan_id", how="left_semi")
        .join(lost, on="loan_id", how="full")
        .groupBy("loan_id")
        .agg(
            F.sum(paid).alias("paid_minor"),
            F.sum(F.when(F.col("paid_on") >= F.lit(as_of.replace(day=1)), paid).otherwise(0)).alias("paid_month_minor"),
            F.sum(F.when(F.col("payer") == "collateral", paid).otherwise(0)).alias("proceeds_minor"),
            F.max(F.when(paid > 0, F.col("paid_on"))).alias("last_paid_on"),
            F.sum(F.when(after, paid).when(F.col("lost_on").isNotNull(), 0)).alias("recovered_minor"),
            F.max(F.when(after & (paid > 0), F.col("paid_on"))).alias("recovered_on"),
            F.max_by("channel", F.struct("paid_on", "sender_id", "repayment_id")).alias("last_channel"),
        )
    )


def _events(loan_event: DataFrame, loans: DataFrame) -> DataFrame:
    """When each of the events that forms ask for happened last, and what was written off."""
    alone = (*GONE, "write_off", "repossession", "compensation", "lawsuit")
    kinds = {kind: (kind,) for kind in alone} | {"renegotiated": RENEGOTIATED}
    last = [F.max(F.when(F.col("kind").isin(*of), F.col("happened_on"))).alias(f"{name}_on") for name, of in kinds.items()]
    extensions = F.sum(F.when(F.col("kind") == "extension", 1).otherwise(0)).cast("int").alias("extensions")
    lost = F.max_by("amount_minor", F.when(F.col("kind") == "write_off", F.struct("happened_on", "sender_id", "event_id")))
    rows = loan_event.join(loans.select("loan_id"), on="loan_id", how="left_semi")
    return rows.groupBy("loan_id").agg(*last, extensions, lost.alias("write_off_minor"))


def _secured_by(pledge: DataFrame, asset: DataFrame, valuation: DataFrame, loans: DataFrame) -> DataFrame:
    """The dearest asset of each loan, by its first valuation: what it is, and what it was worth when first valued."""
    pledged = pledge.where("active").join(loans.select("loan_id"), on="loan_id", how="left_semi").select("loan_id", "asset_id")
    first = F.min_by(F.struct("value_minor", "valued_on"), F.struct("valued_on", "sender_id", "valuation_id"))
    valued = valuation.groupBy("asset_id").agg(first.alias("first"))
    traits = asset.select("asset_id", *[F.col(name).alias(word) for name, word in OF_ASSET.items()])
    rows = pledged.join(traits, on="asset_id", how="left").join(valued, on="asset_id", how="left")
    order = F.struct(F.coalesce("first.value_minor", F.lit(0)), F.col("asset_id"))
    whole = F.struct("asset_id", *OF_ASSET.values(), F.col("first.value_minor").alias("first_value_minor"),
                     F.col("first.valued_on").alias("first_valued_on"))  # fmt: skip
    return rows.groupBy("loan_id").agg(F.max_by(whole, order).alias("asset")).select("loan_id", "asset.*")
