"""The page under the keys of an investigation: what is drawn, what is kept, how wording is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option as ListOption

from triage.model import prompt_order
from triage.model.investigation import InvestigationView, PromptView
from triage.tui.screens.retrospective.end import EndCard
from triage.tui.screens.retrospective.field import PromptField, fact_line
from triage.tui.screens.retrospective.head import (
    InvestigationHead,
    head_parts,
    prompt_line,
    walk_step,
)
from triage.tui.screens.runner.draft import DraftKeeper
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.walk_strip import WalkStrip
from triage.tui.widgets.wording_area import WordingArea, WordingHits
from triage.tui.work import busy, start

if TYPE_CHECKING:
    from triage.desk.desk import Desk
    from triage.tui.shell import Shell

AWAY_AFTER = timedelta(minutes=3)
"""Longer without an answer is time spent elsewhere."""
OTHERS_EVERY_S = 2.0
"""How often it is looked whether another window wrote."""
ELSEWHERE = "changed in another window; what you typed is kept"
LOOK_AFTER = 0.25
"""Seconds without a key before the wording is looked at; a later key makes an older look void."""


class RetrospectivePage(Screen[None]):
    """One investigation, one question at a time."""

    AUTO_FOCUS = ""
    """The question says where the cursor goes: back from a page, a step still takes letters as orders."""

    def __init__(self, investigation_id: str) -> None:
        super().__init__()
        self.investigation_id = investigation_id
        self.view: InvestigationView | None = None
        self.hints = True
        self._listed = False
        self.counted_to: datetime | None = None
        """Until when time spent is in ``spent_s``: the newest entry this page wrote, or when it opened."""
        self.spent_s = 0.0
        self._docket_minutes = -1.0
        self._told = ""
        self._newest = ""
        """The newest entry that what is on screen was read with."""
        self._look: Timer | None = None
        self.keeper = DraftKeeper(self, self._save_draft, self._tell)
        self._drawing = asyncio.Lock()
        """A verb's question and the one read because of another window are drawn one after the other."""

    @property
    def triage(self) -> Shell:
        """The app, with its clock and desk."""
        return cast("Shell", self.app)

    @property
    def desk(self) -> Desk:
        """What can be done."""
        return self.triage.desk

    def compose(self) -> ComposeResult:
        """Head, strip, the question and the list of questions, the line of keys."""
        yield InvestigationHead()
        yield WalkStrip(widget_id="strip")
        with Horizontal(id="columns"):
            yield Vertical(id="middle")
            yield PromptList()
        yield KeyLine()

    def on_mount(self) -> None:
        """Load the investigation; the head's clock runs from then on."""
        self.query_one(WalkStrip).show(None, ())
        start(self, self._load(), group="load", keys_wait=True)
        self.set_interval(5, self._head)
        self.set_interval(OTHERS_EVERY_S, self.look_elsewhere)

    async def _load(self) -> None:
        desk = await self.triage.ready()
        await self.show(rested(await desk.investigations.view(self.investigation_id)))

    # Other windows -----------------------------------------------------------------------------

    def look_elsewhere(self) -> None:
        """Shows what another window wrote, unless this one is at work itself."""
        if self.view is not None and not busy(self, "verb"):
            start(self, self._see_others(), group="others", newest=False)

    async def _see_others(self) -> None:
        newest = await self.desk.investigations.newest(self.investigation_id)
        if newest == self._newest:
            return
        before, prompt = self.view, self.prompt
        view = await self.desk.investigations.view(self.investigation_id, prompt.id if prompt else "")
        if busy(self, "verb") or self.view is not before or not self.triage.turns.at_rest:
            return
        self._newest = newest
        if prompt is None:
            view = replace(view, prompt=None)
        if view.prompt == prompt or self.field is None:
            self._around(replace(view, prompt=prompt))
        elif self.field.touched:
            mine = self.field.prompt.value
            self._around(replace(view, prompt=prompt))
            if view.prompt is not None and view.prompt.value != mine:
                self._tell(ELSEWHERE)
                self.triage.say(f"{self.prompt.id if self.prompt else 'This'} was {ELSEWHERE}.")
        else:
            start(self, self.show(view), group="redraw", newest=False, keys_wait=True)

    def _around(self, view: InvestigationView) -> None:
        """Draws everything but the question: its field may hold what somebody is typing."""
        self.view = view
        self._head()
        self.query_one(WalkStrip).show(walk_step(view.prompt), view.investigation.steps_visited)
        if self._listed:
            self._list()
        else:
            # All questions with their state are many lines: the one in hand is drawn before them.
            self._listed = True
            self.call_after_refresh(self._list)

    def _list(self) -> None:
        if self.view is not None:
            self.query_one(PromptList).show(self.view)

    # What is on screen -------------------------------------------------------------------------

    @property
    def prompt(self) -> PromptView | None:
        """The question on screen."""
        return self.view.prompt if self.view is not None else None

    @property
    def field(self) -> PromptField | None:
        """The question's field."""
        fields = self.query(PromptField)
        return fields.first() if fields else None

    @property
    def typing(self) -> bool:
        """Whether a field has the keys."""
        return isinstance(self.focused, (WordingArea, Input))

    async def show(self, view: InvestigationView, *, again: bool = False) -> None:
        """Draw ``view``; with ``again`` the field begins with what was read from the ticket."""
        async with self._drawing:
            await self._draw(view, again)

    async def _draw(self, view: InvestigationView, again: bool) -> None:
        if self.prompt is not None and (view.prompt is None or view.prompt.id != self.prompt.id):
            # What was said about the question before is of no use at the next.
            self.app.clear_notifications()
        self.view = view
        self._take_minutes(view.investigation.minutes_spent)
        self.keeper.reopen(view.prompt.id if view.prompt is not None else "")
        self._around(view)
        middle = self.query_one("#middle", Vertical)
        with self.app.batch_update():
            await middle.remove_children()
            if view.prompt is None:
                await middle.mount(EndCard(view))
            else:
                await middle.mount(self._field_of(view.prompt, again=again))
        self._look_soon()
        self.refresh_bindings()

    def _field_of(self, prompt: PromptView, *, again: bool) -> PromptField:
        zone = self.triage.zone
        events = self.view.investigation.timeline if self.view is not None else ()
        fact = fact_line(prompt, events, zone)
        clock = self.triage.clock
        return PromptField(prompt, fact=fact, hints=self.hints, clock=clock, zone=zone, again=again)

    def _head(self) -> None:
        if self.view is None or self.counted_to is None:
            return
        now = self.triage.clock()
        spent = self.spent_s + min(now - self.counted_to, AWAY_AFTER).total_seconds()
        parts = head_parts(self.view, now=now, zone=self.triage.zone, spent_s=spent, kept=self._told)
        self.query_one(InvestigationHead).show(parts)

    def _take_minutes(self, minutes: float) -> None:
        """The docket's count is the one that holds; looking at other questions writes nothing there."""
        if minutes != self._docket_minutes or self.counted_to is None:
            self._docket_minutes, self.spent_s = minutes, minutes * 60
            self.counted_to = self.triage.clock()

    # Drafts ------------------------------------------------------------------------------------

    async def _save_draft(self, slot: str, text: str) -> None:
        await self.desk.investigations.save_draft(self.investigation_id, slot, text)
        if self.counted_to is not None:
            now = self.triage.clock()
            self.spent_s += min(now - self.counted_to, AWAY_AFTER).total_seconds()
            self.counted_to = now

    def _tell(self, words: str) -> None:
        self._told = words
        if self.is_mounted:
            self._head()

    @on(PromptField.Typed)
    def _typed(self, event: PromptField.Typed) -> None:
        self.keeper.typed(event.prompt_id, event.draft)
        self._look_soon()

    def keep_now(self) -> None:
        """What stands in the field counts as typed, whether its messages have arrived or not."""
        if self.field is not None and self.field.touched:
            self.keeper.typed(self.field.prompt.id, self.field.draft())

    def after_typing(self, do: Callable[[], None]) -> None:
        """``do`` once the field with the cursor has taken every key pressed before."""
        (self.focused or self).call_later(do)

    def on_screen_suspend(self) -> None:
        """Another screen covers this one: what is typed is saved now."""
        if self.keeper.unsaved:
            start(self, self.keeper.flush(), group="draft", newest=False)

    # Wording -----------------------------------------------------------------------------------

    def _look_soon(self) -> None:
        if self._look is not None:
            self._look.stop()
        if self.prompt is not None and self.prompt.lint_as != "none":
            self._look = self.set_timer(LOOK_AFTER, self._look_now)

    def _look_now(self) -> None:
        if self.prompt is not None and self.field is not None:
            start(self, self._looked(self.prompt, self.field), group="wording")

    async def _looked(self, prompt: PromptView, field: PromptField) -> None:
        hits = await self.desk.investigations.wording(field.words(), prompt.lint_as, self.investigation_id)
        # The question may have gone while its words were looked at, its parts before itself.
        for lines in field.query(WordingHits):
            lines.show(hits)

    # Verbs -------------------------------------------------------------------------------------

    def verb(self, task: Coroutine[Any, Any, InvestigationView], *, answers: str = "") -> None:
        """Do ``task`` unless another verb still works, then draw what came of it."""
        if busy(self, "verb"):
            task.close()
        else:
            start(self, self._done(task, answers), group="verb", keys_wait=True)

    async def _done(self, task: Coroutine[Any, Any, InvestigationView], answers: str) -> None:
        try:
            if answers:
                await self.keeper.give(answers)
            else:
                self.keep_now()
                await self.keeper.flush()
            view = await task
        except BaseException:
            task.close()
            # The answer was refused: what was typed is still only here.
            self.keeper.reopen(answers)
            self.keep_now()
            raise
        if answers:
            view = await self._onward(view, answers)
        await self.show(view)
        self.triage.changed.publish(view.investigation.case_id)

    async def _onward(self, view: InvestigationView, answered_id: str) -> InvestigationView:
        """Past the answered question, not back to one that was left open; the end once only those remain."""
        after = prompt_order.open_after(view, answered_id)
        if not after:
            return replace(view, prompt=None)
        if view.prompt is None or view.prompt.id != after:
            return await self.desk.investigations.goto(self.investigation_id, after)
        return view

    def goto(self, prompt_id: str) -> None:
        """Put that question on screen."""
        self.verb(self.desk.investigations.goto(self.investigation_id, prompt_id))


def rested(view: InvestigationView) -> InvestigationView:
    """An adopted investigation asks nothing more; its questions can still be looked at."""
    return replace(view, prompt=None) if view.investigation.state == "adopted" else view


class PromptList(OptionList, can_focus=False):
    """All questions with their state, for wide terminals; a click goes to one."""

    def __init__(self) -> None:
        super().__init__(id="prompts")
        self._ids: tuple[str, ...] = ()

    def show(self, view: InvestigationView) -> None:
        """Draw the questions and keep the current one in sight."""
        current = view.prompt.id if view.prompt else ""
        width = max(self.size.width - 3, 28)
        self._ids = tuple(prompt.id for prompt in view.prompts)
        self.clear_options()
        self.add_options([ListOption(prompt_line(prompt, current, width)) for prompt in view.prompts])
        self.highlighted = self._ids.index(current) if current in self._ids else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the question that was clicked."""
        event.stop()
        cast("RetrospectivePage", self.screen).goto(self._ids[event.option_index])
