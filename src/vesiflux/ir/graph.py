"""An expression graph: shared nodes, constants folded, exact derivatives.

`Graph` interns every node, so that an expression written twice is computed once. `Ex` is a handle
with arithmetic. A node's *level* says when it has to be computed: 0 constant, 1 whenever an input
changes (parameters, inputs), 2 at every evaluation (states).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vesiflux.ir.program import Op

__all__ = ["Ex", "Graph", "fold"]

# Leaf kinds, beside the operations of `Op`.
CONSTANT, PARAMETER, INPUT, STATE = -1, -2, -3, -4

Number = float | int


@dataclass(frozen=True)
class Ex:
    """A node of a graph, with arithmetic. Compare by identity of the node, not by value."""

    graph: Graph
    node: int

    def __add__(self, other: Ex | Number) -> Ex:
        return self.graph.add(self, other)

    def __radd__(self, other: Ex | Number) -> Ex:
        return self.graph.add(other, self)

    def __sub__(self, other: Ex | Number) -> Ex:
        return self.graph.sub(self, other)

    def __rsub__(self, other: Ex | Number) -> Ex:
        return self.graph.sub(other, self)

    def __mul__(self, other: Ex | Number) -> Ex:
        return self.graph.mul(self, other)

    def __rmul__(self, other: Ex | Number) -> Ex:
        return self.graph.mul(other, self)

    def __truediv__(self, other: Ex | Number) -> Ex:
        return self.graph.div(self, other)

    def __rtruediv__(self, other: Ex | Number) -> Ex:
        return self.graph.div(other, self)

    def __pow__(self, other: Ex | Number) -> Ex:
        return self.graph.pow(self, other)

    def __neg__(self) -> Ex:
        return self.graph.neg(self)

    @property
    def level(self) -> int:
        """0 constant, 1 changes with parameters and inputs, 2 changes with states."""
        return self.graph.levels[self.node]

    @property
    def value(self) -> float | None:
        """The number, for a constant; else None."""
        return self.graph.values[self.node] if self.graph.ops[self.node] == CONSTANT else None


class Graph:
    """Nodes in creation order; arguments always come before their users."""

    def __init__(self) -> None:
        self.ops: list[int] = []
        self.args: list[tuple[int, ...]] = []
        self.values: list[float] = []  # constants; for other leaves the slot index
        self.levels: list[int] = []
        self._interned: dict[tuple[int, tuple[int, ...], float | str], int] = {}

    def fixed(self, expression: Ex) -> bool:
        """Whether it keeps its value through a run: constants and parameters alone, no state and no input."""
        return expression.level < 2 and not self._meets(expression.node, INPUT)

    def _meets(self, node: int, kind: int) -> bool:
        seen, queue = {node}, [node]
        while queue:
            node = queue.pop()
            if self.ops[node] == kind:
                return True
            fresh = set(self.args[node]) - seen
            seen |= fresh
            queue += fresh
        return False

    # ------------------------------------------------------------ leaves

    def const(self, value: Number) -> Ex:
        """A constant."""
        number = float(value) + 0.0  # -0.0 and 0.0 are one constant
        return self._leaf(CONSTANT, number, 0)

    def param(self, index: int) -> Ex:
        """Parameter slot ``index``."""
        return self._leaf(PARAMETER, float(index), 1)

    def input(self, index: int) -> Ex:
        """Input slot ``index``."""
        return self._leaf(INPUT, float(index), 1)

    def state(self, index: int) -> Ex:
        """State slot ``index``."""
        return self._leaf(STATE, float(index), 2)

    def _leaf(self, kind: int, value: float, level: int) -> Ex:
        key = (kind, (), value if value == value else "nan")
        node = self._interned.get(key)
        if node is None:
            node = self._append(kind, (), value, level)
            self._interned[key] = node
        return Ex(self, node)

    def _append(self, op: int, args: tuple[int, ...], value: float, level: int) -> int:
        self.ops.append(op)
        self.args.append(args)
        self.values.append(value)
        self.levels.append(level)
        return len(self.ops) - 1

    def wrap(self, value: Ex | Number) -> Ex:
        """A number as a constant; an expression as it is."""
        return value if isinstance(value, Ex) else self.const(value)

    def op(self, op: Op, *operands: Ex | Number) -> Ex:
        """A node of any operation; folds constants."""
        wrapped = [self.wrap(o) for o in operands]
        numbers = [o.value for o in wrapped]
        if all(n is not None for n in numbers):
            return self.const(fold(op, *(float(n) for n in numbers if n is not None)))
        args = tuple(o.node for o in wrapped)
        if op in _COMMUTATIVE and args[0] > args[1]:
            args = (args[1], args[0], *args[2:])
        key = (int(op), args, 0.0)
        node = self._interned.get(key)
        if node is None:
            node = self._append(int(op), args, 0.0, max(self.levels[a] for a in args))
            self._interned[key] = node
        return Ex(self, node)

    # ------------------------------------------------------------ arithmetic with the usual identities

    def add(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """A + b."""
        a, b = self.wrap(a), self.wrap(b)
        if a.value == 0.0:
            return b
        if b.value == 0.0:
            return a
        if self.ops[b.node] == Op.NEG:
            return self.sub(a, Ex(self, self.args[b.node][0]))
        if self.ops[a.node] == Op.NEG:
            return self.sub(b, Ex(self, self.args[a.node][0]))
        return self.op(Op.ADD, a, b)

    def sub(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """A - b."""
        a, b = self.wrap(a), self.wrap(b)
        if b.value == 0.0:
            return a
        if a.node == b.node:
            return self.const(0.0)
        if a.value == 0.0:
            return self.neg(b)
        if self.ops[b.node] == Op.NEG:
            return self.add(a, Ex(self, self.args[b.node][0]))
        return self.op(Op.SUB, a, b)

    def mul(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """A * b; an exact zero annihilates."""
        a, b = self.wrap(a), self.wrap(b)
        for x, y in ((a, b), (b, a)):
            if x.value == 0.0:
                return self.const(0.0)
            if x.value == 1.0:
                return y
            if x.value == -1.0:
                return self.neg(y)
        return self.op(Op.MUL, a, b)

    def div(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """A / b. Division by a static value becomes a multiplication by its hoisted inverse."""
        a, b = self.wrap(a), self.wrap(b)
        if b.value == 1.0:
            return a
        if a.value == 0.0 and b.value != 0.0:
            return self.const(0.0)
        if a.level == 2 and b.level < 2:
            return self.mul(a, self.op(Op.DIV, 1.0, b))
        return self.op(Op.DIV, a, b)

    def neg(self, a: Ex | Number) -> Ex:
        """-a."""
        a = self.wrap(a)
        if self.ops[a.node] == Op.NEG:
            return Ex(self, self.args[a.node][0])
        return self.op(Op.NEG, a)

    def pow(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """max(a, 0) ** b; small whole powers become products, which are defined for negative a too."""
        a, b = self.wrap(a), self.wrap(b)
        if b.value is not None:
            if b.value == 0.0:
                return self.const(1.0)
            if b.value == 1.0:
                return a
            if b.value == 2.0:
                return self.mul(a, a)
            if b.value == 3.0:
                return self.mul(self.mul(a, a), a)
            if b.value == -1.0:
                return self.div(1.0, a)
            if b.value == 0.5:
                return self.op(Op.SQRT, a)
        return self.op(Op.POW, a, b)

    def sum(self, terms: Iterable[Ex | Number]) -> Ex:
        """Sum from left to right; 0 for none."""
        total: Ex = self.const(0.0)
        for term in terms:
            total = self.add(total, term)
        return total

    def product(self, factors: Iterable[Ex | Number]) -> Ex:
        """Product from left to right; 1 for none. Static factors are gathered first."""
        wrapped = sorted((self.wrap(f) for f in factors), key=lambda f: f.level)
        total: Ex = self.const(1.0)
        for factor in wrapped:
            total = self.mul(total, factor)
        return total

    def min(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """The smaller of a and b."""
        return self.op(Op.MIN, a, b)

    def max(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """The larger of a and b."""
        return self.op(Op.MAX, a, b)

    def select(self, condition: Ex | Number, yes: Ex | Number, no: Ex | Number) -> Ex:
        """``yes`` where the condition is not 0, else ``no``."""
        condition, yes, no = self.wrap(condition), self.wrap(yes), self.wrap(no)
        if condition.value is not None:
            return yes if condition.value != 0.0 else no
        return yes if yes.node == no.node else self.op(Op.SELECT, condition, yes, no)

    def hill(self, x: Ex | Number, n: Ex | Number, plateau: Ex | Number, k_n: Ex | Number) -> Ex:
        """Plateau * x^n / (k_n + x^n), x clamped at 0. One fused operation when only x changes."""
        x, n, plateau, k_n = self.wrap(x), self.wrap(n), self.wrap(plateau), self.wrap(k_n)
        if max(n.level, plateau.level, k_n.level) < 2:
            return self.op(Op.HILL, x, n, plateau, k_n)
        power = self.op(Op.POW, x, n)
        return self.div(self.mul(plateau, power), self.add(k_n, power))

    def hill_half(self, x: Ex | Number, half: Ex | Number, n: Ex | Number) -> Ex:
        """x^n / (half^n + x^n)."""
        return self.hill(x, n, 1.0, self.op(Op.POW, half, n))

    def either(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """Fuzzy OR, a + b - a b."""
        a, b = self.wrap(a), self.wrap(b)
        if a.value == 0.0:
            return b
        if b.value == 0.0:
            return a
        return self.op(Op.OR, a, b)

    def and_not(self, a: Ex | Number, b: Ex | Number) -> Ex:
        """A (1 - b)."""
        a, b = self.wrap(a), self.wrap(b)
        return a if b.value == 0.0 else self.op(Op.ANDNOT, a, b)

    def relax(self, target: Ex | Number, top: Ex | Number, y: Ex | Number, tau: Ex | Number) -> Ex:
        """(top * target - y) / tau."""
        return self.op(Op.RELAX, target, top, y, self.div(1.0, tau))

    # ------------------------------------------------------------ derivatives

    def gradients(self, roots: Iterable[Ex]) -> dict[int, dict[int, Ex]]:
        """Sparse forward derivatives: node -> {state index: derivative} for every root."""
        wanted = self.needed([r.node for r in roots], minimum_level=2)
        gradient: dict[int, dict[int, Ex]] = {}
        for node in wanted:
            if self.ops[node] == STATE:
                gradient[node] = {int(self.values[node]): self.const(1.0)}
                continue
            parts: dict[int, list[Ex]] = {}
            for position, argument in enumerate(self.args[node]):
                inner = gradient.get(argument)
                if not inner:
                    continue
                outer = self._partial(node, position)
                if outer.value == 0.0:
                    continue
                for state, derivative in inner.items():
                    parts.setdefault(state, []).append(self.mul(outer, derivative))
            gradient[node] = {s: e for s, ts in sorted(parts.items()) if (e := self.sum(ts)).value != 0.0}
        return {r: gradient.get(r, {}) for r in wanted}

    def _partial(self, node: int, position: int) -> Ex:
        """d(node) / d(argument at position)."""
        e = Ex(self, node)
        a = [Ex(self, x) for x in self.args[node]]
        op = self.ops[node]
        one = self.const(1.0)
        if op == Op.ADD:
            return one
        if op == Op.SUB:
            return one if position == 0 else self.const(-1.0)
        if op == Op.MUL:
            return a[1 - position]
        if op == Op.DIV:
            return self.div(1.0, a[1]) if position == 0 else self.neg(self.div(e, a[1]))
        if op == Op.NEG:
            return self.const(-1.0)
        if op == Op.POW:
            if position == 0:
                return self.mul(a[1], self.op(Op.POW, a[0], self.sub(a[1], 1.0)))
            return self.mul(e, self.op(Op.LOG, self.max(a[0], 1e-300)))
        if op == Op.EXP:
            return e
        if op == Op.LOG:
            return self.div(1.0, a[0])
        if op == Op.SQRT:
            # the clamp is flat below 0; at 0 itself the slope is infinite and 0 is taken
            return self.select(self.op(Op.LT, 0.0, a[0]), self.div(0.5, self.max(e, 1e-150)), 0.0)
        if op in (Op.MIN, Op.MAX):
            first = self.op(Op.LT, a[0], a[1]) if op == Op.MIN else self.op(Op.LT, a[1], a[0])
            return first if position == 0 else self.sub(1.0, first)
        if op == Op.ABS:
            return self.select(self.op(Op.LT, a[0], 0.0), -1.0, 1.0)
        if op == Op.FMA:
            return one if position == 2 else a[1 - position]
        if op == Op.HILL:
            # plateau, n and k^n are static by construction (`hill`), so only x contributes
            return self.op(Op.HILL_DX, e, a[0], a[1], a[2]) if position == 0 else self.const(0.0)
        if op == Op.OR:
            return self.sub(1.0, a[1 - position])
        if op == Op.ANDNOT:
            return self.sub(1.0, a[1]) if position == 0 else self.neg(a[0])
        if op == Op.RELAX:
            return (self.mul(a[1], a[3]), self.mul(a[0], a[3]), self.neg(a[3]), self.div(e, a[3]))[position]
        if op in (Op.LT, Op.LE):
            return self.const(0.0)
        if op == Op.SELECT:
            if position == 0:
                return self.const(0.0)
            return self.select(a[0], *((1.0, 0.0) if position == 1 else (0.0, 1.0)))
        if op == Op.COPY:
            return one
        if op == Op.SIN:
            return self.op(Op.COS, a[0])
        if op == Op.COS:
            return self.neg(self.op(Op.SIN, a[0]))
        raise ValueError(f"operation {Op(op).name} has no derivative")

    def needed(self, roots: Iterable[int], minimum_level: int = 0) -> list[int]:
        """Nodes that the roots depend on (roots included), arguments first, ids ascending."""
        seen: set[int] = set()
        stack = [r for r in roots if self.levels[r] >= minimum_level]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            stack.extend(a for a in self.args[node] if self.levels[a] >= minimum_level)
        return sorted(seen)


def fold(op: Op, *values: float) -> float:
    """An operation on plain numbers: the meaning every engine has to reproduce."""
    return _FOLD[op](*values)


def _safe_div(a: float, b: float) -> float:
    if b == 0.0:
        return math.nan if a == 0.0 else math.copysign(math.inf, a)
    return a / b


def _power(a: float, b: float) -> float:
    a = max(a, 0.0)
    if a == 0.0:
        return 1.0 if b == 0.0 else (0.0 if b > 0.0 else math.inf)
    return math.pow(a, b)


def _hill(x: float, n: float, plateau: float, k_n: float) -> float:
    if x <= 0.0:
        return 0.0  # nothing has no effect, whatever n
    p = _power(x, n)
    return _safe_div(plateau * p, k_n + p)


def _hill_dx(h: float, x: float, n: float, plateau: float) -> float:
    return n * h * (1.0 - h / plateau) / x if x > 0.0 else 0.0


_COMMUTATIVE = frozenset({Op.ADD, Op.MUL, Op.OR, Op.MIN, Op.MAX})

_FOLD: dict[int, Callable[..., float]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.DIV: _safe_div,
    Op.NEG: lambda a: -a,
    Op.POW: _power,
    Op.EXP: math.exp,
    Op.LOG: lambda a: math.log(a) if a > 0 else (-math.inf if a == 0 else math.nan),
    Op.SQRT: lambda a: math.sqrt(max(a, 0.0)),
    Op.MIN: min,
    Op.MAX: max,
    Op.ABS: abs,
    Op.FMA: lambda a, b, c: a * b + c,
    Op.HILL: _hill,
    Op.HILL_DX: _hill_dx,
    Op.OR: lambda a, b: a + b - a * b,
    Op.ANDNOT: lambda a, b: a * (1.0 - b),
    Op.RELAX: lambda a, b, c, d: (a * b - c) * d,
    Op.LT: lambda a, b: float(a < b),
    Op.LE: lambda a, b: float(a <= b),
    Op.SELECT: lambda a, b, c: b if a != 0.0 else c,
    Op.COPY: lambda a: a,
    Op.SIN: math.sin,
    Op.COS: math.cos,
}
