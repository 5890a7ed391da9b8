"""A partner P07 with a layout of its own: Chinese headings, ROC dates, amounts in yuan, words of its own."""

from __future__ import annotations

from pathlib import Path

from loanwatch import adapters

MAPPING = """\
sender: P07
about: A partner of the tests
calendar: month_end
files:
  loans:
    files: loans_*
    delimiter: "|"
    encoding: gb18030
    empty: ["-"]
    business_on: {name: yyyymmdd}
feeds:
  loan:
    of: loans
    snapshot: true
    columns:
      loan_id: 合同号
      customer_id: 客户号
      pool_id: {constant: T1}
      product: {from: 品种, codes: {消费: consumer, 房抵: home}}
      currency: {constant: CNY}
      principal_minor: {from: 金额, parse: amount}
      rate_bp: {from: 年利率, parse: percent}
      opened_on: {from: 放款日, parse: roc}
      matures_on: {from: 到期日, parse: yyyymmdd}
  pool:
    of: loans
    once: true
    columns:
      pool_id: {constant: T1}
      partner_id: {constant: P07}
      kind: {constant: trust_project}
      currency: {constant: CNY}
      name: {constant: 信托一号}
"""
HEADER = "合同号|客户号|品种|金额|年利率|放款日|到期日"
FIRST = "A-1|1|消费|１２,345.60|7.2|113/02/29|20260301"
SECOND = "A-2|2|房抵|50000|4.35|112年12月1日|20331201"


def conf(folder: Path, text: str = MAPPING, name: str = "p07") -> Path:
    """A folder of mappings with this one."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def file(folder: Path, rows: list[str], day: str = "20240331", header: str = HEADER) -> Path:
    path = folder / f"loans_{day}.txt"
    path.write_bytes("\n".join([header, *rows, ""]).encode("gb18030"))
    return path


def deliver(folder: Path, *files: Path, text: str = MAPPING) -> Path:
    """Import them all at once; the folder that got them."""
    out = folder / "out"
    adapters.perform("p07", files, out, lambda line: None, conf(folder / "conf", text))
    return out
