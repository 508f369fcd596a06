"""What floats in a tissue: factors, and vesicles with their cargo by sender; one field each, in groups.

A group is what moves alike: a factor, or a class of vesicles with all that they carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.ir.lowering.medium import decay_rate
from vesiflux.ir.lowering.tissue.box import borders_of
from vesiflux.ir.lowering.tissue.cell import Source
from vesiflux.ir.lowering.vesicles import vesicle_physics
from vesiflux.ir.tissue import FieldSlot, Group

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.ir.lowering.medium import Dish
    from vesiflux.ir.lowering.tissue.parts import Parts
    from vesiflux.language.schema import Decay, Matrix, ModelSpec, Tissue

__all__ = ["float_factors", "float_vesicles"]


def float_factors(parts: Parts, spec: ModelSpec, space: Tissue, builder: Builder, rest: float) -> None:
    """A group and a field of every factor. ``rest``: share of the free diffusion that the space leaves."""
    for name, factor in spec.factors.items():
        path = f"factors.{name}"
        assert factor.diffusion is not None, "checked by the language"
        own = _hindrance(parts, path, factor.matrix, rest)
        outside = parts.read(f"{path}.border", factor.border, "molecule/mL") if factor.border else 0.0
        parts.groups.append(
            Group(
                name,
                parts.read(f"{path}.diffusion", factor.diffusion, "um^2/h") * own,
                _decay(parts, builder, name, path, factor.decay),
                borders_of(space, parts.box.flat, None, outside),
                _binding(parts, path, factor.matrix or space.matrix),
                "field" if factor.treatment == "auto" else factor.treatment,
            )
        )
        parts.auto.append(factor.treatment == "auto")
        parts.fields.append(
            FieldSlot(
                name, factor.title or name, "molecule", "factor", len(parts.groups) - 1, molecule=name,
                initial=parts.read(f"{path}.initial", factor.initial, "molecule/mL"),
            )
        )  # fmt: skip
        parts.factors[name] = len(parts.fields) - 1


def float_vesicles(
    parts: Parts, spec: ModelSpec, space: Tissue, builder: Builder, dish: Dish, rest: float
) -> None:
    """A group of every class of vesicles, and the fields of its senders."""
    for name, vesicle in spec.vesicles.items():
        path = f"vesicles.{name}"
        physics = vesicle_physics(builder, dish, name, vesicle)
        own = _hindrance(parts, path, vesicle.matrix, rest)
        parts.hindrance[name] = own
        parts.groups.append(
            Group(
                name,
                parts.told(physics.diffusion, f"diffusion of {name}") * own,
                _decay(parts, builder, name, path, vesicle.decay),
                borders_of(space, parts.box.flat, vesicle.border, 0.0),
                _binding(parts, path, vesicle.matrix or space.matrix),
                vesicle.treatment,
                parts.read(f"{path}.diameter.median", vesicle.diameter.median, "um"),
                parts.read(f"{path}.diameter.sigma", vesicle.diameter.sigma, "1"),
            )
        )
        parts.auto.append(False)
        _send(parts, spec, name, len(parts.groups) - 1)


def _send(parts: Parts, spec: ModelSpec, vesicle: str, group: int) -> None:
    """Fields of one class: of every sender, vesicles and each cargo."""
    senders = [(n, c.secretes[vesicle].cargo) for n, c in spec.cells.items() if vesicle in c.secretes]
    senders += [(n, p.cargo) for n, p in spec.preparations.items() if p.vesicle == vesicle]
    plain = spec.vesicles[vesicle].title or vesicle
    for sender, cargo in senders:
        name = f"{vesicle}.{sender}"
        known = spec.cells.get(sender)
        title = f"{plain} of {(known.title if known else '') or sender}"
        parts.fields.append(FieldSlot(name, title, "vesicle", "vesicles", group, sender, vesicle))
        number, copies = len(parts.fields) - 1, {}
        for molecule in cargo:
            slot = FieldSlot(
                f"{name}.{molecule}", f"{molecule} in {title}", "copy", "cargo", group,
                sender, vesicle, molecule,
            )  # fmt: skip
            parts.fields.append(slot)
            copies[molecule] = len(parts.fields) - 1
        parts.sources.append(Source(sender, vesicle, cargo, number, copies))


def _hindrance(parts: Parts, path: str, matrix: Matrix | None, rest: float) -> float:
    if matrix is None or not matrix.hindrance:
        return rest
    return parts.read(f"{path}.matrix.hindrance", matrix.hindrance, "1")


def _decay(parts: Parts, builder: Builder, name: str, path: str, decay: Decay | None) -> float:
    return parts.told(decay_rate(builder, decay, f"{path}.decay"), f"decay of {name}") if decay else 0.0


def _binding(parts: Parts, path: str, matrix: Matrix) -> tuple[float, float]:
    if matrix.binding is None:
        return 0.0, 0.0
    return (
        parts.read(f"{path}.matrix.binding.on", matrix.binding.on, "1/h"),
        parts.read(f"{path}.matrix.binding.off", matrix.binding.off, "1/h"),
    )
