"""What is poured into a tissue, and when: doses of vesicles with their cargo, and factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.ir.lowering.values import number as typical_number
from vesiflux.ir.lowering.vesicles import copies_per_vesicle, vesicle_physics
from vesiflux.ir.tissue import Dose
from vesiflux.language.parameters import amount_name
from vesiflux.language.quantities import own_unit

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.ir.lowering.medium import Dish
    from vesiflux.ir.lowering.tissue.parts import Parts
    from vesiflux.language.schema import ModelSpec

__all__ = ["doses_of"]


def doses_of(parts: Parts, spec: ModelSpec, arm: str, builder: Builder, dish: Dish) -> list[Dose]:
    """Doses that an arm is given within the run.

    Raises `InputError` for a change of medium: a tissue has none.
    """
    duration = typical_number(spec.run.duration, "h", "run.for")
    found = []
    for i, item in enumerate(spec.schedule, start=1):
        path = f"schedule.{i}"
        if item.dose is None and item.add is None:
            raise InputError(f"{path}: a tissue has no medium to change")
        assert item.amount is not None, "checked by the language"
        unit = "vesicle" if item.dose else "molecule"
        if units.same_dimension(own_unit(item.amount, unit), f"{unit}/mL"):
            amount = parts.read(amount_name(i, item), item.amount, f"{unit}/mL") * parts.box.volume
        else:
            amount = parts.read(amount_name(i, item), item.amount, unit)
        start = typical_number(item.at, "h", f"{path}.at")
        period = typical_number(item.repeat, "h", f"{path}.repeat") if item.repeat else 0.0
        poured: list[tuple[int, float]] = []
        if item.dose is not None and item.dose not in spec.preparations:
            continue  # of another arm
        if item.add is not None:
            poured.append((parts.factors[item.add], amount))
        else:
            source = next(s for s in parts.sources if s.sender == item.dose)
            physics = vesicle_physics(builder, dish, source.vesicle, spec.vesicles[source.vesicle])
            poured.append((source.vesicles, amount))
            for molecule, how in source.cargo.items():
                label = f"preparations.{item.dose}.cargo.{molecule}"
                mean = copies_per_vesicle(builder, label, molecule, how, physics, None, "")
                poured.append((source.copies[molecule], amount * parts.told(mean, label)))
        if item.arms and arm not in item.arms:
            continue
        times = (start + k * period for k in range(item.times))
        found += [Dose(time, f, a) for time in times if time <= duration for f, a in poured]
    return found
