"""Running, quantitative, checkable models of extracellular vesicles.

The public surface is what ``__all__`` lists; everything else is private and may change. Names are loaded
when first used, so that ``import vesiflux`` costs next to nothing.

Examples
--------
>>> import vesiflux as vf
>>> run = vf.run("secretion", arms=["control", "gw4869"], draws=64)  # doctest: +SKIP
>>> run.summary()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux._version import __version__

if TYPE_CHECKING:
    from vesiflux import assay as assay
    from vesiflux._citation import citation as citation
    from vesiflux.assay.cohort import cohort as cohort
    from vesiflux.assay.dose import dose as dose
    from vesiflux.audit import audit as audit
    from vesiflux.evidence import Evidence as Evidence
    from vesiflux.language import Model as Model
    from vesiflux.store.run import Run as Run
    from vesiflux.store.tissue.run import TissueRun as TissueRun
    from vesiflux.store.tissue.run import open_run as open_run
    from vesiflux.study.run import run as run
    from vesiflux.study.simulation import Simulation as Simulation
    from vesiflux.verify import verify as verify

__all__ = [
    "Evidence",
    "Model",
    "Run",
    "Simulation",
    "TissueRun",
    "__version__",
    "assay",
    "audit",
    "citation",
    "cohort",
    "dose",
    "open_run",
    "run",
    "verify",
]

_HOME = {
    "Evidence": "vesiflux.evidence",
    "Model": "vesiflux.language",
    "Run": "vesiflux.store.run",
    "Simulation": "vesiflux.study.simulation",
    "TissueRun": "vesiflux.store.tissue.run",
    "assay": "vesiflux.assay",
    "audit": "vesiflux.audit",
    "citation": "vesiflux._citation",
    "cohort": "vesiflux.assay.cohort",
    "dose": "vesiflux.assay.dose",
    "open_run": "vesiflux.store.tissue.run",
    "run": "vesiflux.study.run",
    "verify": "vesiflux.verify",
}


def __getattr__(name: str) -> object:
    """Load a public name from its room on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'vesiflux' has no attribute {name!r}; public names: {', '.join(__all__)}"
        )
    from importlib import import_module

    home = import_module(_HOME[name])
    # the room of assays is a module that can be called, with more names than one
    value: object = home if name == "assay" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
