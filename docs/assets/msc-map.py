"""Where the sign of MSC exosomes on a tumour flips: source x tumour x dose, with draws of what is uncertain.

    python docs/assets/msc-map.py

Writes ``msc-map.tsv``, ``msc-flips.tsv`` and ``msc-map.svg`` beside it (some minutes). One run per source:
its exosomes alone, in the well of the library's model `msc`, with every kind of tumour cell that the model
has. An exosome of a source is what the claims say of it, of the sources it is a kind of and of MSC exosomes
in general, with the cargo of all of them. What a tumour cell does is as in the model; where claims contradict
each other, half of the draws take either side. Doses are the release of the source times 0.1 to 1e4, against
none.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vesiflux.language import Model

    Floats = npt.NDArray[np.float64]

HERE = Path(__file__).resolve().parent
DRAWS = 128
DOSES = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4)
#: |log2 fold| from which something changed, as in verification.
LEAST = 0.1
#: Share of draws that must agree for a sign to be called, and share on each side that makes it contested.
AGREE, CONTESTED = 0.5, 0.25
#: Source -> classes of the model whose claims and cargo its exosomes have; the first is its own.
SOURCES: dict[str, tuple[str, ...]] = {
    "msc": (),
    "adipose_msc": ("adipose_msc_exosome",),
    "umbilical_cord_msc": ("umbilical_cord_msc_exosome",),
    "bm_msc": ("bm_msc_exosome",),
    "healthy_donor_bm_msc": ("healthy_donor_bm_msc_exosome", "bm_msc_exosome"),
    "mm_patient_bm_msc": ("mm_patient_bm_msc_exosome", "bm_msc_exosome"),
    "glioma_associated_msc": ("glioma_associated_msc_exosome",),
    "ovarian_tumour_msc": ("ovarian_tumour_msc_exosome",),
}
GENERAL = ("msc_exosome", "msc_cargo_exosome")
#: What is read -> (node, sign for the tumour).
OUTCOMES: dict[str, tuple[tuple[str, int], ...]] = {
    "growth": (
        ("tumour_growth", 1),
        ("tumour_cell_proliferation", 1),
        ("colony_formation", 1),
        ("tumour_cell_apoptosis", -1),
        ("cell_cycle_arrest", -1),
    ),
    "spread": (("tumour_cell_migration", 1), ("tumour_invasion", 1), ("metastasis", 1), ("emt", 1)),
    "resistance": (("chemoresistance", 1),),
    "vessels": (("VEGFA", 1), ("tumour_angiogenesis", 1)),
}
COLUMNS = (
    "source", "tumour", "outcome", "dose", "vesicles_per_mL", "held_per_cell",
    "log2_fold", "low", "high", "share_up", "share_down", "sign",
)  # fmt: skip


@cache
def written() -> dict[str, Any]:
    """The library's model with everything written out."""
    from vesiflux.language import load
    from vesiflux.language.dump import to_plain

    return dict(to_plain(load("msc").spec))


def tumours(model: Mapping[str, Any]) -> list[str]:
    """Kinds of tumour cells that take up exosomes of MSC."""
    kinds = [n for n in model["cells"] if n.endswith(("cancer_cell", "osteosarcoma_cell", "like_cell"))]
    kinds += ["nsclc_cell", "glioblastoma_cell", "multiple_myeloma_cell", "leukaemia_cell"]
    loaded = {"lna_msc_exosome", "mir_145_msc_exosome", "mir_302a_msc_exosome", "drug_loaded_msc_exosome"}
    return [n for n in kinds if set(model["cells"][n]["takes_up"]) - loaded]


