"""The internal note and the public reply: two pages, with other words, another sign, colour and draft.

Neither sends anything; each leads to the page that shows what will be written.
"""

from __future__ import annotations

from typing import ClassVar

from triage.model.timeline import Visibility
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece
from triage.tui.screens.message import MessageScreen
from triage.tui.screens.next_promise import ask_for_the_next
from triage.tui.work import on_top


class _NewMessageScreen(MessageScreen):
    """A message that becomes a proposal."""

    slot: ClassVar[str]
    visibility: ClassVar[Visibility]

    async def initial_text(self) -> str:
        """The draft, if there is one."""
        return (await self.triage.desk.cases.drafts(self.ticket_id)).get(self.slot, "")

    async def keep(self, text: str) -> None:
        """As a draft on the case."""
        await self.triage.desk.cases.save_draft(self.ticket_id, self.slot, text)

    async def finish(self, text: str) -> None:
        """Proposes it and shows the page; a cancelled page comes back here."""
        from triage.tui.screens.write_page import WritePageScreen

        operation = await self.triage.desk.cases.propose_note(self.ticket_id, text, self.visibility)
        await on_top(self)
        if await self.app.push_screen_wait(WritePageScreen(operation.id)):
            await on_top(self)
            try:
                await self.after_the_yes(operation.id)
            finally:
                # It is confirmed and its draft cleared: the page goes, whatever comes of what follows.
                await on_top(self)
                self.dismiss()

    async def after_the_yes(self, operation_id: str) -> None:
        """What follows a confirmed message."""


class InternalNoteScreen(_NewMessageScreen):
    """A note for agents."""

    slot = "note"
    visibility = "internal"

    def __init__(self, ticket_id: str, key: str, subject: str, *, outside: bool = False) -> None:
        """With ``outside`` the text opens in ``$EDITOR`` at once."""
        super().__init__(ticket_id, key)
        self._subject = subject
        self._outside = outside

    async def _restore(self) -> None:
        await super()._restore()
        if self._outside:
            self.call_after_refresh(self.action_outside)

    def heading(self) -> tuple[Piece, ...]:
        """Agents only."""
        return (
            (f" {SIGN.internal} INTERNAL NOTE on {self.key}", "internal"),
            (", agents only   ", "internal"),
            (self._subject, "muted"),
        )


class PublicReplyScreen(_NewMessageScreen):
    """Words for the customer."""

    slot = "reply"
    visibility = "public"
    public = True

    def __init__(self, ticket_id: str, key: str, subject: str, customer: str) -> None:
        super().__init__(ticket_id, key)
        self._subject = subject
        self._customer = customer or "the customer"

    async def after_the_yes(self, operation_id: str) -> None:
        """A reply that keeps what was promised last is asked for the next promise."""
        note = (await self.triage.desk.outbox.show(operation_id)).operation.change.note
        if note is not None:
            await ask_for_the_next(self.triage, self.ticket_id, note.as_typed or note.body)

    def heading(self) -> tuple[Piece, ...]:
        """The customer reads it."""
        return (
            (f" {SIGN.public} PUBLIC REPLY to {self._customer} on {self.key}", "strong-public"),
            ("   ", ""),
            (self._subject, "muted"),
        )
