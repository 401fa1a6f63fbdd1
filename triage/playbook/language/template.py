"""Texts with gaps: ``{{ path }}`` and ``{{ path | default("x") }}``, and nothing else.

A look-up needs no template language, and template languages in their sandboxes have been escaped from again
and again (CVE-2016-10745, CVE-2019-10906, CVE-2024-56326, CVE-2025-27516). A gap without a value shows as
``[missing: path]``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triage.playbook.language.expression import UNKNOWN, Scope

_GAP = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INSIDE = re.compile(
    r"""\s*(?P<path>[A-Za-z][\w-]*(?:\.[\w-]+)*)\s*(?:\|\s*default\(\s*(?P<quote>["'])(?P<default>.*?)(?P=quote)\s*\)\s*)?\Z""",
    re.DOTALL,
)
MISSING_MARK = "[missing: "


class TemplateError(ValueError):
    """A gap that is not a look-up; ``offset`` counts characters from 0."""

    def __init__(self, message: str, offset: int, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Gap:
    """One look-up in a text."""

    path: tuple[str, ...]
    default: str | None
    offset: int
    """Of the path's first character."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its gaps filled, and the names that had no value."""

    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was read and found good."""

    parts: tuple[str | Gap, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The look-ups, in order."""
        return tuple(part for part in self.parts if isinstance(part, Gap))

    def render(self, scope: Scope) -> Rendered:
        """Fill the gaps from ``scope``."""
        texts, missing = [], []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            value = scope.get(part.path)
            name = ".".join(part.path)
            if value is not UNKNOWN:
                texts.append(value_text(value))
            elif part.default is not None:
                texts.append(part.default)
            else:
                texts.append(f"{MISSING_MARK}{name}]")
                missing.append(name)
        return Rendered("".join(texts), tuple(dict.fromkeys(missing)))


@lru_cache(maxsize=2048)
def compile_template(text: str) -> Template:
    """Read ``text``. Raises `TemplateError` with the offset of the gap that is wrong."""
    parts: list[str | Gap] = []
    end = 0
    for found in _GAP.finditer(text):
        inside = _INSIDE.match(found.group(1))
        if not inside:
            advice = 'write {{ vars.name }} or {{ vars.name | default("text") }}'
            raise TemplateError(f"cannot read the template {found.group()}", found.start(), advice)
        parts.append(text[end : found.start()])
        offset = found.start(1) + inside.start("path")
        parts.append(Gap(tuple(inside["path"].split(".")), inside["default"], offset))
        end = found.end()
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def value_text(value: Any) -> str:
    """A value as it reads in a sentence: yes and no, lists with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_text(item)}" for key, item in value.items())
    return ", ".join(map(value_text, value)) if isinstance(value, Sequence) else str(value)
