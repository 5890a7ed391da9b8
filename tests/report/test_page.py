"""The page: what a risk manager reads, in both languages, whatever the data contain."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from report.test_model_card import card

from loanwatch.balance.tables import RECONCILIATION
from loanwatch.errors import UsageError
from loanwatch.queue.tables import INSTITUTION_ITEM, PORTFOLIO_ITEM
from loanwatch.report.model_card import card_page
from loanwatch.report.page import TEMPLATES, Contents, Facts, Language, Words, page
from loanwatch.report.since import Since, since_page
from loanwatch.report.tables import CHANGE, COLLATERAL, POOL_CASH, PORTFOLIO, WATCH_LIST
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.tables import Table

CONF = Path(__file__).parents[2] / "conf"
AS_OF = date(2025, 6, 30)
SCRIPT = "<script>alert(1)</script>"
FACTS = Facts(
    tenant="demo", title="Demo trust", as_of=AS_OF, release=128, parent=127, parent_as_of=date(2025, 6, 29),
    through_delivery_no=4821, conf_digest="c0", code_digest="c1", content_digest="c2", audit_head="7 c3", currency="CNY",
    reconcile="ledger", absent=("P02: repayment",), book_loans=48210, listed_rows=2,
    set_aside=3, storms=("R raised on 21 of 40",), approved_by=None, language="en",
)  # fmt: skip
DEFAULTS: dict[str, dict[str, object]] = {
    WATCH_LIST.name: {
        "place": 1, "queue_place": 1, "loan_id": "P01:L1", "borrower_id": "b1", "partner_id": "P01", "pool_id": "HX-1",
        "product": "consumer", "currency": "CNY", "exposure_minor": 123456789, "colour": "red",
        "five_class": "substandard", "rules": ["DPD", "SPEND"], "reasons_en": ["95 days past due (limit 30)", "spends less"],
        "reasons_zh": ["逾期95天（阈值30天）", "消费下降"], "actions_en": ["Call the borrower"], "actions_zh": ["联系借款人"],
        "open_since": date(2025, 5, 1), "days_past_due": 95, "own_days_past_due": 126, "secured": False, "ltv_bp": None,
        "unknown_rules": ["INFLOW"], "curing_rules": ["SPEND"], "overdue": True,
    },
    CHANGE.name: {
        "subject": "loan", "subject_id": "P01:L1", "change": "new", "colour_before": None, "colour_now": "red", "rules": ["DPD"],
    },
    INSTITUTION_ITEM.name: {
        "place": 1, "subject": "partner", "subject_id": "P03", "colour": "red", "points": 6, "warnings": 2, "red_warnings": 1,
        "open_since": date(2025, 6, 2), "respond_by": date(2025, 6, 9), "owner": "partner management",
        "rules": ["COMPENSATION"], "reasons_en": ["pays for 12% of its loans"], "reasons_zh": ["代偿12%"],
        "actions_en": ["Stop origination"], "actions_zh": ["暂停放款"],
    },
    PORTFOLIO_ITEM.name: {
        "place": 1, "partner_id": "P03", "product": "consumer", "currency": "CNY", "opened_month": date(2025, 2, 1),
        "loans": 1200, "exposure_minor": 9_000_000_00, "warned_loans": 90, "red_loans": 40, "red_minor": 400_000_00,
        "red_share_bp": 444, "action": "call_margin",
    },
    POOL_CASH.name: {
        "pool_id": "HX-1", "currency": "CNY", "scheduled_minor": 100_000_00, "received_minor": 87_654_00, "others_paid_minor": 1_00,
        "banked_minor": None, "recovered_minor": 2_00, "prepaid_minor": 3_00, "shortfall_minor": 12_346_00,
        "cumulative_shortfall_minor": 45_678_00, "months": 3, "collection_rate_bp": 8765, "collection_change_bp": -412,
    },
    PORTFOLIO.name: {
        "cut": "all", "cut_value": "all", "currency": "CNY", "loans": 10, "exposure_minor": 1_000_000, "arrears_minor": 5_000,
        "exposure_unknown_minor": 0,
        "exposure_1_plus_minor": 60_000, "exposure_31_plus_minor": 10_000, "exposure_91_plus_minor": 5_000,
        "own_exposure_31_plus_minor": 95_000, "red_loans": 1, "amber_loans": 2, "npl_bp": 128,
    },
    COLLATERAL.name: {
        "kind": "flat", "region": "wuhan", "currency": "CNY", "ltv_band": "to_60", "valuation_band": "to_365", "loans": 3,
        "exposure_minor": 300_000_00, "shortfall_minor": 0, "prudent_shortfall_minor": 30_000_00, "likely_short_loans": 0,
    },
    RECONCILIATION.name: {
        "partner_id": "P01", "pool_id": "HX-1", "currency": "CNY", "loans": 10, "balance_minor": 1_000_000, "ledger_loans": 10,
        "ledger_balance_minor": 1_234_567, "difference_minor": -234_567, "repaid_minor": 0, "banked_minor": 0,
        "unbacked_minor": 0, "unreported_minor": 0, "verdict": "broken",
    },
    CERTIFICATE.name: {"statement": "s", "subject": "loan", "expected": "1", "found": "1", "holds": True},
}  # fmt: skip


def rows(table: Table, *changes: Mapping[str, object]) -> pa.Table:
    """Rows of a table: what is not said is plausible."""
    given = {"as_of": AS_OF, "release": 128, **DEFAULTS[table.name]}
    full = [{**given, **change} for change in changes]
    return pa.Table.from_pylist([{name: row[name] for name in table.arrow.names} for row in full], schema=table.arrow)


def words(language: str = "en") -> Words:
    return Words.load(CONF, language)


def rendered(facts: Facts = FACTS, said: Words | None = None, rows_at_most: int = 2000, **tables: pa.Table) -> str:
    """The page of a book of two loans, with some tables replaced."""
    given = {
        "watch_list": rows(
            WATCH_LIST, {},
            {"place": 2, "loan_id": "P03:L2", "secured": True, "days_past_due": None, "own_days_past_due": None},
        ),
        "change": rows(CHANGE, {}),
        "portfolio": rows(
            PORTFOLIO, {}, *({"cut": c, "cut_value": v} for c, v in (("product", "home"), ("pool", "HX-1")))
        ),
        "institution_item": rows(INSTITUTION_ITEM, {}),
        "portfolio_item": rows(PORTFOLIO_ITEM, {}),
        "pool_cash": rows(POOL_CASH, {}),
        "collateral": rows(
            COLLATERAL, {},
            {"ltv_band": "over_100", "loans": 1, "exposure_minor": 100_000_00, "shortfall_minor": 20_000_00},
            {"region": "xian", "ltv_band": "unknown", "valuation_band": "none", "prudent_shortfall_minor": 0},
            {"kind": None, "region": "-", "ltv_band": "unknown", "valuation_band": "none"},
        ),
        "reconciliation": rows(RECONCILIATION, {"partner_id": "P02", "verdict": "agreed"}, {}),
        "certificate": rows(CERTIFICATE, {}),
    }
    return page(facts, Contents(**{**given, **tables}), said or words(facts.language), rows_at_most=rows_at_most)


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', html, re.DOTALL)
    assert found
    return found.group()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_what_people_do_not_see_is_said() -> None:
    calm = rendered(replace(FACTS, set_aside=0, storms=()))
    said = [words().say("storms"), words().say("set_aside", count=3)]
    assert [text in rendered() for text in [*said, "R raised on 21 of 40"]] == [True] * 3
    assert [text in calm for text in [words().say("storms"), "people have set aside"]] == [False, False]


def test_what_is_overdue_or_curing_is_marked() -> None:
    plain = rendered(watch_list=rows(WATCH_LIST, {"curing_rules": None, "overdue": None}))  # as of an older release
    assert ("· overdue" in rendered(), "· curing" in rendered()) == (True, True)
    assert ("· overdue" in plain, "· curing" in plain) == (False, False)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "What changed since 2025-06-29",
                "95 days past due (limit 30)",
                "Call the borrower",
                ">Red<",
                "Substandard",
            ],
        ),
        ("zh", ["较2025-06-29的预警变动", "逾期95天（阈值30天）", "联系借款人", ">红色预警<", "次级"]),
    ],
)
def test_speaks_the_language_of_the_facts(language: Language, expected: list[str]) -> None:
    html = rendered(replace(FACTS, language=language))
    assert [text for text in expected if text not in html] == []


def test_loads_nothing_from_elsewhere_and_runs_no_script_but_its_own() -> None:
    html = rendered()
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"|url\(|@import', html) == []
    assert "default-src 'none'" in html
    assert html.count("<script") == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_escapes_whatever_the_data_contain(language: Language) -> None:
    evil, quoted = [SCRIPT], f'"onclick="{SCRIPT}'
    listed = {
        "loan_id": SCRIPT,
        "borrower_id": quoted,
        "partner_id": quoted,
        "pool_id": SCRIPT,
        "rules": evil,
        "unknown_rules": evil,
    }
    listed |= {f"{text}_{tongue}": evil for text in ("reasons", "actions") for tongue in ("en", "zh")}
    html = rendered(
        replace(FACTS, language=language, title=SCRIPT, tenant=quoted, absent=(SCRIPT,), conf_digest=SCRIPT),
        watch_list=rows(WATCH_LIST, listed),
        change=rows(CHANGE, {"subject_id": SCRIPT, "rules": evil}, {"subject": "borrower", "subject_id": quoted}),
        institution_item=rows(INSTITUTION_ITEM, {"subject_id": SCRIPT, "rules": evil, "owner": quoted} | {
            f"{text}_{tongue}": evil for text in ("reasons", "actions") for tongue in ("en", "zh")}),
        portfolio_item=rows(PORTFOLIO_ITEM, {"partner_id": SCRIPT}),
        pool_cash=rows(POOL_CASH, {"pool_id": SCRIPT}), collateral=rows(COLLATERAL, {"region": SCRIPT}),
        portfolio=rows(PORTFOLIO, {}, {"cut": "partner", "cut_value": SCRIPT}),
        reconciliation=rows(RECONCILIATION, {"partner_id": SCRIPT, "pool_id": quoted}),
        certificate=rows(CERTIFICATE, {"statement": SCRIPT, "subject": quoted, "expected": SCRIPT, "found": SCRIPT}),
    )
    assert html.count("<script") == 1
    assert '"onclick=' not in html
    assert "&lt;script&gt;" in html


def test_says_how_much_of_the_list_it_leaves_out() -> None:
    worst_last = rows(WATCH_LIST, {"place": 2, "loan_id": "P01:L2"}, {"place": 1})
    html = section(rendered(replace(FACTS, listed_rows=31415), rows_at_most=1, watch_list=worst_last), "watch-list")
    assert "First 1 of 31,415; the rest is in report.watch_list." in html
    assert "P01:L1" in html
    assert "P01:L2" not in html


def test_an_empty_list_says_so_and_what_it_does_not_prove() -> None:
    facts = replace(FACTS, listed_rows=0)
    html = section(rendered(facts, watch_list=rows(WATCH_LIST)), "watch-list")
    assert "none of the 48,210 loans" in html
    assert "does not mean that all is well" in html
    complete = section(rendered(replace(facts, absent=()), watch_list=rows(WATCH_LIST)), "watch-list")
    assert "does not mean" not in complete


def test_tells_unknown_from_not_applicable_and_writes_money_in_full() -> None:
    unsecured, secured = section(rendered(), "watch-list").split('<tbody id="row-2"')
    assert ">—</td>" in unsecured
    assert ">unknown</td>" in secured
    assert secured.count(">?</td>") == 2  # no schedule, and a payer not stated
    assert '<td class="n own worse">126</td>' in unsecured
    assert ">1,234,567.89</td>" in unsecured


def test_new_and_worse_come_first_red_before_amber_and_link_to_their_rows() -> None:
    changed = rows(
        CHANGE,
        {"subject_id": "cleared", "change": "cleared", "colour_before": "red", "colour_now": None},
        {"subject_id": "amber", "colour_now": "amber"},
        {"subject_id": "worse", "change": "worse", "colour_before": "amber"},
        {},
        {"subject": "borrower", "subject_id": "b1", "change": "better", "colour_before": "red", "colour_now": "amber"},
    )
    html = section(rendered(change=changed), "change")
    assert re.findall(r'class="id"[^>]*>([^<]+)</', html.replace(">DPD<", "><")) == [
        "P01:L1",
        "worse",
        "amber",
        "b1",
        "cleared",
    ]
    assert '<a class="id" href="#row-1">P01:L1</a>' in html
    assert "95 days past due (limit 30)" in html
    assert "loans 2, borrowers 0" in html


def test_long_lists_of_changes_are_folded_and_cut_with_a_word() -> None:
    html = section(rendered(change=rows(CHANGE, *({"subject_id": f"P01:L{n}"} for n in range(230)))), "change")
    assert "218 more that are new or worse" in html
    assert "First 200 of 230; the rest is in report.change." in html
    assert html.count("<tr>") == 200 + 2


def test_the_first_release_compares_with_nothing() -> None:
    html = section(rendered(replace(FACTS, parent=None, parent_as_of=None)), "change")
    assert "This is the first release" in html
    assert "P01:L1" not in html


def test_failures_come_first_and_are_announced() -> None:
    certificate = rows(CERTIFICATE, *({"statement": f"is {holds}", "holds": holds} for holds in (None, True, False)))
    html = rendered(certificate=certificate)
    assert re.findall(r"<td>is (\w+)</td>", section(html, "certificate")) == ["False", "True", "None"]
    assert "Statements of the certificate that do not hold: 1." in html
    reconciled = section(html, "reconciliation")
    assert reconciled.index("Broken<") < reconciled.index("Agreed<")
    assert "-2,345.67" in reconciled


def test_absent_deliveries_are_a_banner() -> None:
    assert '<p class="notice bad"><strong>Not delivered:</strong> P02: repayment. ' in rendered()
    assert "Not delivered" not in rendered(replace(FACTS, absent=()))


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "No ledger or bank data exists"), ("zh", "无账务及银行流水数据")]
)
def test_without_a_ledger_it_says_so_twice(language: Language, expected: str) -> None:
    html = rendered(replace(FACTS, language=language, reconcile="none"))
    assert html.count(expected) == 2
    assert "<table" not in section(html, "reconciliation")


@pytest.mark.parametrize(("language", "expected"), [("en", "Nobody approved"), ("zh", "未经双人审批")])
def test_whether_two_people_approved_is_told(language: Language, expected: str) -> None:
    assert rendered(replace(FACTS, language=language)).count(expected) == 1
    html = rendered(replace(FACTS, language=language, approved_by=("li SHA256:a", "wang SHA256:b")))
    assert expected not in html
    assert re.search(r"<dd>li SHA256:a\W+wang SHA256:b</dd>", section(html, "provenance"))


def test_cash_that_nobody_reported_is_told_and_unknown_is_not_nothing() -> None:
    some, unknown = ({"pool_id": "HX-1", "unreported_minor": 4_321_00}, {"pool_id": "HX-2", "unreported_minor": None})
    html = section(rendered(reconciliation=rows(RECONCILIATION, some, unknown)), "reconciliation")
    cells = re.findall(r'<td class="n">([^<]*)</td>\n</tr>', html)
    assert cells == ["4,321.00", "—"]


def test_a_compensating_partner_stands_out() -> None:
    partners = (
        {"cut": "partner", "cut_value": "P03"},
        {"cut": "partner", "cut_value": "P05", "own_exposure_31_plus_minor": None},
    )
    html = section(rendered(portfolio=rows(PORTFOLIO, *partners)), "portfolio")
    assert '<b class="worse">+8.50</b>' in html
    assert html.count('<td class="n">?</td>') == 2
    assert html.count('<path class="own"') == 1


def test_collateral_by_market_the_barest_first_and_all_of_them_at_the_end() -> None:
    html = section(rendered(), "collateral")
    assert re.findall(r'<th scope="row">(.*?)</th>', html) == ["wuhan", "xian", "All regions", "-"]
    wuhan = html[html.index(">wuhan<") : html.index(">xian<")]
    assert 'aria-label="to 60 % 75%; over 100 % 25%"' in wuhan
    assert '<rect class="l6" x="75.0" y="2" width="25.0"' in wuhan
    assert ">60,000<" in wuhan
    assert "15.00%" in wuhan
    assert "No loan of the day is secured." in rendered(collateral=rows(COLLATERAL))


def test_institutions_say_what_happened_and_what_to_do() -> None:
    html = section(rendered(), "institutions")
    expected = ("Partner P03", "pays for 12% of its loans", "Stop origination", ">2025-06-09<")
    assert [text for text in expected if text not in html] == []
    chinese = section(rendered(replace(FACTS, language="zh")), "institutions")
    assert [text for text in ("代偿12%", "暂停放款", "要求追加保证金") if text not in chinese] == []
    nothing = rendered(institution_item=rows(INSTITUTION_ITEM), portfolio_item=rows(PORTFOLIO_ITEM))
    assert "No pool or partner has an open warning." in nothing
    assert "No small unsecured loan has an open warning." in nothing


def test_groups_of_small_loans_are_asked_of_the_partner_and_cut_with_a_word() -> None:
    html = section(rendered(portfolio_item=rows(PORTFOLIO_ITEM, *({"place": n} for n in range(57, 0, -1)))), "institutions")
    assert "First 40 of 57; the rest is in queue.portfolio_item." in html
    assert html.count("Call more margin") == 40
    assert [text for text in (">2025-02<", ">9,000,000.00<", ">4.44%<", ">1,200<") if text not in html] == []


def test_pools_show_their_last_month_those_that_collect_least_first() -> None:
    months = [{"as_of": date(2025, month, 28), "collection_rate_bp": rate} for month, rate in ((2, 9900), (3, None), (4, 5000))]
    quiet = {"pool_id": "HX-0", "as_of": date(2025, 4, 28), "collection_rate_bp": None, "collection_change_bp": None}
    poor = {"pool_id": "HX-2", "as_of": date(2025, 4, 28), "collection_rate_bp": 4000, "collection_change_bp": 20}
    gone = {"pool_id": "HX-9", "as_of": date(2025, 3, 28)}
    html = section(rendered(pool_cash=rows(POOL_CASH, months[2], quiet, *months[:2], poor, gone)), "institutions")
    assert re.findall(r'class="key">(HX-\d)<', html) == ["HX-2", "HX-1", "HX-0"]
    assert "month to 2025-04-28" in html
    assert [row.count("<rect") for row in html.split('<th scope="row"')[1:]] == [1, 2, 0]
    assert ('<b class="worse">-4.12</b>' in html, ">+0.20<" in html, ">not sent<" in html) == (True, True, True)
    assert "Shown from the first month-end on." in rendered(pool_cash=rows(POOL_CASH))


def test_a_book_without_exposure_has_no_shares() -> None:
    nothing = {name: 0 for name in PORTFOLIO.names if name.endswith("_minor")} | {"npl_bp": None}
    assert "—" in section(rendered(portfolio=rows(PORTFOLIO, nothing)), "portfolio")


def test_a_missing_word_names_key_and_file() -> None:
    with pytest.raises(UsageError, match=r"'watch_list' is missing in .*conf/words/en\.yaml"):
        rendered(said=replace(words(), texts={k: v for k, v in words().texts.items() if k != "watch_list"}))
    with pytest.raises(UsageError, match=r"'fr'.*fr\.yaml is missing"):
        words("fr")


def test_both_languages_have_the_same_words_and_values() -> None:
    english, chinese = words("en").texts, words("zh").texts
    assert list(english) == list(chinese)
    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in chinese.items()
    }


def test_every_word_is_used() -> None:
    class Recorded(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.add(key)
            return super().__getitem__(key)

    used: set[str] = set()
    said = replace(words(), texts=Recorded(words().texts))
    kinds = [{"subject_id": str(n), "change": kind} for n in range(13) for kind in ("new", "better")]
    kinds += [{"change": kind} for kind in ("worse", "cleared", "left")]
    unsent = {"ledger_loans": None, "verdict": "unknown"}
    certificate = rows(CERTIFICATE, {"holds": False}, {"holds": None}, {})
    verdicts = rows(RECONCILIATION, {}, {"verdict": "agreed"}, unsent)
    rendered(
        replace(FACTS, listed_rows=9), said, change=rows(CHANGE, *kinds), certificate=certificate, reconciliation=verdicts
    )
    rendered(
        replace(FACTS, reconcile="none", content_digest="", audit_head=""), said, change=rows(CHANGE), watch_list=rows(WATCH_LIST),
        portfolio=rows(PORTFOLIO, {"exposure_unknown_minor": 7_00}),
    )  # fmt: skip
    rendered(replace(FACTS, parent=None), said, certificate=rows(CERTIFICATE), reconciliation=rows(RECONCILIATION),
             institution_item=rows(INSTITUTION_ITEM), portfolio_item=rows(PORTFOLIO_ITEM), pool_cash=rows(POOL_CASH),
             collateral=rows(COLLATERAL))  # fmt: skip
    assert since(said=said)
    assert since([], [], said)
    assert card_page(card(), said)
    assert set(words().texts) - used == set()


VALUE = {"asset_id": "P01:A1", "kind": "flat", "region": "xian", "value_minor": 123_456_00, "fsd_bp": 800, "currency": "CNY",
         "valued_by": "recorded", "valued_on": AS_OF, "unknown_because": None}  # fmt: skip
SAID = {"rule_id": "LTV", "subject": "loan", "subject_id": "P01:L1", "outcome": "red", "colour_before": None, "says_en": "High",
        "says_zh": "过高"}  # fmt: skip


def since(
    values: Sequence[Mapping[str, object]] = (VALUE,), warnings: Sequence[Mapping[str, object]] = (SAID,),
    said: Words | None = None, language: Language = "en",
) -> str:
    """The provisional page."""
    facts = Since("Book", AS_OF, 128, AS_OF, 9, "CNY", "7 c3", None, language)
    return since_page(facts, values, warnings, said or words(language))


def test_what_came_since_the_release_is_said_to_be_provisional() -> None:
    unchanged = {**SAID, "subject_id": "P01:L2", "outcome": "amber", "colour_before": "amber"}
    eased = {**SAID, "subject_id": "P01:L3", "outcome": "clear", "colour_before": "red", "says_en": None}
    html = since((VALUE, {**VALUE, "asset_id": "P01:A0", "value_minor": None, "unknown_because": "no valuation"}),
                 (eased, unchanged, SAID))  # fmt: skip
    assert "Nothing of it is published" in html
    assert re.findall(r"P01:[AL]\d", html) == ["P01:L1", "P01:L3", "P01:A0", "P01:A1"]
    assert [text for text in ("High", "123,456.00", "8.00%", "no valuation", "7 c3") if text not in html] == []
    assert "过高" in since(language="zh")
    assert "<script" not in since(({**VALUE, "region": SCRIPT},), ({**SAID, "subject_id": SCRIPT, "says_en": SCRIPT},))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_no_cell_of_the_csv_is_taken_for_a_formula() -> None:
    line = next(
        line for line in (TEMPLATES / "page.js").read_text("utf-8").splitlines() if line.startswith("const csvCell")
    )
    cells = r'["=1+1", "+86", "-1", "@a", "\ta", "\ra", "a=1", "say \"x\"", ""]'
    done = subprocess.run(
        ["node", "-e", f"{line} console.log({cells}.map(csvCell).join('|'))"], capture_output=True, check=True
    )
    expected = ['"\'=1+1"', '"\'+86"', '"\'-1"', '"\'@a"', '"\'\ta"', '"\'\ra"', '"a=1"', '"say ""x"""', '""']
    assert done.stdout.decode().rstrip("\n") == "|".join(expected)
