"""The sources a run rests on, collected from its model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["sources_of"]


def sources_of(compiled: CompiledModel, arms: Sequence[str]) -> list[dict[str, str]]:
    """One entry per source, in the order of first use: ``text``, ``cited`` and what it is ``used_for``.

    ``cited``: publications behind a claim of the evidence tables, else blank. Claims named by the model come
    first, then modules, interventions of ``arms``, parameters.
    """
    used: dict[str, list[str]] = {}

    def note(source: object, purpose: str) -> None:
        text = str(source).strip()
        if text and purpose not in used.setdefault(text, []):
            used[text].append(purpose)

    facts = compiled.report
    for claim in facts.get("evidence", ()):
        note(claim, "model")
    for module in facts.get("modules", {}).values():
        for source in module["sources"]:
            note(source, f"module {module['module']}")
        for name, claims in module["claims"].items():
            for claim in claims:
                note(claim, f"{module['module']}.{name}")
    wanted = dict.fromkeys(i for a in arms for i in compiled.arms[a].interventions)
    for name in wanted:
        info = facts.get("interventions", {}).get(name, {})
        for source in (info.get("source", ""), *info.get("claims", ())):
            note(source, f"intervention {name}")
    for parameter in compiled.parameters:
        note(parameter.prior.source, parameter.name)
    for arm in arms:
        for index, prior in compiled.arms[arm].overrides.items():
            note(prior.source, f"{compiled.parameters[index].name} in {arm}")
    return [
        {"text": text, "cited": _cited(text), "used_for": _short(purposes)} for text, purposes in used.items()
    ]


def _cited(text: str) -> str:
    """Publications behind a claim of the evidence tables; blank for any other text."""
    from vesiflux.evidence import Evidence

    evidence = Evidence.load()
    if text in evidence.claims:
        return "; ".join(f"{s.text} {s.doi}".strip() for s in evidence.sources([text]))
    return ""


def _short(purposes: Sequence[str], most: int = 6) -> str:
    more = len(purposes) - most
    return ", ".join(purposes[:most]) + (f" and {more} more" if more > 0 else "")
