"""What an audit found, as objects, as JSON and as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vesiflux.audit.alternatives import Arm, telling
from vesiflux.audit.judge import IMPLAUSIBLE, PLAUSIBLE, Findings, verdict_of
from vesiflux.audit.tables import model_hash

__all__ = ["COLUMNS", "VERDICTS", "Audit", "AuditVerdict"]

VERDICTS = ("plausible", "uncertain", "implausible", "not_judged")
COLUMNS = (
    "claim", "verdict", "probability", "low", "high", "limiting_step", "least_dose", "route", "donor",
    "cargo", "recipient", "settings", "controls", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class AuditVerdict:
    """Whether one claim, or one case of one's own, can work as stated.

    ``donor``, ``cargo`` and ``recipient`` are the combination of names that fares best. ``reason``: why it is
    not judged; ``findings`` is None then. ``cargo_class``: a row of `data/classes.tsv`. ``asks``: "effect",
    or "arrival" where a claim says no more than that vesicles come. ``stated``: control arms that the
    claim's own text names.
    """

    claim: str
    donor: str
    cargo: str
    recipient: str
    findings: Findings | None = None
    reason: str = ""
    cargo_class: str = ""
    asks: str = ""
    stated: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        return "not_judged" if self.findings is None else verdict_of(self.findings.probability)

    @property
    def near_border(self) -> bool:
        """Whether other draws may change the verdict: the probability is within 0.01 of 0.2 or 0.8."""
        borders = (IMPLAUSIBLE, PLAUSIBLE)
        return self.findings is not None and any(abs(self.findings.probability - b) < 0.01 for b in borders)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """What else could explain the claim, of `data/alternatives.tsv`, as far as it is not implausible."""
        found = self.findings
        if found is None or self.asks == "arrival":
            return () if found is None else ("dye",)
        wanted = ["free_cargo"]
        if found.best != "contact" and found.by_route.get("another ligand", 0.0) > IMPLAUSIBLE:
            wanted.append("contact")
        if found.by_route.get("factor", 0.0) > IMPLAUSIBLE:
            wanted.append("factor")
        if found.best == "delivery" and found.limiting_step in ("supply", "uptake"):
            wanted.append("dye")
        if found.best != "contact" and found.probability <= 0.5:
            wanted.append("own")
        if "dish" in found.by_setting:
            wanted.append("serum")
        return tuple(wanted)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Control arms that would have told `alternatives` from the claim's own way."""
        return () if self.findings is None else telling(self.findings.best, self.alternatives)

    @property
    def caught_by(self) -> dict[str, tuple[str, ...]]:
        """Control arms by the alternative that each would have caught; the sharpest first."""
        return {
            name: tuple(arm.control for arm in self.arms if arm.alternative == name)
            for name in self.alternatives
        }

    @property
    def answered(self) -> tuple[str, ...]:
        """Alternatives that a control arm named in the claim's own text tells apart."""
        return tuple(name for name, arms in self.caught_by.items() if set(arms) & set(self.stated))

    @property
    def controls(self) -> tuple[tuple[str, str], ...]:
        """Every control arm that tells one of the alternatives apart, with what it shows."""
        picked: dict[str, list[str]] = {}
        for arm in self.arms:
            picked.setdefault(arm.control, []).append(arm.why)
        return tuple((control, "; ".join(dict.fromkeys(why))) for control, why in picked.items())

    def to_dict(self) -> dict[str, Any]:
        """Plain data; figures that do not exist are `None`."""
        found = self.findings
        plain: dict[str, Any] = {
            "claim": self.claim,
            "verdict": self.verdict,
            "probability": None,
            "low": None,
            "high": None,
            "limiting_step": None,
            "least_dose": None,
            "route": "none",
            "donor": self.donor,
            "cargo": self.cargo or None,
            "recipient": self.recipient,
            "reason": self.reason or None,
            "cargo_class": self.cargo_class or None,
            "asks": self.asks or None,
        }
        if found is not None:
            plain |= {
                "probability": round(found.probability, 4),
                "low": _figure(found.low),
                "high": _figure(found.high),
                "limiting_step": found.limiting_step,
                "least_dose": _figure(found.least_dose),
                "route": found.route,
                "near_border": self.near_border,
                "median": _figure(found.median),
                "best_route": found.best,
                "vesicles_per_recipient": _figure(found.vesicles),
                "copies_per_recipient": _figure(found.copies),
                "least_dose_80": _figure(found.least_dose_80),
                "donors_per_recipient": _figure(found.donors),
                "particles": _figure(found.particles),
                "pool_ratio": _figure(found.pool),
                "settings": _rounded(found.by_setting),
                "routes": _rounded(found.by_route),
                "steps": _rounded(found.steps),
                "variance": _rounded(found.variance),
                "controls": [name for name, _ in self.controls],
                "caught_by": {name: list(arms) for name, arms in self.caught_by.items()},
                "stated_controls": list(self.stated),
                "answered": list(self.answered),
            }
        return plain


@dataclass(frozen=True)
class Audit:
    """Verdicts on claims, or on cases of one's own.

    ``claims``: looked at; ``details``: those that name source, vesicle, cargo and recipient;
    ``without_cargo``: those that name all but the cargo, judged by whatever is on the surface.
    """

    claims: int
    details: tuple[AuditVerdict, ...]
    without_cargo: tuple[AuditVerdict, ...]
    draws: int
    seed: int
    seconds: float
    switches: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdicts(self) -> dict[str, int]:
        """Details by verdict."""
        return _counts(self.details)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        return {
            "claims": self.claims,
            "vesicle_claims": len(self.details),
            "audited": sum(d.findings is not None for d in self.details),
            "seconds": round(self.seconds, 2),
            "verdicts": self.verdicts,
            "draws": self.draws,
            "seed": self.seed,
            "model": model_hash(),
            "switches": dict(self.switches),
            "given": dict(self.given),
            "details": [d.to_dict() for d in self.details],
            "without_cargo": {
                "claims": len(self.without_cargo),
                "verdicts": _counts(self.without_cargo),
                "details": [d.to_dict() for d in self.without_cargo],
            },
        }

    def table(self) -> str:
        """Verdicts as tab-separated text, one claim a line."""
        lines = ["\t".join(COLUMNS)]
        for detail in (*self.details, *self.without_cargo):
            plain = detail.to_dict()
            plain["settings"] = ";".join(plain.get("settings", ()))
            plain["controls"] = ";".join(plain.get("controls", ()))
            cells = ("" if plain[c] is None else plain[c] for c in COLUMNS)
            lines.append("\t".join(" ".join(str(cell).split()) for cell in cells))
        return "\n".join(lines) + "\n"


def _counts(details: Iterable[AuditVerdict]) -> dict[str, int]:
    counted = Counter(d.verdict for d in details)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def _figure(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
