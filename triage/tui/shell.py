"""The shell around the screens, as screens and widgets know it: the desk, the clock, words to the person.

It knows no screen; `triage.tui.app` does. The first frame is drawn from what the desk read with light parts
only; everything heavy is imported in a thread once that frame is on the terminal.
"""

from __future__ import annotations

import asyncio
import gc
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual import events
from textual.app import App
from textual.signal import Signal

from triage.model.clean_text import clean
from triage.model.errors import TriageError
from triage.tui.guard import Guard
from triage.tui.key_turns import Turns
from triage.tui.theme import DAY, NIGHT, variable_defaults

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.filter import LineFilter

    from triage.desk.desk import Desk
    from triage.desk.first_frame import FirstFrame


class Shell(App[int]):
    """What stays while screens come and go. Returns the exit code."""

    TITLE = "Triage"

    def __init__(
        self,
        first_frame: FirstFrame,
        open_desk: Callable[[], Awaitable[Desk]],
        *,
        crash_folder: Callable[[], Path] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self.register_theme(NIGHT)
        self.register_theme(DAY)
        self.set_reactive(App.theme, NIGHT.name)
        self.first_frame = first_frame
        self.clock = clock
        """The time now, UTC."""
        self.changed: Signal[str] = Signal(self, "changed")
        """Published with a ticket id after something about it changed here."""
        self.sending = asyncio.Lock()
        """Held while the sender runs: one after the other."""
        self.turns = Turns(self, super().on_event)
        """Whose turn a key is."""
        self.failure = ""
        """One line for stderr after a crash."""
        self._standing: dict[str, float] = {}
        """What toasts say, and until when, in seconds of `time.monotonic`."""
        self._open_desk = open_desk
        self._crash_folder = crash_folder
        self._desk: Desk | None = None
        self._desk_tried = asyncio.Event()
        self.desk_error: TriageError | None = None

    @property
    def desk(self) -> Desk:
        """The desk. Only for code that runs after `ready`."""
        if self._desk is None:
            raise TriageError("the desk is not open yet")
        return self._desk

    @property
    def desk_is_open(self) -> bool:
        """Whether `desk` can be used now."""
        return self._desk is not None

    async def ready(self) -> Desk:
        """The desk, once it is open. Raises why not, once it is known that it cannot be."""
        await self._desk_tried.wait()
        if self.desk_error is not None:
            raise self.desk_error
        return self.desk

    @property
    def zone(self) -> tzinfo:
        """The zone of every time on screen."""
        return self.first_frame.zone

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every line passes the guard, last."""
        return [*super().get_line_filters(), self._guard]

    _guard = Guard()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours, for themes that lack them."""
        return variable_defaults(dark=self.current_theme.dark)

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes are handled one after the other; one typed ahead waits for its turn."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self.turns.take(event)
        else:
            await super().on_event(event)

    def on_ready(self) -> None:
        """The first frame stands; now the heavy parts."""
        self.call_after_refresh(self._after_first_frame)

    def _after_first_frame(self) -> None:
        gc.enable()
        self.open_the_desk()

    def open_the_desk(self) -> None:
        """Opens the desk in the background; `desk_error` says why when it cannot."""
        self.desk_error = None
        self._desk_tried.clear()
        self.run_worker(self._opening(), group="desk", exclusive=True, exit_on_error=False)

    async def _opening(self) -> None:
        try:
            self._desk = await self._open_desk()
        except TriageError as error:
            self.desk_error = error
            self.say(str(error), severity="error")
        except Exception as error:  # noqa: BLE001 - the rows on screen stay readable
            self.desk_error = TriageError(f"the desk could not be opened ({type(error).__name__})")
            self.report_failure(error)
        self._desk_tried.set()
        if self._desk is not None:
            await self.arrived(self._desk)
        self.changed.publish("")

    async def on_unmount(self) -> None:
        """Leaves nothing half done."""
        if self._desk is not None:
            desk, self._desk = self._desk, None
            await desk.aclose()

    def say(self, text: str, *, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Shows ``text``, which may hold words from outside, as a toast; a refusal not again while it stands.

        A key pressed a second time would otherwise stack the same words over what they are about. What was
        done is always told: the same words may be about another ticket.
        """
        now, lasts_s = time.monotonic(), 8 if severity == "error" else 4
        self._standing = {words: until for words, until in self._standing.items() if until > now}
        if severity == "information" or text not in self._standing:
            self._standing[text] = now + lasts_s
            self.notify(clean(text), severity=severity, markup=False, timeout=lasts_s)

    def clear_notifications(self) -> None:
        """Takes every toast away."""
        self._standing.clear()
        super().clear_notifications()

    def report_failure(self, error: Exception) -> None:
        """A verb failed in a way nobody foresaw: the details go to a file, the screen stays."""
        path = self._record(error)
        kept = f" Details: {path}" if path else ""
        self.say(f"That failed inside Triage ({type(error).__name__}).{kept}", severity="error")

    def _record(self, error: Exception) -> Path | None:
        if self._crash_folder is None:
            return None
        from triage.desk.crash import record_failure

        return record_failure(error, self._crash_folder(), self.clock())

    def _fatal_error(self) -> None:
        """Textual would print every local variable of every frame; we keep the stack in a private file."""
        from triage.desk.crash import failure_line

        if self._exception is not None and not self.failure:
            self.failure = failure_line(self._exception, self._record(self._exception))
        self._close_messages_no_wait()

    def panic(self, *_renderables: RenderableType) -> None:
        """Errors that can draw themselves are treated like any other."""
        self._fatal_error()

    async def arrived(self, desk: Desk) -> None:
        """The desk is open for the first time."""

    @abstractmethod
    def action_help(self) -> None:
        """Every key that does something now."""

    @abstractmethod
    def open_case(self, ticket_id: str) -> None:
        """Opens the case of ``ticket_id``."""

    @abstractmethod
    def open_outbox(self) -> None:
        """Opens the list of writes."""

    @abstractmethod
    def send_outbox(self) -> None:
        """Sends what is confirmed, in the background, whatever screen is shown."""
