"""The version, in one place: the build reads it from here, and so may every room."""

__version__ = "0.1.0"
