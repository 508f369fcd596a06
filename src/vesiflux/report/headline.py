"""What a reader wants first: a few sentences, one table of arms, how the run itself went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vesiflux.report import collect
from vesiflux.report.collect import NO_CHANGE
from vesiflux.report.figures.common import Interval
from vesiflux.report.figures.constraints import ConstraintsData, Limit
from vesiflux.report.figures.folds import ReportedRange
from vesiflux.report.figures.steps import sentence
from vesiflux.report.reader import Reader
from vesiflux.report.style import number
from vesiflux.report.words import span, times

__all__ = ["ArmRow", "Headline", "headline"]


@dataclass(frozen=True)
class ArmRow:
    """One line of the table of arms; texts are ready to print.

    ``reported``: (text, verdict) pairs, verdict one of "inside", "outside", "right sign", "wrong sign", "".
    ``beyond``: share of draws above each limit, "" for none; ``failed``: draws that did not finish.
    """

    arm: str
    title: str
    mark: str
    rates: tuple[str, ...]
    folds: tuple[str, ...]
    reported: tuple[tuple[str, str], ...]
    beyond: tuple[str, ...]
    failed: int


@dataclass(frozen=True)
class Headline:
    """Section 1. ``facts``: (label, text); ``columns``: classes in words; ``limits``: (short, full)."""

    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    limits: tuple[tuple[str, str], ...]
    rows: tuple[ArmRow, ...]


def headline(reader: Reader, data: ConstraintsData | None, first: Sequence[str] = ()) -> Headline:
    """Read section 1 of one run; ``data``: its limits; ``first``: what is said before all else."""
    limits = data.limits if data is not None else ()
    return Headline(
        sentences=(*first, *_sentences(reader)),
        facts=tuple(_facts(reader)),
        columns=tuple(reader.vesicle_title(v) for v in reader.vesicles),
        limits=tuple(
            (
                limit.name.rsplit(".", 1)[-1].replace("_", " "),
                f"{limit.title}: at most {number(limit.bound.median)} {_unit(limit.unit)}".rstrip(),
            )
            for limit in limits
        ),
        rows=tuple(_row(reader, arm, limits) for arm in reader.arms),
    )


def _row(reader: Reader, arm: str, limits: Sequence[Limit]) -> ArmRow:
    against = reader.reference(arm)
    rates, folds = [], []
    for vesicle in reader.vesicles:
        rates.append(span(Interval.of(reader.rate(vesicle, arm))))
        name = reader.rate_name(vesicle)
        folds.append(span(Interval.of(reader.fold(name, arm))) if against else "")
    reported = []
    for readout in reader.reported_readouts():
        output = reader.resolve(readout)
        title = reader.readout_title(output) if output else readout
        for item in reader.reported(arm, readout):
            if not item.numbers and not item.sign:
                continue
            text, verdict = f"{title} {item.text}", ""
            if output is not None and against:
                here = Interval.of(reader.compared_fold(output, readout, arm))
                verdict = _verdict(here, item)
                hours = reader.window(arm, readout)
                if hours is not None:
                    text += f" in {hours:g} h (here {number(here.median)})"
            reported.append((text, verdict))
    shares = [next(p.beyond for p in limit.points if p.arm == arm) for limit in limits]
    beyond = tuple("" if not s else "<1 %" if s < 0.01 else f"{100 * s:.0f} %" for s in shares)
    return ArmRow(
        arm, reader.title(arm), reader.mark(arm), tuple(rates), tuple(folds), tuple(reported), beyond,
        _failed(reader, arm),
    )  # fmt: skip


def _verdict(predicted: Interval, reported: ReportedRange) -> str:
    """Whether the 90 % interval meets the reported range, or the median has the reported sign."""
    if not predicted.known:
        return ""
    if reported.numbers:
        low, high = reported.numbers
        return "inside" if predicted.low <= high and low <= predicted.high else "outside"
    change = np.log2(predicted.median) if predicted.median > 0 else -np.inf
    right = {"+": change >= NO_CHANGE, "-": change <= -NO_CHANGE, "0": abs(change) < NO_CHANGE}
    if reported.sign not in right:
        return ""
    return "right sign" if right[reported.sign] else "wrong sign"


def _failed(reader: Reader, arm: str) -> int:
    rate = reader.rate(reader.rated[0], arm) if reader.rated else np.zeros(0)
    return int((~np.isfinite(rate)).sum())


def _unit(unit: str) -> str:
    return {"1": "", "dimensionless": ""}.get(unit, unit.replace("um^2", "µm²").replace("um", "µm"))


def _sentences(reader: Reader) -> list[str]:
    said = []
    base = reader.references[0] if reader.references else (reader.arms[0] if reader.arms else "")
    if base and reader.vesicles:
        parts = [
            f"{span(Interval.of(reader.rate(v, base)))} {reader.vesicle_title(v)}" for v in reader.vesicles
        ]
        n = int(np.isfinite(reader.rate(reader.vesicles[0], base)).sum())
        said.append(
            f"In the arm “{reader.title(base)}” one cell releases {' and '.join(parts)} per hour: "
            f"median and 90 % interval over {n} draws of what is not known exactly."
        )
    if reader.compared and reader.vesicles:
        name = reader.rate_name(reader.vesicles[0])
        order = reader.ordered(reader.compared, reader.vesicles[0])
        low, high = (Interval.of(reader.fold(name, a)) for a in (order[0], order[-1]))
        what = reader.vesicle_title(reader.vesicles[0])
        said += [
            f"{word}: “{reader.title(arm)}”, {times(fold)} the {what} of its reference."
            for word, arm, fold, there in (
                ("Largest rise", order[-1], high, high.median > 1.1),
                ("Largest fall", order[0], low, low.median < 1 / 1.1),
            )
            if there
        ]
    limit = collect.ceiling(reader, base) if base else None
    if limit is not None:
        said.append(
            f"All fate steps of the machinery together can raise exosomes at most {times(limit)}: "
            "1/f, f being the share of MVBs that fuse."
        )
    beyond = [reader.title(a) for a in reader.compared if collect.exceeds(reader, a)]
    if beyond:
        said.append(f"Reported beyond what the machinery gives, and not fitted: {', '.join(beyond)}.")
    for path in reader.modules:
        for arm in dict.fromkeys((base, collect.showcase(reader))):
            chain = collect.steps(reader, path, (arm,)) if arm else None
            if chain is not None:
                said.append(f"Steps of “{reader.title(arm)}”. {sentence(chain, arm)}")
    return said


def _facts(reader: Reader) -> list[tuple[str, str]]:
    run = reader.run
    record: Mapping[str, Any] = run.record
    arms = len(reader.arms)
    several = [a for a in reader.compared if len(reader.structures(a)) > 1]
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
        ("seconds", f"{float(record['seconds'] or 0):.1f}"),
        (
            "balance error",
            "not kept for single cells, whose counts are whole"
            if record["balance_error"] is None
            else f"{float(record['balance_error']):.1e} (largest relative error of what is conserved)",
        ),
        ("failures", f"{failed} draws" if failed else "none"),
    ]
