"""Code lists: the words that feeds, tables and forms may use, with labels in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One word of a code list and its two labels."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True)
class CodeList:
    """A closed vocabulary; the order is meaningful where the list ranks (classes, colours)."""

    name: str
    codes: tuple[Code, ...]

    def __contains__(self, word: object) -> bool:
        return word in self.words

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(code.code for code in self.codes)

    def label(self, word: str, language: str) -> str:
        """The label of a word in `en` or `zh`; KeyError for a word that is not of the list."""
        found = {code.code: code for code in self.codes}[word]
        return found.zh if language == "zh" else found.en


def _codes(name: str, *rows: tuple[str, str, str]) -> CodeList:
    return CodeList(name, tuple(Code(*row) for row in rows))


CURRENCIES = _codes(
    "currency",
    ("CNY", "Chinese yuan", "人民币"),
    ("USD", "US dollar", "美元"),
    ("EUR", "Euro", "欧元"),
    ("GBP", "Pound sterling", "英镑"),
    ("TWD", "New Taiwan dollar", "新台币"),
)
PRODUCTS = _codes(
    "product",
    ("consumer", "Consumer instalment loan", "消费分期贷款"),
    ("business", "Small business loan", "小微经营贷款"),
    ("home", "Loan secured by a home", "房产抵押贷款"),
    ("vehicle", "Loan secured by a vehicle", "车辆抵押贷款"),
)
ID_TYPES = _codes(
    "id_type",
    ("id_card", "Resident identity card", "居民身份证"),
    ("passport", "Passport", "护照"),
    ("credit_code", "Unified social credit code", "统一社会信用代码"),
    ("other", "Other document", "其他证件"),
)
PARTNER_ROLES = _codes(
    "partner_role",
    ("originator", "Originates and services loans", "助贷机构"),
    ("guarantor", "Guarantees loans", "担保机构"),
    ("insurer", "Insures loans", "保险机构"),
)
POOL_KINDS = _codes(
    "pool_kind",
    ("trust_project", "Trust project", "信托项目"),
    ("abs", "Securitised pool", "资产支持证券资产池"),
)
PAYERS = _codes(
    "payer",
    ("borrower", "The borrower", "借款人"),
    ("partner", "The partner, for the borrower", "合作机构代偿"),
    ("guarantor", "A guarantor", "担保人代偿"),
    ("insurer", "An insurer", "保险公司"),
    ("collateral", "Proceeds of collateral", "抵押物处置"),
)
CHANNELS = _codes(
    "channel",
    ("debit", "Direct debit", "代扣"),
    ("transfer", "Bank transfer", "银行转账"),
    ("wallet", "Payment wallet", "第三方支付"),
    ("other", "Other", "其他"),
)
LOAN_EVENTS = _codes(
    "loan_event",
    ("settled", "Repaid in full", "结清"),
    ("compensation", "Compensated by a partner or guarantor", "代偿"),
    ("buy_back", "Bought back by the partner", "回购"),
    ("write_off", "Written off", "核销"),
    ("transfer", "Transferred to another lender", "转让"),
    ("repossession", "Collateral repossessed", "收回抵押物"),
    ("extension", "Extended", "展期"),
    ("restructuring", "Restructured", "重组"),
)
BEHAVIOURS = _codes(
    "behaviour",
    ("spend", "Spending by card or wallet", "消费支出"),
    ("inflow", "Money received", "资金流入"),
    ("salary", "Salary received", "工资入账"),
    ("outflow", "Money sent", "资金流出"),
    ("login", "Logins to the app", "登录"),
    ("social", "Social activity", "社交活跃"),
    ("inquiry", "Credit inquiries by other lenders", "他行征信查询"),
    ("bounce", "Failed debits", "扣款失败"),
    ("device_change", "New device", "更换设备"),
    ("address_change", "New address", "变更住址"),
)
MONEY_MOVES = ("spend", "inflow", "salary", "outflow")
CONSENTS = _codes(
    "consent",
    ("monitoring", "Behaviour may be used for monitoring", "贷后监测授权"),
    ("location", "Coarse location may be used", "位置信息授权"),
)
ASSET_KINDS = _codes(
    "asset_kind",
    ("flat", "Flat", "住宅"),
    ("house", "House", "独立房屋"),
    ("vehicle", "Vehicle", "机动车"),
)
VALUATION_METHODS = _codes(
    "valuation_method",
    ("appraisal", "Appraisal", "评估"),
    ("purchase_price", "Purchase price", "购买价"),
    ("auction", "Auction price", "拍卖价"),
    ("partner", "Partner's own figure", "合作机构估值"),
)
CLASSES = _codes(
    "five_class",
    ("normal", "Normal", "正常"),
    ("special_mention", "Special mention", "关注"),
    ("substandard", "Substandard", "次级"),
    ("doubtful", "Doubtful", "可疑"),
    ("loss", "Loss", "损失"),
)
COLOURS = _codes(
    "colour",
    ("clear", "Clear", "正常"),
    ("not_applicable", "Not applicable", "不适用"),
    ("unknown", "Unknown", "未知"),
    ("amber", "Amber", "黄色预警"),
    ("red", "Red", "红色预警"),
)
GAPS = _codes(
    "gap",
    ("none", "Nothing missing", "无缺口"),
    ("absent", "Never delivered", "从未报送"),
    ("late", "Not delivered in time", "报送延迟"),
    ("no_basis", "No consent", "无授权"),
    ("too_short", "History too short", "历史过短"),
)
LOAN_STATUSES = _codes(
    "loan_status",
    ("open", "Open", "存续"),
    ("written_off", "Written off, still owed", "已核销"),
)
LOAN_FATES = _codes(
    "loan_fate",
    ("on_book", "Open or unpaid", "在账"),
    ("repaid", "Repaid in full", "还清"),
    ("settled", "Settled early", "提前结清"),
    ("left", "Bought back or transferred", "回购或转让"),
    ("to_come", "Not opened yet", "尚未发放"),
    ("lost", "Unaccounted for", "去向不明"),
)
WARNING_STATES = _codes(
    "warning_state",
    ("open", "Open", "生效中"),
    ("cleared", "Cleared", "已解除"),
)
DATA_SUBJECTS = _codes(
    "data_subject",
    ("nobody", "Nobody: an institution or a market", "非个人信息"),
    ("borrower", "The borrower", "借款人"),
    ("payer", "Whoever paid", "付款人"),
)
LAWFUL_BASES = _codes(
    "lawful_basis",
    ("contract", "Needed to perform the contract", "履行合同所必需"),
    ("legal_duty", "Needed to fulfil a legal duty", "履行法定职责或义务所必需"),
    ("consent", "Consent", "个人同意"),
    ("separate_consent", "Separate consent", "单独同意"),
)
SUBJECTS = _codes(
    "subject",
    ("loan", "Loan", "贷款"),
    ("borrower", "Borrower", "借款人"),
)