def one_source(source: str, doses: Sequence[float] = DOSES, side: int = 0) -> Model:
    """The model of one source: its exosomes, and every kind of tumour cell that can take them up.

    ``side``: which option of what is contested is taken, the first or the second.
    """
    from vesiflux.language import Model

    model = written()
    classes = (*SOURCES[source], *GENERAL)
    senders = model["cells"].values()
    cargo: dict[str, Any] = {}
    for name in reversed(classes):
        for sender in senders:
            cargo |= sender.get("secretes", {}).get(name, {}).get("cargo", {})
    cells: dict[str, Any] = {}
    for name in tumours(model):
        kept = {
            k: v for k, v in model["cells"][name].items() if k not in ("releases", "behaviours", "secretes")
        }
        told = [t for text in kept["responses"] if (t := _here(text, model, classes, cargo))]
        cells[name] = kept | {
            "count": "1e4 cell",
            "takes_up": {"exosome": {"preset": "usual"}},
            "responses": told,
        }
    needed = {
        w for cell in cells.values() for text in cell["responses"] for w in text.replace("@", " ").split()
    }
    sent = {"rate": {"evidence": "q_MSC"}, "cargo": {k: v for k, v in cargo.items() if k in needed}}
    cells = {source: {"preset": "msc", "count": "1e5 cell", "secretes": {"exosome": sent}}} | cells
    steps = {f"dose_{i}": dose for i, dose in enumerate((0.0, *doses))}
    scaled = {"scales": f"{source}.secretes.exosome.rate", "start": "before"}
    return Model.from_dict(
        {
            "vesiflux": 1,
            "name": f"msc-map-{source}",
            "space": model["space"],
            "structures": {
                name: {k: v for k, v in structure.items() if k != "options"}
                | {"options": structure["options"], "default": list(structure["options"])[side]}
                for name, structure in model["structures"].items()
                if any(name in text for cell in cells.values() for text in cell.get("responses", ()))
            },
            "vesicles": {"exosome": {"preset": "exosome", "symbol": [*SOURCES[source], "msc_exosome"]}},
            "cells": cells,
            "interventions": {k: scaled | {"factor": {"typical": v}} for k, v in steps.items()},
            "arms": {k: {"interventions": [k]} for k in steps},
            "run": {"for": "48 h", "record": "24 h", "draws": DRAWS},
        }
    )


def _here(text: str, model: Mapping[str, Any], classes: Sequence[str], cargo: Collection[str]) -> str:
    """A response where there are only these classes and this cargo; blank where nothing is left of it."""
    sent = [s for cell in model["cells"].values() for s in cell.get("secretes", {}).values()]
    missing = (set(model["vesicles"]) - set(classes)) | (
        {c for s in sent for c in s.get("cargo", {})} - set(cargo)
    )
    arrow = "->" if "->" in text else "-|"
    condition, _, rest = text.partition(arrow)
    terms = []
    for term in condition.split(" or "):
        name, _, place = term.strip().partition(" ")
        if name not in missing and "." not in name:
            terms.append(f"exosome {place}" if name in classes else term.strip())
    return f"{' or '.join(dict.fromkeys(terms))} {arrow}{rest}" if terms else ""


