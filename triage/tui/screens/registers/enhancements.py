"""Enhancement cases: wishes behind escalations, the most wanted first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.enhancement import EnhancementCase
from triage.model.errors import Invalid
from triage.tui import work
from triage.tui.enhancement_words import empty, heading, matches, row
from triage.tui.keys import BACK, HELP
from triage.tui.safe_text import Piece
from triage.tui.screens.ask import AskScreen
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from textual.widgets import Input

    from triage.tui.shell import Shell


class EnhancementsScreen(Screen[None]):
    """The list."""

    CSS_PATH = "registers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "its sheet", id="enhancements.open"),
        Binding("n", "new", "new", id="enhancements.new"),
        Binding("slash", "filter", "filter", key_display="/", id="enhancements.filter"),
        Binding("escape", "clear", "clear the filter", id="enhancements.clear"),
        *BACK,
        *HELP,
    ]

    def __init__(self, *, source: str = "") -> None:
        """``source`` is the ticket or the investigation that ``n`` offers first."""
        super().__init__()
        self._at = ""
        self._source = source
        self._typed = ""
        self._cases: Sequence[EnhancementCase] | None = None
        self._input: Input | None = None
        self.head = TextLine(classes="head")
        self.filter_line = TextLine()
        self.headings = TextLine()
        self.list: VirtualList[EnhancementCase] = VirtualList(row)

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, filter, column names, rows, keys."""
        yield self.head
        yield Rule()
        yield self.filter_line
        yield self.headings
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads them, and again whenever something changes."""
        self.head.left = (
            (" Enhancement cases", "strong"),
            (" · screen, quantify, value, bundle, recruit", "muted"),
        )
        self.filter_line.left = ((" / ", "muted"),)
        self.filter_line.right = (("most votes first ", "muted"),)
        self.list.say_empty([("Reading.", "muted")])
        self.list.focus()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_screen_resume(self) -> None:
        """Back from a sheet."""
        if self._cases is not None:
            self.reload()

    def on_resize(self) -> None:
        """The names stand over their columns."""
        self.headings.left = tuple(heading(self.size.width - 2))

    def reload(self) -> None:
        """Reads them anew; the cursor stays on its case."""
        work.start(self, self._read(), group="read")

    async def _read(self) -> None:
        desk = await self.triage.ready()
        self._cases = await desk.enhancements.list()
        self._tell()

    def _tell(self) -> None:
        if self._cases is None:
            return
        shown = [one for one in self._cases if matches(one, self._typed)]
        names = [one.id for one in shown]
        wanted = self._at or (self.list.current.id if self.list.current else "")
        self.list.show(shown, cursor=names.index(wanted) if wanted in names else self.list.cursor)
        self._at = ""
        if not shown:
            self.list.say_empty(empty(total=len(self._cases), typed=self._typed))
        self.headings.display = bool(shown)
        self.filter_line.left = ((" / ", "muted"), (self._typed, "accent"))
        waiting = sum(len(one.to_tell) for one in self._cases)
        words = "1 waits" if waiting == 1 else f"{waiting} wait"
        told: Piece = (f"{words} to hear · ", "promise") if waiting else ("", "")
        self.head.right = (told, (f"{len(self._cases)} followed ", "muted"))
        self.refresh_bindings()

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is live only where it can do something."""
        if action == "clear":
            return bool(self._typed or self._input)
        return action != "open" or self.list.current is not None

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """Its sheet."""
        if (held := self.list.current) is not None:
            self._show(held.id)

    def _show(self, name: str) -> None:
        from triage.tui.screens.registers.enhancement import EnhancementScreen

        self.app.push_screen(EnhancementScreen(name))

    def action_new(self) -> None:
        """Opens one from the tickets or the investigation that ask for it."""
        work.start(self, self._new(), group="change", newest=False)

    async def _new(self) -> None:
        ask = AskScreen(
            "Which ticket or investigation asks for it?", "HL-41990, or several with blanks between", _some,
            start=self._source,
        )  # fmt: skip
        sources = await self.app.push_screen_wait(ask)
        if sources is None:
            return
        title = await self.app.push_screen_wait(
            AskScreen("What is wished for, in a few words?", "empty: as the investigation says", _any)
        )
        if title is not None:
            made = await self.triage.desk.enhancements.new(title, sources.replace(",", " ").split())
            self.triage.changed.publish(made.case_id)
            self._at = made.id
            self._show(made.id)

    def action_filter(self) -> None:
        """Begins to type a filter."""
        from triage.tui.widgets.filter_input import FilterInput

        if self._input is None:
            self._input = FilterInput(self._typed, hint="words of the wish, a customer, a state, tell")
            self.mount(self._input)
        self._input.focus()
        self.refresh_bindings()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The rows follow the typing."""
        if event.input is not self._input:
            return
        self._typed = event.value
        self._tell()

    def on_input_submitted(self) -> None:
        """The filter stays; the keys go back to the rows."""
        self._close_input()

    def _close_input(self) -> None:
        if self._input is not None:
            self._input.remove()
            self._input = None
        self.list.focus()
        self.refresh_bindings()

    def action_clear(self) -> None:
        """Takes the filter away."""
        self._typed = ""
        self._close_input()
        self._tell()

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()


def _some(text: str) -> None:
    if not text:
        raise Invalid("nobody asks for it yet", do="Name a ticket")


def _any(_text: str) -> None:
    """Empty is an answer."""
