"""The page under the runner's keys: what is drawn, what is kept, how a verb is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from triage.model.run import RunView, StepView
from triage.tui.screens.runner.banner import banner, place_of
from triage.tui.screens.runner.draft import DraftKeeper
from triage.tui.screens.runner.known import RunHead, ending, head_pieces, known, memory
from triage.tui.screens.runner.panel import RunnerPanel
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.place_list import PlaceList, progress_line
from triage.tui.widgets.step_card import StepCard
from triage.tui.widgets.wording_area import WordingArea
from triage.tui.work import busy, start

if TYPE_CHECKING:
    from triage.desk.desk import Desk
    from triage.tui.shell import Shell

LOOK_AGAIN = 15
"""Seconds after which the head is drawn again, and a run that another window holds is read again."""

OPEN = frozenset({"open", "parked"})
"""States in which a run can still go on."""


class RunnerPage(Screen[None]):
    """The run as it stands: loading, drawing, drafts, and the one way a verb is done."""

    def __init__(self, case_id: str, run_id: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.run_id = run_id
        self.view: RunView | None = None
        self.case_key = ""
        self.kept_drafts: dict[str, str] = {}
        self.pieces: list[tuple[str, str]] = []
        """Kind and content of what was pasted for the evidence step on screen, before it is given."""
        self._command: asyncio.Task[RunView] | None = None
        self._ctrl_c_at: datetime | None = None
        self._told = ""
        self.keeper = DraftKeeper(self, self._save_draft, self._tell)
        self._drawing = asyncio.Lock()
        """What a verb brought and what was read anew are drawn one after the other."""

    @property
    def triage(self) -> Shell:
        """The app, with its clock and desk."""
        return cast("Shell", self.app)

    @property
    def desk(self) -> Desk:
        """What can be done."""
        return self.triage.desk

    def compose(self) -> ComposeResult:
        """Head, progress for narrow terminals, three columns, the line of keys."""
        yield RunHead()
        yield Static(id="banner")
        yield Static(id="progress")
        with Horizontal(id="columns"):
            yield PlaceList(widget_id="places")
            yield Vertical(id="middle")
            with VerticalScroll(id="known", can_focus=False):
                yield Static(id="known-text")
        yield KeyLine()

    def on_mount(self) -> None:
        """Load the run; the head shows its age from then on."""
        start(self, self._load(), group="load", keys_wait=True)
        self.set_interval(LOOK_AGAIN, self._look_again)

    def on_unmount(self) -> None:
        """Another window may have the run; a desk that is closed has left all of them."""
        if self.triage.desk_is_open:
            self.desk.playbooks.leave(self.run_id)

    def _look_again(self) -> None:
        """The age in the head; of a run that another window holds, everything."""
        self._head()
        if self.held:
            start(self, self._load(), group="load")

    async def _load(self) -> None:
        desk, before = await self.triage.ready(), self.view
        case = await desk.cases.open(self.case_id)
        self.case_key = case.facts.ticket.key
        drafts = dict(await desk.cases.drafts(self.case_id))
        view = await desk.playbooks.view(self.run_id)
        if view.status == "parked":
            view = await desk.playbooks.resume(self.run_id)
        # What reads the same stays as it is drawn, and a verb may have brought a newer one meanwhile.
        if self.view is before and view != before:
            self.kept_drafts = drafts
            await self.show(view)

    @property
    def step(self) -> StepView | None:
        """The step that keys speak of now: none while memory items or a panel come first."""
        view = self.view
        if view is None or view.panel is not None or self._memory_first or view.status not in OPEN:
            return None
        if view.held_by:
            return None
        return view.current

    @property
    def held(self) -> bool:
        """Whether another window works on the run, so that it is only read here."""
        return self.view is not None and bool(self.view.held_by)

    @property
    def _memory_first(self) -> bool:
        view = self.view
        return view is not None and bool(view.memory_items) and not view.memory_acknowledged

    @property
    def card(self) -> StepCard | None:
        """The card of the step, when there is one."""
        cards = self.query(StepCard)
        return cards.first() if cards else None

    async def show(self, view: RunView) -> None:
        """Draw ``view``. Text being written on the same step stays as it is."""
        async with self._drawing:
            await self._draw(view)

    async def _draw(self, view: RunView) -> None:
        before = self.view
        self.view = view
        if view.current is not None:
            self.keeper.reopen(self.slot(view.current.id))
            self.keeper.reopen(self.pieces_slot(view.current.id))
        self._head()
        self.query_one(PlaceList).show(view.lines, self.triage.zone)
        self.query_one("#progress", Static).update(progress_line(view.lines, view.done, view.path_length))
        self.query_one("#known-text", Static).update(known(view, self.triage.zone))
        said = banner(view)
        self.query_one("#banner", Static).update(said)
        self.query_one("#banner").display = bool(said.plain)
        self.set_class(view.panel is not None, "-panel")
        if not self._same_step(before, view):
            self.pieces = self._kept_pieces(view)
        await self._show_middle(view)
        self.refresh_bindings()

    @staticmethod
    def _same_step(before: RunView | None, view: RunView) -> bool:
        if before is None or before.current is None or view.current is None:
            return False
        return before.current.id == view.current.id

    async def _show_middle(self, view: RunView) -> None:
        middle = self.query_one("#middle", Vertical)
        with self.app.batch_update():
            await middle.remove_children()
            if self._memory_first:
                await middle.mount(Static(memory(view.memory_items), classes="page"))
            elif view.panel is not None:
                await middle.mount(RunnerPanel(view.panel, self._title_of(view.panel.step_id)))
            elif view.current is not None and view.status in OPEN:
                await middle.mount(self._card(view.current))
            else:
                await middle.mount(Static(ending(view), classes="page"))
        middle.disabled = self.held
        if self.step is None and (view.panel is None or self.held):
            self.set_focus(None)

    def _title_of(self, step_id: str) -> str:
        lines = self.view.lines if self.view else ()
        return next((line.title for line in lines if line.step_id == step_id), step_id)

    def _card(self, step: StepView) -> StepCard:
        draft = self.kept_drafts.get(self.slot(step.id), "")
        place = place_of(self.view.lines) if self.view else None
        return StepCard(step, draft=draft, zone=self.triage.zone, clock=self.triage.clock, place=place)

    def _head(self) -> None:
        if self.view is not None:
            self.query_one(RunHead).show(
                *head_pieces(self.view, self.case_key, self.triage.clock(), self._told)
            )

    @property
    def typing(self) -> bool:
        """Whether a field has the keys."""
        return isinstance(self.focused, (WordingArea, Input))

    def in_hand(self, *kinds: str) -> bool:
        """Whether a step of one of ``kinds`` (any, without) is on screen and no command runs."""
        step = self.step
        return step is not None and self._command is None and (not kinds or step.kind in kinds)

    @property
    def goes_on(self) -> bool:
        """Whether the run is ours, not over and not waiting for a command."""
        return self.view is not None and self.view.status in OPEN and self._command is None and not self.held

    @property
    def has_panel(self) -> bool:
        """Whether something must be decided before the run goes on."""
        return self.view is not None and self.view.panel is not None

    @property
    def command_runs(self) -> bool:
        """Whether a command runs now."""
        return self._command is not None

    @property
    def has_command(self) -> bool:
        """Whether the step on screen is a command that could be run or recorded."""
        return self.step is not None and self.step.command is not None and self._command is None

    def slot(self, step_id: str) -> str:
        """Where the text typed at a step is kept."""
        return f"run:{self.run_id}:{step_id}"

    def pieces_slot(self, step_id: str) -> str:
        """Where pieces of evidence wait that are pasted and not yet given."""
        return f"{self.slot(step_id)}:pieces"

    def _kept_pieces(self, view: RunView) -> list[tuple[str, str]]:
        kept = self.kept_drafts.get(self.pieces_slot(view.current.id), "") if view.current else ""
        return [(str(kind), str(text)) for kind, text in json.loads(kept)] if kept else []

    async def _save_draft(self, slot: str, text: str) -> None:
        self.kept_drafts[slot] = text
        await self.desk.cases.save_draft(self.case_id, slot, text)

    def _tell(self, words: str) -> None:
        self._told = words
        if self.is_mounted:
            self._head()

    async def _drop_draft(self, step_id: str) -> None:
        for slot in (self.slot(step_id), self.pieces_slot(step_id)):
            await self.keeper.give(slot)
            if self.kept_drafts.pop(slot, ""):
                await self.desk.cases.save_draft(self.case_id, slot, "")

    @on(StepCard.Typed)
    def _typed(self, event: StepCard.Typed) -> None:
        self.keeper.typed(self.slot(event.step_id), event.draft)

    def keep_now(self) -> None:
        """What stands in the field counts as typed, whether its messages have arrived or not."""
        if self.card is not None and (draft := self.card.draft()):
            self.keeper.typed(self.slot(self.card.step.id), draft)

    def after_typing(self, do: Callable[[], None]) -> None:
        """``do`` once the field with the cursor has taken every key pressed before."""
        (self.focused or self).call_later(do)

    def on_screen_suspend(self) -> None:
        """Another screen covers this one: what is typed is saved now."""
        if self.keeper.unsaved:
            start(self, self.keeper.flush(), group="draft", newest=False)

    def _verb(self, task: Coroutine[Any, Any, RunView], *, answers: str = "") -> None:
        """Do ``task`` unless another verb still works, then draw what came of it."""
        if busy(self, "verb"):
            task.close()
        else:
            start(self, self._done(task, answers), group="verb", keys_wait=True)

    async def _done(self, task: Coroutine[Any, Any, RunView], answers: str) -> None:
        try:
            if answers:
                await self.keeper.give(self.slot(answers))
            else:
                self.keep_now()
                await self.keeper.flush()
            view = await task
        except BaseException:
            task.close()
            # The answer was refused: what was typed is still only here.
            self.keeper.reopen(self.slot(answers))
            self.keep_now()
            raise
        if answers:
            await self._drop_draft(answers)
        await self.show(view)
        self.triage.changed.publish(self.case_id)
