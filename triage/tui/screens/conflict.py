"""Both changed the same: what it was, what we want, what it is now. A person picks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.desk.views import ConflictRow
from triage.tui import work
from triage.tui.glyphs import SIGN
from triage.tui.keys import BACK, HELP
from triage.tui.safe_text import Piece, fit
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from triage.tui.shell import Shell

Pick = Literal["mine", "theirs"]


class ConflictScreen(Screen[None]):
    """One row a field; nothing is written before each has a pick and ``y`` is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "pick('mine')", "take mine", id="conflict.mine"),
        Binding("t", "pick('theirs')", "take theirs", id="conflict.theirs"),
        Binding("y", "settle", "settle and send", id="conflict.settle"),
        *BACK,
        *HELP,
    ]

    def __init__(self, operation_id: str) -> None:
        super().__init__()
        self._operation_id = operation_id
        self._key = ""
        self._ticket_id = ""
        self.picks: dict[str, Pick] = {}
        self.head = TextLine()
        self.heading = TextLine()
        self.list: VirtualList[ConflictRow] = VirtualList(self._draw)

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, the fields, keys."""
        yield self.head
        yield Rule()
        yield self.heading
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads both sides."""
        self.list.focus()
        work.start(self, self._read(), group="read", keys_wait=True)

    async def _read(self) -> None:
        page = await self.triage.desk.outbox.show(self._operation_id)
        self._key, self._ticket_id = page.ticket_key, page.operation.ticket_id
        self.head.left = (
            (" Conflict on ", "strong-promise"),
            (page.ticket_key, "strong"),
            (" · nothing was written", "muted"),
        )
        self.list.show(page.conflicts)
        self._tell()

    def on_resize(self) -> None:
        """Columns share the width."""
        width = self._column()
        names = ("FIELD", "WAS", "MINE", "THEIRS NOW")
        self.heading.left = tuple((fit(f"   {name}", width), "muted") for name in names)

    def _column(self) -> int:
        return max(8, (self.size.width - 2) // 4)

    def _draw(self, row: ConflictRow, width: int) -> Sequence[Piece]:
        size = self._column() - 1
        pick = self.picks.get(row.field)
        return [
            (fit(f"  {row.field}", size), "strong"),
            (" ", ""),
            (fit(f"  {row.base}", size), "muted"),
            (" ", ""),
            (fit(self._side(row.mine, chosen=pick == "mine"), size), "good" if pick == "mine" else ""),
            (" ", ""),
            (fit(self._side(row.theirs, chosen=pick == "theirs"), size), "good" if pick == "theirs" else ""),
        ]

    @staticmethod
    def _side(value: str, *, chosen: bool) -> str:
        return f"{SIGN.kept if chosen else ' '} {value}"

    def _tell(self) -> None:
        open_rows = self.list.count - len(self.picks)
        self.head.right = ((f"{open_rows} to pick " if open_rows else "all picked ", "accent"),)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Settling needs a pick for every field."""
        if action == "settle":
            return self.list.count > 0 and len(self.picks) == self.list.count
        return True

    def action_pick(self, side: Pick) -> None:
        """Takes one side for the field under the cursor."""
        if (row := self.list.current) is not None:
            self.picks[row.field] = side
            self.list.redraw()
            self.list.cursor += 1
            self._tell()

    def action_settle(self) -> None:
        """Writes the picks down and sends."""
        work.start(self, self._settle(), group="settle", newest=False, keys_wait=True)

    async def _settle(self) -> None:
        await self.triage.desk.outbox.resolve_conflict(self._operation_id, dict(self.picks))
        self.triage.say(f"Settled for {self._key}; sending.")
        self.triage.send_outbox()
        self.triage.changed.publish(self._ticket_id)
        await work.on_top(self)
        self.dismiss()

    def action_back(self) -> None:
        """Leaves; the conflict stays as it was."""
        self.dismiss()
