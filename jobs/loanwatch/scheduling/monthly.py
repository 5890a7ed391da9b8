"""What the tasks of the monthly DAG do: the forms of a month-end are shown, approved by two users of Airflow, and handed in."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from loanwatch.calendars import month_end
from loanwatch.errors import DataError, NotNow, UsageError
from loanwatch.scheduling.night import resolved

if TYPE_CHECKING:
    from loanwatch.extract.edit_checks import Fault
    from loanwatch.forms import Form

log = logging.getLogger(__name__)


def show(as_of: date) -> dict[str, Any] | None:
    """The current release of a month-end and its sheet, for who approves it; None where no form is filed for it.

    UsageError where the date is no month-end; NotNow where it is not published yet; DataError where a form breaks a critical check.
    """
    from loanwatch.approval_sheet import Sheet
    from loanwatch.forms import held
    from loanwatch.handing_in import filed
    from loanwatch.lake import Lake
    from loanwatch.seal import publication

    settings = resolved()
    if as_of != month_end(as_of):
        raise UsageError(f"{as_of} is no month-end: forms are filled for {month_end(as_of)}")
    if not filed(settings, as_of):
        return None
    attempt = publication.current(publication.attempts(Lake(settings.lake))).get(as_of)
    if attempt is None:
        raise NotNow(f"{as_of} is not published yet")
    sheet = Sheet.of(settings, attempt)
    for form in sheet.filled:
        _tell(form.made.form, form.faults)
        held(form.made.form, form.faults, form.made.of)
    return {"release": attempt.release, "content": sheet.content, "text": sheet.text()}


def hand_in(as_of: date, shown: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> None:
    """Enter the approvals of what was shown, and hand the forms in, each as a file in the outbox.

    DataError where both answers are one person's, or the release is not what was shown.
    """
    from loanwatch.handing_in import filed, hand_in_
    from loanwatch.lake import Lake
    from loanwatch.seal import audit_log, publication
    from loanwatch.seal.approval import PEOPLE, Approvals, release_of
    from loanwatch.seal.sealed_tables import sealed_content

    settings = resolved()
    lake, approvals = Lake(settings.lake), Approvals.of(settings)
    attempt = publication.find(lake, as_of, shown["release"])
    if sealed_content(lake, attempt) != shown["content"]:
        raise DataError(f"release {attempt.release} of {as_of} is not what was shown: its sealed digest changed; trigger a new run")
    users = [str(answer["responded_by_user"]["name"]) for answer in answers]
    if len(set(users)) < PEOPLE:
        raise DataError(f"{users[0]} approved twice: another person has to; clear the second approval")
    matter = release_of(attempt, shown["content"])
    there = {approval.person for approval in approvals.good(matter)}
    for user, answer in zip(users, answers, strict=True):
        if user not in there:
            approvals.enter_user(matter, user, date.fromisoformat(str(answer["responded_at"])[:10]))
    audit_log.record(lake)
    for form, pool in filed(settings, as_of):
        made = form.made(settings, as_of, attempt.release, first=False, pool=pool)
        left = hand_in_(settings, made, settings.outbox_path / as_of.isoformat(), _tell)
        again = ", the same as before" if left.entered.again else ""
        log.info("handed in form=%s number=%d records=%d%s", form.layout.form, left.entered.number, left.records, again)


def _tell(form: Form, faults: Sequence[Fault]) -> None:
    for fault in faults:
        level = logging.ERROR if fault.critical else logging.WARNING
        log.log(level, "form=%s field=%s %s records=%d", form.layout.form, fault.field, fault.says, fault.records)
