from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from made_up import Synthetic

from vesiflux.report.tissue.embed import embedded, value_names


def _raw(blob: str) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(blob)), dtype=np.uint8)


def _number(scale: dict[str, Any], codes: np.ndarray) -> np.ndarray:
    """What the page makes of a code, written out from the description of the format."""
    c, top = codes.astype(float), scale["levels"]
    low, high = scale["low"], scale["high"]
    if scale["log"]:
        values = np.where(c == 1, 0, low * (high / low) ** ((c - 2) / (top - 2)))
    else:
        values = low + (c - 1) / (top - 1) * (high - low)
    return np.where(c == 0, np.nan, values)


def _columns(data: dict[str, Any], arm: dict[str, Any], frame: dict[str, Any]) -> dict[str, np.ndarray]:
    raw, n, at, found = _raw(frame["cells"]), frame["count"], 0, {}
    widths = {"id": 4, "kind": 1, "state": 1, "x": 2, "y": 2, "z": 2, "radius": 2}
    for name, width in [*widths.items(), *((v["name"], 2) for v in data["values"])]:
        planes = raw[at : at + n * width].reshape(width, n).astype(np.int64)
        found[name] = sum(planes[k] << (8 * k) for k in range(width))
        at += n * width
    assert at == len(raw)
    found["id"] = np.cumsum(found["id"])
    for k, name in enumerate("xyz"):
        found[name] = found[name] / 65535 * data["size"][k]
    found["radius"] = found["radius"] / 65535 * arm["widest"]
    return found


@pytest.mark.parametrize("flat", [True, False])
def test_everything_comes_back_within_what_its_numbers_can_tell(flat: bool) -> None:
    tissue = Synthetic(300, 4, flat=flat, voxels=12)
    text, left_out = embedded([tissue])
    data = json.loads(json.dumps(text))
    assert left_out == ""
    (arm,) = data["arms"]
    assert [f["time"] for f in arm["frames"]] == tissue.times.tolist()
    for i, frame in enumerate(arm["frames"]):
        cells, found = tissue.cells(i), _columns(data, arm, frame)
        assert (found["id"] == cells["id"]).all()
        assert (found["kind"] == cells["kind"]).all()
        assert (found["state"] % 128 == cells["state"]).all()
        assert (found["state"] // 128 == cells["dead"]).all()
        for k, name in enumerate("xyz"):
            assert np.abs(found[name] - cells[name]).max() <= data["size"][k] / 65535
        assert np.abs(found["radius"] - cells["radius"]).max() < 1e-3
        for v in data["values"]:
            back = _number(v, found[v["name"]])
            assert (np.isnan(back) == np.isnan(cells[v["name"]])).all()
            np.testing.assert_allclose(back, cells[v["name"]], rtol=2e-4, atol=v["high"] / 65534)
        for f, blob in zip(data["fields"], frame["fields"], strict=True):
            raw = _raw(blob).reshape(2, -1).astype(np.int64)
            codes = np.cumsum(raw[0] + 256 * raw[1]) % 65536
            values = tissue.field(f["name"], i).ravel()
            np.testing.assert_allclose(_number(f, codes), values, rtol=2e-3, atol=f["high"] / 4000)


def test_arms_share_every_scale() -> None:
    data, _ = embedded([Synthetic(200), Synthetic(150, arm="b", arm_title="B")])
    assert [a["title"] for a in data["arms"]] == ["Untreated", "B"]
    assert len(data["fields"]) == 4


def test_what_does_not_fit_is_left_out_and_said() -> None:
    tissue = Synthetic(2000, 12, flat=False, voxels=24)
    whole, nothing = embedded([tissue])
    part, said = embedded([tissue], budget=300_000)
    assert nothing == ""
    assert "5 of 12 frames" in said
    assert "layers" in said
    assert part["arms"][0]["frames"][0]["time"] == 0
    assert part["arms"][0]["frames"][-1]["time"] == 48
    assert len(json.dumps(part)) < 300_000
    assert len(json.dumps(part)) < 0.6 * len(json.dumps(whole))
    layers = part["arms"][0]["layers"]
    assert 0 < layers[0] < layers[-1] < tissue.size[2]


def test_values_of_all_arms_are_found_once() -> None:
    assert value_names([Synthetic(50), Synthetic(50)]) == ("node.NFkB", "copies.miR-21.cytosol")


def test_single_vesicles_are_where_they_are() -> None:
    tissue = Synthetic(50, 2, singles=500)
    data, _ = embedded([tissue])
    places = tissue.vesicles(1)
    assert places is not None
    raw = _raw(data["arms"][0]["frames"][1]["singles"]).reshape(3, 2, 500).astype(np.int64)
    for k, name in enumerate("xyz"):
        back = (raw[k, 0] + 256 * raw[k, 1]) / 65535 * tissue.size[k]
        assert np.abs(back - places[name]).max() <= tissue.size[k] / 65535
    assert "singles" not in embedded([Synthetic(50, 2)])[0]["arms"][0]["frames"][1]
