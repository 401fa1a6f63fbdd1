"""A text to read, as long as it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from triage.tui.keys import BACK, HELP
from triage.tui.safe_text import Piece
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList
from triage.tui.wrapping import wrapped

ROWS = 20_000
"""Rows ever drawn of one text."""


class TextPage(Screen[None]):
    """``text``, wrapped to the width, under a title."""

    BINDINGS: ClassVar[list[BindingType]] = [*BACK, *HELP]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._text = text
        self.head = TextLine()
        self.head.left = ((f" {title}", "strong"),)
        self.list: VirtualList[str] = VirtualList(self._draw)

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield self.head
        yield Rule()
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """The keys move through the text."""
        self.list.focus()

    def on_resize(self) -> None:
        """Wrapped anew."""
        rows, rest = wrapped(self._text, self.size.width - 4, ROWS)
        self.list.show([*rows, f"[{rest:,} more lines not drawn]"] if rest else rows)

    def _draw(self, row: str, width: int) -> Sequence[Piece]:
        return [(" ", ""), (row, "")]

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()
