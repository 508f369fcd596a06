"""What a claim's checkable text states of the experiment itself: a dose, and control arms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vesiflux.audit.tables import rows

if TYPE_CHECKING:
    from vesiflux.evidence import Claim

__all__ = ["stated_controls", "stated_dose"]

_DOSE = re.compile(
    r"(?<![\w.-])(\d[\d.,]*(?:e\+?\d+)?)\s*(particles?|vesicles?|EVs?|exosomes?|[uµμ]g|mg|ng)(/mL)?\b",
    re.IGNORECASE,
)


def stated_dose(text: str) -> str | None:
    """The first dose of vesicles that a text states, as `read_dose` reads it; None where there is none."""
    found = _DOSE.search(text)
    if found is None:
        return None
    number, unit = found[1].replace(",", ""), found[2].lower()
    per = "/mL" if found[3] else ""
    mass = {"µg": "ug", "μg": "ug", "ug": "ug", "mg": "mg", "ng": "ng"}.get(unit)
    if mass is not None and per:  # a concentration of protein needs a volume that no text gives
        return None
    return f"{number} {mass or 'particles' + per}"


def stated_controls(claim: Claim) -> tuple[str, ...]:
    """Control arms that a claim's checkable text names (`data/stated.tsv`, {cargo}: any of its cargoes)."""
    names = "|".join(re.escape(one) for one in (*claim.cargoes, *_shorter(claim)) if one) or r"\b\B"
    found = []
    for row in rows("stated"):
        pattern = row["pattern"].replace("{cargo}", names)
        if re.search(rf"\b(?:{pattern})", claim.checkable, re.IGNORECASE):
            found.append(row["control"])
    return tuple(dict.fromkeys(found))


def _shorter(claim: Claim) -> tuple[str, ...]:
    """Cargoes as texts shorten them: miR-207 of miR-207-3p, RNA of microRNA."""
    short = [re.sub(r"-[35]p$", "", one) for one in claim.cargoes]
    return (*short, "miRNA", "RNA", "antigen") if claim.cargoes else ()
