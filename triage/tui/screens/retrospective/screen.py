"""The retrospective: facts first, then the walk back, then conclusions; one question on screen at a time.

A key calls one verb of the desk. Nothing here leaves the machine: adopting leads to the page that shows what
will be written, and the customer's text can only be copied.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from triage.model.errors import Stopped
from triage.model.investigation import PromptView
from triage.tui.register_keys import open_recommendations, open_wish
from triage.tui.safe_text import content
from triage.tui.screens.retrospective.cite import citable, codes
from triage.tui.screens.retrospective.end import EndCard
from triage.tui.screens.retrospective.field import PromptField
from triage.tui.screens.retrospective.head import answered, prompt_line
from triage.tui.screens.retrospective.missing import MissingScreen
from triage.tui.screens.retrospective.page import RetrospectivePage, rested
from triage.tui.screens.retrospective.parties import PartiesScreen, read_earlier, reopening
from triage.tui.screens.retrospective.text import DRAFT, TextScreen
from triage.tui.screens.retrospective.useful_keys import LETTERS, USE
from triage.tui.screens.runner.asking import LineScreen, ReasonScreen
from triage.tui.screens.runner.pick import Choice, PickScreen
from triage.tui.widgets.answer_form import NotAnswered
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.rows_editor import RowsEditor
from triage.tui.widgets.violations import ViolationList
from triage.tui.widgets.wording_area import WordingArea
from triage.tui.work import on_top, show_write_page, start

FOLLOWING = frozenset({"parties", "reopen", "earlier", "recommendations", "wish"})
"""What the end card leads to beside adopting and reading."""
LOCK_PROMPT = "LOCK"
"""The question whose yes locks the facts."""


class RetrospectiveScreen(RetrospectivePage):
    """One investigation."""

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-vast")]  # noqa: RUF012 - as declared
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", "write", id="investigation.write"),
        Binding("n", "nothing", "nothing here", id="investigation.nothing"),
        Binding("f5,ctrl+y", "accept", "accept", priority=True, key_display="F5", id="investigation.accept"),
        Binding("f2", "park_fix", "park a fix", priority=True, id="investigation.park_fix"),
        Binding("f3", "cite", "cite", priority=True, id="investigation.cite"),
        Binding("f10", "leave_now", "save and leave", priority=True, id="investigation.leave"),
        Binding("f6", "parties", "parties", priority=True, id="investigation.parties"),
        Binding("f8", "silence", "silence", priority=True, id="investigation.silence"),
        Binding("question_mark", "fold", "hint", key_display="?", id="investigation.hint"),
        Binding("f9", "jump", "all questions", priority=True, id="investigation.jump"),
        Binding("f4", "editor", "$EDITOR", priority=True, id="investigation.editor"),
        Binding("f7", "missing", "what is missing", priority=True, show=False, id="investigation.missing"),
        Binding("s", "pair", "pair", show=False, id="investigation.pair"),
        Binding("f1", "keys_help", "help", id="investigation.help"),
        Binding("ctrl+r", "prefilled", "as prefilled", priority=True, id="investigation.prefilled"),
        Binding("pagedown", "next", "next", priority=True, show=False, id="investigation.next"),
        Binding("pageup", "before", "before", priority=True, show=False, id="investigation.before"),
        Binding("right_square_bracket", "next", "next", show=False, id="investigation.next_vim"),
        Binding("left_square_bracket", "before", "before", show=False, id="investigation.before_vim"),
        Binding("slash", "jump", "all questions", show=False, id="investigation.jump_vim"),
        Binding("q,escape", "back", "leave", id="screen.back"),
    ]

    # Answering ---------------------------------------------------------------------------------

    def action_write(self) -> None:
        """Into the field."""
        if self.field is not None:
            self.field.focus_field()

    @on(PromptField.Submitted)
    def action_accept(self) -> None:
        """Give what stands in the field as the answer and go on."""
        self.after_typing(self._accept)

    def _accept(self) -> None:
        field = self.field
        if field is None:
            return
        if field.rows is not None and not field.lacks and (field.touched or field.rows.rows):
            start(self, self._rows_first(field, field.rows), group="read", keys_wait=True)
            return
        self._give(field)

    async def _rows_first(self, field: PromptField, rows: RowsEditor) -> None:
        """From row to row where one lacks something; the answer is given once none does."""
        try:
            lacks = await rows.open_lacking()
        except NotAnswered as missing:
            self.triage.say(str(missing), severity="warning")
            return
        if lacks:
            self.triage.say(f"{lacks} is still empty. F5 goes on.")
        elif field.is_mounted:
            self._give(field)

    def _give(self, field: PromptField) -> None:
        if field.lacks:
            field.focus_field()
            nothing = "; Esc, then n, where nothing would have" if field.walking else ""
            self.triage.say(f"{field.lacks[:1].upper()}{field.lacks[1:]}{nothing}.", severity="warning")
            return
        try:
            value = field.value()
        except NotAnswered as missing:
            if field.prompt.required or field.touched or field.prompt.type in ("choice", "confirm"):
                self.triage.say(str(missing), severity="warning")
            else:
                self._move(1)
            return
        prompt_id = field.prompt.id
        if prompt_id == LOCK_PROMPT:
            if value == "yes":
                self.verb(self.desk.investigations.lock_facts(self.investigation_id), answers=prompt_id)
            else:
                start(self, self._left_open(), group="verb", newest=False, keys_wait=True)
            return
        if field.prompt.type == "confirm":
            value = value == "yes"
        self.verb(self.desk.investigations.answer(self.investigation_id, prompt_id, value), answers=prompt_id)

    async def _left_open(self) -> None:
        """Not locked yet: on to the first fact without an answer, a required one before the others."""
        if self.view is None:
            return
        facts = [one for one in self.view.prompts if one.part in ("quick", "facts") and one.id != LOCK_PROMPT]
        still_open = [one for one in facts if not answered(one.value)]
        to = next((one for one in still_open if one.required), next(iter(still_open), None))
        if to is not None:
            await self.show(await self.desk.investigations.goto(self.investigation_id, to.id))
        self.triage.say(f"The facts stay open{f': on to {to.id}' if to else ''}. F10 leaves.")

    def action_nothing(self) -> None:
        """Nothing would have stopped it at this step: a good answer."""
        if self.field is not None and self.field.walking:
            prompt_id = self.field.prompt.id
            self.verb(
                self.desk.investigations.answer(self.investigation_id, prompt_id, []), answers=prompt_id
            )

    def action_prefilled(self) -> None:
        """Put back what was read from the ticket, over an earlier answer or a draft."""
        if self.field is not None:
            start(self, self._prefilled(self.field.prompt), group="verb", newest=False, keys_wait=True)

    async def _prefilled(self, prompt: PromptView) -> None:
        await self.keeper.give(prompt.id)
        await self.desk.investigations.save_draft(self.investigation_id, prompt.id, "")
        if self.view is not None:
            await self.show(replace(self.view, prompt=replace(prompt, draft="")), again=True)

    def action_fold(self) -> None:
        """Fold or show help and example, here and from now on."""
        if self.field is not None:
            self.hints = self.field.fold()

    def action_editor(self) -> None:
        """Write the text in the editor of the environment."""
        if isinstance(self.focused, WordingArea):
            self.focused.edit_outside()
        elif self.field is not None and (areas := self.field.query(WordingArea)):
            areas.first().edit_outside()

    def action_keys_help(self) -> None:
        """The page of keys; ``?`` is the hint here, or a letter."""
        self.triage.action_help()

    # Moving ------------------------------------------------------------------------------------

    def action_next(self) -> None:
        """To the next question; a changed answer is given first."""
        self.after_typing(self._next)

    def _next(self) -> None:
        if self.field is not None and self.field.touched:
            self._accept()
        else:
            self._move(1)

    def action_before(self) -> None:
        """To the question before; what was typed stays as a draft."""
        self.after_typing(lambda: self._move(-1))

    def _move(self, by: int) -> None:
        if self.view is None:
            return
        ids = [prompt.id for prompt in self.view.prompts]
        at = ids.index(self.prompt.id) if self.prompt is not None and self.prompt.id in ids else len(ids)
        if 0 <= at + by < len(ids):
            self.goto(ids[at + by])
        elif by > 0 and self.prompt is not None:
            start(
                self, self.show(replace(self.view, prompt=None)), group="verb", newest=False, keys_wait=True
            )

    def action_jump(self) -> None:
        """All questions with their state."""
        if self.view is None:
            return
        current = self.prompt.id if self.prompt is not None else ""
        width = min(86, self.size.width - 10)
        choices = [Choice(prompt.id, prompt_line(prompt, current, width)) for prompt in self.view.prompts]
        self.app.push_screen(PickScreen("All questions", choices, at=current), self._go)

    def _go(self, prompt_id: str | None) -> None:
        if prompt_id:
            self.goto(prompt_id)

    def action_missing(self) -> None:
        """What is missing; Enter there goes to the question that mends it."""
        if self.view is not None:
            self.app.push_screen(MissingScreen(self.view.violations), self._go)

    @on(ViolationList.Mend)
    def _mend(self, event: ViolationList.Mend) -> None:
        self.goto(event.prompt_id)

    # Beside the question -----------------------------------------------------------------------

    def action_park_fix(self) -> None:
        """Keep an idea for a fix out of the facts, at any time."""

        def given(text: str | None) -> None:
            if text:
                start(self, self._parked(text), group="verb", newest=False, keys_wait=True)

        title = content(("Park a fix idea", "strong"), (" (it comes back with the recommendations)", "muted"))
        self.app.push_screen(LineScreen(title, placeholder="thing + change"), given)

    async def _parked(self, text: str) -> None:
        """The question on screen stays as it is: only the idea is kept."""
        self.view = await self.desk.investigations.park_fix(self.investigation_id, text)
        count = len(self.view.investigation.parked_fixes)
        self.triage.say(f"Parked ({count}). Back to the facts.")

    def action_cite(self) -> None:
        """Pick a fact, finding or safeguard for the field at hand; a code where a code is asked for."""
        if self.view is None or self.field is None:
            return
        area = self.focused if isinstance(self.focused, WordingArea) else None
        form = self.field.rows.form if self.field.rows is not None else None
        column = form.field_in_hand() if form is not None else None
        wants_code = (column is not None and column.column.name == "code") or self.prompt_picks_code
        choices = codes(self.view) if wants_code else citable(self.view.investigation, self.triage.zone)
        if not choices:
            self.triage.say("There is nothing to cite yet: the facts come first.")
            return

        def picked(value: str | None) -> None:
            if value is None:
                return
            if column is not None and wants_code:
                column.put(value)
            elif column is not None:
                column.cite(value)
            elif wants_code and self.field is not None:
                for pick in self.field.query(PickList):
                    pick.take(value)
            elif area is not None:
                area.cite(value)

        self.app.push_screen(PickScreen("Codes" if wants_code else "Cite", choices), picked)

    @property
    def prompt_picks_code(self) -> bool:
        """Whether the question on screen asks for one of more options than keys can name."""
        prompt = self.prompt
        return prompt is not None and prompt.type == "choice" and len(prompt.options) > 9

    def action_parties(self) -> None:
        """Who is heard, who sees it differently, and opening it again for new evidence."""
        self.keep_now()
        self.app.push_screen(PartiesScreen(self.investigation_id))

    def action_pair(self) -> None:
        """Driver and navigator change places; the first time a navigator is named. Both are credited."""
        if self.view is None:
            return
        if self.view.investigation.navigator:
            start(self, self._paired(""), group="verb", newest=False, keys_wait=True)
            return

        def named(name: str | None) -> None:
            if name:
                start(self, self._paired(name), group="verb", newest=False, keys_wait=True)

        title = content(("Who is the navigator, reading along?", "strong"), (" (both are credited)", "muted"))
        self.app.push_screen(LineScreen(title, placeholder="a name"), named)

    async def _paired(self, name: str) -> None:
        """The question on screen stays as it is: only who is at it changes."""
        desk = self.desk.investigations
        if name:
            view = await desk.set_navigator(self.investigation_id, name)
        else:
            view = await desk.swap_roles(self.investigation_id)
        if self.view is not None:
            self.view = replace(self.view, investigation=view.investigation)
        self._head()
        one = view.investigation
        self.triage.say(f"{one.driver} has the keys, {one.navigator} reads along.")

    def action_silence(self) -> None:
        """Silence the first remark about the wording, with a reason."""
        field = self.field
        hits = field.hits() if field is not None else ()
        if field is None or not hits:
            return
        hit, prompt_id = hits[0], field.prompt.id
        title = content(("Silence ", "strong"), (hit.rule, "accent"), (" here, because", "strong"))

        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                start(
                    self,
                    self._silenced(prompt_id, hit.rule, reason[1]),
                    group="verb",
                    newest=False,
                    keys_wait=True,
                )

        self.app.push_screen(ReasonScreen(title, (), always=True), given)

    async def _silenced(self, prompt_id: str, rule: str, reason: str) -> None:
        self.view = await self.desk.investigations.silence(self.investigation_id, prompt_id, rule, reason)
        self._look_soon()

    # The end -----------------------------------------------------------------------------------

    @on(EndCard.Chosen)
    def _chosen(self, event: EndCard.Chosen) -> None:
        if event.verb == "adopt":
            start(self, self._adopt(), group="verb", newest=False, keys_wait=True)
        elif event.verb == "leave":
            self.action_leave_now()
        elif event.verb in FOLLOWING:
            start(self, self._follow(event.verb), group="change", newest=False)
        else:
            start(self, self._read(event.verb), group="read", keys_wait=True)

    async def _follow(self, verb: str) -> None:
        """What an investigation leads to: its parties, new evidence, what was recommended, the wish."""
        if self.view is None:
            return
        one = self.view.investigation
        if verb == "parties":
            self.action_parties()
        elif verb == "reopen":
            self.app.push_screen(reopening(one, self.triage))
        elif verb == "earlier":
            await read_earlier(one, self)
        elif verb == "recommendations":
            open_recommendations(self.triage, one.id)
        else:
            await open_wish(self.triage, one.id)

    async def _adopt(self) -> None:
        from triage.tui.screens.write_page import WritePageScreen

        try:
            view, operation = await self.desk.investigations.adopt(self.investigation_id)
        except Stopped as stopped:
            self.triage.say(str(stopped), severity="warning")
            await self.show(await self.desk.investigations.view(self.investigation_id))
            await on_top(self)
            self.action_missing()
            return
        await self.show(rested(view))
        self.triage.changed.publish(view.investigation.case_id)
        show_write_page(self, WritePageScreen(operation.id), view.investigation.ticket_key)

    async def _read(self, what: str) -> None:
        desk = self.desk.investigations
        if what == "customer":
            banner, text = DRAFT, await desk.customer_draft(self.investigation_id)
        elif what == "sheet":
            banner = ("Debrief: who would be blamed speaks first", "strong")
            text = await desk.debrief_sheet(self.investigation_id)
        elif what == "note":
            banner = ("INTERNAL NOTE as it would be written at adoption", "internal")
            text = await desk.internal_note(self.investigation_id)
        else:
            banner = ("Report: a fact-finding record; it assigns no blame", "strong")
            text = await desk.report(self.investigation_id)
        await on_top(self)
        self.app.push_screen(TextScreen(banner, text))

    def on_screen_resume(self) -> None:
        """Back from a page where somebody was heard, or where it was opened again."""
        if self.view is not None:
            start(self, self._resumed(), group="others", newest=False, keys_wait=True)

    async def _resumed(self) -> None:
        view = await self.desk.investigations.view(self.investigation_id)
        if self.view is None or self.prompt is not None:
            return
        before, now = self.view.investigation, view.investigation
        if before.state != now.state:
            await self.show(rested(view))
        elif (before.parties, before.dissent) != (now.parties, now.dissent):
            await self.show(replace(view, prompt=None))

    # Leaving -----------------------------------------------------------------------------------

    async def action_back(self) -> None:
        """Out of the row, out of the field, out of the screen: one at a time."""
        rows = self.field.rows if self.field is not None else None
        if rows is not None and rows.form is not None and not rows.single:
            await self._close_row()
        elif self.typing or (self.focused is not None and self.field is not None):
            self.set_focus(None)
        else:
            self.action_leave_now()

    async def _close_row(self) -> None:
        rows = self.field.rows if self.field is not None else None
        if rows is None:
            return
        try:
            await rows.close_form(keep=True)
        except NotAnswered as missing:
            if rows.warned:
                await rows.close_form(keep=False)
            else:
                rows.warned = True
                self.triage.say(f"{missing} Esc again drops this row; z puts it back.", severity="warning")

    def action_leave_now(self) -> None:
        """Save and leave; always allowed."""
        self.after_typing(self._leave)

    def _leave(self) -> None:
        self.keep_now()
        start(self, self._leaving(), group="leave", newest=False, keys_wait=True)

    async def _leaving(self) -> None:
        await self.keeper.flush()
        await on_top(self)
        self.dismiss()

    # Keys that are of use now ------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only keys that would do something are shown and heard."""
        if action in LETTERS and self.typing:
            return False
        test = USE.get(action)
        return True if test is None else test(self)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """The keys on the last line depend on where the cursor is."""
        self.refresh_bindings()

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """As above."""
        self.refresh_bindings()
