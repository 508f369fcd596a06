"""The outcome map of Reynolds 2006 (10.1016/j.jtbi.2006.02.016) by the engine, held to the paper.

    python docs/assets/reynolds-map.py

Writes ``reynolds-map.tsv`` (every boundary that the paper prints, beside ours) and ``reynolds-map.svg``
beside it (half a minute). The module `acute_inflammation` of the library runs in lanes, with its four starts
free; equilibria are runs that came to rest, and stable where no eigenvalue of the engine's own Jacobian has a
real part above zero there.

Septic death has no closed form, but at a given level of pathogen the other three variables do not see how
fast it grows: they are run to rest at a frozen pathogen, and the growth rate that holds this pathogen
follows. So the branch is one curve without continuation, and its least growth rate is the saddle-node.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments import Settings, solve
from vesiflux.engines.compartments.kernels.arrays import LANES
from vesiflux.engines.compartments.kernels.tape import run_tape
from vesiflux.engines.compartments.tapes import code_of
from vesiflux.ir.lowering import lower
from vesiflux.language import Model
from vesiflux.language.modules import library_folder

Floats = npt.NDArray[np.float64]
HERE = Path(__file__).resolve().parent
STATES = ("PATHOGEN", "PHAGOCYTES", "DAMAGE", "MEDIATORS")
HEALTH, ASEPTIC, SEPTIC = 0, 1, 2
OUTCOMES = ("health", "aseptic death", "septic death")
#: Mediators of the healthy body, s_c / mu_c.
BACKGROUND = 0.125
#: Long enough for every end of the model to be told apart, h.
LONG = 3000.0


@dataclass(frozen=True)
class Read:
    """A number that the paper prints: where, of what, and to which digit."""

    name: str
    where: str
    what: str
    value: float
    digit: float


READ = (
    Read("local_bistable", "section 2.1", "local response alone: pathogen can persist", 0.059, 1e-3),
    Read("health_lost", "section 2.1, figure 6", "health unstable", 1.5, 1e-3),
    Read("np_saddle_node", "figure 2a", "no damage, mediators 0.2: septic death exists", 0.8829, 1e-4),
    Read("np_hopf", "figure 2a", "no damage, mediators 0.2: septic death stable", 1.187, 1e-3),
    Read("nd_saddle_node", "figure 3b", "no pathogen: no aseptic death, mediators", 0.6264, 1e-4),
    Read("fixed_saddle_node", "figure 4a", "mediators 0.2: septic death exists", 1.702, 1e-3),
    Read("fixed_hopf", "figure 4a", "mediators 0.2: septic death stable", 1.707, 1e-3),
    Read("fixed_aseptic_lost", "figure 4a", "mediators 0.2: aseptic death unstable", 2.769, 1e-3),
    Read("three_stable", "section 2.4", "septic death stable below growth 1.5, mediators", 0.234, 1e-3),
    Read("septic_exists", "figure 6", "septic death exists", 0.5137, 1e-4),
    Read("aseptic_lost", "figure 6", "aseptic death unstable", 1.755, 1e-3),
    Read("health_only", "figure 7", "mediators 0.7: another end than health exists", 0.307, 1e-3),
    Read("normal_at_10_h", "figure 9", "10 h after pathogen 0.36 at growth 0.6, mediators", 0.303, 1e-3),
)


class Core:
    """The module of the library, its four starts free, in lanes."""

    def __init__(self) -> None:
        from ruamel.yaml import YAML

        path = library_folder() / "_modules" / "acute_inflammation.yaml"
        module: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for name, state in module["species"].items():
            module["parameters"][f"first_{name}"] = {
                "typical": 0,
                "unit": "1",
                "mark": "assumed",
                "source": "free",
            }
            state["initial"] = f"first_{name}"
        model = Model.from_dict(
            {
                "vesiflux": 1,
                "name": "reynolds-map",
                "space": {"kind": "dish", "volume": "1 mL"},
                "modules": {"core": module},
                "cells": {"host": {"is": "host", "count": 1, "modules": {"core": "core"}}},
                "arms": {"control": {}},
                "run": {"for": "1 h", "record": "1 h", "equilibrate": False},
            }
        )
        self.compiled = lower(model)
        self.program = self.compiled.program
        self.defaults = np.array([p.prior.typical for p in self.compiled.parameters])
        self.at = [self.program.state_index(f"host.core.{s}") for s in STATES]

    def parameters(self, lanes: int, **changes: npt.ArrayLike) -> Floats:
        """(n_parameters, lanes); names as in the module, values broadcast over lanes."""
        values = np.repeat(self.defaults[:, None], lanes, axis=1)
        for name, value in changes.items():
            values[self.compiled.parameter(f"host.core.{name}")] = value
        return values

    def run(self, hours: float, start: npt.ArrayLike, **changes: npt.ArrayLike) -> Floats:
        """States after ``hours``, (4, lanes), from ``start`` (4, lanes)."""
        first = np.atleast_2d(np.asarray(start, dtype=float))
        values = self.parameters(
            first.shape[1], **changes, **dict(zip((f"first_{s}" for s in STATES), first, strict=True))
        )
        settings = Settings(equilibrate=False, rtol=1e-8, atol=1e-10)
        found = solve(self.program, values, times=[0.0, hours], settings=settings)
        if not found.ok.all():
            raise RuntimeError("the core could not be integrated")
        return np.asarray(found.states_final[self.at])

    def rates(self, states: Floats, **changes: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Rates (4, lanes) and Jacobian (lanes, 4, 4) at states (4, lanes)."""
        lanes = states.shape[1]
        values = self.parameters(lanes, **changes)
        p = self.program
        every, slopes = np.empty((4, lanes)), np.zeros((lanes, 4, 4))
        back = np.full(len(p.states), -1)  # state of the program -> state here
        back[self.at] = range(4)
        kept = np.flatnonzero((back[p.jac_rows] >= 0) & (back[p.jac_cols] >= 0))
        for first in range(0, lanes, LANES):
            some = slice(first, min(first + LANES, lanes))
            n = some.stop - some.start
            r = np.zeros((p.n_registers, LANES))
            r[: len(p.constants)] = np.asarray(p.constants)[:, None]
            r[p.parameter_base : p.input_base, :n] = values[:, some]
            r[p.input_base : p.state_base] = np.array([i.value for i in p.inputs])[:, None]
            for i, at in enumerate(self.at):
                r[p.state_base + at, :n] = states[i, some]
            flat = r.reshape(-1)
            for tape in (p.prologue, p.rhs):
                run_tape(code_of(tape), flat)
            every[:, some] = r[p.rhs.results][self.at][:, :n]
            run_tape(code_of(p.jacobian), flat)
            whole = np.zeros((LANES, 4, 4))
            whole[:, back[p.jac_rows[kept]], back[p.jac_cols[kept]]] = r[p.jacobian.results[kept]].T
            slopes[some] = whole[:n]
        return every, slopes


