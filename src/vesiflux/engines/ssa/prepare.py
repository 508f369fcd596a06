"""From a `ReactionNetwork` to the flat arrays the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence, Sized

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


def _unsigned(items: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    return np.asarray(items, dtype=np.uint64)


def _starts(lists: Sequence[Sized]) -> npt.NDArray[np.int64]:
    return np.cumsum([0, *map(len, lists)]).astype(np.int64)


def _even(lists: list[list[int]], filler: int) -> list[list[int]]:
    """Lists padded to one length where that is cheap: a loop of fixed length is foreseen by the processor."""
    longest = max(map(len, lists))
    if longest > 4 + 2 * sum(map(len, lists)) / len(lists):
        return lists
    return [found + [filler] * (longest - len(found)) for found in lists]


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
    touches = _even([[r for r in range(m) if depends[r] & set(changes[j])] for j in range(m)], m)
    amount = np.pad(network.change, ((0, 0), (0, one - at - n + 1)))  # the filler changes the 1 by 0
    changes = _even(changes, one - at)
    tapes = [network.tapes.get(j) for j in range(m)]
    code = [t.code if t is not None else np.zeros((0, 6), dtype=np.int32) for t in tapes]
    # one reaction more, of rate 0: what fills the lists up
    net = kernels.Net(
        kind=np.append(kind, np.int8(kernels.PAIRWISE)),
        rate=np.append(rate, 0.0),
        first=_unsigned([*first, one]),
        second=_unsigned([*second, one]),
        shift=np.append(shift, 0.0),
        choice_from=_starts(choices),
        choice=np.array([c for js in choices for c in js], dtype=np.int64).reshape(-1, 2),
        code=np.concatenate(code).astype(np.int64),
        code_from=_starts(code),
        code_result=np.array([t.results[0] if t is not None else 0 for t in tapes], dtype=np.int64),
        change_from=_unsigned(_starts(changes)),
        change_at=_unsigned([at + s for js in changes for s in js]),
        change_by=np.array([amount[j, s] for j, js in enumerate(changes) for s in js], dtype=np.float64),
        touches_from=_unsigned(_starts(touches)),
        touches=_unsigned([r for js in touches for r in js]),
        species_at=at,
        n_species=n,
        n_reactions=m,
        rows=min(m // 8 + 1, kernels.BLOCK // 8),
        blocks=m // kernels.BLOCK + 1,
    )
    return net, template
