"""From a `ReactionNetwork` to the flat arrays the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.ssa import kernels
from vesiflux.ir.program import Tape
from vesiflux.ir.stochastic import ReactionNetwork

__all__ = ["prepare", "reads"]

# how many operands an operation reads, by opcode (`ir.program.Op`)
ARITY = (2, 2, 2, 2, 1, 2, 1, 1, 1, 2, 2, 1, 3, 4, 4, 2, 2, 4, 2, 2, 3, 1, 1, 1)


def reads(tape: Tape, first: int, count: int) -> set[int]:
    """Which of the registers ``first`` .. ``first + count`` a tape reads, counted from ``first``."""
    found = {int(r) for r in tape.results}
    for op, _, *operands in tape.code.tolist():
        found.update(operands[: ARITY[op]])
    return {r - first for r in found if first <= r < first + count}


def _starts(lists: Sequence[Sequence[object]]) -> npt.NDArray[np.int64]:
    return np.cumsum([0, *map(len, lists)]).astype(np.int64)


def prepare(network: ReactionNetwork) -> tuple[kernels.Net, npt.NDArray[np.float64]]:
    """The network's arrays, and the template of its register file."""
    n, m = len(network.species), len(network.reactions)
    if network.registers is None:
        template, at = np.zeros(n + 1), 0
    else:
        template, at = np.append(network.registers, 0.0), network.species_at
    one = len(template) - 1  # a register that holds 1
    template[one] = 1.0
    kind = np.full(m, kernels.PAIRWISE, dtype=np.int8)
    rate = network.rate.copy()
    first, second = np.full(m, one), np.full(m, one)
    shift = np.zeros(m)
    choices: list[list[tuple[int, int]]] = []
    depends: list[set[int]] = []
    for j in range(m):
        taking = [(int(s), int(network.order[j, s])) for s in np.flatnonzero(network.order[j])]
        choices.append([])
        depends.append({s for s, _ in taking})
        if j in network.tapes:
            kind[j] = kernels.TAPE
            depends[j] = reads(network.tapes[j], network.species_at, n)
        elif sum(k for _, k in taking) > 2:
            kind[j] = kernels.CHOICES
            choices[j] = [(at + s, k) for s, k in taking]
        elif len(taking) == 2:
            first[j], second[j] = at + taking[0][0], at + taking[1][0]
        elif taking:
            first[j] = at + taking[0][0]
            if taking[0][1] == 2:
                second[j], shift[j] = first[j], -1.0
                rate[j] *= 0.5
    changes = [np.flatnonzero(network.change[j]).tolist() for j in range(m)]
    touches = [[r for r in range(m) if depends[r] & set(changes[j])] for j in range(m)]
    tapes = [network.tapes.get(j) for j in range(m)]
    code = [t.code if t is not None else np.zeros((0, 6), dtype=np.int32) for t in tapes]
    net = kernels.Net(
        kind=kind,
        rate=rate,
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        shift=shift,
        choice_from=_starts(choices),
        choice=np.array([c for js in choices for c in js], dtype=np.int64).reshape(-1, 2),
        code=np.concatenate(code).astype(np.int64),
        code_from=_starts(code),  # type: ignore[arg-type]
        code_result=np.array([t.results[0] if t is not None else 0 for t in tapes], dtype=np.int64),
        change_from=_starts(changes),
        change_at=np.array([at + s for js in changes for s in js], dtype=np.int64),
        change_by=np.array([network.change[j, s] for j, js in enumerate(changes) for s in js], dtype=float),
        touches_from=_starts(touches),
        touches=np.array([r for js in touches for r in js], dtype=np.int64),
        species_at=at,
        n_species=n,
        leaves=1 << max(m - 1, 1).bit_length(),
    )
    return net, template
