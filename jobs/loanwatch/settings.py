"""Settings by layers: conf/base.yaml, conf/env/<env>.yaml, conf/tenants/<tenant>/settings.yaml, LOANWATCH__* variables, flags.

An unknown key is an error that names the nearest known one. `business` settings are part of what an
attempt lands as its configuration; everything else says where the program runs and changes no result.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from loanwatch.codes import ASSET_KINDS, PRODUCTS, VALUATION_METHODS
from loanwatch.convention import DEFAULT, Convention
from loanwatch.depreciation import CHINA, Curves
from loanwatch.errors import UsageError

Book = Literal["own", "trust"]
FurtherScheme = Literal["ifrs9", "eu_default", "eu_performance"]
ClassSource = Literal["signal", "impairment", "default_probability", "debt_elsewhere"]
Institution = Literal["bank", "trust", "consumer_finance", "guarantee"]
Jurisdiction = Literal["cn", "eu", "other"]
ENVIRONMENT_PREFIX = "LOANWATCH__"
_SECRET = re.compile(r"secret|password|passwd|token|credential|\.key$", re.IGNORECASE)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Storms(_Section):
    """When a rule's new warnings of one night are held until a person has looked.

    More than `share_bp` of a partner's subjects or of all, or five times the rule's usual share; at least `at_least` warnings;
    and not in the first `quiet_nights` of a partner or of the book, which bring in what had long been going on.
    """

    share_bp: int = Field(default=500, ge=1, le=10_000)
    at_least: int = Field(default=20, ge=1)
    quiet_nights: int = Field(default=5, ge=1)


class PortfolioActions(_Section):
    """From which share of red exposure on a partner has to do what about a vintage of small loans, basis points [P]."""

    stop_bp: int = Field(default=500, ge=0, le=10_000)
    margin_bp: int = Field(default=1_000, ge=0, le=10_000)
    buy_back_bp: int = Field(default=2_000, ge=0, le=10_000)


class Prudence(_Section):
    """How sure values are, and what is taken off them (domain.md 5) [P]. An FSD is the standard deviation of the relative error.

    A recorded value starts with the FSD of its method, which grows with the root of its age in years: by `drift_fsd_bp` where
    an index moved it, else by `unmoved_fsd_bp`. A vehicle loses by its age along the curve of its fuel, `vehicle_curve`, and
    `mileage_bp` for each 10,000 km beyond `usual_km` a year (data 12: of vehicles alike in all else); its FSD grows by
    `curve_fsd_bp` where no index moved it (not calibrated yet), by `unmoved_fsd_bp` where its age is not known. The prudent
    value is less `fsd_share_bp` of the FSD, then the discount of a sale, then its costs. An index cell counts with
    `fewest_sales` or more, and its last period for `index_periods` times its length: one that is published no more moves
    nothing. Assets of a loan err together by `together_bp`. A model is set right on its own market in regions with `own_sales`
    unseen sales or more; elsewhere its FSD is borrowed, and `borrowed_fsd_bp` at least. A recorded value and a model's that are
    more than `apart_bp` apart, and than twice their FSD, are not averaged.
    """

    recorded_fsd_bp: dict[str, int] = {"appraisal": 800, "purchase_price": 600, "auction": 1_500, "partner": 1_500}
    drift_fsd_bp: dict[str, int] = {"flat": 600, "house": 700, "vehicle": 800}
    unmoved_fsd_bp: dict[str, int] = {"flat": 900, "house": 1_000, "vehicle": 2_000}
    vehicle_curve: Curves = CHINA
    curve_fsd_bp: int = Field(default=1_200, ge=0, le=10_000)
    mileage_bp: int = Field(default=320, ge=0, lt=10_000)
    usual_km: int = Field(default=15_000, ge=0)
    haircut_bp: dict[str, int] = {"flat": 1_500, "house": 1_500, "vehicle": 2_500}
    cost_bp: dict[str, int] = {"flat": 700, "house": 700, "vehicle": 600}
    fsd_share_bp: int = Field(default=10_000, ge=0, le=30_000)
    fewest_sales: int = Field(default=30, ge=1)
    index_periods: int = Field(default=3, ge=1)
    together_bp: int = Field(default=5_000, ge=0, le=10_000)
    own_sales: int = Field(default=100, ge=1)
    borrowed_fsd_bp: int = Field(default=2_000, ge=0, le=10_000)
    apart_bp: int = Field(default=2_500, ge=0)

    @model_validator(mode="after")
    def _of_every_kind(self) -> Self:
        """One figure of 0 to 10,000 for every word, and no other word."""
        words = {"recorded_fsd_bp": VALUATION_METHODS.words}
        for name in ("recorded_fsd_bp", "drift_fsd_bp", "unmoved_fsd_bp", "haircut_bp", "cost_bp"):
            figures, asked = getattr(self, name), words.get(name, ASSET_KINDS.words)
            if set(figures) != set(asked):
                raise ValueError(f"{name} takes a figure for each of {', '.join(asked)}, got {', '.join(sorted(figures))}")
            if wrong := sorted(word for word, figure in figures.items() if not 0 <= figure <= 10_000):
                raise ValueError(f"{name} is 0 to 10000 basis points, not so for {', '.join(wrong)}")
        return self


class Business(_Section):
    """What changes results: the tenant's calendar, money and conventions."""

    title: str = "Loan book"
    calendar: Literal["daily", "month_end"] = "daily"
    currency: str = "CNY"
    language: Literal["en", "zh"] = "en"
    institution: Institution = "trust"  # which rules bind it: some are for banks only
    jurisdiction: Jurisdiction = "cn"  # likewise: some are the law of one place only
    book: Book = "trust"  # whose money was lent: forms ask for one or the other
    reconcile: Literal["ledger", "none"] = "ledger"
    review_min_minor: int = Field(default=0, ge=0)  # unsecured borrowers who owe less are looked at as portfolios
    portfolio_actions: PortfolioActions = PortfolioActions()
    settlement_lag_days: int = Field(default=1, ge=0, le=30)
    roll_over_days: int = Field(default=7, ge=0, le=90)  # a loan opened so soon after a pay-off is taken to have repaid it
    open_days: str = Field(default="", pattern="^([A-Z]{2})?$")  # country whose weekends and holidays are closed days
    conventions: dict[str, Convention] = {}  # by product, or `default`
    provisional_bp: int = Field(default=5_000, ge=0, le=10_000)  # of the loans; beyond, too much is missing to publish classes
    schemes: tuple[FurtherScheme, ...] = ("ifrs9",)  # by what it classes loans beside China's five classes
    class_sources: tuple[ClassSource, ...] = ()  # feeds without which classes are provisional
    filer: dict[str, str | dict[str, str]] = {}  # what forms ask of the institution: its LEI, licence; or by pool
    forms: tuple[str, ...] | None = None  # that it files, as east/705; where not said all that are filed by its kind
    storms: Storms = Storms()
    prudence: Prudence = Prudence()

    @field_validator("conventions")
    @classmethod
    def _of_products(cls, conventions: dict[str, Convention]) -> dict[str, Convention]:
        if unknown := set(conventions) - {DEFAULT, *PRODUCTS.words}:
            raise ValueError(f"no product {', '.join(sorted(unknown))}; products: default, {', '.join(PRODUCTS.words)}")
        return conventions

    @model_validator(mode="after")
    def _performance_rests_on_default(self) -> Self:
        if "eu_performance" in self.schemes and "eu_default" not in self.schemes:
            raise ValueError("schemes: eu_performance reads what eu_default gave: name both")
        return self

    @model_validator(mode="after")
    def _closed_days_are_known(self) -> Self:
        moving = sorted(name for name, c in self.conventions.items() if c.closed_days == "next_open_day")
        if moving and not self.open_days:
            raise ValueError(
                f"conventions of {', '.join(moving)} move due dates to open days: open_days has to name the country, such as CN"
            )
        return self


