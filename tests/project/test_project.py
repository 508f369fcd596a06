"""The frame of the project: public names, locks, versions, what must not be in tracked files."""

from __future__ import annotations

import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import vesiflux

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_public_name_is_importable() -> None:
    for name in vesiflux.__all__:
        assert getattr(vesiflux, name) is not None
    assert dir(vesiflux) == sorted(vesiflux.__all__)


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(AttributeError, match="public names: Evidence, Model"):
        vesiflux.no_such_name  # noqa: B018


def test_every_module_has_a_docstring_and_imports() -> None:
    source = ROOT / "src"
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        assert module.__doc__, path


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed_and_hold_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|file:", text)
    pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert pins
    assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_locks_agree_and_hold_every_dependency() -> None:
    runtime, dev = (
        set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        for lock in LOCKS
    )
    assert runtime <= dev
    locked = {pin.partition("==")[0] for pin in runtime}
    wanted = {re.split(r"[><=]", need)[0].replace(".", "-") for need in PYPROJECT["project"]["dependencies"]}
    assert wanted <= locked


def test_every_dependency_has_a_lower_bound() -> None:
    project = PYPROJECT["project"]
    needs = [
        *project["dependencies"],
        *(n for extra in project["optional-dependencies"].values() for n in extra),
    ]
    needs += [n for group in PYPROJECT["dependency-groups"].values() for n in group if isinstance(n, str)]
    assert [need for need in needs if ">=" not in need] == []


def test_no_registry_address_or_machine_path_in_tracked_files() -> None:
    # Written in pieces, so that this file does not find itself. A machine path starts with its slash.
    start = r"(?<![\w.>])"
    forbidden = re.compile(
        "|".join(
            [
                "pypi" + r"\.org",
                "python" + "hosted",
                "/simple" + r"/\b",
                start + "/home" + "/",
                start + "/tmp" + "/",
                start + "/root" + "/",
                start + "/work" + "/",
            ]
        )
    )
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in forbidden.finditer(text)]
    assert found == []


def test_one_version_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {vesiflux.__version__}\n" in citation
    assert f"## {vesiflux.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_package_data_lies_inside_the_package() -> None:
    assert (ROOT / "src/vesiflux/py.typed").is_file()
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/vesiflux"]


def test_links_between_the_projects_own_pages_resolve() -> None:
    # links inside docs/ may lead to pages made while the site is built; `mkdocs build --strict` checks those
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
