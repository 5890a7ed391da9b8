"""The audit log: what is done is entered once, and whatever is taken from it, put into it, moved or changed is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cli import loanwatch
from conftest import application
from deltalake import write_deltalake
from hypothesis import given
from hypothesis import strategies as st
from lakes import released

from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.admit.tables import DELIVERY
from loanwatch.cover.tables import MODEL
from loanwatch.errors import DataError
from loanwatch.lake import Lake
from loanwatch.nights import landed
from loanwatch.seal import audit_log, log_proof, publication
from loanwatch.seal.acts import Act, acts
from loanwatch.seal.audit_log import Entry, chained, entries, faults, record
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.tables import AUDIT_LOG, CERTIFICATE
from loanwatch.tables import Table

DAY = date(2025, 3, 1)
DELIVERIES = [
    {"delivery_no": n, "batch_no": 1, "feed": "repayment", "sender": "P01", "business_on": DAY, "sequence": n,
     "sha256": f"{n}" * 64, "outcome": "admitted", "stamp": "s"} for n in (1, 2, 3)
]  # fmt: skip
REVIEWS = [
    {"review_id": "1", "decision": "override", "five_class": "normal", "author": "A1", "line_no": 1},
    {"review_id": "2", "decision": "approve", "approves_review_id": "1", "author": "B2", "line_no": 2},
    {"review_id": "3", "decision": "confirm", "author": "A1", "line_no": 3},
]
WAIVER = "[{partner_id: P01, pool_id: T1, currency: CNY, at_most_minor: 5, who: A1, why: known, until: 2025-06-30}]"
Log = list[Entry]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with one published release, three deliveries, reviews, a promoted model; its head certified and deposited."""
    tables: dict[Table, Any] = {
        DELIVERY: DELIVERIES, REVIEW.table: REVIEWS, MODEL: [{"act_no": 1, "act": "promoted", "model": "m1", "why": "nearer"}],
    }  # fmt: skip
    made, attempt = released(tmp_path / "lake", DAY, tables, changed={"waivers.yaml": WAIVER})
    certified = log_proof.whole(made, deposits(made))
    made.append(CERTIFICATE, [{"release": attempt.release, "as_of": DAY, "statement": log_proof.STATEMENT, "subject": "log",
                               "found": str(certified)}])  # fmt: skip
    audit_log.enter(made, Act("reveal", "0" * 32, purpose="a letter", entries=1))
    deposits(made).bring(entries(made))
    return made


def deposits(lake: Lake) -> Deposits:
    return Deposits(lake.path.with_name("deposits"))


def found(lake: Lake) -> list[str]:
    return list(log_proof.faults(lake, deposits(lake), entries(lake)))


