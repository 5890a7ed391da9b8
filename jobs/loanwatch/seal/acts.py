"""What the ledgers of a lake show that was done to it: receipts, configurations, waivers, attempts, publications, decisions.

Each is a fact for ever: the rows that it is taken from are appended or turned over once and stay. So the audit log can be
brought up to date at any time, and whoever takes a row out of a ledger is found by the entry.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.admit.tables import CONF, DELIVERY
from loanwatch.cover.tables import MODEL
from loanwatch.lake import Lake
from loanwatch.report.tables import HAND_IN
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.table_digest import sha256
from loanwatch.seal.tables import APPROVAL, RETIRED, SEALED
from loanwatch.seal.waivers import FILE as WAIVERS

RECEIPT = ("delivery_no", "sha256", "stamp", "outcome", "rows_in", "rows_admitted", "rows_rejected", "rows_repeated")
DECISION = (
    "subject", "subject_id", "rule_id", "colour", "five_class", "approves_review_id", "reason", "author", "decided_on",
    "expires_on",
)  # fmt: skip
OTHER_THAN_COMPUTED = ("override", "recolour", "approve")
SHOWN = frozenset((
    "receive", "configure", "waive", "sign", "attempt", "restate", "abandon", "publish", "promote", "hand_in", "retire",
    *OTHER_THAN_COMPUTED,
))  # fmt: skip


@dataclass(frozen=True)
class Act:
    """Something that was done, to what; `facts` is JSON, `purpose` why, `entries` how many entries of the vault it concerns."""

    action: str
    subject: str
    facts: str | None = None
    purpose: str | None = None
    entries: int | None = None

    @property
    def known(self) -> Mapping[str, Any]:
        return dict(json.loads(self.facts)) if self.facts else {}


class Acts:
    """Acts to look another up in: it is there if one of the same kind and subject says the same in all that both tell."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._by = defaultdict[tuple[str, str], set[str | None]](set)
        for act in acts:
            self._by[act.action, act.subject].add(act.facts)

    def __contains__(self, act: Act) -> bool:
        there = self._by.get((act.action, act.subject), set())
        return act.facts in there or any(_agree(act, replace(act, facts=facts)) for facts in there)


def _agree(one: Act, other: Act) -> bool:
    both = one.known.keys() & other.known.keys()
    return bool(both) and all(one.known[name] == other.known[name] for name in both)


def acts(lake: Lake) -> list[Act]:
    """All that the ledgers show, in the order in which a night does it."""
    taken = (_received, _configured, _signed, _attempted, _decided, _promoted, _handed_in, _retired)
    return [act for of in taken for act in of(lake)]


def _received(lake: Lake) -> Iterator[Act]:
    names = ("feed", "sender", "business_on", "sequence", "batch_no", *RECEIPT)
    rows = lake.rows(DELIVERY, columns=names).to_pylist()
    for row in sorted(rows, key=lambda row: (row["batch_no"], row["delivery_no"] or 0, row["sha256"], row["stamp"])):
        subject = f"{row['feed']}/{row['sender']}/{row['business_on']}/{row['sequence']:03d}"
        yield _act("receive", subject, {name: row[name] for name in RECEIPT})


def _configured(lake: Lake) -> Iterator[Act]:
    """A configuration with the digests of its files, and the waivers in it."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in lake.rows(CONF).to_pylist():
        texts[row["conf_digest"]][row["path"]] = row["text"]
    for digest, files in sorted(texts.items()):
        yield _act("configure", digest, {path: sha256(text) for path, text in files.items()})
        for waiver in yaml.safe_load(files.get(WAIVERS, "")) or []:
            subject = " ".join(str(waiver[name]) for name in ("partner_id", "pool_id", "currency"))
            yield _act("waive", subject, waiver)


def _signed(lake: Lake) -> Iterator[Act]:
    for row in lake.rows(APPROVAL, "true order by approval_no", APPROVAL.names).to_pylist():
        yield _act("sign", str(row.pop("subject")), row)


def _attempted(lake: Lake) -> Iterator[Act]:
    content = {(row["release"], row["as_of"]): row["content_digest"] for row in lake.rows(SEALED).to_pylist()}
    for attempt in publication.attempts(lake):
        subject = f"release {attempt.release} of {attempt.as_of}"
        begun = "restate" if attempt.kind == "restatement" else "attempt"
        yield _act(begun, subject, {"holder": attempt.holder, "replaces": attempt.replaces})
        if attempt.state == "abandoned":
            yield _act("abandon", subject, {"reason": attempt.reason})
        if attempt.state == "published":
            sealed = content.get((attempt.release, attempt.as_of))
            yield _act("publish", subject, {**_fixed(attempt), "content_digest": sealed})


def _fixed(attempt: Attempt) -> dict[str, Any]:
    names = ("parent", "through_delivery_no", "conf_digest", "code_digest", "publication_no")
    return {name: getattr(attempt, name) for name in names}


def _decided(lake: Lake) -> Iterator[Act]:
    """What people decided that makes a result other than computed, and who approved it."""
    words = ", ".join(f"'{word}'" for word in OTHER_THAN_COMPUTED)
    names = ("sender_id", "review_id", "decision", "delivery_no", "line_no", *DECISION)
    rows = lake.rows(REVIEW.table, f"decision in ({words}) order by delivery_no, line_no", names).to_pylist()
    for row in rows:
        facts = {name: row[name] for name in ("delivery_no", "line_no", *DECISION) if row[name] is not None}
        yield _act(row["decision"], f"{row['sender_id']}:{row['review_id']}", facts)


def _promoted(lake: Lake) -> Iterator[Act]:
    for row in lake.rows(MODEL, "act = 'promoted' order by act_no").to_pylist():
        yield _act("promote", row["model"], {name: row[name] for name in ("act_no", "kind", "from_on", "said_by", "why")})


def _handed_in(lake: Lake) -> Iterator[Act]:
    names = (
        "release", "pool_id", "base_digest", "filing_digest", "records", "records_digest", "file", "file_digest", "demonstration",
        "handed_in_by", "approved_by",
    )  # fmt: skip
    for row in lake.rows(HAND_IN, "true order by hand_in_no").to_pylist():
        subject = f"{row['hand_in_no']}: {row['form']} of {row['as_of']}"
        yield _act("hand_in", subject, {name: row[name] for name in names})


def _retired(lake: Lake) -> Iterator[Act]:
    tables: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    for row in lake.rows(RETIRED, "true order by as_of, release, \"table\"").to_pylist():
        tables[row["release"], row["as_of"]].append(row["table"])
    for (release, as_of), names in tables.items():
        yield _act("retire", f"release {release} of {as_of}", {"tables": names})


def _act(action: str, subject: str, facts: Mapping[str, Any]) -> Act:
    return Act(action, subject, json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str))
