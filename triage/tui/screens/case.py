"""A case: what was said and done, in the order of the server's clock, and all that we did on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from triage.model.case import Case
from triage.model.errors import TriageError
from triage.tui import work
from triage.tui.attached_file import show_attached
from triage.tui.case_rows import CaseRow, evidence_rows, investigation_rows, operation_rows, run_rows
from triage.tui.case_words import customer_words, due, facts, pulled, tab_names, title
from triage.tui.keys import BACK
from triage.tui.register_keys import FOLLOWING, REGISTER_KEYS, following
from triage.tui.screens.case_evidence import CaseList
from triage.tui.screens.case_followed import FollowedUpKeys
from triage.tui.screens.case_promises import ON_A_PROMISE, PROMISE_KEYS
from triage.tui.ticket_actions import TICKET_KEYS, Target
from triage.tui.timeline_rows import SHOWN, Look, TimelineRow, timeline_rows
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.tab_line import TabLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from textual.widgets import Input

Row: TypeAlias = "TimelineRow | CaseRow"
TIMELINE, PLAYBOOK, INVESTIGATION, EVIDENCE, OUTBOX = range(5)
FIRST_EVENTS = 80
"""Events that are sure to fill the highest terminal."""
REST_AFTER_S = 0.05
"""Until the rest of a long case is made into rows: the first of it is drawn before."""


class CaseScreen(FollowedUpKeys):
    """One escalation. Public and internal differ in word, sign and colour."""

    CSS_PATH = "case.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "match(1)", "next match", id="case.next_match"),
        Binding("N", "match(-1)", "previous match", id="case.previous_match"),
        *ON_A_PROMISE,
        Binding("enter,l,space", "open", "open or unfold", id="case.open"),
        Binding("n", "note", "internal note", id="ticket.note"),
        *TICKET_KEYS,
        *PROMISE_KEYS,
        *REGISTER_KEYS,
        Binding("e", "note_outside", "note in $EDITOR", show=False, id="case.note_outside"),
        Binding("f", "filter", "all, public, internal, changes", id="case.filter"),
        Binding("slash", "search", "search", key_display="/", show=False, id="case.search"),
        Binding("r", "refresh", "refresh this ticket", show=False, id="case.refresh"),
        Binding("right_curly_bracket", "event(1)", "next entry", key_display="}", show=False),
        Binding("left_curly_bracket", "event(-1)", "previous entry", key_display="{", show=False),
        Binding("right_square_bracket,tab", "turn(1)", "next tab", key_display="]", show=False),
        Binding("left_square_bracket,shift+tab", "turn(-1)", "previous tab", key_display="[", show=False),
        *(Binding(str(n), f"tab({n - 1})", f"tab {n}", show=False) for n in range(1, 6)),
        Binding("O", "outbox", "outbox of all tickets", show=False, id="queue.outbox"),
        Binding("escape", "end_search", "end the search"),
        *BACK,
    ]

    def __init__(self, ticket_id: str) -> None:
        super().__init__()
        self.ticket_id = ticket_id
        self.case: Case | None = None
        self._shown = 0
        self._unfolded: set[str] = set()
        self._rows: Sequence[Row] = ()
        self._whole = False
        """Whether all of a long timeline is made into rows by now."""
        self._search = ""
        self._unrefreshed = ""
        self._input: Input | None = None
        self._order = work.ReadingOrder()
        self.title_line = TextLine(classes="title")
        self.facts_line = TextLine()
        self.words = (TextLine(classes="words"), TextLine(classes="words"))
        self.tabs = TabLine()
        self.list: VirtualList[Row] = CaseList(lambda row, _width: row.pieces)

    def compose(self) -> ComposeResult:
        """Head, the customer's words, tabs, rows, keys."""
        yield self.title_line
        yield self.facts_line
        yield from self.words
        yield self.tabs
        yield Rule()
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Shows what we have, then asks the helpdesk for this one ticket."""
        self.title_line.left = ((" Reading the case.", "muted"),)
        self.tabs.options = SHOWN
        self.list.focus()
        self.set_interval(15, self._tell)
        self.triage.changed.subscribe(self, self._something_changed)
        self._read_first()

    def _something_changed(self, ticket_id: str) -> None:
        if ticket_id in (self.ticket_id, "outbox"):
            self.reread()

    def on_screen_resume(self) -> None:
        """Back from a run or a page."""
        if self.case is not None:
            self.reread()

    def on_resize(self, event: events.Resize) -> None:
        """Rows are wrapped to the width."""
        self._tell()

    def _read_first(self) -> None:
        work.start(self, self._first_read(), group="read", keys_wait=True)

    async def _first_read(self) -> None:
        await self._read()
        # What this machine has is drawn before anything is asked of the helpdesk.
        self.call_after_refresh(self._ask_helpdesk)

    def _ask_helpdesk(self) -> None:
        work.start(self, self._refresh(), group="refresh")

    async def _refresh(self) -> None:
        desk = await self.triage.ready()
        try:
            await desk.cases.refresh(self.ticket_id)
            self._unrefreshed = ""
        except TriageError as error:
            self._unrefreshed = f"not refreshed: {error} "
        # Asking took long: what was done here meanwhile is not in its answer.
        await self._read()

    def reread(self) -> None:
        """Reads the case from this machine anew."""
        work.start(self, self._read(), group="reread")

    async def _read(self) -> None:
        reading = self._order.begin()
        try:
            desk = await self.triage.ready()
            case = await desk.cases.open(self.ticket_id)
        except TriageError as error:
            if self.case is None:
                self.title_line.left = ((f" This case could not be read: {error}", "severity"),)
            raise
        followed = await self._followed_up(case) if self.tabs.chosen == INVESTIGATION else None
        if self._order.may_show(reading):
            self.case, self._followed = case, followed or self._followed
            self._tell()

    # -- showing

    def _tell(self) -> None:
        case = self.case
        if case is None:
            return
        now, zone, width = self.triage.clock(), self.triage.zone, self.size.width
        self.title_line.left = title(case)
        self.title_line.right = due(case, now, zone)
        self.facts_line.left = facts(case, now)
        zone_name = now.astimezone(zone).tzname() or "local"
        fresh = ((self._unrefreshed, "severity"),) if self._unrefreshed else pulled(case, now, zone_name)
        self.facts_line.right = fresh
        said = customer_words(case, now, zone, width)
        for line, pieces in zip(self.words, [*said, ()], strict=False):
            line.left = pieces
            line.display = bool(pieces)
        self.tabs.names = tuple(tab_names(case))
        self.tabs.options = SHOWN if self.tabs.chosen == TIMELINE else ()
        self._show(self._rows_of(case))

    def _tell_whole(self) -> None:
        self._whole = True
        self._tell()

    def _rows_of(self, case: Case) -> Sequence[Row]:
        now, zone = self.triage.clock(), self.triage.zone
        if self.tabs.chosen == PLAYBOOK:
            return run_rows(case, now)
        if self.tabs.chosen == INVESTIGATION:
            return investigation_rows(case, now, zone, self._followed)
        if self.tabs.chosen == EVIDENCE:
            return evidence_rows(case, now, zone)
        if self.tabs.chosen == OUTBOX:
            return operation_rows(case, now)
        width = max(40, self.list.size.width - 1)
        look = Look(now, zone, width, SHOWN[self._shown], frozenset(self._unfolded))
        events, promises = case.facts.timeline, case.facts.promises
        if not self._whole and len(events) > FIRST_EVENTS:
            # What fills the screen first; the rest of a long case is broken into rows once that is seen.
            if not self._rows:
                self.set_timer(REST_AFTER_S, self._tell_whole)
            events = events[:FIRST_EVENTS]
            promises = tuple(one for one in promises if one.ref in {event.id for event in events})
        return timeline_rows(events, promises, look)

    def _show(self, rows: Sequence[Row]) -> None:
        if rows == self._rows:
            return
        place = self._same_place(rows)
        self._rows = rows
        self.list.show(rows, cursor=place)
        self.refresh_bindings()

    def _same_place(self, rows: Sequence[Row]) -> int:
        """Where the row under the cursor is among ``rows``: by what it speaks of, else by its number."""
        about = _about(self.list.current)
        same = [n for n, row in enumerate(rows) if about and _about(row) == about]
        if not same:
            return self.list.cursor
        begun = next(n for n, row in self.list.known().items() if _about(row) == about)
        return same[min(self.list.cursor - begun, len(same) - 1)]

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    # -- keys

    def ticket(self) -> Target | None:
        """The ticket of this case."""
        if self.case is None:
            return None
        held = self.case.facts.ticket
        return Target(held.id, held.key, held.subject, held.customer, held.url, self.case.marked)

    def marked(self, target: Target, on: bool) -> None:
        """The head shows the mark."""
        self.reread()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """``n`` steps through matches while a search stands, else it writes a note."""
        if action in ("match", "end_search"):
            return bool(self._search)
        if action == "note":
            return not self._search
        if action in ("filter", "event", "search"):
            return self.tabs.chosen == TIMELINE
        return super().check_action(action, parameters)

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """Unfolds a text, or opens what the row stands for."""
        row = self.list.current
        if isinstance(row, TimelineRow) and row.folds:
            self._unfolded ^= {row.event_id}
            self._tell()
        elif isinstance(row, TimelineRow) and row.attachment:
            work.start(self, show_attached(self, self.ticket_id, row.attachment), group="open")
        elif isinstance(row, CaseRow) and row.opens:
            kind, _, name = row.opens.partition(" ")
            work.start(self, self._open(kind, name), group="open", newest=False, keys_wait=True)

    async def _open(self, kind: str, name: str) -> None:
        if kind == "run":
            from triage.tui.screens.runner.screen import RunnerScreen

            self.app.push_screen(RunnerScreen(self.ticket_id, name))
        elif kind == "investigation":
            from triage.tui.screens.retrospective.screen import RetrospectiveScreen

            self.app.push_screen(RetrospectiveScreen(name))
        elif kind in FOLLOWING:
            self.app.push_screen(following(kind, name))
        elif kind == "evidence":
            from triage.tui.screens.text_page import TextPage

            text = await self.triage.desk.evidence.text(name)
            await work.on_top(self)
            self.app.push_screen(TextPage("Evidence", text))
        else:
            await self.open_operation(name)

    def action_note_outside(self) -> None:
        """Writes an internal note in ``$EDITOR``."""
        from triage.tui.screens.message_editor import InternalNoteScreen

        if (target := self.ticket()) is not None:
            self.app.push_screen(InternalNoteScreen(target.id, target.key, target.subject, outside=True))

    def action_refresh(self) -> None:
        """Asks the helpdesk for this ticket."""
        self._read_first()

    def action_filter(self) -> None:
        """Turns through all, public, internal, changes."""
        self._shown = self.tabs.option = (self._shown + 1) % len(SHOWN)
        self._tell()

    def action_turn(self, step: int) -> None:
        """To the next or previous tab."""
        self.action_tab((self.tabs.chosen + step) % 5)

    def action_tab(self, index: int) -> None:
        """To a tab by its place."""
        if self.case is not None and index != self.tabs.chosen:
            self.tabs.chosen = index
            self._rows = ()
            self.list.show(())
            self._tell()
            if index == INVESTIGATION:
                self.reread()

    def action_event(self, step: int) -> None:
        """To the next or previous entry of the timeline."""
        heads = [n for n, row in enumerate(self._rows) if isinstance(row, TimelineRow) and row.head]
        self._jump(heads, step)

    def _jump(self, places: Sequence[int], step: int) -> bool:
        ahead = [n for n in places if (n > self.list.cursor if step > 0 else n < self.list.cursor)]
        if ahead:
            self.list.cursor = ahead[0] if step > 0 else ahead[-1]
        return bool(ahead)

    def action_search(self) -> None:
        """Types what to look for."""
        from triage.tui.widgets.filter_input import FilterInput

        if self._input is None:
            self._input = FilterInput("", hint="search; Enter finds, then n and N; Esc ends")
            self.mount(self._input, after=self.tabs)
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Looks for it."""
        self._search = event.value.strip().casefold()
        self._close_input()
        if self._search:
            self.action_match(1)

    def action_match(self, step: int) -> None:
        """To the next or previous row that holds what was searched; round at the end."""
        found = [
            n
            for n, row in enumerate(self._rows)
            if self._search in "".join(text for text, _ in row.pieces).casefold()
        ]
        if not found:
            self.triage.say(f"“{self._search}” is not in what is shown; folded text is not searched.")
        elif not self._jump(found, step):
            self.list.cursor = found[0] if step > 0 else found[-1]

    def _close_input(self) -> None:
        if self._input is not None:
            self._input.remove()
            self._input = None
        self.list.focus()
        self.refresh_bindings()

    def action_end_search(self) -> None:
        """``n`` writes notes again."""
        self._search = ""
        self._close_input()

    def action_outbox(self) -> None:
        """Every write, of all tickets."""
        self.triage.open_outbox()

    def action_back(self) -> None:
        """To the queue, or out of the search line."""
        if self._input is not None:
            self._close_input()
        else:
            self.dismiss()


def _about(row: Row | None) -> str:
    """What a row speaks of: an entry of the timeline, or what it opens."""
    return row.event_id if isinstance(row, TimelineRow) else row.opens if row is not None else ""
