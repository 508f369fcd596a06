"""What making exosomes of MSC takes: batches by passage, litres and cells by culture.

    python docs/assets/msc-manufacture.py

Writes ``msc-batches.tsv`` and ``msc-scale.tsv`` beside it (some seconds). Batches: copies of a cargo per
vesicle over the median batch, as the choice `passage` of the model `msc` has them: assumed spreads, of which
only that they grow with passages is told (msc-124). Scale: one clinical dose (row D_iv) after tangential flow
and a column, by culture; there the spread holds what is not known as well.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
PASSAGES = ("p3", "p6", "p10")
DRAWS = 400
#: What a batch is told by: source, class and cargo.
POTENCY = (
    ("bm_msc", "bm_msc_exosome", "miR-144"),
    ("umbilical_cord_msc", "umbilical_cord_msc_exosome", "miR-145-5p"),
    ("ovarian_tumour_msc", "ovarian_tumour_msc_exosome", "IL6"),
)


def batches(draws: int = DRAWS) -> Iterator[dict[str, str]]:
    """One line per passage and cargo: spread of the copies between batches."""
    import numpy as np

    from vesiflux.evidence.priors import Prior
    from vesiflux.ir.lowering import lower
    from vesiflux.ir.lowering.arms import chosen_priors
    from vesiflux.language import load
    from vesiflux.study.draws import uniforms

    model = load("msc")
    compiled = lower(model)
    for passage in PASSAGES:
        priors: Mapping[int, Prior] = chosen_priors(model.spec, compiled.parameters, "passage", passage)
        for source, vesicle, cargo in POTENCY:
            name = f"{source}.secretes.{vesicle}.cargo.{cargo}.sorting"
            at = compiled.parameter(name)
            prior = priors.get(at, compiled.parameters[at].prior)
            lots = prior.quantile(uniforms(1, name, 0, draws))
            relative = lots / np.median(lots)
            yield {
                "passage": passage,
                "source": source,
                "cargo": cargo,
                "low": f"{np.quantile(relative, 0.05):.2g}",
                "high": f"{np.quantile(relative, 0.95):.2g}",
                "within_twofold": f"{np.mean((relative >= 0.5) & (relative <= 2.0)):.0%}",
            }


def scale(draws: int = 200) -> Iterator[dict[str, str]]:
    """One line per culture: what one dose takes."""
    from vesiflux.assay.isolation.chain import isolate
    from vesiflux.assay.protocol import load
    from vesiflux.assay.scale import cultures, scale_up
    from vesiflux.evidence import Evidence

    dose = Evidence.load().prior("D_iv").typical
    done = isolate(load("tff-sec"), draws=draws)
    for culture in cultures():
        found = scale_up(done, dose, culture)
        yield {
            "culture": culture,
            "dose": f"{dose:.2g}",
            "litres": _interval(found["litres"]),
            "cells": _interval(found["cells"]),
            "lots_within_twofold": f"{found['lots_within_twofold']['vesicles']:.0%}",
        }


def _interval(found: Mapping[str, float]) -> str:
    return f"{found['median']:.2g} ({found['low']:.2g} to {found['high']:.2g})"


def main() -> None:
    """Write both tables."""
    sys.path.insert(0, str(HERE.parents[1] / "src"))
    for name, rows in (("msc-batches.tsv", list(batches())), ("msc-scale.tsv", list(scale()))):
        with (HERE / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
