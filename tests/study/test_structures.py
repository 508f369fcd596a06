from types import SimpleNamespace
from typing import Any

import pytest

from vesiflux.study.structures import SAMPLED, default_options, options_of, reference_options, structure_id


def group(options: str, shared: bool = True) -> Any:
    names = options.split()
    return SimpleNamespace(default=names[0], options={o: i for i, o in enumerate(names)}, shared=shared)


def arm(*groups: str, name: str = "arm") -> Any:
    return SimpleNamespace(name=name, groups=groups)


MODEL: Any = SimpleNamespace(
    structures={"wire": group("fast slow"), "drug": group("x y z", shared=False), "other": group("p q")}
    | {f"g{i}": group("a b") for i in range(12)}
)


def test_default_and_all() -> None:
    one = arm("wire", "drug")
    assert options_of(MODEL, one, "default", 1) == [{"drug": "x", "wire": "fast"}]
    every = options_of(MODEL, one, "all", 1)
    assert every[0] == default_options(MODEL, one)
    assert len(every) == len({structure_id(o) for o in every}) == 6
    assert options_of(MODEL, arm(), "all", 1) == [{}]


@pytest.mark.parametrize(("contested", "expected"), [(8, 256), (12, SAMPLED)])
def test_many_groups_are_sampled_the_same_way_every_time(contested: int, expected: int) -> None:
    wide = arm(*(f"g{i}" for i in range(contested)))
    found = options_of(MODEL, wide, "all", 1)
    assert found[0] == default_options(MODEL, wide)
    assert expected * 0.9 < len(found) <= expected
    assert found == options_of(MODEL, wide, "all", 1)
    assert all(len({o[g] for o in found}) == 2 for g in wide.groups)


def test_the_reference_has_the_same_wiring_where_it_has_any() -> None:
    options = {"wire": "slow", "drug": "z"}
    assert reference_options(MODEL, arm(), options) == {"wire": "slow"}
    assert reference_options(MODEL, arm(), {"wire": "fast", "drug": "z"}) == {}
    assert reference_options(MODEL, arm("other", "wire"), options) == {"other": "p", "wire": "slow"}
    assert reference_options(MODEL, arm("drug"), options) == {"drug": "x", "wire": "slow"}


def test_ids() -> None:
    assert structure_id({}) == ""
    assert structure_id({"b": "2", "a": "1"}) == "a=1,b=2"
