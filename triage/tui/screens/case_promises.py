"""Promises on a case: confirm, withdraw, keep, add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.binding import Binding, BindingType

from triage.model.promise import Promise, PromiseKind
from triage.tui import work
from triage.tui.clock_words import parse_due
from triage.tui.screens.ask import AskScreen
from triage.tui.screens.choice import Choice, ChoiceScreen
from triage.tui.screens.next_promise import DUE_HINT, ask_for_the_next, promise_by
from triage.tui.ticket_actions import TicketScreen
from triage.tui.timeline_rows import TimelineRow

if TYPE_CHECKING:
    from triage.model.case import Case
    from triage.tui.case_rows import CaseRow
    from triage.tui.widgets.tab_line import TabLine
    from triage.tui.widgets.virtual_list import VirtualList

ON_A_PROMISE: list[BindingType] = [
    Binding("c", "promise('confirm_promise')", "confirm promise", id="case.confirm_promise"),
    Binding("x", "promise('withdraw_promise')", "withdraw promise", id="case.withdraw_promise"),
    Binding("v", "promise('keep_promise')", "promise kept now", id="case.keep_promise"),
]
"""Live while the cursor stands on a promise, and then the first on the line of keys."""
PROMISE_KEYS: list[BindingType] = [
    Binding("a", "add_promise", "add promise", id="case.add_promise"),
    Binding("P", "next_promise", "next promise", show=False, id="case.next_promise"),
]
_KINDS: tuple[Choice, ...] = (
    Choice("next_update", "next update", "when they hear from us again", "1"),
    Choice("answer", "answer", "when the question is answered", "2"),
    Choice("fix_eta", "fix", "when it will work", "3"),
    Choice("acknowledge", "acknowledge", "when somebody says a first word", "4"),
    Choice("cannot_solve_notice", "cannot be solved", "when we say so", "5"),
)


class PromiseKeys(TicketScreen):
    """The part of the case screen that deals with promises."""

    BINDINGS: ClassVar[list[BindingType]] = []
    case: Case | None
    ticket_id: str
    tabs: TabLine
    list: VirtualList[TimelineRow | CaseRow]
    _rows: Sequence[TimelineRow | CaseRow]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key is live only where it means something."""
        if action == "add_promise":
            return self.tabs.chosen == 0
        if action == "promise":
            return self._can(str(parameters[0]))
        return True

    def _can(self, verb: str) -> bool:
        held = self._promise()
        if held is None or held.withdrawn or held.met_at is not None:
            return False
        return not (verb == "confirm_promise" and held.confirmed)

    def _promise(self) -> Promise | None:
        row = self.list.current
        if self.case is None or not isinstance(row, TimelineRow) or not row.promise_id:
            return None
        return next((one for one in self.case.facts.promises if one.id == row.promise_id), None)

    def action_promise(self, verb: Literal["confirm_promise", "withdraw_promise", "keep_promise"]) -> None:
        """Says how the promise under the cursor stands."""
        if (held := self._promise()) is not None:
            work.start(self, self._change_promise(verb, held), group="promise", newest=False, keys_wait=True)

    async def _change_promise(self, verb: str, held: Promise) -> None:
        cases = self.triage.desk.cases
        if verb == "confirm_promise":
            await cases.confirm_promise(self.ticket_id, held.id)
        elif verb == "withdraw_promise":
            await cases.withdraw_promise(self.ticket_id, held.id)
        else:
            await cases.keep_promise(self.ticket_id, held.id)
        self.triage.changed.publish(self.ticket_id)
        if verb != "confirm_promise":
            await self._ask_for_the_next()

    async def _ask_for_the_next(self) -> None:
        await work.on_top(self)
        await ask_for_the_next(self.triage, self.ticket_id)

    def action_next_promise(self) -> None:
        """To the next promise of the timeline; round at the end."""
        places = [n for n, row in enumerate(self._rows) if isinstance(row, TimelineRow) and row.promise_id]
        if not places:
            self.triage.say("No promise is shown here; a adds one.")
            return
        self.list.cursor = next((n for n in places if n > self.list.cursor), places[0])

    def action_add_promise(self) -> None:
        """Writes down a promise made elsewhere."""
        work.start(self, self._add_promise(), group="promise", newest=False, keys_wait=True)

    async def _add_promise(self) -> None:
        kind = await self.app.push_screen_wait(ChoiceScreen("What was promised to the customer?", _KINDS))
        if kind is None:
            return
        when = await self.app.push_screen_wait(AskScreen("By when?", DUE_HINT, self._readable))
        if when is not None:
            await promise_by(self.triage, self.ticket_id, cast("PromiseKind", kind), when)

    def _readable(self, text: str) -> None:
        parse_due(text, self.triage.clock(), self.triage.zone)
