"""What the register of credit asks of debtors that owe a loan together."""

from __future__ import annotations

from pyspark.sql import DataFrame

from loanwatch.report.register_tables import BASE_CO_DEBTOR


def base_co_debtor(base_instrument: DataFrame, co_debtor: DataFrame) -> DataFrame:
    """`report.base_co_debtor`: one row per loan and debtor that is liable for it with others."""
    loans = base_instrument.select("loan_id", "partner_id", "pool_id", "currency", "month_end", "contract_id")
    return co_debtor.where("in_force").join(loans, on="loan_id").select(*BASE_CO_DEBTOR.names)
