"""The head of the queue: where we are, which view, how much is open, how fresh it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from triage.model.queue import QueueView
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece
from triage.tui.widgets.drawn_line import DrawnLines, spread, width_of


class QueueHead(DrawnLines):
    """One line: program, profile, views as tabs, and the counts at the right."""

    views: reactive[tuple[QueueView, ...]] = reactive(())
    chosen: reactive[int] = reactive(0)
    right: reactive[tuple[Piece, ...]] = reactive(())
    right_short: reactive[tuple[Piece, ...]] = reactive(())

    def __init__(self, profile: str) -> None:
        super().__init__()
        self._profile = profile

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Everything on one line; tabs give way to the name of the present view."""
        left: list[Piece] = [(" Triage", "strong-accent"), (f" · {self._profile} · ", "muted")]
        right = self.right
        if width_of(left) + width_of(right) + self._tabs_width() + 3 > width:
            right = self.right_short
        if width_of(left) + width_of(right) + self._tabs_width() + 3 > width:
            left = [(" ", ""), (f"{self._profile} · ", "muted")]
        room = width - width_of(right) - 3
        position = width_of(left)
        tabs, fits = self._tabs(position, room)
        if not fits:
            return spread([*left, *self._only_chosen()], [*right, (" ", "")], width)
        for index, (start, end) in enumerate(fits):
            self.target(y, start, end, f"view({index})")
        return spread([*left, *tabs], [*right, (" ", "")], width)

    def _tabs_width(self) -> int:
        return width_of([(view.name, "") for view in self.views]) + 2 * max(0, len(self.views) - 1)

    def _tabs(self, position: int, room: int) -> tuple[list[Piece], list[tuple[int, int]]]:
        row: list[Piece] = []
        places: list[tuple[int, int]] = []
        for index, view in enumerate(self.views):
            if index:
                row.append((f" {SIGN.bar}", "rule"))
                position += 2
            piece = (view.name, "strong" if index == self.chosen else "muted")
            size = width_of([piece])
            places.append((position, position + size))
            position += size
            row.append(piece)
        return row, places if position <= room else []

    def _only_chosen(self) -> list[Piece]:
        if not self.views:
            return []
        place = f" {self.chosen + 1}/{len(self.views)}" if len(self.views) > 1 else ""
        return [(self.views[self.chosen].name, "strong"), (place, "muted")]
