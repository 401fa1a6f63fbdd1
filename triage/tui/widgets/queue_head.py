"""The head of the queue: where we are, how fresh it is, the filter, what is wrong, the column names.

One widget for all these rows: every widget costs the first frame more than a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from triage.model.queue import QueueView
from triage.tui.glyphs import SIGN
from triage.tui.queue_columns import columns, heading
from triage.tui.safe_text import Piece
from triage.tui.widgets.drawn_line import DrawnLines, spread, width_of

Pieces = tuple[Piece, ...]


class QueueHead(DrawnLines):
    """Three rows, and a fourth while something is wrong."""

    views: reactive[tuple[QueueView, ...]] = reactive(())
    chosen: reactive[int] = reactive(0)
    right: reactive[Pieces] = reactive(())
    right_short: reactive[Pieces] = reactive(())
    typed: reactive[str] = reactive("")
    matching: reactive[Pieces] = reactive(())
    trouble: reactive[Pieces] = reactive(())

    def __init__(self, profile: str) -> None:
        super().__init__()
        self._profile = profile

    def watch_trouble(self, trouble: Pieces) -> None:
        """Makes room for it, or takes the room back."""
        height = 4 if trouble else 3
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Row by row."""
        if y == 0:
            return self._first(width)
        if y == 1:
            self.target(y, 0, width, "filter")
            return spread([(" / ", "muted"), (self.typed, "accent")], [*self.matching, (" ", "")], width)
        if y == 2 and self.trouble:
            return spread([(" ", ""), *self.trouble], (), width)
        # The list keeps two cells for its cursor and its scrollbar.
        return heading(columns(width - 2))

    def _first(self, width: int) -> Sequence[Piece]:
        """Everything on one line; tabs give way to the name of the present view."""
        left: list[Piece] = [(" Triage", "strong-accent"), (f" · {self._profile} · ", "muted")]
        right = self.right
        if width_of(left) + width_of(right) + self._tabs_width() + 3 > width:
            right = self.right_short
        if width_of(left) + width_of(right) + self._tabs_width() + 3 > width:
            left = [(" ", ""), (f"{self._profile} · ", "muted")]
        room = width - width_of(right) - 3
        tabs, places = self._tabs(width_of(left), room)
        if not places:
            return spread([*left, *self._only_chosen()], [*right, (" ", "")], width)
        for index, (start, end) in enumerate(places):
            self.target(0, start, end, f"view({index})")
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