def lines(
    sources: Iterable[str] = tuple(SOURCES), doses: Sequence[float] = DOSES, draws: int = DRAWS
) -> Iterator[dict[str, str]]:
    """One line per source, tumour, outcome and dose."""
    import numpy as np

    import vesiflux as vf

    for source in sources:
        models = [one_source(source, doses, side) for side in (0, 1)]
        with tempfile.TemporaryDirectory() as store:
            runs = [vf.run(m, draws=draws // 2, seed=1 + i, store=store) for i, m in enumerate(models)]
            known = runs[0].outputs()
            for tumour in [c for c in models[0].spec.cells if c != source]:
                for outcome, nodes in OUTCOMES.items():
                    read = [(n, s) for n, s in nodes if f"{tumour}.node.{n}" in known]
                    for i, dose in enumerate(doses, start=1):
                        if read:
                            fold = np.concatenate([_fold(run, tumour, read, f"dose_{i}") for run in runs])
                            medium, held = (
                                float(np.median([np.median(run.final(name, f"dose_{i}")) for run in runs]))
                                for name in ("medium.exosome", f"{tumour}.held.exosome")
                            )
                            yield _line(source, tumour, outcome, dose, medium, held, fold)


def _fold(run: Any, tumour: str, read: Sequence[tuple[str, int]], arm: str) -> Floats:
    """Mean log2 fold of what is read against no vesicles, its sign that for the tumour; one per draw."""
    import numpy as np

    folds = []
    for node, sign in read:
        name = f"{tumour}.node.{node}"
        top, bottom = (np.asarray(run.final(name, a)) for a in (arm, "dose_0"))
        folds.append(sign * np.log2(np.maximum(top, 1e-9) / np.maximum(bottom, 1e-9)))
    return np.asarray(np.mean(folds, axis=0))


def _line(
    source: str, tumour: str, outcome: str, dose: float, medium: float, held: float, fold: Floats
) -> dict[str, str]:
    import numpy as np

    up, down = float(np.mean(fold > LEAST)), float(np.mean(fold < -LEAST))
    sign = "for" if up >= AGREE else "against" if down >= AGREE else "none"
    sign = "contested" if min(up, down) >= CONTESTED else sign
    low, middle, high = np.quantile(fold, (0.05, 0.5, 0.95))
    values = (dose, medium, held, middle, low, high, up, down)
    return dict(zip(COLUMNS, (source, tumour, outcome, *(f"{v:.3g}" for v in values), sign), strict=True))


def flips(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Where the sign is called both ways: (tumour, outcome, between what)."""
    found = []
    for tumour, outcome in dict.fromkeys((r["tumour"], r["outcome"]) for r in rows):
        here = [r for r in rows if (r["tumour"], r["outcome"]) == (tumour, outcome)]
        for source in dict.fromkeys(r["source"] for r in here):
            if _both(r["sign"] for r in here if r["source"] == source):
                found.append((tumour, outcome, f"dose, {source}"))
        for dose in dict.fromkeys(r["dose"] for r in here):
            if _both(r["sign"] for r in here if r["dose"] == dose):
                found.append((tumour, outcome, f"source, dose {dose}"))
    for outcome in OUTCOMES:
        for source in dict.fromkeys(r["source"] for r in rows):
            here = [r for r in rows if (r["source"], r["outcome"]) == (source, outcome)]
            if _both(r["sign"] for r in here):
                found.append(("", outcome, f"tumour, {source}"))
    return found


def _both(signs: Iterable[str]) -> bool:
    return {"for", "against"} <= set(signs)


def picture(rows: Sequence[Mapping[str, str]]) -> str:
    """The map as SVG text: per source a panel, tumour and outcome against dose."""
    import numpy as np
    from matplotlib.figure import Figure

    from vesiflux.report.style import drawing, to_svg

    sources = list(dict.fromkeys(r["source"] for r in rows))
    labels = list(dict.fromkeys((r["tumour"], r["outcome"]) for r in rows))
    doses = list(dict.fromkeys(r["dose"] for r in rows))
    at = {(r["source"], r["tumour"], r["outcome"], r["dose"]): r for r in rows}
    with drawing():
        figure = Figure(figsize=(11.0, 9.5), layout="constrained")
        panels = np.ravel(figure.subplots(2, (len(sources) + 1) // 2, sharex=True, sharey=True))
        for panel, source in zip(panels, sources, strict=False):
            share = np.array(
                [
                    [
                        float(at[source, *label, d]["share_up"]) - float(at[source, *label, d]["share_down"])
                        for d in doses
                    ]
                    for label in labels
                ]
            )
            extent = (0.0, len(doses), len(labels), 0.0)
            shown = panel.imshow(
                share,
                cmap="RdBu_r",
                vmin=-1.0,
                vmax=1.0,
                extent=extent,
                aspect="auto",
                interpolation="nearest",
            )
            panel.grid(False)
            panel.set_title(source.replace("_", " "), fontsize=9)
            panel.set_xticks(
                np.arange(len(doses)) + 0.5, [f"{float(d):g}" for d in doses], rotation=90, fontsize=7
            )
            panel.axvline(doses.index("1") + 0.5, color="#222222", lw=0.6, ls=":")
        names = [f"{tumour.removesuffix('_cell').replace('_', ' ')}, {outcome}" for tumour, outcome in labels]
        panels[0].set_yticks(np.arange(len(labels)) + 0.5, names, fontsize=7)
        figure.supxlabel("release of the source, 1 = one MSC to two tumour cells", fontsize=9)
        bar = figure.colorbar(shown, ax=list(panels), shrink=0.5)
        bar.set_label("share of draws for the tumour less share against it")
        return to_svg(figure, "Where exosomes of MSC are for a tumour and where against it")


def main() -> None:
    """Write table and figure."""
    sys.path.insert(0, str(HERE.parents[1] / "src"))
    rows = list(lines())
    with (HERE / "msc-map.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (HERE / "msc-map.svg").write_text(picture(rows), encoding="utf-8")
    told = ["\t".join(flip) for flip in [("tumour", "outcome", "flips_with"), *flips(rows)]]
    (HERE / "msc-flips.tsv").write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