class Spark(_Section):
    """How a Spark application is started."""

    master: str = "local[2]"
    memory: str = "4g"
    shuffle_partitions: int = Field(default=4, ge=1)
    jars: Path = Path(".jars")
    java_options: str = ""
    options: dict[str, str] = {}


class Night(_Section):
    """How a night is cut into tasks: one Spark application for all stages, or three."""

    applications: Literal["one", "three"] = "three"


class Seal(_Section):
    """How what is published is kept honest.

    `deposit_to`: where the head of the audit log goes after each publication, a place that the operator of the lake cannot rewrite.
    `approvals`: whether what runs and what is handed in has to be approved by two people (`seal/approval.py`).
    """

    deposit_to: Path | None = None
    approvals: Literal["required", "off"] = "off"


class Settings(_Section):
    """The resolved settings of one command."""

    env: str
    tenant: str
    conf: Path
    lake: Path = Path("lake")
    vault: Path | None = None
    vault_key: str = "file"
    vault_users: tuple[str, ...] = ()
    originals_kept_days: int = Field(default=90, ge=0)  # in the vault, encrypted; 0 keeps none
    inbox: Path = Path("inbox")
    outbox: Path | None = None
    business: Business = Business()
    spark: Spark = Spark()
    night: Night = Night()
    seal: Seal = Seal()

    @property
    def vault_path(self) -> Path:
        """The vault, by default beside the lake and never in it."""
        return self.vault or self.lake.with_name(f"{self.lake.name}.vault")

    @property
    def outbox_path(self) -> Path:
        """Where forms that are handed in every month are left, by default beside the lake."""
        return self.outbox or self.lake.with_name(f"{self.lake.name}.outbox")

    @property
    def deposit_path(self) -> Path:
        """Where heads of the audit log are deposited, by default beside the lake."""
        return self.seal.deposit_to or self.lake.with_name(f"{self.lake.name}.deposits")

    def lines(self) -> Iterator[str]:
        """The settings as `key=value`, secrets masked."""
        for key, value in _flat(self.model_dump(mode="json")):
            yield f"{key}={'***' if _SECRET.search(key) and value else value}"


