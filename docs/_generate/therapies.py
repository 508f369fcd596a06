"""Tables of ``models/tme-therapies.md`` from the runs that ``assets/tme-therapies.py`` keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from math import sqrt
from pathlib import Path
from statistics import fmean, variance
from typing import Any

from _generate.text import code, table

__all__ = ["loops", "therapies", "therapy_tables"]

FILE = Path(__file__).resolve().parents[1] / "_results" / "tme-therapies.json"
#: Column title -> number of one tissue.
OUTCOMES = {
    "tumour cells": "tumour",
    "killed": "killed",
    "CD8 T cells": "cd8",
    "active": "cd8_active",
    "m2-like macrophages": "m2",
    "CAF": "caf",
}
#: What of a tissue tells a loop, beside the outcomes.
INSIDE = {
    "open_pdl1": ("PD-L1", "copies of PD-L1 bound by a T cell"),
    "open_cxcl10": ("cd8", "CD8 T cells"),
    "open_lactate": ("HISLA", "copies of HISLA in a tumour cell"),
    "open_exhaustion": ("cd8_active", "active CD8 T cells"),
    "open_m2": ("m2", "m2-like macrophages"),
    "open_caf": ("miR-10b", "copies of miR-10b in a fibroblast"),
    "open_fat": ("fat_changed", "changed fat cells"),
}
Runs = Sequence[Mapping[str, float]]
#: Student's t at 97.5 % for twenty tissues.
_T = 2.093


@cache
def kept() -> dict[str, Any]:
    """The file of results."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def therapy_tables(part: str) -> str:
    """``doses`` or ``loops``."""
    return {"doses": therapies, "loops": loops}[part]()


def therapies() -> str:
    """Untreated means, then one row per therapy and dose: differences with their 95 % intervals."""
    runs = kept()["runs"]
    control = runs["control"]
    rows = [(code("control"), "", *(_alone(control, name) for name in OUTCOMES.values()), "")]
    for key, found in runs.items():
        arm, _, dose = key.partition(" ")
        if arm == "control" or arm.startswith("open_"):
            continue
        seen = f"{fmean(r['seen'] for r in found):.3g}" if "seen" in found[0] else ""
        numbers = [_difference(found, control, name) for name in OUTCOMES.values()]
        rows.append((code(arm), dose, *numbers, seen))
    return table(("arm", "dose", *OUTCOMES, "what acts"), rows)


def loops() -> str:
    """One row per loop: closed, opened, and the difference with its 95 % interval."""
    runs, titles = kept()["runs"], kept()["titles"]
    closed = runs["control"]
    rows = []
    for arm, (name, what) in INSIDE.items():
        opened = runs[arm]
        inner = f"{_mean(closed, name)} → {_mean(opened, name)} {what}"
        numbers = [_difference(opened, closed, n) for n in ("tumour", "killed", "cd8_active", "m2", "caf")]
        rows.append((code(arm), titles[arm].removeprefix("loop opened: "), inner, *numbers))
    head = ("arm", "what is cut", "in the loop, closed → open")
    outcomes = ("tumour cells", "killed", "active CD8 T cells", "m2-like macrophages", "CAF")
    return table((*head, *outcomes), rows)


def apart(some: Runs, others: Runs, name: str) -> tuple[float, float]:
    """Mean difference between tissues of the same seed, and half its 95 % interval."""
    gaps = [a[name] - b[name] for a, b in zip(some, others, strict=True)]
    return fmean(gaps), _T * sqrt(variance(gaps) / len(gaps))


def _alone(runs: Runs, name: str) -> str:
    values = [r[name] for r in runs]
    return f"{fmean(values):.3g} ± {_T * sqrt(variance(values) / len(values)):.2g}"


def _difference(some: Runs, others: Runs, name: str) -> str:
    middle, half = apart(some, others, name)
    if not (middle or half):
        return "0"
    text = f"{middle:+.2g} ± {half:.2g}"
    return f"**{text}**" if abs(middle) > half else text


def _mean(runs: Runs, name: str) -> str:
    return f"{fmean(r[name] for r in runs):.4g}"
