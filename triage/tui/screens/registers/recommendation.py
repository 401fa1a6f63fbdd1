"""One recommendation: what is asked of whom, the letters, what counting shows, and what may follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from triage.model.investigation import Investigation
from triage.model.register_line import RegisterLine
from triage.tui import work
from triage.tui.keys import BACK, HELP
from triage.tui.recommendation_page_words import Page, Row, head, page_rows
from triage.tui.safe_text import Piece
from triage.tui.screens.registers.recommendation_keys import RECOMMENDATION_KEYS, RecommendationScreenKeys
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import TextLine
from triage.tui.widgets.virtual_list import VirtualList


class RecommendationScreen(RecommendationScreenKeys):
    """The page; keys move through it and write letters."""

    CSS_PATH = "registers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*RECOMMENDATION_KEYS, *BACK, *HELP]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._wanted = name
        self._line: RegisterLine | None = None
        self._investigation: Investigation | None = None
        self.head = TextLine(classes="head")
        self.list: VirtualList[Row] = VirtualList(self._draw)

    def compose(self) -> ComposeResult:
        """Head, page, keys."""
        yield self.head
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads it, and again whenever something changes."""
        self.head.left = ((f" {self._wanted}", "strong-accent"),)
        self.list.say_empty([("Reading.", "muted")])
        self.list.focus()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_screen_resume(self) -> None:
        """Back from a letter."""
        if self._line is not None:
            self.reload()

    def on_resize(self) -> None:
        """Wrapped anew."""
        self._tell()

    def reload(self) -> None:
        """Reads it anew."""
        work.start(self, self._read(), group="read")

    async def _read(self) -> None:
        desk = await self.triage.ready()
        line = await desk.recommendations.show(self._wanted)
        self._investigation = (await desk.investigations.view(line.investigation_id)).investigation
        self._line = line
        self._tell()

    def _tell(self) -> None:
        line = self._line
        if line is None:
            return
        now, zone = self.triage.clock(), self.triage.zone
        self.head.left, self.head.right = head(line, now, zone)
        moves = self.triage.desk.recommendations.moves(line)
        page = Page(line, moves, self._investigation, now, zone, max(40, self.size.width - 2))
        self.list.show(page_rows(page))
        self.refresh_bindings()

    def _draw(self, row: Row, width: int) -> Sequence[Piece]:
        return row

    def line(self) -> RegisterLine | None:
        """The one that is shown."""
        return self._line
