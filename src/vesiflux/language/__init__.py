"""The model language: YAML and objects, checked, with every error at its place."""

from __future__ import annotations

from vesiflux.language.model import Model, json_schema, load, starter

__all__ = ["Model", "json_schema", "load", "starter"]
