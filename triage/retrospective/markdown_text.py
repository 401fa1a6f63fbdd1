"""Text from outside made safe for Markdown: no escapes, no broken tables, no markup of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.model.clean_text import clean, clean_line

_MARKUP = re.compile(r"([\\`*\[\]<|]|(?<!\w)_|_(?!\w)|~(?=~))")
_LINE_MARK = re.compile(r"^(\s*)([-+#>]|\d+[.)](?=\s))", re.MULTILINE)


def line(text: str) -> str:
    """``text`` on one line, its markup shown instead of obeyed."""
    return _escaped(clean_line(text))


def paragraph(text: str) -> str:
    """``text`` with its line breaks, its markup shown instead of obeyed."""
    return _escaped(clean(text).strip()).replace("\n", "  \n")


def _escaped(text: str) -> str:
    return _LINE_MARK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are already safe."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(cell or '–' for cell in row)} |" for row in rows]
