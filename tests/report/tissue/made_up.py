"""A tissue run that nobody simulated: a tumour, fibroblasts around it, T cells and macrophages coming in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from vesiflux.report.tissue.source import ErrorRow, FieldFacts, GapRow, Kind, Received

KINDS = (
    Kind("tumour", "tumour cell"),
    Kind("fibroblast", "fibroblast", ("resting", "activated")),
    Kind("cd8", "CD8 T cell", ("active", "exhausted")),
    Kind("macrophage", "macrophage"),
)
FIELDS = (
    FieldFacts("oxygen", "oxygen", "molecule"),
    FieldFacts("exosome.tumour", "tumour exosomes", "vesicle", "tumour", "exosome"),
    FieldFacts("exosome.tumour.miR-21", "miR-21 in tumour exosomes", "copy", "tumour", "exosome", "miR-21"),
    FieldFacts("exosome.cd8", "CD8 exosomes", "vesicle", "cd8", "exosome"),
)


@dataclass
class Synthetic:
    count: int = 400
    frames: int = 4
    flat: bool = True
    arm: str = "untreated"
    arm_title: str = "Untreated"
    voxels: int = 40
    extra_fields: int = 0
    extra_values: int = 0
    singles: int = 0
    note: str = ""
    model: str = "made-up-tissue"
    title: str = "A tissue for tests"
    summary: str = "Nothing of this was simulated."
    seed: int = 1
    size: tuple[float, float, float] = field(init=False)
    shape: tuple[int, int, int] = field(init=False)
    kinds: tuple[Kind, ...] = KINDS

    def __post_init__(self) -> None:
        radius = 8.0
        if self.flat:
            edge = 2.15 * radius * np.sqrt(self.count * 1.02)
            self.size = (edge, edge, edge / self.voxels)
            self.shape = (self.voxels, self.voxels, 1)
        else:
            edge = 2.1 * radius * np.cbrt(self.count * 1.2)
            self.size = (edge, edge, edge)
            self.shape = (self.voxels,) * 3
        self.fields = FIELDS + tuple(
            FieldFacts(f"extra{i}", f"extra factor {i}", "molecule") for i in range(self.extra_fields)
        )
        self.times = np.linspace(0, 48, self.frames)
        self.units = {"node.NFkB": "1", "copies.miR-21.cytosol": "copy/cell"}

    @cached_property
    def _start(self) -> dict[str, Any]:
        rng = np.random.default_rng(5)
        middle = np.array(self.size) / 2
        ring = min(self.size[:2]) / 2
        dims = 2 if self.flat else 3
        per = int(np.ceil(self.count ** (1 / dims)))
        step = self.size[0] / per
        grid = np.stack(np.meshgrid(*[np.arange(per)] * dims, indexing="ij"), -1).reshape(-1, dims)
        xyz = np.full((len(grid), 3), self.size[2] / 2)
        xyz[:, :dims] = (grid + 0.5) * step
        if self.flat:
            xyz[:, 0] += np.where(grid[:, 1] % 2, step / 4, -step / 4)
        xyz[:, :dims] += rng.normal(0, 1.1, (len(grid), dims))
        xyz = np.clip(xyz, 1, np.array(self.size) - 1)[: self.count]
        away = np.linalg.norm((xyz - middle)[:, :dims], axis=1) / ring
        wave = 0.06 * np.sin(5 * np.arctan2(xyz[:, 1] - middle[1], xyz[:, 0] - middle[0]))
        kind = np.where(away + wave < 0.55, 0, 1)
        outside = kind == 1
        chance = rng.random(len(kind))
        kind[outside & (chance < 0.16)] = 2
        kind[outside & (chance > 0.88)] = 3
        kind[(kind == 0) & (away > 0.4) & (chance < 0.1)] = 2
        kind[(kind == 0) & (chance > 0.96)] = 3
        radius = np.array([8.5, 7.5, 5.0, 9.0])[kind] * rng.uniform(0.9, 1.08, len(kind))
        return {"xyz": xyz, "away": away, "kind": kind, "radius": radius, "noise": rng.random(len(kind))}

    def cells(self, frame: int) -> dict[str, Any]:
        s, n = self._start, len(self._start["kind"])
        part = frame / max(self.frames - 1, 1)
        kept = np.arange(n) % 7 <= 3 + 3 * part  # the tissue fills up
        rng = np.random.default_rng(100 + frame)
        xyz = s["xyz"] + rng.normal(0, 0.4, s["xyz"].shape) * ([1, 1, 0] if self.flat else 1)
        dead = (s["away"] < 0.16) & (s["noise"] < 0.5 * part)
        state = np.where(np.isin(s["kind"], (1, 2)), s["noise"] < 0.8 * part * np.exp(-s["away"] / 2), 0)
        mir = np.where(s["kind"] == 0, np.nan, 2000 * part * np.exp(-6 * s["away"]) * (0.5 + s["noise"]))
        columns = {
            "id": np.arange(n), "parent": np.full(n, -1), "kind": s["kind"], "state": state.astype(int),
            "dead": dead, "x": xyz[:, 0], "y": xyz[:, 1], "z": xyz[:, 2], "radius": s["radius"],
            "node.NFkB": 0.1 + 0.8 * s["noise"] * part, "copies.miR-21.cytosol": mir,
        }  # fmt: skip
        columns |= {f"node.extra{i}": s["noise"] ** (i + 1) for i in range(self.extra_values)}
        return {name: np.clip(c, 0, None)[kept] if name in "xyz" else c[kept] for name, c in columns.items()}

    def vesicles(self, frame: int) -> dict[str, Any] | None:
        if not self.singles:
            return None
        rng = np.random.default_rng(200 + frame)
        return {n: rng.random(self.singles) * s for n, s in zip("xyz", self.size, strict=True)}

    def field(self, name: str, frame: int) -> Any:
        nx, ny, nz = self.shape
        part = frame / max(self.frames - 1, 1)
        z, y, x = np.meshgrid(
            *((np.arange(n) + 0.5) / n - 0.5 for n in (nz, ny, nx)), indexing="ij", sparse=True
        )
        away = 2 * np.sqrt(x**2 + y**2 + (0 if self.flat else z**2))
        if name == "oxygen":
            return 6e16 * (0.15 + 0.85 / (1 + np.exp(-(away - 0.5) * 7)))
        if name == "exosome.cd8":
            return 1e6 * part * (1 + np.sin(9 * x) * np.cos(7 * y) + 0 * away)
        factor = 25.0 if name.endswith("miR-21") else 1.0
        return 3e9 * part * factor * np.exp(-away / 0.13) * (1 + 0.1 * np.sin(20 * x))

    def series(self) -> dict[str, Any]:
        return {"time": self.times}

    def received(self) -> tuple[Received, ...]:
        def row(to: str, sender: str, quantity: str, unit: str, amount: float) -> Received:
            return Received(to, sender, "exosome", quantity, unit, amount)

        return (
            row("tumour", "tumour", "vesicles", "vesicle", 2.1e6),
            row("fibroblast", "tumour", "vesicles", "vesicle", 8.4e5),
            row("cd8", "tumour", "vesicles", "vesicle", 3.2e4),
            row("macrophage", "tumour", "vesicles", "vesicle", 9.9e5),
            row("tumour", "cd8", "vesicles", "vesicle", 1200.0),
            row("cd8", "cd8", "vesicles", "vesicle", 0.0),
            row("fibroblast", "tumour", "miR-21", "copy", 2.1e7),
            row("macrophage", "tumour", "miR-21", "copy", 2.5e7),
            Received("tumour", "", "", "oxygen", "molecule", 3.3e19),
        )

    @property
    def errors(self) -> tuple[ErrorRow, ...]:
        return tuple(ErrorRow(f.name, 3e-15, 4e-4) for f in self.fields)

    coupling_error = 0.015

    @property
    def gaps(self) -> tuple[GapRow, ...]:
        return (
            GapRow(self.kinds[0].name, "node.ACT", 0.4, 0.5),
            GapRow(self.kinds[0].name, "node.B", 1.0, 1.0),
        )

    @property
    def events(self) -> dict[str, int]:
        return {"division": 312, "apoptosis": 14, "killing": 55}

    @property
    def provenance(self) -> dict[str, Any]:
        return {"vesiflux": "0", "settings": {"step": 0.1}}

    @property
    def marks(self) -> dict[str, int]:
        return {"assumed": 3, "read": 1}

    def sources(self) -> tuple[dict[str, str], ...]:
        return ({"text": "doi:10.1000/example", "cited": "", "used_for": "everything"},)
