"""`verify`: every claim of a review put to the test, with what it rests on and what stands beside it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.verify.chains import Chain, ChainSeen, chain_of, run_chains
from vesiflux.verify.choose import Choice
from vesiflux.verify.claims import claims_of, is_dish, models_for
from vesiflux.verify.controls import ControlSeen
from vesiflux.verify.experiments import Asked, Progress, experiments_for
from vesiflux.verify.inmodel import verdicts_in
from vesiflux.verify.judge import ENOUGH
from vesiflux.verify.opposites import opposites
from vesiflux.verify.place import Places, read_places, run_places
from vesiflux.verify.result import Verdict, Verification
from vesiflux.verify.shuffles import Shuffled
from vesiflux.verify.switches import subject_of
from vesiflux.verify.wholes import tissues

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim, Edge

__all__ = ["DISH_DRAWS", "DRAWS", "FULL_DRAWS", "SHUFFLES", "inexpressible", "verify"]

#: Draws of the priors, each with random structures of its own, in a machinery; with ``full``, of every
#: structure; in a dish of cells, which takes longer.
DRAWS, FULL_DRAWS, DISH_DRAWS = 256, 64, 64
SHUFFLES = 64


def verify(
    name: str | Path,
    kind: str | None = None,
    *,
    full: bool = False,
    draws: int | None = None,
    shuffles: int = SHUFFLES,
    seed: int = 1,
    threads: int | None = None,
    tables: Sequence[str | Path] = (),
    place: bool = True,
    progress: Progress | None = None,
) -> Verification:
    """Put every claim of a review to the test.

    Parameters
    ----------
    name
        A review's short name (its claims run in the library models that belong to it), a library model,
        or a model file with ``review:``; ``checks.yaml``, ``machinery-claims.tsv`` and ``controls.tsv``
        beside a model are used where they exist.
    kind
        Only claims of this kind, e.g. "secretion".
    full
        All structures with `FULL_DRAWS` draws each, instead of `DRAWS` draws with random structures (in a
        dish of cells `DISH_DRAWS`).
    draws
        Another number of draws.
    shuffles
        Networks with shuffled signs; 0 leaves them out.
    seed
        Of all random numbers.
    threads
        Cores to use; default: all. Changes no number.
    tables
        Folders with the user's own evidence tables.
    place
        Put claims about place to the tissue of the review, where it has one; of a review by its name only.
    progress
        Called with (stage, done, total).

    Raises
    ------
    InputError
        Unknown review, model or kind; a model or table that cannot be read.
    """
    from vesiflux.evidence import Evidence

    began = time.perf_counter()
    evidence = Evidence.load(*tables)
    review, models = models_for(name, evidence)
    claims = claims_of(review, models, evidence)
    if kind is not None:
        wanted = {i for i, c in claims.items() if c.kind == kind}
        if not wanted:
            there = ", ".join(sorted({c.kind for c in claims.values()}))
            raise InputError(f"the review '{review}' has no claims of the kind '{kind}'; it has {there}")
    else:
        wanted = set(claims)
    if (draws is not None and draws < 2) or shuffles < 0:
        raise InputError(f"draws must be at least 2 and shuffles not negative, not {draws} and {shuffles}")
    subjects = [subject_of(model, evidence) for model in models]
    dishes = any(is_dish(subject) for subject in subjects)
    count = draws or (FULL_DRAWS if full else DISH_DRAWS if dishes else DRAWS)
    asked = Asked(
        evidence, claims, frozenset(wanted), count, full, shuffles, seed, threads or _cores(),
        progress or (lambda stage, done, total: None),
    )  # fmt: skip
    found: dict[str, Verdict] = {}
    shuffled: Shuffled | None = None
    controls: list[ControlSeen] = []
    lanes, structures = 0, 1
    spent: dict[str, float] = {}
    for subject in subjects:
        part = verdicts_in(subject, asked)
        for claim, verdict in part.verdicts.items():
            before = found.get(claim)
            if before is None or (verdict.tested and not before.tested):
                found[claim] = verdict
        shuffled = shuffled or part.shuffled
        controls += part.controls
        lanes += part.lanes
        structures = max(structures, part.structures)
        for stage, seconds in part.seconds.items():
            spent[stage] = spent.get(stage, 0.0) + seconds
    where = _places(str(name), review, asked) if place else None
    if where is not None:
        spent["place"] = where.seconds
    details = _contradictions({c: found[c] for c in claims if c in found})
    asked_for = [claims[c] for c in claims if c in wanted]
    chains = {v.claim: v for v in _isolated(asked_for, evidence, count, seed)}
    apart = {c for c in chains if c not in details or details[c].verdict == "inexpressible"}
    return Verification(
        model=", ".join(m.name for m in models) or review,
        review=review,
        kind=kind or "",
        claims=len(claims),
        details=tuple(details.values()),
        isolated=tuple(v for c, v in chains.items() if c in apart),
        shuffled=shuffled,
        controls=tuple(controls),
        draws=count,
        structures=structures,
        full=full,
        seed=seed,
        lanes=lanes,
        seconds=time.perf_counter() - began,
        also=tuple(v for c, v in chains.items() if c not in apart),
        seconds_of=tuple(spent.items()),
        place=where,
    )


def inexpressible(name: str | Path, *, tables: Sequence[str | Path] = ()) -> tuple[list[Verdict], int, int]:
    """Claims that say what to look at and that no model of a name can test, each with the reason.

    Then how many can be tested, of how many that say what to look at. Nothing is run. ``name`` and errors as
    for `verify`.
    """
    from vesiflux.evidence import Evidence

    evidence = Evidence.load(*tables)
    review, models = models_for(name, evidence)
    claims = claims_of(review, models, evidence)
    asked = Asked(evidence, claims, frozenset(claims), 2, False, 0, 1, 1, lambda stage, done, total: None)
    tested: set[str] = set()
    before: dict[str, Verdict] = {}
    for model in models:
        experiments, verdicts = experiments_for(asked, Choice(subject_of(model, evidence), evidence))
        tested |= set(experiments)
        before = verdicts | before
    checkable = [v for v in before.values() if v.checkable or v.claim in tested]
    return [v for v in checkable if v.claim not in tested], len(tested), len(checkable)


def _places(name: str, review: str, asked: Asked) -> Places | None:
    """Claims about place, of those asked for; `None` where the review has no tissue with checks."""
    from vesiflux.language import load

    if name != review or review not in tissues():
        return None
    model = load(tissues()[review])
    wanted = {c: w for c, w in read_places(model, asked.claims).items() if c in asked.wanted}
    if not wanted:
        return None
    return run_places(
        model,
        wanted,
        threads=asked.threads,
        told=lambda done, total: asked.progress("claims about place", done, total),
    )


def _cores() -> int:
    import os

    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _contradictions(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """A claim that is not reproduced while one that says the opposite is, is contradicted."""
    against = opposites()
    found = dict(verdicts)
    for claim, verdict in verdicts.items():
        shown = [o for o in against.get(claim, ()) if o in verdicts and verdicts[o].verdict == "reproduced"]
        if shown and verdict.verdict == "not_reproduced":
            reason = f"{verdict.reason}; the opposite, {', '.join(shown)}, is reproduced"
            found[claim] = replace(verdict, verdict="contradicted", reason=reason)
    return found


def _isolated(claims: Sequence[Claim], evidence: Evidence, draws: int, seed: int) -> list[Verdict]:
    """Verdicts on the chains of claims that no whole model answers for."""
    edges: dict[str, list[Edge]] = {}
    for edge in evidence.edges:
        edges.setdefault(edge.claim_id, []).append(edge)
    made = {c.id: chain_of(c, evidence, edges.get(c.id, [])) for c in claims}
    chains = [c for c in made.values() if isinstance(c, Chain)]
    seen = {s.chain.claim: s for s in run_chains(chains, draws, seed)}
    vesicles = {name for name, kind in evidence.vocabulary if kind == "vesicle"}
    return [_chain_verdict(c, made[c.id], seen.get(c.id), c.vesicle in vesicles) for c in claims]


def _chain_verdict(claim: Claim, chain: Chain | str, seen: ChainSeen | None, vesicle: bool) -> Verdict:
    dose = "prior" if vesicle else "none"
    if isinstance(chain, str) or seen is None:
        verdict = "not_judged" if claim.direction == "descriptive" else "inexpressible"
        return Verdict(claim.id, verdict, "", dose, "rule", str(chain), checkable=bool(claim.checkable))
    good = seen.share >= ENOUGH
    what = "rank correlation" if seen.cohort else "fold"
    size = "" if seen.fold != seen.fold else f"{what} {seen.fold:.3g}, "
    reason = (
        f"chain of {len(chain.arrows)} arrow{'s' if len(chain.arrows) > 1 else ''}: {size}"
        f"holds in {seen.share:.0%} of the draws, as a chain made from the claim does by construction"
    )
    return Verdict(
        claim.id,
        "reproduced" if good else "not_reproduced",
        "encoded" if good else "",
        dose,
        "rule",
        reason if good else reason.replace(", as a chain made from the claim does by construction", ""),
        seen.share,
        seen.fold,
        f"{chain.names[chain.agent]} -> {chain.names[chain.outcome]}",
        bool(claim.checkable),
    )
