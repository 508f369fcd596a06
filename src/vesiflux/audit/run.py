"""The audit: claims, a file of cases, or one case of one's own, with one set of draws."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vesiflux.audit.case import (
    Question,
    case_of,
    cases_of,
    names_all,
    names_vesicle,
    settings_of,
    unknown_settings,
    why_not,
)
from vesiflux.audit.chain import Dose
from vesiflux.audit.files import read_cases, values_of
from vesiflux.audit.judge import Findings, Judge
from vesiflux.audit.numbers import Numbers
from vesiflux.audit.options import Options, lasting, read_dose, read_options
from vesiflux.audit.result import Audit, AuditVerdict
from vesiflux.audit.stated import stated_controls, stated_dose
from vesiflux.errors import InputError
from vesiflux.evidence import Claim, Evidence
from vesiflux.evidence.priors import Prior
from vesiflux.evidence.tables import suggestion

__all__ = ["DRAWS", "audit", "claims_of"]

DRAWS = 10_000


def audit(
    what: str | Path | Iterable[str] | None = None,
    *,
    donor: str | None = None,
    recipient: str | None = None,
    cargo: str = "",
    cargo_kind: str = "",
    vesicle: str = "exosome",
    setting: str | None = None,
    copies: float | str | None = None,
    escape: float | str | None = None,
    dose: str | None = None,
    prep: str | None = None,
    readout: str = "level",
    values: Mapping[str, float | str | Prior] | None = None,
    occupancy: str | None = None,
    uptake: str | None = None,
    circulation: str | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    tables: Sequence[str | Path] = (),
) -> Audit:
    """Probability that a claim about vesicles can work as stated, what limits it, and what it would take.

    Parameters
    ----------
    what
        "all", a review's short name, a claim's id or several, or a file of cases (tab-separated; columns
        `vesiflux.audit.files.FILE_COLUMNS`). None: the case given by ``donor``, ``cargo`` and ``recipient``.
    donor, recipient, cargo, vesicle
        Names as in the evidence; ``cargo_kind`` for a cargo that the table does not know.
    setting
        dish, neighbours, iv, patient or blood. By default what the claim says; else dish, neighbours and iv.
    copies, escape
        Copies per vesicle; share that escapes, or native, low, high, fusogen.
    dose
        ``1e10 particles``, ``1e9 particles/mL`` or ``50 ug``, instead of donors; for dish, iv and patient. By
        default the dose that a claim's checkable text states, if any.
    prep
        How the vesicles are prepared (uc, sec, ...): particles per protein and recovery. By default a usual
        preparation.
    readout
        level: copies that are there in the end count. switch: a change for good (recombination, an edited
        genome), to which all copies count that ever came.
    values
        Other numbers of `data/numbers.tsv`, by parameter: a number, text with a unit (``low,typical,high``
        are 5, 50 and 95 %), or a prior.
    occupancy, uptake, circulation
        Choices of open conflicts: either, poisson, rare-high; recipient, match; either, short, long.
    draws
        Draws of the priors. A multiple of 1,000 keeps the strata whole.

    Raises
    ------
    InputError
        Nothing to audit, or a name, value or unit that is not known.
    """
    if draws < 100:
        raise InputError(f"draws: {draws} are too few for a probability; take 100 or more, usually 10000")
    began = time.perf_counter()
    evidence = Evidence.load(*tables)
    given: dict[str, float | str | Prior] = lasting(readout) | dict(values or {})
    if copies is not None:
        given["copies"] = copies
    if escape is not None:
        given["escape"] = escape
    choices = {"occupancy": occupancy, "uptake": uptake, "circulation": circulation}
    desk = _Desk(evidence, read_options(evidence, given, choices, dose, prep), draws, seed)
    without: tuple[AuditVerdict, ...] = ()
    if what is None:
        if not donor or not recipient:
            raise InputError(
                "nothing to audit: name a claim, a review, a file or 'all', or give donor and recipient"
            )
        row = {"claim": "yours", "donor": donor, "recipient": recipient, "cargo": cargo}
        row |= {"cargo_kind": cargo_kind, "vesicle": vesicle, "setting": setting or ""}
        details: tuple[AuditVerdict, ...] = (desk.own(row),)
        looked_at = 1
    elif isinstance(what, (str, Path)) and _is_file(what, evidence):
        found = []
        for row in read_cases(Path(what)):
            try:
                own = given | values_of(row)
                options = read_options(
                    evidence, own, choices, row.get("dose") or dose, row.get("prep") or prep
                )
                found.append(_Desk(evidence, options, draws, seed).own({"setting": setting or ""} | row))
            except InputError as error:
                raise InputError(f"{what}: {row['claim']}: {error}") from None
        details, looked_at = tuple(found), len(found)
    else:
        claims = claims_of(what, evidence)
        details = tuple(desk.claim(c, setting) for c in claims if names_all(c))
        without = tuple(desk.claim(c, setting) for c in claims if names_vesicle(c) and not names_all(c))
        looked_at = len(claims)
    seconds = time.perf_counter() - began
    chosen, told = desk.options.chosen, dict(desk.options.told)
    if lasting(readout) and "half_life" not in (values or {}):
        del told["half_life"]
        told["readout"] = readout
    return Audit(looked_at, details, without, draws, seed, seconds, chosen, told)


class _Desk:
    """What claims and cases of one call are judged with."""

    def __init__(self, evidence: Evidence, options: Options, draws: int, seed: int) -> None:
        self.evidence = evidence
        self.options = options
        self.numbers = Numbers(evidence, draws, seed, options.put, options.general)
        self.judge = Judge(self.numbers, options.dose)

    def claim(self, claim: Claim, setting: str | None) -> AuditVerdict:
        """Judge a claim by the combination of its names that fares best."""
        stated = (claim.id, claim.source, claim.cargo, claim.recipient)
        reason = why_not(claim)
        if reason:
            return AuditVerdict(*stated, reason=reason)
        settings = self._fitting((setting,) if setting else settings_of(claim))
        if not settings:
            return AuditVerdict(*stated, reason="its setting is not one in which this dose is given")
        questions = cases_of(claim, self.evidence, settings)
        if not questions:
            return AuditVerdict(*stated, reason="its recipient is no cell that could take vesicles up")
        question, findings = self._judge(claim, settings).best(questions)
        names = (claim.id, question.donor, question.cargo, question.recipient)
        return _verdict(names, question, findings, stated_controls(claim))

    def _judge(self, claim: Claim, settings: tuple[str, ...]) -> Judge:
        """With the dose that the claim's text states, where it is given in all of the settings."""
        text = stated_dose(claim.checkable) if self.options.dose is None else None
        if text is None:
            return self.judge
        dose = read_dose(text)
        return Judge(self.numbers, dose) if set(settings) <= set(_given_in(dose)) else self.judge

    def own(self, row: Mapping[str, str]) -> AuditVerdict:
        """Judge a case of the user's own."""
        wanted = (row["setting"],) if row.get("setting") else unknown_settings()
        settings = self._fitting(wanted)
        if not settings:
            dose, fit = self.options.told["dose"], ", ".join(_given_in(self.options.dose))
            raise InputError(f"a dose of {dose} is given in {fit}, not in {', '.join(wanted)}")
        vesicle, kind = row.get("vesicle") or "exosome", row.get("cargo_kind", "")
        cargo = row.get("cargo", "")
        question = case_of(
            self.evidence,
            row["donor"],
            vesicle,
            cargo,
            kind,
            row["recipient"],
            settings,
            row.get("asks") or "effect",
        )
        names = (row["claim"], row["donor"], cargo, row["recipient"])
        if not question.cases:
            return AuditVerdict(*names, reason="donor or recipient is no cell")
        return _verdict(names, question, self.judge.judge(question.cases))

    def _fitting(self, settings: Iterable[str]) -> tuple[str, ...]:
        dose = self.options.dose
        return tuple(one for one in settings if dose is None or one in _given_in(dose))


