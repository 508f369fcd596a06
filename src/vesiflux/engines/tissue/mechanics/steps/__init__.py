"""Positions of cells in time."""
