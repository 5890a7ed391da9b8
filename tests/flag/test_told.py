"""Conditions told with the values of a row."""

from __future__ import annotations

import pytest

from loanwatch.expression import parsed
from loanwatch.flag.told import told

ROW = {"a": 45, "b": None, "yes": False, "word": "home", "n": -3}


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("a > 30", ["a > 30: 45 > 30 True"]),
        ("b > 30", ["b > 30: NULL > 30 None"]),
        ("yes", ["yes: FALSE False"]),
        ("true", ["TRUE True"]),
        ("b is null", ["b IS NULL: NULL IS NULL True"]),
        ("100 * a div nullif(n, 0) < a + n", ["100 * a DIV NULLIF(n, 0) < a + n: -1500 < 42 True"]),
        ("a between 1 and n", ["a BETWEEN 1 AND n: 45 BETWEEN 1 AND -3 False"]),
        ("word in ('home', 'vehicle')", ["word IN ('home', 'vehicle'): 'home' IN ('home', 'vehicle') True"]),
        ("a > 1 and (word = 'x' or n < 0) and not yes",
         ["and True", "  a > 1: 45 > 1 True", "  or True", "    word = 'x': 'home' = 'x' False", "    n < 0: -3 < 0 True",
          "  not True", "    yes: FALSE False"]),
    ],
)  # fmt: skip
def test_a_condition_is_told_with_its_values(sql: str, lines: list[str]) -> None:
    found = [
        f"{'  ' * node.depth}{node.text}{': ' + node.seen if node.seen else ''} {node.value}"
        for node in told(parsed(sql), ROW)
    ]
    assert found == lines
