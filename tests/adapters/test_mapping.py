"""Mappings: every fault is said with file, key and the nearest known name, and nothing in one is ever executed."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapters.partner import MAPPING, conf

from loanwatch import adapters
from loanwatch.adapters.mapping import MOST_BYTES
from loanwatch.errors import UsageError

SHIPPED = Path(__file__).parents[2] / "conf" / "adapters"
STATUS = """\
function: card_dpd
reads:
  month:
    of: loans
    columns:
      number: 合同号
      months_ago: 年利率
      status: 品种
"""


def test_all_shipped_mappings_fit() -> None:
    assert adapters.names(SHIPPED) == ["abs-ee", "agency", "agency-freddie", "card-dpd", "taiwan-cards"]
    for name in adapters.names(SHIPPED):
        if name != adapters.ABS_EE:
            assert adapters.mapping(name, SHIPPED).reads


def test_the_mapping_of_the_tests_fits(tmp_path: Path) -> None:
    assert adapters.mapping("p07", conf(tmp_path)).feeds["loan"].columns["loan_id"].from_ == ("合同号",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    snapshot: true", "    snapshots: true", "feeds.loan.snapshots: unknown key; did you mean 'snapshot'?"),
        ("sender: P07", "sender: ../P07", "sender: String should match pattern"),
        ("sender: P07\n", "", "sender: Field required"),
        ("  loan:\n", "  loans:\n", "feeds: no feed 'loans'; did you mean 'loan'?"),
        ("      loan_id:", "      lona_id:", "columns.lona_id: feed loan has no column 'lona_id'; did you mean 'loan_id'?"),
        ("      customer_id: 客户号\n", "", "feeds.loan.columns: no customer_id, which feed loan needs"),
        ("    of: loans\n    snapshot", "    of: lonas\n    snapshot", "feeds.loan.of: no files 'lonas'; did you mean 'loans'?"),
        ("房抵: home", "房抵: hom", "columns.product: 'hom' is not of the code list product; did you mean 'home'?"),
        ("房抵: home}", "房抵: home}, otherwise: cars", "'cars' is not of the code list product"),
        ("constant: CNY}\n      principal", "constant: RMB}\n      principal", "'RMB' is not of the code list currency"),
        ("parse: percent", "parse: roc", "columns.rate_bp: 'roc' gives no long; amount, fraction, integer, percent do"),
        ("parse: percent", "parse: percents", "feeds.loan.columns.rate_bp.parse: Input should be"),
        ("parse: percent", "parse: percent, places: 3", "columns.rate_bp: `places` are of amounts"),
        ("parse: percent", "parse: percent, day: last", "columns.rate_bp: `day` is of dates"),
        ("{from: 年利率, parse: percent}", "{constant: 7.2}", "columns.rate_bp: '7.2' is no long"),
        ("{from: 年利率, parse: percent}", "[年利率, 金额]", "columns.rate_bp"),
        ("{from: 年利率, parse: percent}", "{from: [年利率, 金额]}", "columns.rate_bp: only text is joined of several columns"),
        ("{from: 年利率, parse: percent}", "{}", "say either `from` or `constant`"),
        ("{constant: T1}", "{constant: T1, parse: text}", "a constant is neither parsed nor translated"),
        ("{name: yyyymmdd}", "{}", "say one of `constant`, `name`, `from`"),
        ("{name: yyyymmdd}", "{constant: 2024-02-30}", "files.loans.business_on.constant: '2024-02-30' is no date"),
        ("{name: yyyymmdd}", "{name: yyyymmdd}\n    columns: [合同号, 客户号, 品种, 金额, 利率, 放款日, 到期日]",
         "columns.rate_bp: the files have no column '年利率'; did you mean '利率'?"),
        ("    encoding: gb18030", "    encoding: rot13", "files.loans.encoding: Input should be"),
        ("feeds:", "function: cards_dpd\nfeeds:", "function: none is called 'cards_dpd'; did you mean 'card_dpd'?"),
        ("feeds:", "function: card_dpd\nfeeds:", "reads: no month, which card_dpd needs"),
        ("feeds:", f"{STATUS}    once: true\nfeeds:", "reads.month: `snapshot` and `once` are about deliveries"),
        ("feeds:", f"{STATUS}      stauts: 品种\nfeeds:", "month has no column 'stauts'; did you mean 'status'?"),
        ("feeds:", STATUS.replace("month:", "moth:") + "feeds:", "reads: card_dpd does not read 'moth'; did you mean 'month'?"),
        ("feeds:", STATUS.partition("\n")[2] + "feeds:", "reads: there is no function to read it"),
        ("      pool_id: {constant: T1}\n      product", "      loan_id: 客户号\n      product", "'loan_id' stands twice"),
        ("      loan_id: 合同号", "      loan_id: &number 合同号", "anchors and aliases are not allowed"),
        ("      loan_id: 合同号", "      loan_id: !!python/object/apply:os.system [id]", "feeds.loan.columns.loan_id"),
        ("about: A partner", "about: [A partner", "not YAML"),
        ("about: A partner", f"about: {'x' * MOST_BYTES}", f"longer than {MOST_BYTES} bytes"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert MAPPING.count(old) >= 1
    with pytest.raises(UsageError) as error:
        adapters.mapping("p07", conf(tmp_path, MAPPING.replace(old, new, 1)))
    assert said in str(error.value)
    assert all(line.startswith("conf/adapters/p07.yaml: ") for line in str(error.value).splitlines())


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    text = MAPPING.replace("房抵: home", "房抵: hom").replace("parse: percent", "parse: roc").replace("pool:", "pol:")
    with pytest.raises(UsageError) as error:
        adapters.mapping("p07", conf(tmp_path, text))
    assert len(str(error.value).splitlines()) == 3


@pytest.mark.parametrize("name", ["p08", "../p07", "p07.yaml", "/etc/passwd", "P07", ""])
def test_an_unknown_adapter_is_answered_with_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="there are abs-ee, p07"):
        adapters.perform(name, [], tmp_path / "out", print, conf(tmp_path))
