"""Claims outside the machinery, each as the chain of its own edges.

A chain is a normalised-Hill logic network (Kraeutler 2010): activators OR (a + b - ab) where no note says
AND, inhibitors AND-NOT, names that nothing acts upon at their basal level. A chain made from a claim shows
what the claim says, by construction; what it can fail at is contradicting itself, damping the change away, or
not leading from agent to outcome at all. All chains are one batch: they share no names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.verify.limbs import THRESHOLD
from vesiflux.verify.wording import wording

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim, Edge

__all__ = ["Chain", "ChainSeen", "chain_of", "run_chains"]

Floats = npt.NDArray[np.float64]

#: 5 to 95 % of the constants of every arrow and name; assumed, around the defaults of Kraeutler 2010.
EC50 = (0.35, 0.65)
HILL = (1.2, 2.0)
BASAL = (0.1, 0.5)
_SIGNS = {"+": 1, "-": -1, "marker_up": 1, "marker_down": -1}
_STEPS, _RELAX, _CLOSE = 2_000, 0.5, 1e-10


@dataclass(frozen=True)
class Chain:
    """One claim's arrows between ``names``, and its experiment.

    ``arrows``: (start, end, sign, joint) by position; ``expect``: "+", "-" or "scan" for claims that go
    both ways, "cohort" for markers: a correlation over many cells or patients.
    """

    claim: str
    names: tuple[str, ...]
    arrows: tuple[tuple[int, int, int, bool], ...]
    agent: int
    outcome: int
    expect: str
    factor: float


@dataclass(frozen=True)
class ChainSeen:
    """What a chain showed: ``share`` of the draws in which it holds, median ``fold`` or correlation."""

    chain: Chain
    share: float
    fold: float
    cohort: bool = False


@dataclass
class _Network:
    """All chains side by side: rows are names."""

    rows: int = 0
    arrows: list[tuple[int, int, int, bool]] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    def add(self, chain: Chain) -> None:
        self.offsets.append(self.rows)
        at = self.rows
        self.arrows += [(a + at, b + at, sign, joint) for a, b, sign, joint in chain.arrows]
        self.rows += len(chain.names)


def chain_of(claim: Claim, evidence: Evidence, edges: Sequence[Edge]) -> Chain | str:
    """The chain of a claim, or why there is none."""
    if claim.direction == "descriptive":
        return "descriptive: it states no direction"
    if claim.direction == "0":
        return "says that nothing happens, which the absence of an arrow would show by construction"
    if not edges:
        return "has no edges"
    names = list(dict.fromkeys(name for e in edges for name in (e.start, e.end)))
    ends = _ends(claim, evidence, names)
    if isinstance(ends, str):
        return ends
    agent, outcome, sign = ends
    arrows = tuple(
        (names.index(e.start), names.index(e.end), -1 if e.sign == "-" else 1, e.logic == "and")
        for e in edges
    )
    if not _reaches(agent, outcome, arrows):
        return f"its edges do not lead from {names[agent]} to {names[outcome]}"
    wanted = wording(claim.checkable)
    if claim.direction == "biphasic":
        expect = "scan"
    else:
        raised = _SIGNS[claim.direction] * sign
        expect = "+" if raised * (1 if wanted.sense == "gain" else -1) > 0 else "-"
        if claim.direction.startswith("marker"):
            expect = "cohort+" if raised > 0 else "cohort-"
    return Chain(claim.id, tuple(names), arrows, agent, outcome, expect, wanted.factor)


def _ends(claim: Claim, evidence: Evidence, names: list[str]) -> tuple[int, int, int] | str:
    if not claim.agent:
        return "names no agent"
    agents = [n for n in (evidence.canonical(claim.agent), claim.agent) if n in names]
    if not agents:
        return f"its edges do not begin at {claim.agent}"
    readout = evidence.chain_readout(claim.id)
    if isinstance(readout, str):
        return readout
    if readout.node not in names:  # a claim that goes on from another shows its outcome there
        return f"its edges do not show {claim.outcome}"
    return names.index(agents[0]), names.index(readout.node), -1 if readout.sign == "-" else 1


def _reaches(start: int, end: int, arrows: Sequence[tuple[int, int, int, bool]]) -> bool:
    found, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        for a, b, _, _ in arrows:
            if a == at and b not in found:
                found.add(b)
                waiting.append(b)
    return end in found and end != start


def run_chains(chains: Sequence[Chain], draws: int, seed: int) -> list[ChainSeen]:
    """Bring all chains to rest, untreated and under each level of their agents."""
    if not chains:
        return []
    network = _Network()
    for chain in chains:
        network.add(chain)
    constants = _Constants(network, draws, seed)
    rest = constants.settle(None, None)
    agents = np.array([c.agent + at for c, at in zip(chains, network.offsets, strict=True)])
    outcomes = np.array([c.outcome + at for c, at in zip(chains, network.offsets, strict=True)])
    factors = np.array([c.factor for c in chains])[:, None]
    treated = constants.settle(agents, np.clip(rest[agents] * factors, 0.0, 1.0))
    levels = [0.05, 0.25, 0.5, 0.75, 1.0]
    scans = [constants.settle(agents, np.full((len(chains), draws), x))[outcomes] for x in levels]
    cohort = constants.spread(agents)
    found = []
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log2(treated[outcomes] / rest[outcomes])
        scanned = np.log2(np.stack(scans) / rest[outcomes])
    for i, chain in enumerate(chains):
        if chain.expect == "scan":
            both = (scanned[:, i].max(axis=0) >= THRESHOLD) & (scanned[:, i].min(axis=0) <= -THRESHOLD)
            steps = np.diff(scanned[:, i], axis=0)
            turns = (steps.max(axis=0) > 0) & (steps.min(axis=0) < 0)
            found.append(ChainSeen(chain, float(np.mean(both & turns)), float("nan")))
        elif chain.expect.startswith("cohort"):
            r = _rank_correlation(cohort[agents[i]], cohort[outcomes[i]])
            right = r > 0 if chain.expect.endswith("+") else r < 0
            found.append(ChainSeen(chain, float(right and abs(r) >= THRESHOLD), r, cohort=True))
        else:
            right = size[i] >= THRESHOLD if chain.expect == "+" else size[i] <= -THRESHOLD
            found.append(ChainSeen(chain, float(np.mean(right)), float(2 ** np.median(size[i]))))
    return found


class _Constants:
    """Drawn constants of a network, and its states at rest."""

    def __init__(self, network: _Network, draws: int, seed: int) -> None:
        from vesiflux.study.draws import uniforms

        def drawn(what: str, bounds: tuple[float, float], count: int) -> Floats:
            u = np.stack([uniforms(seed, f"chain\0{what}\0{i}", 0, draws) for i in range(count)])
            return bounds[0] + (bounds[1] - bounds[0]) * u

        self.rows, self.arrows, self.seed, self.draws = network.rows, network.arrows, seed, draws
        ec50 = drawn("ec50", EC50, len(self.arrows))
        self.hill = drawn("hill", HILL, len(self.arrows))
        # EC50^n < 0.5, or the normalised Hill function has no plateau
        self.hill = np.maximum(self.hill, 1.02 * np.log(0.5) / np.log(ec50))
        power = ec50**self.hill
        self.plateau = (power - 1.0) / (2.0 * power - 1.0)
        self.basal = drawn("basal", BASAL, self.rows)

    def settle(self, held: npt.NDArray[np.int64] | None, level: Floats | None) -> Floats:
        """States at rest, (rows, draws), the rows ``held`` kept at ``level``."""
        y = self.basal.copy()
        for _ in range(_STEPS):
            if held is not None and level is not None:
                y[held] = level
            new = y + _RELAX * (self._target(y) - y)
            if held is not None and level is not None:
                new[held] = level
            if np.max(np.abs(new - y)) < _CLOSE:
                return new
            y = new
        return y

    def _target(self, y: Floats) -> Floats:
        """What every name relaxes to: basal OR activators, AND-NOT inhibitors; joint ones multiply."""
        up, down = self.basal.copy(), np.ones_like(self.basal)
        joint: dict[int, Floats] = {}
        for k, (start, end, sign, together) in enumerate(self.arrows):
            x = y[start] ** self.hill[k]
            act = np.clip(self.plateau[k] * x / (self.plateau[k] - 1.0 + x), 0.0, 1.0)
            if sign < 0:
                down[end] = down[end] * (1.0 - act)
            elif together:
                joint[end] = joint.get(end, np.ones_like(act)) * act
            else:
                up[end] = up[end] + act - up[end] * act
        for end, act in joint.items():
            up[end] = up[end] + act - up[end] * act
        return up * down

    def spread(self, agents: npt.NDArray[np.int64]) -> Floats:
        """States of a cohort in which the agents differ from one to the next."""
        from vesiflux.study.draws import uniforms

        rows = [uniforms(self.seed, f"cohort\0{i}", 0, self.draws) for i in range(len(agents))]
        return self.settle(agents, np.stack(rows))


def _rank_correlation(a: Floats, b: Floats) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    ranks = [np.argsort(np.argsort(x)).astype(np.float64) for x in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
