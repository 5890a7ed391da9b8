"""What deliveries as a whole are held to, by feed and sender: `limits` of `conf/feeds.yaml`.

The suite `expectations/admit.delivery.json` names these limits; a limit that is not set holds of every delivery.
"""

from __future__ import annotations

from collections.abc import Mapping

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from loanwatch.admit.feeds import FEEDS
from loanwatch.configuration import Configuration
from loanwatch.errors import UsageError

ALL = "all"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Strict):
    """Beyond `warn` it is recorded, beyond `refuse` the delivery is turned away."""

    warn: int | None = None
    refuse: int | None = None


class Limits(_Strict):
    """The limits of one kind of delivery; shares in basis points.

    Deliveries of fewer than `few_rows` rows are not refused for a share, and not told from the usual volume.
    """

    few_rows: int = Field(default=0, ge=0)
    least_volume_bp: Limit = Limit()
    most_volume_bp: Limit = Limit()
    rejected_bp: Limit = Limit()
    same_key_bp: Limit = Limit()
    unknown_bp: Limit = Limit()
    behind_days: Limit = Limit()
    stale_days: Limit = Limit()
    ahead_days: Limit = Limit()
    least_size_bp: Limit = Limit()
    most_size_bp: Limit = Limit()


class FeedLimits(_Strict):
    """`limits` of `conf/feeds.yaml`: of `all` feeds, of a feed, of one sender's feed as `<feed>/<sender>`."""

    limits: Mapping[str, Mapping[str, int | Mapping[str, int | None]]] = {}

    @field_validator("limits")
    @classmethod
    def _known(cls, limits: Mapping[str, Mapping[str, object]]) -> Mapping[str, Mapping[str, object]]:
        if unknown := sorted(name for name in limits if name.split("/")[0] not in (*FEEDS, ALL)):
            raise ValueError(f"no feed {', '.join(unknown)}; `loanwatch feeds` lists them")
        for said in limits.values():
            Limits.model_validate(said)
        return limits

    @classmethod
    def of(cls, configuration: Configuration) -> FeedLimits:
        """As `conf/feeds.yaml` says; UsageError says what is wrong there."""
        try:
            return cls(limits=(yaml.safe_load(configuration.texts["feeds.yaml"]) or {}).get("limits", {}))
        except (ValidationError, yaml.YAMLError) as error:
            raise UsageError(f"conf/feeds.yaml: limits: {' '.join(str(error).split())}") from None

    def at(self, feed: str, sender: str) -> Limits:
        """The limits of a sender's feed; what is said last of it holds."""
        said: dict[str, object] = {}
        for name in (ALL, feed, f"{feed}/{sender}"):
            said |= self.limits.get(name, {})
        return Limits.model_validate(said)
