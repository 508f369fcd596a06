"""Which cells a vesicle can meet: lists per bin of a coarse grid."""
