"""The film of a tracking instrument: its geometry, and what each true diameter puts into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.physics.stokes_einstein import diffusion
from vesiflux.physics.tracking import diameter_bins, seen_again, track_counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FILM", "Film"]

FILM: Mapping[str, float] = {
    "frame_rate": 25.0,
    "frames": 1500.0,
    "width_um": 100.0,
    "height_um": 80.0,
    "depth_um": 10.0,
    "temperature_C": 25.0,
    "viscosity_mPa_s": 0.89,
    "shortest": 5.0,
}
"""A film as tracking instruments take it (assumed; a maker's values, recalled)."""

_ML_PER_UM3 = 1e-12


@dataclass(frozen=True)
class Film:
    """Frames per second, frames, view and depth (um), temperature (K), viscosity (mPa*s), shortest track."""

    frame_rate: float
    frames: int
    box: tuple[float, float, float]
    temperature: float
    viscosity: float
    shortest: int

    @classmethod
    def of(cls, settings: Mapping[str, float], file: str = "film") -> Film:
        """Film of the keys of `FILM`; `InputError` where one cannot be."""
        for key in FILM:
            if settings[key] <= 0.0:
                raise InputError(f"{file}: '{key}' is {settings[key]:g}; it must be more than 0")
        if settings["shortest"] < 2.0 or settings["frames"] <= settings["shortest"]:
            raise InputError(
                f"{file}: a track has 2 frames at least, and a film more frames than its shortest track"
            )
        if settings["frames"] > 20000.0:
            raise InputError(f"{file}: 'frames' is {settings['frames']:g}; films have 20000 at most")
        return cls(
            settings["frame_rate"],
            round(settings["frames"]),
            (settings["width_um"], settings["height_um"], settings["depth_um"]),
            settings["temperature_C"] + 273.15,
            settings["viscosity_mPa_s"],
            round(settings["shortest"]),
        )

    @property
    def volume(self) -> float:
        """Volume in view, mL."""
        x, y, z = self.box
        return x * y * z * _ML_PER_UM3

    @cached_property
    def length_edges(self) -> NDArray[np.float64]:
        """Edges of groups of track lengths, from the shortest to the whole film."""
        import numpy as np

        edges = np.geomspace(self.shortest, self.frames + 1, 13)
        return np.unique(np.round(edges)).astype(np.float64)

    def response(
        self, diameters: NDArray[np.float64], edges: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Expected tracks, and frames in them, per particle in view.

        Both have the shape (diameters, length groups, bins of diameter read).
        """
        import numpy as np

        groups = self.length_edges
        tracks = np.zeros((len(diameters), len(groups) - 1, len(edges) - 1))
        in_frames = np.zeros_like(tracks)
        lengths = np.arange(1, self.frames + 1)
        for i, d in enumerate(diameters):
            speed = diffusion(float(d), self.viscosity, self.temperature) / 3600.0
            counts = track_counts(speed, 1.0 / self.frame_rate, self.box, self.frames, self.frames)
            group = np.digitize(lengths, groups) - 1
            inside = (group >= 0) & (group < len(groups) - 1)
            number = np.bincount(group[inside], counts[inside], len(groups) - 1)
            frames = np.bincount(group[inside], counts[inside] * lengths[inside], len(groups) - 1)
            mean = np.where(number > 0.0, frames / np.maximum(number, 1e-300), groups[:-1])
            share = diameter_bins(float(d), mean - 1.0, edges)
            tracks[i], in_frames[i] = number[:, None] * share, frames[:, None] * share
        return tracks, in_frames

    def spread(self, diameter: float, *, by_frames: bool) -> float:
        """Variance over mean of the number of tracks of this diameter (um), particles that return included.

        ``by_frames``: of numbers to which every track adds its length over the mean length.
        """
        import numpy as np

        speed = diffusion(diameter, self.viscosity, self.temperature) / 3600.0
        counts = track_counts(speed, 1.0 / self.frame_rate, self.box, self.frames, self.frames)
        counts[: self.shortest - 1] = 0.0
        seconds = self.frames / self.frame_rate
        spread = seen_again(speed, self.box, seconds, float(counts.sum()) / seconds)
        if not by_frames:
            return spread
        lengths = np.arange(1, self.frames + 1)
        mean = float((counts * lengths).sum() / counts.sum())
        square = float((counts * lengths * lengths).sum() / counts.sum())
        return spread + square / (mean * mean) - 1.0