@cache
def core() -> Core:
    """The one compiled core."""
    return Core()


def held(mediators: npt.ArrayLike) -> dict[str, npt.ArrayLike]:
    """Mediators as a constant: their source makes up for their loss and nothing else makes them."""
    return {"s_c": 0.1 * np.asarray(mediators, dtype=float), "k_cn": 0.0}


def outcome(states: Floats) -> npt.NDArray[np.int64]:
    """Which end each lane has come to: 0 health, 1 aseptic, 2 septic death."""
    pathogen, _, damage, _ = states
    return np.where(pathogen > 1e-3, SEPTIC, np.where(damage > 1.0, ASEPTIC, HEALTH))


def end(growth: npt.ArrayLike, pathogen: npt.ArrayLike, mediators: npt.ArrayLike = BACKGROUND,
        **changes: npt.ArrayLike) -> npt.NDArray[np.int64]:  # fmt: skip
    """Outcome of an infection in a body that is healthy but for its mediators; arrays broadcast to lanes."""
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=float).ravel() for x in (growth, pathogen, mediators)))
    start = np.array([arrays[1], 0 * arrays[1], 0 * arrays[1], arrays[2]])
    return outcome(core().run(LONG, start, k_pg=arrays[0], **changes))


def most_pathogen(growth: npt.ArrayLike, mediators: npt.ArrayLike = BACKGROUND, steps: int = 18,
                  **changes: npt.ArrayLike) -> Floats:  # fmt: skip
    """Largest initial pathogen that ends in health, by bisection in all lanes at once; NaN above 4."""
    growth, mediators = np.broadcast_arrays(
        np.asarray(growth, dtype=float), np.asarray(mediators, dtype=float)
    )
    low, high = np.zeros(growth.shape), np.full(growth.shape, 4.0)
    never = end(growth, high, mediators, **changes) == HEALTH
    for _ in range(steps):
        middle = (low + high) / 2
        healthy = end(growth, middle, mediators, **changes) == HEALTH
        low, high = np.where(healthy, middle, low), np.where(healthy, high, middle)
    return np.where(never, np.nan, (low + high) / 2)


