"""Which schemes of classes there are: the words that each gives, best first, and its columns in `classify.loan_class`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loanwatch.codes import CLASSES, DEFAULTS, PERFORMANCE, STAGES, CodeList
from loanwatch.columns import Column, coded, count, date


@dataclass(frozen=True)
class ClassColumns:
    """The columns of a scheme: that of its class, and what the names of the others begin with.

    A class that is left for a better one only after some time reads what it was, and for how long it would have been better.
    """

    column: str
    codes: CodeList
    doc: str
    prefix: str = ""

    @property
    def floor(self) -> str:
        return f"{self.prefix}floor"

    @property
    def paragraph(self) -> str:
        return f"{self.prefix}paragraph"

    @property
    def provisional(self) -> str:
        return f"{self.prefix}provisional"

    @property
    def missing(self) -> str:
        return f"{self.prefix}missing"

    @property
    def better_since(self) -> str:
        return f"{self.prefix}better_since"

    @property
    def was(self) -> str:
        return f"{self.column}_was"

    @property
    def better_days(self) -> str:
        return f"{self.column}_better_days"

    @property
    def remembered(self) -> tuple[Column, ...]:
        """Inputs of its floors that come from the parent release; what China's classes remember is in `classify.observation`."""
        best = self.codes.words[0]
        was = coded(self.was, self.codes, f"{self.column} in the parent release; {best} of a loan that is new.")
        days = count(self.better_days, f"Days since when no floor but those that read {self.was} gives it.")
        return (was,) if self is FIVE else (was, days)

    @property
    def given(self) -> tuple[Column, ...]:
        """Its columns; null where the institution does not class by it (business.schemes)."""
        return (
            coded(self.column, self.codes, self.doc, required=False),
            Column(self.floor, doc=f"The floor that gave {self.column}; none = no floor holds."),
            Column(self.paragraph, doc="Where the scheme's source says so."),
            Column(self.provisional, "boolean", f"True where something is missing that could give another {self.column}."),
            Column(self.missing, "strings", "What is missing, by the names of the scheme's inputs; empty where nothing is."),
            date(self.better_since, f"Since when only what it was keeps {self.column}; null = more does.", required=False),
        )


FIVE = ClassColumns("five_class", CLASSES, "China's five classes (Order 2023 No. 1): that of the first floor that holds.")
# By scheme: conf/classes/<scheme>.yaml. Every book has China's five classes; the others are those of `business.schemes`.
SCHEMES: Mapping[str, ClassColumns] = {
    "cn_five_class": FIVE,
    "ifrs9": ClassColumns("stage", STAGES, "Stage of expected credit loss (IFRS 9, 5.5).", "stage_"),
    "eu_default": ClassColumns("eu_default", DEFAULTS, "Whether it is in default (CRR art. 178, EBA/GL/2016/07).", "eu_default_"),
    "eu_performance": ClassColumns(
        "eu_performance", PERFORMANCE, "Whether it performs, and is forborne (FINREP, Annex V).", "eu_performance_"
    ),
}
FURTHER = {name: of for name, of in SCHEMES.items() if of is not FIVE}
