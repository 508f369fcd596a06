"""`individuals` of a module: what carriers are, what rides in them and what sets it free, all there."""

from __future__ import annotations

from collections.abc import Iterator

from vesiflux.language.checks.context import Context
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Individuals, Module
from vesiflux.language.words import listed, meant

__all__ = ["check_individuals"]


def check_individuals(context: Context) -> Iterator[Finding]:
    """All modules of the model that have them; that rates fit them is seen when single cells are run."""
    seen: list[Module] = []
    for name, module in context.modules.items():
        if module.individuals is None or any(module is other for other in seen):
            continue
        seen.append(module)
        path: Path = ("modules", name, "individuals")
        yield from _stages(path, module.individuals, module)
        yield from _contents(path, module.individuals, module)
        yield from _capacity(path, module.individuals, module)
        yield from _bursts(path, module.individuals, module)


def _stages(path: Path, declared: Individuals, module: Module) -> Iterator[Finding]:
    if not declared.stages:
        yield Finding((*path, "stages"), "individuals are carriers of at least one stage, e.g. [M, D]")
    for i, stage in enumerate(declared.stages):
        yield from _species((*path, "stages", i), stage, module)
        if stage in declared.stages[:i]:
            yield Finding((*path, "stages", i), f"the stage {stage!r} stands there twice")


def _contents(path: Path, declared: Individuals, module: Module) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for content, at in declared.contents.items():
        for stage, species in at.items():
            place = (*path, "contents", content, stage)
            if stage not in declared.stages:
                cure = meant(stage, declared.stages, "stages")
                yield Finding(place, f"{stage!r} is no stage of the carriers; {cure}", key=True)
            yield from _species(place, species, module)
            if species in declared.stages:
                yield Finding(place, f"{species} counts carriers and cannot be what rides in them")
            elif species in taken:
                yield Finding(place, f"{species} is already {taken[species]}")
            taken.setdefault(species, f"{content} at {stage}")


def _species(path: Path, name: str, module: Module) -> Iterator[Finding]:
    if name not in module.species:
        yield Finding(path, f"the module has no species {name!r}; {meant(name, module.species, 'species')}")


def _capacity(path: Path, declared: Individuals, module: Module) -> Iterator[Finding]:
    given = declared.capacity
    if isinstance(given, float) and not given > 0.0:
        yield Finding((*path, "capacity"), f"a carrier holds more than nothing, not {given:g}")
    if isinstance(given, str):
        named = {*module.expressions, *module.parameters}
        shown = sorted({readout.expression for readout in module.readouts.values()} & named)
        if given not in shown and not _number(given):
            cure = f"readouts show {listed(shown)}" if shown else "no readout shows one"
            message = (
                f"the capacity is a number, or an expression that a readout shows, not {given!r}; {cure}"
            )
            yield Finding((*path, "capacity"), message)


def _bursts(path: Path, declared: Individuals, module: Module) -> Iterator[Finding]:
    for vesicle, name in declared.bursts.items():
        place = (*path, "bursts", vesicle)
        if vesicle not in module.release:
            cure = meant(vesicle, module.release, "releases")
            yield Finding(place, f"the module releases no {vesicle!r}; {cure}", key=True)
        if name not in module.reactions:
            cure = meant(name, module.reactions, "reactions")
            yield Finding(place, f"the module has no reaction {name!r}; {cure}")
        elif not any(module.reactions[name].moves.get(stage) == -1 for stage in declared.stages):
            stages = listed(declared.stages)
            yield Finding(place, f"{name} takes no carrier: it moves none of the stages {stages} by -1")


def _number(text: str) -> bool:
    try:
        return float(text) > 0.0
    except ValueError:
        return False
