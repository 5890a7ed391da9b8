"""Which fitted models a lake has, and which of them values assets on a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loanwatch.cover.tables import MODEL
from loanwatch.lake import Lake
from loanwatch.locks import lease

if TYPE_CHECKING:
    from loanwatch.cover.model.artefact import Artefact  # its libraries take seconds to import; most commands need none

FOLDER = ("cover", "models")
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Champion:
    """The model that values a kind of asset: where its files are, and their digest."""

    kind: str
    currency: str
    folder: str
    digest: str


@dataclass(frozen=True)
class Models:
    """The models of a lake: files by digest below `cover/models`, and the ledger `cover.model` of what was fitted and promoted."""

    lake: Lake

    @property
    def folder(self) -> Path:
        return self.lake.path.joinpath(*FOLDER).absolute()

    def keep(self, artefact: Artefact, by: str) -> str:
        """Keep a fitted model; its digest. Fitted again to the same, nothing changes."""
        from loanwatch.cover.model.artefact import save

        name = save(artefact, self.folder)
        if not self.lake.rows(MODEL, f"model = '{name}' and act = 'fitted'", ("model",)).num_rows:
            card = artefact.card
            facts = {column.name: card[column.name] for column in MODEL.columns if column.name in card}
            days = {key: date.fromisoformat(card[key]) for key in ("first_sold_on", "until_on")}
            self._note(facts | days | {"act": "fitted", "model": name, "said_by": by})
        return name

    def load(self, digest: str) -> Artefact:
        """DataError where it is not there or not what was written."""
        from loanwatch.cover.model.artefact import load

        return load(self.folder, digest)

    def rows(self) -> list[dict[str, Any]]:
        """The ledger, in its order."""
        rows: list[dict[str, Any]] = self.lake.rows(MODEL).to_pylist()
        return sorted(rows, key=lambda row: int(row["act_no"]))

    def promote(self, digest: str, from_on: date, by: str, why: str) -> None:
        """From a business date on, the model values its kind: the caller has seen to it that no release of that date is begun."""
        (fitted,) = [row for row in self.rows() if row["model"] == digest and row["act"] == "fitted"]
        self._note(fitted | {"act": "promoted", "from_on": from_on, "said_by": by, "why": why})

    def _note(self, facts: dict[str, Any]) -> None:
        with lease(self.lake.path, MODEL.name, WAIT_SECONDS):
            self.lake.append(MODEL, [dict.fromkeys(MODEL.names) | facts | {"act_no": len(self.rows()) + 1}])

    def champions(self, as_of: date, currency: str) -> dict[str, Champion]:
        """By kind, the latest promoted by the date, in a currency, of those that know no sale of the date or after."""
        promoted = [
            row for row in self.rows()
            if row["act"] == "promoted" and row["currency"] == currency and row["from_on"] <= as_of and row["until_on"] <= as_of
        ]  # fmt: skip
        latest = {row["kind"]: row for row in sorted(promoted, key=lambda row: (row["from_on"], row["act_no"]))}
        return {kind: Champion(kind, currency, str(self.folder), row["model"]) for kind, row in sorted(latest.items())}
