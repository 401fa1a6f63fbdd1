"""The sheet of one enhancement case: five parts, who asks, what is missing, who waits to hear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.enhancement import EnhancementCase, EnhancementState
from triage.model.errors import Invalid
from triage.tui import work
from triage.tui.enhancement_words import (
    PARTS,
    STATE_DETAILS,
    STATE_WORDS,
    Sheet,
    SheetRow,
    head,
    sheet_rows,
    told_words,
)
from triage.tui.keys import BACK, HELP
from triage.tui.safe_text import Piece
from triage.tui.screens.ask import AskScreen
from triage.tui.screens.choice import Choice, ChoiceScreen
from triage.tui.screens.registers.enhancement_parts import ask_part
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from triage.tui.shell import Shell

_NEEDS_WORDS = frozenset({"accepted", "declined"})


class EnhancementScreen(Screen[None]):
    """One case. Enter opens what the row is about; nothing is changed by it alone."""

    CSS_PATH = "registers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "change this, open the ticket", id="enhancement.open"),
        *(
            Binding(str(n), f"part({n})", part, show=False, id=f"enhancement.{part}")
            for n, part in enumerate(PARTS, start=1)
        ),
        Binding("a", "ask", "who asks too", id="enhancement.ask"),
        Binding("m", "move", "next state", id="enhancement.move"),
        Binding("t", "told", "told", id="enhancement.told"),
        Binding("w", "words", "words to tell", id="enhancement.words"),
        Binding("c", "case", "case", show=False, id="enhancement.case"),
        *BACK,
        *HELP,
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._wanted = name
        self._case: EnhancementCase | None = None
        self._alike: tuple[EnhancementCase, ...] = ()
        self.head = TextLine(classes="head")
        self.list: VirtualList[SheetRow] = VirtualList(self._draw)

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, sheet, keys."""
        yield self.head
        yield Rule()
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads it, and again whenever something changes."""
        self.head.left = ((f" {self._wanted}", "strong-accent"),)
        self.list.say_empty([("Reading.", "muted")])
        self.list.focus()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_resize(self) -> None:
        """Wrapped anew."""
        self._tell()

    def reload(self) -> None:
        """Reads it anew."""
        work.start(self, self._read(), group="read")

    async def _read(self) -> None:
        desk = await self.triage.ready()
        self._case = await desk.enhancements.show(self._wanted)
        self._alike = await desk.enhancements.alike(self._wanted)
        self._tell()

    def _tell(self) -> None:
        it = self._case
        if it is None:
            return
        desk, now = self.triage.desk.enhancements, self.triage.clock()
        self.head.left, self.head.right = head(it)
        width = max(40, self.size.width - 2)
        sheet = Sheet(it, self._alike, desk.missing(it), desk.next_states(it), now, self.triage.zone, width)
        rows = sheet_rows(sheet)
        held = self.list.current.opens if self.list.current else ""
        place = next((n for n, row in enumerate(rows) if held and row.opens == held), self.list.cursor)
        self.list.show(rows, cursor=place)
        self.refresh_bindings()

    def _draw(self, row: SheetRow, width: int) -> Sequence[Piece]:
        return row.pieces

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def _row(self) -> tuple[str, str]:
        """What the row under the cursor is about: kind and name."""
        kind, _, name = (self.list.current.opens if self.list.current else "").partition(" ")
        return kind, name

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is live only where it can do something."""
        it = self._case
        if action in ("part", "ask", "case"):
            return it is not None
        if action == "open":
            return bool(self._row()[0])
        if action == "move":
            return it is not None and bool(self.triage.desk.enhancements.next_states(it))
        if action == "told":
            return it is not None and bool(it.to_tell)
        if action == "words":
            return it is not None and it.state in ("screened_out", "declined", "accepted", "shipped")
        return True

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """Asks for the part under the cursor, or opens the ticket there."""
        kind, name = self._row()
        if kind == "part":
            self.action_part(int(name))
        elif kind == "ticket":
            self.triage.open_case(name)

    def action_part(self, number: int) -> None:
        """Asks for one of the five parts."""
        if self._case is not None:
            work.start(self, self._part(self._case, number), group="change", newest=False)

    async def _part(self, it: EnhancementCase, number: int) -> None:
        if await ask_part(self.triage, it, number):
            self.triage.changed.publish(it.case_id)

    def action_ask(self) -> None:
        """Adds a ticket that asks for it too."""
        if self._case is not None:
            work.start(self, self._ask(self._case), group="change", newest=False)

    async def _ask(self, it: EnhancementCase) -> None:
        ticket = await self.app.push_screen_wait(
            AskScreen("Which ticket asks for it too?", "HL-42010", _some)
        )
        if ticket is None:
            return
        question = await self.app.push_screen_wait(
            AskScreen("What did they want to know? (of a prospect)", "which provider? empty: nothing", _any)
        )
        if question is not None:
            await self.triage.desk.enhancements.ask(it.id, ticket, question)
            self.triage.changed.publish(it.case_id)

    def action_move(self) -> None:
        """Chooses the next state."""
        if self._case is not None:
            work.start(self, self._move(self._case), group="change", newest=False)

    async def _move(self, it: EnhancementCase) -> None:
        states = self.triage.desk.enhancements.next_states(it)
        free = [state for state, lacks in states if not lacks and state != "screened_out"]
        barred = [f"Not {STATE_WORDS[state]} yet: {lacks}." for state, lacks in states if lacks]
        barred += ["1 screens it out."] if any(state == "screened_out" for state, _ in states) else []
        if not free:
            self.triage.say(" ".join(barred))
            return
        choices = [Choice(one, STATE_WORDS[one], STATE_DETAILS[one], str(n)) for n, one in enumerate(free, 1)]
        note = " ".join(barred)
        picked = await self.app.push_screen_wait(ChoiceScreen(f"{it.id} becomes?", choices, note=note))
        state = next((one for one in free if one == picked), None)
        if state is not None:
            await self._moved_to(it, state)

    async def _moved_to(self, it: EnhancementCase, state: EnhancementState) -> None:
        words: str | None = ""
        if state in _NEEDS_WORDS:
            ask = AskScreen("What was decided, in a sentence?", "for planning in spring", _some)
            words = await self.app.push_screen_wait(ask)
        if words is None:
            return
        after = await self.triage.desk.enhancements.move(it.id, state, words)
        if after.to_tell:
            self.triage.say(told_words(after.to_tell))
        self.triage.changed.publish(it.case_id)

    def action_told(self) -> None:
        """The people of the ticket under the cursor, or of the only one that waits, have heard."""
        it = self._case
        if it is None:
            return
        kind, name = self._row()
        waiting = it.to_tell
        chosen = next((one for one in waiting if kind == "ticket" and one.ticket_id == name), None)
        if chosen is None and len(waiting) == 1:
            chosen = waiting[0]
        if chosen is None:
            self.triage.say("Put the cursor on the ticket whose people have heard, then t.")
        else:
            work.start(self, self._told(it, chosen.ticket_key), group="change", newest=False)

    async def _told(self, it: EnhancementCase, key: str) -> None:
        after = await self.triage.desk.enhancements.told(it.id, key)
        self.triage.say(f"{key} has heard. {told_words(after.to_tell)}")
        self.triage.changed.publish(it.case_id)

    def action_words(self) -> None:
        """Words for those who asked, to copy; never sent from here."""
        if self._case is not None:
            work.start(self, self._words(self._case), group="words")

    async def _words(self, it: EnhancementCase) -> None:
        from triage.tui.screens.retrospective.text import DRAFT, TextScreen

        self.app.push_screen(TextScreen(DRAFT, await self.triage.desk.enhancements.reply(it.id)))

    def action_case(self) -> None:
        """The ticket it was first asked on."""
        if self._case is not None:
            self.triage.open_case(self._case.case_id)

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()


def _some(text: str) -> None:
    if not text:
        raise Invalid("nothing is typed yet")


def _any(_text: str) -> None:
    """Empty is an answer."""
