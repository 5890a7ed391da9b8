"""A synthetic book is whole: the same every time, addressed rightly, refused where the arguments make no sense."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from synth.synth_book import DAYS, LOANS, START, Book, delivered

from loanwatch import codes
from loanwatch.admit.feeds import FEEDS
from loanwatch.errors import UsageError
from loanwatch.synth import synth
from loanwatch.synth.collateral import Assets, values
from loanwatch.synth.market import Market


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("faults", [False, True])
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, faults: bool) -> None:
    for name in ("once", "again"):
        synth(150, 8, 3, START, tmp_path / name, faults)
    assert digests(tmp_path / "once") == digests(tmp_path / "again")


def test_another_seed_gives_another_book(tmp_path: Path) -> None:
    for seed in (1, 2):
        synth(20, 2, seed, START, tmp_path / str(seed))
    assert digests(tmp_path / "1") != digests(tmp_path / "2")


@pytest.mark.parametrize("which", ["book", "spoiled"])
def test_manifests_state_what_lies_there(which: str, request: pytest.FixtureRequest) -> None:
    for folder, manifest in request.getfixturevalue(which).deliveries:
        for file in manifest.files:
            content = (folder / file.name).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256), folder


def test_manifests_state_rows_and_sums(book: Book) -> None:
    for folder, manifest in book.deliveries:
        rows = delivered(folder, manifest)
        assert (len(rows), manifest.sent_on) == (manifest.rows, manifest.business_on), folder
        for column, total in manifest.sums.items():
            assert (pc.sum(rows[column]).as_py() or 0) == total, folder


def test_every_feed_is_sent_and_by_whom_it_should_be(book: Book) -> None:
    assert {manifest.feed for _, manifest in book.deliveries} == set(FEEDS)
    for _, manifest in book.deliveries:
        partner = FEEDS[manifest.feed].sent_by == "partner"
        assert (manifest.sender[0] == "P") if partner else (manifest.sender == FEEDS[manifest.feed].sent_by)


@pytest.mark.parametrize("feed", ["repayment", "behaviour"])
def test_daily_feeds_come_every_day_from_every_partner(book: Book, feed: str) -> None:
    sent = [manifest for _, manifest in book.deliveries if manifest.feed == feed]
    partners = {manifest.sender for manifest in sent}
    assert (len(partners), len(sent)) == (8, 8 * DAYS)


@pytest.mark.parametrize("feed", sorted(name for name, feed in FEEDS.items() if feed.sent_by == "partner"))
def test_ids_belong_to_their_sender(book: Book, feed: str) -> None:
    rows = book.rows(feed)
    for column in {"loan_id", "customer_id", "asset_id", "refinances_loan_id"} & set(rows.column_names):
        owner = pc.utf8_slice_codeunits(rows[column], 0, 4)
        expected = pc.binary_join_element_wise(rows["sender"], ":", "")
        assert pc.all(pc.equal(owner, expected)).as_py(), column


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_rows_satisfy_their_columns(book: Book, feed: str) -> None:
    rows = book.rows(feed)
    for column in FEEDS[feed].file_columns:
        values = rows[column.name]
        assert not (column.required and column.name != "valid_from" and values.null_count), column.name
        if column.codes:
            assert set(values.unique().drop_null().to_pylist()) <= set(column.codes.words), column.name
        if column.at_least is not None:
            assert pc.min(values).as_py() >= column.at_least, column.name
        if column.pattern:
            whole = f"^(?:{column.pattern})$"
            assert pc.all(pc.match_substring_regex(values.drop_null(), whole)).as_py(), column.name


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_keys_come_once(book: Book, feed: str) -> None:
    """What happened to an asset comes once more when it ends."""
    rows = book.rows(feed)
    key = [("sender" if name == "sender_id" else name) for name in FEEDS[feed].identity]
    key += ["ended_on"] if feed == "asset_event" else []
    assert len(rows.group_by(key).aggregate([])) == len(rows)


@pytest.mark.parametrize("loans", [1, 2, 3, 100])
def test_tiny_books(tmp_path: Path, loans: int) -> None:
    synth(loans, 3, 1, START, tmp_path, faults=True)
    book = Book(tmp_path)
    assert len(book.rows("partner")) == min(3, loans)
    assert len(book.rows("loan")) >= loans


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"loans": 0}, "at least one loan"),
        ({"days": 0}, "at least one business date"),
        ({"seed": -1}, "0 or a positive number"),
        ({"start": date(1900, 1, 1)}, "use a date from"),
    ],
)
def test_arguments_without_sense_are_refused(tmp_path: Path, arguments: dict[str, int], says: str) -> None:
    whole = {"loans": 10, "days": 1, "seed": 1, "start": START, "out": tmp_path / "new", **arguments}
    with pytest.raises(UsageError, match=says):
        synth(**whole)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_a_taken_folder_is_refused(tmp_path: Path) -> None:
    synth(5, 1, 1, START, tmp_path)
    with pytest.raises(UsageError, match="already has inbox, truth"):
        synth(5, 1, 1, START, tmp_path)


def test_the_book_has_the_size_asked_for(book: Book) -> None:
    first = book.rows("loan").filter(pc.field("business_on") == START)
    assert len(first) == LOANS


def test_a_vehicle_that_is_valued_again_is_older_and_a_home_is_not() -> None:
    """Made and valued in mid-2023, in a market that stands still: 66 % a year later, 87 % of that another year later."""
    rows, built = np.arange(2000), np.datetime64("2023-07-01", "D").astype(np.int64)
    still = Market(from_month=600, level_bp=np.full((3, 1, 60), 10_000), sales=np.ones((3, 1, 60), np.int64))
    for kind, left in (("vehicle", 0.66), ("house", 1.0)):
        of, zero = np.full(len(rows), codes.ASSET_KINDS.words.index(kind)), np.zeros(len(rows), np.int64)
        assets = Assets(rows, of, zero, zero + 2023, zero + 20_000_000, zero + built, zero > 0)
        for years in (1, 2):
            worth = values(np.random.default_rng(1), still, assets, rows, int(built) + 366 * years)
            expected = left * (0.87 if kind == "vehicle" else 1.0) ** (years - 1)
            assert np.median(worth) / 20_000_000 == pytest.approx(expected, rel=0.01), (kind, years)
