"""Tissue runs as CSV, AnnData and VTK."""

from __future__ import annotations

import base64
import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from tissue_fake import Fake, plan

from vesiflux.store.tissue import TissueRun
from vesiflux.store.tissue.export_anndata import write_anndata
from vesiflux.store.tissue.export_vtk import write_vtk
from vesiflux.study.tissue import execute_tissue


def made(folder: Path, threads: int = 1) -> TissueRun:
    plans = {"control": plan("control", 2.0), "drug": plan("drug", 2.0)}
    call = {"arms": None, "seed": 3, "set": {}}
    return execute_tissue(plans, call, store=folder / "s", engine=Fake, threads=threads)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TissueRun:
    return made(tmp_path_factory.mktemp("tissue"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_of_two_runs_is_the_same_bytes(run: TissueRun, tmp_path: Path) -> None:
    one = run.to_csv(tmp_path / "one")
    two = made(tmp_path, threads=2).to_csv(tmp_path / "two")
    names = {"series.csv", "cells.csv", "events.csv", "received.csv", "fields.csv", "profiles.csv"}
    assert {p.name for p in one.iterdir()} == names
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()
        assert str(tmp_path).encode() not in (one / name).read_bytes()


def test_csv_says_what_the_run_says(run: TissueRun, tmp_path: Path) -> None:
    folder = run.to_csv(tmp_path)
    cells = rows(folder / "cells.csv")
    assert len(cells) == sum(run.cells(f, a).num_rows for a in run.arms for f in range(3))
    assert {c["kind"] for c in cells} == {"tumour", "macrophage"}
    assert {c["state"] for c in cells} == {"", "m0"}
    last = [c for c in cells if (c["arm"], c["frame"]) == ("drug", "2")]
    assert [float(c["x_um"]) for c in last] == pytest.approx(run.cells(2, "drug")["x"].to_pylist())
    field = run.field("oxygen", 2, "drug").to_numpy().astype(float)
    total = next(
        r
        for r in rows(folder / "fields.csv")
        if (r["arm"], r["frame"], r["field"]) == ("drug", "2", "oxygen")
    )
    assert float(total["amount"]) == pytest.approx(field.sum() * 20**3 * 1e-12)
    assert float(total["most_per_mL"]) == field.max()
    profile = [
        r
        for r in rows(folder / "profiles.csv")
        if (r["arm"], r["frame"], r["field"]) == ("drug", "2", "oxygen")
    ]
    assert sum(int(r["voxels"]) for r in profile) == field.size
    mean = sum(int(r["voxels"]) * float(r["mean_per_mL"]) for r in profile) / field.size
    assert mean == pytest.approx(field.mean())


def test_anndata(run: TissueRun, tmp_path: Path) -> None:
    anndata = pytest.importorskip("anndata")
    found = anndata.read_h5ad(write_anndata(run, tmp_path / "deep" / "cells.h5ad"))
    assert found.n_obs == sum(run.cells(f, a).num_rows for a in run.arms for f in range(3))
    last = found[(found.obs["arm"] == "drug") & (found.obs["frame"] == 2)]
    cells = run.cells(2, "drug")
    assert last.obs["id"].tolist() == cells["id"].to_pylist()
    np.testing.assert_allclose(last.obsm["spatial"], np.stack([cells["x"], cells["y"]], axis=1))
    assert last.X[:, 0].tolist() == cells["node.KRAS"].to_pylist()
    assert found.var_names.tolist() == ["node.KRAS"]
    assert found.obs_names.is_unique
    assert found.uns["vesiflux"]["box"].tolist() == [120, 100, 20]


def array(path: Path, name: str) -> np.ndarray:
    """An array of a VTK file, read by hand."""
    types = {"Float32": "<f4", "Float64": "<f8", "Int64": "<i8", "UInt8": "u1"}
    element = next(e for e in ET.parse(path).iter("DataArray") if e.get("Name") == name)
    text = element.text.strip()
    size = int.from_bytes(base64.b64decode(text[:12])[:8], "little")
    raw = base64.b64decode(text[12:])
    assert len(raw) == size
    return np.frombuffer(raw, types[element.get("type")])


def test_vtk(run: TissueRun, tmp_path: Path) -> None:
    folder = write_vtk(run, tmp_path / "vtk") / "drug"
    image = folder / "fields_00002.vti"
    values = array(image, "exosome.tumour.a/b")
    np.testing.assert_array_equal(values, run.field("exosome.tumour.a/b", 2, "drug").to_numpy().ravel())
    root = next(ET.parse(image).iter("ImageData"))
    assert (root.get("WholeExtent"), root.get("Spacing")) == ("0 6 0 5 0 1", "20 20 20")
    cells = run.cells(2, "drug")
    points = array(folder / "cells_00002.vtp", "Points").reshape(-1, 3)
    assert points[:, 1].tolist() == cells["y"].to_pylist()
    assert array(folder / "cells_00002.vtp", "dead").tolist() == cells["dead"].to_pylist()
    parts = [e.attrib for e in ET.parse(folder / "cells.pvd").iter("DataSet")]
    assert parts[1] == {"timestep": "1.0", "file": "cells_00001.vtp"}
    assert not list(folder.glob("vesicles*"))


def test_vtk_of_one_arm(run: TissueRun, tmp_path: Path) -> None:
    assert [p.name for p in write_vtk(run, tmp_path, "drug").iterdir()] == ["drug"]


def test_vtk_reads_it(run: TissueRun, tmp_path: Path) -> None:
    """Where VTK itself is at hand."""
    vtk = pytest.importorskip("vtk")
    folder = write_vtk(run, tmp_path, "drug") / "drug"
    reader = vtk.vtkXMLImageDataReader()
    reader.SetFileName(str(folder / "fields_00002.vti"))
    reader.Update()
    assert reader.GetOutput().GetNumberOfCells() == 30
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(folder / "cells_00002.vtp"))
    reader.Update()
    assert reader.GetOutput().GetNumberOfPoints() == run.cells(2, "drug").num_rows
