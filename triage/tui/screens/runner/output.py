"""What a command says while it runs."""

from __future__ import annotations

from collections import deque

from textual.widgets import Static

from triage.tui.safe_text import content

LINES_SHOWN = 12
DRAW_EVERY = 0.1
"""Seconds between two drawings, however fast the command talks."""


class OutputLines(Static):
    """The newest lines of a running command; what is kept of the whole is the desk's."""

    def __init__(self) -> None:
        super().__init__(classes="output")
        self._latest: deque[str] = deque(maxlen=LINES_SHOWN)
        self._fresh = False

    def on_mount(self) -> None:
        """Draw now, then as lines come."""
        self.update(content(("running … x stops it", "accent")))
        self.set_interval(DRAW_EVERY, self._draw)

    def feed(self, text: str) -> None:
        """Take output, a line or several; may be called from any thread."""
        self._latest.extend(text.rstrip("\n").split("\n"))
        self._fresh = True

    def _draw(self) -> None:
        if self._fresh:
            self._fresh = False
            lines = "\n".join(self._latest)
            self.update(content(("running … x stops it\n", "accent"), (lines, "")))