def find_conf() -> Path:
    """The folder of configuration: LOANWATCH_CONF, ./conf, or the one beside the source tree."""
    candidates = [Path("conf"), Path(__file__).resolve().parents[2] / "conf"]
    if named := os.environ.get("LOANWATCH_CONF"):
        candidates = [Path(named)]
    for candidate in candidates:
        if (candidate / "base.yaml").is_file():
            return candidate.resolve()
    raise UsageError(f"no configuration: {candidates[0]}/base.yaml is missing; set LOANWATCH_CONF to the folder conf/")


def load(env: str = "local", tenant: str = "demo", flags: Mapping[str, Any] | None = None) -> Settings:
    """The resolved settings; UsageError lists every fault with the layer it stands in."""
    conf = find_conf()
    layers = {
        "conf/base.yaml": _yaml(conf / "base.yaml"),
        f"conf/env/{env}.yaml": _yaml(_named(conf / "env", env, ".yaml")),
        f"conf/tenants/{tenant}/settings.yaml": _yaml(_named(conf / "tenants", tenant, "/settings.yaml")),
        "environment": _environment(os.environ),
        "command line": {key: value for key, value in (flags or {}).items() if value is not None},
    }
    merged: dict[str, Any] = {"env": env, "tenant": tenant, "conf": conf}
    for name, layer in layers.items():
        if faults := list(_unknown(layer, Settings)):
            raise UsageError("\n".join(f"{name}: {fault}" for fault in faults))
        merged = _merge(merged, layer)
    try:
        return Settings(**merged)
    except ValidationError as error:
        lines = [f"setting {'.'.join(map(str, e['loc']))}: {e['msg']}, got {e['input']!r}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None


def _named(folder: Path, name: str, ending: str) -> Path:
    path = folder / f"{name}{ending}"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or not path.is_file():
        known = sorted(p.stem for p in folder.iterdir())
        raise UsageError(f"no {folder.name.rstrip('s')} {name!r} in {folder}; known: {', '.join(known)}")
    return path


def _yaml(path: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _environment(variables: Mapping[str, str]) -> dict[str, Any]:
    layer: dict[str, Any] = {}
    for name, value in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            *sections, last = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            inner = layer
            for section in sections:
                inner = inner.setdefault(section, {})
            inner[last] = yaml.safe_load(value)
    return layer


def _unknown(layer: Mapping[str, Any], model: type[BaseModel], at: str = "") -> Iterator[str]:
    for key, value in layer.items():
        if key not in model.model_fields:
            near = difflib.get_close_matches(key, model.model_fields, n=1, cutoff=0)
            yield f"unknown setting {at}{key}; did you mean {at}{near[0]}?"
            continue
        inner = model.model_fields[key].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and isinstance(value, Mapping):
            yield from _unknown(value, inner, f"{at}{key}.")


def _merge(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        merged[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
    return merged


def _flat(tree: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", value
