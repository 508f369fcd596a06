"""Doses: from any unit into any other, with what is uncertain about it."""

from vesiflux.assay.dose.convert import dose
from vesiflux.assay.dose.estimate import Comparison, DoseEstimate, Driver, Interval, WellEstimate

__all__ = ["Comparison", "DoseEstimate", "Driver", "Interval", "WellEstimate", "dose"]
