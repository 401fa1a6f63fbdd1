"""Triage on a terminal: the shell with its screens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from triage.tui.keys import HELP
from triage.tui.shell import Shell

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from triage.desk.desk import Desk
    from triage.desk.first_frame import FirstFrame


def _palette() -> type[Provider]:
    from triage.tui.palette import KeyProvider

    return KeyProvider


class TriageApp(Shell):
    """Begins in the queue, or in the ``place`` that a verb of the command line asked for."""

    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[Any]] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        *HELP,
        Binding("ctrl+p,colon", "command_palette", "commands", key_display="Ctrl+P", show=False),
    ]

    def __init__(
        self,
        first_frame: FirstFrame,
        open_desk: Callable[[], Awaitable[Desk]],
        *,
        crash_folder: Callable[[], Path] | None = None,
        place: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(first_frame, open_desk, crash_folder=crash_folder, clock=clock)
        self._place = place

    def get_default_screen(self) -> Screen[Any]:
        """The queue."""
        from triage.tui.screens.queue import QueueScreen

        return QueueScreen(self.first_frame)

    async def arrived(self, desk: Desk) -> None:
        """Says what was cleared up on the way in; goes where the command line asked to begin."""
        if desk.told:
            self.say(desk.told, severity="warning")
        if self._place:
            from triage.tui.place import go_to

            place, self._place = self._place, ""
            await go_to(self, desk, place)

    def action_help(self) -> None:
        """Every key that does something now."""
        from triage.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def open_case(self, ticket_id: str) -> None:
        """Opens the case of ``ticket_id``."""
        from triage.tui.screens.case import CaseScreen

        self.push_screen(CaseScreen(ticket_id))

    def open_outbox(self) -> None:
        """Opens the list of writes."""
        from triage.tui.screens.outbox import OutboxScreen

        self.push_screen(OutboxScreen())

    def send_outbox(self) -> None:
        """Sends what is confirmed, in the background, whatever screen is shown."""
        from triage.tui.sending import send

        self.run_worker(send(self), group="send", exit_on_error=False)
