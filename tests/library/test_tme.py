"""The tumour microenvironment in its smallest form: each therapy and each cut does what it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import vesiflux.library
from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.errors import InputError
from vesiflux.ir.lowering.tissue import lower_tissue
from vesiflux.ir.tissue import TissuePlan
from vesiflux.language import Model
from vesiflux.language.quantities import values
from vesiflux.library import catalogue

FOLDER = Path(vesiflux.library.__file__).parent / "tme"
#: What a model sets up, rather than takes from the world: no source is asked for.
SET_UP = {
    *(
        "adhesion_to",
        "bias",
        "count",
        "layout",
        "persistence",
        "recycling",
        "sigma",
        "size",
        "start",
        "towards",
    ),
    *("at", "voxel", "fixed"),
}


@cache
def model() -> Model:
    return Model.load("tme")


@cache
def plan(arm: str, *settings: tuple[str, str]) -> TissuePlan:
    return lower_tissue(model(), arm, {"size": "tiny", **dict(settings)})


@cache
def after(hours: float, arm: str, *settings: tuple[str, str], threads: int = 1) -> Simulation:
    tissue = Simulation(plan(arm, *settings), seed=1, threads=threads)
    tissue.run_until(hours)
    return tissue


def shown(tissue: Simulation, cell: str, name: str) -> np.ndarray:
    cells = tissue.frame().cells
    number = [kind.name for kind in tissue.plan.cells].index(cell)
    found: np.ndarray = cells[name][(cells["kind"] == number) & ~cells["dead"].astype(bool)]
    return found


def received(tissue: Simulation, cell: str, field: str) -> float:
    kind = [k.name for k in tissue.plan.cells].index(cell)
    number = [f.name for f in tissue.plan.fields].index(field)
    return float(tissue.received[kind, number])


def suppressed(tissue: Simulation) -> int:
    return int((shown(tissue, "cd8", "state") == 1).sum())


def test_every_arm_lowers_in_every_size_and_full_is_what_the_page_says() -> None:
    assert sum(kind.count for kind in lower_tissue(model(), "control").cells) == pytest.approx(2700, rel=0.05)
    assert sum(k.count for k in lower_tissue(model(), "control", {"size": "small"}).cells) == pytest.approx(
        580, rel=0.06
    )
    for arm in model().spec.arms:
        assert sum(kind.count for kind in plan(arm).cells) < 200


def test_it_is_listed_and_told_of() -> None:
    entry = next(m for m in catalogue() if m["name"] == "tme")
    assert entry["space"] == "tissue"
    assert entry["seconds"] > 0
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    arms = model().spec.arms
    assert [a for a in arms if a != "control" and f"`{a}`" not in text and not a.startswith("open_")] == []
    assert [v for v in model().spec.vesicles if f"`{v}`" not in text and v not in ("given", "liposome")] == []
    claims = {c for c in model().spec.evidence if c not in text}
    assert claims == set()


def test_numbers_say_where_they_come_from() -> None:
    bare = [
        ".".join(map(str, path))
        for path, _, _, value in values(model().spec, ())
        if value.evidence is None and not value.source and not SET_UP & set(path)
    ]
    allowed = (".tau", ".basal", ".hill", ".hindrance", ".radius", ".endogenous")
    assert [n for n in bare if not n.endswith(allowed) and not n.startswith("run.")] == []


def test_vesicles_and_copies_balance_whatever_is_done() -> None:
    for arm in ("control", "ptx_m1_exo", "no_uptake"):
        assert max(after(2.0, arm).balance().values()) < 1e-12


def test_the_same_bits_on_one_and_two_threads() -> None:
    one, two = after(2.0, "control").state(), after(2.0, "control", threads=2).state()
    assert one.keys() == two.keys()
    assert [n for n in one if not np.array_equal(one[n], two[n], equal_nan=one[n].dtype.kind == "f")] == []


def test_the_antibody_keeps_t_cells_active() -> None:
    assert suppressed(after(8.0, "anti_pd1")) < suppressed(after(8.0, "control"))
    signal = [np.mean(shown(after(8.0, arm), "cd8", "node.PDCD1_signal")) for arm in ("control", "anti_pd1")]
    assert signal[1] < 0.1 * signal[0]


def test_an_antibody_at_a_hundredth_of_its_affinity_does_little() -> None:
    weak = after(2.0, "anti_pd1", ("interventions.anti_pd1.dose", "0.01 nM"))
    free, strong = after(2.0, "control"), after(2.0, "anti_pd1")
    a, b, c = (np.mean(shown(t, "cd8", "node.PDCD1_signal")) for t in (free, weak, strong))
    assert b == pytest.approx(0.99 * a, rel=0.02)
    assert c < 0.1 * a


def test_less_release_leaves_fewer_copies_and_no_uptake_none() -> None:
    bound = {
        arm: np.mean(shown(after(2.0, arm), "cd8", "copies.PD-L1.surface"))
        for arm in ("control", "rab27a_loss", "nsmase_inhibitor", "no_uptake")
    }
    assert bound["no_uptake"] == 0.0
    assert 0.2 < bound["rab27a_loss"] / bound["control"] < 0.6
    assert bound["nsmase_inhibitor"] < 0.95 * bound["control"]
    assert received(after(2.0, "no_uptake"), "macrophage", "tumour_exosome.tumour") == 0.0


def test_ten_times_the_dose_delivers_ten_times_as_much_until_receptors_are_full() -> None:
    copies = [
        float(np.mean(shown(after(2.0, "kras_exo", *dose), "tumour", "copies.siKRAS.cytosol")))
        for dose in (
            (),
            (("schedule.5.amount", "6.7e9 vesicle/mL"),),
            (("schedule.5.amount", "6.7e12 vesicle/mL"),),
        )
    ]
    assert copies[1] / copies[0] == pytest.approx(10.0, rel=0.3)
    assert copies[2] / copies[1] < 500.0
    assert copies[0] < 10.0  # where a thousand are needed


def test_cd47_keeps_vesicles_from_macrophages() -> None:
    exosome, liposome = after(2.0, "kras_exo"), after(2.0, "kras_liposome")
    shares = []
    for tissue, field in ((exosome, "given.kras_exo"), (liposome, "liposome.kras_liposome")):
        shares.append(received(tissue, "macrophage", field) / received(tissue, "tumour", field))
    assert 1.2 < shares[1] / shares[0] < 3.0


def test_native_mirna_is_far_below_its_threshold() -> None:
    tissue = after(8.0, "control")
    for cell, molecule, own in (
        ("fibroblast", "miR-10b", 10.0),
        ("tumour", "HISLA", 10.0),
        ("nk", "circUHRF1", 100.0),
    ):
        delivered = shown(tissue, cell, f"copies.{molecule}.cytosol") - own
        assert 0.0 < np.max(delivered) < 2.0


@pytest.mark.parametrize(
    ("arm", "cell", "name"),
    [
        ("open_pdl1", "cd8", "copies.PD-L1.surface"),
        ("open_m2", "macrophage", "copies.gp130.surface"),
        ("open_caf", "macrophage", "copies.miR-10b.surface"),
        ("open_fat", "adipocyte", "node.NFKB"),
        ("open_exhaustion", "cd8", "node.exhaustion"),
        ("open_lactate", "tumour", "copies.HISLA.surface"),
    ],
)
def test_an_opened_loop_lacks_what_it_lacks(arm: str, cell: str, name: str) -> None:
    hours = 8.0 if arm == "open_exhaustion" else 2.0  # first some must be exhausted
    closed, opened = (float(np.mean(shown(after(hours, a), cell, name))) for a in ("control", arm))
    assert opened < 0.97 * closed


def test_without_cxcl10_no_t_cell_comes() -> None:
    assert sum(event == "recruitment" for event in _events("control")) > 0
    assert "recruitment" not in _events("open_cxcl10")


@cache
def _events(arm: str) -> tuple[str, ...]:
    tissue = Simulation(plan(arm), seed=1)
    found: list[str] = []
    while tissue.time < 24.0:
        tissue.step(1)
        found += [event for _, event, _, _ in tissue.events]
        if "recruitment" in found:
            break
    return tuple(found)


def test_an_arm_carries_what_it_is_given_and_settings_of_others_are_theirs() -> None:
    def given(arm: str, *settings: tuple[str, str]) -> set[str]:
        return {f.sender for f in plan(arm, *settings).fields if f.vesicle in ("given", "liposome")}

    others = (
        ("interventions.anti_pd1.dose", "1 nM"),
        ("preparations.dc_exo.cargo.pMHC.copies", "9 copy/vesicle"),
    )
    assert given("control", *others) == set()
    assert given("dc_exo", *others) == {"dc_exo"}
    with pytest.raises(InputError, match="anti_pd2"):
        plan("control", ("interventions.anti_pd2.dose", "1 nM"))
