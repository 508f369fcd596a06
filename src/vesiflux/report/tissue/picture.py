"""One picture of a tissue at one frame: cells with nuclei on paper, a field under them if asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.report.style import INK, drawing, number
from vesiflux.report.tissue.palette import (
    DEAD,
    FIELD_STOPS,
    PAPER,
    UNKNOWN,
    VALUE_STOPS,
    darker,
    lighter,
    type_colour,
)
from vesiflux.report.tissue.scale import FIELD_LEVELS, Scale
from vesiflux.report.tissue.source import Floats, Tissue, column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vesiflux.store.tissue import TissueRun

__all__ = ["draw", "figure", "panel"]

_SIDE = 5.6  # inches of the longer side of the tissue


def draw(
    run: TissueRun | Tissue,
    arm: str | None = None,
    frame: int = -1,
    path: str | Path = "tissue.png",
    colour_by: str = "type",
    field: str | None = None,
    z: float | None = None,
) -> Path:
    """Write a picture of one frame to ``path``; its ending says which kind: png, svg or pdf.

    ``colour_by``: "type", "state" or a shown value of the cells (``node.NFkB``); ``field``: drawn under
    the cells; ``z``: height of the slice through a 3-D tissue, um (default: the middle).

    Raises `InputError` for a frame, field or value that the run does not have.
    """
    from vesiflux.errors import InputError

    tissue = _one(run, arm)
    if not -len(tissue.times) <= frame < len(tissue.times):
        raise InputError(f"no frame {frame}; the run has {len(tissue.times)}, from 0")
    if field is not None and field not in {f.name for f in tissue.fields}:
        raise InputError(f"no field {field!r}; it has {', '.join(f.name for f in tissue.fields)}")
    target = Path(path)
    if target.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(f"{target}: a picture is .png, .svg or .pdf")
    target.parent.mkdir(parents=True, exist_ok=True)
    with drawing():
        made = figure(tissue, frame, colour_by, field, z)
        dates: dict[str, Any] = {
            ".png": {"Software": None},
            ".svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
            ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        }[target.suffix.lower()]
        made.savefig(target, dpi=160, metadata=dates)
    return target


def figure(
    tissue: Tissue, frame: int = -1, colour_by: str = "type", field: str | None = None, z: float | None = None
) -> Figure:
    """The picture as a figure, with its legend. Raises `InputError` for an unknown value."""
    from matplotlib.figure import Figure

    width, height = tissue.size[0], tissue.size[1]
    inch = _SIDE / max(width, height)
    w, h = max(width * inch, 3.4), height * inch
    foot = 1.0 if field or colour_by not in ("type", "state") else 0.62
    entries = 1 + len(tissue.kinds)  # the dead as well
    if colour_by == "state":
        entries = 1 + sum(len(kind.states) for kind in tissue.kinds if len(kind.states) > 1)
    foot += 0.17 * max(0, -(-entries // _columns(w, entries)) - 3)  # three rows have room
    made = Figure(figsize=(w + 0.2, h + foot + 0.35))
    axes = made.add_axes(
        ((0.1 + (w - width * inch) / 2) / (w + 0.2), foot / (h + foot + 0.35),
         width * inch / (w + 0.2), h / (h + foot + 0.35))
    )  # fmt: skip
    panel(axes, tissue, frame, colour_by, field, z)
    time = float(tissue.times[frame])
    made.text(
        0.1 / (w + 0.2), 1 - 0.14 / (h + foot + 0.35), f"{tissue.arm_title}, {number(time)} h",
        va="center", weight="bold", fontsize=9,
    )  # fmt: skip
    _legend(made, tissue, frame, colour_by, field, foot)
    return made


def panel(
    axes: Axes,
    tissue: Tissue,
    frame: int = -1,
    colour_by: str = "type",
    field: str | None = None,
    z: float | None = None,
) -> None:
    """Draw one frame into axes: field, cells, nuclei, scale bar."""
    from matplotlib.collections import EllipseCollection

    number_of = range(len(tissue.times))[frame]
    cells = tissue.cells(number_of)
    flat = tissue.shape[2] == 1
    height = tissue.size[2] / 2 if z is None else z
    axes.set_facecolor(PAPER)
    if field is not None:
        _heat(axes, tissue, number_of, field, height)
    x, y, r = (column(cells, n) for n in ("x", "y", "radius"))
    whole = r
    if not flat:
        r = np.sqrt(np.clip(r**2 - (column(cells, "z") - height) ** 2, 0, None))
    fills, cores, darks = _colours(tissue, cells, number_of, colour_by)
    dead = column(cells, "dead") > 0
    clear = field is not None and colour_by == "type"
    shown = np.flatnonzero(r > 0)
    turn = np.asarray(cells["id"], dtype=np.float64) * 2.39996  # golden angle: nuclei lie any way
    nucleus = np.where(dead, 0.3, 0.48) * whole
    if not flat:
        nucleus = np.sqrt(np.clip(nucleus**2 - (column(cells, "z") - height) ** 2, 0, None))
    inside = np.flatnonzero(nucleus > 0)

    def discs(rows: Any, radius: Floats, centres: Any, **style: Any) -> None:
        axes.add_collection(
            EllipseCollection(
                2 * radius[rows], 2 * radius[rows], np.zeros(len(rows)), units="xy",
                offsets=np.column_stack(centres)[rows], transOffset=axes.transData, **style,
            )
        )  # fmt: skip

    edge = [cores[i] if clear else darks[i] for i in shown]
    face = ["#ffffff55" if clear else fills[i] + ("a6" if dead[i] else "") for i in shown]
    line = 0.35 * max(0.5, min(2.0, 1500 / max(tissue.size[0], 1)))
    discs(shown, r, (x, y), facecolors=face, edgecolors=edge, linewidths=line)
    centres = (x + 0.16 * r * np.cos(turn), y + 0.16 * r * np.sin(turn))
    nuclei = [(cores[i] if clear else darks[i]) + ("f2" if clear else "b8") for i in inside]
    discs(inside, nucleus, centres, facecolors=nuclei, edgecolors="none")
    single = tissue.vesicles(number_of)
    if single is not None:
        near = flat | (np.abs(column(single, "z") - height) <= tissue.size[2] / tissue.shape[2] / 2)
        axes.plot(column(single, "x")[near], column(single, "y")[near], ",", color=INK, zorder=4)
    axes.set_xlim(0, tissue.size[0])
    axes.set_ylim(0, tissue.size[1])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
    _bar(axes, tissue.size[0], tissue.size[1])


def _colours(
    tissue: Tissue, cells: Any, frame: int, colour_by: str
) -> tuple[list[str], list[str], list[str]]:
    from vesiflux.errors import InputError

    kinds = np.asarray(cells["kind"], dtype=int)
    dead = column(cells, "dead") > 0
    base = [type_colour(i) for i in range(len(tissue.kinds))]
    if colour_by == "type":
        light, dark = [lighter(c, 0.35) for c in base], [darker(c) for c in base]
        fills, cores, darks = ([table[k] for k in kinds] for table in (light, base, dark))
    elif colour_by == "state":
        states = np.clip(column(cells, "state"), 0, None).astype(int)
        fills = [state_colour(tissue, k, s) for k, s in zip(kinds, states, strict=True)]
        cores, darks = fills, [darker(c) for c in fills]
    elif colour_by in cells:
        from matplotlib.colors import to_hex

        low, high, log = value_range(tissue, colour_by)
        shades = _map(VALUE_STOPS)(_share(column(cells, colour_by), low, high, log))
        fills = [to_hex(c) if np.isfinite(v) else UNKNOWN
                 for c, v in zip(shades, column(cells, colour_by), strict=True)]  # fmt: skip
        cores, darks = fills, [darker(c) for c in fills]
        return fills, cores, darks
    else:
        known = [n for n in cells if n.startswith(("node.", "copies."))]
        raise InputError(f"no value {colour_by!r} in the cells; colour by type, state or {', '.join(known)}")
    return tuple(
        [DEAD[j] if d else c for c, d in zip(table, dead, strict=True)]
        for j, table in enumerate((fills, cores, darks))
    )  # type: ignore[return-value]


def state_colour(tissue: Tissue, kind: int, state: int) -> str:
    """Colour of a state of a type: the first pale, the last deep; pale for types without states."""
    count = len(tissue.kinds[kind].states)
    if count < 2:
        return UNKNOWN
    part = min(state, count - 1) / (count - 1)
    base = type_colour(kind)
    return lighter(base, 0.62 * (1 - 2 * part)) if part < 0.5 else darker(base, 0.4 * (2 * part - 1))


def value_range(tissue: Tissue, name: str) -> tuple[float, float, bool]:
    """Range of a value over all frames, and whether it is shown by its logarithm."""
    scale = Scale.of([column(tissue.cells(i), name, np.nan) for i in _spread(tissue)], FIELD_LEVELS)
    log = scale.log and scale.shown[1] > 50 * scale.shown_log[0]
    return (*(scale.shown_log if log else scale.shown), log)


def field_range(tissue: Tissue, name: str) -> tuple[float, float, bool]:
    """Range of a field over all frames, and whether it is shown by its logarithm."""
    scale = Scale.of([tissue.field(name, i) for i in _spread(tissue)], FIELD_LEVELS)
    return (*(scale.shown_log if scale.log else scale.shown), scale.log)


def _spread(tissue: Tissue) -> list[int]:
    count = len(tissue.times)
    return sorted({int(i) for i in np.rint(np.linspace(0, count - 1, min(count, 7)))})


def _share(values: Floats, low: float, high: float, log: bool) -> Floats:
    if log:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log(values / low) / np.log(high / low)
        found = np.where(values <= 0, 0.0, found)
    else:
        found = (values - low) / (high - low)
    shares: Floats = np.clip(np.nan_to_num(found), 0, 1)
    return shares


def _map(stops: tuple[str, ...]) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("tissue", stops)


def _heat(axes: Axes, tissue: Tissue, frame: int, name: str, height: float) -> None:
    layer = int(np.clip(height / tissue.size[2] * tissue.shape[2], 0, tissue.shape[2] - 1))
    low, high, log = field_range(tissue, name)
    values = _share(tissue.field(name, frame)[layer], low, high, log)
    axes.imshow(
        values, origin="lower", extent=(0, tissue.size[0], 0, tissue.size[1]), cmap=_map(FIELD_STOPS),
        vmin=0, vmax=1, interpolation="bilinear", zorder=0,
    )  # fmt: skip


def _bar(axes: Axes, width: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    want = width / 5
    ten = 10.0 ** np.floor(np.log10(want))
    um = next(m for m in (5, 2, 1) if m * ten <= want) * ten
    right, low = width * 0.97, height * 0.03
    pad = width * 0.012
    axes.add_patch(
        Rectangle(
            (right - um - pad, low - pad), um + 2 * pad, width * 0.052, fc="#ffffffd9", ec="none", zorder=5
        )
    )
    axes.add_patch(Rectangle((right - um, low), um, width * 0.006, fc=INK, ec="none", zorder=6))
    axes.text(
        right - um / 2, low + width * 0.01, f"{um:g} µm", ha="center", va="bottom", fontsize=7.5,
        weight="bold", zorder=6,
    )  # fmt: skip


def _legend(made: Figure, tissue: Tissue, frame: int, colour_by: str, field: str | None, foot: float) -> None:
    from matplotlib.lines import Line2D

    w, h = made.get_size_inches()
    cells = tissue.cells(range(len(tissue.times))[frame])
    alive = np.asarray(cells["kind"], dtype=int)[column(cells, "dead") == 0]
    counts = np.bincount(alive, minlength=len(tissue.kinds))

    def dot(face: str, edge: str, label: str) -> Line2D:
        return Line2D([], [], marker="o", lw=0, ms=6.5, mfc=face, mec=edge, label=label)

    handles = []
    if colour_by == "state":
        for i, kind in enumerate(tissue.kinds):
            for j, state in enumerate(kind.states if len(kind.states) > 1 else ()):
                face = state_colour(tissue, i, j)
                handles.append(dot(face, darker(face), f"{kind.title}, {state.replace('_', ' ')}"))
    elif colour_by == "type":
        for i, kind in enumerate(tissue.kinds):
            face = type_colour(i)
            handles.append(dot(lighter(face, 0.35), darker(face), f"{kind.title} ({counts[i]:,})"))
    if (column(cells, "dead") > 0).any():
        handles.append(dot(DEAD[0], DEAD[2], "dead"))
    bars: list[tuple[str, tuple[str, ...], tuple[float, float, bool]]] = []
    if field is not None:
        facts = next(f for f in tissue.fields if f.name == field)
        bars.append((f"{facts.title}, {facts.unit}/mL", FIELD_STOPS, field_range(tissue, field)))
    if colour_by not in ("type", "state"):
        from vesiflux.report.tissue.embed import value_title

        unit = tissue.units.get(colour_by, "")
        title = value_title(colour_by) + (f", {unit}" if unit not in ("", "1") else "")
        bars.append((title, VALUE_STOPS, value_range(tissue, colour_by)))
    if handles:
        made.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, (foot - 0.03) / h),
            ncols=_columns(w, len(handles)), handletextpad=0.2, columnspacing=1.0,
        )  # fmt: skip
    for i, (label, stops, (low, high, log)) in enumerate(bars):
        axes = made.add_axes((0.08 + 0.5 * i, 0.24 / h, 0.36, 0.09 / h))
        axes.imshow(np.linspace(0, 1, 256)[None], aspect="auto", cmap=_map(stops), extent=(0, 1, 0, 1))
        axes.set_yticks([])
        middle = float(np.sqrt(low * high)) if log else (low + high) / 2
        axes.set_xticks(
            [0, 0.5, 1], [("≤ " if log else "") + number(low), number(middle), "≥ " + number(high)]
        )
        axes.set_title(label + (" (log)" if log else ""), fontsize=7.5, pad=3)


def _columns(width: float, entries: int) -> int:
    """Columns of a legend below a picture ``width`` inches wide."""
    return max(1, min(entries, int(width / 1.5)))


def _one(run: Any, arm: str | None) -> Tissue:
    if hasattr(run, "frame_times"):  # a stored run of one or more arms
        from vesiflux.errors import InputError
        from vesiflux.report.tissue.stored import StoredTissue

        name = next(iter(run.arms)) if arm is None else arm
        if name not in run.arms:
            raise InputError(f"no arm {name!r}; the run has {', '.join(run.arms)}")
        return StoredTissue(run, name)
    tissue: Tissue = run
    return tissue
