"""P6: exact stochastic simulation, 20 species and 40 reactions, about 15,800 events a trajectory, one thread.

Us: `vesiflux.engines.ssa` (direct method). Peers: COPASI's direct method through its Python bindings,
called without basico's data frames (they would count against it), and libRoadRunner's Gillespie. All
record 11 times. Floor: a bare numba loop of the direct method with a dependency graph and linear search,
its propensities summed anew at each event, xoshiro numbers of numba. CPU milliseconds per trajectory.

Errors: the largest z-score of the 20 means at the end against ours, over the trajectories run.

    python -m benchmarks.p6_ssa [--trajectories 200] [--peer-trajectories 60] [--repeats 5]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks._results import Row, interleaved, peer, save, show

N_SPECIES = 20
END_H = 5.22
RECORDS = 11
TARGET, AIM = {"COPASI": 1 / 4, "libRoadRunner": 1 / 10}, {"COPASI": 1 / 5}

Reaction = tuple[dict[str, int], dict[str, int], float]
Ends = npt.NDArray[np.float64]
Task = tuple[Callable[[], float], Callable[[], Ends]]


def species() -> dict[str, int]:
    """Counts at the start."""
    return {f"S{i}": 100 for i in range(N_SPECIES)}


def reactions() -> list[Reaction]:
    """5 supplies, 20 conversions round a ring, 10 reactions of pairs, 5 losses."""
    s = list(species())
    found: list[Reaction] = [({}, {s[4 * i]: 1}, 40.0) for i in range(5)]
    found += [({s[i]: 1}, {s[(i + 1) % 20]: 1}, 1.0 + 0.05 * i) for i in range(20)]
    found += [({s[i]: 1, s[i + 5]: 1}, {s[i + 10]: 1}, 0.002) for i in range(10)]
    found += [({s[4 * i + 3]: 1}, {}, 0.4) for i in range(5)]
    return found


def ours(count: int) -> tuple[Callable[[], float], Callable[[], Ends], Callable[[], float]]:
    """(timed run, counts at the end, events per trajectory)."""
    from vesiflux.engines.ssa import simulate
    from vesiflux.ir.stochastic import mass_action

    network = mass_action(species(), reactions())
    kept: list[Any] = []

    def run() -> float:
        start = time.process_time()
        found = simulate(network, count, times=np.linspace(0.0, END_H, RECORDS), seed=7)
        spent = time.process_time() - start
        if not found.ok.all():
            raise RuntimeError("a trajectory of ours failed")
        kept[:] = [found]
        return 1e3 * spent / count

    return run, lambda: kept[0].counts[:, -1].astype(float), lambda: float(kept[0].events.mean())


def floor(count: int) -> Callable[[], float]:
    """The shortest loop that does the same."""
    import numba

    place = {s: i for i, s in enumerate(species())}
    listed = reactions()
    first = np.array([([place[s] for s in r] + [20, 20])[0] for r, _, _ in listed])
    second = np.array([([place[s] for s in r] + [20, 20])[1] for r, _, _ in listed])
    rate = np.array([k for _, _, k in listed])
    change = np.zeros((40, 20))
    for j, (left, right, _) in enumerate(listed):
        for s in left:
            change[j, place[s]] -= 1.0
        for s in right:
            change[j, place[s]] += 1.0
    moved = [np.flatnonzero(c) for c in change]
    touched = [np.flatnonzero(np.isin(first, m) | np.isin(second, m)) for m in moved]
    m_from = np.cumsum([0, *map(len, moved)])
    t_from = np.cumsum([0, *map(len, touched)])
    m_at, m_by = np.concatenate(moved), np.concatenate([change[j, m] for j, m in enumerate(moved)])
    t_at = np.concatenate(touched)

    @numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def loop(rate, first, second, m_from, m_at, m_by, t_from, t_at, end, count):  # type: ignore[no-untyped-def]
        a = np.zeros(40)
        for _ in range(count):
            x = np.full(21, 100.0)
            x[20] = 1.0
            for j in range(40):
                a[j] = rate[j] * x[first[j]] * x[second[j]]
            t = 0.0
            while True:
                total = 0.0
                for j in range(40):
                    total += a[j]
                t += np.random.standard_exponential() / total  # noqa: NPY002 (in numba)
                if t > end:
                    break
                want = np.random.random() * total  # noqa: NPY002
                j = 0
                while want > a[j] and j < 39:
                    want -= a[j]
                    j += 1
                for k in range(m_from[j], m_from[j + 1]):
                    x[m_at[k]] += m_by[k]
                for k in range(t_from[j], t_from[j + 1]):
                    r = t_at[k]
                    a[r] = rate[r] * x[first[r]] * x[second[r]]
        return x

    arguments = (rate, first, second, m_from, m_at, m_by, t_from, t_at, END_H)
    loop(*arguments, 1)

    def run() -> float:
        start = time.process_time()
        loop(*arguments, count)
        return 1e3 * (time.process_time() - start) / count

    return run


def sbml() -> str:
    """The network as SBML in the form both peers know as mass action, in a compartment of size 1."""
    import libsbml

    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    model.setId("p6")
    model.setSubstanceUnits("item")
    model.setExtentUnits("item")
    model.setTimeUnits("dimensionless")
    c = model.createCompartment()
    c.setId("c")
    c.setConstant(True)
    c.setSize(1.0)
    c.setSpatialDimensions(3)
    for name, count in species().items():
        s = model.createSpecies()
        s.setId(name)
        s.setCompartment("c")
        s.setInitialAmount(count)
        s.setSubstanceUnits("item")
        s.setHasOnlySubstanceUnits(False)
        s.setBoundaryCondition(False)
        s.setConstant(False)
    for j, (left, right, k) in enumerate(reactions()):
        r = model.createReaction()
        r.setId(f"r{j}")
        r.setReversible(False)
        r.setFast(False)
        for side, add in ((left, r.createReactant), (right, r.createProduct)):
            for s in side:
                reference = add()
                reference.setSpecies(s)
                reference.setStoichiometry(1.0)
                reference.setConstant(True)
        law = r.createKineticLaw()
        constant = law.createLocalParameter()
        constant.setId(f"k{j}")
        constant.setValue(k)
        law.setMath(libsbml.parseL3Formula(" * ".join(["c", f"k{j}", *left])))
    return str(libsbml.writeSBMLToString(document))


def copasi(count: int) -> Task | None:
    """The same for COPASI, or None where it is missing."""
    basico = peer("basico", "copasi-basico")
    if basico is None or peer("libsbml", "python-libsbml") is None:
        return None
    import COPASI

    dm = basico.load_model_from_string(sbml())
    task = dm.getTask("Time-Course")
    task.setMethodType(COPASI.CTaskEnum.Method_directMethod)
    problem = task.getProblem()
    problem.setDuration(END_H)
    problem.setStepNumber(RECORDS - 1)
    problem.setAutomaticStepSize(False)
    method = task.getMethod()
    for i in range(method.size()):
        if method.getParameter(i).getObjectName() == "Max Internal Steps":
            method.getParameter(i).setIntValue(100_000_000)
    ends = np.zeros((count, N_SPECIES))

    def run() -> float:
        start = time.process_time()
        for i in range(count):
            if not task.initialize(COPASI.CCopasiTask.OUTPUT_UI) or not task.process(True):
                raise RuntimeError(task.getProcessError())
            task.restore()
            series = task.getTimeSeries()
            last = series.getRecordedSteps() - 1
            titles = [series.getTitle(v) for v in range(series.getNumVariables())]  # COPASI's own order
            ends[i] = [series.getData(last, titles.index(s)) for s in species()]
        return 1e3 * (time.process_time() - start) / count

    return run, lambda: ends


def roadrunner(count: int) -> Task | None:
    """The same for libRoadRunner, or None where it is missing."""
    module = peer("roadrunner", "libroadrunner")
    if module is None or peer("libsbml", "python-libsbml") is None:
        return None
    rr = module.RoadRunner(sbml())
    rr.setIntegrator("gillespie")
    rr.integrator.seed = 11
    rr.integrator.variable_step_size = False
    rr.timeCourseSelections = ["time", *species()]
    ends = np.zeros((count, N_SPECIES))

    def run() -> float:
        start = time.process_time()
        for i in range(count):
            rr.reset()
            ends[i] = rr.simulate(0.0, END_H, RECORDS)[-1, 1:]
        return 1e3 * (time.process_time() - start) / count

    return run, lambda: ends


def z_score(a: Ends, b: Ends) -> float:
    """Largest of the two-sample z-scores of the means."""
    spread = np.sqrt(a.var(0, ddof=1) / len(a) + b.var(0, ddof=1) / len(b))
    return float(np.abs((a.mean(0) - b.mean(0)) / spread).max())


def measure(count: int, peer_count: int, repeats: int) -> list[Row]:
    """One row per peer, and the floor."""
    our_run, our_ends, events = ours(count)
    our_run()  # loads the compiled kernels
    bare = floor(count)
    found = {"COPASI": copasi(peer_count), "libRoadRunner": roadrunner(peer_count)}
    others = {name: task for name, task in found.items() if task is not None}
    for run, _ in others.values():
        run()
    figures = interleaved([our_run, bare, *(run for run, _ in others.values())], repeats)
    note = f"{events():.0f} events a trajectory"
    common: Row = {"id": "P6", "ours": figures[0], "unit": "ms/trajectory (CPU)", "note": note}
    rows: list[Row] = [
        common
        | {
            "case": f"direct method, against {name}",
            "peer": name,
            "peer_value": figure,
            "ratio": figures[0] / figure,
            "error_ours": None,
            "error_peer": z_score(our_ends(), ends()),
            "target": TARGET[name],
            "aim": AIM.get(name),
        }
        for (name, (_, ends)), figure in zip(others.items(), figures[2:], strict=True)
    ]
    rows.append(
        common
        | {
            "case": "direct method, against the floor",
            "peer": "bare numba loop",
            "peer_value": figures[1],
            "ratio": figures[0] / figures[1],
            "target": None,
        }
    )
    return rows


def main() -> None:
    """Measure, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--trajectories", type=int, default=200)
    options.add_argument("--peer-trajectories", type=int, default=60)
    options.add_argument("--repeats", type=int, default=5)
    chosen = options.parse_args()
    rows = measure(chosen.trajectories, chosen.peer_trajectories, chosen.repeats)
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
