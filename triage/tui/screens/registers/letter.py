"""A letter about a recommendation: written, kept as a draft, and put down for good with a key of its own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from triage.model.register_line import RegisterLine, StatusMove
from triage.tui.glyphs import SIGN
from triage.tui.recommendation_words import BEFORE_ROWS, spoken_last
from triage.tui.safe_text import Piece
from triage.tui.screens.message import MessageScreen
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import TextLine
from triage.tui.work import on_top

_ASKS = {
    "respond": "what the addressee answered, in their words",
    "judge": "why the answer will do, or will not",
    "close": "what was done, and how you know",
    "reopen": "what shows that it is not done",
}


class LetterScreen(MessageScreen):
    """The words that go with a new status. Nothing is sent anywhere: the docket keeps it for good."""

    CSS_PATH = "../message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "finish", "write it down for good", priority=True, id="letter.finish"),
    ]

    def __init__(self, line: RegisterLine, move: StatusMove) -> None:
        super().__init__(line.case_id, line.ticket_key)
        self._line = line
        self._move = move
        self._slot = f"letter {line.id} {move.verb} {move.code}"
        self._before = tuple(TextLine() for _ in range(BEFORE_ROWS))

    def compose(self) -> ComposeResult:
        """Head, what the letter is about, text, state of the draft, keys."""
        yield self.head
        yield from self._before
        yield self.area
        yield self.status
        yield KeyLine()

    def on_resize(self) -> None:
        """What was said last stands above what is written now."""
        for part, pieces in zip(self._before, spoken_last(self._line, self.size.width), strict=True):
            part.left = pieces
            part.display = bool(pieces)

    def heading(self) -> tuple[Piece, ...]:
        """About what, from which status to which."""
        before, after = self._line.recommendation.status, self._move.code
        return (
            (f" {self._line.id} ", "strong-accent"),
            (f"{before} {SIGN.arrow} {after} ", "strong"),
            (self._move.name.partition(" – ")[2], ""),
            (f" · {_ASKS[self._move.verb]}", "muted"),
        )

    async def initial_text(self) -> str:
        """The draft, if there is one."""
        return (await self.triage.desk.cases.drafts(self.ticket_id)).get(self._slot, "")

    async def keep(self, text: str) -> None:
        """As a draft on the case."""
        await self.triage.desk.cases.save_draft(self.ticket_id, self._slot, text)

    async def finish(self, text: str) -> None:
        """Puts it into the docket; where that is refused, the words stay here."""
        await self.put_down_once(lambda: self._write(text), self._slot)
        line = self._line
        self.triage.say(f"{line.id} is {line.recommendation.status} now: {line.status_name}.")
        await on_top(self)
        self.dismiss()

    async def _write(self, text: str) -> None:
        recommendations = self.triage.desk.recommendations
        self._line = await recommendations.write_letter(self._line.id, self._move, text)
