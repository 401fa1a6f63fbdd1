"""Every write that has not been read back yet, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.operation import Operation
from triage.tui import work
from triage.tui.keys import BACK, HELP
from triage.tui.safe_text import Piece
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList
from triage.tui.write_words import outbox_row

if TYPE_CHECKING:
    from triage.tui.shell import Shell

RETRY = frozenset({"rejected", "parked"})
PARK = frozenset({"pending", "unknown", "rejected", "conflict"})
DROP = frozenset({"proposed", "pending", "rejected", "parked", "conflict"})


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A write and the key of its ticket."""

    operation: Operation
    key: str


class OutboxScreen(Screen[None]):
    """Writes with their state: open, retry, park, drop."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "look, confirm or settle", id="outbox.open"),
        Binding("r", "retry", "retry", id="outbox.retry"),
        Binding("p", "park", "park", id="outbox.park"),
        Binding("d", "drop", "drop", id="outbox.drop"),
        Binding("s", "send", "send what is ready", id="outbox.send"),
        Binding("f", "finished", "with finished ones", id="outbox.finished"),
        *BACK,
        *HELP,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._finished = False
        self.head = TextLine()
        self.list: VirtualList[OutboxRow] = VirtualList(self._draw)
        self.empty_line = TextLine()

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, writes, keys."""
        yield self.head
        yield Rule()
        yield self.empty_line
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads the writes, and again whenever one changes."""
        self.head.left = ((" Outbox", "strong"), (" · nothing leaves without your yes", "muted"))
        self.empty_line.left = ((" Reading.", "muted"),)
        self.list.focus()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        self.set_interval(15, self.list.redraw_changed)

    def on_screen_resume(self) -> None:
        """Back from a page: it may have changed a state."""
        self.reload()

    def reload(self) -> None:
        """Reads the writes anew."""
        work.start(self, self._reload(), group="reload")

    async def _reload(self) -> None:
        desk = await self.triage.ready()
        operations = await desk.outbox.list(finished=self._finished)
        rows = [OutboxRow(one, (await desk.outbox.show(one.id)).ticket_key) for one in operations]
        held = self.list.current
        ids = [row.operation.id for row in rows]
        place = ids.index(held.operation.id) if held and held.operation.id in ids else self.list.cursor
        self.list.show(rows, cursor=place)
        waiting = sum(row.operation.state not in ("verified", "dropped") for row in rows)
        self.head.right = ((f"{waiting} waiting ", "accent" if waiting else "muted"),)
        self.empty_line.display = not rows
        self.empty_line.left = ((" Nothing waits to be sent.", ""),)
        self.refresh_bindings()

    def _draw(self, row: OutboxRow, width: int) -> Sequence[Piece]:
        return outbox_row(row.operation, row.key, self.triage.clock())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is live only where it can do something."""
        row = self.list.current
        allowed = {"retry": RETRY, "park": PARK, "drop": DROP}.get(action)
        if action == "open":
            return row is not None
        return True if allowed is None else row is not None and row.operation.state in allowed

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """The page of a write, or both sides of its conflict."""
        row = self.list.current
        if row is None:
            return
        if row.operation.state == "conflict":
            from triage.tui.screens.conflict import ConflictScreen

            self.app.push_screen(ConflictScreen(row.operation.id))
        else:
            from triage.tui.screens.write_page import WritePageScreen

            self.app.push_screen(WritePageScreen(row.operation.id, drop_on_cancel=False))

    def action_retry(self) -> None:
        """Makes it ready again and sends."""
        self._change("retry")

    def action_park(self) -> None:
        """Leaves it for later; nothing is sent."""
        self._change("park")

    def action_drop(self) -> None:
        """Gives it up, after asking."""
        self._change("drop")

    def _change(self, verb: str) -> None:
        if (row := self.list.current) is not None:
            work.start(self, self._changing(verb, row), group="change", newest=False, keys_wait=True)

    async def _changing(self, verb: str, row: OutboxRow) -> None:
        outbox = self.triage.desk.outbox
        if verb == "retry":
            await outbox.retry(row.operation.id)
            self.triage.send_outbox()
        elif verb == "park":
            await outbox.park(row.operation.id)
        elif await self._sure(row):
            await outbox.drop(row.operation.id)
            self.triage.say(f"Given up for {row.key}; nothing more is sent of it.")
        self.triage.changed.publish(row.operation.ticket_id)

    async def _sure(self, row: OutboxRow) -> bool:
        from triage.tui.screens.choice import Choice, ChoiceScreen

        choices = [Choice("drop", "give it up", "it stays in the history as given up", "x")]
        return (
            await self.app.push_screen_wait(ChoiceScreen(f"Drop this write to {row.key}?", choices))
            is not None
        )

    def action_send(self) -> None:
        """Sends what is confirmed."""
        self.triage.send_outbox()

    def action_finished(self) -> None:
        """Shows finished writes too, or hides them."""
        self._finished = not self._finished
        self.reload()

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()