def growing(states: Floats, **changes: npt.ArrayLike) -> Floats:
    """Eigenvalues of the Jacobian, (lanes, 4), complex."""
    return np.linalg.eigvals(core().rates(states, **changes)[1])


@dataclass(frozen=True)
class Branch:
    """Septic death by its level of pathogen: the growth that holds it, the states, the eigenvalues."""

    growth: Floats
    states: Floats
    values: Floats

    @property
    def stable(self) -> npt.NDArray[np.bool_]:
        """Where no eigenvalue has a real part above zero."""
        return np.asarray(self.values.real.max(axis=1) < 0)


def septic(pathogen: npt.ArrayLike, inflamed: bool = True, **changes: npt.ArrayLike) -> Branch:
    """Equilibria with this much pathogen (lanes). ``inflamed``: with damage before the pathogen settles."""
    level = np.asarray(pathogen, dtype=float)
    start = np.array([level, 0 * level + inflamed, 0 * level + 17.0 * inflamed, 0 * level + BACKGROUND])
    if "s_c" in changes:
        start[3] = np.asarray(changes["s_c"]) / 0.1
    frozen = {"k_pg": 0.0, "s_m": 0.0, "k_pn": 0.0}
    states = core().run(LONG, start, **(changes | frozen))
    states[0] = level
    loss = -core().rates(states, **(changes | {"k_pg": 0.0}))[0][0]
    growth = loss / (level * (1 - level / 20.0))
    return Branch(growth, states, growing(states, **(changes | {"k_pg": growth})))


def onset(
    stable: bool, low: float = 0.01, high: float = 19.5, inflamed: bool = True, **changes: npt.ArrayLike
) -> float:
    """Least growth rate at which septic death exists, or is stable; the grid is narrowed four times."""
    best = np.nan
    for _ in range(4):
        levels = np.geomspace(low, high, 128)
        found = septic(levels, inflamed, **changes)
        counted = np.where(found.stable | (not stable), found.growth, np.inf)
        at = int(np.argmin(counted))
        best = float(counted[at])
        low, high = levels[max(at - 2, 0)], levels[min(at + 2, len(levels) - 1)]
    return best


def crossing(of: Any, low: float, high: float, steps: int = 30) -> float:
    """Where a condition turns from false (at ``low``) to true (at ``high``)."""
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if of(middle) else (middle, high)
    return (low + high) / 2


def aseptic(**changes: npt.ArrayLike) -> Floats:
    """Aseptic death, (4, 1): no pathogen, persistent damage. NaN where there is none."""
    start = np.array([[0.0], [1.0], [17.0], [np.asarray(changes.get("s_c", 0.05)) / 0.1]])
    states = core().run(10 * LONG, start, **changes)
    return states if states[2, 0] > 1.0 else np.full((4, 1), np.nan)


def pathogen_grows(states: Floats, **changes: npt.ArrayLike) -> bool:
    """Whether a trace of pathogen grows at these states without pathogen: their transcritical bifurcation."""
    return bool(core().rates(states, **changes)[1][0, 0, 0] > 0)


def computed() -> dict[str, float]:
    """Every number of ``READ`` as the engine gives it."""
    none = {"k_np": 0.0, "k_nd": 0.0, "k_nn": 0.0}
    at_02 = held(0.2)
    healthy = np.array([[0.0], [0.0], [0.0], [BACKGROUND]])
    dying, dying_02 = aseptic(), aseptic(**at_02)
    ten = core().run(10.0, [[0.36], [0.0], [0.0], [BACKGROUND]], k_pg=0.6)
    return {
        "local_bistable": onset(False, inflamed=False, **none),
        "health_lost": crossing(lambda k: pathogen_grows(healthy, k_pg=k), 0.1, 3.0),
        "np_saddle_node": onset(False, inflamed=False, k_dn=0.0, **at_02),
        "np_hopf": onset(True, inflamed=False, k_dn=0.0, **at_02),
        "nd_saddle_node": crossing(lambda c: bool(np.isnan(aseptic(**held(c))).any()), 0.3, 0.9, 14),
        "fixed_saddle_node": onset(False, **at_02),
        "fixed_hopf": onset(True, **at_02),
        "fixed_aseptic_lost": crossing(lambda k: pathogen_grows(dying_02, k_pg=k, **at_02), 0.1, 4.0),
        "three_stable": crossing(lambda c: onset(True, **held(c)) < 1.5, 0.2, 0.3, 12),
        "septic_exists": onset(False),
        "aseptic_lost": crossing(lambda k: pathogen_grows(dying, k_pg=k), 0.1, 4.0),
        "health_only": onset(True, **held(0.7)),
        "normal_at_10_h": float(ten[3, 0]),
    }


