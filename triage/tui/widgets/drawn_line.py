"""Rows that draw themselves from pieces: head lines, tabs, the line of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from triage.model.clean_text import clean
from triage.tui.safe_text import Piece, segments
from triage.tui.theme import tone_styles


def width_of(pieces: Sequence[Piece]) -> int:
    """How many cells ``pieces`` take once cleaned."""
    return sum(cell_len(clean(text)) for text, _ in pieces)


def spread(left: Sequence[Piece], right: Sequence[Piece], width: int) -> list[Piece]:
    """``left`` at the left edge, ``right`` at the right one; the left gives way."""
    room = width - width_of(right) - (2 if right else 0)
    kept: list[Piece] = []
    for text, tone in left:
        size = cell_len(clean(text))
        if size > room:
            if room > 1:
                kept.append((_cut(text, room), tone))
            room = 0
            break
        kept.append((text, tone))
        room -= size
    gap = width - width_of(kept) - width_of(right)
    return [*kept, (" " * max(0, gap), ""), *right]


def _cut(text: str, width: int) -> str:
    from triage.tui.safe_text import fit

    return fit(text, width)


class DrawnLines(Widget):
    """A widget of whole rows. Subclasses give the pieces of each row."""

    DEFAULT_CSS = "DrawnLines { height: 1; width: 1fr; }"

    def __init__(self, *, name: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, classes=classes)
        self._tones: Mapping[str, Style] = {}
        self._targets: dict[int, list[tuple[int, int, str]]] = {}

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """The pieces of row ``y``. May call `target` to make a stretch clickable."""
        raise NotImplementedError

    def target(self, y: int, start: int, end: int, action: str) -> None:
        """Cells ``start`` to ``end`` of row ``y`` run ``action`` (ours, never data) when clicked."""
        self._targets.setdefault(y, []).append((start, end, action))

    def render_line(self, y: int) -> Strip:
        """Row ``y`` as it stands."""
        if not self._tones:
            self._tones = tone_styles(self.app.theme_variables)
        width = self.size.width
        self._targets.pop(y, None)
        return Strip(segments(self.pieces(y, width), width, self._tones, self.rich_style), width)

    def notify_style_update(self) -> None:
        """A theme was chosen."""
        super().notify_style_update()
        self._tones = {}

    async def on_click(self, event: events.Click) -> None:
        """Runs what was clicked."""
        for start, end, action in self._targets.get(event.y, ()):
            if start <= event.x < end:
                event.stop()
                await self.app.run_action(action, self.screen)
