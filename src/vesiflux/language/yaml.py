"""YAML as the language reads it: YAML 1.2 values, no surprises, and the place of every key and value.

``1e-3`` is a number and ``no`` is a word. Duplicate keys, tags (``!name``), merge keys and more than
one document are errors.
"""

from __future__ import annotations

import math
import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError, Problem
from vesiflux.language.positions import Path, Place, Positions

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

__all__ = ["read_text", "read_yaml", "write_yaml"]

#: More nodes than any model has: stops files that unfold without end.
_MOST_NODES = 200_000
_DEEPEST = 60

_SCANNER_WORDS = (
    (r"found character '\\t'", "a tab cannot indent YAML; use spaces"),
    (r"mapping values are not allowed", "a ':' does not belong here; is the line above complete, the "
     "indentation right? A text with ': ' in it needs quotes"),
    (r"expected ',' or '[\]}]'|expected the node content, but found '[-?:,\]}]'",
     "a list [ ] or mapping { } is not closed, or misses a ','"),
    (r"expected <block end>, but found", "the indentation does not fit the lines above"),
    (r"could not find expected ':'", "a key without ':'; write 'key: value'"),
    (r"found unexpected end of stream|unexpected end", "a quote or bracket that opens here is never closed"),
    (r"found undefined alias|undefined alias", "no anchor for this alias; quote a text that begins with '*'"),
    (r"found character .* that cannot start any token", "no value begins like this; put it in quotes"),
    (r"could not determine a constructor", "an unknown tag; put a text that begins with '!' in quotes"),
)  # fmt: skip