def _given_in(dose: Dose | None) -> tuple[str, ...]:
    """Settings in which a dose can be given."""
    return ("dish",) if dose is not None and dose.per_mL else ("dish", "iv", "patient")


def _verdict(
    names: tuple[str, str, str, str], question: Question, findings: Findings, stated: tuple[str, ...] = ()
) -> AuditVerdict:
    case = question.cases[0]
    return AuditVerdict(*names, findings, "", case.cargo, case.asks, stated)


def _is_file(what: str | Path, evidence: Evidence) -> bool:
    if isinstance(what, Path):
        return True
    reviews = {c.review for c in evidence.claims.values()}
    known = what == "all" or what in evidence.claims or what in reviews
    return not known and (Path(what).is_file() or "/" in what or what.endswith(".tsv"))


def claims_of(what: str | Path | Iterable[str], evidence: Evidence) -> list[Claim]:
    """Claims by "all", a review's short name, or one or several ids; `InputError` where there is none."""
    if what == "all":
        return list(evidence.claims.values())
    if isinstance(what, str):
        of_review = [c for c in evidence.claims.values() if c.review == what]
        if of_review:
            return of_review
    asked = [what] if isinstance(what, (str, Path)) else list(what)
    found = []
    for one in asked:
        claim = evidence.claims.get(str(one))
        if claim is None:
            reviews = dict.fromkeys(c.review for c in evidence.claims.values())
            hint = suggestion(str(one), evidence.claims) or f"; or a review: {', '.join(reviews)}; or all"
            raise InputError(f"no claim has the id '{one}'{hint}")
        found.append(claim)
    return found
