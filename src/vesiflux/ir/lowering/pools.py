"""Populations: one pool of cells per (cell type, state), and what the cells of a pool hold.

Where a type's number never changes, its programs are kept per cell. Otherwise a pool holds
*totals* (copies, or count x activity), which move with the cells when they change state, are halved
per cell at division and leave with the dead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.ir.lowering.values import number

if TYPE_CHECKING:
    from vesiflux.language.schema import Cell

__all__ = ["Held", "Pool", "Population", "make_population"]

#: Below this many cells a pool counts as empty, so that a mean per cell stays defined.
EMPTY_POOL = 1e-6
#: And below this share of the type's cells: what the solver does not resolve has no mean.
EMPTY_SHARE = 1e-9
#: Parameter of a cell type whose number a choice sets: how many there usually are under its option.
USUAL = "usual"


@dataclass
class Held:
    """Something the cells of a pool hold: its state, and where it goes when a cell dies."""

    name: str
    state: StateRef
    initial: Ex  # per cell, at the start: what a cell from outside brings
    activity: bool  # an intensive level: daughters inherit it, copies are shared between them
    total: bool  # the state is the pool's total, else the value per cell
    grave: StateRef | None = None  # ledger of what died with its cell


@dataclass
class Pool:
    """The cells of one type in one state."""

    type_name: str
    state_name: str
    count: Ex
    count_state: StateRef | None  # None where the number never changes
    start: Ex
    empty: float = EMPTY_POOL  # cells below which it counts as empty
    held: dict[str, Held] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """``type`` or ``type.state``: prefix of the names of what it holds."""
        return f"{self.type_name}.{self.state_name}" if self.state_name else self.type_name


@dataclass
class Population:
    """One cell type: its pools and the ledgers of its life."""

    name: str
    cell: Cell
    pools: list[Pool]
    changing: bool
    count: Ex
    hours: StateRef | None  # cell-hours lived; None where another engine counts them
    nominal: float  # typical number of cells, for scales
    place: int = 0  # of the medium: what they take up from and send to
    chosen: bool = False  # a choice says how many there are: what is usual goes with its option

    def pool(self, state: str) -> Pool:
        """The pool of one state."""
        return next(p for p in self.pools if p.state_name == state)


def make_population(builder: Builder, name: str, cell: Cell, changing: bool) -> Population:
    """Pools of one cell type, with their numbers of cells and the ledger of cell-hours."""
    graph = builder.graph
    total = builder.parameter(f"{name}.count", cell.count, "cell", f"{cell.title or name}: number of cells")
    total = builder.amount(total, "count", name)
    nominal = number(cell.count, "cell", f"{name}.count")
    states = cell.states or ("",)
    shares = {s: builder.parameter(f"{name}.start.{s}", v, "1") for s, v in cell.start.items()}
    if not shares:
        shares = {states[0]: graph.const(1.0)}
    pools = []
    for state in states:
        start = total * shares.get(state, graph.const(0.0))
        pool = Pool(name, state, start, None, start, max(EMPTY_POOL, EMPTY_SHARE * nominal))
        if changing:
            pool.count_state = builder.state(f"{pool.path}.count", "cell", start, scale=nominal)
            pool.count = pool.count_state.ex
        pools.append(pool)
    count = graph.sum(p.count for p in pools)
    hours = builder.state(f"{name}.cell_hours", "cell*h", 0.0, scale=nominal)
    builder.add_rate(hours, count)
    return Population(name, cell, pools, changing, count, hours, nominal)


def hold(
    builder: Builder,
    population: Population,
    pool: Pool,
    name: str,
    unit: str,
    initial: Ex | float,
    *,
    scale: float = 1.0,
    activity: bool = False,
    total: bool | None = None,
    intracellular: bool = False,
    grave: StateRef | None = None,
) -> Held:
    """A new quantity held by the cells of ``pool``; ``initial`` and ``scale`` are per cell."""
    as_total = population.changing if total is None else total
    start = builder.graph.wrap(initial)
    state = builder.state(
        f"{pool.path}.{name}",
        unit,
        start * pool.start if as_total else start,
        scale=scale * population.nominal if as_total else scale,
        intracellular=intracellular,
    )
    held = Held(name, state, start, activity, as_total, grave)
    pool.held[name] = held
    return held


def per_cell(builder: Builder, pool: Pool, held: Held) -> Ex:
    """The mean per cell of what a pool holds."""
    if not held.total:
        return held.state.ex
    return held.state.ex / builder.graph.max(pool.count, pool.empty)


def add_per_cell_rate(builder: Builder, pool: Pool, held: Held, rate: Ex) -> None:
    """Add a rate given per cell."""
    builder.add_rate(held.state, rate * pool.count if held.total else rate)


def divide(builder: Builder, pool: Pool, rate: Ex) -> None:
    """Division at ``rate`` per cell and hour."""
    assert pool.count_state is not None
    running = builder.running()
    builder.add_rate(pool.count_state, running * rate * pool.count)
    for held in pool.held.values():
        if held.activity:  # both daughters inherit the level; copies are only shared out
            builder.add_rate(held.state, running * rate * held.state.ex)
        elif held.state.intracellular:  # balanced growth: while numbers are held, division dilutes
            builder.add_rate(held.state, (running - 1.0) * rate * held.state.ex)


def leave(builder: Builder, source: Pool, rate: Ex, target: Pool | None, dead: StateRef | None) -> None:
    """Cells leave ``source`` at ``rate`` per cell and hour, to ``target`` or for good.

    What they hold goes with them where the target holds the same; the rest goes to its ledger. What only
    the target's program has begins as at the start.
    """
    assert source.count_state is not None
    rate = builder.running() * rate
    builder.move(source.count_state, target.count_state if target else dead, rate * source.count)
    for name, held in source.held.items():
        twin = target.held.get(name) if target else None
        builder.move(held.state, twin.state if twin else held.grave, rate * held.state.ex)
    if target is not None:
        _bring(builder, target, rate * source.count, lacking=source.held)


def arrive(builder: Builder, pool: Pool, rate: Ex) -> None:
    """Cells come from outside at ``rate`` per hour (all together), with their programs as at the start."""
    assert pool.count_state is not None
    rate = builder.running() * rate
    builder.add_rate(pool.count_state, rate)
    _bring(builder, pool, rate, lacking={})


def _bring(builder: Builder, pool: Pool, cells: Ex, lacking: Mapping[str, Held]) -> None:
    """``cells`` per hour join ``pool``; what ``lacking`` does not name comes at its initial value."""
    for name, held in pool.held.items():
        if held.state.intracellular and name not in lacking:
            builder.add_rate(held.state, cells * held.initial)
