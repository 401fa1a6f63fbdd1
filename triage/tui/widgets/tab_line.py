"""Tabs on one row, with a choice at the right that a key turns."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece
from triage.tui.widgets.drawn_line import DrawnLines, spread, width_of


class TabLine(DrawnLines):
    """``names`` at the left, ``options`` at the right; both can be clicked."""

    names: reactive[tuple[str, ...]] = reactive(())
    chosen: reactive[int] = reactive(0)
    options: reactive[tuple[str, ...]] = reactive(())
    option: reactive[int] = reactive(0)

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """The chosen ones are strong."""
        right = self._options()
        left: list[Piece] = [(" ", "")]
        position = 1
        for index, name in enumerate(self.names):
            if index:
                left.append((f" {SIGN.bar} ", "rule"))
                position += 3
            piece = (name, "strong-accent" if index == self.chosen else "muted")
            size = width_of([piece])
            self.target(y, position, position + size, f"tab({index})")
            position += size
            left.append(piece)
        if right and position + width_of(right) + 2 > width:
            right = [(self.options[self.option], "accent"), (" ", "")]
        return spread(left, right, width)

    def _options(self) -> list[Piece]:
        row: list[Piece] = []
        for index, name in enumerate(self.options):
            row += [(name, "accent" if index == self.option else "muted"), (" · ", "muted")]
        return [*row[:-1], (" ", "")] if row else []
