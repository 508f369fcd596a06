"""From runs to figure data: every number a figure shows is read here, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesiflux.report.figures.common import Band, Floats, Interval
from vesiflux.report.figures.constraints import ConstraintPoint, ConstraintsData, Limit
from vesiflux.report.figures.curves import CurveRow, CurvesData
from vesiflux.report.figures.drivers import Driver, DriversData, chance, rank_correlations
from vesiflux.report.figures.folds import Fold, FoldRow, FoldsData
from vesiflux.report.figures.machinery import MachineryData, MapEdge, MapNode
from vesiflux.report.figures.plane import PlaneData, PlanePoint
from vesiflux.report.figures.steps import StepGain, StepsData, saturated, sentence
from vesiflux.report.reader import Reader

NO_CHANGE = 0.1  # |log2 fold| below which nothing changed

__all__ = [
    "NO_CHANGE",
    "aside",
    "ceiling",
    "constraints",
    "curves",
    "drivers",
    "exceeds",
    "folds",
    "machinery",
    "nothing_sent_moves",
    "plane",
    "showcase",
    "steps",
    "unchanged",
    "unmoved",
]

Group = tuple[str, str]  # slug, title
Answer = tuple[str, str, Floats]  # arm, title, values of shape (draw,)


def nothing_sent_moves(reader: Reader) -> bool:
    """Whether no arm changes what cells send, and nothing was reported of it."""
    return all(set(unmoved(reader, v)) == set(reader.compared) for v in reader.vesicles)


def showcase(reader: Reader) -> str:
    """The arm shown beside its reference: the one that raises the first vesicle class most; "" if none."""
    if not reader.compared or not reader.vesicles:
        return ""
    return reader.ordered(reader.compared, reader.vesicles[0])[-1]


def ceiling(reader: Reader, arm: str) -> Interval | None:
    """1/f over the draws of `arm` (readout ``ceiling`` of its machinery); None where there is none."""
    output = reader.resolve("ceiling")
    if output is None:
        return None
    found = Interval.of(reader.final(output, arm))
    return found if found.known else None


def exceeds(reader: Reader, arm: str) -> bool:
    """Whether a number reported for the arm exceeds the machinery, or the model says so."""
    from vesiflux.store.standing import EXCEEDS

    if reader.mark(arm) == "exceeds machinery":
        return True
    return any(s.standing == EXCEEDS for s in reader.standings if s.arm == arm)


# ---------------------------------------------------------------- curves


def _direction(reader: Reader, vesicle: str, arm: str) -> str:
    middle = Interval.of(reader.fold(reader.rate_name(vesicle), arm)).median
    return "falls" if middle < 1 / 1.1 else "rises" if middle > 1.1 else "steady"


def unchanged(reader: Reader, vesicle: str) -> list[str]:
    """Arms within 10 % of their reference; their curves are left out where others have something to show."""
    steady = [
        a for a in reader.ordered(reader.compared, vesicle) if _direction(reader, vesicle, a) == "steady"
    ]
    return steady if len(steady) > 6 or 0 < len(steady) < len(reader.compared) else []


def curves(reader: Reader, vesicle: str) -> list[tuple[Group, CurvesData]]:
    """Curves of one class, arms grouped by what they do to it: release falls, rises, or neither."""
    sender = next(
        (c for c in reader.facts.get("cells", {}) if f"{c}.released.{vesicle}" in reader.series_outputs), None
    )
    if sender is None:
        return []
    groups: dict[Group, list[str]] = {
        ("rises", "release rises"): [],
        ("falls", "release falls"): [],
        ("steady", "little change"): [],
        ("alone", "arms without a reference"): [],
    }
    slugs = {slug: group for group in groups for slug in group[:1]}
    left_out = set(unchanged(reader, vesicle))
    for arm in reader.ordered(reader.compared, vesicle):
        if arm not in left_out:
            groups[slugs[_direction(reader, vesicle, arm)]].append(arm)
    groups[slugs["rises"]].reverse()
    if not reader.compared:
        groups[slugs["alone"]] = list(reader.arms)
    return [
        (group, CurvesData(vesicle, reader.vesicle_title(vesicle), reader.times, tuple(rows)))
        for group, arms in groups.items()
        if (rows := [_curve(reader, sender, vesicle, arm) for arm in arms])
    ]


def _curve(reader: Reader, sender: str, vesicle: str, arm: str) -> CurveRow:
    released, rate = _release(reader, sender, vesicle, arm)
    against = reader.reference(arm)
    if not against:
        return CurveRow(arm, reader.title(arm), Band.of(released), Band.of(rate), None)
    base_released, base_rate = _release(reader, sender, vesicle, against, reader.reference_structure(arm))
    fold = None
    if base_rate.shape == rate.shape:  # the same draws in both arms: paired
        with np.errstate(divide="ignore", invalid="ignore"):
            fold = Band.of(rate / base_rate)
    return CurveRow(
        arm, reader.title(arm), Band.of(released), Band.of(rate), fold,
        against, Band.of(base_released), Band.of(base_rate),
    )  # fmt: skip


def _release(
    reader: Reader, sender: str, vesicle: str, arm: str, structure: str | None = None
) -> tuple[Floats, Floats]:
    """Released per cell (vesicle) and rate now (vesicle/cell/h), both of shape (draw, time)."""
    total = reader.series(f"{sender}.released.{vesicle}", arm, structure)
    hours = reader.series(f"{sender}.cell_hours", arm, structure)
    times = reader.times
    with np.errstate(divide="ignore", invalid="ignore"):
        per_cell = np.where(times > 0, total * times / hours, 0.0)  # divided by the mean number of cells
        name = f"{sender}.rate.{vesicle}"
        if name in reader.series_outputs:
            return per_cell, reader.series(name, arm, structure)
        between = np.diff(total, axis=1) / np.diff(hours, axis=1)
    return per_cell, np.concatenate([between[:, :1], between], axis=1)


# ---------------------------------------------------------------- folds


def unmoved(reader: Reader, vesicle: str) -> list[str]:
    """Arms nothing is said of and that do not move a class: 90 % interval within 7 % of 1, no report."""
    name = reader.rate_name(vesicle)
    return [
        arm
        for arm in reader.compared
        if not reader.reported(arm, name)
        and all(_still(Interval.of(reader.fold(name, arm, s))) for s in reader.structures(arm))
    ]


def _still(fold: Interval) -> bool:
    return fold.known and fold.low > 2**-NO_CHANGE and fold.high < 2**NO_CHANGE


def folds(reader: Reader) -> list[FoldsData]:
    """One forest per vesicle class and one per other readout that a paper reported."""
    forests = []
    for vesicle in reader.vesicles:
        name = reader.rate_name(vesicle)
        still = set(unmoved(reader, vesicle))
        arms = [a for a in reader.ordered(reader.compared, vesicle) if a not in still]
        limit = None
        if vesicle == "exosome" and reader.references:
            limit = ceiling(reader, reader.references[0])
        rows = tuple(_fold_row(reader, arm, name, name) for arm in arms or reader.compared)
        forests.append(FoldsData(name, reader.vesicle_title(vesicle), rows, limit))
    for readout in reader.reported_readouts():
        output = reader.resolve(readout)
        if output is None or output in reader.compiled.rates:
            continue
        arms = [a for a in reader.compared if reader.reported(a, readout)]
        rows = tuple(_fold_row(reader, arm, output, readout) for arm in arms)
        forests.append(FoldsData(output, reader.readout_title(output), rows))
    return [f for f in forests if f.rows]


def _fold_row(reader: Reader, arm: str, quantity: str, readout: str) -> FoldRow:
    found = tuple(
        Fold(s, reader.structure_title(s), Interval.of(reader.compared_fold(quantity, readout, arm, s)))
        for s in reader.structures(arm)
    )
    hours = reader.window(arm, readout)
    title = reader.title(arm) + (f" (first {hours:g} h)" if hours is not None else "")
    beyond = quantity == "exosomes_per_cell_per_hour" and exceeds(reader, arm)
    return FoldRow(arm, title, reader.mark(arm), found, reader.reported(arm, readout), exceeds=beyond)


def _near(one: PlanePoint, other: PlanePoint) -> bool:
    """Whether two points lie within 10 % of each other."""
    pairs = ((one.x.median, other.x.median), (one.y.median, other.y.median))
    return all(b != 0 and 1 / 1.1 < a / b < 1.1 for a, b in pairs)


def aside(reader: Reader) -> list[str]:
    """Arms that move neither of the first two classes: they would all lie on the middle of the plane."""
    quiet = [set(unmoved(reader, v)) for v in reader.vesicles[:2]]
    return [a for a in reader.compared if all(a in q for q in quiet)] if quiet else []


def plane(reader: Reader) -> PlaneData | None:
    """Folds of the first two vesicle classes; None for a model with fewer."""
    if len(reader.vesicles) < 2 or not reader.compared:
        return None
    x, y = reader.vesicles[:2]
    points = []
    left_out = set(aside(reader))
    for arm in reader.ordered(reader.compared, x):
        if arm in left_out:
            continue
        shown: list[PlanePoint] = []
        for structure in reader.structures(arm):
            name = reader.structure_title(structure) if shown else ""  # the default comes first, unnamed
            folds = [Interval.of(reader.fold(reader.rate_name(v), arm, structure)) for v in (x, y)]
            point = PlanePoint(arm, reader.title(arm), name, reader.mark(arm), folds[0], folds[1])
            if not shown or not any(_near(point, other) for other in shown):
                shown.append(point)
        points += shown
    if not points:
        return None
    return PlaneData(reader.vesicle_title(x), reader.vesicle_title(y), tuple(points))


# ---------------------------------------------------------------- machinery


def steps(reader: Reader, path: str, arms: tuple[str, ...]) -> StepsData | None:
    """What the steps of the module at `path` pass and can still give, in `arms`."""
    gains = []
    for arm in arms:
        for name, step in reader.modules[path].get("steps", {}).items():
            output = f"{path}.step.{name}"
            if output not in reader.outputs:
                continue
            passes = reader.final(output, arm)
            with np.errstate(divide="ignore"):
                gain = 1.0 / passes
            gains.append(
                StepGain(
                    name, step["title"], tuple(step["nodes"]), arm, reader.title(arm),
                    Interval.of(passes), Interval.of(gain),
                )
            )  # fmt: skip
    return StepsData(tuple(gains)) if gains else None


def machinery(reader: Reader, path: str, arm: str) -> MachineryData | None:
    """Map of the module at `path` in one arm; compared draw by draw with its reference if it has one."""
    diagram = reader.modules[path].get("diagram") or {}
    if not diagram.get("nodes"):
        return None
    against = reader.reference(arm)
    nodes = tuple(_node(reader, path, arm, key, node) for key, node in diagram["nodes"].items())
    chain = steps(reader, path, (arm,))
    remarks: dict[str, str] = {}
    if chain is not None and any(g.gain.known for g in chain.gains):
        least = min((g for g in chain.gains if g.gain.known), key=lambda g: g.gain.median)
        remarks[least.step] = "saturated" if saturated(least) else "least left"
    edges = tuple(_edge(reader, path, arm, against, edge, remarks) for edge in diagram.get("edges", ()))
    return MachineryData(
        arm, reader.title(arm), nodes, edges,
        note=sentence(chain, arm) if chain is not None else "",
        compared_with=reader.title(against) if against else "",
    )  # fmt: skip


def _node(reader: Reader, path: str, arm: str, key: str, node: dict[str, object]) -> MapNode:
    species = node.get("species", [key])
    wanted = [str(species)] if isinstance(species, str) else [str(s) for s in species]  # type: ignore[attr-defined]
    names = [f"{path}.{s}" for s in wanted]
    level, unit = None, ""
    if names and all(n in reader.outputs for n in names):
        level = Interval.of(np.sum([reader.final(n, arm) for n in names], axis=0))
        unit = reader.outputs[names[0]]
    return MapNode(
        key, float(str(node["x"])), float(str(node["y"])), str(node.get("label", key)),
        str(node.get("kind", "pool")), level, unit,
    )  # fmt: skip


def _edge(
    reader: Reader, path: str, arm: str, against: str, edge: dict[str, str], remarks: dict[str, str]
) -> MapEdge:
    reaction, readout = edge.get("reaction", ""), edge.get("readout", "")
    output = f"{path}.flux.{reaction}" if reaction else f"{path}.{readout}" if readout else ""
    flux, fold, unit = None, None, ""
    if output in reader.outputs:
        own = reader.final(output, arm)
        flux, unit = Interval.of(own), reader.outputs[output]
        base = reader.final(output, against, reader.reference_structure(arm)) if against else None
        if base is not None and base.shape == own.shape:
            with np.errstate(divide="ignore", invalid="ignore"):
                fold = Interval.of(own / base)
    step = edge.get("step", "")
    return MapEdge(
        edge["from"], edge["to"], edge.get("label", ""), flux, unit, fold, reaction or readout,
        remark=remarks.get(step, ""),
    )  # fmt: skip


# ---------------------------------------------------------------- limits and drivers


def constraints(reader: Reader) -> ConstraintsData | None:
    """Every limit of the model in every arm (default structure)."""
    names = list(reader.outputs)
    ordered = reader.ordered(reader.compared, reader.vesicles[0]) if reader.vesicles else []
    arms = list(dict.fromkeys([*reader.references, *ordered, *reader.arms]))
    limits = []
    for limit in reader.compiled.limits:
        output, bound = names[limit.output], names[limit.bound]
        points = []
        for arm in arms:
            value, top = reader.final(output, arm), reader.final(bound, arm)
            good = np.isfinite(value) & np.isfinite(top)
            beyond = float(np.mean(value[good] > top[good])) if good.any() else 0.0
            points.append(
                ConstraintPoint(arm, reader.title(arm), Interval.of(value), Interval.of(value / top), beyond)
            )
        tops = Interval.of(reader.final(bound, arms[0]))
        limits.append(Limit(limit.name, limit.title or limit.name, limit.unit, tops, tuple(points)))
    return ConstraintsData(tuple(limits)) if limits and arms else None


def drivers(reader: Reader, first: Sequence[Answer] = (), most: int = 10) -> DriversData | None:
    """What drives the first class's rate in the reference arm, and the fold of the showcase arm.

    ``first``: answers that matter more than those; the fold is then left out.
    """
    answers = list(first)
    if reader.vesicles:
        vesicle = reader.vesicles[0]
        base = reader.references[0] if reader.references else reader.arms[0]
        title = f"{reader.vesicle_title(vesicle)}/cell/h, {reader.title(base)}"
        answers.append((base, title, reader.rate(vesicle, base)))
    shown = "" if first else showcase(reader)
    if shown:
        title = f"fold of {reader.vesicle_title(vesicle)}, {reader.title(shown)}"
        answers.append((shown, title, reader.fold(reader.rate_name(vesicle), shown)))
    panels, draws = [], 0
    for arm, title, answer in answers:
        found = rank_correlations(reader.parameters(arm), answer)
        draws = int(np.isfinite(answer).sum())
        order = sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))
        # a few at least, and no more than stand out from chance
        strongest = [(n, r) for i, (n, r) in enumerate(order[:most]) if i < 3 or abs(r) > chance(draws)]
        if strongest:
            panels.append((title, tuple(Driver(n, reader.parameter_title(n), r) for n, r in strongest)))
    return DriversData(tuple(panels), draws) if panels else None
