"""Long texts to read: the report, and the customer draft that can only be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from triage.model.clean_text import clean
from triage.tui.safe_text import Piece, content, safe
from triage.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from triage.tui.shell import Shell

DRAFT: Piece = ("DRAFT – not sent. It leaves Triage only by being copied.", "strong-public")


class TextScreen(Screen[None]):
    """A text under a banner; ``y`` copies it."""

    CSS_PATH = "text.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy all"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("pagedown,space", "scroll(20)", "page down", show=False),
        Binding("pageup", "scroll(-20)", "page up", show=False),
        Binding("q,escape", "leave", "back", id="screen.back"),
    ]

    def __init__(self, banner: Piece, text: str) -> None:
        super().__init__()
        self.banner = banner
        self.text = text

    def compose(self) -> ComposeResult:
        """Banner, text, keys."""
        yield Static(content(self.banner), classes="banner")
        yield VerticalScroll(Static(safe(self.text)), can_focus=False)
        yield KeyLine()

    def action_copy(self) -> None:
        """Copy the whole text, by the terminal's own way (OSC 52)."""
        self.app.copy_to_clipboard(clean(self.text))
        cast("Shell", self.app).say("Copied. Nothing was sent.")

    def action_scroll(self, lines: int) -> None:
        """Move the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()
