"""P5: an ensemble of a 150-node logic network, 48 h, 49 x 150 outputs, on one thread.

Us: `vesiflux.engines.compartments`, default settings (rtol 1e-6, atol 1e-9). Peer: libRoadRunner's
CVODE BDF, on the same network as SBML in the form that it runs fastest (one power per edge, inlined,
c / (1 + d x^-n); assignment rules for the powers cost 1.4 times as much), parameters set in bulk; resets
and parameter setting are part of its time. Once at the same tolerances, once at the loosest rtol that
makes its error as small as ours. CPU milliseconds per parameter set.

    python -m benchmarks.p5_ode_ensemble [--sets 1000] [--peer-sets 100] [--repeats 3]
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks._results import CACHE, Row, interleaved, peer, save, show
from benchmarks.p5_network import (
    BASAL,
    N_INPUTS,
    N_NODES,
    TIMES,
    Floats,
    Network,
    Sets,
    error,
    network,
    reference,
    sample,
)

TARGET = {"non-stiff": (1 / 8, 1 / 15), "stiff": (1 / 3, 1 / 6)}
CHECKED = 20


def our_program(net: Network) -> Any:
    """The network as a `Program`: parameters w, n, EC50 per edge, tau and ymax per node, stimuli."""
    from vesiflux.ir.assemble import assemble
    from vesiflux.ir.graph import Ex, Graph
    from vesiflux.ir.program import Output, ParameterSlot, StateSlot

    g = Graph()
    names: list[str] = []

    def parameter(name: str) -> Ex:
        names.append(name)
        return g.param(len(names) - 1)

    edges = range(len(net.source))
    w = [parameter(f"w{e}") for e in edges]
    n = [parameter(f"n{e}") for e in edges]
    ec50 = [parameter(f"ec50_{e}") for e in edges]
    tau = [parameter(f"tau{i}") for i in range(N_NODES)]
    ymax = [parameter(f"ymax{i}") for i in range(N_NODES)]
    stimulus = [parameter(f"stimulus{i}") for i in range(N_INPUTS)]
    y = [g.state(i) for i in range(N_NODES)]
    activation: list[Ex] = [g.const(BASAL)] * N_NODES
    free: list[list[Ex]] = [[] for _ in range(N_NODES)]
    for e, (source, target) in enumerate(zip(net.source, net.target, strict=True)):
        half = g.pow(ec50[e], n[e])
        b = (half - 1.0) / (2.0 * half - 1.0)
        act = g.hill(y[source], n[e], w[e] * b, b - 1.0)
        if net.inhibits[e]:
            free[target].append(act)
        else:
            activation[target] = g.either(activation[target], act)
    rhs = []
    for i in range(N_NODES):
        level = stimulus[i] if i < N_INPUTS else activation[i]
        for act in free[i]:
            level = g.and_not(level, act)
        rhs.append(g.relax(level, ymax[i], y[i], tau[i]))
    program, _ = assemble(
        "p5",
        g,
        parameters=[ParameterSlot(name, "1", 1.0) for name in names],
        inputs=[],
        states=[StateSlot(f"y{i}", "1") for i in range(N_NODES)],
        initial=[g.const(0.0)] * N_NODES,
        rhs=rhs,
        outputs=[(Output(f"y{i}", "1"), y[i]) for i in range(N_NODES)],
    )
    return program


def ours(net: Network, sets: Sets) -> tuple[Callable[[], float], Callable[[], Floats]]:
    """(timed run, outputs of the last run as (sets, times, nodes))."""
    from vesiflux.engines.compartments import Settings, solve

    program = our_program(net)
    parameters = np.hstack([sets.w, sets.n, sets.ec50, sets.tau, sets.ymax, sets.stimulus]).T
    kept: list[Any] = []

    def run() -> float:
        start = time.process_time()
        solution = solve(program, parameters, times=TIMES, settings=Settings(rtol=1e-6, atol=1e-9))
        spent = time.process_time() - start
        if not solution.ok.all():
            raise RuntimeError(f"{(~solution.ok).sum()} of our lanes failed")
        kept[:] = [solution]
        return 1e3 * spent / parameters.shape[1]

    return run, lambda: kept[0].outputs_series.transpose(1, 2, 0)


def sbml(net: Network) -> str:
    """The same network as SBML. Rates use w B, B - 1 and 1 / tau as parameters."""
    import libsbml

    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    model.setId("p5")

    def parameter(name: str, constant: bool) -> None:
        p = model.createParameter()
        p.setId(name)
        p.setConstant(constant)
        p.setValue(0.0 if not constant else 1.0)

    for e in range(len(net.source)):
        for name in ("c", "n", "d"):
            parameter(f"{name}{e}", True)
    for i in range(N_NODES):
        parameter(f"r{i}", True)
        parameter(f"ymax{i}", True)
    for i in range(N_INPUTS):
        parameter(f"u{i}", True)
    for i in range(N_NODES):
        parameter(f"y{i}", False)
    free = [
        f"(1 - c{e} / (1 + d{e} * max(y{source}, 0)^(-n{e})))" for e, source in enumerate(net.source)
    ]  # 0^-n is infinite and the term 1, as it should be
    for i in range(N_NODES):
        off = [free[e] for e in np.flatnonzero((net.target == i) & ~net.inhibits)]
        level = " * ".join(
            [f"(1 - {1.0 - BASAL} * {' * '.join([*off, '1'])})"]
            + [free[e] for e in np.flatnonzero((net.target == i) & net.inhibits)]
        )
        level = f"u{i}" if i < N_INPUTS else level
        rule = model.createRateRule()
        rule.setVariable(f"y{i}")
        rule.setMath(libsbml.parseL3Formula(f"(ymax{i} * {level} - y{i}) * r{i}"))
    return str(libsbml.writeSBMLToString(document))


def roadrunner(
    net: Network, sets: Sets, count: int, rtol: float
) -> tuple[Callable[[], float], Callable[[], Floats]] | None:
    """The same for libRoadRunner, or None where it cannot be imported."""
    module = peer("roadrunner", "libroadrunner")
    if module is None or peer("libsbml", "python-libsbml") is None:
        return None
    rr = module.RoadRunner(sbml(net))
    rr.setIntegrator("cvode")
    rr.integrator.relative_tolerance = rtol
    rr.integrator.absolute_tolerance = 1e-3 * rtol
    rr.integrator.stiff = True
    rr.integrator.maximum_num_steps = 100_000
    rr.timeCourseSelections = ["time", *(f"y{i}" for i in range(N_NODES))]
    ids = list(rr.model.getGlobalParameterIds())
    edges, nodes = range(len(net.source)), range(N_NODES)
    order = [f"c{e}" for e in edges] + [f"n{e}" for e in edges] + [f"d{e}" for e in edges]
    order += [f"r{i}" for i in nodes] + [f"ymax{i}" for i in nodes] + [f"u{i}" for i in range(N_INPUTS)]
    order += [f"y{i}" for i in nodes]
    places = np.array([ids.index(name) for name in order], dtype=np.int32)
    zeros = np.zeros((count, N_NODES))
    values = np.hstack(
        [x[:count] for x in (sets.plateau, sets.n, sets.k_n, 1.0 / sets.tau, sets.ymax, sets.stimulus)]
    )
    values = np.hstack([values, zeros])
    result = np.zeros((count, len(TIMES), N_NODES))

    def run() -> float:
        start = time.process_time()
        for s in range(count):
            rr.model.setTime(0.0)
            rr.model.setGlobalParameterValues(places, values[s])
            result[s] = rr.simulate(0.0, TIMES[-1], len(TIMES))[:, 1:]
        return 1e3 * (time.process_time() - start) / count

    return run, lambda: result


def expected(net: Network, sets: Sets, case: str) -> Floats:
    """The reference of the first sets, kept between runs."""
    digest = hashlib.sha256()
    for array in (
        net.source,
        net.target,
        net.inhibits,
        sets.w,
        sets.n,
        sets.ec50,
        sets.tau,
        sets.ymax,
        sets.stimulus,
    ):
        digest.update(np.ascontiguousarray(array[:CHECKED] if array.ndim == 2 else array).tobytes())
    file = CACHE / f"p5-{case}-{digest.hexdigest()[:16]}.npy"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        np.save(file, reference(net, sets, CHECKED))
    return np.asarray(np.load(file))


def equal_error(net: Network, sets: Sets, truth: Floats, goal: float) -> float:
    """The loosest rtol of 1e-6, 3e-7, 1e-7 ... 1e-9 at which the peer's error is at most ``goal``."""
    for rtol in (1e-6, 3e-7, 1e-7, 3e-8, 1e-8, 3e-9):
        other = roadrunner(net, sets, CHECKED, rtol)
        if other is None:
            break
        other[0]()
        if error(other[1](), truth) <= goal:
            return rtol
    return 1e-9


