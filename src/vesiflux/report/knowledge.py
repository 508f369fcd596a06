"""Where the numbers come from and what they cannot say: parameters, claims, open questions, provenance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vesiflux.evidence import Claim, Evidence, Source
from vesiflux.report import collect
from vesiflux.report.reader import Reader
from vesiflux.report.style import number

__all__ = ["Knowledge", "ParameterRow", "flat", "knowledge", "linked"]

_DOI = re.compile(r"\b(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s;,)\]]*[^\s;,.:)\]])")
_PMID = re.compile(r"\bPMID:?\s*(\d{4,9})\b")
_CLAIMS = re.compile(r"\b([a-z0-9]+-)(\d{3})(?:\.\.(\d{3}))?\b")


@dataclass(frozen=True)
class ParameterRow:
    """One line of the table of parameters."""

    name: str
    title: str
    low: str
    typical: str
    high: str
    unit: str
    kind: str
    mark: str
    source: str


@dataclass(frozen=True)
class Knowledge:
    """Sections 8 to 10 of one run."""

    parameters: tuple[ParameterRow, ...]
    marks: tuple[tuple[str, int], ...]
    interventions: tuple[Mapping[str, Any], ...]
    modules: tuple[Mapping[str, Any], ...]
    sources: tuple[Mapping[str, str], ...]
    claims: tuple[Claim, ...]
    publications: tuple[Source, ...]
    structures: tuple[Mapping[str, Any], ...]
    limits: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]


def knowledge(reader: Reader) -> Knowledge:
    """Read sections 8 to 10 of one run."""
    rows = tuple(_parameters(reader))
    evidence = Evidence.load()
    claims = tuple(evidence.claims[c] for c in _claim_ids(reader) if c in evidence.claims)
    used = dict.fromkeys(i for a in reader.arms for i in reader.arm(a).interventions)
    facts = reader.facts.get("interventions", {})
    return Knowledge(
        parameters=rows,
        marks=tuple(sorted(Counter(r.mark for r in rows).items())),
        interventions=tuple({"name": i, **facts[i]} for i in used if i in facts),
        modules=tuple(reader.modules.values()),
        sources=tuple(_sources(reader)),
        claims=claims,
        publications=tuple(evidence.sources(c.id for c in claims)),
        structures=tuple(_structures(reader)),
        limits=tuple(_limits(reader, rows)),
        provenance=tuple(flat(reader.run.provenance)),
    )


def _parameters(reader: Reader) -> list[ParameterRow]:
    rows = []
    for parameter in reader.compiled.parameters:
        prior = parameter.prior
        fixed = prior.kind == "fixed"
        rows.append(
            ParameterRow(
                parameter.name,
                parameter.title or parameter.name.rsplit(".", 1)[-1].replace("_", " "),
                "" if fixed else number(prior.low, 3),
                number(prior.typical, 3),
                "" if fixed else number(prior.high, 3),
                "" if parameter.unit in ("1", "dimensionless") else parameter.unit,
                "fixed" if fixed else prior.kind + (", per repeat" if parameter.vary == "replicate" else ""),
                prior.mark,
                prior.source,
            )
        )
    return rows


def _sources(reader: Reader) -> list[Mapping[str, str]]:
    """What the run itself names as its sources: one mapping of texts per source."""
    found: Any = reader.run.sources()
    items = found.items() if isinstance(found, Mapping) else [("", s) for s in found]
    rows: list[Mapping[str, str]] = []
    for key, item in items:
        entry = {"id": str(key)} if key else {}
        if isinstance(item, Mapping):
            entry |= {str(k): _text(v) for k, v in item.items()}
        else:
            entry["text"] = _text(item)
        rows.append(entry)
    return rows


def _claim_ids(reader: Reader) -> list[str]:
    """Claims named by what the run's arms do and compare with, and by its machineries; sorted."""
    texts = list(reader.facts.get("evidence", ()))
    for arm in map(reader.arm, reader.arms):
        texts += [r.get("claim") or "" for r in arm.reported]
        texts += [
            c for i in arm.interventions for c in reader.facts["interventions"].get(i, {}).get("claims", ())
        ]
    texts += [s for module in reader.modules.values() for s in module.get("sources", ())]
    found = set()
    for text in texts:
        for review, first, last in _CLAIMS.findall(text):
            found |= {f"{review}{n:03d}" for n in range(int(first), int(last or first) + 1)}
    return sorted(found)


