"""From a model to the `Subject` of verification: everything that can be done to it and read from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.verify.amounts import Names, amount_handles
from vesiflux.verify.contexts import Contexts
from vesiflux.verify.outputs import dish_readables
from vesiflux.verify.subject import Element, Group, Handle, Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.ir.compiled import CompiledModel, Switches
    from vesiflux.language import Model
    from vesiflux.language.schema import Intervention, Module

__all__ = ["subject_of"]

#: How a source names a publication by itself rather than by a claim.
_FOREIGN = re.compile(r"10\.\d{4,}/|PMID|\bdoi\b", re.IGNORECASE)


def subject_of(model: Model, evidence: Evidence) -> Subject:
    """Lower ``model`` with its switches.

    Raises
    ------
    InputError
        The model cannot be lowered.
    """
    from vesiflux.ir.lowering import lower

    compiled = lower(model, switches=True)
    switches = compiled.switches
    if switches is None:
        raise InputError(f"{model.name}: was lowered without switches")
    handles = _handles(model, switches, evidence)
    names = Names(model.spec, evidence)
    return Subject(
        model=model,
        compiled=compiled,
        handles=handles | amount_handles(names, switches),
        readables=_readables(model, compiled, evidence) | dish_readables(names, compiled),
        elements=(
            *_wires(model, switches, evidence),
            *_stimuli(model, switches, handles, evidence),
            *_arrows(compiled, switches),
        ),
        groups=_groups(model, compiled, evidence),
        flows=tuple(_flows(model, evidence)),
        fitted=tuple(_fitted(model, evidence)),
        contexts=Contexts({cell: names.place(cell) for cell in model.spec.cells}, evidence),
    )


# ---------------------------------------------------------------- names


def _claims(claims: Iterable[str], source: str, evidence: Evidence) -> frozenset[str]:
    """Claims something rests on: those listed, and those its source names."""
    words = re.findall(r"[a-z0-9]+-\d{3}", source)
    return frozenset(claims) | {word for word in words if word in evidence.claims}


def _canonical(symbols: str | Iterable[str], evidence: Evidence) -> tuple[str, ...]:
    """Evidence names of something, each as written and in its canonical form."""
    written = [symbols] if isinstance(symbols, str) else list(symbols)
    names = [name for symbol in written if symbol for name in (evidence.canonical(symbol), symbol)]
    return tuple(dict.fromkeys(names))


def _instances(model: Model) -> Iterator[tuple[str, str, Module]]:
    """(cell, instance, module) of every module in every cell."""
    for cell, spec in model.spec.cells.items():
        for instance, module in spec.modules.items():
            yield cell, instance, model.modules[module]


def _short(names: Iterable[str]) -> dict[str, str]:
    """Full dotted name -> the name used in checks: its last part, where only one name ends in it."""
    full = list(names)
    ends = Counter(name.rsplit(".", 1)[-1] for name in full)
    return {name: end if ends[end := name.rsplit(".", 1)[-1]] == 1 else name for name in full}


# ---------------------------------------------------------------- what can be done and read


def _handles(model: Model, switches: Switches, evidence: Evidence) -> dict[str, Handle]:
    modules = {(cell, instance): module for cell, instance, module in _instances(model)}
    full = {f"{s.cell}.{s.instance}.{s.name}": s for s in switches.levels}
    found = {}
    for path, short in _short(full).items():
        level = full[path]
        module = modules[level.cell, level.instance]
        part = module.nodes.get(level.name) or module.species[level.name]
        found[short] = Handle(short, _canonical(part.symbol, evidence), level.index, cell=level.cell)
    return found


def _readables(model: Model, compiled: CompiledModel, evidence: Evidence) -> dict[str, Readable]:
    outputs = {o.name: i for i, o in enumerate(compiled.program.outputs)}
    symbols: dict[str, tuple[str, ...]] = {}
    released: dict[str, tuple[str, ...]] = {}
    made: dict[str, frozenset[str]] = {}
    for cell, instance, module in _instances(model):
        path = f"{cell}.{instance}"
        for name, readout in module.readouts.items():
            symbols[f"{path}.{name}"] = _canonical(readout.symbol, evidence)
            made[f"{path}.{name}"] = frozenset(readout.claims)
        for name, species in module.species.items():
            symbols.setdefault(f"{path}.{name}", _canonical(species.symbol, evidence))
        for vesicle, text in module.release.items():
            same = [f"{path}.{n}" for n, r in module.readouts.items() if r.expression == text]
            released[vesicle] = (*released.get(vesicle, ()), *(s for n in same for s in symbols[n]))
    found: dict[str, Readable] = {}
    for full, short in _short(symbols).items():
        if full in outputs:
            unit = compiled.program.outputs[outputs[full]].unit
            claims = made.get(full, frozenset())
            cell = full.partition(".")[0]
            found[short] = Readable(short, outputs[full], unit, symbols[full], claims=claims, cell=cell)
    return found | _rates(compiled, outputs, released)


def _rates(
    compiled: CompiledModel, outputs: Mapping[str, int], released: Mapping[str, tuple[str, ...]]
) -> dict[str, Readable]:
    """Mean rates over a run; they show what the module's own release shows."""
    found = {}
    for name, (over, under) in compiled.rates.items():
        vesicle = name.removesuffix("s_per_cell_per_hour")
        symbols = tuple(dict.fromkeys(released.get(vesicle, ())))
        found[name] = Readable(name, outputs[over], "vesicle/cell/h", symbols, outputs[under], at_rest=False)
    return found


