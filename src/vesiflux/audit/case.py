"""What is audited: one donor, vesicle, cargo and recipient in one setting, and the rule that finds claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from vesiflux.audit.tables import SETTINGS, cargo_class, cell_class, rows
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.evidence import Claim, Evidence

__all__ = [
    "Case", "Question", "case_of", "cases_of", "names_all", "names_vesicle", "settings_of",
    "unknown_settings", "why_not",
]  # fmt: skip


class Case(NamedTuple):
    """Classes of what meets in one setting; two claims with the same case have the same numbers.

    ``vesicle``: as in the claims' column, e.g. exosome; ``engineered``: loaded on purpose. ``organ``: where
    a dose finds the recipients. ``asks``: "effect" or "arrival".
    """

    donor: str
    vesicle: str
    engineered: bool
    cargo: str
    recipient: str
    organ: str
    setting: str
    asks: str


@dataclass(frozen=True)
class Question:
    """One way to read a claim: names as they stand there, and the case per setting."""

    donor: str
    cargo: str
    recipient: str
    cases: tuple[Case, ...]


def names_vesicle(claim: Claim) -> bool:
    """Whether a claim names a vesicle, who makes it and who receives it."""
    return claim.vesicle not in ("", "none") and bool(claim.sources) and bool(claim.recipients)


def names_all(claim: Claim) -> bool:
    """The rule: source, vesicle, cargo and recipient are all named in the claim's own columns."""
    return names_vesicle(claim) and bool(claim.cargoes)


def why_not(claim: Claim) -> str:
    """Why a claim is not judged although it names everything; "" where it is."""
    asked = {row["kind"]: row for row in rows("kinds")}[claim.kind]
    if asked["asks"] == "nothing":
        return f"a claim of kind {claim.kind} {asked['note']}"
    if claim.direction == "0":
        return "says that nothing happens, so there is nothing to be sufficient for"
    return ""


def settings_of(claim: Claim) -> tuple[str, ...]:
    """Where a claim's recipients meet the vesicles; all of those marked so where it does not say."""
    for row in rows("where"):
        values = claim.contexts if row["column"] == "context" else (claim.system,)
        if row["value"] in values and row["kind"] in ("", claim.kind):
            return (row["setting"],)
    return unknown_settings()


def unknown_settings() -> tuple[str, ...]:
    """Settings that stand for an unknown one."""
    return tuple(row["setting"] for row in rows("settings") if row["if_unknown"])


def cases_of(claim: Claim, evidence: Evidence, settings: Iterable[str]) -> tuple[Question, ...]:
    """All combinations of a claim's donors, cargoes and recipients, in all ``settings``.

    Donors and recipients that are no cells are left out; none may be left.
    """
    settings = tuple(settings)
    asks = {row["kind"]: row["asks"] for row in rows("kinds")}[claim.kind]
    cargoes: Iterable[str] = claim.cargoes or ("",)
    return tuple(
        question
        for donor, cargo, recipient in product(claim.sources, cargoes, claim.recipients)
        if (
            question := case_of(
                evidence,
                donor,
                claim.vesicle,
                cargo,
                claim.cargo_kind,
                recipient,
                settings,
                asks,
            )
        ).cases
    )


def case_of(
    evidence: Evidence,
    donor: str,
    vesicle: str,
    cargo: str,
    cargo_kind: str,
    recipient: str,
    settings: Iterable[str],
    asks: str = "effect",
    engineered: bool = False,
) -> Question:
    """One combination of names as cases, one per setting; without cargo: whatever is on the surface.

    Raises
    ------
    InputError
        A name or a setting that the tables do not know.
    """
    sends = cell_class(donor, evidence)[0]
    takes, organ, _ = cell_class(recipient, evidence)
    carries = cargo_class(cargo, cargo_kind) if cargo else "unnamed_ligand"
    loaded = {row["vesicle"]: bool(row["loaded"]) for row in rows("vesicles")}
    if vesicle not in loaded:
        raise InputError(f"no vesicle is called '{vesicle}'; use one of {', '.join(loaded)}")
    engineered = engineered or loaded[vesicle]
    found = []
    for setting in settings:
        if setting not in SETTINGS:
            raise InputError(f"no setting is called '{setting}'; use one of {', '.join(SETTINGS)}")
        if takes != "none" and sends != "none":
            found.append(Case(sends, vesicle, engineered, carries, takes, organ, setting, asks))
    return Question(donor, cargo, recipient, tuple(found))
