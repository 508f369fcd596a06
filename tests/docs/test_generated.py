"""What the site makes from the sources: complete, true to them, and readable by the language itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from _generate import commands, language, machinery, models, python
from _generate.text import table
from ruamel.yaml import YAML
from typer.testing import CliRunner

import vesiflux
from vesiflux import units
from vesiflux.cli.main import app
from vesiflux.language import Model, schema
from vesiflux.language.modules import library_models, library_modules
from vesiflux.language.tables import CHOICE_COLUMNS, STIMULI_COLUMNS
from vesiflux.language.yaml import read_yaml

DOCS = Path(__file__).parents[2] / "docs"
PARTS = language.parts()


def keys(part: type[schema.Part]) -> dict[str, str]:
    """Key as written -> name of the field."""
    return {field.alias or name: name for name, field in part.model_fields.items()}


def read(text: str) -> Any:
    data, _, problems = read_yaml(text, "example")
    assert not problems
    return data


def test_every_part_and_key_of_the_language_is_described_and_no_other() -> None:
    said = {name: set(part["keys"]) for name, part in language.described().items()}
    assert said == {name: set(keys(part)) for name, part in PARTS.items() if name != "Part"}


@pytest.mark.parametrize("name", language.described())
def test_every_example_is_read_by_its_part(name: str) -> None:
    part, said = PARTS[name], language.described()[name]["keys"]
    data = {key: read(f"{key}: {example}")[key] for key, (_, example) in said.items()}
    required = {key: data[key] for key, field in keys(part).items() if part.model_fields[field].is_required()}
    for key, value in data.items():
        made = part.model_validate({**required, key: value})
        assert keys(part)[key] in made.model_fields_set


def test_units_in_the_reference_are_units() -> None:
    page = language.reference()
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| `")]
    assert len(rows) > 150
    for quantity in language.QUANTITIES.values():
        if quantity.unit is not None:
            units.dimension(quantity.unit)


def test_the_columns_of_tables_are_described() -> None:
    text = (DOCS / "reference" / "language.md").read_text(encoding="utf-8")
    for column in {c for columns in (*STIMULI_COLUMNS, *CHOICE_COLUMNS) for c in columns}:
        assert f"`{column}`" in text, column


def test_the_example_of_a_module_is_a_module() -> None:
    text = (DOCS / "reference" / "modules.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(vesiflux_module.*?)```", text, re.DOTALL)
    assert found is not None
    module = YAML(typ="safe").load(found[1])
    model = {
        "vesiflux": 1,
        "name": "example",
        "space": {"kind": "dish", "volume": "1 mL"},
        "vesicles": {"exosome": {"origin": "mvb", "diameter": {"median": "90 nm"}}},
        "modules": {"pool": module},
        "cells": {
            "a": {
                "is": "cell",
                "count": 10,
                "modules": {"pool": "pool"},
                "secretes": {"exosome": {"machinery": "pool"}},
            }
        },
        "run": {"for": "1 h"},
    }
    assert Model.from_dict(model).modules["pool"].name == "pool"


@pytest.mark.parametrize("words", commands.commands())
def test_the_reference_of_the_command_agrees_with_its_help(words: str) -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert f"<!-- made: command {words} -->" in page
    made = commands.help_of(*words.split())
    told = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "300", "TERM": "dumb"}).output
    assert set(re.findall(r"--[a-z]+", made)) == set(re.findall(r"--[a-z]+", told)) - {"--help"}


@pytest.mark.parametrize("name", library_modules())
def test_every_number_and_reaction_of_a_module_is_on_its_page(name: str) -> None:
    module = machinery.module_named(name)
    parameters = machinery.machinery(name, "parameters")
    reactions = machinery.machinery(name, "reactions")
    assert all(f"| `{p}` |" in parameters for p in module.parameters)
    assert all(f"`{r.rate}`" in reactions for r in module.reactions.values())


@pytest.mark.parametrize("name", library_models())
def test_every_model_has_a_page_with_all_its_arms(name: str) -> None:
    page = models.page(name)
    assert all(f"| `{arm}` |" in page for arm in Model.load(name).spec.arms)
    assert f"models/{name}.md" in (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert "class 'vesiflux" not in page


def test_every_public_name_is_on_the_page_of_python() -> None:
    page = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    for name in set(vesiflux.__all__) - {"__version__"}:
        assert re.search(rf"<!-- made: (members|signature) {name} -->", page), name
    assert "`final(output, arm, structure=None)`" in python.members("Run")
    assert "resume=None" in python.signature("run")


def test_bars_do_not_end_cells() -> None:
    assert table(("a", "b"), [("`x -| y`", "c|d")]).endswith("| `x -| y` | c\\|d |")
