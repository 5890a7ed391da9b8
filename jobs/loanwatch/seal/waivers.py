"""Breaks between our book and the ledger that somebody answers for: `conf/waivers.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from loanwatch.configuration import Configuration
from loanwatch.errors import UsageError

FILE = "waivers.yaml"


class Waiver(BaseModel):
    """Who lets a break of one partner, pool and currency pass, how large, why, and up to which business date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner_id: str = Field(min_length=1)
    pool_id: str = Field(min_length=1)
    currency: str = Field(min_length=3, max_length=3)
    at_most_minor: int = Field(ge=0)
    at_most_loans: int = Field(default=0, ge=0)
    who: str = Field(min_length=1)
    why: str = Field(min_length=1)
    until: date

    def covers(self, row: dict[str, Any], as_of: date) -> bool:
        """Whether the break of a row of `balance.reconciliation` is within what is waived on the day."""
        same = all(row[name] == getattr(self, name) for name in ("partner_id", "pool_id", "currency"))
        within = abs(row["difference_minor"]) <= self.at_most_minor
        loans = abs(row["loans"] - (row["ledger_loans"] or 0)) <= self.at_most_loans
        return same and within and loans and as_of <= self.until


def waivers(configuration: Configuration) -> Sequence[Waiver]:
    """All waivers, those that have run out too; UsageError lists every fault of the file."""
    try:
        rows = yaml.safe_load(configuration.texts.get(FILE, "")) or []
        return TypeAdapter(list[Waiver]).validate_python(rows)
    except ValidationError as error:
        lines = [f"conf/{FILE}, entry {e['loc'][0] if e['loc'] else '?'}: {_place(e['loc'])}{e['msg']}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None
    except yaml.YAMLError as error:
        raise UsageError(f"conf/{FILE}: not YAML: {' '.join(str(error).split())}") from None


def _place(loc: tuple[int | str, ...]) -> str:
    return f"{loc[1]}: " if len(loc) > 1 else ""
