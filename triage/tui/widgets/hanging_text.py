"""Text of a playbook: a little markup, and lines that hang under their own beginning."""

from __future__ import annotations

import re

from textual import events
from textual.content import Content
from textual.widgets import Static

from triage.model.clean_text import clean
from triage.tui.safe_text import content

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`\n]+)`")
_LEAD = re.compile(r"\s*(?:(?:[-*·•]|\d{1,3}[.)]|\[[ x]\])\s+)?")
"""What a line begins with: blanks, then a bullet, a number or a box."""


def prose(text: str) -> Content:
    """Text of a playbook: ``**bold**`` and ```code``` are drawn, everything else is shown as it is."""
    cleaned = clean(text).strip()
    pieces: list[tuple[str, str]] = []
    end = 0
    for match in _INLINE.finditer(cleaned):
        pieces.append((cleaned[end : match.start()], ""))
        pieces.append((match[1], "strong") if match[1] else (match[2], "accent"))
        end = match.end()
    return content(*pieces, (cleaned[end:], ""))


def hanging(text: str, width: int) -> Content:
    """`prose` in rows of at most ``width`` cells; a broken line goes on under its own words."""
    rows: list[Content] = []
    for line in prose(text).split("\n", allow_blank=True):
        match = _LEAD.match(line.plain)
        lead = min(match.end() if match else 0, max(width // 2, 1))
        if line.cell_length <= width or not line.plain.strip():
            rows.append(line)
            continue
        first, *rest = line[lead:].wrap(max(width - lead, 8))
        rows += [line[:lead] + first, *(content((" " * lead, "")) + one for one in rest)]
    return Content("\n").join(rows)


class HangingText(Static):
    """Such a text, broken anew whenever its width changes."""

    def __init__(self, text: str = "", *, classes: str | None = None, widget_id: str | None = None) -> None:
        super().__init__(classes=classes, id=widget_id)
        self._written = text
        self._broken_for = 0

    def show(self, text: str) -> None:
        """Show another text."""
        self._written, self._broken_for = text, 0
        self._draw()

    def on_mount(self) -> None:
        """As it is; the width is not known yet."""
        self.update(prose(self._written))

    def on_resize(self, _: events.Resize) -> None:
        """Now it is."""
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if width and width != self._broken_for:
            self._broken_for = width
            self.update(hanging(self._written, width))
