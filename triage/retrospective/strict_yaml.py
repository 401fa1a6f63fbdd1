"""YAML read strictly, with the place of every value kept for error messages.

Plain scalars mean what a person expects: ``yes``, ``no``, ``on`` and dates stay text; only ``true``,
``false``, ``null`` and numbers are more. Doubled keys and files that unfold without end are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from triage.model.errors import Invalid
from triage.model.json_value import Json

NODE_LIMIT = 50_000
DEPTH_LIMIT = 40
DIGITS_LIMIT = 100
"""Characters of a bare number; a longer one is no number that anything here could mean."""
Path: TypeAlias = "tuple[str | int, ...]"

_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where it says it."""

    name: str
    data: Json
    places: Mapping[Path, tuple[int, int]]

    def where(self, *path: str | int) -> str:
        """``file:line:column`` of the value at ``path``, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                line, column = self.places[path[:length]]
                return f"{self.name}:{line}:{column}"
        return self.name


def read(text: str, name: str) -> Document:
    """Read ``text``, called ``name`` in errors. Raises `Invalid` with file:line:column."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise Invalid(f"not YAML: {error.problem or error.context}", where=where) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise Invalid(f"not YAML: {str(error).splitlines()[0]}", where=name) from None
    reader = _Reader(name)
    data = reader.value(root, ()) if root is not None else None
    return Document(name, data, reader.places)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Path, tuple[int, int]] = {}
        self.count = 0

    def value(self, node: yaml.Node, path: Path) -> Json:
        self.count += 1
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if self.count > NODE_LIMIT or len(path) > DEPTH_LIMIT:
            raise Invalid("too much nested or repeated content", where=self._where(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        quoted = getattr(node, "style", None) in {"'", '"', "|", ">"}
        return str(node.value) if quoted else self._plain(node)

    def _plain(self, node: yaml.Node) -> Json:
        text = str(node.value)
        if len(text) > DIGITS_LIMIT and _NUMBER.fullmatch(text):
            do = "Put it in quotes if it is meant as text"
            raise Invalid(f"a number of {len(text)} characters is too long", where=self._where(node), do=do)
        return scalar(text)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Json]:
        result: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise Invalid("a key must be one word", where=self._where(key_node))
            key = str(key_node.value)
            if key in result:
                raise Invalid(
                    f"{key!r} stands here twice", where=self._where(key_node), do="Keep one of them"
                )
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _where(self, node: yaml.Node) -> str:
        return f"{self.name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def scalar(text: str) -> Json:
    """The value of a plain word: null, true, false, a number, or the text itself."""
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
