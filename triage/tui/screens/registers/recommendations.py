"""The register: every recommendation that was issued, the latest first, followed until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from triage.model.register_line import RegisterLine
from triage.tui import work
from triage.tui.keys import BACK, HELP
from triage.tui.recommendation_words import (
    SCOPES,
    asked,
    empty,
    heading,
    in_scope,
    matches,
    order,
    row,
    totals,
)
from triage.tui.safe_text import Piece
from triage.tui.screens.registers.recommendation_keys import RECOMMENDATION_KEYS, RecommendationScreenKeys
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.tab_line import TabLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from textual.widgets import Input

ASKED_ROWS = 3
"""Rows under the list for the one under the cursor."""
HINT = "words · !without · late · OAR · educate · strong · free"


class RecommendationsScreen(RecommendationScreenKeys):
    """The list."""

    CSS_PATH = "registers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "letters", id="recommendations.open"),
        *RECOMMENDATION_KEYS,
        Binding("slash", "filter", "filter", key_display="/", id="recommendations.filter"),
        Binding("f", "scope(1)", "open, late, closed, all", id="recommendations.scope"),
        Binding("escape", "clear", "clear the filter", id="recommendations.clear"),
        *BACK,
        *HELP,
    ]

    def __init__(self, typed: str = "", *, at: str = "") -> None:
        """``typed`` is the filter to begin with; ``at`` the ticket whose first line the cursor begins on."""
        super().__init__()
        self._typed = typed
        self._at = at
        self._scope = 0
        self._lines: Sequence[RegisterLine] | None = None
        self._input: Input | None = None
        self.head = TextLine(classes="head")
        self.filter_line = TextLine()
        self.scopes = TabLine()
        self.headings = TextLine()
        self.asked = tuple(TextLine() for _ in range(ASKED_ROWS))
        self.list: VirtualList[RegisterLine] = VirtualList(self._draw)

    def compose(self) -> ComposeResult:
        """Head, scopes, column names, rows, keys."""
        yield self.head
        yield self.scopes
        yield self.filter_line
        yield self.headings
        yield self.list
        yield Rule()
        yield from self.asked
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads the register, and again whenever something changes."""
        self.head.left = ((" Recommendations", "strong"), (" · followed until they are done", "muted"))
        self.scopes.names = SCOPES
        self.list.say_empty([("Reading.", "muted")])
        self.list.focus()
        self._tell_filter()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_screen_resume(self) -> None:
        """Back from a letter."""
        if self._lines is not None:
            self.reload()

    def on_resize(self) -> None:
        """The names stand over their columns."""
        self.headings.left = tuple(heading(self.size.width - 2))
        self._tell_asked()

    def reload(self) -> None:
        """Reads the register anew; the cursor stays on its line."""
        work.start(self, self._read(), group="read")

    async def _read(self) -> None:
        desk = await self.triage.ready()
        self._lines = order(await desk.recommendations.list())
        if self._at and not any(line.case_id == self._at for line in self._shown()):
            # What was asked for is closed: show everything rather than nothing of it.
            self._scope = SCOPES.index("all") if any(one.case_id == self._at for one in self._lines) else 0
        self._tell()

    def _shown(self) -> list[RegisterLine]:
        scope = SCOPES[self._scope]
        return [one for one in self._lines or () if in_scope(one, scope) and matches(one, self._typed)]

    def _tell(self) -> None:
        if self._lines is None:
            return
        shown, held = self._shown(), self.list.current
        names = [line.id for line in shown]
        place = names.index(held.id) if held and held.id in names else self.list.cursor
        if self._at:
            place = next((n for n, line in enumerate(shown) if line.case_id == self._at), place)
            self._at = ""
        self.list.show(shown, cursor=place)
        if not shown:
            self.list.say_empty(empty(total=len(self._lines), typed=self._typed, scope=SCOPES[self._scope]))
        self.headings.display = bool(shown)
        self.scopes.chosen = self._scope
        self.head.right = tuple(totals(self._lines))
        self._tell_filter()
        self.refresh_bindings()

    def _tell_filter(self) -> None:
        self.filter_line.left = ((" / ", "muted"), (self._typed, "accent"))
        matching = f"{self.list.count} match. Esc clears. " if self._typed else "the latest come first "
        self.filter_line.right = ((matching, "muted"),)

    def _draw(self, line: RegisterLine, width: int) -> Sequence[Piece]:
        return row(line, width, now=self.triage.clock(), zone=self.triage.zone)

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self._tell_asked()
        self.refresh_bindings()

    def _tell_asked(self) -> None:
        """All of what is asked on the row under the cursor, and how it stands."""
        rows = asked(self.list.current, self.size.width, ASKED_ROWS)
        for part, pieces in zip(self.asked, rows, strict=True):
            part.left = pieces

    # -- keys

    def line(self) -> RegisterLine | None:
        """The one under the cursor."""
        return self.list.current

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape clears while there is something to clear, else it leads back."""
        if action == "clear":
            return bool(self._typed or self._input)
        if action == "open":
            return self.list.current is not None
        return super().check_action(action, parameters)

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """Its page, with the letters."""
        from triage.tui.screens.registers.recommendation import RecommendationScreen

        if (line := self.line()) is not None:
            self.app.push_screen(RecommendationScreen(line.id))

    def action_scope(self, step: int) -> None:
        """Turns through open, late, closed, all."""
        self.action_tab((self._scope + step) % len(SCOPES))

    def action_tab(self, index: int) -> None:
        """To a scope by its place."""
        self._scope = index
        self._tell()

    def action_filter(self) -> None:
        """Begins to type a filter."""
        from triage.tui.widgets.filter_input import FilterInput

        if self._input is None:
            self._input = FilterInput(self._typed, hint=HINT)
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
