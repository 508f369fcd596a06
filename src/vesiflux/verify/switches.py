"""From a model to the `Subject` of verification: everything that can be done to it and read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from vesiflux.verify.subject import Handle, Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.ir.compiled import CompiledModel
    from vesiflux.language import Model
    from vesiflux.language.schema import Module

__all__ = ["subject_of"]


def subject_of(model: Model, evidence: Evidence) -> Subject:
    """Lower ``model`` with its switches.

    Raises
    ------
    InputError
        The model cannot be lowered.
    """
    from vesiflux.ir.lowering import lower

    compiled = lower(model)
    return Subject(
        model, compiled, _handles(model, compiled, evidence), _readables(model, compiled, evidence), (), {}
    )


def _canonical(symbols: str | Iterable[str], evidence: Evidence) -> tuple[str, ...]:
    """Evidence names of something, each as written and in its canonical form."""
    written = [symbols] if isinstance(symbols, str) else list(symbols)
    names = [name for symbol in written if symbol for name in (evidence.canonical(symbol), symbol)]
    return tuple(dict.fromkeys(names))


def _instances(model: Model) -> list[tuple[str, str, Module]]:
    """(cell, instance, module) of every module in every cell."""
    return [
        (cell, instance, model.modules[module])
        for cell, spec in model.spec.cells.items()
        for instance, module in spec.modules.items()
    ]


def _short(names: Iterable[str]) -> dict[str, str]:
    """Full dotted name -> the name used in checks: its last part, where only one name ends in it."""
    full = list(names)
    ends = Counter(name.rsplit(".", 1)[-1] for name in full)
    return {name: end if ends[end := name.rsplit(".", 1)[-1]] == 1 else name for name in full}


def _handles(model: Model, compiled: CompiledModel, evidence: Evidence) -> dict[str, Handle]:
    index = {p.name: i for i, p in enumerate(compiled.parameters)}
    symbols = {
        f"{cell}.{instance}.{name}": _canonical(node.symbol, evidence)
        for cell, instance, module in _instances(model)
        for name, node in module.nodes.items()
    }
    return {
        short: Handle(short, symbols[full], index[full])
        for full, short in _short(symbols).items()
        if full in index
    }


def _readables(model: Model, compiled: CompiledModel, evidence: Evidence) -> dict[str, Readable]:
    outputs = {o.name: i for i, o in enumerate(compiled.program.outputs)}
    symbols: dict[str, tuple[str, ...]] = {}
    released: dict[str, tuple[str, ...]] = {}
    for cell, instance, module in _instances(model):
        for name, readout in module.readouts.items():
            symbols[f"{cell}.{instance}.{name}"] = _canonical(getattr(readout, "symbol", ""), evidence)
        for vesicle, text in module.release.items():
            same = [f"{cell}.{instance}.{n}" for n, r in module.readouts.items() if r.expression == text]
            released[vesicle] = (*released.get(vesicle, ()), *(s for n in same for s in symbols[n]))
        for name in module.species:
            symbols.setdefault(f"{cell}.{instance}.{name}", ())
    found: dict[str, Readable] = {}
    for full, short in _short(symbols).items():
        if full in outputs:
            unit = compiled.program.outputs[outputs[full]].unit
            found[short] = Readable(short, outputs[full], unit, symbols[full])
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
