"""Names of what a dish or body shows, known before it is lowered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vesiflux.language.schema import Body

if TYPE_CHECKING:
    from vesiflux.language.checks.context import Context
    from vesiflux.language.schema import Cell

__all__ = ["output_names"]


def output_names(context: Context) -> dict[str, None]:
    """Every name that an output of the lowered model may have; some of them may not be there in the end."""
    return dict.fromkeys(_names(context))


def _names(context: Context) -> Iterator[str]:
    spec = context.spec
    for name, cell in spec.cells.items():
        yield from _of_cell(context, name, cell)
    yield from (f"medium.{factor}" for factor in spec.factors)
    classes = {v: _cargo(context, v) for v in spec.vesicles}
    for vesicle, cargo in classes.items():
        yield from (f"medium.{vesicle}", f"released.{vesicle}", f"cell_hours.{vesicle}")
        yield from (f"medium.{vesicle}.{molecule}" for molecule in cargo)
        yield from (f"vesicles.{vesicle}.{what}" for what in ("diffusion", "sedimentation"))
        yield f"pool.{vesicle}"
    for name, count in spec.counts.items():
        yield from (f"counted.{name}", f"cell_hours.counted.{name}")
        yield from (f"counted.{name}.share.{v}" for v in count.classes or spec.vesicles)
    for ledger in ("dosed", "degraded", "removed"):
        for sender, vesicle, molecules in _sent(context):
            yield from (f"ledger.{ledger}.{vesicle}.{sender}{more}" for more in ("", *molecules))
    if isinstance(spec.space, Body):
        yield from (f"blood.{v}.{name}" for name, cell in spec.cells.items() for v in cell.secretes)
        for organ in ("blood", "lymph", *spec.space.organs):
            for name in spec.preparations:
                yield from (f"organs.{organ}.{name}", f"organs.{organ}.{name}.label")


def _of_cell(context: Context, name: str, cell: Cell) -> Iterator[str]:
    yield from (f"{name}.count", f"{name}.cell_hours")
    nodes, molecules, readouts = context.nodes(name), context.cargo(name), dict(_of_modules(context, cell))
    for state in cell.states or ("",):
        path = f"{name}.{state}" if state else name
        yield f"{path}.count"
        yield from (f"{path}.node.{node}" for node in nodes)
        for molecule in molecules:
            yield from (f"{path}.copies.{molecule}.{p}" for p in ("surface", "cytosol", "transferred"))
        yield from (f"{path}.held.{vesicle}" for vesicle in cell.takes_up)
        yield from (f"{path}.rate.{vesicle}" for vesicle in cell.secretes)
        yield from (f"{path}.{readout}" for readout in readouts)
    for vesicle, secretion in cell.secretes.items():
        yield f"{name}.released.{vesicle}"
        yield from (f"{name}.released.{vesicle}.{molecule}" for molecule in secretion.cargo)


def _of_modules(context: Context, cell: Cell) -> Iterator[tuple[str, None]]:
    for instance, source in cell.modules.items():
        module = context.modules.get(source)
        if module is None:
            continue
        for names, prefix in (
            (module.species, ""), (module.readouts, ""), (module.reactions, "flux."), (module.steps, "step."),
        ):  # fmt: skip
            yield from ((f"{instance}.{prefix}{n}", None) for n in names)
        for limit in module.constraints:
            yield from ((f"{instance}.limit.{limit}{more}", None) for more in ("", ".bound"))


def _cargo(context: Context, vesicle: str) -> dict[str, None]:
    """Molecules that vesicles of a class may carry, whoever sends them."""
    return {
        m.removeprefix("."): None for _, v, molecules in _sent(context) if v == vesicle for m in molecules
    }


def _sent(context: Context) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Sender, vesicle class, and ``.MOLECULE`` of its cargo."""
    for name, cell in context.spec.cells.items():
        for vesicle, secretion in cell.secretes.items():
            yield name, vesicle, tuple(f".{m}" for m in secretion.cargo)
    for name, prepared in context.spec.preparations.items():
        yield name, prepared.vesicle, tuple(f".{m}" for m in prepared.cargo)
