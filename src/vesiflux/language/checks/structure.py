"""Names and what they refer to: everything a model mentions exists, and is named so that paths work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vesiflux import units
from vesiflux.errors import VesifluxError
from vesiflux.language.checks.context import Context, evidence
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import range_of
from vesiflux.language.schema import Body, DishSpace, Structure
from vesiflux.language.vessels import vessel
from vesiflux.language.words import listed, meant

__all__ = [
    "NAME",
    "check_claims",
    "check_counts",
    "check_defaults",
    "check_names",
    "check_run",
    "check_space",
    "check_structures",
    "unknown",
]

NAME = re.compile(r"[^\W_][\w+\-@/]*")


def unknown(
    path: Path, what: str, name: str, known: set[str] | list[str], *, key: bool = False
) -> Iterator[Finding]:
    """A finding where ``name`` is not among ``known``; ``what`` is singular, e.g. "vesicle class"."""
    if name not in known:
        cure = meant(name, sorted(known), what + "s" if not what.endswith("s") else what + "es")
        yield Finding(path, f"no {what} is called {name!r}; {cure}", key=key)


def check_names(context: Context) -> Iterator[Finding]:
    """Names make up dotted paths, so they hold no dots and no spaces."""
    sections = ("parameters", "vesicles", "counts", "factors", "modules", "choices", "structures", "cells",
                "preparations", "interventions", "arms")  # fmt: skip
    paths: list[Path] = [(s, n) for s in sections for n in getattr(context.spec, s)]
    if isinstance(context.spec.space, Body):
        paths += [("space", s, n) for s in ("organs", "depots") for n in getattr(context.spec.space, s)]
    for name, cell in context.spec.cells.items():
        paths += [("cells", name, "modules", n) for n in cell.modules]
        paths += [("cells", name, "nodes", n) for n in cell.nodes]
        for vesicle, secretion in cell.secretes.items():
            paths += [("cells", name, "secretes", vesicle, "cargo", n) for n in secretion.cargo]
    for path in paths:
        name = str(path[-1])
        if not NAME.fullmatch(name):
            better = re.sub(r"\W+", "_", name).strip("_") or "name"
            message = f"the name {name!r} has a dot, a space or another sign in it; write e.g. {better!r}"
            yield Finding(path, message, key=True)
    if context.data.get("cells", context.spec.cells) == {}:
        yield Finding(("cells",), "a model needs at least one cell type", key=True)


def check_claims(context: Context) -> Iterator[Finding]:
    """Claim ids are those of the evidence base."""
    spec = context.spec
    claims: list[tuple[Path, str, int | None]] = [
        (("evidence", i), c, None) for i, c in enumerate(spec.evidence)
    ]
    for name, intervention in spec.interventions.items():
        claims += [(("interventions", name, "claims", i), c, None) for i, c in enumerate(intervention.claims)]
    for section in ("arms", "unassigned"):
        for name, arm in getattr(spec, section).items():
            for i, reported in enumerate(arm.reported):
                for claim in filter(None, (c.strip() for c in reported.claim.split(";"))):
                    claims.append(((section, name, "reported", i, "claim"), claim, None))
    for name in spec.cells:
        for i, response in context.responses[name].items():
            path: Path = ("cells", name, "responses", i)
            claims += [(path, claim, response.columns[claim]) for claim in response.claims]
    for name, module in context.modules.items():
        for section in ("wires", "reactions", "parameters", "readouts"):
            for part_name, part in getattr(module, section).items():
                at: Path = ("modules", name, section, part_name, "claims")
                claims += [((*at, i), c, None) for i, c in enumerate(part.claims)]
        for group, structure in module.structures.items():
            for label, option in structure.options.items():
                at = ("modules", name, "structures", group, "options", label, "claims")
                claims += [((*at, i), c, None) for i, c in enumerate(option.claims)]
    for group, structure in spec.structures.items():
        for label, option in structure.options.items():
            at = ("structures", group, "options", label, "claims")
            claims += [((*at, i), c, None) for i, c in enumerate(option.claims)]
    if not claims:
        return
    known = evidence().claims
    for path, claim, column in claims:
        if claim in known:
            continue
        review = [k for k in known if k.rpartition("-")[0] == claim.rpartition("-")[0]]
        cure = (
            f"they run from {review[0]} to {review[-1]}"
            if review
            else "ids look like secretion-041 or tme-072"
        )
        yield Finding(path, f"no claim has the id {claim!r}; {cure}", column)


def check_space(context: Context) -> Iterator[Finding]:
    """A dish has a volume; a static one an area, and factors that diffuse."""
    space = context.spec.space
    if not isinstance(space, DishSpace):
        return
    area, volume = space.area is not None, space.volume is not None
    if space.vessel is not None:
        try:
            vessel(space.vessel)
            area = volume = True
        except VesifluxError as error:
            yield Finding(("space", "vessel"), str(error))
            return
    if not volume and not context.written("space", "volume"):
        yield Finding(
            ("space",), "a dish needs its volume of medium: volume: 2 mL, or a vessel: 6-well", key=True
        )
    if space.mixing == "static":
        if not area and not context.written("space", "area"):
            message = "mixing: static needs the growth area: area: 9.5 cm^2, or a vessel: 6-well"
            yield Finding(("space", "mixing"), message)
        for name, factor in context.spec.factors.items():
            if factor.diffusion is None:
                message = f"{name} needs its diffusion (e.g. 100 um^2/s), because mixing is static"
                yield Finding(("factors", name), message, key=True)


def check_counts(context: Context) -> Iterator[Finding]:
    """A count is of classes that exist, within a window, under a name of its own."""
    classes = context.names("vesicles")
    for name, count in context.spec.counts.items():
        path: Path = ("counts", name)
        if name in classes:
            yield Finding(path, f"{name!r} is a vesicle class already; give the count another name", key=True)
        for i, vesicle in enumerate(count.classes):
            yield from unknown((*path, "classes", i), "vesicle class", vesicle, classes)
        edges = []
        for value in (count.smallest, count.largest):
            try:
                edges.append(None if value is None else range_of(value, "um").get("typical"))
            except units.UnitError:
                edges.append(None)  # said where quantities are checked
        if edges[0] is not None and edges[1] is not None and edges[0] >= edges[1]:
            yield Finding((*path, "largest"), "the largest diameter is not above the smallest")


def check_defaults(context: Context) -> Iterator[Finding]:
    """The default of a structure or choice is one of its options."""
    spec = context.spec
    for section in ("structures", "choices"):
        for name, group in getattr(spec, section).items():
            if not group.options:
                yield Finding((section, name), f"'{name}' has no options", key=True)
            else:
                yield from _default((section, name), group.default, list(group.options))
    for name, module in context.modules.items():
        for group_name, structure in module.structures.items():
            yield from _default(
                ("modules", name, "structures", group_name), structure.default, list(structure.options)
            )


def _default(path: Path, default: str, options: list[str]) -> Iterator[Finding]:
    if default not in options:
        hint = meant(default, options, "options")
        yield Finding((*path, "default"), f"the default {default!r} is none of the options; {hint}")


def check_structures(context: Context) -> Iterator[Finding]:
    """Structures do something: a module's expressions or an intervention's alternatives use them."""
    from vesiflux.language.checks.modules import names_used

    spec = context.spec
    used = {name.partition(".")[0] for module in context.modules.values() for name in names_used(module)}
    used |= {r.structure.rpartition(".")[0] for cell in context.responses.values() for r in cell.values()}
    for name, structure in spec.structures.items():
        intervention = spec.interventions.get(name)
        labels = {e.alternative for e in intervention.effects if e.alternative} if intervention else set()
        yield from _labels(name, structure, labels)
        if name not in used and not labels:
            message = (
                f"nothing uses the structure '{name}': a module's expression would name {name}.OPTION, "
                f"a response would end with 'if {name}.OPTION'"
            )
            yield Finding(("structures", name), message, key=True)
        for i, concern in enumerate(structure.concerns):
            path: Path = ("structures", name, "concerns", i)
            yield from unknown(path, "intervention", concern, context.names("interventions"))
    for module_name, module in context.modules.items():
        for name in module.structures:
            if name not in used:
                path = ("modules", module_name, "structures", name)
                yield Finding(path, f"no expression of the module uses {name}.OPTION", key=True)


def _labels(name: str, structure: Structure, labels: set[str]) -> Iterator[Finding]:
    if labels and labels != set(structure.options):
        options, meant_by = listed(structure.options), listed(sorted(labels))
        message = f"its options ({options}) are not the alternatives of the intervention ({meant_by})"
        yield Finding(("structures", name, "options"), message, key=True)


def check_run(context: Context) -> Iterator[Finding]:
    """Length, records, tolerances and draws of a run make sense together."""
    from vesiflux import units
    from vesiflux.language.quantities import range_of

    run = context.spec.run
    try:
        length = range_of(run.duration, "h")["typical"]
        record = range_of(run.record, "h")["typical"]
    except (units.UnitError, KeyError):
        return  # said where the quantities are checked
    if 0 < length < record:
        yield Finding(("run", "record"), f"record every {record:g} h is longer than the run of {length:g} h")
    elif record > 0 and length / record > 100_000:
        yield Finding(("run", "record"), f"{length / record:.0f} records are too many; at most 100000")
    for key, value, top in (("rtol", run.rtol, 0.1), ("atol", run.atol, 1.0)):
        if not 0 < value <= top:
            yield Finding(("run", key), f"'{key}' lies above 0 and at most {top:g}, not at {value:g}")
    if run.draws < 1:
        yield Finding(("run", "draws"), f"a run has at least one draw, not {run.draws}")
    for i, arm in enumerate(run.arms):
        yield from unknown(("run", "arms", i), "arm", arm, context.names("arms"))
