"""The schemes of classes that a release ran with, as data: inputs, floors and doubts, and the table they give."""

from __future__ import annotations

from typing import Any

from loanwatch.classify import scheme
from loanwatch.classify.inputs import OF_DAY
from loanwatch.classify.tables import CLASS_INPUT, LOAN_CLASS
from loanwatch.configuration import Configuration
from loanwatch.expression import spark_sql
from loanwatch.handover.trees import tree


def schemes(conf: Configuration) -> list[dict[str, Any]]:
    """Each scheme for `verify.py`. `of_day`: the inputs that are columns of the loan of the day."""
    return [_as_data(one) for one in scheme.in_use(scheme.load(conf.below("classes")), conf.business.schemes).values()]


def _as_data(of: scheme.Scheme) -> dict[str, Any]:
    return {
        "scheme": of.name, "inputs": CLASS_INPUT.name, "table": LOAN_CLASS.name, "of_day": OF_DAY, "reads": of.reads,
        "columns": {part: getattr(of.columns, part) for part in ("column", "floor", "paragraph", "provisional", "missing")},
        "floors": [
            {"floor": floor.name, "class": of.classes.words[floor.rank], "rank": floor.rank, "when": tree(floor.when),
             "reads": floor.reads, "sql": spark_sql(floor.when), "paragraph": floor.paragraph} for floor in of.floors
        ],
        "doubts": [{"missing": doubt.missing, "when": tree(doubt.when), "sql": spark_sql(doubt.when)} for doubt in of.doubts],
    }  # fmt: skip
