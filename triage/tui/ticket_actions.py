"""What can be done about one ticket, from the queue and from the case alike.

Every verb takes the ticket as it stood under the cursor when the key was pressed; a refresh in between
cannot send it to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.tui import work

if TYPE_CHECKING:
    from triage.model.investigation import Mode
    from triage.tui.shell import Shell

TICKET_KEYS: list[BindingType] = [
    Binding("t", "take", "take", id="ticket.take"),
    Binding("u", "reply", "update customer", id="ticket.reply"),
    Binding("p", "playbook", "playbook", id="ticket.playbook"),
    Binding("i", "investigate", "investigate", id="ticket.investigate"),
    Binding("m", "mark", "mark", id="ticket.mark"),
    Binding("y", "copy_key", "copy its key", show=False, id="ticket.copy_key"),
    Binding("Y", "copy_link", "copy its link", show=False, id="ticket.copy_link"),
    Binding("o", "browse", "open in the browser", show=False, id="ticket.browse"),
]
"""The same letters mean the same on every screen that stands on a ticket."""


class Target(NamedTuple):
    """A ticket as it stood when a key was pressed."""

    id: str
    key: str
    subject: str
    customer: str
    url: str
    marked: bool


class TicketScreen(Screen[None]):
    """A screen that stands on a ticket."""

    BINDINGS: ClassVar[list[BindingType]] = []

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def ticket(self) -> Target | None:
        """The ticket the keys speak of now."""
        raise NotImplementedError

    def marked(self, target: Target, on: bool) -> None:
        """``target`` was marked or unmarked."""

    def _begin(
        self, verb: Callable[[Target], Coroutine[Any, Any, None]], group: str, *, desk: bool = True
    ) -> None:
        target = self.ticket()
        if target is None:
            self.triage.say("There is no ticket under the cursor.")
        elif desk and self.triage.desk_error is not None:
            self.triage.say(str(self.triage.desk_error), severity="error")
        else:
            task = self._once_open(verb, target, desk=desk)
            work.start(self, task, group=group, newest=False, keys_wait=True)

    async def _once_open(
        self, verb: Callable[[Target], Coroutine[Any, Any, None]], target: Target, *, desk: bool
    ) -> None:
        """A key pressed while the desk is still opening is not lost: it waits."""
        if desk:
            await self.triage.ready()
        await verb(target)

    def action_take(self) -> None:
        """Proposes to make it ours; nothing is sent before the next page is confirmed."""
        self._begin(self._take, "take")

    async def _take(self, target: Target) -> None:
        from triage.tui.screens.write_page import WritePageScreen

        operation = await self.triage.desk.cases.take(target.id)
        work.show_write_page(self, WritePageScreen(operation.id), target.key)

    def action_note(self) -> None:
        """Writes an internal note."""
        self._begin(self._note, "note")

    async def _note(self, target: Target) -> None:
        from triage.tui.screens.message_editor import InternalNoteScreen

        await work.on_top(self)
        self.app.push_screen(InternalNoteScreen(target.id, target.key, target.subject))

    def action_reply(self) -> None:
        """Writes to the customer, on a page of its own."""
        self._begin(self._reply, "reply")

    async def _reply(self, target: Target) -> None:
        from triage.tui.screens.message_editor import PublicReplyScreen

        await work.on_top(self)
        self.app.push_screen(PublicReplyScreen(target.id, target.key, target.subject, target.customer))

    def action_mark(self) -> None:
        """Marks it, or takes the mark away."""
        self._begin(self._mark, "mark")

    async def _mark(self, target: Target) -> None:
        await self.triage.desk.cases.mark(target.id, not target.marked)
        self.marked(target, not target.marked)

    def action_playbook(self) -> None:
        """Chooses a playbook for it."""
        self._begin(self._playbook, "playbook")

    async def _playbook(self, target: Target) -> None:
        from triage.tui.screens.playbook_picker import PlaybookPicker
        from triage.tui.screens.runner.screen import RunnerScreen

        await work.on_top(self)
        picked = await self.app.push_screen_wait(PlaybookPicker(target.id, target.key))
        if picked is None:
            return
        kind, _, name = picked.partition(" ")
        if kind == "start":
            name = (await self.triage.desk.playbooks.start(target.id, name)).id
        await work.on_top(self)
        self.app.push_screen(RunnerScreen(target.id, name))

    def action_investigate(self) -> None:
        """Opens or goes on with the investigation."""
        self._begin(self._investigate, "investigate")

    async def _investigate(self, target: Target) -> None:
        from triage.tui.screens.mode_choice import chosen_mode
        from triage.tui.screens.retrospective.screen import RetrospectiveScreen

        case = await self.triage.desk.cases.open(target.id)
        await work.on_top(self)
        picked = await chosen_mode(self.app, case)
        if picked is None:
            return
        view = await self.triage.desk.investigations.open(target.id, cast("Mode", picked))
        await work.on_top(self)
        self.app.push_screen(RetrospectiveScreen(view.investigation.id))

    def action_copy_key(self) -> None:
        """Copies what people call it."""
        if (target := self.ticket()) is not None:
            self.app.copy_to_clipboard(target.key)
            self.triage.say(f"Copied {target.key}.")

    def action_copy_link(self) -> None:
        """Copies its address."""
        if (target := self.ticket()) is not None:
            self.app.copy_to_clipboard(target.url)
            self.triage.say(f"Copied {target.url}" if target.url else "It has no address.")

    def action_browse(self) -> None:
        """Opens its address, after showing which host that is."""
        self._begin(self._browse, "browse", desk=False)

    async def _browse(self, target: Target) -> None:
        from triage.tui.browsing import browse

        await browse(self.triage, target.key, target.url)
