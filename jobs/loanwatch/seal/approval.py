"""What has to be approved by two people before it runs or leaves, and who approved it: the ledger `seal.approval`.

An approval is a signature of a short statement: whose book, what, and its digest. It is verified when it is entered, and again
whenever it is counted: an approval by a key that was taken back since, or a row that was altered, counts for nothing. Two
approvals are by two people with a key each. A release may be approved under Airflow, too, by the users whom it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.seal.signature import Signer, Signers
from loanwatch.seal.statement import Statement
from loanwatch.seal.tables import APPROVAL

if TYPE_CHECKING:
    from loanwatch.seal.publication import Attempt
    from loanwatch.settings import Settings

PEOPLE = 2
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Matter:
    """What is approved: in words, by its digest, what `loanwatch approve` calls it; whether users of Airflow may approve it."""

    subject: str
    digest: str
    asked: str
    under_airflow: bool = False


def configuration_of(digest: str) -> Matter:
    """That nights run with a configuration: its rules, limits, classes, waivers and settings."""
    return Matter("configuration", digest, f"configuration {digest[:12]}")


def release_of(attempt: Attempt, content_digest: str) -> Matter:
    """That what was published for a date may be handed in."""
    number, day = attempt.release, attempt.as_of
    return Matter(f"release {number} of {day}", content_digest, f"release --date {day} --release {number}", True)


def model_of(digest: str) -> Matter:
    """That a model values assets."""
    return Matter("model", digest, f"model {digest[:12]}")


def delivery_of(row: dict[str, Any]) -> Matter:
    """That the decisions in a delivery, a row of `admit.delivery`, make something milder than it was computed."""
    subject = f"delivery {row['feed']}/{row['sender']}/{row['business_on']}/{row['sequence']:03d}"
    return Matter(subject, row["sha256"], f"delivery {row['delivery_no']}")


@dataclass(frozen=True)
class Approval:
    """A row of `seal.approval`; by a user of Airflow there is neither key nor signature."""

    approval_no: int
    subject: str
    digest: str
    person: str
    fingerprint: str | None
    signed_on: date
    signature: str | None

    @property
    def by(self) -> str:
        """Who, for the certificate."""
        return f"{self.person} {self.fingerprint or 'under Airflow'}"


@dataclass(frozen=True)
class Approvals:
    """The approvals of a tenant's lake, and whether they are required of it."""

    lake: Lake
    tenant: str
    signers: Signers
    required: bool

    @classmethod
    def of(cls, settings: Settings) -> Approvals:
        """By the settings of a command; a tenant's own list of signers replaces the common one."""
        own = settings.conf / "tenants" / settings.tenant
        folder = own if (own / "allowed_signers").is_file() else settings.conf
        signers = Signers(folder / "allowed_signers", folder / "revoked_keys")
        return cls(Lake(settings.lake), settings.tenant, signers, settings.seal.approvals == "required")

    def statement(self, matter: Matter) -> str:
        """What a person signs, to the byte."""
        return f"loanwatch approval\nbook: {self.tenant}\nof: {matter.subject}\ndigest: {matter.digest}\n"

    def rows(self) -> list[Approval]:
        """The ledger, in its order."""
        rows = self.lake.rows(APPROVAL, columns=APPROVAL.names).to_pylist()
        return sorted((Approval(**row) for row in rows), key=lambda approval: approval.approval_no)

    def good(self, matter: Matter) -> list[Approval]:
        """The approvals of a matter that count, one of each person and each key."""
        return [approval for approval, fault in self._judged(matter) if fault is None]

    def people(self, matter: Matter) -> tuple[str, ...] | None:
        """Who approved a matter, for a page; None where nobody has to."""
        return tuple(approval.by for approval in self.good(matter)) if self.required else None

    def enter(self, matter: Matter, signature: bytes, on: date) -> Approval:
        """Enter the signature of a matter's statement, as the list of signers holds on a date.

        DataError where it is none, or by somebody, or with a key, that has approved this already.
        """
        text = signature.decode("ascii", "ignore")  # what is kept is what is verified
        signer = self.signers.signer(self.statement(matter), text.encode(), on)
        return self._enter(matter, signer.person, signer.fingerprint, on, text)

    def enter_user(self, matter: Matter, user: str, on: date) -> Approval:
        """Enter what a user of Airflow approved there; DataError where somebody has approved it already, or may not there."""
        if not matter.under_airflow:
            raise DataError(f"{matter.subject}: users of Airflow approve releases only; the rest is signed")
        return self._enter(matter, user, None, on, None)

    def demand(self, matter: Matter) -> list[Approval]:
        """The approvals of a matter. UsageError where two people's are required and not there; says how to give them."""
        judged = list(self._judged(matter))
        good = [approval for approval, fault in judged if fault is None]
        if self.required and len(good) < PEOPLE:
            faults = "".join(f"\n  that of {approval.by} does not count: {fault}" for approval, fault in judged if fault)
            has = f"only {good[0].person} has approved it" if good else "nobody has approved it"
            raise UsageError(
                f"{matter.subject} {matter.digest} has to be approved by {PEOPLE} people, {has}; "
                f"`loanwatch approve {matter.asked}` says what to sign, and takes the signatures{faults}"
            )
        return good

    def stated(self, matter: Matter) -> Statement:
        """For the certificate: by whom a matter was approved, or that approvals are required of nobody."""
        if not self.required:
            return Statement("approvals: off", "what runs and what is handed in is approved by nobody", None, None, None)
        good = self.good(matter)
        by = ", ".join(approval.by for approval in good)
        return Statement("approved by two people", f"{matter.subject} {matter.digest}", str(PEOPLE), by, len(good) >= PEOPLE)

    def _enter(self, matter: Matter, person: str, fingerprint: str | None, on: date, signature: str | None) -> Approval:
        with lease(self.lake.path, APPROVAL.name, WAIT_SECONDS):
            delta = self.lake.create(APPROVAL)
            for approval in self.good(matter):
                if approval.person == person:
                    raise DataError(f"{person} has approved this already, on {approval.signed_on}: another person has to")
                if fingerprint and approval.fingerprint == fingerprint:
                    raise DataError(f"the key {fingerprint} has approved this already, as {approval.person}'s: another has to")
            number = 1 + max((approval.approval_no for approval in self.rows()), default=0)
            new = Approval(number, matter.subject, matter.digest, person, fingerprint, on, signature)
            self.lake.append_if_unchanged(delta, APPROVAL, [asdict(new)])
        return new

    def _judged(self, matter: Matter) -> Iterator[tuple[Approval, str | None]]:
        """The approvals of a matter, each with why it does not count."""
        people, keys = set[str](), set[str | None]()
        for approval in self.rows():
            if (approval.subject, approval.digest) != (matter.subject, matter.digest):
                continue
            fault = self._fault(matter, approval)
            if fault is None and (approval.person in people or approval.fingerprint in keys):
                fault = "another by the same person or key is counted"
            if fault is None:
                people.add(approval.person)
                keys |= {approval.fingerprint} - {None}
            yield approval, fault

    def _fault(self, matter: Matter, approval: Approval) -> str | None:
        if approval.signature is None:
            return None if matter.under_airflow else "it is not signed"
        try:
            signer = self.signers.signer(self.statement(matter), approval.signature.encode(), approval.signed_on)
        except DataError as error:
            return str(error)
        said = Signer(approval.person, str(approval.fingerprint))
        return None if signer == said else f"the ledger was altered: it is the signature of {signer.person} {signer.fingerprint}"
