"""The P5 network: 150 nodes, 140 of them regulated by two or three others, in normalised Hill logic.

    act_e = w B x^n / (B - 1 + x^n),  B = (EC50^n - 1) / (2 EC50^n - 1)
    F = (basal OR activators) AND NOT inhibitors,  dy/dt = (ymax F - y) / tau

Activators are joined by a + b - ab (basal activity 0.05), inhibitors multiply by (1 - act). Ten input
nodes follow their stimulus. 1,000 parameter sets vary every w, n, EC50, tau, ymax and stimulus.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

N_NODES, N_INPUTS, BASAL = 150, 10, 0.05
TIMES = np.linspace(0.0, 48.0, 49)
TAU = {"non-stiff": (0.5, 10.0), "stiff": (0.01, 24.0)}  # h


@dataclass(frozen=True)
class Network:
    """Edges source -> target with sign; sorted by target."""

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    inhibits: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sets:
    """Parameters, sets first: per edge w, n, ec50; per node tau, ymax; per input its stimulus."""

    w: Floats
    n: Floats
    ec50: Floats
    tau: Floats
    ymax: Floats
    stimulus: Floats

    @property
    def plateau(self) -> Floats:
        """w B."""
        half = self.ec50**self.n
        return self.w * (half - 1.0) / (2.0 * half - 1.0)

    @property
    def k_n(self) -> Floats:
        """B - 1."""
        half = self.ec50**self.n
        return (half - 1.0) / (2.0 * half - 1.0) - 1.0


def network(seed: int = 7) -> Network:
    """The one random topology of the benchmark."""
    rng = np.random.default_rng(seed)
    edges: list[tuple[int, int, bool]] = []
    for node in range(N_INPUTS, N_NODES):
        others = np.delete(np.arange(N_NODES), node)
        chosen = rng.choice(others, size=int(rng.integers(2, 4)), replace=False)
        edges += [(int(s), node, bool(rng.random() < 0.3)) for s in np.sort(chosen)]
    source, target, inhibits = zip(*edges, strict=True)
    return Network(np.array(source), np.array(target), np.array(inhibits))


def sample(net: Network, case: str, count: int, seed: int = 11) -> Sets:
    """``count`` parameter sets; tau log-uniform, everything else uniform."""
    rng = np.random.default_rng(seed)
    edges = len(net.source)
    low, high = TAU[case]
    return Sets(
        w=rng.uniform(0.5, 1.0, (count, edges)),
        n=rng.uniform(1.4, 3.0, (count, edges)),
        ec50=rng.uniform(0.3, 0.6, (count, edges)),
        tau=np.exp(rng.uniform(np.log(low), np.log(high), (count, N_NODES))),
        ymax=rng.uniform(0.8, 1.0, (count, N_NODES)),
        stimulus=rng.uniform(0.2, 1.0, (count, N_INPUTS)),
    )


def reference(net: Network, sets: Sets, count: int) -> Floats:
    """(count, times, nodes) by scipy's DOP853 at rtol 1e-12, restarted at every record time."""
    from scipy.integrate import solve_ivp

    inhibits = net.inhibits
    result = np.zeros((count, len(TIMES), N_NODES))
    for s in range(count):
        n, plateau, k_n = sets.n[s], sets.plateau[s], sets.k_n[s]
        tau, ymax, stimulus = sets.tau[s], sets.ymax[s], sets.stimulus[s]

        def rates(
            _: float,
            y: Floats,
            n=n,
            plateau=plateau,
            k_n=k_n,
            tau=tau,
            ymax=ymax,
            stimulus=stimulus,  # type: ignore[no-untyped-def]
        ) -> Floats:
            power = np.maximum(y[net.source], 0.0) ** n
            free = 1.0 - plateau * power / (k_n + power)
            off = np.full(N_NODES, 1.0 - BASAL)
            np.multiply.at(off, net.target[~inhibits], free[~inhibits])
            level = 1.0 - off
            np.multiply.at(level, net.target[inhibits], free[inhibits])
            level[:N_INPUTS] = stimulus
            return (ymax * level - y) / tau

        y = np.zeros(N_NODES)
        for k in range(1, len(TIMES)):
            span = (TIMES[k - 1], TIMES[k])
            y = solve_ivp(rates, span, y, method="DOP853", rtol=1e-12, atol=1e-15).y[:, -1]
            result[s, k] = y
    return result


def error(values: Floats, expected: Floats) -> float:
    """max |y - ref| / max(|ref|, 1e-3) over sets, times and nodes."""
    return float(np.max(np.abs(values[: len(expected)] - expected) / np.maximum(np.abs(expected), 1e-3)))