def write(lake: Lake, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    write_deltalake(lake.delta(table), pa.Table.from_pylist(list(rows), schema=table.arrow), mode="overwrite")


def forge(lake: Lake, log: Log) -> None:
    write(lake, AUDIT_LOG, [asdict(entry) for entry in log])


def anew(log: Log) -> Log:
    """A log written anew from its first entry on, its chain without a fault."""
    made: Log = []
    for entry in log:
        made += chained(made, [entry.act], entry.done_at, entry.actor)
    return made


def test_all_that_was_done_is_entered_once(lake: Lake) -> None:
    log = entries(lake)
    assert [(entry.action, entry.subject) for entry in log] == [
        *(("receive", f"repayment/P01/{DAY}/00{n}") for n in (1, 2, 3)),
        ("configure", publication.find(lake, DAY).conf_digest), ("waive", "P01 T1 CNY"),
        ("attempt", f"release 1 of {DAY}"), ("publish", f"release 1 of {DAY}"),
        ("override", "P01:1:1"), ("approve", "P01:1:2"), ("promote", "m1"), ("reveal", "0" * 32),
    ]  # fmt: skip
    assert [entry.entry_no for entry in log] == list(range(1, len(log) + 1))
    told = {entry.action: json.loads(entry.facts or "{}") for entry in log}
    assert (told["receive"]["sha256"], told["waive"]["who"], told["override"]["author"]) == ("3" * 64, "A1", "A1")
    assert (told["publish"]["through_delivery_no"], told["approve"]["approves_review_id"]) == (1, "1")
    assert told["configure"].keys() >= {"waivers.yaml", "feeds.yaml", "business.yaml"}
    assert record(lake) == log and found(lake) == []


def test_what_a_run_that_died_left_out_is_entered_and_deposited_by_the_next(lake: Lake) -> None:
    after = publication.fix(lake, publication.open_attempt(lake, date(2025, 3, 2), "gone"), 2, "conf", "code")
    publication.publish(lake, after)  # and here it dies
    before = deposits(lake).heads()
    log = record(lake)  # here too, before it deposits
    assert [entry.action for entry in log][-3:] == ["reveal", "attempt", "publish"]
    for _ in range(2):
        deposits(lake).bring(record(lake))
    assert deposits(lake).heads() == [*before, audit_log.head(log)]
    assert found(lake) == []


def swapped(log: Log, i: int) -> Log:
    return [*log[:i], log[i + 1], log[i], *log[i + 2 :]]


def renumbered(log: Log) -> Log:
    return [replace(entry, entry_no=n) for n, entry in enumerate(log, 1)]


CHANGES: dict[str, Callable[[Log, int], Log]] = {
    "removed": lambda log, i: log[:i] + log[i + 1 :],
    "removed, and renumbered": lambda log, i: renumbered(log[:i] + log[i + 1 :]),
    "inserted": lambda log, i: [*log[:i], replace(log[i], subject="another"), *log[i:]],
    "inserted, and renumbered": lambda log, i: renumbered([*log[:i], log[i], *log[i:]]),
    "moved": lambda log, i: renumbered(swapped(log, i)),
    "changed": lambda log, i: [*log[:i], replace(log[i], purpose="another"), *log[i + 1 :]],
    "changed, with its digest": lambda log, i: [
        *log[:i], replace(log[i], actor="x", digest=replace(log[i], actor="x").sealed()), *log[i + 1 :]
    ],
    "inserted without a number": lambda log, i: [replace(log[i], entry_no=None), *log],
}  # fmt: skip


@given(st.lists(st.sampled_from(("reveal", "erase")), min_size=3, max_size=9), st.data())
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_chain_that_was_tampered_with_is_found(change: str, actions: list[str], data: st.DataObject) -> None:
    log = chained([], [Act(action, f"{n}", purpose="why") for n, action in enumerate(actions)], "2025", "somebody")
    assert list(faults(log)) == []
    i = data.draw(st.integers(0, len(log) - 2))
    assert list(faults(CHANGES[change](log, i)))


def test_the_message_names_the_entry_and_what_was_done(lake: Lake) -> None:
    log = entries(lake)
    forge(lake, CHANGES["removed"](log, 4))
    assert found(lake)[0] == f"before entry 6 (attempt release 1 of {DAY}) 1 are missing: removed"
    forge(lake, CHANGES["changed"](log, 10))
    assert found(lake) == [f"entry 11 (reveal {'0' * 32}) was changed: it does not come to its digest"]
    forge(lake, CHANGES["moved"](log, 7))
    assert "entry 8 (approve P01:1:2) does not follow the one before it: entries were removed, inserted or moved" in found(lake)


def test_a_tail_that_was_cut_off_is_found_even_after_the_next_run_has_gone_on(lake: Lake) -> None:
    log = entries(lake)
    forge(lake, log[:-1])
    kept = f"entry 11, deposited in {deposits(lake).folder}"
    assert found(lake) == [f"{kept}, is not in the log, which ends with 10: its tail was cut off"]
    forge(lake, log[:6])
    assert any("as the certificate of release 1" in fault for fault in found(lake))
    record(lake)
    assert len(entries(lake)) == 10
    audit_log.enter(lake, Act("reveal", "1" * 32, purpose="another", entries=1))
    assert f"{kept}, is another in the log: it was written anew" in found(lake)


def test_a_log_written_anew_from_the_first_entry_on_is_found(lake: Lake) -> None:
    log = entries(lake)
    forged = anew([replace(log[0], facts=(log[0].facts or "").replace("1" * 64, "f" * 64)), *log[1:-1]])
    forge(lake, forged)
    assert list(faults(forged)) == []
    told = "\n".join(found(lake))
    assert "entry 11, deposited" in told and "entry 10, as the certificate" in told
    assert f"entry 1 (receive repayment/P01/{DAY}/001): the ledger that it was taken from no longer says so" in told


def test_a_delivery_taken_out_of_the_ledger_is_found_by_its_entry_and_nothing_is_handed_in(lake: Lake) -> None:
    write(lake, DELIVERY, [row for row in lake.rows(DELIVERY).to_pylist() if row["delivery_no"] != 2])
    (fault,) = found(lake)
    assert fault.startswith(f"entry 2 (receive repayment/P01/{DAY}/002): the ledger") and fault.endswith("removed or changed")
    running = application(lake.path, lake.path, seal={"deposit_to": str(deposits(lake).folder)})
    attempt = publication.find(lake, DAY)
    with pytest.raises(DataError, match=r"the audit log is not whole\nentry 2 .*\nnothing is published until"):
        running._seal(attempt, landed(lake, str(attempt.conf_digest)))


def test_entries_of_before_there_were_numbers_are_held_by_the_first_that_has_one(tmp_path: Path) -> None:
    older = replace(
        AUDIT_LOG, columns=tuple(replace(c, required=c.name in ("done_at", "actor", "action", "subject", "entries")) for c in
                                 AUDIT_LOG.columns if c.name not in ("entry_no", "facts", "previous", "digest")),
    )  # fmt: skip
    lake = Lake(tmp_path / "lake")
    lake.open("demo")
    row = {"actor": "a", "action": "reveal", "subject": "t", "purpose": "p"}
    lake.append(older, [{**row, "done_at": f"2024-0{n}", "entries": n} for n in (1, 2)])
    audit_log.enter(lake, Act("erase", "t", purpose="asked to", entries=3))
    log = entries(lake)
    assert [entry.entry_no for entry in log] == [None, None, 1] and found(lake) == []
    for forged in ([*log[1:]], [log[0], *log], [replace(log[0], entries=9), *log[1:]]):
        assert list(faults(sorted(forged, key=lambda entry: entry.entry_no or 0)))


def test_two_facts_are_one_act_where_all_that_both_tell_is_the_same(lake: Lake) -> None:
    shown = acts(lake)
    told = [replace(act, facts=json.dumps({**act.known, "new": 1})) for act in shown if act.facts]
    assert audit_log.outstanding(entries(lake), told) == []
    other = [replace(act, facts=json.dumps({**act.known, "sha256": "9"})) for act in shown if act.action == "receive"]
    assert audit_log.outstanding(entries(lake), other) == other


def test_the_command_says_whether_it_is_whole(lake: Lake) -> None:
    asked = ("audit", "verify", "--lake", lake.path)
    kept = {"LOANWATCH__SEAL__DEPOSIT_TO": str(deposits(lake).folder)}
    done = loanwatch(*asked, **kept)
    assert done.returncode == 0 and "whole: 11 entries" in done.stdout and "up to entry 11" in done.stdout, done.stderr
    publication.open_attempt(lake, date(2025, 3, 2), "gone")
    assert "the next run will: attempt release 2 of 2025-03-02" in loanwatch(*asked, **kept).stdout
    forge(lake, entries(lake)[:-2])
    done = loanwatch(*asked, **kept)
    assert done.returncode == 1 and "its tail was cut off" in done.stderr
    (file,) = deposits(lake).folder.iterdir()
    file.write_text("{}")
    done = loanwatch(*asked, **kept)
    assert done.returncode == 1 and f"{file}: not a deposit" in done.stderr
