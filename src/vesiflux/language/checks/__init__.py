"""Checks of a model beyond its shape: one small function each, all of them run."""
