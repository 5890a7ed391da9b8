"""The schemes of classes that a release ran with, as data: the table they give, and what kind of computation it was."""

from __future__ import annotations

from typing import Any

from loanwatch.classify.loan_class import floors
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.configuration import Configuration


def schemes(conf: Configuration) -> list[dict[str, Any]]:
    """China's five classes by floors of days past due; `verify.py` has a function for each kind."""
    by_days = [floor.model_dump() for floor in floors(conf.texts["classes/cn_five_class.yaml"])]
    return [{"scheme": "cn_five_class", "kind": "by_days", "table": LOAN_CLASS.name, "floors": by_days}]
