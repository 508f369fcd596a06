"""What a reader wants first: a few sentences, one table of arms, how the run itself went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vesiflux.report import collect
from vesiflux.report.figures.common import Interval
from vesiflux.report.figures.steps import sentence
from vesiflux.report.reader import Reader
from vesiflux.report.style import number

__all__ = ["ArmRow", "Headline", "headline"]


@dataclass(frozen=True)
class ArmRow:
    """One line of the table of arms; texts are ready to print."""

    arm: str
    title: str
    mark: str
    rates: tuple[str, ...]
    folds: tuple[str, ...]
    reported: str
    agreement: str  # "inside", "outside", "right sign", "wrong sign", "" where nothing was reported
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Headline:
    """Section 1. ``facts``: (label, text); ``columns``: vesicle classes in words."""

    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[ArmRow, ...]


def headline(reader: Reader) -> Headline:
    """Read section 1 of one run."""
    return Headline(
        sentences=tuple(_sentences(reader)),
        facts=tuple(_facts(reader)),
        columns=tuple(reader.vesicle_title(v) for v in reader.vesicles),
        rows=tuple(_row(reader, arm) for arm in reader.arms),
    )


def span(value: Interval, unit: str = "") -> str:
    """``201 (60–1,980)``: median and 90 % interval."""
    if not value.known:
        return "–"
    return f"{number(value.median)}{unit} ({number(value.low)}–{number(value.high)})"


def _row(reader: Reader, arm: str) -> ArmRow:
    against = reader.reference(arm)
    rates, folds = [], []
    for vesicle in reader.vesicles:
        rates.append(span(Interval.of(reader.rate(vesicle, arm))))
        name = reader.rate_name(vesicle)
        folds.append(span(Interval.of(reader.fold(name, arm))) if against else "reference")
    texts, verdicts = [], []
    for readout in reader.reported_readouts():
        own = reader.reported(arm, readout)
        output = reader.resolve(readout)
        if not own:
            continue
        title = reader.readout_title(output) if output else readout
        texts += [f"{title}: {r.text}" for r in own]
        if output and against:
            verdicts.append(_agreement(Interval.of(reader.fold(output, arm)), own))
    return ArmRow(
        arm, reader.title(arm), reader.mark(arm), tuple(rates), tuple(folds), "; ".join(texts),
        _worst(verdicts), tuple(_warnings(reader, arm)),
    )  # fmt: skip


def _agreement(predicted: Interval, reported: tuple[Any, ...]) -> str:
    if not predicted.known:
        return ""
    verdicts = []
    for item in reported:
        if item.numbers:
            low, high = item.numbers
            verdicts.append("inside" if predicted.low <= high and low <= predicted.high else "outside")
        elif item.sign in ("+", "-"):
            right = predicted.median > 1 if item.sign == "+" else predicted.median < 1
            verdicts.append("right sign" if right else "wrong sign")
        elif item.sign == "0":
            verdicts.append("right sign" if abs(np.log2(predicted.median)) < 0.1 else "wrong sign")
    return _worst(verdicts)


def _worst(verdicts: list[str]) -> str:
    return next((v for v in ("wrong sign", "outside", "inside", "right sign") if v in verdicts), "")


def _warnings(reader: Reader, arm: str) -> list[str]:
    found = []
    limits = collect.constraints(reader)
    for limit in limits.limits if limits is not None else ():
        point = next(p for p in limit.points if p.arm == arm)
        if point.beyond >= 0.01:
            text = f"{limit.title} beyond {number(limit.bound.median)} {_unit(limit.unit)}".rstrip()
            found.append(f"{text} in {100 * point.beyond:.0f} % of draws")
    failed = _failed(reader, arm)
    if failed:
        found.append(f"{failed} draws did not finish")
    return found


def _failed(reader: Reader, arm: str) -> int:
    rate = reader.rate(reader.vesicles[0], arm) if reader.vesicles else np.zeros(0)
    return int((~np.isfinite(rate)).sum())


def _unit(unit: str) -> str:
    return {"1": "", "dimensionless": ""}.get(unit, unit.replace("um^2", "µm²").replace("um", "µm"))


def _sentences(reader: Reader) -> list[str]:
    said = []
    base = reader.references[0] if reader.references else (reader.arms[0] if reader.arms else "")
    if base:
        parts = [
            f"{span(Interval.of(reader.rate(v, base)))} {reader.vesicle_title(v)}" for v in reader.vesicles
        ]
        n = int(np.isfinite(reader.rate(reader.vesicles[0], base)).sum()) if reader.vesicles else 0
        said.append(
            f"In the arm “{reader.title(base)}” one cell releases {' and '.join(parts)} per hour: "
            f"median and 90 % interval over {n} draws of what is not known exactly."
        )
    if reader.compared and reader.vesicles:
        name = reader.rate_name(reader.vesicles[0])
        order = reader.ordered(reader.compared, reader.vesicles[0])
        low, high = (Interval.of(reader.fold(name, a)) for a in (order[0], order[-1]))
        what = reader.vesicle_title(reader.vesicles[0])
        if len(order) > 1:
            said.append(
                f"Of {len(order)} arms, “{reader.title(order[-1])}” has the most {what} "
                f"(×{span(high)}) and “{reader.title(order[0])}” the fewest (×{span(low)})."
            )
        else:
            said.append(f"“{reader.title(order[0])}” changes {what} ×{span(high)}.")
    limit = collect.ceiling(reader, base) if base else None
    if limit is not None:
        beyond = [reader.title(a) for a in reader.compared if collect.exceeds(reader, a)]
        text = (
            f"All fate steps of the machinery together can raise exosomes at most ×{span(limit)} (1/f, "
            "f: the share of MVBs that fuse)"
        )
        said.append(text + (f"; reported beyond it: {', '.join(beyond)}." if beyond else "."))
    for path in reader.modules:
        for arm in dict.fromkeys((base, collect.showcase(reader))):
            chain = collect.steps(reader, path, (arm,)) if arm else None
            if chain is not None:
                said.append(f"{reader.title(arm)}: {sentence(chain, arm)}")
    return said


def _facts(reader: Reader) -> list[tuple[str, str]]:
    run = reader.run
    summary: Mapping[str, Any] = run.summary()
    arms = len(reader.arms)
    several = [a for a in reader.arms if len(reader.structures(a)) > 1]
    blocks = sum(len(reader.structures(a)) for a in reader.arms)
    failed = sum(_failed(reader, a) for a in reader.arms)
    title = reader.facts.get("title") or reader.compiled.title
    times = reader.times
    settings = reader.compiled.settings
    return [
        ("model", f"{title} ({reader.compiled.name})"),
        (
            "arms",
            f"{arms}"
            + (f", {len(several)} of them under several structures ({blocks} in all)" if several else ""),
        ),
        ("draws", f"{run.draws} parameter sets per arm, the same in every arm"),
        ("time", f"{number(float(times[-1]))} h, recorded at {len(times)} times"),
        (
            "solver",
            ", ".join(f"{k} {settings[k]}" for k in ("method", "rtol", "atol") if k in settings),
        ),
        ("seconds", f"{float(summary['seconds']):.1f}"),
        (
            "balance error",
            f"{float(summary['balance_error']):.1e} (largest relative error of what is conserved)",
        ),
        ("failures", f"{failed} draws" if failed else "none"),
    ]
