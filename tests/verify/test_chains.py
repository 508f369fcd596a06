"""Claims as chains of their own edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from vesiflux.evidence.rows import Claim
from vesiflux.verify.chains import Chain, _Constants, _Network, chain_of, run_chains


@dataclass(frozen=True)
class Arrow:
    """What a chain reads of an edge."""

    start: str
    end: str
    sign: str = "+"
    logic: str = "or"


def claim(
    direction: str = "+", agent: str = "a", outcome: str = "c", checkable: str = "raise a -> c"
) -> Claim:
    return Claim(
        id="toy-001", section="", ref="", cited="", doi="", kind="response", source="", vesicle="", cargo="",
        cargo_kind="", recipient="", context="", system="", effect="", agent=agent, outcome=outcome,
        direction=direction, checkable=checkable, note="", review="toy",
    )  # fmt: skip


def made(evidence, *arrows: Arrow, **words: str) -> Chain:
    chain = chain_of(claim(**words), evidence, arrows)  # type: ignore[arg-type]
    assert isinstance(chain, Chain), chain
    return chain


def test_a_short_chain_holds(evidence) -> None:
    up = made(evidence, Arrow("a", "b"), Arrow("b", "c", "-"), direction="-", checkable="more a -> c down")
    down = made(evidence, Arrow("a", "c"), checkable="a knock-out -> c down")
    assert (up.expect, down.expect) == ("-", "-")
    for seen in run_chains([up, down], 64, 1):
        assert seen.share >= 0.9
        assert seen.fold < 1


def test_a_chain_against_its_claim_fails(evidence) -> None:
    wrong = made(evidence, Arrow("a", "c", "-"))
    (seen,) = run_chains([wrong], 64, 1)
    assert seen.share == 0


def test_markers_are_correlations_over_a_cohort(evidence) -> None:
    right = made(evidence, Arrow("a", "c"), direction="marker_up", checkable="")
    wrong = made(evidence, Arrow("a", "c"), direction="marker_down", checkable="")
    seen = run_chains([right, wrong], 128, 1)
    assert [s.share for s in seen] == [1.0, 0.0]
    assert all(s.cohort and s.fold > 0.1 for s in seen)


@pytest.mark.parametrize(
    ("arrows", "words", "why"),
    [
        ((), {}, "has no edges"),
        ((Arrow("b", "c"),), {}, "do not begin at a"),
        ((Arrow("a", "b"),), {}, "do not show c"),
        ((Arrow("a", "b"), Arrow("c", "b")), {}, "do not lead from a to c"),
        ((Arrow("a", "c"),), {"agent": ""}, "names no agent"),
        ((Arrow("a", "c"),), {"direction": "descriptive"}, "states no direction"),
        ((Arrow("a", "c"),), {"direction": "0"}, "by construction"),
    ],
)
def test_why_there_is_no_chain(evidence, arrows: tuple[Arrow, ...], words: dict[str, str], why: str) -> None:
    assert why in str(chain_of(claim(**words), evidence, arrows))  # type: ignore[arg-type]


def test_logic_of_joint_and_alternative_causes(evidence) -> None:
    """AND multiplies, OR is a + b - ab, an inhibitor is AND-NOT; checked against the formulas."""
    for logic, combined in (("and", lambda a, b: a * b), ("or", lambda a, b: a + b - a * b)):
        chain = made(evidence, Arrow("a", "c", "+", logic), Arrow("b", "c", "+", logic), Arrow("d", "c", "-"))
        network = _Network()
        network.add(chain)
        constants = _Constants(network, 8, 1)
        y = constants.settle(None, None)

        def act(k: int, y: np.ndarray = y, constants: _Constants = constants) -> np.ndarray:
            start = constants.arrows[k][0]
            power = y[start] ** constants.hill[k]
            return constants.plateau[k] * power / (constants.plateau[k] - 1 + power)

        basal, both = constants.basal[chain.outcome], combined(act(0), act(1))
        expected = (basal + both - basal * both) * (1 - act(2))
        assert y[chain.outcome] == pytest.approx(expected, rel=1e-6)


def test_half_activation_at_ec50() -> None:
    network = _Network()
    network.add(Chain("t", ("a", "b"), ((0, 1, 1, False),), 0, 1, "+", 3.0))
    constants = _Constants(network, 32, 1)
    # the normalised Hill function is 1/2 at EC50 and 1 at 1
    ec50 = ((1 - constants.plateau) / (1 - 2 * constants.plateau)) ** (1 / constants.hill)
    half = constants.plateau * ec50**constants.hill / (constants.plateau - 1 + ec50**constants.hill)
    assert half == pytest.approx(np.full_like(half, 0.5))


def test_cycles_come_to_rest(evidence) -> None:
    chain = made(evidence, Arrow("a", "b"), Arrow("b", "a"), Arrow("b", "c"))
    (seen,) = run_chains([chain], 32, 1)
    assert np.isfinite(seen.fold)
