"""What two people look at before they approve a release: its certificate, and each form that is filed from it with the edit checks
it breaks and what became of it since it was last handed in. Markdown, as Airflow shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from loanwatch import form_history
from loanwatch.calendars import month_end
from loanwatch.extract import filing
from loanwatch.extract.delta import Delta
from loanwatch.extract.edit_checks import Fault
from loanwatch.forms import Form, Made
from loanwatch.handing_in import filed
from loanwatch.lake import Lake
from loanwatch.seal.front_page import page_path
from loanwatch.seal.publication import Attempt
from loanwatch.seal.sealed_tables import sealed_content
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.settings import Settings

_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


@dataclass(frozen=True)
class Sheet:
    """Of a release: what was sealed, what its certificate states, and the forms filed from it."""

    attempt: Attempt
    content: str
    page: str
    certificate: list[dict[str, Any]]
    filled: list[Filled]

    @classmethod
    def of(cls, settings: Settings, attempt: Attempt) -> Sheet:
        """Fills the forms, with tokens for names."""
        lake = Lake(settings.lake)
        wanted = filed(settings, attempt.as_of) if attempt.as_of == month_end(attempt.as_of) else []
        return cls(
            attempt, sealed_content(lake, attempt), str(page_path(lake.path, attempt, settings.business.language)),
            lake.rows(CERTIFICATE, attempt.noted).to_pylist(), [Filled.of(settings, attempt, form, pool) for form, pool in wanted],
        )  # fmt: skip

    def text(self) -> str:
        """The sheet."""
        return "\n".join([*self._of_release(), *(line for form in self.filled for line in form.lines())])

    def _of_release(self) -> Iterator[str]:
        held, broken = (sum(row["holds"] is wanted for row in self.certificate) for wanted in (True, False))
        yield f"Release {self.attempt.release} of {self.attempt.as_of}, content `{self.content}`, page `{self.page}`."
        yield ""
        yield f"**Certificate**: {held} statements hold, {broken} do not. For the record:"
        yield ""
        noted = [row for row in self.certificate if row["holds"] is None]
        yield from (f"- {_plain(row['statement'], row['subject'], row['found'])}" for row in noted)
        yield ""
        if not self.filled:
            yield "No form is filed from it."


@dataclass(frozen=True)
class Filled:
    """A form of the release: the name of its file, what is wrong with it, and what became of it since."""

    made: Made
    file: str
    faults: Sequence[Fault]
    since: tuple[dict[str, Any], list[Delta]] | None

    @classmethod
    def of(cls, settings: Settings, attempt: Attempt, form: Form, pool: str | None) -> Filled:
        made = form.made(settings, attempt.as_of, attempt.release, first=False, pool=pool)
        filer = settings.business.filer
        name = filing.file_name(form.filing, form.layout, filer, attempt.as_of, pool, demonstration=False)
        return cls(made, name, made.faults(), form_history.delta(settings, made))

    def lines(self) -> Iterator[str]:
        yield f"**{_plain(self.made.form.layout.form, self.file)}**: {self.made.size}."
        yield ""
        yield "Edit checks: " + ("none is broken." if not self.faults else "broken, with tokens for names:")
        yield ""
        for fault in self.faults:
            mark = ", critical" if fault.critical else ""
            yield f"- {_plain(fault.field, fault.says, f'{fault.records:,} records{mark}')}"
        yield ""
        yield from self._since()
        yield ""

    def _since(self) -> Iterator[str]:
        if self.made.form.layout.sends == "changed":
            yield "Its records are what is new or has changed since it was told last."
            return
        if self.since is None:
            yield "Not handed in before."
            return
        last, deltas = self.since
        yield f"Since hand-in {last['hand_in_no']} of {last['as_of']}, release {last['release']}:"
        yield ""
        yield "| | before | now | why |"
        yield "|---|---:|---:|---|"
        for one in deltas:
            code = self.made.form.layout.by_code.get(one.field)
            name = f"{one.field} {code.name} {one.currency}" if code else "records"
            why = ", ".join(f"{part.replace('_', ' ')} {one.figure(by)}" for part, by in one.parts.items() if by)
            yield f"| {_plain(name)} | {one.figure(one.before)} | {one.figure(one.after)} | {why} |"


def _plain(*parts: str | None) -> str:
    """Text from outside, as it is: nothing in it is Markdown."""
    return ": ".join(part.translate(_ESCAPED) for part in parts if part)
