"""Where a message is written. What is typed is kept within a second of the last key.

The pages for a new note and a new reply are in `triage.tui.screens.message_editor`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import TextArea

from triage.model.clean_text import clean
from triage.tui import work
from triage.tui.glyphs import SIGN
from triage.tui.outside_editor import edit_outside
from triage.tui.safe_text import Piece
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import TextLine

if TYPE_CHECKING:
    from triage.tui.shell import Shell

KEEP_AFTER_S = 0.7
"""A draft is written at most this long after a key, also in the middle of typing."""


class MessageScreen(Screen[None]):
    """A text about one ticket, kept as it is typed."""

    CSS_PATH = "message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "finish", "look at what will be written", priority=True, id="message.finish"),
        Binding("f4", "outside", "$EDITOR", id="message.outside"),
        Binding("escape", "leave", "leave, draft kept", id="message.leave"),
    ]
    public: ClassVar[bool] = False

    def __init__(self, ticket_id: str, key: str) -> None:
        super().__init__()
        self.ticket_id = ticket_id
        self.key = key
        self.head = TextLine(classes="head")
        self.status = TextLine()
        self.area = TextArea(soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        self._keeping: Timer | None = None
        self._one_at_a_time = asyncio.Lock()
        """An older text on its way to the disk arrives before a newer one and before the clearing."""
        self._kept: str | None = None
        """The text that is on disk; None until the earlier draft was read."""
        self._is_down = False
        """Whether `put_down_once` has written, so that only its draft is left to clear."""

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def heading(self) -> tuple[Piece, ...]:
        """Who will read it, in words and colour."""
        raise NotImplementedError

    async def initial_text(self) -> str:
        """The text to begin with."""
        raise NotImplementedError

    async def keep(self, text: str) -> None:
        """Keeps ``text`` where a crash cannot take it."""
        raise NotImplementedError

    async def finish(self, text: str) -> None:
        """Goes on to what will be written."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Head, text, state of the draft, keys."""
        yield self.head
        yield self.area
        yield self.status
        yield KeyLine()

    def on_mount(self) -> None:
        """Brings back what was typed before."""
        self.set_class(self.public, "public")
        self.head.left = self.heading()
        # At once: a person types on, and a key that misses the text would be an order to the program.
        self.area.focus()
        work.start(self, self._restore(), group="restore")

    async def _restore(self) -> None:
        text = clean(await self.initial_text())
        if self._kept is not None:
            return
        self._kept = text
        typed_meanwhile = self.area.text
        self.area.load_text(text + typed_meanwhile)
        self.area.move_cursor(self.area.document.end)
        self._say("draft restored" if text else "empty")
        if typed_meanwhile:
            self._keep_now()

    def _say(self, words: str, tone: str = "muted") -> None:
        self.status.left = ((f" {words}", tone),)

    def on_text_area_changed(self) -> None:
        """Sees to it that the text is kept soon, once the earlier draft is back."""
        if self._kept is not None and self.area.text != self._kept and self._keeping is None:
            self._keeping = self.set_timer(KEEP_AFTER_S, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping = None
        work.start(self, self._keep(), group="keep", newest=False)

    async def _keep(self) -> None:
        async with self._one_at_a_time:
            await self._keep_what_stands()

    async def _keep_what_stands(self) -> None:
        if self._kept is None:
            await self._restore()
        text = self.area.text
        if text == self._kept:
            return
        try:
            await self.keep(text)
        except BaseException:
            self._say("NOT KEPT: copy your text before you leave", "strong-promise")
            raise
        self._kept = text
        self._say(f"draft kept · {len(text)} characters")
        self.on_text_area_changed()

    def action_finish(self) -> None:
        """Shows what will be written."""
        if not self.area.text.strip():
            self.triage.say("There is nothing to write yet.")
        else:
            work.start(self, self._finish(), group="finish", newest=False, keys_wait=True)

    async def _finish(self) -> None:
        await self._keep()
        await self.finish(self.area.text)

    async def put_down_once(self, write: Callable[[], Awaitable[object]], slot: str) -> None:
        """Has ``write`` put the text into the docket, then clears the draft in ``slot``.

        Where clearing fails, what was written stays written: calling it again only clears.
        """
        if not self._is_down:
            await write()
            self._is_down = True
            self.area.read_only = True
            self._say("written down for good; the same key clears the draft and leaves")
            self.triage.changed.publish(self.ticket_id)
        await self.triage.desk.cases.save_draft(self.ticket_id, slot, "")

    def action_leave(self) -> None:
        """Back; the draft stays."""
        work.start(self, self._leave(), group="finish", newest=False, keys_wait=True)

    async def _leave(self) -> None:
        await self._keep()
        await work.on_top(self)
        self.dismiss()

    def action_outside(self) -> None:
        """Opens the text in ``$EDITOR``; it is kept even when the editor fails."""
        if self._is_down:
            self.triage.say("It is written down for good and stays as it is.")
            return
        text, problem = edit_outside(self.app, self.area.text)
        if problem:
            self.triage.say(problem, severity="warning")
        if text is not None and text != self.area.text:
            self.area.load_text(clean(text))
            self._keep_now()


class WrittenNoteScreen(MessageScreen):
    """The note of a proposal, changed before it is sent."""

    def __init__(self, operation_id: str, ticket_id: str, key: str, body: str, *, public: bool) -> None:
        super().__init__(ticket_id, key)
        self._operation_id = operation_id
        self._body = body
        self._is_public = public

    def on_mount(self) -> None:
        """Takes the colour of what it is."""
        super().on_mount()
        self.set_class(self._is_public, "public")

    def heading(self) -> tuple[Piece, ...]:
        """Whose eyes it is for."""
        if self._is_public:
            return ((f" {SIGN.public} PUBLIC REPLY on {self.key}", "strong-public"),)
        return ((f" {SIGN.internal} INTERNAL NOTE on {self.key}, agents only", "internal"),)

    async def initial_text(self) -> str:
        """The text as proposed."""
        return self._body

    async def keep(self, text: str) -> None:
        """In the proposal itself."""
        if text.strip():
            await self.triage.desk.outbox.edit_note(self._operation_id, text)

    async def finish(self, text: str) -> None:
        """Back to the page."""
        await work.on_top(self)
        self.dismiss()


class EvidenceScreen(MessageScreen):
    """A text that is kept as evidence on this machine; putting it on the ticket is a step of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "finish", "keep it for good", priority=True, id="evidence.finish"),
    ]

    def heading(self) -> tuple[Piece, ...]:
        """It stays here for now."""
        return ((f" EVIDENCE on {self.key}, kept on this machine", "accent"),)

    async def initial_text(self) -> str:
        """The draft, if there is one."""
        return (await self.triage.desk.cases.drafts(self.ticket_id)).get("evidence", "")

    async def keep(self, text: str) -> None:
        """As a draft on the case."""
        await self.triage.desk.cases.save_draft(self.ticket_id, "evidence", text)

    async def finish(self, text: str) -> None:
        """Keeps it for good."""
        add = self.triage.desk.evidence.add
        await self.put_down_once(lambda: add(self.ticket_id, "text", text, source="typed"), "evidence")
        await work.on_top(self)
        self.dismiss()
