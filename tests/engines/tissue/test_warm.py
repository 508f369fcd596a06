"""Compiling ahead: nothing is left to compile when a tissue starts."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from numba.core import event

from vesiflux.engines.tissue import warm
from vesiflux.ir.tissue import Border, Group, Region, TissuePlan, TissueSpace

SPACE = TissueSpace((9, 8, 8), (20.0, 20.0, 20.0))


def plan(space: TissueSpace = SPACE, treatment: str = "field") -> TissuePlan:
    group = Group("v", 1e3, 0.1, (Border(),) * 6, treatment=treatment)  # type: ignore[arg-type]
    return TissuePlan("t", "", "control", space, (group,), (), (), 1.0, 1.0, 1.0, 0.1, -1.0, 1e-3)


def titles(of: TissuePlan) -> list[str]:
    return [part.title for part in warm._parts(of)]


def test_only_what_a_plan_needs_is_compiled() -> None:
    common = titles(plan())
    assert len(common) == 3
    walled = replace(SPACE, regions=(Region("wall", "ball", (50.0, 50.0, 50.0), radius=20.0, wall=True),))
    assert len(titles(plan(walled))) == len(titles(plan(replace(SPACE, flow=(1.0, 0.0, 0.0))))) == 4
    assert set(titles(plan(treatment="individuals"))) - set(common) == {"single vesicles"}


@pytest.mark.parametrize(
    "work", [warm._events, warm._places, warm._mechanics, lambda: warm._fields(SPACE), warm._individuals]
)
def test_parts_compile_each_kernel_once(work) -> None:
    """A second call, with other numbers of the same kinds, finds everything there."""
    work()

    names: list[str] = []

    class Seen(event.Listener):
        def on_start(self, happened: event.Event) -> None:
            names.append(happened.data["dispatcher"].py_func.__name__)

        def on_end(self, happened: event.Event) -> None:
            pass

    with event.install_listener("numba:compile", Seen()):
        work()
    assert not names


def test_progress_is_told_and_the_mark_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    from vesiflux.engines import compartments

    told: list[tuple[str, float]] = []
    calls: list[str] = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compartments, "is_warm", lambda: "programs" in calls)
    monkeypatch.setattr(compartments, "warm_up", lambda: calls.append("programs"))
    monkeypatch.setattr(warm, "_programs_elsewhere", lambda wanted: nullcontext())
    for name in ("_events", "_mechanics"):
        monkeypatch.setattr(warm, name, lambda name=name: calls.append(name))
    monkeypatch.setattr(warm, "_fields", lambda space: calls.append("_fields"))
    assert not warm.is_warm(plan())
    warm.warm_up(plan(), lambda what, share: told.append((what, share)))
    assert calls == ["_events", "_mechanics", "_fields", "programs"]
    assert warm.is_warm(plan())
    assert not warm.is_warm(plan(treatment="individuals"))
    shares = [share for _, share in told]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert np.all(np.diff(shares) > 0.0)
