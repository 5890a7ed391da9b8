"""Approvals by two people: what counts, what does not and why, what is refused; and milder decisions that need them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest
from cli import ROOT, loanwatch
from conftest import application
from deltalake import write_deltalake
from keys import new_key, people, public, signed
from lakes import released

from loanwatch import intraday, modelling, settings
from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.admit.tables import DELIVERY, SUPERSEDED
from loanwatch.cover.tables import MODEL
from loanwatch.errors import DataError, UsageError
from loanwatch.lake import Lake
from loanwatch.restatement import Restatement
from loanwatch.seal import audit_log, log_proof, milder, publication
from loanwatch.seal.approval import Approvals, Matter, configuration_of, delivery_of, model_of, release_of
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.signature import Signers
from loanwatch.seal.tables import APPROVAL
from loanwatch.tables import Table

DAY = date(2025, 3, 1)
ON = date(2026, 3, 31)
CONF = configuration_of("1f" * 32)
Keys = dict[str, Path]
Tables = Mapping[Table, Sequence[dict[str, Any]]]
NONE: Tables = MappingProxyType({})


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return people(tmp_path, "li", "wang", "zhao")


@pytest.fixture
def approvals(tmp_path: Path, keys: Keys) -> Approvals:
    lake = Lake(tmp_path / "lake")
    lake.open("demo")
    return Approvals(lake, "demo", Signers(tmp_path / "allowed_signers", tmp_path / "revoked_keys"), required=True)


def approve(approvals: Approvals, keys: Keys, *names: str, of: Matter = CONF) -> None:
    for name in names:
        approvals.enter(of, signed(keys[name], approvals.statement(of)), ON)


def people_of(approvals: Approvals, of: Matter = CONF) -> list[str]:
    return [approval.person for approval in approvals.good(of)]


def altered(approvals: Approvals, **changes: Any) -> None:
    """The first approval with other values: by somebody who can write to the lake."""
    rows = approvals.lake.rows(APPROVAL, "true order by approval_no", APPROVAL.names).to_pylist()
    rows[0] |= changes
    write_deltalake(approvals.lake.delta(APPROVAL), pa.Table.from_pylist(rows, schema=APPROVAL.arrow), mode="overwrite")


def test_the_statement_says_whose_book_what_and_its_digest(approvals: Approvals) -> None:
    assert approvals.statement(CONF) == f"loanwatch approval\nbook: demo\nof: configuration\ndigest: {'1f' * 32}\n"


def test_two_people_approve_and_one_does_not(approvals: Approvals, keys: Keys) -> None:
    with pytest.raises(UsageError, match=r"by 2 people, nobody has approved it; `loanwatch approve configuration 1f1f1f1f1f1f`"):
        approvals.demand(CONF)
    approve(approvals, keys, "li")
    with pytest.raises(UsageError, match="only li has approved it"):
        approvals.demand(CONF)
    assert approvals.stated(CONF).holds is False
    approve(approvals, keys, "wang")
    assert [approval.person for approval in approvals.demand(CONF)] == ["li", "wang"]
    said = approvals.stated(CONF)
    assert (said.holds, said.expected, said.subject) == (True, "2", f"configuration {CONF.digest}")
    assert str(said.found).startswith("li SHA256:") and ", wang SHA256:" in str(said.found)
    with pytest.raises(UsageError, match="nobody"):
        approvals.demand(configuration_of("2f" * 32))


def test_where_approvals_are_off_nobody_has_to_and_that_is_stated(approvals: Approvals) -> None:
    off = replace(approvals, required=False)
    assert off.demand(CONF) == [] and off.people(CONF) is None and approvals.people(CONF) == ()
    assert (off.stated(CONF).statement, off.stated(CONF).holds) == ("approvals: off", None)


def test_who_approves_twice_is_refused_by_any_of_their_keys(approvals: Approvals, keys: Keys, tmp_path: Path) -> None:
    approve(approvals, keys, "li")
    second = new_key(tmp_path, "second")
    with approvals.signers.allowed.open("a", encoding="utf-8") as allowed:
        allowed.write(f"li {public(second)}")
    for key in (keys["li"], second):
        with pytest.raises(DataError, match="li has approved this already, on 2026-03-31: another person has to"):
            approvals.enter(CONF, signed(key, approvals.statement(CONF)), ON)
    assert people_of(approvals) == ["li"]


def test_a_key_under_two_names_is_one_approval(approvals: Approvals, keys: Keys) -> None:
    approve(approvals, keys, "li")
    signature = signed(keys["li"], approvals.statement(CONF))
    listed = approvals.signers.allowed.read_text(encoding="utf-8")
    approvals.signers.allowed.write_text(listed.replace("li ", "chen ", 1), encoding="utf-8")
    approvals.enter(CONF, signature, ON)  # li is nobody now: only chen's counts
    assert people_of(approvals) == ["chen"]


def test_a_signature_of_another_matter_book_or_by_a_stranger_is_refused(
    approvals: Approvals, keys: Keys, tmp_path: Path
) -> None:  # fmt: skip
    others = (
        approvals.statement(configuration_of("2f" * 32)), approvals.statement(model_of(CONF.digest)),
        replace(approvals, tenant="other").statement(CONF),
    )  # fmt: skip
    for text in others:
        with pytest.raises(DataError, match="the signature is none of this statement"):
            approvals.enter(CONF, signed(keys["li"], text), ON)
    with pytest.raises(DataError, match="is nobody's there"):
        approvals.enter(CONF, signed(new_key(tmp_path, "stranger"), approvals.statement(CONF)), ON)
    assert approvals.rows() == []


def test_an_approval_by_a_key_that_was_taken_back_counts_no_longer(approvals: Approvals, keys: Keys) -> None:
    approve(approvals, keys, "li", "wang")
    approvals.signers.revoked.write_text(public(keys["li"]), encoding="utf-8")
    with pytest.raises(UsageError, match=r"only wang has approved it(.|\n)*that of li SHA256:\S+ does not count: .*may not sign"):
        approvals.demand(CONF)
    approve(approvals, keys, "zhao")
    assert people_of(approvals) == ["wang", "zhao"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"person": "zhao"}, "the ledger was altered: it is the signature of li"),
        ({"fingerprint": "SHA256:x"}, "the ledger was altered"),
        ({"signature": None, "fingerprint": None}, "it is not signed"),
        ({"signature": "none"}, "the signature is none of this statement"),
    ],
)
def test_what_was_written_into_the_ledger_counts_for_nothing(
    approvals: Approvals, keys: Keys, changes: dict[str, Any], why: str
) -> None:
    approve(approvals, keys, "li", "wang")
    altered(approvals, **changes)
    with pytest.raises(UsageError, match=why):
        approvals.demand(CONF)


def test_an_approval_moved_to_another_configuration_counts_for_nothing(approvals: Approvals, keys: Keys) -> None:
    approve(approvals, keys, "li", "wang")
    altered(approvals, digest="2f" * 32)
    assert people_of(approvals) == ["wang"] and people_of(approvals, configuration_of("2f" * 32)) == []


def test_users_of_airflow_approve_releases_and_nothing_else(tmp_path: Path, keys: Keys) -> None:
    lake, attempt = released(tmp_path / "lake", DAY, {})
    approvals = Approvals(lake, "demo", Signers(tmp_path / "allowed_signers", tmp_path / "revoked_keys"), required=True)
    of = release_of(attempt, "c" * 64)
    assert (of.subject, of.asked) == (f"release 1 of {DAY}", f"release --date {DAY} --release 1")
    approvals.enter_user(of, "admin", ON)
    with pytest.raises(DataError, match="admin has approved this already"):
        approvals.enter_user(of, "admin", ON)
    with pytest.raises(UsageError, match="only admin"):
        approvals.demand(of)
    approve(approvals, keys, "li", of=of)
    assert [approval.by.split()[0] for approval in approvals.demand(of)] == ["admin", "li"]
    with pytest.raises(DataError, match="users of Airflow approve releases only"):
        approvals.enter_user(CONF, "admin", ON)


def test_approvals_are_in_the_audit_log_and_one_taken_out_is_found(tmp_path: Path, keys: Keys) -> None:
    lake, _ = released(tmp_path / "lake", DAY, {})
    approvals = Approvals(lake, "demo", Signers(tmp_path / "allowed_signers", tmp_path / "revoked_keys"), required=True)
    approve(approvals, keys, "li", "wang")
    log, deposits = audit_log.record(lake), Deposits(tmp_path / "deposits")
    assert [entry.subject for entry in log if entry.action == "sign"] == ["configuration"] * 2
    assert list(log_proof.faults(lake, deposits, log)) == []
    rows = lake.rows(APPROVAL, "person = 'wang'", APPROVAL.names)
    write_deltalake(lake.delta(APPROVAL), rows.cast(APPROVAL.arrow), mode="overwrite")
    (fault,) = log_proof.faults(lake, deposits, log)
    assert "(sign configuration): the ledger that it was taken from no longer says so" in fault


RECOLOUR = {"decision": "recolour", "colour": "amber", "rule_id": "DPD", "decided_on": DAY, "expires_on": DAY, "withdrawn": False}
DECISIONS: dict[str, dict[str, Any]] = {
    "in force": {},
    "to red": {"colour": "red"},
    "snoozed": {"decision": "snooze", "colour": None},
    "run out": {"expires_on": date(2025, 2, 28)},
    "not yet": {"decided_on": date(2025, 3, 2), "expires_on": date(2025, 3, 9)},
    "withdrawn": {"withdrawn": True},
}


def decided(
    folder: Path, decisions: Sequence[dict[str, Any]], lost: Sequence[dict[str, Any]] = (), known: int = 9, more: Tables = NONE
) -> Any:  # fmt: skip
    """A lake with one delivery of each decision, and its release."""
    rows = [RECOLOUR | row | {"review_id": str(n), "delivery_no": n, "line_no": 1} for n, row in enumerate(decisions, 1)]
    deliveries = [
        {"delivery_no": n, "batch_no": 1, "feed": "review", "sender": "OWN", "business_on": DAY, "sequence": n,
         "sha256": f"{n}" * 64, "outcome": "admitted", "stamp": "s"} for n in range(1, len(rows) + 1)
    ]  # fmt: skip
    return released(folder / "lake", DAY, {REVIEW.table: rows, DELIVERY: deliveries, SUPERSEDED: list(lost), **more}, known=known)


def test_only_a_milder_colour_in_force_asks_for_approval(tmp_path: Path) -> None:
    lake, attempt = decided(tmp_path, list(DECISIONS.values()))
    found = [row["delivery_no"] for row in milder.deliveries(lake, attempt)]
    assert [list(DECISIONS)[number - 1] for number in found] == ["in force"]


@pytest.mark.parametrize(("by", "known", "asked"), [(2, 9, False), (2, 1, True), (None, 0, False), (None, 1, True)])
def test_a_decision_that_was_replaced_or_is_not_known_asks_for_none(
    tmp_path: Path, by: int | None, known: int, asked: bool
) -> None:  # fmt: skip
    lost = [{"feed": "review", "delivery_no": 1, "line_no": 1, "by": by}] if by else []
    lake, attempt = decided(tmp_path, [{}, {"colour": "red"}], lost, known)
    assert [row["delivery_no"] for row in milder.deliveries(lake, attempt)] == ([1] if asked else [])


def test_milder_decisions_hold_a_night_back_until_their_delivery_is_approved(tmp_path: Path, keys: Keys) -> None:
    lake, attempt = decided(tmp_path, [{}])
    approvals = Approvals(lake, "demo", Signers(tmp_path / "allowed_signers", tmp_path / "revoked_keys"), required=True)
    with pytest.raises(DataError, match=rf"milder than computed\ndelivery review/OWN/{DAY}/001 1+ has to be approved"):
        milder.demand(approvals, attempt)
    (said,) = milder.stated(approvals, attempt)
    assert said.holds is False
    milder.demand(replace(approvals, required=False), attempt)
    (row,) = milder.deliveries(lake, attempt)
    approve(approvals, keys, "li", "wang", of=delivery_of(row))
    milder.demand(approvals, attempt)
    (said,) = milder.stated(approvals, attempt)
    assert said.holds is True


def test_nothing_runs_by_a_configuration_that_nobody_approved(tmp_path: Path) -> None:
    """Neither a night, nor a restatement, nor a refresh; and no model is promoted. None of them starts Spark or leaves a trace."""
    lake, attempt = released(tmp_path / "lake", DAY, {})
    running = application(tmp_path / "inbox", lake.path, seal={"approvals": "required"})
    before = publication.attempts(lake)
    for run in (
        lambda: running.night(date(2025, 3, 2)),
        lambda: Restatement(DAY, attempt.known).perform(running),
        lambda: Restatement(DAY, attempt.known, conf_now=True).perform(running),
        lambda: intraday.refresh(running),
        lambda: modelling.promoted(running.settings, "m" * 64, "nearer"),
    ):
        with pytest.raises(UsageError, match="has to be approved by 2 people, nobody has approved it"):
            run()
    assert publication.attempts(lake) == before and running._starting is None


def test_a_tenants_own_list_of_signers_replaces_the_common_one(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    own = conf / "tenants" / "demo"
    own.mkdir(parents=True)
    of = settings.load("test").model_copy(update={"conf": conf, "lake": tmp_path})
    assert Approvals.of(of).signers.allowed == conf / "allowed_signers"
    (own / "allowed_signers").touch()
    signers = Approvals.of(of).signers
    assert (signers.allowed, signers.revoked) == (own / "allowed_signers", own / "revoked_keys")


def approved_by_command(lake: Lake, conf: Path, key: Path, *asked: object) -> tuple[str, str]:
    """What a command shows, and says when it is given the signature of what it prints."""
    where = ("--lake", lake.path, "--env", "test")
    printed = loanwatch("approve", *asked, *where, LOANWATCH_CONF=str(conf))
    assert printed.returncode == 0, printed.stderr
    (conf / "signature").write_bytes(signed(key, printed.stdout))
    done = loanwatch("approve", *asked, "--signature", conf / "signature", *where, LOANWATCH_CONF=str(conf))
    assert done.returncode == 0, done.stderr
    return printed.stderr, done.stdout


def test_a_delivery_a_model_and_a_configuration_are_approved_by_command(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(ROOT / "conf", conf)
    keys = people(conf, "li", "wang")
    lake, attempt = decided(tmp_path, [{}], more={MODEL: [{"act_no": 1, "act": "fitted", "model": "ab" * 32}]})
    shown, said = approved_by_command(lake, conf, keys["li"], "delivery", 1)
    assert "decision recolour" in shown and "colour amber" in shown and "sign what follows" in shown
    assert f"delivery review/OWN/{DAY}/001 {'1' * 12} is approved by li SHA256:" in said and "; 1 more to come" in said
    _, said = approved_by_command(lake, conf, keys["wang"], "delivery", 1)
    assert "is approved by wang" in said and "more to come" not in said
    _, said = approved_by_command(lake, conf, keys["li"], "model", "abab")
    assert f"model {'ab' * 6} is approved by li" in said
    (conf / "waivers.yaml").write_text("[]  # none\n", encoding="utf-8")
    shown, said = approved_by_command(lake, conf, keys["li"], "configuration")
    assert "+++ now/waivers.yaml" in shown and "+[]  # none" in shown and "configuration " in said
    shown, _ = approved_by_command(lake, conf, keys["wang"], "configuration", attempt.conf_digest)
    assert "---" not in shown  # what ran last
    for asked, fault in ((("delivery", 7), "no delivery 7 was admitted"), (("model", "cd"), "0 models begin with 'cd'"),
                         (("configuration", "none"), "0 configurations begin with 'none'")):  # fmt: skip
        done = loanwatch("approve", *asked, "--lake", lake.path, "--env", "test", LOANWATCH_CONF=str(conf))
        assert done.returncode == 2 and fault in done.stderr
