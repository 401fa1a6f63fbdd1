"""What a command says while it runs."""

from __future__ import annotations

from textual.widgets import Log

from triage.model.clean_text import clean

KEEP_LINES = 2000
"""Lines kept on screen; the evidence keeps what the desk keeps."""


class OutputLines(Log, can_focus=False):
    """Lines as they come, cleaned, newest in sight."""

    def __init__(self) -> None:
        super().__init__(max_lines=KEEP_LINES, highlight=False)

    def feed(self, text: str) -> None:
        """Take output, a line or several; may be called from any thread."""
        self.app.call_later(self._write, text)

    def _write(self, text: str) -> None:
        if self.is_mounted:
            self.write_lines(clean(text).expandtabs(4).rstrip("\n").split("\n"))
