"""Borrowers who share something: one step out, never further, and by what each has told of itself (domain.md 1.7, 4 D, F)."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def sharing(keys: DataFrame, book: DataFrame, name: str) -> DataFrame:
    """One row per borrower who shares a key: how many others do, `<name>`, and how many of these are delinquent.

    `keys`: distinct `key`, `borrower_id`; `book`: `borrower_id`, `delinquent`. Who shares several keys has the most of any.
    """
    known = keys.join(book, on="borrower_id", how="inner")
    by_key = known.groupBy("key").agg(
        F.count(F.lit(1)).alias("all"), F.sum(F.col("delinquent").cast("int")).alias("late")
    ).where(F.col("all") > 1)  # fmt: skip
    others = known.join(by_key, on="key", how="inner")
    late = F.col("late") - F.col("delinquent").cast("int")
    return others.groupBy("borrower_id").agg(
        F.max(F.col("all") - 1).alias(f"sharing_{name}"), F.max(late).alias(f"delinquent_sharing_{name}")
    )


def own_numbers(contact: DataFrame, customers: DataFrame) -> DataFrame:
    """Distinct numbers, as tokens, that borrowers state as their own: `key`, `borrower_id`."""
    own = contact.where((F.col("relation") == "self") & F.col("may_contact"))
    return own.join(customers, on="customer_id", how="inner").select(F.col("phone").alias("key"), "borrower_id").distinct()


def places(pledge: DataFrame, asset: DataFrame, loan_day: DataFrame) -> DataFrame:
    """Distinct flats and vehicles, by the token of address or VIN, `key`, as pledged: `borrower_id`, `partner_id`, `asset_id`."""
    located = asset.select("asset_id", F.col("locator").alias("key"))
    return (
        pledge.where("active")
        .join(loan_day.select("loan_id", "borrower_id", "partner_id"), on="loan_id", how="inner")
        .join(located, on="asset_id", how="inner")
        .select("key", "borrower_id", "partner_id", "asset_id").distinct()
    )  # fmt: skip


def delinquent_guarantors(contact: DataFrame, customers: DataFrame, book: DataFrame) -> DataFrame:
    """One row per borrower with guarantors, parties to its contract, whose number a delinquent borrower states as its own."""
    guarantor = contact.where((F.col("relation") == "guarantor") & (F.col("lawful_basis") == "contract") & F.col("may_contact"))
    named = guarantor.join(customers, on="customer_id", how="inner").select("borrower_id", F.col("phone").alias("key")).distinct()
    late = own_numbers(contact, customers).join(book.where("delinquent"), on="borrower_id", how="inner")
    guarantors = late.select("key", F.col("borrower_id").alias("guarantor_id"))
    found = named.join(guarantors, on="key", how="inner").where(F.col("guarantor_id") != F.col("borrower_id"))
    return found.groupBy("borrower_id").agg(F.countDistinct("guarantor_id").alias("delinquent_guarantors"))
