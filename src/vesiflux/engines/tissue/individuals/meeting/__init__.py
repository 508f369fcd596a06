"""Vesicles and cells."""
