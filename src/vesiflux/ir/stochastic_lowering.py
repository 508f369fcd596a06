"""Single cells of a model: carriers as individuals, the rest of the cell continuous.

The model is lowered as for its differential equations; what the stochastic engine needs is read off that
graph: the flux of each reaction becomes the rate of a channel, split into a coefficient (continuous states,
parameters) and a weight (counts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.ir.assemble import Assembly
from vesiflux.ir.compiled import CompiledModel, ParameterInfo
from vesiflux.ir.graph import CONSTANT, INPUT, PARAMETER, STATE, Ex, Graph, fold
from vesiflux.ir.lowering import lower
from vesiflux.ir.lowering.dish import lower_dish
from vesiflux.ir.lowering.expressions import lower_text
from vesiflux.ir.lowering.interventions import find_effects
from vesiflux.ir.program import Op, Output, ParameterSlot, Program
from vesiflux.ir.stochastic_cells import SEED, CellProgram, Channel, ChannelKind

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.language import Model
    from vesiflux.language.schema import Individuals, Module

__all__ = ["lower_cells"]


def lower_cells(
    model: Model,
    choose: Mapping[str, str] | None = None,
    cell: str | None = None,
    typical: bool = True,
) -> CompiledModel:
    """A compiled model whose lanes are single cells of type ``cell``; its program is a `CellProgram`.

    ``cell`` may be left out where one type alone has a module with `individuals`. ``typical``: all cells
    have the typical value of every parameter; else those of the draw. Parameters that vary per replicate
    differ from cell to cell either way.

    Raises `InputError` where the model has no such cells, or declares individuals its reactions deny.
    """
    compiled = lower(model, choose, follow_cargo=True)
    name, instance, module = _which(model, cell)
    spec = model.spec
    probe = lower_dish(model, {}, follow_cargo=True)
    builder = lower_dish(model, find_effects(spec, probe.builder.targets), follow_cargo=True).builder
    described = spec.cells[name]
    if described.states or f"{name}.count" in [s.name for s in builder.states]:
        raise InputError(
            f"cells.{name}: single cells cannot divide, die, change state or come from outside in this kind "
            "of run; leave these behaviours and states out of the model"
        )
    program = _Cells(compiled.program, builder, name, instance, module).program()
    parameters = tuple(
        replace(p, prior=replace(p.prior, kind="fixed"), vary="fixed")
        if typical and p.vary == "draw" and p.prior.typical is not None
        else p
        for p in compiled.parameters
    )
    seed = ParameterInfo(SEED, "1", Prior("uniform", 0.0, 0.5, 1.0), "replicate", "random stream of the cell")
    return replace(
        compiled,
        program=program,  # type: ignore[arg-type]  # what a study reads of a program, a CellProgram has
        parameters=(*parameters, seed),
        limits=(),
        rates={
            f"{c}s_per_cell_per_hour": (f"{name}.released.{c}", f"{name}.cell_hours") for c in program.classes
        },
        description={
            **compiled.description,
            "single cells": [name, instance, _facts(module.individuals)],
        },
    )


def _facts(declared: Individuals | None) -> object:
    return None if declared is None else declared.model_dump(mode="json")


def _which(model: Model, cell: str | None) -> tuple[str, str, Module]:
    """The cell type to simulate, the instance of its module with individuals, and the module."""
    found = [
        (name, instance, model.modules[module])
        for name, described in model.spec.cells.items()
        for instance, module in described.modules.items()
        if model.modules[module].individuals is not None
    ]
    if cell is not None:
        if cell not in model.spec.cells:
            raise InputError(f"no cells named {cell!r}; the model has {', '.join(model.spec.cells)}")
        found = [f for f in found if f[0] == cell]
    if not found:
        who = f"cells.{cell}" if cell else model.name
        raise InputError(
            f"{who}: no module with `individuals`, so there is nothing to follow one by one; mvb has them"
        )
    if len(found) > 1:
        raise InputError(
            f"{model.name}: several cell types have individuals ({', '.join(f[0] for f in found)}); name one"
        )
    return found[0]


@dataclass(frozen=True)
class _Flux:
    """One reaction of the module."""

    name: str
    moves: Mapping[str, float]
    rate: Ex


class _Cells:
    """Reads channels off the lowered module."""

    def __init__(self, mean: Program, builder: Builder, cell: str, instance: str, module: Module) -> None:
        self.mean = mean
        self.builder = builder
        self.graph: Graph = builder.graph
        self.cell = cell
        self.path = f"{cell}.{instance}"
        self.module = module
        assert module.individuals is not None
        self.declared: Individuals = module.individuals
        index = {s.name: i for i, s in enumerate(builder.states)}
        self.state = {s: index[f"{self.path}.{s}"] for s in module.species}
        self.stages = list(self.declared.stages)
        self.contents = list(self.declared.contents)
        self.content_at = {
            species: (k, self.stages.index(stage))
            for k, by_stage in enumerate(self.declared.contents.values())
            for stage, species in by_stage.items()
        }
        self.counted = {self.state[s] for s in (*self.stages, *self.content_at)}
        outputs = {o.name: e for o, e in builder.outputs}
        self.outputs = outputs
        self.fluxes = [
            _Flux(name, reaction.moves, outputs[f"{self.path}.flux.{name}"])
            for name, reaction in module.reactions.items()
        ]
        self.classes = [c for c in module.release if f"{cell}.rate.{c}" in outputs]
        self.capacity = self._capacity()
        self._leaves: dict[int, frozenset[int]] = {}

    def _capacity(self) -> Ex:
        if self.declared.capacity is None:
            return self.graph.const(np.inf)
        return self._lowered(self.declared.capacity)

    def _lowered(self, text: str | float) -> Ex:
        """An expression of the module outside its reactions, e.g. the capacity."""
        from vesiflux.language.expressions import Name, parse_expression

        if isinstance(text, str):
            tree = parse_expression(text)
            if isinstance(tree, Name):
                for readout, described in self.module.readouts.items():
                    if described.expression == text and f"{self.path}.{readout}" in self.outputs:
                        from vesiflux.ir.coherent import to_coherent

                        return self.outputs[f"{self.path}.{readout}"] * to_coherent(described.unit)
        return lower_text(text, self.graph, self._resolve, f"{self.path}: capacity")

    def _resolve(self, name: str) -> Ex:
        raise InputError(
            f"{self.path}: {name!r} of `individuals` must be a number, or an expression that a readout shows"
        )

    # ------------------------------------------------------------ channels

    def program(self) -> CellProgram:
        """Everything together."""
        graph = self.graph
        moves = [f for f in self.fluxes if any(s in self.stages for s in f.moves)]
        inside = [f for f in self.fluxes if f not in moves and any(s in self.content_at for s in f.moves)]
        channels: list[tuple[Channel, Ex, Ex | None]] = [self._move(f) for f in moves]
        carried = [f for f in inside if self._rides(f, moves)]
        channels += [self._content(f) for f in inside if f not in carried]
        for number, released in enumerate(self.classes):
            rate = self.outputs[f"{self.cell}.rate.{released}"]
            if released in self.declared.bursts:
                self._check_burst(released, rate, moves)
                continue
            coefficient, weight = self._split(rate, None)
            channels.append(
                (Channel(f"release of {released}", ChannelKind.RELEASE, -1, -1, -1, number, None, ()),
                 coefficient, graph.const(1.0) if weight is None else weight)
            )  # fmt: skip
        continuous = [i for s, i in self.state.items() if i not in self.counted]
        shown = self._shown()
        coefficients = [c for _, c, _ in channels] + [self.capacity]
        weights = [w for _, _, w in channels]
        rates = [self.builder.rates[i] for i in continuous]
        roots = [e.node for e in (*coefficients, *(w for w in weights if w is not None), *rates)]
        roots += [e.node for _, e in shown]
        mean = self.mean
        assembly = Assembly(graph, roots, len(mean.parameters), len(mean.inputs), len(mean.states))
        tapes = {
            "rhs": assembly.tape(rates),
            "coefficients": assembly.tape(coefficients),
            "outputs_tape": assembly.tape([e for _, e in shown]),
        }
        finished = tuple(
            replace(channel, weight=None if weight is None else assembly.tape([weight]),
                    reads=self._reads(channel, weight))
            for (channel, _, weight) in channels
        )  # fmt: skip
        contents = np.full((len(self.contents), len(self.stages)), -1, dtype=np.int64)
        for species, (k, stage) in self.content_at.items():
            contents[k, stage] = self.state[species]
        made = CellProgram(
            name=mean.name,
            constants=assembly.constants,
            parameters=(*mean.parameters, ParameterSlot(SEED, "1", 0.5)),
            inputs=mean.inputs,
            states=mean.states,
            outputs=tuple(o for o, _ in shown),
            mean=mean,
            n_registers=assembly.n_registers,
            hoisted_base=assembly.first_temporary - len(assembly.hoisted),
            prologue=assembly.prologue,
            continuous=np.array(continuous, dtype=np.int64),
            stages=np.array([self.state[s] for s in self.stages], dtype=np.int64),
            stage_names=tuple(self.stages),
            contents=contents,
            content_names=tuple(self.contents),
            classes=tuple(self.classes),
            channels=finished,
            **tapes,
        )
        counted = [Output(f"{self.cell}.released.{c}", "vesicle") for c in self.classes]
        counted.append(Output(f"{self.cell}.cell_hours", "cell*h"))
        counted += [Output(f"{self.path}.bursts.{finished[i].name}", "1") for i in made.bursting]
        return replace(made, outputs=(*made.outputs, *counted))

    def _shown(self) -> list[tuple[Output, Ex]]:
        """Readouts, and the species of the module; carriers over time."""
        shown = []
        for output, expression in self.builder.outputs:
            if not output.name.startswith(self.path + "."):
                continue
            rest = output.name.removeprefix(self.path + ".")
            if rest in self.module.readouts:
                shown.append((output, expression))
            elif rest in self.module.species:
                shown.append((Output(output.name, output.unit, rest in self.stages), expression))
        return shown

    def _move(self, flux: _Flux) -> tuple[Channel, Ex, Ex | None]:
        """A carrier's step."""
        taken = {s: n for s, n in flux.moves.items() if s in self.stages}
        out = [s for s, n in taken.items() if n == -1]
        into = [s for s, n in taken.items() if n == 1]
        if len(out) > 1 or len(into) > 1 or len(out) + len(into) != len(taken):
            self._refuse(flux, "moves carriers other than one, from one stage to one stage")
        if any(s in self.content_at for s in flux.moves):
            self._refuse(flux, "moves carriers and contents at once; contents follow their carrier")
        source = self.stages.index(out[0]) if out else -1
        target = self.stages.index(into[0]) if into else -1
        coefficient, weight = self._split(flux.rate, self.state[out[0]] if out else None)
        released = -1
        for burst, reaction in self.declared.bursts.items():
            if reaction == flux.name and burst in self.classes:
                released = self.classes.index(burst)
        if weight is None and not out:
            weight = self.graph.const(1.0)
        return (
            Channel(flux.name, ChannelKind.MOVE, source, target, -1, released, None, ()),
            coefficient,
            weight,
        )

    def _content(self, flux: _Flux) -> tuple[Channel, Ex, Ex | None]:
        """A carrier gains or loses one."""
        taken = {s: n for s, n in flux.moves.items() if s in self.content_at}
        if len(taken) != 1 or abs(next(iter(taken.values()))) != 1:
            self._refuse(flux, "is neither one content more or less nor what a carrier of that rate does")
        species, by = next(iter(taken.items()))
        content, stage = self.content_at[species]
        if by < 0:
            coefficient, weight = self._split(flux.rate, None)
            channel = Channel(flux.name, ChannelKind.LOSS, stage, stage, content, -1, None, ())
            return channel, coefficient, self.graph.const(1.0) if weight is None else weight
        # the rate of empty carriers; how much of it a carrier takes is the room it has left
        rate = self._empty(flux, stage)
        coefficient, weight = self._split(rate, self.state[self.stages[stage]])
        return (
            Channel(flux.name, ChannelKind.GAIN, stage, stage, content, -1, None, ()),
            coefficient,
            self.graph.const(1.0) if weight is None and not self._simple(rate, stage) else weight,
        )

    def _simple(self, rate: Ex, stage: int) -> bool:
        return self.state[self.stages[stage]] in self._read_by(rate.node)

    def _refuse(self, flux: _Flux, why: str) -> None:
        raise InputError(f"{self.path}: individuals: the reaction {flux.name} {why}")

    # ------------------------------------------------------------ rates

    def _read_by(self, node: int) -> frozenset[int]:
        """States that a node depends on."""
        if node not in self._leaves:
            for n in self.graph.needed([node]):
                if n in self._leaves:
                    continue
                if self.graph.ops[n] == STATE:
                    self._leaves[n] = frozenset([int(self.graph.values[n])])
                else:
                    self._leaves[n] = frozenset().union(*(self._leaves[a] for a in self.graph.args[n]))
        return self._leaves[node]

    def _split(self, rate: Ex, carriers: int | None) -> tuple[Ex, Ex | None]:
        """Rate = coefficient x weight; the weight is None where it is the state ``carriers`` itself."""
        graph = self.graph
        factors = self._factors(rate)
        counted = [f for f in factors if self._read_by(f.node) & self.counted]
        coefficient = graph.product(f for f in factors if not self._read_by(f.node) & self.counted)
        if not counted:
            return coefficient, None
        if carriers is not None and len(counted) == 1 and counted[0].node == graph.state(carriers).node:
            return coefficient, None
        return coefficient, graph.product(counted)

    def _factors(self, rate: Ex) -> list[Ex]:
        op, args = self.graph.ops[rate.node], [Ex(self.graph, a) for a in self.graph.args[rate.node]]
        if op == Op.MUL:
            return [f for a in args for f in self._factors(a)]
        if op == Op.DIV:
            return [*self._factors(args[0]), self.graph.div(1.0, args[1])]
        return [rate]

    def _reads(self, channel: Channel, weight: Ex | None) -> tuple[int, ...]:
        if weight is None:
            return (int(self.state[self.stages[channel.source]]),)
        return tuple(sorted(self._read_by(weight.node) & self.counted))

    def _empty(self, flux: _Flux, stage: int) -> Ex:
        """The rate with all carriers of the stage empty; checked to be shared out by the room left."""
        held = {self.state[s] for s, (_, at) in self.content_at.items() if at == stage}
        carriers = self.state[self.stages[stage]]
        empty = self._substitute(flux.rate, held, carriers)
        if self._read_by(empty.node) & held:
            self._refuse(flux, "depends on contents in a way that does not vanish with them")
        for trial in range(3):
            values = self._trial(trial)
            capacity = self._evaluate(self.capacity, values)
            n = values[STATE, carriers]
            for i in held:
                values[STATE, i] = 0.3 * n * (capacity if np.isfinite(capacity) else 10.0) / len(held)
            filled = sum(values[STATE, i] for i in held)
            expected = self._evaluate(empty, values) * (1.0 - filled / (n * capacity))
            if not np.isclose(self._evaluate(flux.rate, values), expected, rtol=1e-6):
                self._refuse(flux, "is not shared out among carriers by their room, 1 - contents / capacity")
        return empty

    def _substitute(self, root: Ex, zero: set[int], carriers: int) -> Ex:
        """The expression with some states 0; max(carriers, 0) is the carriers."""
        graph = self.graph
        done: dict[int, Ex] = {}
        for node in graph.needed([root.node]):
            args = [done[a] for a in graph.args[node]]
            op = graph.ops[node]
            if op == STATE and int(graph.values[node]) in zero:
                done[node] = graph.const(0.0)
            elif op in (CONSTANT, PARAMETER, INPUT, STATE):
                done[node] = Ex(graph, node)
            elif op == Op.MAX and graph.const(0.0).node in (args[0].node, args[1].node):
                other = args[0] if args[1].value == 0.0 else args[1]
                is_count = other.node == graph.state(carriers).node
                done[node] = other if is_count else graph.max(*args)
            elif op in _METHODS:
                done[node] = getattr(graph, _METHODS[Op(op)])(*args)
            else:
                done[node] = graph.op(Op(op), *args)
        return done[root.node]

    # ------------------------------------------------------------ checks by trial

    def _trial(self, number: int) -> dict[tuple[int, int], float]:
        """A set of plausible values for every leaf: defaults, states a little different each time."""
        builder = self.builder
        values: dict[tuple[int, int], float] = {}
        for i, p in enumerate(builder.parameters):
            typical = p.prior.typical
            values[PARAMETER, i] = float(typical) if typical is not None else 0.5
        for i, slot in enumerate(builder.inputs):
            values[INPUT, i] = slot.value
        for i, state in enumerate(builder.states):
            values[STATE, i] = state.scale * (0.6 + 0.17 * ((i * 7 + number * 5) % 11))
        return values

    def _evaluate(self, root: Ex, values: Mapping[tuple[int, int], float]) -> float:
        graph = self.graph
        done: dict[int, float] = {}
        for node in graph.needed([root.node]):
            op = graph.ops[node]
            if op == CONSTANT:
                done[node] = graph.values[node]
            elif op in (PARAMETER, INPUT, STATE):
                done[node] = values[op, int(graph.values[node])]
            else:
                done[node] = fold(Op(op), *(done[a] for a in graph.args[node]))
        return done[root.node]

    def _rides(self, flux: _Flux, moves: Sequence[_Flux]) -> bool:
        """Whether a reaction of contents is what a carrier's move does to them, at the same rate each."""
        places = {self.content_at.get(s) for s in flux.moves}
        if None in places or len({p[0] for p in places if p}) != 1:
            return False
        way = {self.stages[self.content_at[s][1]]: n for s, n in flux.moves.items()}
        out = [s for s, n in flux.moves.items() if n == -1]
        if len(out) != 1:
            return False
        stage = self.state[self.stages[self.content_at[out[0]][1]]]
        for move in moves:
            taken = {s: n for s, n in move.moves.items() if s in self.stages}
            if taken == way and all(
                np.isclose(
                    self._evaluate(flux.rate, v) / v[STATE, self.state[out[0]]],
                    self._evaluate(move.rate, v) / v[STATE, stage],
                    rtol=1e-9,
                )
                for v in map(self._trial, range(3))
            ):
                return True
        return False

    def _check_burst(self, released: str, rate: Ex, moves: Sequence[_Flux]) -> None:
        """What bursts set free must be what the module says is released."""
        burst = next((f for f in moves if f.name == self.declared.bursts[released]), None)
        if burst is None or not any(n == -1 for s, n in burst.moves.items() if s in self.stages):
            raise InputError(f"{self.path}: individuals: {self.declared.bursts[released]!r} takes no carrier")
        stage = next(s for s, n in burst.moves.items() if n == -1 and s in self.stages)
        held = [self.state[s] for s, (_, at) in self.content_at.items() if self.stages[at] == stage]
        for v in map(self._trial, range(3)):
            freed = (
                self._evaluate(burst.rate, v) / v[STATE, self.state[stage]] * sum(v[STATE, i] for i in held)
            )
            if not np.isclose(self._evaluate(rate, v), freed, rtol=1e-9):
                raise InputError(
                    f"{self.path}: individuals: the release of {released} is not what {burst.name} sets "
                    "free, one vesicle for each of a carrier's contents"
                )


_METHODS = {
    Op.ADD: "add", Op.SUB: "sub", Op.MUL: "mul", Op.DIV: "div", Op.NEG: "neg", Op.POW: "pow",
    Op.MIN: "min", Op.MAX: "max", Op.SELECT: "select",
}  # fmt: skip
