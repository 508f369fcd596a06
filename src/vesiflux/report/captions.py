"""What stands under the figures."""

from __future__ import annotations

CURVES = (
    "Each row is an arm. Left and middle: what is uncertain in the cell itself spreads the arm and its "
    "reference alike. Right: the same draws paired with the reference, so that only the effect of the arm "
    "is left."
)
UNCHANGED = "Within 10 % of their reference and not drawn:"
FOLDS = (
    "Symbol: median over the draws, line: 90 % interval, one line per structure where explanations compete. "
    "Grey: what papers reported; an arrow where they gave a sign and no number."
)
CEILING = " Red: 1/f, the most that all fate steps together can give, with its 90 % interval."
UNMOVED = "Not drawn, as nothing was reported and nothing moves (90 % interval within 7 % of 1):"
PLANE = (
    "Symbols: medians; crosses: 90 % intervals. What acts on the fate of MVBs moves along the horizontal "
    "line; what acts on both routes leaves it. Competing structures have a point of their own where they "
    "differ from the others by more than 10 %."
)
MACHINERY = "Boxes: pools with their median levels per cell at the end of the run. Arrows: median fluxes."
MACHINERY_FOLDS = " In brackets: fold of the reference, draw by draw, where it is not 1."
STEPS = "A step that nearly all pass is saturated: raising its factors further gives nothing."
CONSTRAINTS = (
    "Value over limit, median and 90 % interval; beyond: share of draws above the limit. Red: more than 5 % "
    "of draws, so that the arm's numbers should not be taken at face value."
)
DRIVERS = (
    "The parameters whose uncertainty moves the answer most: measuring the first narrows the bands most. "
    "Bars: rank correlation with the answer; grey: what chance alone gives in 95 % of cases."
)
RECEIVED = (
    "Blue: copies that vesicles brought to one cell, at the end of the run; median and 90 % interval over "
    "the draws. Far left of the orange band, the level at half effect, they cannot move the cell; far left "
    "of the green band they add nothing to what the cell has of its own."
)
RESPONSES = (
    "One row per quantity, one column per arm; bands over the draws, the arm's reference in grey behind it. "
    "Means over all cells of a type, whatever state they are in. The CSV has the change against the "
    "reference, paired by draw."
)
STILL = "Not drawn, as they never move:"
