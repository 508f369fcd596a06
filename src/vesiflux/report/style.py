"""One look for every figure: colours that colour-blind readers tell apart, text that stays text.

Figures are SVG with real text (searchable, editable, small). Widths are measured with matplotlib's own
font and shown with a narrower one where the reader has it, so nothing measured to fit can overflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = [
    "CLASS_COLOURS",
    "FAINT",
    "INK",
    "MARKS",
    "MUTED",
    "RULE",
    "WARN",
    "WIDTH",
    "class_colour",
    "drawing",
    "fold_axis",
    "inlined",
    "log_axis",
    "log_ticks",
    "number",
    "plain",
    "tick",
    "to_svg",
]

INK = "#1f2933"
MUTED = "#5f6b7a"
RULE = "#c9d1d9"
FAINT = "#eef1f4"
WARN = "#b3261e"

# Okabe and Ito's palette (Color Universal Design, 2008): safe for the common colour-vision deficiencies.
CLASS_COLOURS = {
    "exosome": "#0072B2",
    "microvesicle": "#D55E00",
    "small_ectosome": "#009E73",
    "apoptotic_body": "#CC79A7",
}
SPARE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

# mark -> (marker, colour): shape carries the meaning as well, for print without colour
MARKS = {
    "calibrated": ("s", "#009E73"),
    "predicted": ("o", "#0072B2"),
    "assumed": ("D", "#B26A00"),
    "exceeds machinery": ("^", "#B3261E"),
    "control": ("o", "#5f6b7a"),
}

WIDTH = 10.0  # inches: 960 px at 100 %, the width of the page's column

_FONTS = "'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_RC: dict[Any, Any] = {
    "text.parse_math": False,  # a $ in a title is a $
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.4,
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "vesiflux",
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw under the report's settings, without a display and without the user's own matplotlibrc."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def class_colour(name: str, position: int = 0) -> str:
    """Colour of a vesicle class; classes without one of their own take the spare colours in turn."""
    return CLASS_COLOURS.get(name, SPARE_COLOURS[position % len(SPARE_COLOURS)])


def number(value: float | None, digits: int = 2) -> str:
    """Plain text of a number: `digits` significant figures, no exponent between 0.001 and 1e6.

    >>> number(1234.5), number(0.0123), number(3e9), number(None)
    ('1,200', '0.012', '3e9', '–')
    """
    if value is None or value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 1e6 or magnitude < 1e-3:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    from math import floor, log10

    rounded = float(f"{value:.{digits}g}")
    decimals = max(0, digits - 1 - floor(log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}".replace("-", "−")


def plain(value: float) -> str:
    """A number as a paper prints it: no digits added, none of the first six lost."""
    return f"{value:g}".replace("-", "−")


# mantissas of ticks, finest first: what a reader would write on a ruler
_RULERS = (
    (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9),
    (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)


def log_ticks(low: float, high: float, room: int = 6) -> tuple[list[float], list[float]]:
    """Major and minor ticks of a logarithmic axis over low..high: at most about `room` major ones."""
    decades = range(-12, 16)
    major: list[float] = []
    for ruler in _RULERS:
        major = [m * 10.0**k for k in decades for m in ruler if low <= m * 10.0**k <= high]
        if len(major) <= room:
            break
    else:
        major = major[:: -(-len(major) // room)]
    minor = [m * 10.0**k for k in decades for m in range(1, 10) if low <= m * 10.0**k <= high]
    return major, [m for m in minor if all(abs(m - t) > 1e-9 * t for t in major)]


def log_axis(axis: Axis, low: float, high: float, room: int = 6) -> None:
    """Ticks of a logarithmic axis as plain numbers. Fixed ones: many panels with computed ones are slow."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter

    major, minor = log_ticks(low, high, room)
    axis.set_major_locator(FixedLocator(major))
    axis.set_minor_locator(FixedLocator(minor if len(minor) < 60 and high / low > 4 else []))
    axis.set_major_formatter(FixedFormatter([tick(t) for t in major]))
    axis.set_minor_formatter(NullFormatter())


def tick(value: float) -> str:
    """A value as an axis says it: no exponent between 0.001 and a million."""
    if not 1e-3 <= value < 1e6:
        return number(value)
    return f"{value:,.0f}" if value >= 10 else f"{float(f'{value:.6g}'):g}"


def fold_axis(axes: Axes, low: float, high: float, which: str = "x") -> None:
    """A logarithmic fold axis over low..high (always with 1 in it), a line at 1 and plain ticks."""
    low, high = min(low, 0.9), max(high, 1.1)
    low, high = low / 1.12, high * 1.12
    if which == "x":
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        log_axis(axes.xaxis, low, high, room=8)
        axes.axvline(1.0, color=MUTED, lw=0.8, zorder=0.5)
        axes.grid(axis="x", color=FAINT, lw=0.8)
    else:
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        log_axis(axes.yaxis, low, high, room=8)
        axes.axhline(1.0, color=MUTED, lw=0.8, zorder=0.5)
        axes.grid(axis="y", color=FAINT, lw=0.8)


def to_svg(figure: Figure, title: str) -> str:
    """SVG text of a figure: no date, no creator, ids from content, so equal figures give equal bytes.

    ``title``: what the figure shows, for readers who listen; becomes ``<title>``.
    """
    import io
    from html import escape

    buffer = io.StringIO()
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=metadata)
    text = re.sub(r"'DejaVu Sans'[^;\"]*", _FONTS, buffer.getvalue())
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text)
    # a hundredth of a point is enough; texts between the tags stay as they are
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    label = f"\n <title>{escape(title)}</title>"
    return re.sub(r"<svg\b([^>]*)>", lambda m: f'<svg role="img"{m[1]}>{label}', text, count=1)


def inlined(svg: str, prefix: str) -> str:
    """An SVG as part of an HTML page: no XML header, ids under ``prefix`` (figures share the page's ids)."""
    text = svg[svg.index("<svg") :]
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r' id="(?:\w+_\d+)"', "", text)  # groups that nothing points at
    text = text.replace(' id="', f' id="{prefix}-')
    text = text.replace('href="#', f'href="#{prefix}-').replace("url(#", f"url(#{prefix}-")
    # matplotlib's own style block would apply to the whole page
    return re.sub(r"<style\b.*?</style>", "", text, flags=re.S)
