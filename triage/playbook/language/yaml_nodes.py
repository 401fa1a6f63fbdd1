"""Strict YAML: plain data, and where each key and value stands in the file.

The tree is built from libyaml's events instead of `yaml.compose`, because composing recurses: a file of
brackets would take the process with it. Refused: anchors, aliases, merge keys, tags, duplicate keys, keys
that are not text, a second document, control and bidirectional characters. Plain scalars follow the YAML
1.2 core schema, narrowed: ``true``/``false``, ``null``, decimal numbers without leading zeros; everything
else is text, so ``no``, ``12:30``, ``010`` and ``2026-10-01`` stay what was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import yaml

from triage.model.json_value import Json

Path: TypeAlias = tuple[str | int, ...]

SIZE_LIMIT = 256 * 1024
DEPTH_LIMIT = 20
NODE_LIMIT = 20_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there; its events are the same, six times faster."""
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}(?:[eE][-+]?[0-9]{1,3})?\Z")
_STYLES: dict[str | None, Any] = {"'": "quoted", '"': "quoted", "|": "literal", ">": "folded"}
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "~": None, "": None}
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


class YamlError(Exception):
    """The file cannot be read as meant; ``line`` and ``column`` count from 1."""

    def __init__(self, code: str, message: str, line: int, column: int, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.advice = advice


class Place(NamedTuple):
    """Where a value (and its key, when it has one) begins; lines and columns from 1."""

    line: int
    column: int
    key_line: int
    key_column: int
    style: Literal["plain", "quoted", "literal", "folded", "node"] = "node"
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """A file read: its data, its places, and the troubles that did not stop the reading."""

    data: Any
    places: dict[Path, Place]
    lines: list[str]
    errors: tuple[YamlError, ...] = ()


@dataclass(slots=True)
class _Open:
    """A collection being filled."""

    path: Path
    mapping: bool
    items: dict[str, Any] | list[Any]
    flow: bool
    line: int
    column: int
    key: str | None = None
    key_line: int = 0
    key_column: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    skip: bool = False
    """A duplicate key's value is read and dropped: the first one stands."""
    is_key: bool = False
    """The inner braces of an unquoted template: read to the end and thrown away."""
    text: str | None = None
    """What an unquoted template was meant to be, so that reading goes on behind it."""


def read_tree(text: str) -> Tree:
    """``text`` as data with places. Raises `YamlError` when there is no way to go on.

    Sequences become tuples. Duplicate keys and hidden characters are collected in ``errors``.
    """
    try:
        too_large = len(text) > SIZE_LIMIT or len(text.encode()) > SIZE_LIMIT
    except UnicodeEncodeError as error:
        line, column = position(text, error.start)
        raise YamlError("PB002", "half of a character (a lone surrogate)", line, column) from None
    if too_large:
        raise YamlError("PB001", f"the file is larger than {SIZE_LIMIT // 1024} KiB", 1, 1)
    lines = text.split("\n")
    if text.startswith("\ufeff"):
        raise YamlError(
            "PB002", "the file begins with a byte order mark", 1, 1, "save it as UTF-8 without BOM"
        )
    if not text.strip():
        raise YamlError("PB003", "the file is empty", 1, 1)
    builder = _Builder(lines)
    builder.find_hidden(text)
    try:
        builder.run(text)
    except yaml.MarkedYAMLError as error:
        raise _marked(error) from None
    except yaml.reader.ReaderError as error:
        line, column = position(text, error.position)
        raise YamlError("PB002", f"not YAML: {error.reason}", line, column) from None
    except yaml.YAMLError as error:
        raise YamlError("PB002", f"not YAML: {error}", 1, 1) from None
    return Tree(builder.root, builder.places, lines, tuple(builder.errors))


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``offset``."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _marked(error: yaml.MarkedYAMLError) -> YamlError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return YamlError("PB002", f"not YAML: {error.problem or error.context or 'cannot be read'}", line, column)


class _Builder:
    """Turns events into data, holding only a stack of open collections."""

    def __init__(self, lines: list[str]) -> None:
        self.root: Any = None
        self.places: dict[Path, Place] = {}
        self.errors: list[YamlError] = []
        self._lines = lines
        self._stack: list[_Open] = []
        self._count = 0
        self._documents = 0

    def find_hidden(self, text: str) -> None:
        """Report characters that a reader of the file cannot see."""
        for found in _HIDDEN.finditer(text):
            line, column = position(text, found.start())
            code = f"U+{ord(found.group()):04X}"
            self.errors.append(YamlError("PB012", f"hidden character {code}", line, column, "remove it"))

    def run(self, text: str) -> None:
        """Read every event of ``text``."""
        parser: Any = _LOADER(text)
        try:
            while (event := parser.get_event()) is not None:
                self._take(event)
        finally:
            parser.dispose()

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._node(event)
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._node(event)
            self._begin(event, kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end()
        elif kind is yaml.AliasEvent:
            raise self._error("PB004", "aliases are not allowed", event, "write the value out again")
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise self._error("PB002", "a second document begins here", event, "one playbook a file")

    def _node(self, event: Any) -> None:
        self._count += 1
        if self._count > NODE_LIMIT:
            raise self._error("PB004", f"more than {NODE_LIMIT:,} values in one file", event)
        if event.anchor is not None:
            raise self._error("PB004", f"anchors are not allowed (&{event.anchor})", event, "remove it")
        if event.tag is not None:
            raise self._error("PB008", f"tags are not allowed ({event.tag})", event, "remove it")

    def _error(self, code: str, message: str, event: Any, advice: str = "") -> YamlError:
        mark = event.start_mark
        return YamlError(code, message, mark.line + 1, mark.column + 1, advice)

    def _begin(self, event: Any, mapping: bool) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if len(self._stack) >= DEPTH_LIMIT:
            raise self._error("PB004", f"nested deeper than {DEPTH_LIMIT} levels", event)
        top = self._stack[-1] if self._stack else None
        is_key = bool(top and top.mapping and top.key is None)
        if top and is_key:
            self._unquoted(top, event)
        path = () if is_key else self._place(line, column, "node")
        items: dict[str, Any] | list[Any] = {} if mapping else []
        flow = bool(event.flow_style)
        self._stack.append(_Open(path, mapping, items, flow, line, column, is_key=is_key))

    def _unquoted(self, top: _Open, event: Any) -> None:
        """Note a template without quotes, which YAML takes for a mapping whose key is a mapping."""
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if not (top.flow and event.flow_style and top.line == line and top.column == column - 1):
            raise YamlError("PB006", "a key must be text", line, column)
        rest = self._lines[line - 1][top.column - 1 :]
        end = rest.find("}}")
        top.text = rest[: end + 2] if end >= 0 else "{{ … }}"
        advice = f'quote it: "{top.text}"'
        self.errors.append(YamlError("PB005", f"unquoted template {top.text}", line, top.column, advice))

    def _end(self) -> None:
        done = self._stack.pop()
        if done.is_key:
            self._stack[-1].key, self._stack[-1].skip = "\0template", True
            return
        if done.text is not None:
            self._add(done.text)
            return
        self._add(done.items if done.mapping else tuple(cast("list[Any]", done.items)))

    def _scalar(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if top and top.mapping and top.key is None:
            self._key(top, event, line, column)
            return
        style = _STYLES.get(event.style, "plain")
        self._place(line, column, style, event.end_mark.line + 1)
        if style == "quoted" and "\\" in self._lines[line - 1] and (hidden := _HIDDEN.search(event.value)):
            code = f"U+{ord(hidden.group()):04X}"
            self.errors.append(YamlError("PB012", f"hidden character {code}", line, column, "remove it"))
        self._add(_plain(event.value) if style == "plain" else event.value)

    def _key(self, top: _Open, event: Any, line: int, column: int) -> None:
        name = event.value
        if name == "<<" and not event.style:
            raise self._error("PB004", "merge keys are not allowed", event, "write the values out again")
        if not name:
            raise self._error("PB006", "a key must be text", event)
        if name in top.seen:
            advice = f"first defined at line {top.seen[name]}"
            self.errors.append(YamlError("PB007", f"duplicate key {name!r}", line, column, advice))
        top.skip = name in top.seen
        top.seen.setdefault(name, line)
        top.key, top.key_line, top.key_column = name, line, column

    def _path(self) -> Path:
        if not self._stack:
            return ()
        top = self._stack[-1]
        step = top.key if top.mapping else len(top.items)
        # A dropped duplicate keeps its places apart from those of the first.
        return (
            (*top.path, "\0dropped", cast("str", step)) if top.skip else (*top.path, cast("str | int", step))
        )

    def _place(self, line: int, column: int, style: Any, end_line: int = 0) -> Path:
        path = self._path()
        top = self._stack[-1] if self._stack else None
        key_line, key_column = (top.key_line, top.key_column) if top and top.mapping else (line, column)
        self.places[path] = Place(line, column, key_line, key_column, style, end_line)
        return path

    def _add(self, value: Any) -> None:
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        if isinstance(top.items, list):
            top.items.append(value)
            return
        if not top.skip:
            top.items[cast("str", top.key)] = value
        top.key, top.skip = None, False


def _plain(value: str) -> Json:
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    if value[0] not in "-0123456789":
        return value
    if _INT.match(value):
        return int(value)
    return float(value) if _FLOAT.match(value) else value
