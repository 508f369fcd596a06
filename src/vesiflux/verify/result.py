"""What verification found, as objects, as JSON and as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vesiflux.verify.controls import ControlSeen
from vesiflux.verify.place import Places
from vesiflux.verify.shuffles import Shuffled

__all__ = ["COLUMNS", "VERDICTS", "Verdict", "Verification"]

VERDICTS = ("reproduced", "contradicted", "not_reproduced", "inexpressible", "not_judged")
COLUMNS = (
    "claim", "verdict", "basis", "dose", "how", "share", "fold", "experiment", "reason", "support",
    "least_factor",
)  # fmt: skip
DOSES = ("physiological", "above", "never", "none")


@dataclass(frozen=True)
class Verdict:
    """What became of one claim.

    ``basis``: encoded, calibrated or predicted, of a reproduced claim; else blank. ``support``, of a
    predicted one: "mechanistic", it survives without all that was written from claims that say the same, or
    "corroborated", it survives only because another publication says the same, or "assumed", it hangs on
    arrows of the model that no claim stands behind. ``dose``: of vesicles at which
    it holds: "physiological", as the model stands; "above", from ``least_factor`` times that; "never"; "none"
    where no dose changes what is seen; of a chain by itself "prior" where a vesicle is in it.
    ``how``: tested, or found to be untestable, by "rule" or by "hand". ``share``: of the lanes in which it
    holds. ``fold``: median over lanes of the first condition. ``reason``: one sentence.
    """

    claim: str
    verdict: str
    basis: str
    dose: str
    how: str
    reason: str
    share: float = math.nan
    fold: float = math.nan
    experiment: str = ""
    checkable: bool = True
    support: str = ""
    least_factor: float = math.nan

    @property
    def tested(self) -> bool:
        """Whether it was put to a test."""
        return self.verdict in VERDICTS[:3]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; figures that do not exist are `None`."""
        return {
            "claim": self.claim,
            "verdict": self.verdict,
            "basis": self.basis or None,
            "support": self.support or None,
            "dose": self.dose,
            "least_factor": _number(self.least_factor),
            "how": self.how,
            "reason": self.reason,
            "share": _number(self.share),
            "fold": _number(self.fold),
            "experiment": self.experiment or None,
        }


@dataclass(frozen=True)
class Verification:
    """Verdicts on all claims of a review.

    ``details``: claims the whole model answers for; ``isolated``: the others, and those it cannot express,
    as chains of their own edges, which reproduce by construction and are counted apart; ``also``: chains of
    the claims that the whole model does express. ``seconds_of``: where the time went. ``place``: claims about
    place in a tissue, beside what the whole model says of them, and counted apart.
    """

    model: str
    review: str
    kind: str
    claims: int
    details: tuple[Verdict, ...]
    isolated: tuple[Verdict, ...]
    shuffled: Shuffled | None
    controls: tuple[ControlSeen, ...]
    draws: int
    structures: int
    full: bool
    seed: int
    lanes: int
    seconds: float
    also: tuple[Verdict, ...] = ()
    seconds_of: tuple[tuple[str, float], ...] = ()
    place: Places | None = None

    def count(self, verdict: str) -> int:
        """Claims the whole model answers for with this verdict."""
        return sum(v.verdict == verdict for v in self.details)

    @property
    def expressible(self) -> int:
        """Claims that were put to a test in the whole model."""
        return _expressible(self.details)

    @property
    def checkable(self) -> int:
        """Claims the whole model answers for that say what to look at."""
        return sum(v.checkable for v in self.details)

    @property
    def controls_share(self) -> float:
        """Share right of the controls that could go wrong; NaN without any."""
        counted = [c for c in self.controls if c.counts]
        return sum(c.right for c in counted) / len(counted) if counted else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        bases = Counter(v.basis for v in self.details if v.verdict == "reproduced")
        shuffled = self.shuffled
        counted = [c for c in self.controls if c.counts]
        return {
            "model": self.model,
            "review": self.review,
            "kind": self.kind or None,
            "claims": self.claims,
            "checkable": self.checkable,
            "expressible": self.expressible,
            "expressible_share": _number(self.expressible / self.checkable if self.checkable else math.nan),
            "reproduced": self.count("reproduced"),
            "contradicted": self.count("contradicted"),
            "not_reproduced": self.count("not_reproduced"),
            "inexpressible": self.count("inexpressible"),
            "not_judged": self.count("not_judged"),
            "encoded": bases["encoded"],
            "calibrated": bases["calibrated"],
            "predicted": bases["predicted"],
            "dose": {d: sum(v.dose == d for v in self.details if v.tested) for d in DOSES},
            "mechanistic": sum(v.support == "mechanistic" for v in self.details),
            "corroborated": sum(v.support == "corroborated" for v in self.details),
            "assumed": sum(v.support == "assumed" for v in self.details),
            "shuffled_share": _number(shuffled.share) if shuffled else None,
            "shuffled": None
            if shuffled is None
            else {
                "shuffles": shuffled.shuffles,
                "draws": shuffled.draws,
                "switches": shuffled.switches,
                "claims": shuffled.claims,
                "moving": _number(shuffled.moving),
                "low": _number(shuffled.low),
                "high": _number(shuffled.high),
                "deaf": shuffled.deaf,
                "share_hearing": _number(shuffled.share_hearing),
                "why": shuffled.why or None,
            },
            "controls_share": _number(self.controls_share),
            "controls": {
                "counted": len(counted),
                "right": sum(c.right for c in counted),
                "lanes_right": _number(sum(c.share for c in counted) / len(counted) if counted else math.nan),
                "wrong": [_control(c) for c in counted if not c.right],
                "without_path": [c.control.id for c in self.controls if not c.path and not c.control.missing],
                "missing": {c.control.id: c.control.missing for c in self.controls if c.control.missing},
            },
            "isolated": {
                "checkable": sum(v.checkable for v in self.isolated),
                "expressible": _expressible(self.isolated),
                "reproduced": sum(v.verdict == "reproduced" for v in self.isolated),
                "also": {
                    "expressible": _expressible(self.also),
                    "reproduced": sum(v.verdict == "reproduced" for v in self.also),
                },
                "details": [v.to_dict() for v in self.isolated],
            },
            "place": None if self.place is None else self.place.to_dict(),
            "draws": self.draws,
            "structures": self.structures,
            "full": self.full,
            "seed": self.seed,
            "lanes": self.lanes,
            "seconds": round(self.seconds, 1),
            "seconds_of": {stage: round(seconds, 1) for stage, seconds in self.seconds_of},
            "details": [v.to_dict() for v in self.details],
        }

    def table(self) -> str:
        """Verdicts of the whole model as tab-separated text, one claim a line."""
        lines = ["\t".join(COLUMNS)]
        for v in self.details:
            cells = v.to_dict() | {
                "share": "" if math.isnan(v.share) else f"{v.share:.3f}",
                "fold": "" if math.isnan(v.fold) else f"{v.fold:.3g}",
                "least_factor": "" if math.isnan(v.least_factor) else f"{v.least_factor:g}",
            }
            lines.append("\t".join(" ".join(str(cells[c] or "").split()) for c in COLUMNS))
        return "\n".join(lines) + "\n"


def _expressible(verdicts: Sequence[Verdict]) -> int:
    return sum(v.tested for v in verdicts)


def _control(seen: ControlSeen) -> dict[str, Any]:
    return {
        "id": seen.control.id,
        "agent": seen.control.agent,
        "outcome": seen.control.outcome,
        "share": _number(seen.share),
        "fold": _number(seen.fold),
    }


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
