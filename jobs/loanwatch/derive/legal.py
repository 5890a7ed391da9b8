"""Indicators of courts, registries, tax offices, bureaus and the press, per borrower (domain.md 4 C, E)."""

from loanwatch.admit.monitoring_feeds import SIGNAL
from loanwatch.derive.indicator import Indicator, Measure, Source, share
from loanwatch.derive.window import EVER, Window

# A legal duty, not consent, is the basis; sent by the bureau for all partners.
TOLD = Source("signal", SIGNAL)
_STANDS = "(ended_on is null or ended_on > {as_of})"


def _told(name: str, window: Window, *kinds: str, standing: bool = False, column: str = "1") -> Measure:
    listed = ", ".join(repr(kind) for kind in kinds)
    where = f"kind in ({listed})" + (f" and {_STANDS}" if standing else "")
    return TOLD.total(name, column, where).over(window)


def _stands(name: str, kind: str, doc: str, code: str) -> Indicator:
    measure = _told(name, EVER, kind, standing=True)
    return Indicator(name, "flag", f"{measure.name} > 0", doc, f"domain.md 4 {code}", of=(measure,))


def _times(name: str, days: int, kinds: tuple[str, ...], doc: str, code: str) -> Indicator:
    measure = _told(name, Window(days=days), *kinds)
    return Indicator(name, "count", measure.name, doc, f"domain.md 4 {code}", of=(measure,), at_least=0)


_ENFORCED = _told("enforced_minor", EVER, "court_enforcement", standing=True, column="amount_minor")
_OVERDUE = _told("overdue_elsewhere_minor", EVER, "bureau_overdue", standing=True, column="amount_minor")

INDICATORS = (
    _times("suits_90d", 90, ("court_suit",), "Suits filed against it in 90 days.", "E, LEG_SUIT"),
    _times("enforcements_12m", 365, ("court_enforcement",), "Enforcement cases in a year.", "E, LEG_EXEC"),
    share("enforcement_share_bp", _ENFORCED.name, "exposure_minor", "Claims being enforced over its exposure.",
          "domain.md 4 E, LEG_EXEC", of=(_ENFORCED,), at_least=0),
    _stands("on_dishonest_list", "court_dishonest", "On the list of dishonest judgment debtors.", "E, LEG_DISHONEST"),
    _stands("consumption_limited", "court_limit", "Under a consumption limit order.", "E, LEG_LIMIT"),
    _stands("frozen", "court_freeze", "An account or equity is frozen.", "E, LEG_FREEZE"),
    _stands("insolvency_filed", "court_insolvency_filed", "Insolvency is filed for.", "E, LEG_INSOLVENCY"),
    _stands("insolvent", "court_insolvency", "Insolvency is accepted by the court.", "E, LEG_INSOLVENCY"),
    _times("registry_changes_180d", 180, ("registry_change",), "Changes of holder, representative, scope or address in 180 days.",
           "E, REG_CHANGE"),
    _stands("operations_abnormal", "registry_abnormal", "On the list of abnormal operations.", "E, REG_STATUS"),
    _stands("licence_revoked", "registry_revoked", "Licence revoked, or the firm closed.", "E, REG_STATUS"),
    _times("tax_returns_missed_12m", 365, ("tax_missed",), "Tax returns missed in a year.", "E, TAX_GAP"),
    _stands("in_tax_arrears", "tax_arrears", "In arrears with taxes.", "E, TAX_GAP"),
    _stands("overdue_elsewhere", "bureau_overdue", "Overdue with another lender.", "C, BUR_STATUS"),
    share("overdue_elsewhere_share_bp", _OVERDUE.name, f"exposure_minor + {_OVERDUE.name}",
          "What is overdue with other lenders over that and its exposure here.", "domain.md 4 C, BUR_XBANK_20", of=(_OVERDUE,),
          at_least=0),
    _times("adverse_elsewhere_24m", 730, ("bureau_adverse",), "Adverse classes or special transactions with other lenders in two "
           "years.", "C, BUR_SPECIAL_TX"),
    _times("negative_news_30d", 30, ("news_negative",), "Negative news in 30 days.", "E, NEWS_NEG"),
)  # fmt: skip
