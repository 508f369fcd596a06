"""The dish: one place, well mixed or in layers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vesiflux.language.base import Part, Value

__all__ = ["DishSpace"]


class DishSpace(Part):
    """One well-mixed or layered dish. ``static`` resolves diffusion and sedimentation in layers."""

    kind: Literal["dish"]
    vessel: str | None = None  # a row of language/vessels.tsv: growth area, usual volume, source
    area: Value | None = None  # overrides the vessel's
    volume: Value | None = None
    mixing: Literal["static", "stirred"] = "stirred"
    layers: Annotated[int, Field(ge=2, le=64)] = 12
    temperature: Value = Value(typical="37 degC")
    viscosity: Value = Value(typical="0.692 mPa*s", mark="assumed", source="water at 37 degC")
    density: Value = Value(typical="1.00 g/mL", mark="assumed", source="culture medium taken as water")
