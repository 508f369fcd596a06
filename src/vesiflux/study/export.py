"""One lane of a model in another program's language: typical values, one arm, cells at rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError, RunError

if TYPE_CHECKING:
    from vesiflux.language import Model

__all__ = ["write_sbml"]


def write_sbml(model: Model, path: Path | str, arm: str | None = None) -> Path:
    """Write the SBML of ``arm`` (default: the model's first) at typical parameter values.

    Initial values are those after equilibration under whatever acts before t = 0; later doses,
    medium changes and switches are events.

    Raises `InputError` for an unknown arm or a missing python-libsbml, `RunError` where the cells
    find no rest.
    """
    from vesiflux.engines.compartments import Settings, solve
    from vesiflux.ir.lowering import lower
    from vesiflux.ir.sbml import write_sbml as write

    compiled = lower(model, follow_cargo=True)
    name = arm or next(iter(compiled.arms))
    if name not in compiled.arms:
        raise InputError(f"no arm named {name!r}; {compiled.name} has {', '.join(compiled.arms)}")
    chosen, program = compiled.arms[name], compiled.program
    parameters = np.array(
        [chosen.overrides.get(i, p.prior).quantile(0.5) for i, p in enumerate(compiled.parameters)],
        dtype=float,
    )
    before = np.array([i.value for i in program.inputs], dtype=float)
    after = before.copy()
    for values, changes in ((before, chosen.inputs_before), (after, chosen.inputs)):
        for index, value in changes.items():
            values[index] = value
    settings = Settings(rtol=1e-9, atol=1e-12, equilibrate=bool(compiled.settings["equilibrate"]))
    start = solve(
        program, parameters[:, None], times=[0.0], inputs=after, inputs_before=before, settings=settings
    )
    if not start.ok.all():
        raise RunError(f"{compiled.name}: the cells of arm {name!r} find no rest before t = 0")
    titles = {p.name: f"{p.title} ({p.name})" for p in compiled.parameters if p.title}
    return write(
        path, program, parameters, start.states_final[:, 0], inputs=after, events=chosen.events, notes=titles
    )
