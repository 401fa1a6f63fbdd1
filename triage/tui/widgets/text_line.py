"""One row with something at its left and something at its right."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece
from triage.tui.widgets.drawn_line import DrawnLines, spread


class TextLine(DrawnLines):
    """Set ``left`` and ``right``; the left gives way when both do not fit."""

    left: reactive[tuple[Piece, ...]] = reactive(())
    right: reactive[tuple[Piece, ...]] = reactive(())

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Left and right, spread over the row."""
        return spread(self.left, self.right, width)


class Rule(DrawnLines):
    """A thin line that separates."""

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """The line."""
        return [(SIGN.rule * width, "rule")]
