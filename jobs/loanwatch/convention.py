"""The conventions by which a product's arrears are counted: `business.conventions` of the settings, by product."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Component = Literal["fee", "interest", "principal"]
DEFAULT = "default"  # the convention of products that have none of their own
COMPONENTS: tuple[Component, ...] = ("fee", "interest", "principal")


class Convention(BaseModel):
    """How money is allocated and days are counted for a kind of loan; each default is the plain calendar clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: tuple[Component, ...] = Field(default=COMPONENTS, description="What money pays first of what falls due together.")
    across: Literal["due_date", "component"] = Field(
        default="due_date", description="The oldest due date first, or all that is due of the first component first."
    )
    grace_days: int = Field(default=0, ge=0, le=60, description="Days after the due date in which nothing is past due.")
    closed_days: Literal["count", "next_open_day"] = Field(
        default="count", description="Whether a due date on a closed day moves to the next open one."
    )
    months: Literal["mba", "ots"] = Field(
        default="mba", description="When an instalment counts as missed: the day before the next due date, or that date's close."
    )
    technical_days: int = Field(default=0, ge=0, le=30, description="Days that a recorded technical cause excuses.")
    technical_minor: int = Field(default=0, ge=0, description="Arrears that a recorded technical cause excuses, minor units.")
    material_minor: int | None = Field(default=None, ge=0, description="Arrears are material above this, minor units.")
    material_bp: int = Field(default=100, ge=0, le=10_000, description="... and above this part of the exposure, basis points.")

    @field_validator("order")
    @classmethod
    def _each_once(cls, order: tuple[Component, ...]) -> tuple[Component, ...]:
        if sorted(order) != sorted(COMPONENTS):
            raise ValueError(f"name each of {', '.join(COMPONENTS)} once")
        return order
