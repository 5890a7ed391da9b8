"""Indicators of use of the app, social activity, devices and addresses, per borrower (domain.md 4 D)."""

from loanwatch.derive.behaviour import ACTIVITY, QUARTER, kept, last, often, times
from loanwatch.derive.indicator import Indicator
from loanwatch.derive.window import Window

LOGIN, SOCIAL, DEVICE, ADDRESS = map(times, ("login", "social", "device_change", "address_change"))
KEPT = (
    kept(LOGIN, "Logins kept.", "domain.md 4 D, DEV_INACTIVE"),
    kept(SOCIAL, "Social activity kept.", "domain.md 4 D, SOC_DROP"),
)
_LAST_LOGIN = last("login").of(ACTIVITY).over(Window(months=2))
_DEVICES_3M, _ADDRESSES_3M = (series.of(QUARTER).over(Window(months=3)) for series in (DEVICE, ADDRESS))

INDICATORS = (
    *KEPT,
    Indicator("days_since_login", "days", f"coalesce(datediff({{as_of}}, {_LAST_LOGIN.name}), {{{_LAST_LOGIN.name}_days}})",
              "Days since the last login in this month and two before; their length = longer, or never.",
              "domain.md 4 D, DEV_INACTIVE", of=(_LAST_LOGIN,), at_least=0),
    often("device_changes_30d", DEVICE, 30, "New devices in 30 days.", "domain.md 4 D, DEV_CHANGES"),
    often("address_changes_30d", ADDRESS, 30, "New addresses in 30 days.", "domain.md 4 D, CT_CHURN"),
    Indicator("device_changes_3m", "count", _DEVICES_3M.name, "New devices, this month and three before.",
              "domain.md 4 D, DEV_CHANGES", of=(_DEVICES_3M,), at_least=0),
    Indicator("address_changes_3m", "count", _ADDRESSES_3M.name, "New addresses, this month and three before.",
              "domain.md 4 D, CT_CHURN", of=(_ADDRESSES_3M,), at_least=0),
)  # fmt: skip
