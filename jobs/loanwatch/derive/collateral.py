"""Indicators of collateral, per loan and per asset (domain.md 4 F). Null for an unsecured loan: not applicable."""

from loanwatch.columns import LTV_BP, basis_points, count, minor
from loanwatch.derive.indicator import Indicator, from_column, share

_VALUED, _APPRAISED = "valuation", "appraisal"  # a value on the day, if only by a model; a recorded one
_AGE = count("valuation_age_days", "Age of the oldest valuation among the loan's assets.")

INDICATORS: tuple[Indicator, ...] = (
    from_column(LTV_BP, "bp", "domain.md 4 F, COL_LTV", _VALUED),
    from_column(basis_points("value_change_bp", "Value on the day over recorded value, less 10000.", at_least=-10_000), "bp",
                "domain.md 4 F, COL_DROP", _VALUED, _APPRAISED),
    from_column(_AGE, "days", "domain.md 4 F, COL_STALE", _APPRAISED),
    from_column(minor("shortfall_minor", "By how much the claims exceed the value."), "minor", "domain.md 4 F, COL_LTV", _VALUED),
    from_column(basis_points("shortfall_probability_bp", "Chance that the assets are worth less than the claims.", at_least=0),
                "bp", "domain.md 5.2", _VALUED),
    share("prudent_shortfall_bp", "prudent_shortfall_minor", "balance_minor", "Of the balance, what the prudent value leaves bare.",
          "domain.md 5.1", _VALUED, at_least=0),
    Indicator("uncounted_liens", "count", "uncounted_liens", "Of its pledges, those registered for somebody else, or no longer.",
              "domain.md 4 F, COL_TERM_GAP", at_least=0),
    Indicator("registration_gap_days", "days",
              "case when registered_until is not null then greatest(datediff(matures_on, registered_until), 0) end",
              "Days from the end of the first registration that ends to the loan's last due date.", "domain.md 4 F, COL_TERM_GAP",
              sources=("registration",), at_least=0),
    Indicator("lien_rank", "count", "lien_rank", "Worst rank of our liens on its assets; 1 = first.", "domain.md 4 F, COL_RANK",
              at_least=1),
    share("prior_share_bp", "prior_minor", "cover_minor", "Claims that rank before ours over the value.", "domain.md 4 F, COL_RANK",
          _VALUED, at_least=0),
)  # fmt: skip
ASSET_SOURCES = (_VALUED, _APPRAISED, "prior", "schedule", "asset_event", "insurance")


def _stands(name: str, doc: str, code: str) -> Indicator:
    return Indicator(name, "count", f"coalesce({name}, 0)", doc, f"domain.md 4 F, {code}", sources=("asset_event",), at_least=0)