def _structures(reader: Reader) -> list[Mapping[str, Any]]:
    """Open questions: competing structures that matter to an arm of the run."""
    used = {g for a in reader.arms for g in reader.arm(a).groups}
    found: list[Mapping[str, Any]] = []
    for name, group in reader.compiled.structures.items():
        if name not in used:
            continue
        options = []
        for option in group.options:
            info: Mapping[str, Any] = {}
            for module in reader.modules.values():
                for key, structure in module.get("structures", {}).items():
                    if name == key or name.endswith("." + key):
                        info = structure["options"].get(option, {})
            options.append(
                {
                    "name": option,
                    "title": reader.structure_title(f"{name}={option}"),
                    "default": option == group.default,
                    "note": info.get("note", ""),
                    "mark": info.get("mark", ""),
                    "source": info.get("source", ""),
                }
            )
        ran = [a for a in reader.arms if name in reader.arm(a).groups and len(reader.structures(a)) > 1]
        found.append({"name": name, "title": group.title or name, "options": options, "ran": bool(ran)})
    return found


def _limits(reader: Reader, rows: Sequence[ParameterRow]) -> list[str]:
    said = []
    assumed = sum(r.mark == "assumed" for r in rows)
    if assumed:
        said.append(
            f"{assumed} of {len(rows)} parameters are assumed, not measured; the bands show what their "
            "ranges do, not whether the ranges are right."
        )
    calibrated = [reader.title(a) for a in reader.compared if reader.mark(a) == "calibrated"]
    if calibrated:
        said.append(
            f"Calibrated arms used the reported number and cannot support it: {', '.join(calibrated)}."
        )
    placed = [reader.title(a) for a in reader.compared if reader.mark(a) == "assumed"]
    if placed:
        said.append(
            f"In these arms where and how strongly the stimulus acts is assumed: {', '.join(placed)}."
        )
    for arm in reader.compared:
        if collect.exceeds(reader, arm):
            note = reader.arm(arm).note
            said.append(f"{reader.title(arm)}: reported beyond what the machinery can give. {note}".strip())
    for module in reader.modules.values():
        said += [f"{x['title']}: {x['note']}" for x in module.get("limits", {}).values() if x.get("note")]
    unassigned = reader.facts.get("unassigned") or []
    if unassigned:
        said.append(f"Reported, not in the model: nothing says where they act: {', '.join(unassigned)}.")
    return said


def flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested mappings as (dotted name, text), sorted."""
    if not isinstance(value, Mapping):
        return [(prefix, _text(value))]
    rows: list[tuple[str, str]] = []
    for key in sorted(map(str, value)):
        rows += flat(value[key], f"{prefix}.{key}" if prefix else key)
    return rows


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {_text(v)}" for k, v in value.items())
    if isinstance(value, Sequence):
        return "; ".join(map(_text, value))
    return str(value)


def linked(text: str) -> str:
    """HTML of a source: escaped, with DOIs and PubMed numbers as plain links."""
    from markupsafe import Markup, escape

    safe = str(escape(text))
    safe = _DOI.sub(lambda m: f'<a href="https://doi.org/{m[1]}" rel="noreferrer">{m[1]}</a>', safe)
    safe = _PMID.sub(
        lambda m: f'<a href="https://pubmed.ncbi.nlm.nih.gov/{m[1]}/" rel="noreferrer">{m[0]}</a>', safe
    )
    return Markup(safe)
