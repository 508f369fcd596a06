import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vesiflux.errors import RunError
from vesiflux.store.blocks import Block, GroupIndex, block_name, commit, read_head, read_series, read_table
from vesiflux.store.layout import Store

GROUP = "ab" * 32


def block(keys: str = "abcde", series: int = 2) -> Block:
    rows = len(keys)
    random = np.random.default_rng(rows)
    return Block(
        group=GROUP,
        keys=tuple(k * 64 for k in keys),
        columns={"draw": np.arange(rows), "status": np.zeros(rows, dtype=np.int64)},
        final=random.random((3, rows)),
        final_names=(("cell.count", "cell"), ("cell.released.exosome", "vesicle"), ("x", "1")),
        parameters=random.random((1, rows)),
        parameter_names=(("cell.count", "cell"),),
        series=random.random((series, rows, 4)),
        series_names=(("cell.count", "cell"), ("odd/name", "1"))[:series],
        times=np.arange(4.0),
        provenance={"host": "here"},
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def put(store: Store, what: Block) -> Path:
    commit(store, what, GroupIndex(store, GROUP), "claim")
    return store.block(GROUP, block_name(what.keys))


def leftovers(store: Store) -> list[Path]:
    return list((store.root / "tmp").iterdir())


def test_round_trip(store: Store) -> None:
    what = block()
    folder = put(store, what)
    table = read_table(folder)
    assert table["key"].to_pylist() == list(what.keys)
    assert table["cell.count"].to_numpy().tolist() == what.final[0].tolist()
    assert table["parameter:cell.count"].to_numpy().tolist() == what.parameters[0].tolist()
    assert table.schema.field("cell.released.exosome").metadata == {b"units": b"vesicle"}
    assert read_table(folder, ["status"]).column_names == ["status"]
    for i, (name, _) in enumerate(what.series_names):
        assert np.array_equal(read_series(folder, name), what.series[i])
    assert GroupIndex(store, GROUP).refresh().where["c" * 64] == (folder.name, 2)
    assert leftovers(store) == []


def test_other_programs_read_the_arrays(store: Store) -> None:
    import xarray as xr
    import zarr

    what = block()
    folder = put(store, what)
    group = zarr.open_group(str(folder / "series"), mode="r")
    assert np.array_equal(np.asarray(group["cell.count"]), what.series[0])
    data = xr.open_zarr(str(folder / "series"), consolidated=False)
    assert data["cell.count"].dims == ("lane", "time")
    assert data["cell.count"].attrs["units"] == "cell"
    assert data["time"].to_numpy().tolist() == [0, 1, 2, 3]


def test_no_key_is_stored_twice(store: Store) -> None:
    put(store, block("abc"))
    index = GroupIndex(store, GROUP)
    assert commit(store, block("bcde"), index, "claim") == 2
    assert commit(store, block("ad"), index, "claim") == 0
    found = [k[0] for p in store.group(GROUP).iterdir() for k in read_head(p)["keys"]]
    assert sorted(found) == list("abcde")
    assert leftovers(store) == []


def test_rows_that_remain_keep_their_numbers(store: Store) -> None:
    put(store, block("ab"))
    what = block("xayb")
    commit(store, what, GroupIndex(store, GROUP), "claim")
    folder = store.block(GROUP, block_name(what.take([0, 2]).keys))
    assert np.array_equal(read_series(folder, "cell.count"), what.series[0][[0, 2]])


@pytest.mark.parametrize("name", ["draws.parquet", "series/cell.count/0.0", "series/cell.count/zarr.json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_damage_is_found_and_named(store: Store, name: str, damage: str) -> None:
    folder = put(store, block())
    path = folder / name
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[:-3])
    elif damage == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    with pytest.raises(RunError, match=rf"{name}: damaged: .*; remove .* and resume") as caught:
        read_table(folder) if name == "draws.parquet" else read_series(folder, "cell.count")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "damaged: not JSON"),
        (b"[]", "not a vesiflux-block file"),
        (b'{"type": "vesiflux-block", "version": 99}', "format version 99; this vesiflux reads up to 1"),
        (None, "cannot be read"),
    ],
)
def test_damaged_heads_are_told(store: Store, content: bytes | None, told: str) -> None:
    folder = put(store, block())
    head = folder / "block.json"
    head.unlink()
    if content is not None:
        head.write_bytes(content)
    with pytest.raises(RunError, match=told):
        GroupIndex(store, GROUP).refresh()


def test_a_block_of_another_group_is_told(store: Store) -> None:
    folder = put(store, block())
    head = json.loads((folder / "block.json").read_text(encoding="utf-8"))
    (folder / "block.json").write_text(json.dumps(head | {"group": "cd" * 32}))
    with pytest.raises(RunError, match="belongs to another group"):
        GroupIndex(store, GROUP).refresh()


@pytest.mark.parametrize("room", [0, 1, 3, 5, 7])
def test_a_full_disk_leaves_nothing_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    kept = put(store, block("abc"))
    flushed = 0
    real = os.fsync

    def full(descriptor: Any) -> None:
        nonlocal flushed
        flushed += 1
        if flushed > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RunError, match="the disk is full; finished blocks are kept") as caught:
            put(store, block("xyz"))
    assert "\n" not in str(caught.value)
    assert leftovers(store) == []
    assert [p.name for p in store.group(GROUP).iterdir()] == [kept.name]
    put(store, block("xyz"))
    assert len(GroupIndex(store, GROUP).refresh().where) == 6


def test_no_series(store: Store) -> None:
    what = replace(block(series=0), series=np.zeros((0, 5, 4)))
    assert read_table(put(store, what)).num_rows == 5
