"""Words that go into the docket of an investigation as they stand: submissions, dissents, new evidence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from triage.tui.safe_text import Piece
from triage.tui.screens.message import MessageScreen
from triage.tui.work import on_top


class StatementScreen(MessageScreen):
    """A text with a heading; it is kept as a draft until it is put down with a key of its own."""

    CSS_PATH = "../message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "finish", "write it down for good", priority=True, id="statement.finish"),
    ]

    def __init__(
        self,
        ticket_id: str,
        key: str,
        heading: tuple[Piece, ...],
        slot: str,
        put_down: Callable[[str], Awaitable[object]],
        *,
        start: str = "",
    ) -> None:
        """``slot`` is where the draft is kept; ``put_down`` writes the text into the docket."""
        super().__init__(ticket_id, key)
        self._heading = heading
        self._slot = slot
        self._put_down = put_down
        self._begins = start

    def heading(self) -> tuple[Piece, ...]:
        """What it is, and what becomes of it."""
        return self._heading

    async def initial_text(self) -> str:
        """The draft, if there is one; else what was said before."""
        return (await self.triage.desk.cases.drafts(self.ticket_id)).get(self._slot, self._begins)

    async def keep(self, text: str) -> None:
        """As a draft on the case."""
        await self.triage.desk.cases.save_draft(self.ticket_id, self._slot, text)

    async def finish(self, text: str) -> None:
        """Puts it into the docket; where that is refused, the words stay here."""
        await self.put_down_once(lambda: self._put_down(text), self._slot)
        await on_top(self)
        self.dismiss()
