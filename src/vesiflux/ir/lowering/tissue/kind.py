"""One cell type as the engine takes it: its program, what it shows, and where both find what they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.ir.assemble import assemble
from vesiflux.ir.program import Output, Program
from vesiflux.ir.tissue import Action, CellKind

if TYPE_CHECKING:
    from vesiflux.ir.graph import Ex
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.ir.lowering.tissue.parts import Parts
    from vesiflux.ir.lowering.tissue.timing import Moving

__all__ = ["make_kind"]


def make_kind(parts: Parts, name: str, moving: Sequence[Moving]) -> CellKind:
    """The type ``name`` of ``parts``; ``moving``: interventions that are not on for good."""
    local, facts = parts.cells[name], parts.kinds[name]
    builder = local.builder
    program = _assemble(builder, [(Output(n, u), e) for n, u, e in local.controls], builder.rates)
    still = [builder.graph.const(0.0)] * len(builder.states)
    view = _assemble(builder, [(Output(n, u), e) for n, u, e in local.shown], still)
    inputs = {p.name: i for i, p in enumerate(builder.inputs)}
    groups = {g.name: i for i, g in enumerate(parts.groups)}
    levels = local.levels | {i for i, s in enumerate(builder.states) if s.name == "time"}
    halved = np.array([i not in levels for i in range(len(builder.states))], dtype=np.bool_)
    before = {inputs[n]: 1.0 for n, start, _ in moving if start == -np.inf and n in inputs}

    def named(prefix: str) -> dict[str, int]:
        return {n.removeprefix(prefix): i for n, i in inputs.items() if n.startswith(prefix)}

    return CellKind(
        name=name,
        title=local.cell.title or name,
        program=program,
        view=view,
        count=facts.count,
        radius=facts.radius,
        layout=facts.layout,
        mechanics=facts.mechanics,
        motility=facts.motility,
        states=local.cell.states,
        start=facts.start,
        growth=facts.growth,
        dying=facts.dying,
        lysis=facts.lysis,
        local={f: inputs[n] for f, n in local.local.items()},
        contact=named("contact."),
        gradient=named("gradient."),
        state_inputs=named("state."),
        pressure=inputs.get("pressure", -1),
        switches={n: inputs[n] for n, _, _ in moving if n in inputs},
        before=before,
        bound=dict(local.bound),
        outbox=dict(local.outbox),
        released=dict(local.released),
        inside={f: dict(where) for f, where in local.inside.items()},
        halved=halved,
        clearance={groups[g]: i for g, i in local.clearance.items()},
        actions=tuple(Action(a.kind, a.args, i) for a, i in local.actions),
        shown={n: i for i, (n, _, _) in enumerate(local.shown)},
        draws=facts.draws,
        fastest=facts.fastest,
    )


def _assemble(builder: Builder, outputs: list[tuple[Output, Ex]], rates: Sequence[Ex]) -> Program:
    program, _ = assemble(
        builder.name,
        builder.graph,
        parameters=[],
        inputs=builder.inputs,
        states=builder.states,
        initial=builder.initial,
        rhs=list(rates),
        outputs=outputs,
        invariants=[],
        assignments=[],
    )
    return program
