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

    def without(self, words: tuple[str, ...]) -> CodeList:
        """The list before these words came in."""
        return CodeList(self.name, tuple(code for code in self.codes if code.code not in words))

    def label(self, word: str, language: str) -> str:
        """The label of a word in `en` or `zh`; KeyError for a word that is not of the list."""
        found = {code.code: code for code in self.codes}[word]
        return found.zh if language == "zh" else found.en


def code_list(name: str, *rows: tuple[str, str, str]) -> CodeList:
    return CodeList(name, tuple(Code(*row) for row in rows))


CURRENCIES = code_list(
    "currency",
    ("CNY", "Chinese yuan", "人民币"),
    ("USD", "US dollar", "美元"),
    ("EUR", "Euro", "欧元"),
    ("GBP", "Pound sterling", "英镑"),
    ("TWD", "New Taiwan dollar", "新台币"),
)
PRODUCTS = code_list(
    "product",
    ("consumer", "Consumer instalment loan", "消费分期贷款"),
    ("business", "Small business loan", "小微经营贷款"),
    ("home", "Loan secured by a home", "房产抵押贷款"),
    ("vehicle", "Loan secured by a vehicle", "车辆抵押贷款"),
)
ID_TYPES = code_list(
    "id_type",
    ("id_card", "Resident identity card", "居民身份证"),
    ("passport", "Passport", "护照"),
    ("credit_code", "Unified social credit code", "统一社会信用代码"),
    ("other", "Other document", "其他证件"),
)
PARTNER_ROLES = code_list(
    "partner_role",
    ("originator", "Originates and services loans", "助贷机构"),
    ("guarantor", "Guarantees loans", "担保机构"),
    ("insurer", "Insures loans", "保险机构"),
)
POOL_KINDS = code_list(
    "pool_kind",
    ("trust_project", "Trust project", "信托项目"),
    ("abs", "Securitised pool", "资产支持证券资产池"),
)
PAYERS = code_list(
    "payer",
    ("borrower", "The borrower", "借款人"),
    ("partner", "The partner, for the borrower", "合作机构代偿"),
    ("guarantor", "A guarantor", "担保人代偿"),
    ("insurer", "An insurer", "保险公司"),
    ("collateral", "Proceeds of collateral", "抵押物处置"),
)
CHANNELS = code_list(
    "channel",
    ("debit", "Direct debit", "代扣"),
    ("transfer", "Bank transfer", "银行转账"),
    ("wallet", "Payment wallet", "第三方支付"),
    ("other", "Other", "其他"),
)
BORROWER_KINDS = code_list(
    "borrower_kind",
    ("consumer", "A person, not for business", "个人（非经营）"),
    ("sole_proprietor", "Sole proprietor", "个体工商户"),
    ("small_owner", "Owner of a small or micro firm", "小微企业主"),
    ("farmer", "A person, for other business", "其他个人经营"),
    ("micro", "Micro firm", "微型企业"),
    ("small", "Small firm", "小型企业"),
    ("medium", "Medium firm", "中型企业"),
    ("large", "Large firm", "大型企业"),
)
PURPOSES = code_list(
    "purpose",
    ("consumption", "Consumption", "日常消费"),
    ("renovation", "Renovation of a home", "房屋装修"),
    ("car", "Purchase of a car", "购车"),
    ("home", "Purchase of a home", "购房"),
    ("premises", "Purchase of business premises", "购买商业用房"),
    ("tuition", "Tuition", "助学"),
    ("travel", "Travel", "旅游"),
    ("medical", "Medical care", "医疗"),
    ("working_capital", "Working capital", "经营周转"),
    ("equipment", "Equipment", "购置设备"),
    ("other", "Other", "其他"),
)
GRANTED_AS = code_list(
    "granted_as",
    ("new", "New money", "新增"),
    ("renewal", "Renewed before it fell due, without repayment", "无还本续贷"),
    ("refinancing", "Repays an older loan", "借新还旧"),
    ("restructuring", "Restructured", "重组贷款"),
)
PAID_OUT = code_list(
    "paid_out",
    ("borrower", "To the borrower", "自主支付"),
    ("seller", "To whom the borrower buys from", "受托支付"),
    ("both", "In part to either", "混合支付"),
)
RATE_BASES = code_list("rate_basis", ("lpr", "Loan prime rate", "LPR"), ("other", "Another, or fixed", "非LPR"))
COOPERATION_PARTNERS = code_list(
    "cooperation_partner",
    ("bank", "Bank or other deposit taker", "银行业金融机构"),
    ("insurer", "Insurer", "保险公司"),
    ("small_lender", "Micro-credit company", "小额贷款公司"),
    ("guarantor", "Financing guarantee company", "融资担保公司"),
    ("e_commerce", "E-commerce company", "电子商务公司"),
    ("payment", "Payment institution", "非银行支付机构"),
    ("technology", "Information technology company", "信息科技公司"),
)
COOPERATIONS = code_list(
    "cooperation",
    ("marketing", "Finds customers", "营销获客"),
    ("joint_lending", "Lends beside us", "联合贷款"),
    ("payment", "Pays out and collects", "支付结算"),
    ("risk_sharing", "Shares the risk", "风险分担"),
    ("guarantee", "Guarantees", "担保增信"),
    ("technology", "Information technology", "信息科技"),
    ("collection", "Collects what is past due", "逾期清收"),
)
AGREEMENT_STATES = code_list(
    "agreement_state",
    ("in_force", "In force", "有效"),
    ("revoked", "Revoked", "撤销"),
    ("ended", "Ended", "终结"),
)
TRANSFER_STATES = code_list(
    "transfer_state",
    ("not_yet", "Signed, not in force yet", "未生效"),
    ("in_force", "In force", "有效"),
    ("revoked", "Revoked", "撤销"),
    ("ended", "Ended: paid in full", "终结"),
)
TRANSFER_DIRECTIONS = code_list("transfer_direction", ("in", "Bought", "转入"), ("out", "Sold", "转出"))
TRANSFER_KINDS = code_list(
    "transfer_kind",
    ("direct", "Sold directly", "直接转让"),
    ("securitisation", "Securitised", "信贷资产证券化"),
)
TRANSFER_PLATFORMS = code_list(
    "transfer_platform",
    ("registry", "Credit assets registry and exchange", "银登中心"),
    ("stock_exchange", "Stock exchange", "证券交易所"),
    ("interbank", "Interbank market", "银行间市场"),
    ("none", "On none", "场外"),
)
SECURED_AS = code_list(
    "secured_as",
    ("collateral", "By collateral, also where guaranteed", "抵（质）押"),
    ("guarantee", "By guarantee alone", "保证"),
    ("none", "Not secured", "信用"),
)
LOAN_EVENTS = code_list(
    "loan_event",
    ("settled", "Repaid in full", "结清"),
    ("compensation", "Compensated by a partner or guarantor", "代偿"),
    ("buy_back", "Bought back by the partner", "回购"),
    ("write_off", "Written off", "核销"),
    ("transfer", "Transferred to another lender", "转让"),
    ("repossession", "Collateral repossessed", "收回抵押物"),
    ("extension", "Extended", "展期"),
    ("restructuring", "Restructured", "重组"),
    ("holiday", "Payment holiday", "还款宽限期"),
    ("re_age", "Re-aged: arrears moved to a later date", "逾期重置"),
    ("acceleration", "All that remains called in", "提前到期"),
    ("technical", "Technical cause of arrears recorded", "技术性逾期登记"),
    ("demand", "Demand served", "催告"),
    ("lawsuit", "Lawsuit filed", "起诉"),
    ("misuse", "Funds used otherwise than agreed", "挪用资金"),
)
LASTING = ("holiday", "re_age", "technical")  # events that name the day they last until; an extension may leave it to a schedule
CHARGES = code_list(
    "charge",
    ("late_fee", "Late fee", "违约金"),
    ("penalty_interest", "Penalty interest", "罚息"),
    ("service_fee", "Service fee", "服务费"),
    ("guarantee_fee", "Guarantee fee", "担保费"),
    ("insurance", "Insurance premium", "保险费"),
    ("legal_cost", "Legal cost", "诉讼费用"),
)
PAYEES = code_list(
    "payee",
    ("lender", "The lender", "贷款人"),
    ("partner", "The partner", "合作机构"),
    ("guarantor", "A guarantor", "担保人"),
    ("insurer", "An insurer", "保险公司"),
)
BEHAVIOURS = code_list(
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
CONSENTS = code_list(
    "consent",
    ("monitoring", "Behaviour may be used for monitoring", "贷后监测授权"),
    ("location", "Coarse location may be used", "位置信息授权"),
)
ASSET_KINDS = code_list(
    "asset_kind",
    ("flat", "Flat", "住宅"),
    ("house", "House", "独立房屋"),
    ("vehicle", "Vehicle", "机动车"),
)
HOME_TYPES = code_list(
    "home_type",
    ("detached", "Detached house", "独栋"),
    ("semi_detached", "Semi-detached house", "双拼"),
    ("townhouse", "Townhouse", "联排"),
    ("flat", "Flat", "公寓"),
    ("other", "Other", "其他"),
)
FUELS = code_list(
    "fuel",
    ("petrol", "Petrol", "汽油"),
    ("diesel", "Diesel", "柴油"),
    ("hybrid", "Hybrid", "混合动力"),
    ("plug_in", "Plug-in hybrid", "插电混动"),
    ("electric", "Electric", "纯电动"),
    ("gas", "Gas", "燃气"),
    ("other", "Other", "其他"),
)
TRANSMISSIONS = code_list(
    "transmission",
    ("manual", "Manual", "手动"),
    ("automatic", "Automatic", "自动"),
    ("semi_automatic", "Semi-automatic", "手自一体"),
    ("other", "Other", "其他"),
)
VALUATION_METHODS = code_list(
    "valuation_method",
    ("appraisal", "Appraisal", "评估"),
    ("purchase_price", "Purchase price", "购买价"),
    ("auction", "Auction price", "拍卖价"),
    ("partner", "Partner's own figure", "合作机构估值"),
)
VALUED_BY = code_list(
    "valued_by",
    ("recorded", "Recorded valuation, moved by index and age", "登记估值经指数与车龄调整"),
    ("model", "Model of comparable sales", "可比成交模型"),
    ("both", "Both, by how sure each is", "两者按精度加权"),
)
CALIBRATIONS = code_list(
    "calibration",
    ("own", "Set right on sales of its own market", "以本地成交校准"),
    ("borrowed", "Set right elsewhere: no less than a declared error", "借用其他市场校准"),
)
MODEL_ACTS = code_list(
    "model_act",
    ("fitted", "Fitted", "已拟合"),
    ("promoted", "Promoted: it values assets from a date on", "已启用"),
)
LTV_EDGES_BP = (3_000, 5_000, 6_000, 8_000, 9_000, 10_000)  # Basel, and S67 (domain.md 5.4)
LTV_BANDS = code_list(
    "ltv_band",
    ("to_30", "to 30 %", "≤30%"),
    ("to_50", "to 50 %", "≤50%"),
    ("to_60", "to 60 %", "≤60%"),
    ("to_80", "to 80 %", "≤80%"),
    ("to_90", "to 90 %", "≤90%"),
    ("to_100", "to 100 %", "≤100%"),
    ("over_100", "over 100 %", ">100%"),
    ("unknown", "not known", "未知"),
)
VALUATION_EDGES_DAYS = (90, 180, 365, 730)
VALUATION_AGES = code_list(
    "valuation_age",
    ("to_90", "to 90 days", "≤90天"),
    ("to_180", "to 180 days", "≤180天"),
    ("to_365", "to a year", "≤1年"),
    ("to_730", "to two years", "≤2年"),
    ("older", "older", "更久"),
    ("none", "never valued", "从未评估"),
)
REGISTERED_FOR = code_list(
    "registered_for",
    ("us", "Us, the lender", "本机构"),
    ("partner", "The partner, on our behalf", "合作机构代持"),
    ("other", "Somebody else", "其他人"),
)
CLASSES = code_list(
    "five_class",
    ("normal", "Normal", "正常"),
    ("special_mention", "Special mention", "关注"),
    ("substandard", "Substandard", "次级"),
    ("doubtful", "Doubtful", "可疑"),
    ("loss", "Loss", "损失"),
)
SCHEMES = code_list(
    "scheme",
    ("cn_five_class", "China's five classes", "五级分类"),
    ("ifrs9", "Stages of expected credit loss", "预期信用损失三阶段"),
    ("eu_default", "Default (CRR art. 178)", "违约（欧盟）"),
    ("eu_performance", "Performing, forborne (FINREP)", "不良与重组（欧盟）"),
)
STAGES = code_list(
    "stage",
    ("stage_1", "Stage 1: no significant increase in credit risk", "第一阶段：信用风险未显著增加"),
    ("stage_2", "Stage 2: significant increase in credit risk", "第二阶段：信用风险显著增加"),
    ("stage_3", "Stage 3: credit-impaired", "第三阶段：已发生信用减值"),
)
DEFAULTS = code_list("default", ("not_defaulted", "Not in default", "未违约"), ("defaulted", "In default", "违约"))
PERFORMANCE = code_list(
    "performance",
    ("performing", "Performing", "正常履约"),
    ("forborne_performing", "Forborne, never non-performing since", "重组后正常履约"),
    ("forborne_cured", "Forborne, under probation after having been non-performing", "重组后由不良转正的观察期"),
    ("non_performing", "Non-performing", "不良"),
    ("forborne_non_performing", "Forborne and non-performing", "重组且不良"),
)
MIGRATING = CodeList(
    "migrating",
    (
        *CLASSES.codes,
        Code("performing", "Normal and special mention together", "正常和关注类合计"),
        Code("new", "New since the year's opening, and what was lent more", "本年增加"),
    ),
)
DEBTORS = code_list(
    "debtor",
    ("person", "Natural person", "自然人"),
    ("firm", "Firm or organisation", "企业或组织"),
)
NON_PERFORMING = ("substandard", "doubtful", "loss")
COLOURS = code_list(
    "colour",
    ("clear", "Clear", "正常"),
    ("not_applicable", "Not applicable", "不适用"),
    ("unknown", "Unknown", "未知"),
    ("amber", "Amber", "黄色预警"),
    ("red", "Red", "红色预警"),
)
WARNING_COLOURS = COLOURS.without(("clear", "not_applicable", "unknown"))
GAPS = code_list(
    "gap",
    ("none", "Nothing missing", "无缺口"),
    ("absent", "Never delivered", "从未报送"),
    ("late", "Not delivered in time", "报送延迟"),
    ("no_basis", "No consent", "无授权"),
    ("too_short", "History too short", "历史过短"),
)
LOAN_STATUSES = code_list(
    "loan_status",
    ("open", "Open", "存续"),
    ("written_off", "Written off, still owed", "已核销"),
)
MONTH_STATUSES = code_list(
    "month_status",  # of the credit reference system of the People's Bank of China, second generation (domain.md 1.4)
    ("N", "Paid as agreed", "正常"),
    ("M", "Paid after the due date, before the end of the month", "约定还款日后月底前还款"),
    ("1", "1-30 days past due", "逾期1-30天"),
    ("2", "31-60 days past due", "逾期31-60天"),
    ("3", "61-90 days past due", "逾期61-90天"),
    ("4", "91-120 days past due", "逾期91-120天"),
    ("5", "121-150 days past due", "逾期121-150天"),
    ("6", "151-180 days past due", "逾期151-180天"),
    ("7", "More than 180 days past due", "逾期180天以上"),
    ("*", "Nothing due in the month", "当月不需还款且之前没有拖欠"),
    ("#", "Not known", "未知"),
    ("B", "Bad debt", "呆账"),
    ("C", "Settled", "结清"),
    ("D", "Paid by a guarantor", "担保人代还"),
    ("Z", "Assets taken for the debt", "以资抵债"),
    ("G", "Ended otherwise", "结束"),
)
LOAN_FATES = code_list(
    "loan_fate",
    ("on_book", "Open or unpaid", "在账"),
    ("repaid", "Repaid in full", "还清"),
    ("settled", "Settled early", "提前结清"),
    ("left", "Bought back or transferred", "回购或转让"),
    ("to_come", "Not opened yet", "尚未发放"),
    ("lost", "Unaccounted for", "去向不明"),
)
LEFT_BECAUSE = code_list(
    "left_because",
    ("repaid", "Repaid in full", "还清"),
    ("settled", "Settled early", "提前结清"),
    ("buy_back", "Bought back by the partner", "回购"),
    ("transfer", "Transferred to another lender", "转让"),
)
WARNING_STATES = code_list(
    "warning_state",
    ("pending", "Its condition holds, not long enough", "待确认"),
    ("open", "Open", "生效中"),
    ("curing", "Curing: its exit condition holds, not long enough", "缓解观察中"),
    ("held", "Held back as part of a storm", "批量异常暂缓"),
    ("cleared", "Cleared", "已解除"),
)
STORM_STATES = code_list(
    "storm_state",
    ("held", "Its warnings wait", "暂缓中"),
    ("released", "Released by a person", "已放行"),
    ("dropped", "Dropped by a person", "已作废"),
    ("lapsed", "Nothing is left to decide: its warnings have ended", "已自行消失"),
)
DATA_SUBJECTS = code_list(
    "data_subject",
    ("nobody", "Nobody: an institution or a market", "非个人信息"),
    ("borrower", "The borrower", "借款人"),
    ("payer", "Whoever paid", "付款人"),
    ("guarantor", "Who guarantees a loan", "保证人"),
    ("counterparty", "Who sells or buys loans", "交易对手"),
    ("contact_person", "Whoever is reached at it: the borrower or another person", "借款人或其指定的联系人"),
    ("staff", "Who works for us", "本机构员工"),
)
LAWFUL_BASES = code_list(
    "lawful_basis",
    ("contract", "Needed to perform the contract", "履行合同所必需"),
    ("legal_duty", "Needed to fulfil a legal duty", "履行法定职责或义务所必需"),
    ("consent", "Consent", "个人同意"),
    ("separate_consent", "Separate consent", "单独同意"),
)
SUBJECTS = code_list(
    "subject",
    ("loan", "Loan", "贷款"),
    ("borrower", "Borrower", "借款人"),
    ("asset", "Collateral", "抵押物"),
    ("pool", "Pool", "资产池"),
    ("partner", "Partner", "合作机构"),
)
REVIEW_SUBJECTS = CodeList("review_subject", (*SUBJECTS.codes, Code("rule", "The storm of a rule", "规则批量异常")))
CONTACT_RELATIONS = code_list(
    "contact_relation",
    ("self", "The borrower", "本人"),
    ("spouse", "Husband or wife", "配偶"),
    ("relative", "Relative", "亲属"),
    ("friend", "Friend", "朋友"),
    ("colleague", "Colleague", "同事"),
    ("employer", "Employer", "工作单位"),
    ("guarantor", "Guarantor", "担保人"),
)
PHONE_LINES = code_list(
    "phone_line",
    ("mobile", "Mobile", "手机"),
    ("landline", "Landline", "固定电话"),
)
CONTACT_SOURCES = code_list(
    "contact_source",
    ("application", "Stated in the application", "申请时填写"),
    ("update", "Stated by the borrower since", "借款人更新"),
    ("repair", "Found by contact repair", "失联修复"),
)
NUMBER_STATUSES = code_list(
    "number_status",
    ("in_service", "In service", "正常"),
    ("suspended", "Suspended", "停机"),
    ("out_of_service", "Out of service", "空号"),
)
CONTACT_CHANNELS = code_list(
    "contact_channel",
    ("call", "Telephone call", "电话"),
    ("message", "Text message", "短信"),
    ("app", "Message in the app", "应用内消息"),
    ("visit", "Visit", "上门"),
    ("letter", "Letter", "信函"),
)
COLLECTORS = code_list(
    "collector",
    ("partner", "The partner's staff", "合作机构人员"),
    ("agency", "A collection agency", "委外催收机构"),
    ("lender", "Our own staff", "本机构人员"),
    ("robot", "A calling robot", "智能语音机器人"),
)
CONTACT_OUTCOMES = code_list(
    "contact_outcome",
    ("right_party", "The borrower was reached", "联系到本人"),
    ("other_party", "Somebody else was reached", "联系到他人"),
    ("refused", "Somebody else was reached and refuses further contact", "他人拒绝再联系"),
    ("no_answer", "No answer", "无人接听"),
    ("invalid", "The number or address is not valid", "号码或地址无效"),
    ("delivered", "Delivered, without an answer", "已送达未回复"),
)
ASSET_EVENTS = code_list(
    "asset_event",
    ("seizure", "Seized by a court for somebody else", "被其他债权人查封"),
    ("insurance", "Insured for us", "投保（我方为第一受益人）"),
    ("title_claim", "Somebody claims it", "权属异议"),
    ("title_suit", "Its title is sued over", "权属诉讼"),
    ("transfer", "Transferred, and we were told", "已转让并通知"),
    ("transfer_untold", "Transferred, and we were not told", "未经通知转让"),
    ("tracker_silent", "Its tracker has been silent since", "定位设备失联"),
    ("hotspot", "Seen where vehicles are pledged a second time", "驶入二次抵押高发区"),
)
GUARANTEES = code_list(
    "guarantee",
    ("joint", "Joint and several", "连带责任保证"),
    ("general", "After the borrower's own assets", "一般保证"),
)
SIGNALS = code_list(
    "signal",
    ("court_suit", "Sued", "被起诉"),
    ("court_enforcement", "Enforcement case", "被执行"),
    ("court_dishonest", "On the list of dishonest judgment debtors", "失信被执行人"),
    ("court_limit", "Consumption limit order", "限制消费"),
    ("court_freeze", "Account or equity frozen", "账户或股权冻结"),
    ("court_insolvency_filed", "Insolvency filed for", "申请破产"),
    ("court_insolvency", "Insolvency accepted by the court", "破产受理"),
    ("court_liquidation", "In liquidation", "破产清算"),
    ("registry_change", "Change of holder, representative, scope or address", "工商变更"),
    ("registry_abnormal", "On the list of abnormal operations", "经营异常"),
    ("registry_revoked", "Licence revoked or firm closed", "吊销或注销"),
    ("tax_missed", "Tax return missing", "未按期申报纳税"),
    ("tax_arrears", "Tax arrears", "欠税"),
    ("bureau_overdue", "Overdue with another lender", "他行逾期"),
    ("bureau_adverse", "Adverse class or special transaction with another lender", "他行不良或特殊交易"),
    ("news_negative", "Negative news", "负面舆情"),
    ("rating_cut", "External rating cut sharply", "外部评级大幅下调"),
    ("debt_evasion", "Evades debts to lenders", "逃废债务"),
    ("merger", "Merges with another firm, or is taken over", "并购重组"),
)
SIGNALS_OF_DEBT = ("court_enforcement", "court_freeze", "tax_arrears", "bureau_overdue")
PORTFOLIO_ACTIONS = code_list(
    "portfolio_action",
    ("watch", "Watch", "关注"),
    ("stop_origination", "Stop new loans of this kind", "暂停新增放款"),
    ("call_margin", "Call more margin", "要求追加保证金"),
    ("demand_buy_back", "Demand that it buys back", "要求回购"),
)
REVIEW_DECISIONS = code_list(
    "review_decision",
    ("confirm", "The warning is right", "确认预警"),
    ("snooze", "Not to be shown again until", "暂缓"),
    ("dismiss", "The warning is wrong", "排除"),
    ("override", "Another class than computed", "人工调整分类"),
    ("recolour", "Another colour than computed", "人工调整预警颜色"),
    ("release", "The warnings of a storm are to be worked on", "放行批量预警"),
    ("drop", "The warnings of a storm are wrong", "作废批量预警"),
    ("approve", "Another person's decision is approved", "复核通过"),
)
REVIEW_REASONS = code_list(
    "review_reason",
    ("true_warning", "What the warning says is so", "情况属实"),
    ("promise", "The borrower has promised to pay", "已承诺还款"),
    ("paid", "Paid, not booked yet", "已还款未入账"),
    ("known", "Known and already worked on", "已知并在处理"),
    ("data_error", "The data are wrong", "数据有误"),
    ("hardship", "Illness, lost work, disaster", "疾病、失业或灾害"),
    ("dispute", "The borrower disputes the debt", "借款人有异议"),
    ("second_look", "Checked by a second person", "第二人复核"),
)
REVIEW_ACTIONS = code_list(
    "review_action",
    ("none", "Nothing", "无"),
    ("called", "Called", "电话联系"),
    ("visited", "Visited", "上门走访"),
    ("limit_frozen", "Limit frozen", "冻结额度"),
    ("revalued", "Collateral valued again", "重新评估抵押物"),
    ("restructured", "Terms changed", "调整还款安排"),
    ("legal", "Legal action", "法律行动"),
)
REVIEW_RESULTS = code_list(
    "review_result",
    ("paid", "Paid", "已还款"),
    ("plan", "A plan was agreed", "达成还款安排"),
    ("unchanged", "Nothing has changed", "无变化"),
    ("unreached", "Nobody was reached", "未联系到"),
    ("worse", "It has become worse", "恶化"),
)
