"""A playbook's text with its places, and findings that point into it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from triage.model.clean_text import clean
from triage.model.run import Diagnostic
from triage.playbook.language.yaml_nodes import Path, Place, YamlError


@dataclass(slots=True)
class Source:
    """Where things stand in one file, and what was found there so far."""

    path: str
    text: str
    lines: list[str]
    places: dict[Path, Place] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far makes the file unusable."""
        return any(diagnostic.level == "error" for diagnostic in self.found)

    def add(
        self,
        where: Path,
        code: str,
        message: str,
        *,
        level: Literal["error", "warning", "info"] = "error",
        advice: str = "",
        on: Literal["value", "key"] = "value",
        offset: int | None = None,
    ) -> None:
        """Note a finding at ``where``; ``offset`` counts characters into the value's text."""
        place = self._nearest(where)
        line, column = (place.key_line, place.key_column) if on == "key" else (place.line, place.column)
        if offset is not None:
            line, column = self._inside(place, offset)
        self.add_at(line, column, code, message, level=level, advice=advice)

    def add_at(
        self,
        line: int,
        column: int,
        code: str,
        message: str,
        *,
        level: Literal["error", "warning", "info"] = "error",
        advice: str = "",
    ) -> None:
        """Note a finding at a line and column, both from 1."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        # Cut before it is cleaned: a line of the largest file may hold a finding every ten characters.
        shown = clean(text[:800].rstrip("\r"))[:400]
        self.found.append(
            Diagnostic(self.path, line, column, level, code, clean(message), clean(advice), shown)
        )

    def add_yaml(self, error: YamlError) -> None:
        """Note what the YAML reader said."""
        self.add_at(error.line, error.column, error.code, error.message, advice=error.advice)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """What was found, in the order of the file, each once."""
        unique = dict.fromkeys(self.found)
        return tuple(sorted(unique, key=lambda one: (one.line, one.column, one.code)))

    def _nearest(self, where: Path) -> Place:
        while where and where not in self.places:
            where = where[:-1]
        return self.places.get(where) or Place(1, 1, 1, 1)

    def _inside(self, place: Place, offset: int) -> tuple[int, int]:
        """The line and column of a character inside a value; the value's start where it cannot be told."""
        if place.style == "plain" and place.end_line == place.line:
            return place.line, place.column + offset
        if place.style == "quoted" and place.end_line == place.line:
            shown = self.lines[place.line - 1][place.column :]
            return place.line, place.column + 1 + (offset if "\\" not in shown[:offset] else 0)
        if place.style == "literal":
            return self._in_block(place, offset)
        return place.line, place.column

    def _in_block(self, place: Place, offset: int) -> tuple[int, int]:
        body = self.lines[place.line : max(place.end_line, place.line + 1)]
        # The first line with something on it sets the indentation of the block (YAML 1.2, 8.1.1.1).
        indent = next((len(line) - len(line.lstrip()) for line in body if line.strip()), 0)
        for number, line in enumerate(body, place.line + 1):
            length = max(len(line) - indent, 0)
            if offset <= length:
                return number, indent + offset + 1
            offset -= length + 1
        return place.line, place.column


def closest(word: str, choices: Iterable[str]) -> str:
    """The choice most like ``word``, or an empty text when none is like it."""
    names = sorted(set(choices))
    found = difflib.get_close_matches(word.lower(), names, 1, 0.6)
    if found:
        return found[0]
    # Two letters swapped in a short word score low, though people see it at once.
    same_letters = [name for name in names if sorted(name) == sorted(word.lower())]
    return same_letters[0] if same_letters else ""


def did_you_mean(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """``did you mean 'X'?`` or what to say when nothing is close."""
    best = closest(word, choices)
    return f"did you mean {best!r}?" if best else otherwise