# ---------------------------------------------------------------- what can be taken out


def _wires(model: Model, switches: Switches, evidence: Evidence) -> Iterator[Element]:
    modules = {(cell, instance): module for cell, instance, module in _instances(model)}
    for switch in switches.wires:
        wire = modules[switch.cell, switch.instance].wires[switch.name]
        yield Element(
            name=switch.name,
            kind="wire",
            index=switch.index,
            claims=_claims(wire.claims, wire.source, evidence),
            fitted=wire.mark == "calibrated",
            foreign=bool(_FOREIGN.search(wire.source)),
        )


def _stimuli(
    model: Model, switches: Switches, handles: Mapping[str, Handle], evidence: Evidence
) -> Iterator[Element]:
    for switch in switches.effects:
        intervention = model.spec.interventions[switch.intervention]
        node = handles.get(switch.target) or handles.get(switch.target.rsplit(".", 1)[-1])
        source, mark = _of_effect(intervention, switch.target, switch.alternative)
        yield Element(
            name=".".join(filter(None, (switch.intervention, switch.target, switch.alternative))),
            kind="stimulus",
            index=switch.index,
            claims=_claims(intervention.claims, source, evidence),
            fitted=mark == "calibrated",
            foreign=bool(_FOREIGN.search(source)),
            owner=switch.intervention,
            acts_on=node.symbols if node is not None else (),
        )


def _arrows(compiled: CompiledModel, switches: Switches) -> Iterator[Element]:
    at = {p.name: i for i, p in enumerate(compiled.parameters)}
    for switch in switches.arrows:
        yield Element(
            name=f"{switch.cell}: {switch.text.partition('[')[0].strip()}",
            kind="arrow",
            index=switch.index,
            claims=frozenset(switch.claims),
            target=at.get(f"{switch.cell}.nodes.{switch.target}.basal"),
            raises="-|" not in switch.text,
        )


def _of_effect(intervention: Intervention, target: str, alternative: str) -> tuple[str, str]:
    """Source and mark of one effect; those of the intervention where it states none."""
    for effect in intervention.effects:
        if (effect.target, effect.alternative) == (target, alternative):
            value = effect.factor
            return value.source or intervention.source, value.mark or intervention.mark
    return intervention.source, intervention.mark


def _groups(model: Model, compiled: CompiledModel, evidence: Evidence) -> dict[str, Group]:
    structures = dict(model.spec.structures)
    for module in model.modules.values():
        structures = {**module.structures, **structures}
    found = {}
    for name, group in compiled.structures.items():
        known = structures.get(name)
        claims = {o: _claims(x.claims, x.source, evidence) for o, x in known.options.items()} if known else {}
        owner = name if name in model.spec.interventions else ""
        found[name] = Group(name, group.options, claims, group.default, owner)
    return found


def _flows(model: Model, evidence: Evidence) -> Iterator[tuple[str, frozenset[str]]]:
    """Steps of the flow of mass and the claims they were written from."""
    seen: set[str] = set()
    for _, _, module in _instances(model):
        for name, reaction in module.reactions.items():
            claims = _claims(reaction.claims, reaction.source, evidence)
            if claims and name not in seen:
                seen.add(name)
                yield name, claims


def _fitted(model: Model, evidence: Evidence) -> Iterator[tuple[str, frozenset[str]]]:
    """Parameters of modules that were chosen to meet claims."""
    for module in model.modules.values():
        for name, parameter in module.parameters.items():
            if parameter.mark == "calibrated":
                yield name, _claims(parameter.claims, parameter.source, evidence)