# ---------------------------------------------------------------- what the paper says in words


def reset(mediators: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Figure 9: pathogen 0.36 at growth 0.6; at 10 h the mediators are set to these, all else goes on."""
    levels = np.atleast_1d(np.asarray(mediators, dtype=float))
    ten = core().run(10.0, [[0.36], [0.0], [0.0], [BACKGROUND]], k_pg=0.6)
    start = np.repeat(ten, len(levels), axis=1)
    start[3] = levels
    return outcome(core().run(LONG, start, k_pg=0.6))


def paced(factors: npt.ArrayLike, pathogen: float, growth: float) -> npt.NDArray[np.int64]:
    """Ends when making and loss of mediators run this many times as fast, as many of them at rest."""
    pace = np.asarray(factors, dtype=float)
    rates = {"k_cn": 0.04 * pace, "mu_c": 0.1 * pace, "s_c": 0.0125 * pace}
    return end(np.full(pace.shape, growth), pathogen, **rates)


# ---------------------------------------------------------------- table and picture


def write(path: Path) -> dict[str, float]:
    """The table of what is read, beside ours."""
    ours = computed()
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["boundary", "where", "what", "read", "computed", "within the digits read"])
        for r in READ:
            close = abs(ours[r.name] - r.value) <= 0.5001 * r.digit
            table.writerow(
                [r.name, r.where, r.what, f"{r.value:g}", f"{ours[r.name]:.5f}", "yes" if close else "no"]
            )
    return ours


#: Which stable ends there are -> colour. Health, aseptic, septic; pairs and all three.
SETS = {
    "health": "#cfe8dc", "health, aseptic": "#dfe7c8", "health, septic": "#d9cfe4", "all three": "#f3e6c4",
    "aseptic": "#f2cfa8", "aseptic, septic": "#e3b9a5", "septic": "#b06a5f",
}  # fmt: skip
COLOURS = ("#009E73", "#E69F00", "#B3261E")


def stable_sets(growth: Floats, mediators: Floats) -> npt.NDArray[np.str_]:
    """Which ends are stable at each (mediators, growth), mediators held."""
    rows = []
    for level in mediators:
        still = held(level)
        dying = aseptic(**still)
        lost = crossing(lambda k, d=dying, s=still: pathogen_grows(d, k_pg=k, **s), 0.01, 9.0) if np.isfinite(
            dying
        ).all() else 0.0  # fmt: skip
        stable = {"health": growth < 1.5, "aseptic": growth < lost, "septic": growth > onset(True, **still)}
        names = []
        for i in range(len(growth)):
            there = [name for name in stable if stable[name][i]]
            names.append("all three" if len(there) == 3 else ", ".join(there))
        rows.append(names)
    return np.array(rows)


def picture() -> str:
    """Six panels: map, branches, thresholds, regions, and what the paper does not show."""
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from vesiflux.report.style import MUTED, SPARE_COLOURS, drawing, to_svg

    paint = ListedColormap(COLOURS)
    with drawing():
        figure = Figure(figsize=(10.0, 6.6), layout="constrained")
        (outcomes, branches, thresholds), (regions, memory, sources) = figure.subplots(2, 3)
        growth, pathogen = np.linspace(0.01, 2.0, 100), np.linspace(0.01, 2.0, 80)
        k, p = np.meshgrid(growth, pathogen)
        found = end(k, p).reshape(k.shape)
        shown = {"cmap": paint, "vmin": 0, "vmax": 2, "alpha": 0.55, "rasterized": True}
        outcomes.pcolormesh(growth, pathogen, found, **shown)
        for x, y, what in ((0.3, 1.0, HEALTH), (0.3, 1.5, ASEPTIC), (0.6, 1.0, SEPTIC)):
            outcomes.plot(x, y, "o", ms=5, mfc=COLOURS[what], mec="white", zorder=3)
        for x in (0.5137, 1.5, 1.755):
            outcomes.axvline(x, color="white", lw=0.8, ls="--")
        outcomes.set(
            title="What an infection comes to",
            xlabel="growth of the pathogen, 1/h",
            ylabel="pathogen at the start",
        )

        branch = septic(np.geomspace(0.2, 19.0, 400))
        for some, style in ((branch.stable, "-"), (~branch.stable, ":")):
            branches.plot(np.where(some, branch.growth, np.nan), branch.states[1], style, color=COLOURS[2])
        dying = float(aseptic()[1, 0])
        for level, lost, colour in ((0.0, 1.5, COLOURS[0]), (dying, 1.7547, COLOURS[1])):
            branches.plot([0, lost], [level, level], color=colour)
            branches.plot([lost, 2.5], [level, level], ":", color=colour)
        for x in (0.5137, 1.5, 1.755):
            branches.axvline(x, color=MUTED, lw=0.6, ls="--")
        branches.set(title="Ends and where they are stable", xlabel="growth of the pathogen, 1/h",
                     ylabel="activated phagocytes", xlim=(0, 2.5), ylim=(-0.05, 1.4))  # fmt: skip

        rates = np.linspace(0.05, 1.0, 39)
        for level, colour in zip((0.0, 0.125, 0.3, 0.4, 0.7), SPARE_COLOURS, strict=False):
            thresholds.plot(
                rates, most_pathogen(rates, level, **held(level)), color=colour, label=f"{level:g}"
            )
        thresholds.plot(rates, most_pathogen(rates), color="#1f2933", lw=1.8, label="as they come")
        thresholds.legend(title="mediators held at", frameon=False)
        thresholds.set(title="Most pathogen that is survived", xlabel="growth of the pathogen, 1/h",
                       ylabel="pathogen at the start", ylim=(0, 1.6))  # fmt: skip

        wide, levels = np.linspace(0.02, 4.0, 120), np.linspace(0.0, 0.9, 46)
        names = list(SETS)
        which = np.vectorize(names.index)(stable_sets(wide, levels))
        regions.pcolormesh(
            wide, levels, which, cmap=ListedColormap(list(SETS.values())), vmin=0, vmax=6, rasterized=True
        )
        keys = [Patch(color=c, label=n) for n, c in SETS.items()]
        regions.legend(
            handles=keys,
            frameon=False,
            fontsize=6.5,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.16),
            ncols=4,
        )
        regions.set(
            title="Stable ends, mediators held", xlabel="growth of the pathogen, 1/h", ylabel="mediators"
        )

        start = np.linspace(0.0, 0.8, 33)
        for rate, colour in zip((0.2, 0.3, 0.4, 0.6, 1.0), SPARE_COLOURS, strict=False):
            most = most_pathogen(np.full(start.shape, rate), start)
            memory.plot(most, start, color=colour)
            memory.annotate(
                f"{rate:g}/h", (most[-1], start[-1]), (0, 3), textcoords="offset points", ha="center"
            )
        memory.axhline(BACKGROUND, color=MUTED, lw=0.8, ls="--")
        memory.set(title="Mediators left of an earlier infection", xlabel="most pathogen that is survived",
                   ylabel="mediators at the start", xlim=(0, 2.2), ylim=(-0.04, 0.88))  # fmt: skip

        supply = np.linspace(0.0, 0.05, 60)
        k, s = np.meshgrid(growth[::2], supply)
        found = end(k, 0.5, s / 0.1, s_c=s.ravel()).reshape(k.shape)
        sources.pcolormesh(growth[::2], supply, found, **shown)
        sources.axhline(0.0125, color="white", lw=0.8, ls="--")
        sources.set(title="Not in the paper: source of mediators", xlabel="growth of the pathogen, 1/h",
                    ylabel="source of mediators, 1/h")  # fmt: skip
        keys = [Patch(color=c, alpha=0.55, label=n) for n, c in zip(OUTCOMES, COLOURS, strict=True)]
        sources.legend(handles=keys, loc="upper right", framealpha=0.9, frameon=True, edgecolor="none")
        return to_svg(figure, "Outcome map of the acute inflammation of Reynolds 2006")


if __name__ == "__main__":
    write(HERE / "reynolds-map.tsv")
    (HERE / "reynolds-map.svg").write_text(picture(), encoding="utf-8")
