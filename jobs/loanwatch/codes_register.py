"""Code lists of the register of credit in the euro area (Regulation (EU) 2016/867, annex IV), English labels in its words."""

from loanwatch.codes import code_list

INSTRUMENTS = code_list(
    "instrument",
    ("deposit", "Deposits other than reverse repurchase agreements", "存款（逆回购除外）"),
    ("overdraft", "Overdraft", "透支"),
    ("credit_card", "Credit card debt", "信用卡债务"),
    ("revolving", "Revolving credit other than overdrafts and credit card debt", "其他循环授信"),
    ("credit_line", "Credit lines other than revolving credit", "非循环授信额度"),
    ("reverse_repo", "Reverse repurchase agreements", "逆回购"),
    ("receivable", "Trade receivables", "应收账款"),
    ("lease", "Financial leases", "融资租赁"),
    ("other", "Other loans", "其他贷款"),
)
AMORTISATIONS = code_list(
    "amortisation",
    ("french", "French", "等额本息"),
    ("german", "German", "等额本金"),
    ("fixed", "Fixed amortisation schedule", "固定还本计划"),
    ("bullet", "Bullet", "到期一次还本"),
    ("other", "Other", "其他"),
)
RESETS = code_list(
    "rate_reset",
    ("overnight", "Overnight", "隔夜"),
    ("monthly", "Monthly", "每月"),
    ("quarterly", "Quarterly", "每季"),
    ("semi_annually", "Semi-annually", "每半年"),
    ("annually", "Annually", "每年"),
    ("creditor", "At creditor discretion", "由债权人决定"),
    ("other", "Other frequency", "其他频率"),
)
PAYMENTS = code_list(
    "payment_frequency",
    ("monthly", "Monthly", "每月"),
    ("quarterly", "Quarterly", "每季"),
    ("semi_annually", "Semi-annually", "每半年"),
    ("annually", "Annually", "每年"),
    ("bullet", "Bullet", "到期一次还本付息"),
    ("zero_coupon", "Zero coupon", "零息"),
    ("other", "Other", "其他"),
)
RATES = code_list("rate_type", ("fixed", "Fixed", "固定"), ("variable", "Variable", "浮动"), ("mixed", "Mixed", "混合"))
REFERENCE_RATES = code_list(
    "reference_rate",
    ("euribor_1w", "EURIBOR - One week", "欧元同业拆借利率一周"),
    ("euribor_1m", "EURIBOR - One month", "欧元同业拆借利率一个月"),
    ("euribor_3m", "EURIBOR - Three months", "欧元同业拆借利率三个月"),
    ("euribor_6m", "EURIBOR - Six months", "欧元同业拆借利率六个月"),
    ("euribor_12m", "EURIBOR - Twelve months", "欧元同业拆借利率十二个月"),
    ("other", "Other single reference rate", "其他单一参考利率"),
    ("several", "Other multiple reference rates", "多个参考利率"),
)
PURPOSES = code_list(
    "lending_purpose",
    ("home", "Residential real estate purchase", "购买住房"),
    ("premises", "Commercial real estate purchase", "购买商用房"),
    ("margin", "Margin lending", "保证金贷款"),
    ("debt", "Debt financing", "债务融资"),
    ("imports", "Imports", "进口"),
    ("exports", "Exports", "出口"),
    ("construction", "Construction investment", "建设投资"),
    ("working_capital", "Working capital facility", "流动资金"),
    ("other", "Other purposes", "其他用途"),
)
REPAYMENT_RIGHTS = code_list(
    "repayment_right", ("on_demand", "On demand or short notice", "随时或短期通知"), ("other", "Other", "其他")
)
SECURITISATIONS = code_list(
    "securitisation",
    ("traditional", "Traditional securitisation", "传统证券化"),
    ("synthetic", "Synthetic securitisation", "合成证券化"),
    ("none", "Not securitised", "未证券化"),
)
ACCOUNTING_CLASSES = code_list(
    "accounting_class",
    ("amortised_cost", "Financial assets at amortised cost", "以摊余成本计量"),
    ("fair_value_oci", "Financial assets at fair value through other comprehensive income", "公允价值变动计入其他综合收益"),
    ("fair_value_pl", "Financial assets designated at fair value through profit or loss", "指定公允价值变动计入损益"),
    ("non_trading_pl", "Non-trading financial assets mandatorily at fair value through profit or loss", "非交易，强制公允价值"),
    ("trading", "Financial assets held for trading", "交易性金融资产"),
    ("cash", "Cash balances at central banks and other demand deposits", "现金及存放中央银行款项"),
)
RECOGNITIONS = code_list(
    "recognition",
    ("entirely", "Entirely recognised", "全部确认"),
    ("partly", "Recognised to the extent of the institution's continuing involvement", "按继续涉入程度确认"),
    ("derecognised", "Entirely derecognised", "终止确认"),
)
IMPAIRMENT_METHODS = code_list(
    "impairment_method",
    ("individually", "Individually assessed", "单项评估"),
    ("collectively", "Collectively assessed", "组合评估"),
    ("none", "Not subject to impairment", "不适用减值"),
)
ENCUMBRANCES = code_list(
    "encumbrance",
    ("central_bank", "Central bank funding", "中央银行融资"),
    ("derivatives", "Exchange-traded derivatives", "场内衍生品"),
    ("repos", "Deposits - repurchase agreements other than to central banks", "回购"),
    ("bonds", "Debt securities issued - covered bonds securities", "担保债券"),
    ("securities", "Debt securities issued - asset-backed securities", "资产支持证券"),
    ("other", "Other sources of encumbrance", "其他"),
    ("none", "No encumbrance", "无"),
)
PORTFOLIOS = code_list("portfolio", ("trading", "Trading book", "交易账簿"), ("banking", "Non-trading book", "银行账簿"))
FORBEARANCES = code_list(
    "forbearance",
    ("rate", "Forborne: instruments with modified interest rate below market conditions", "利率低于市场的重组"),
    ("terms", "Forborne: instruments with other modified terms and conditions", "其他条款变更的重组"),
    ("refinanced", "Forborne: totally or partially refinanced debt", "再融资"),
    ("renegotiated", "Renegotiated instrument without forbearance measures", "重新议定（非重组）"),
    ("none", "Not forborne or renegotiated", "未重组或重新议定"),
)
PROTECTIONS = code_list(
    "protection",
    ("gold", "Gold", "黄金"),
    ("deposit", "Currency and deposits", "现金与存款"),
    ("securities", "Securities", "证券"),
    ("loans", "Loans", "贷款"),
    ("equity", "Equity and investment fund shares or units", "股权与基金份额"),
    ("derivatives", "Credit derivatives", "信用衍生品"),
    ("guarantee", "Financial guarantees other than credit derivatives", "财务担保"),
    ("receivables", "Trade receivables", "应收账款"),
    ("insurance", "Life insurance policies pledged", "人寿保单质押"),
    ("home", "Residential real estate collateral", "住宅房地产"),
    ("offices", "Offices and commercial premises", "办公与商业用房"),
    ("real_estate", "Commercial real estate collateral", "商业房地产"),
    ("physical", "Other physical collateral", "其他实物抵押"),
    ("other", "Other protection", "其他"),
)
PROTECTION_VALUES = code_list(
    "protection_value",
    ("notional", "Notional amount", "名义金额"),
    ("fair", "Fair value", "公允价值"),
    ("sustainable", "Long-term sustainable value", "长期可持续价值"),
    ("other", "Other protection value", "其他价值"),
)
VALUATION_APPROACHES = code_list(
    "valuation_approach",
    ("market", "Mark-to-market", "市价"),
    ("counterparty", "Counterparty estimation", "交易对手估计"),
    ("creditor", "Creditor valuation", "债权人估值"),
    ("third_party", "Third-party valuation", "第三方估值"),
    ("other", "“other type of valuation”", "其他估值方式"),
)
