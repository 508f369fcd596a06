"""What a study of vesicles should report, filled from a model or a protocol, with what each gap costs."""

from vesiflux.assay.reporting.fill import Checklist, Item, checklist

__all__ = ["Checklist", "Item", "checklist"]
