"""A line of the certificate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """What is stated of what; `holds` is None where there is nothing to compare with."""

    statement: str
    subject: str
    expected: str | None
    found: str | None
    holds: bool | None
