"""Therapies and loops of ``tme``, twenty tissues each: ``tme-therapies.json`` and ``tme-therapies.svg``.

From the root of the repository, in an environment with vesiflux (about 17 minutes of one core):

    .venv/bin/python docs/assets/tme-therapies.py              # what is missing, then the figure
    .venv/bin/python docs/assets/tme-therapies.py --figure     # the figure alone

Every tissue is the small form for 8 h in steps of 12 min; tissues differ in the seed: where cells lie and
every chance after. Runs are kept as they end: a run that was stopped goes on, another model begins
anew.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "_results" / "tme-therapies.json"
FIGURE = Path(__file__).with_suffix(".svg")
SEEDS = tuple(range(1, 21))
HOURS, STEP = 8.0, 0.2
SIZE = "small"
#: Vesicles i.v. in a mouse, and the times that they are of the dose in the model.
VESICLES = (("1e10", 1.0), ("1e11", 10.0), ("1e13", 1e3))
GIVEN = (
    *("dc_exo", "dc_exo_anti_pd1", "m1_vesicle", "nk_exo", "msc_exo", "kras_exo", "kras_liposome"),
    *("car_exo", "smart_exo", "ptx_m1_exo"),
)
DRUGS = {
    "anti_pd1": ("anti_pd1", ("0.1 nM", "1 nM", "100 nM")),
    "nsmase_inhibitor": ("nsmase", ("0.3 uM", "3 uM", "20 uM")),
}
OTHERS = ("rab27a_loss", "no_uptake")
#: What is followed of a therapy beside the outcomes: a cell and a number shown of it.
SEEN = {
    "kras_exo": ("tumour", "copies.siKRAS.cytosol"),
    "kras_liposome": ("tumour", "copies.siKRAS.cytosol"),
    "msc_exo": ("tumour", "copies.miR-145-5p.cytosol"),
    "nk_exo": ("tumour", "copies.GZMB.cytosol"),
    "car_exo": ("tumour", "copies.GZMB.cytosol"),
    "ptx_m1_exo": ("tumour", "copies.PTX.cytosol"),
    "m1_vesicle": ("macrophage", "copies.TNF.surface"),
    "dc_exo": ("cd8", "copies.pMHC.surface"),
    "dc_exo_anti_pd1": ("cd8", "copies.pMHC.surface"),
    "smart_exo": ("cd8", "copies.aCD3.surface"),
    "anti_pd1": ("cd8", "node.PDCD1_signal"),
    "nsmase_inhibitor": ("cd8", "copies.PD-L1.surface"),
}


@dataclass(frozen=True)
class Job:
    """Twenty tissues of one arm at one dose."""

    arm: str
    dose: str
    settings: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """Name among the results."""
        return f"{self.arm} {self.dose}".strip()


def jobs() -> Iterator[Job]:
    """Everything that is run."""
    from vesiflux import Model, units

    spec = Model.load("tme").spec
    yield Job("control", "", ())
    for arm, (prefix, doses) in DRUGS.items():
        names = [n for n in spec.arms[arm].interventions if n.startswith(prefix)]
        for dose in doses:
            yield Job(arm, dose, tuple((f"interventions.{n}.dose", dose) for n in names))
    for arm in GIVEN:
        number, item = next((i, s) for i, s in enumerate(spec.schedule, 1) if arm in s.arms)
        assert item.amount is not None
        usual = units.parse(item.amount.typical, "vesicle/mL")
        for label, times in VESICLES:
            amount = f"{usual * times:g} vesicle/mL"
            yield Job(arm, label, ((f"schedule.{number}.amount", amount),))
    for arm in (*OTHERS, *(a for a in spec.arms if a.startswith("open_"))):
        yield Job(arm, "", ())


def rank(job: Job) -> int:
    """What is run first: loops and usual doses, then the highest, then those between."""
    usual = {"", VESICLES[0][0], *(doses[-1] for _, doses in DRUGS.values())}
    highest = {VESICLES[-1][0], *(doses[0] for _, doses in DRUGS.values())}
    return 0 if job.dose in usual else 1 if job.dose in highest else 2


def run(job: Job) -> tuple[str, list[dict[str, float]]]:
    """All tissues of a job."""
    from vesiflux import Model
    from vesiflux.engines.tissue.simulation import Simulation
    from vesiflux.ir.lowering.tissue import lower_tissue

    plan = lower_tissue(Model.load("tme"), job.arm, {"size": SIZE, **dict(job.settings)})
    plan = replace(plan, duration=HOURS, step=STEP)
    return job.key, [outcome(Simulation(plan, seed=seed, threads=1), job.arm) for seed in SEEDS]


def outcome(tissue: Any, arm: str) -> dict[str, float]:
    """Numbers of one tissue at its end."""
    import numpy as np

    killed = 0
    while tissue.time < HOURS - 1e-9:
        tissue.step(1)
        killed += sum(event == "killing" for _, event, _, _ in tissue.events)
    cells = tissue.frame().cells
    kinds = {kind.name: (number, kind.states) for number, kind in enumerate(tissue.plan.cells)}

    def those(name: str, state: str = "") -> Any:
        number, states = kinds[name]
        mine = (cells["kind"] == number) & ~cells["dead"].astype(bool)
        return mine & (cells["state"] == states.index(state)) if state else mine

    found = {
        "tumour": int(those("tumour").sum()),
        "killed": killed,
        "cd8": int(those("cd8").sum()),
        "cd8_active": int(those("cd8", "active").sum()),
        "m2": int(those("macrophage", "m2_like").sum()),
        "caf": int(those("fibroblast", "caf").sum()),
        "fat_changed": int(those("adipocyte", "cancer_associated").sum()),
        "HISLA": float(np.mean(cells["copies.HISLA.cytosol"][those("tumour")])),
        "miR-10b": float(np.mean(cells["copies.miR-10b.cytosol"][those("fibroblast")])),
        "PD-L1": float(np.mean(cells["copies.PD-L1.surface"][those("cd8")])),
        "balance": max(tissue.balance().values()),
    }
    if arm in SEEN:
        cell, shown = SEEN[arm]
        found["seen"] = float(np.mean(cells[shown][those(cell)]))
    return found


def kept() -> dict[str, Any]:
    """Results of this text of the model, as far as there are any."""
    from vesiflux import Model
    from vesiflux.store.keys import digest

    model = Model.load("tme")
    head = {
        "model": digest(model.to_dict(whole=True)),
        "size": SIZE,
        "hours": HOURS,
        "step": STEP,
        "seeds": list(SEEDS),
        "titles": {name: arm.title for name, arm in model.spec.arms.items()},
    }
    if RESULTS.is_file():
        there: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
        if {k: there.get(k) for k in head} == head:
            return there
    return {**head, "runs": {}}


def interval(runs: list[dict[str, float]], control: list[dict[str, float]], name: str) -> tuple[float, float]:
    """Mean difference between tissues of one seed, and half its 95 % interval, as shares of the control."""
    import numpy as np
    from scipy import stats

    a, b = (np.array([r[name] for r in rows], dtype=float) for rows in (runs, control))
    half = stats.t.ppf(0.975, a.size - 1) * (a - b).std(ddof=1) / np.sqrt(a.size)
    return float((a - b).mean() / b.mean()), float(half / b.mean())


def draw(results: dict[str, Any]) -> None:
    """The figure: differences from the control by therapy and dose."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "tme", "font.size": 9, "svg.fonttype": "none"})
    arms = [*DRUGS, *GIVEN]
    doses = {arm: (DRUGS[arm][1] if arm in DRUGS else tuple(d for d, _ in VESICLES)) for arm in arms}
    panels = (("tumour", "tumour cells alive"), ("cd8_active", "active CD8 T cells"))
    figure, axes = plt.subplots(1, 2, figsize=(8.6, 6.4), sharey=True)
    colours = ("#9ecae1", "#3182bd", "#08306b")
    for axis, (name, title) in zip(axes, panels, strict=True):
        for row, arm in enumerate(arms):
            for i, dose in enumerate(doses[arm]):
                if f"{arm} {dose}" not in results["runs"]:
                    continue
                middle, half = interval(results["runs"][f"{arm} {dose}"], results["runs"]["control"], name)
                axis.errorbar(
                    100 * middle,
                    row + 0.22 * (i - 1),
                    xerr=100 * half,
                    fmt="o",
                    ms=4,
                    lw=1.4,
                    color=colours[i],
                )
        axis.axvline(0, color="0.5", lw=0.8)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("difference from control, %")
        axis.set_ylim(len(arms) - 0.5, -0.5)
        axis.grid(axis="x", color="0.92")
        axis.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
        axis.tick_params(left=False)
    texts = [f"{results['titles'][arm]}\n{', '.join(doses[arm])}" for arm in arms]
    axes[0].set_yticks(range(len(arms)), texts)
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=c, label=f"{word} dose")
        for c, word in zip(colours, ("first", "second", "third"), strict=True)
    ]
    figure.legend(handles=handles, loc="lower center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(FIGURE, metadata={"Date": None})


def main() -> None:
    """Run what is missing, then draw."""
    results = kept()
    if "--figure" not in sys.argv:
        missing = sorted((job for job in jobs() if job.key not in results["runs"]), key=rank)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            for done in as_completed([pool.submit(run, job) for job in missing]):
                key, runs = done.result()
                results["runs"][key] = [{n: float(f"{v:.5g}") for n, v in one.items()} for one in runs]
                results["runs"] = {j.key: results["runs"][j.key] for j in jobs() if j.key in results["runs"]}
                RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
                sys.stdout.write(f"{key}: {len(results['runs'])}\n")
                sys.stdout.flush()
    draw(results)


if __name__ == "__main__":
    main()
