"""Tables of the page on doses, from the tables the code reads."""

from __future__ import annotations

from collections.abc import Mapping

from _generate.text import code, table
from vesiflux.assay import tables as assay_tables
from vesiflux.assay.dose import tables

__all__ = ["dose_table"]


def dose_table(name: str) -> str:
    """One table by the name of its file: preparations, donors, cargo, species, allometry, ..."""
    return {
        "preparations": _preparations,
        "donors": _donors,
        "cargo": _cargo,
        "species": _species,
        "allometry": _allometry,
        "published": _published,
        "loading": _loading,
    }[name]()


def _preparations() -> str:
    rows = [
        (
            code(row["preparation"]),
            _three(row),
            row["recovery"].replace("|", " × "),
            row["mark"],
            row["source"],
        )
        for row in tables.rows("preparations")
    ]
    return table(("preparation", "particles/ug: 5, 50, 95 %", "recovery", "mark", "source"), rows)


def _donors() -> str:
    return table(
        ("donor", "parameter", "particles/cell/h: 5, 50, 95 %", "mark"),
        [(code(row["donor"]), *_evidence(row["symbol"], "vesicle/cell/h")) for row in tables.rows("donors")],
    )


def _cargo() -> str:
    rows = []
    for row in tables.rows("cargo"):
        for symbol in row["symbols"].split("|"):
            rows.append((row["cargo"], *_evidence(symbol, ""), row["note"]))
    return table(("cargo", "parameter", "copies per particle, or share: 5, 50, 95 %", "mark", "note"), rows)


def _allometry() -> str:
    rows = [
        (code(row["scaling"]), _three(row), row["mark"], row["source"]) for row in tables.rows("allometry")
    ]
    return table(("by", "exponent of weight: 5, 50, 95 %", "mark", "source"), rows)


def _species() -> str:
    rows = [
        (code(row["species"]), _three(row), row["body_kg"], row["mark"], row["source"])
        for row in tables.rows("species")
    ]
    return table(("species", "plasma, mL: 5, 50, 95 %", "body, kg", "mark", "source"), rows)


def _published() -> str:
    rows = []
    for row in tables.rows("published"):
        if row["symbol"]:
            prior = tables.evidence_prior(row["symbol"])
            shown, mark, source = _numbers(prior.low, prior.typical, prior.high), prior.mark, prior.source
        else:
            shown, mark, source = _three(row), row["mark"], row["source"]
        rows.append((row["name"], row["species"], row["route"], shown, row["unit"], mark, source))
    return table(("dose", "species", "route", "low, typical, high", "unit", "mark", "source"), rows)


def _loading() -> str:
    rows = [
        (code(row["symbol"]), _three(row), row["unit"], row["mark"], row["source"])
        for row in assay_tables.rows("loading/parameters.tsv")
    ]
    return table(("of the null", "5, 50, 95 %", "unit", "mark", "source"), rows)


def _evidence(symbol: str, unit: str) -> tuple[str, str, str]:
    prior = tables.evidence_prior(symbol)
    prior = prior.to(unit) if unit else prior
    return code(symbol), _numbers(prior.low, prior.typical, prior.high), prior.mark


def _three(row: Mapping[str, str]) -> str:
    return _numbers(float(row["low"]), float(row["typical"]), float(row["high"]))


def _numbers(*numbers: float | None) -> str:
    shown = list(dict.fromkeys(f"{x:.3g}" for x in numbers if x is not None))
    return ", ".join(shown)