ASSET_INDICATORS: tuple[Indicator, ...] = (
    from_column(minor("value_minor", "Value on the day."), "minor", "domain.md 5", _VALUED),
    Indicator("value_change_bp", "bp", "10000 * value_minor div nullif(recorded_minor, 0) - 10000",
              "Value on the day over recorded value, less 10000.", "domain.md 4 F, COL_DROP", sources=(_VALUED, _APPRAISED),
              at_least=-10_000),
    from_column(_AGE.with_(doc="Age of the recorded valuation."), "days", "domain.md 4 F, COL_STALE", _APPRAISED),
    Indicator("npe_valuation_age_days", "days", "case when worst_days_past_due > 90 then valuation_age_days end",
              "Age of the valuation behind a loan that is more than 90 days past due; else not applicable.",
              "domain.md 4 F, COL_NPE_STALE", sources=(_APPRAISED, "schedule"), at_least=0),
    Indicator("valuation_gap_bp", "bp", "abs(10000 * recorded_minor div nullif(earlier_minor, 0) - 10000)",
              "How far the latest recorded value is from the one before it, over that; not applicable with one.",
              "domain.md 4 F, COL_AVM_GAP", sources=(_APPRAISED,), at_least=0),
    Indicator("model_gap_bp", "bp", "apart_bp",
              "How far the recorded value on the day is from what a model of comparable sales says; not applicable without one.",
              "domain.md 4 F, COL_AVM_GAP", at_least=0),
    share("asset_ltv_bp", "claims_minor", "value_minor",
          "What all loans that it secures claim of it, and claims before ours, over its value.", "domain.md 4 F, COL_LTV",
          _VALUED, "prior", at_least=0),
    from_column(basis_points("fsd_bp", "Standard deviation of the value's relative error.", at_least=0), "bp",
                "domain.md 4 F, COL_FSD", _VALUED),
    Indicator("loans_secured", "count", "loans_secured", "Loans of the day that it secures.", "domain.md 4 F, COL_DUP",
              at_least=1),
    Indicator("lien_rank", "count", "lien_rank", "Worst rank of our liens on it.", "domain.md 4 F, COL_RANK", at_least=1),
    share("prior_share_bp", "prior_minor", "value_minor", "Claims that rank before ours over its value.",
          "domain.md 4 F, COL_RANK", _VALUED, "prior", at_least=0),
    Indicator("same_place_partners", "count", "same_place_partners",
              "Partners that take the same flat or vehicle as collateral.", "domain.md 4 F, COL_DUP", at_least=1),
    Indicator("same_place_borrowers", "count", "same_place_borrowers",
              "Borrowers who pledge the same flat or vehicle, by address or VIN.", "domain.md 4 F, COL_DUP", at_least=1),
    Indicator("asset_age_years", "count", "case when built_year is not null then greatest(0, year({as_of}) - built_year) end",
              "Years since construction or manufacture; not applicable where the year is not told.", "domain.md 5", at_least=0),
    Indicator("wrong_vin", "count", "case when vin_wrong then 1 when not vin_wrong then 0 end",
              "1 = the check digit of the vehicle's VIN is wrong, 0 = it is right; not applicable where it has no VIN.",
              "domain.md 4 F, COL_DUP; 49 CFR 565.15, GB 16735", at_least=0),
    Indicator("worst_days_past_due", "days", "worst_days_past_due", "Worst days past due of the loans it secures.",
              "domain.md 4 F, COL_NPE_STALE", sources=("schedule",), at_least=0),
    _stands("seizures", "Seizures by courts for others that stand, queued ones too.", "COL_SEIZED"),
    _stands("first_seizures", "Of the seizures that stand, those of the first rank: they hold it.", "COL_SEIZED"),
    Indicator("insured_days", "days", "datediff(insured_until, {as_of})",
              "Days to the last day of the insurance that lasts longest; below 0: it has lapsed.", "domain.md 4 F, COL_INSURE",
              sources=("insurance",)),
    share("insured_bp", "coalesce(insured_minor, 0)", "least(claims_minor, value_minor)",
          "What it is insured for over its value, or over all claims where these are less.", "domain.md 4 F, COL_INSURE",
          "insurance", _VALUED, "prior", at_least=0),
    _stands("title_claims", "Claims of others to its title that stand.", "COL_TITLE"),
    _stands("title_suits", "Suits over its title that stand.", "COL_TITLE"),
    _stands("transfers", "Transfers of which we were told.", "COL_TRANSFER"),
    _stands("untold_transfers", "Transfers of which we were not told.", "COL_TRANSFER"),
    Indicator("tracker_silent_days", "days",
              "case when kind = 'vehicle' then coalesce(datediff({as_of}, silent_since), 0) end",
              "Days since a vehicle's tracker was last heard of; 0 = it is heard.", "domain.md 4 F, VEH_GPS",
              sources=("asset_event",), at_least=0),
    Indicator("hotspots_30d", "count", "case when kind = 'vehicle' then coalesce(hotspots, 0) end",
              "Times in 30 days that a vehicle was seen where vehicles are pledged a second time.", "domain.md 4 F, VEH_GPS",
              sources=("asset_event",), at_least=0),
)  # fmt: skip
