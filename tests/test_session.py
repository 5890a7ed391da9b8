"""What a session asks of its JVM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_column_expression_asks_the_jvm_for_no_function_twice(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    from py4j.clientserver import JavaClient
    from pyspark.sql import functions as F

    def expression() -> list[str]:
        asked.clear()
        F.coalesce(F.col("a"), F.lit(1)).isNull()
        return [command for command in asked if command.startswith("r\n") and "functions" in command]

    asked: list[str] = []
    real = JavaClient.send_command
    def noted(self: JavaClient, command: str, *more: object, **named: object) -> object:
        asked.append(command)
        return real(self, command, *more, **named)

    monkeypatch.setattr(JavaClient, "send_command", noted)
    expression()
    assert asked
    assert expression() == []
