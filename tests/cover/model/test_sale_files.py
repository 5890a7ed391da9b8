"""Files of sales: read and checked as admission does; what is turned away is counted by its reason."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from cli import loanwatch
from cover.model.markets import vehicles

from loanwatch.admit import sale_files
from loanwatch.errors import DataError

HEAD = "sale_id,sold_on,kind,region,price_minor,currency,built_year,size"


def written(folder: Path, *lines: str, name: str = "sales.csv", head: str = HEAD) -> Path:
    path = folder / name
    text = "\n".join((head, *lines)) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def test_broken_rows_are_turned_away_each_with_its_reasons(tmp_path: Path) -> None:
    found = sale_files.read([
        written(
            tmp_path, "1,2020-06-30,vehicle,uk,100,GBP,2019,10", "2,2020-06-30,vehicle,uk,100,GBP,2060,10",
            "3,2020-06-30,vehicle,uk,0,GBP,2019,-1", "4,2020-06-31,boat,uk,100,GBP,2019,10",
            "1,2020-06-30,vehicle,uk,200,GBP,2019,10",
        ),
        written(tmp_path, "5,2020-06-30,vehicle,uk,300,GBP,,", name="more.csv.gz"),
    ])  # fmt: skip
    assert found.rows.select(["sale_id", "price_minor"]).to_pylist() == [
        {"sale_id": "1", "price_minor": 200}, {"sale_id": "5", "price_minor": 300},
    ]  # fmt: skip
    assert (found.rows_in, found.repeated) == (6, 1)
    assert found.rejected == {
        "built_year: more than 3 years after sold_on": 1, "price_minor: below 1": 1, "size: below 0 where kind is vehicle": 1,
        "sold_on: not a date": 1, "kind: not of the code list asset_kind": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HEAD.replace("price_minor", "price_minr"), "unknown column 'price_minr' .did you mean price_minor"),
        (HEAD.replace(",currency", ""), "no column currency; `loanwatch feeds sale` prints the columns"),
    ],
)
def test_a_file_of_other_columns_is_refused(tmp_path: Path, head: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        sale_files.read([written(tmp_path, head=head)])


def test_the_command_says_how_good_values_are(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    vehicles(600).to_csv(path, index=False)
    done = loanwatch("model", "test", "vehicle", "--sales", path)
    assert done.returncode == 0, done.stderr
    assert "600 rows: 600 admitted, 0 rejected, 0 repeated" in done.stderr
    lines = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert lines[1:6] == ["2020Q2", "in total", "model, year", "straight line", "hedonic"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--sales", "nowhere.csv"), 1, "nowhere.csv: no such file"),
        (("--sales", "cars.csv", "--from", "2020-01"), 2, "give both --from and --to, or neither"),
        (("--sales", "cars.csv", "--from", "2020", "--to", "2020-02"), 2, "'2020' is no month; write it as 2025-04"),
        (("--sales", "cars.csv", "--from", "2025-01", "--to", "2025-02"), 1, "no sale of a vehicle from 2025-01 to 2025-02"),
        (("--sales", "cars.csv", "--from", "2020-06", "--to", "2020-06"), 1, "0 sales of a vehicle; a model takes 300"),
    ],
)
def test_a_mistake_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    vehicles(400).to_csv(tmp_path / "cars.csv", index=False)
    done = loanwatch("model", "test", "vehicle", *(str(tmp_path / word) if word == "cars.csv" else word for word in words))
    assert done.returncode == code, done.stderr
    assert said in done.stderr
