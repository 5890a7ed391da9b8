"""The published schema says what admission does: rows that it takes are admitted, rows that it refuses rejected."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from admit.desk import DAY, Desk
from cli import loanwatch

from loanwatch.admit.delivery import MANIFEST
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.json_schema import json_schema, row_schema

GOOD: dict[str, Any] = {"repayment_id": "R1", "paid_on": str(DAY), "loan_id": "P01:L1", "paid_minor": 1, "payer": "borrower"}
BEHAVIOUR: dict[str, Any] = {"event_id": "E1", "happened_on": str(DAY), "customer_id": "P01:C1", "kind": "login", "times": 1}
ASSET: dict[str, Any] = {"asset_id": "P01:A1", "kind": "flat", "locator": "1 Long Street"}
GOODS = {"repayment": GOOD, "behaviour": BEHAVIOUR, "asset": ASSET}


@pytest.mark.parametrize(
    ("feed", "change"),
    [
        *[("repayment", change) for change in (
            {}, {"payer": "nobody"}, {"paid_minor": -1}, {"loan_id": "L1"}, {"loan_id": "P01:"}, {"paid_minor": None},
            {"channel": "debit"},
        )],
        *[("behaviour", change) for change in (
            {}, {"kind": "spend"}, {"kind": "spend", "amount_minor": 0}, {"kind": "bounce"}, {"kind": "salary", "currency": "CNY"},
        )],
        *[("asset", change) for change in (
            {}, {"size": 2000}, {"size": 2001}, {"size": 4}, {"kind": "house", "size": 2001}, {"kind": "vehicle", "size": 0},
        )],
    ],
)  # fmt: skip
def test_the_schema_and_admission_agree(desk: Desk, feed: str, change: dict[str, Any]) -> None:
    row = {key: value for key, value in {**GOODS[feed], **change}.items() if value is not None}
    says_yes = jsonschema.Draft202012Validator(row_schema(FEEDS[feed])).is_valid(row)
    names = [column.name for column in FEEDS[feed].file_columns]
    lines = [names, [str(row.get(name, "")) for name in names]]
    folder = desk.send_file(feed, "r.csv", "\n".join(map(",".join, lines)).encode(), rows=1)
    desk.admit()
    assert (len(desk.rows(feed)) == 1) is says_yes
    jsonschema.validate(json.loads((folder / MANIFEST).read_text()), json_schema()["$defs"]["manifest"])


def test_the_command_prints_a_schema_of_every_feed() -> None:
    said = json.loads(loanwatch("feeds", "--json-schema").stdout)
    jsonschema.Draft202012Validator.check_schema(said)
    assert set(said["$defs"]) == {*FEEDS, "manifest"}
    assert said["$defs"]["borrower"]["properties"]["id_number"]["x-restricted"] == "identity"
