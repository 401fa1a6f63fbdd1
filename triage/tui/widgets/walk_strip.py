"""The walk back as a strip: from now, step by step, back to the design."""

from __future__ import annotations

from collections.abc import Collection

from textual.content import Content
from textual.widgets import Static

from triage.tui.safe_text import content

WALK_STEPS: tuple[str, ...] = (
    "hand-over", "diagnosis", "first reply", "first sight", "before anyone called", "the act",
    "preparation", "release", "design",
)  # fmt: skip
"""Short names of the nine steps, latest first; the place in the tuple is the number of the step."""


def walk_strip(current: int, visited: Collection[int], width: int) -> Content:
    """The strip in ``width`` cells: the current step in capitals between bars, answered ones ticked.

    Where the names do not fit, the steps around the current one keep theirs and the rest become numbers.
    """
    for near in (len(WALK_STEPS), 3, 2, 1):
        strip = _strip(current, visited, near)
        if strip.cell_length <= width:
            return strip
    return _strip(current, visited, 0)


def _strip(current: int, visited: Collection[int], near: int) -> Content:
    rule = "── " if near == len(WALK_STEPS) else "─ "
    pieces = [("now ", "muted"), ("◀", "accent")]
    for step, name in enumerate(WALK_STEPS):
        tick = "✓" if step in visited else ""
        pieces.append((rule, "rule"))
        if step == current:
            pieces.append((f"▐ {name.upper()}{tick} ▌", "strong-accent"))
        else:
            word = name if abs(step - current) <= near else str(step)
            pieces.append((f"{word}{tick}", "good" if tick else "muted"))
        pieces.append((" ", ""))
    return content(*pieces[:-1])


class WalkStrip(Static):
    """Where we are on the way back; hidden outside the walk-back."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._current: int | None = None
        self._visited: frozenset[int] = frozenset()

    def show(self, current: int | None, visited: Collection[int]) -> None:
        """Draw the strip at step ``current``, or hide it for None."""
        self._current = current
        self._visited = frozenset(visited)
        self.display = current is not None
        self.refresh(layout=True)

    def render(self) -> Content:
        """The strip for the present width."""
        if self._current is None:
            return content()
        return walk_strip(self._current, self._visited, self.size.width or 80)
