"""Folder of a tissue run: what is written comes back, and what is damaged is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tissue_fake import Fake, plan

from vesiflux.errors import InputError, RunError
from vesiflux.store.tissue import TissueRun
from vesiflux.store.tissue.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from vesiflux.store.tissue.schedule import Schedule
from vesiflux.store.tissue.tables import columns_table, read_table, write_table
from vesiflux.study.tissue import execute_tissue

CALL = {"arms": None, "seed": 3, "set": {}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TissueRun:
    plans = {"control": plan("control"), "drug": plan("drug")}
    return execute_tissue(plans, CALL, store=tmp_path_factory.mktemp("tissue") / "s", engine=Fake)


@pytest.fixture
def own(tmp_path: Path) -> TissueRun:
    """A run of one's own, to be damaged."""
    return execute_tissue({"control": plan(hours=1.0)}, CALL, store=tmp_path / "s", engine=Fake)


@pytest.fixture(scope="module")
def straight() -> Fake:
    """The same simulation, 3 h on."""
    simulation = Fake(plan(), seed=3)
    simulation.step(30)
    return simulation


def test_fields_come_back(run: TissueRun, straight: Fake) -> None:
    for name, values in straight.frame().fields.items():
        found = run.field(name, 3, "drug")
        assert found.dims == ("z", "y", "x")
        np.testing.assert_array_equal(found, values.astype(np.float32))
    assert found.attrs["units"] == "molecule/mL"
    assert found.x.values.tolist() == [10, 30, 50, 70, 90, 110]
    assert found.time == 3.0


def test_fields_are_ordinary_zarr(run: TissueRun) -> None:
    import zarr

    group = zarr.open_group(run.folder().zarr, mode="r")
    assert group["time"][:].tolist() == run.frames.tolist() == [0, 1, 2, 3, 4]
    array = group["field/exosome.tumour.a%2Fb"]
    assert (array.shape, array.chunks, array.attrs["units"]) == ((5, 1, 5, 6), (1, 1, 5, 6), "copy/mL")
    np.testing.assert_array_equal(array[2], run.field("exosome.tumour.a/b", 2))


def test_cells_come_back(run: TissueRun, straight: Fake) -> None:
    table = run.cells(3)
    cells = straight.frame().cells
    assert table.column_names == list(cells)
    for name, values in cells.items():
        wanted = values.astype(np.float32) if values.dtype.kind == "f" else values
        np.testing.assert_array_equal(table[name].to_numpy(), wanted)


def test_series_events_and_received(run: TissueRun) -> None:
    assert run.series()["time"].to_pylist() == [0.5 * i for i in range(9)]
    events = run.events()
    straight = Fake(plan(), seed=3)
    wanted = []
    for _ in range(40):
        straight.step()
        wanted += straight.events
    assert list(zip(*events.to_pydict().values(), strict=True)) == wanted
    rows = run.received().to_pylist()
    assert len(rows) == 2 * 3
    assert rows[4] | {"amount": 0} == {
        "recipient": "macrophage", "sender": "tumour", "class": "exosome", "quantity": "cargo",
        "molecule": "a/b", "field": "exosome.tumour.a/b", "unit": "copy", "amount": 0,
    }  # fmt: skip
    assert rows[4]["amount"] == straight.received[1, 1]


def test_summary_has_the_common_keys_and_its_own(run: TissueRun) -> None:
    summary = json.loads(json.dumps(run.summary()))
    assert list(summary) == [
        "run", "seconds", "balance_error", "cells", "voxels", "vesicles_secreted", "field_error_estimate",
        "arms",
    ]  # fmt: skip
    first = summary["arms"]["control"]
    cells = run.cells()
    alive = cells.num_rows - sum(cells["dead"].to_pylist())
    assert summary["cells"] == first["cells"] == alive
    assert first["dead"] == cells.num_rows - alive
    assert sum(k["cells"] for k in first["kinds"].values()) == alive
    macrophage = first["kinds"]["macrophage"]
    assert sum(macrophage["states"].values()) == macrophage["cells"]
    assert (summary["voxels"], summary["field_error_estimate"]) == (30, 1e-4)
    assert summary["vesicles_secreted"] == first["secreted"]["exosome"] > 0
    assert set(first["received"]["tumour"]) == {"exosome", "oxygen"}


def test_frames_count_from_either_end(run: TissueRun) -> None:
    assert run.field("oxygen", -1).equals(run.field("oxygen", 4))
    for wrong in (5, -6):
        with pytest.raises(InputError, match=f"no frame {wrong}; arm control has 5 frames, 0 to 4"):
            run.cells(wrong)
    with pytest.raises(InputError, match="no field named 'oxigen'; did you mean 'oxygen'"):
        run.field("oxigen")
    with pytest.raises(InputError, match="no arm named 'drugs'; did you mean 'drug'"):
        run.cells(arm="drugs")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("cells/00000.parquet", lambda r: r.cells(0)),
        ("series.parquet", lambda r: r.series()),
        ("frames.zarr/field/oxygen/0.0.0.0", lambda r: r.field("oxygen", 0)),
        ("result.json", lambda r: r.summary()),
    ],
)
def test_damage_is_told_with_the_file(own: TissueRun, name: str, read) -> None:
    path = own.folder().root / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match=f"{name}: damaged"):
        read(own)
    path.unlink()
    if not name.startswith("cells"):  # a frame without its cells is none
        with pytest.raises(RunError, match=r"missing|cannot be read|not finished"):
            read(own)


def test_tables_say_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_table(path, columns_table({"x": np.arange(3.0), "id": np.arange(3)}), "cells")
    assert read_table(path, "cells").schema.names == ["x", "id"]
    with pytest.raises(RunError, match="holds vesiflux-tissue-cells, not vesiflux-tissue-series"):
        read_table(path, "series")
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(RunError, match="no table of a tissue run"):
        read_table(path, "cells")


def test_a_checkpoint_comes_back_and_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    assert read_checkpoint(path) is None
    state = {
        "a/b": np.arange(6.0).reshape(2, 3),
        "n": np.array(4),
        "u": np.array(["x", "yy"]),
        "0": np.zeros(0),
    }
    for step in (1, 2):
        write_checkpoint(path, Checkpoint(step, "k", state, {"rows": np.ones(2)}, 1.5))
    found = read_checkpoint(path)
    assert found is not None
    assert (found.step, found.key, found.seconds, list(found.state)) == (2, "k", 1.5, list(state))
    for name, values in state.items():
        assert found.state[name].dtype == values.dtype
        np.testing.assert_array_equal(found.state[name], values)
    assert found.kept["rows"].tolist() == [1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.npz"]
    first = path.read_bytes()
    write_checkpoint(path, Checkpoint(2, "k", state, {"rows": np.ones(2)}, 1.5))
    assert path.read_bytes() == first


@pytest.mark.parametrize("cut", [1, 30, 200, -1])
def test_a_torn_checkpoint_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, Checkpoint(1, "k", {"a": np.arange(100.0)}))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RunError, match="damaged; remove this file"):
        read_checkpoint(path)


def test_the_schedule_keeps_to_whole_steps() -> None:
    schedule = Schedule.of(plan(hours=1.0, frames=0.25, record=0.3))
    assert schedule.frame_times == (0.0, 0.2, 0.5, 0.8, 1.0)
    assert schedule.record_times == (0.0, 0.3, 0.6, 0.9, 1.0)
    assert (schedule.steps, schedule.records[-1]) == (10, 10)
