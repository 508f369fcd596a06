"""From an expression graph to a `Program`: hoisting, fusing, ordering and register allocation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vesiflux.ir.graph import CONSTANT, INPUT, PARAMETER, STATE, Ex, Graph
from vesiflux.ir.program import Op, Output, ParameterSlot, Program, StateSlot, Tape

__all__ = ["Assembly", "assemble"]


class Assembly:
    """The base registers of a program under construction; makes the tapes that share them."""

    def __init__(
        self, graph: Graph, roots: Sequence[int], n_parameters: int, n_inputs: int, n_states: int
    ) -> None:
        self.graph = graph
        used = graph.needed(roots)
        constants = sorted({graph.values[n] for n in used if graph.ops[n] == CONSTANT} | {0.0, 1.0})
        self.constants = np.array(constants)
        self.register: dict[int, int] = {}
        n_constants = len(constants)
        base = {PARAMETER: n_constants, INPUT: n_constants + n_parameters}
        base[STATE] = base[INPUT] + n_inputs
        for node in used:
            op = graph.ops[node]
            if op == CONSTANT:
                self.register[node] = constants.index(graph.values[node])
            elif op in base:
                self.register[node] = base[op] + int(graph.values[node])
        first_hoisted = base[STATE] + n_states
        # a static node is hoisted when a dynamic node or a result needs it
        root_set = set(roots)
        hoisted = {n for n in used if graph.ops[n] >= 0 and graph.levels[n] == 1 and n in root_set}
        for node in used:
            if graph.levels[node] == 2:
                hoisted |= {a for a in graph.args[node] if graph.ops[a] >= 0 and graph.levels[a] == 1}
        self.hoisted = sorted(hoisted)
        self.first_temporary = first_hoisted + len(self.hoisted)
        self.n_registers = self.first_temporary
        self.prologue = self._emit(self.hoisted, {n: first_hoisted + i for i, n in enumerate(self.hoisted)})
        self.register.update({n: first_hoisted + i for i, n in enumerate(self.hoisted)})

    def tape(self, roots: Sequence[Ex]) -> Tape:
        """A tape whose results are the roots, in order."""
        return self._emit([r.node for r in roots], {})

    def _emit(self, roots: Sequence[int], fixed: Mapping[int, int]) -> Tape:
        """Instructions in depth-first order, temporaries reused as soon as their last reader ran."""
        graph = self.graph
        order = self._order(roots)
        in_tape = set(order)
        keep = set(roots)
        uses: dict[int, int] = {}
        for node in order:
            for a in graph.args[node]:
                if a in in_tape:
                    uses[a] = uses.get(a, 0) + 1
        fused = self._fusible(order, uses, keep)
        absorbed = set(fused.values())
        operands = {n: self._operands(n, fused) for n in order if n not in absorbed}
        last: dict[int, int] = {}
        sequence = [n for n in order if n in operands]
        for position, node in enumerate(sequence):
            for a in operands[node][1]:
                last[a] = position
        where: dict[int, int] = dict(fixed)
        free: list[int] = []
        top = self.first_temporary
        code = np.zeros((len(sequence), 6), dtype=np.int32)
        for position, node in enumerate(sequence):
            op, args = operands[node]
            registers = [self.register[a] if a in self.register else where[a] for a in args]
            for a in dict.fromkeys(args):
                if a in where and a not in fixed and a not in keep and last[a] == position:
                    free.append(where[a])
            if node not in where:
                if free:
                    where[node] = free.pop()
                else:
                    where[node] = top
                    top += 1
            code[position, 0] = op
            code[position, 1] = where[node]
            code[position, 2 : 2 + len(registers)] = registers
        self.n_registers = max(self.n_registers, top)
        results = [self.register[r] if r in self.register else where[r] for r in roots]
        return Tape(code, np.array(results, dtype=np.int32))

    def _order(self, roots: Sequence[int]) -> list[int]:
        """Depth-first post-order of what has to be computed (base registers are there already)."""
        done: set[int] = set()
        order: list[int] = []
        for root in roots:
            stack = [(root, False)]
            while stack:
                node, expanded = stack.pop()
                if node in done or node in self.register:
                    continue
                if expanded:
                    done.add(node)
                    order.append(node)
                    continue
                stack.append((node, True))
                stack.extend((a, False) for a in reversed(self.graph.args[node]))
        return order

    def _fusible(self, order: Sequence[int], uses: Mapping[int, int], keep: set[int]) -> dict[int, int]:
        """ADD nodes that can absorb a product used nowhere else: node -> the product."""
        graph = self.graph
        fused: dict[int, int] = {}
        absorbed: set[int] = set()
        for node in order:
            if graph.ops[node] != Op.ADD:
                continue
            for a in graph.args[node]:
                if graph.ops[a] == Op.MUL and uses.get(a) == 1 and a not in keep and a not in absorbed:
                    fused[node] = a
                    absorbed.add(a)
                    break
        return fused

    def _operands(self, node: int, fused: Mapping[int, int]) -> tuple[int, tuple[int, ...]]:
        graph = self.graph
        if node not in fused:
            return graph.ops[node], graph.args[node]
        product = fused[node]
        first, second = graph.args[node]
        return int(Op.FMA), (*graph.args[product], second if first == product else first)


def assemble(
    name: str,
    graph: Graph,
    *,
    parameters: Sequence[ParameterSlot],
    inputs: Sequence[ParameterSlot],
    states: Sequence[StateSlot],
    initial: Sequence[Ex],
    rhs: Sequence[Ex],
    outputs: Sequence[tuple[Output, Ex]],
    invariants: Sequence[tuple[str, Mapping[int, float]]] = (),
    assignments: Sequence[Sequence[Ex]] = (),
) -> tuple[Program, list[Tape]]:
    """Compile expressions into a `Program`.

    ``initial`` and ``rhs`` have one entry per state. ``assignments``: groups of expressions for
    event tapes, returned beside the program in the same order. ``invariants``: label and weights
    (state index -> weight).

    Raises `ValueError` when an initial value depends on a state.
    """
    if len(rhs) != len(states) or len(initial) != len(states):
        raise ValueError(
            f"{len(states)} states need as many rates and initial values, got {len(rhs)}, {len(initial)}"
        )
    if any(e.level == 2 for e in initial):
        raise ValueError("an initial value may depend on parameters and inputs only")
    gradients = graph.gradients(rhs)
    jacobian: list[tuple[int, int, Ex]] = []
    for row, rate in enumerate(rhs):
        jacobian += [(row, column, d) for column, d in sorted(gradients.get(rate.node, {}).items())]
    roots = [e.node for e in (*initial, *rhs, *(d for _, _, d in jacobian), *(e for _, e in outputs))]
    roots += [e.node for group in assignments for e in group]
    assembly = Assembly(graph, roots, len(parameters), len(inputs), len(states))
    rhs_tape = assembly.tape(rhs)
    jacobian_tape = assembly.tape([d for _, _, d in jacobian])
    outputs_tape = assembly.tape([e for _, e in outputs])
    initial_tape = assembly.tape(initial)
    event_tapes = [assembly.tape(group) for group in assignments]
    program = Program(
        name=name,
        constants=assembly.constants,
        parameters=tuple(parameters),
        inputs=tuple(inputs),
        states=tuple(states),
        outputs=tuple(o for o, _ in outputs),
        n_hoisted=len(assembly.hoisted),
        n_registers=assembly.n_registers,
        prologue=assembly.prologue,
        rhs=rhs_tape,
        jacobian=jacobian_tape,
        jac_rows=np.array([r for r, _, _ in jacobian], dtype=np.int32),
        jac_cols=np.array([c for _, c, _ in jacobian], dtype=np.int32),
        outputs_tape=outputs_tape,
        initial=initial_tape,
        invariants=tuple(
            (label, np.array(list(w), dtype=np.int32), np.array(list(w.values()))) for label, w in invariants
        ),
    )
    return program, event_tapes
