"""Particles in a chamber, a camera, and a tracker: written without a line of what is tested.

Every particle walks in a box larger than the view; it is bright by d^6 and its own contrast; the camera sees
it where it is bright enough and within the view and the depth of focus, at a place that is off by noise; runs
of frames are tracks, short ones are dropped; a track's mean squared displacement gives its diameter.
"""

from __future__ import annotations

import numpy as np

KT = 1.380649e-23 * 298.15
WATER = 0.89e-3  # Pa s at 25 degC


def film(
    generator,
    per_mL,
    median_nm,
    sigma,
    *,
    frames=1500,
    rate=25.0,
    view=(100.0, 80.0, 10.0),
    margin=(25.0, 25.0, 20.0),
    threshold_nm=65.0,
    contrast=1.0,
    noise_um=0.02,
    shortest=5,
):
    """Tracks as rows (diameter in nm as the tracker computes it, frames)."""
    box = np.array([v + 2 * m for v, m in zip(view, margin, strict=False)])
    number = generator.poisson(per_mL * np.prod(box) * 1e-12)
    diameters = median_nm * np.exp(sigma * generator.standard_normal(number))
    brightness = diameters**6 * np.exp(contrast * generator.standard_normal(number))
    bright = brightness > threshold_nm**6
    diameters = diameters[bright]
    speed = KT / (3 * np.pi * WATER * diameters * 1e-9) * 1e12  # um^2/s
    step = np.sqrt(2 * speed / rate)
    place = generator.random((len(diameters), 3)) * box
    low = np.array(margin)
    high = low + np.array(view)
    history = np.full((frames, len(diameters), 2), np.nan, dtype=np.float32)
    for t in range(frames):
        inside = ((place > low) & (place < high)).all(axis=1)
        spots = place[inside, :2] + noise_um * generator.standard_normal((inside.sum(), 2))
        history[t, inside] = spots
        place = (place + step[:, None] * generator.standard_normal(place.shape)) % box
    rows = []
    for i in range(len(diameters)):
        rows += list(tracks(history[:, i], rate, noise_um, shortest))
    return np.array(rows).reshape(-1, 2)


def tracks(path, rate, noise_um, shortest):
    seen = ~np.isnan(path[:, 0])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(int), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=False):
        if end - begin < shortest:
            continue
        moves = np.diff(path[begin:end].astype(float), axis=0)
        squared = (moves**2).sum(axis=1).mean() - 4 * noise_um**2
        if squared <= 0:
            continue
        speed = squared * rate / 4 * 1e-12
        yield KT / (3 * np.pi * WATER * speed) * 1e9, end - begin


def write(path, rows, **keys):
    head = "".join(f"# {key}: {value}\n" for key, value in keys.items())
    body = "".join(f"{d:.3f},{int(n)}\n" for d, n in rows)
    path.write_text(head + "diameter_nm,frames\n" + body)
    return path
