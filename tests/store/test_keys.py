import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import vesiflux
from vesiflux.ir.program import Event, Tape
from vesiflux.store.keys import canonical, digest, engine_hash, group_key, lane_keys

SOURCE = Path(vesiflux.__file__).parent


def test_canonical_json_knows_no_order_and_loses_no_bit() -> None:
    assert canonical({"b": (1, 2), "a": 0.1}) == b'{"a":"0x1.999999999999ap-4","b":[1,2]}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(0.1) != digest(np.nextafter(0.1, 1))
    assert digest([True]) != digest([1])


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no canonical form"):
        canonical({"a": {1}})


def test_lanes_have_their_own_keys() -> None:
    values = np.array([[1.0, 2.0, 1.0], [0.0, 0.0, -0.0]])
    a, b, c = lane_keys("g", values)
    assert a != b
    assert a == c  # -0.0 is the same question as 0.0
    assert lane_keys("g", values[:, 1:2]) == [b]
    assert lane_keys("h", values[:, :1]) != [a]
    assert lane_keys("g", np.array([[math.nextafter(1, 2)], [0.0]])) != [a]


def group(**changes: object) -> str:
    tape = Tape(np.array([[0, 5, 1, 2, 0, 0]], dtype=np.int32), np.array([5], dtype=np.int32))
    plain = {
        "model": "m",
        "inputs_before": np.zeros(2),
        "inputs": np.zeros(2),
        "events": (Event(1.0, np.array([0], dtype=np.int32), tape, {0: 1.0}),),
        "times": (0.0, 1.0),
        "settings": {"rtol": 1e-6},
        "engine": "e",
    }
    return group_key(**(plain | changes))  # type: ignore[arg-type]


def test_everything_that_changes_a_number_changes_the_group() -> None:
    tape = Tape(np.array([[1, 5, 1, 2, 0, 0]], dtype=np.int32), np.array([5], dtype=np.int32))
    state = np.array([0], dtype=np.int32)
    variants = [
        {},
        {"model": "n"},
        {"inputs_before": np.array([0.0, 1.0])},
        {"inputs": np.array([0.0, 1.0])},
        {"events": ()},
        {"events": (Event(2.0, state, tape, {0: 1.0}),)},
        {"events": (Event(1.0, state, tape, {0: 1.0}),)},
        {"events": (Event(1.0, state, None, {0: 2.0}),)},
        {"times": (0.0, 2.0)},
        {"settings": {"rtol": 1e-7}},
        {"engine": "f"},
    ]
    assert len({group(**v) for v in variants}) == len(variants)
    assert group() == group(settings={"rtol": 1e-6})


def test_a_changed_engine_source_changes_the_hash(tmp_path: Path) -> None:
    for room in ("engines", "ir", "physics", "report"):
        shutil.copytree(SOURCE / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    before = engine_hash(tmp_path)
    engine_hash.cache_clear()
    (tmp_path / "report" / "style.py").write_text("")
    assert engine_hash(tmp_path) == before
    for name in ("engines/compartments/kernels/tape.py", "ir/lowering/pools.py", "physics/geometry.py"):
        engine_hash.cache_clear()
        with (tmp_path / name).open("a") as file:
            file.write("# one more word\n")
        now = engine_hash(tmp_path)
        assert now != before
        before = now
