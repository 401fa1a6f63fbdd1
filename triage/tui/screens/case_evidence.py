"""Evidence on a case: kept here, and put on the ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.binding import Binding, BindingType

from triage.model.errors import Invalid
from triage.tui import work
from triage.tui.case_rows import CaseRow
from triage.tui.evidence_words import carrier, where_it_is
from triage.tui.screens.ask import AskScreen
from triage.tui.screens.case_promises import PromiseKeys
from triage.tui.screens.choice import Choice, ChoiceScreen
from triage.tui.timeline_rows import TimelineRow
from triage.tui.widgets.virtual_list import VirtualList
from triage.tui.write_words import state_words

if TYPE_CHECKING:
    from triage.model.operation import Operation

ON_EVIDENCE: list[BindingType] = [
    Binding("a", "add_evidence", "add evidence", id="case.add_evidence"),
    Binding("s", "send_evidence", "put it on the ticket", id="case.send_evidence"),
]
"""Live on the tab of the evidence, and there the first on the line of keys."""
_KINDS: tuple[Choice, ...] = (
    Choice("text", "text or log", "typed or pasted", "1"),
    Choice("url", "link", "a dashboard, a trace", "2"),
    Choice("file", "file", "its path; the content is copied", "3"),
    Choice("screenshot_path", "screenshot", "where it lies; only the path is kept", "4"),
)


class CaseList(VirtualList[TimelineRow | CaseRow]):
    """The rows of a case.

    The keys of the evidence are bound here: on the timeline the same letters stand further back on the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = ON_EVIDENCE

    @property
    def _keys(self) -> EvidenceKeys:
        return cast("EvidenceKeys", self.screen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """As on the screen of this list, also while another one is on top of it."""
        if action in ("add_evidence", "send_evidence"):
            return self._keys.check_action(action, parameters)
        return super().check_action(action, parameters)

    def action_add_evidence(self) -> None:
        """Keeps something that shows how it was."""
        self._keys.action_add_evidence()

    def action_send_evidence(self) -> None:
        """Shows the note that would carry the piece under the cursor."""
        self._keys.action_send_evidence()


class EvidenceKeys(PromiseKeys):
    """The part of the case screen that deals with evidence."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key is live only where it means something."""
        if action == "add_evidence":
            return self.tabs.chosen == 3
        if action == "send_evidence":
            return self.tabs.chosen == 3 and bool(self._evidence_id())
        return super().check_action(action, parameters)

    def _evidence_id(self) -> str:
        """The piece under the cursor; empty where there is none."""
        kind, _, name = str(getattr(self.list.current, "opens", "")).partition(" ")
        return name if kind == "evidence" else ""

    def action_send_evidence(self) -> None:
        """Shows the internal note that would carry the piece under the cursor."""
        if evidence_id := self._evidence_id():
            work.start(self, self._send_evidence(evidence_id), group="evidence", newest=False, keys_wait=True)

    async def _send_evidence(self, evidence_id: str) -> None:
        from triage.tui.screens.write_page import WritePageScreen

        # Read anew: another window may have put it there since the row was drawn.
        there = carrier(await self.triage.desk.cases.open(self.ticket_id), evidence_id)
        if there is not None:
            if not await self._wanted_again(there):
                return
            await work.on_top(self)
        operation = await self.triage.desk.evidence.propose(evidence_id)
        key = self.case.facts.ticket.key if self.case else self.ticket_id
        work.show_write_page(self, WritePageScreen(operation.id), key)

    async def _wanted_again(self, there: Operation) -> bool:
        """Says that ``there`` has it already; whether it is to go a second time all the same."""
        words, _ = where_it_is(there, self.triage.clock(), self.triage.zone)
        answers = (
            Choice("look", "look at that write", state_words(there.state)[0], "1"),
            Choice("again", "write it once more", "a second note on the ticket", "2"),
        )
        await work.on_top(self)
        picked = await self.app.push_screen_wait(ChoiceScreen(f"This piece is {words} already.", answers))
        if picked == "look":
            await self.open_operation(there.id)
        return picked == "again"

    async def open_operation(self, operation_id: str) -> None:
        """Opens the page of a write."""
        from triage.tui.screens.conflict import ConflictScreen
        from triage.tui.screens.write_page import WritePageScreen

        page = await self.triage.desk.outbox.show(operation_id)
        await work.on_top(self)
        if page.operation.state == "conflict":
            self.app.push_screen(ConflictScreen(operation_id))
        else:
            self.app.push_screen(WritePageScreen(operation_id, drop_on_cancel=False))

    def action_add_evidence(self) -> None:
        """Keeps something that shows how it was."""
        work.start(self, self._add_evidence(), group="evidence", newest=False, keys_wait=True)

    async def _add_evidence(self) -> None:
        from triage.tui.screens.message import EvidenceScreen

        kind = await self.app.push_screen_wait(ChoiceScreen("What kind of evidence?", _KINDS))
        if kind is None:
            return
        if kind == "text":
            key = self.case.facts.ticket.key if self.case else ""
            await self.app.push_screen_wait(EvidenceScreen(self.ticket_id, key))
        else:
            hint = "https://…" if kind == "url" else "/path/to/it"
            text = await self.app.push_screen_wait(AskScreen("Where is it?", hint, _not_empty))
            if text is None:
                return
            await self.triage.desk.evidence.add(
                self.ticket_id, cast("Literal['url', 'file', 'screenshot_path']", kind), text
            )
        self.triage.changed.publish(self.ticket_id)


def _not_empty(text: str) -> None:
    if not text:
        raise Invalid("nothing is typed yet")