def measure(case: str, n_sets: int, peer_sets: int, repeats: int) -> list[Row]:
    """Rows of one case: the peer at our tolerances, and at our error."""
    net = network()
    sets = sample(net, case, n_sets)
    truth = expected(net, sets, case)
    our_run, our_values = ours(net, sets)
    our_run()  # loads the compiled kernels
    our_error = error(our_values(), truth)
    target, aim = TARGET[case]
    row: Row = {
        "id": "P5",
        "case": case,
        "peer": "libRoadRunner",
        "peer_value": None,
        "ratio": None,
        "unit": "ms/set (CPU)",
        "error_ours": our_error,
        "error_peer": None,
        "target": target,
        "aim": aim,
    }
    runs = []
    if peer("roadrunner", "libroadrunner") is not None:
        tight = equal_error(net, sets, truth, our_error)
        for label, rtol in (("rtol 1e-6", 1e-6), ("equal error", tight)):
            other = roadrunner(net, sets, min(peer_sets, n_sets), rtol)
            if other is not None:
                runs.append((f"{case}, {label}", rtol, other))
    figures = interleaved([our_run, *(other[0] for _, _, other in runs)], repeats)
    if not runs:
        return [row | {"ours": figures[0]}]
    return [
        row
        | {
            "case": label,
            "ours": figures[0],
            "peer_value": figure,
            "ratio": figures[0] / figure,
            "error_peer": error(other[1](), truth),
            "note": f"CVODE BDF at rtol {rtol:g}",
        }
        for (label, rtol, other), figure in zip(runs, figures[1:], strict=True)
    ]


def main() -> None:
    """Measure both cases, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--sets", type=int, default=1000)
    options.add_argument("--peer-sets", type=int, default=100)
    options.add_argument("--repeats", type=int, default=3)
    chosen = options.parse_args()
    rows = [r for case in TARGET for r in measure(case, chosen.sets, chosen.peer_sets, chosen.repeats)]
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