def read_text(path: FilePath) -> str:
    """The text of a file; `InputError` when it is missing, a folder, unreadable or not UTF-8."""
    name = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError([Problem(name, 1, 1, "no such file")]) from None
    except IsADirectoryError:
        raise InputError([Problem(name, 1, 1, "this is a folder; name the file in it")]) from None
    except OSError as error:
        raise InputError([Problem(name, 1, 1, f"cannot be read: {error.strerror}")]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = f"not a text in UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8"
        raise InputError([Problem(name, line, column, message)]) from None


def read_yaml(text: str, file: str) -> tuple[Any, Positions, list[Problem]]:
    """Plain data, where it all stands, and what is wrong but leaves something to go on with.

    Raises `InputError` where the text is no YAML at all or empty.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError

    if not text.strip():
        raise InputError(
            [Problem(file, 1, 1, "the file is empty; `vesiflux new` writes a model to start from")]
        )
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - (text.rfind("\n", 0, control.start()) + 1) + 1
        message = f"control character 0x{ord(control[0]):02x}: this is not a text file"
        raise InputError([Problem(file, line, column, message)])
    reader = YAML(typ="safe", pure=True)
    try:
        node = reader.compose(text)
    except MarkedYAMLError as error:
        raise InputError([_syntax_problem(error, file)]) from None
    except (YAMLError, YAMLStreamError, ValueError) as error:
        message = " ".join(str(error).split())
        raise InputError([Problem(file, 1, 1, f"not YAML: {message}")]) from None
    except RecursionError:
        raise InputError([Problem(file, 1, 1, "nested too deeply to be a model")]) from None
    if node is None:
        raise InputError([Problem(file, 1, 1, "the file holds nothing but comments")])
    builder = _Builder(file, text)
    data = builder.build(node, (), None)
    return data, builder.positions, builder.problems


def write_yaml(data: Any) -> str:
    """``data`` (mappings, lists, texts, numbers) as YAML that `read_yaml` reads back to the same."""
    import io

    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.representer.add_representer(float, _represent_float)
    writer.representer.add_representer(str, _represent_text)
    out = io.StringIO()
    writer.dump(data, out)
    return out.getvalue()


def _represent_float(representer: Any, value: float) -> Any:
    if math.isfinite(value):
        return representer.represent_scalar("tag:yaml.org,2002:float", repr(value))
    text = ".nan" if math.isnan(value) else (".inf" if value > 0 else "-.inf")
    return representer.represent_scalar("tag:yaml.org,2002:float", text)


def _represent_text(representer: Any, value: str) -> Any:
    style = "|" if "\n" in value and not re.search(r"[ \t]\n|^\s", value) else None
    return representer.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _syntax_problem(error: Any, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(f"{error.problem or ''} {error.note or ''}".split())
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if re.search(r"expected a single document", f"{error.context} {said}"):
        return Problem(
            file, line, column, "a second document begins here; a model is one document without '---'"
        )
    for pattern, words in _SCANNER_WORDS:
        if re.search(pattern, said):
            if "never closed" in words and error.context_mark is not None:
                line, column = error.context_mark.line + 1, error.context_mark.column + 1
            return Problem(file, line, column, words)
    return Problem(file, line, column, f"not YAML: {said or error.context}")


class _Builder:
    """Turns nodes into plain data, noting places."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.positions = Positions(file)
        self.problems: list[Problem] = []
        self.nodes = 0

    def build(self, node: Any, path: Path, key: Node | None) -> Any:
        self.nodes += 1
        if self.nodes > _MOST_NODES or len(path) > _DEEPEST:
            line = node.start_mark.line + 1
            raise InputError(
                [Problem(self.file, line, node.start_mark.column + 1, "too large or deep for a model")]
            )
        mark, kind = node.start_mark, type(node).__name__
        at = key.start_mark if key is not None else mark
        self.positions.places[path] = Place(
            self.file,
            mark.line + 1,
            mark.column + 1 + (1 if getattr(node, "style", None) in ("'", '"') else 0),
            at.line + 1,
            at.column + 1,
            kind == "ScalarNode" and self._as_written(node),
        )
        if kind == "MappingNode":
            return self._mapping(node, path)
        if kind == "SequenceNode":
            return [self.build(child, (*path, i), None) for i, child in enumerate(node.value)]
        return self._scalar(node)

    def _as_written(self, node: ScalarNode) -> bool:
        start, end = node.start_mark, node.end_mark
        if start.line != end.line or start.line >= len(self.lines) or node.style in ("|", ">"):
            return False
        written: str = self.lines[start.line][start.column : end.column]
        return written.strip("'\"").strip() == str(node.value).strip()

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if type(key_node).__name__ != "ScalarNode":
                self._problem(key_node, "a key is a word, not a list or mapping")
                continue
            key = str(key_node.value)
            if key == "<<":
                self._problem(key_node, "merge keys '<<' are not read; write the keys out")
                continue
            if key in result:
                first = self.positions.places[(*path, key)].key_line
                self._problem(
                    key_node, f"the key {key!r} stands here a second time (first in line {first}); keep one"
                )
                continue
            result[key] = self.build(value_node, (*path, key), key_node)
        return result

    def _scalar(self, node: ScalarNode) -> Any:
        tag, text = str(node.tag), str(node.value)
        name = tag.removeprefix("tag:yaml.org,2002:")
        if name.startswith(("tag:", "python/")):
            self._problem(node, f"the tag '{name}' is not read; write plain values")
        if tag.startswith("!"):
            if re.fullmatch(r"!\w[\w.+/-]*", tag):
                message = f"YAML reads {tag!r} as a tag; in responses write 'not {tag[1:]}'"
                self._problem(node, f"{message}, elsewhere quote the text")
                return f"not {tag[1:]} {text}"
            self._problem(node, f"YAML reads {tag!r} as a tag; put the text in quotes")
            return text
        if name == "null":
            return None
        if name == "bool":
            return text.lower() == "true"
        if name == "int":
            return _whole(text)
        if name == "float":
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        return text

    def _problem(self, node: Node, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message))


def _whole(text: str) -> int | float:
    plain = text.replace("_", "")
    if re.fullmatch(r"[+-]?\d+", plain):
        return int(plain) if len(plain) <= 300 else math.inf
    return int(plain, 0)
