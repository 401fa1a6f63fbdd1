"""The playbook runner: the list of steps keeps the place, the middle says what to do now.

A key calls one verb of the desk with the step that was on screen when it was pressed. While a verb works,
further keys that would change something are dropped, so a doubled Enter cannot answer two steps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from triage.model.clean_text import clean_line
from triage.model.errors import Invalid
from triage.model.run import RunView, StepView
from triage.tui.clock_words import parse_due
from triage.tui.safe_text import Piece, content
from triage.tui.screens.runner.answers import AnswerKeys
from triage.tui.screens.runner.asking import LineScreen, ReasonScreen
from triage.tui.screens.runner.commands import CommandKeys
from triage.tui.screens.runner.kinds import kind_rows
from triage.tui.screens.runner.pick import Choice, PickScreen
from triage.tui.widgets.place_list import PlaceList, place_line
from triage.tui.work import on_top, start


class RunnerScreen(AnswerKeys, CommandKeys):
    """One run of one playbook on one case."""

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-vast")]  # noqa: RUF012 - as declared
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "done", id="runner.accept"),
        Binding("f5,ctrl+y", "accept_written", "done", priority=True, key_display="F5", id="runner.written"),
        Binding("r", "run", "run", id="runner.run"),
        Binding("t", "trust", "trust", id="runner.trust"),
        Binding("m", "by_hand", "record by hand", id="runner.by_hand"),
        Binding("u", "unknown", "not known", id="runner.unknown"),
        Binding("k", "skip", "skip", id="runner.skip"),
        Binding("w", "why", "why", id="runner.why"),
        Binding("b", "go_back", "back a step", id="runner.back"),
        Binding("f4,e", "editor", "$EDITOR", key_display="F4", id="runner.editor"),
        Binding("e", "edit_copy", "edit a copy", id="runner.edit_copy"),
        Binding("f6", "more_evidence", "keep, one more", priority=True, id="runner.more"),
        Binding("slash", "jump", "jump", id="runner.jump"),
        Binding("p", "park", "park", id="runner.park"),
        Binding("s", "swap", "swap roles", id="runner.swap"),
        Binding("x", "stop", "stop", id="runner.stop"),
        Binding("g", "migrate", "go over to the new file", id="runner.migrate"),
        Binding("ctrl+c", "cancel_command", "twice: stop the command", priority=True, show=False),
        Binding("f1", "keys_help", "help", key_display="F1", id="runner.help"),
        Binding("q,escape", "leave", "leave", id="screen.back"),
    ]

    def action_go_back(self) -> None:
        """To the step before; its result is superseded, not erased."""
        self._verb(self.desk.playbooks.back(self.run_id))

    def action_jump(self) -> None:
        """Look for a step; a done one can be gone back to."""
        view = self.view
        if view is None:
            return
        width = min(84, self.size.width - 10)
        choices = [Choice(line.step_id, place_line(line, width, self.triage.zone)) for line in view.lines]
        at = view.current.id if view.current else ""

        def chosen(step_id: str | None) -> None:
            if step_id is not None:
                self._jump(step_id)

        self.app.push_screen(PickScreen("Steps of this run", choices, at=at), chosen)

    @on(PlaceList.Chosen)
    def _pointed(self, event: PlaceList.Chosen) -> None:
        self._jump(event.step_id)

    def _jump(self, step_id: str) -> None:
        view = self.view
        if view is None or not self.goes_on:
            why = "Not while a command runs." if self._command is not None else "The run is over."
            self.triage.say("The run is only read here." if self.held else why)
            return
        line = next((line for line in view.lines if line.step_id == step_id), None)
        if line is None or line.mark in ("current", "ahead", "elsewhere"):
            self.triage.say("Only a step that was worked can be gone back to; k skips the one at hand.")
            return
        title = content(
            ("Back to ", "strong"),
            (clean_line(line.title), ""),
            (". Later results are superseded. Why?", "strong"),
        )

        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                why = reason[1] or reason[0]
                self._verb(self.desk.playbooks.back(self.run_id, to=step_id, reason=why))

        self.app.push_screen(ReasonScreen(title, ("check it again", "answer was wrong", "other")), given)

    def action_park(self) -> None:
        """Leave the run for later, with a reminder if wanted."""
        title = content(("Park this run. Remind when?", "strong"), (" (empty: no reminder)", "muted"))

        def given(text: str | None) -> None:
            if text is not None:
                self._park(text)

        self.app.push_screen(
            LineScreen(title, placeholder="25m, 2h, 16:00, fri 17:00", may_be_empty=True), given
        )

    def _park(self, text: str) -> None:
        try:
            at = parse_due(text, self.triage.clock(), self.triage.zone) if text else None
        except Invalid as error:
            self.triage.say(str(error), severity="warning")
            return
        start(self, self._parked(at), group="verb", newest=False)

    async def _parked(self, at: datetime | None) -> None:
        await self.keeper.flush()
        await self.desk.playbooks.park(self.run_id, remind_at=at)
        self.triage.changed.publish(self.case_id)
        await on_top(self)
        self.dismiss()

    def action_swap(self) -> None:
        """Driver and navigator change places; the first time a navigator is named."""
        if self.view is None:
            return
        if self.view.navigator:
            self._verb(self.desk.playbooks.swap_roles(self.run_id))
            return

        def named(name: str | None) -> None:
            if name:
                self._verb(self.desk.playbooks.set_people(self.run_id, navigator=name))

        self.app.push_screen(LineScreen(content(("Who is the navigator, reading along?", "strong"))), named)

    def action_stop(self) -> None:
        """Stop a command that runs; otherwise end the run here, with a reason."""
        if self._command is not None:
            self._cancel()
            return
        title = content(("End this run here, for good. Why?", "strong"))

        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                self._verb(self.desk.playbooks.stop(self.run_id, reason[1]))

        self.app.push_screen(ReasonScreen(title, (), always=True), given)

    def action_leave(self) -> None:
        """First out of the field, then out of the screen. The run stays where it is.

        At a wait that is not over it is parked till then: an open run would not ask again by itself.
        """
        if self._command is not None:
            self.triage.say("A command is running: x stops it.", severity="warning")
        elif self.typing:
            self.set_focus(None)
        else:
            self.keep_now()
            start(self, self._leaving(), group="leave", newest=False, keys_wait=True)

    async def _leaving(self) -> None:
        await self.keeper.flush()
        step = self.step
        if step is not None and step.due is not None and step.due > self.triage.clock():
            await self.desk.playbooks.park(self.run_id)
            self.triage.changed.publish(self.case_id)
        await on_top(self)
        self.dismiss()

    def explained(self) -> list[list[Piece]]:
        """What the page of help says of this screen besides its keys."""
        return list(kind_rows())

    def action_keys_help(self) -> None:
        """The page of keys, from inside a field, where ``?`` is a letter."""
        self.triage.action_help()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only keys that would do something are shown and heard."""
        if action in _LETTERS and self.typing:
            return False
        test = _USE.get(action)
        return True if test is None else test(self)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """The keys on the last line depend on where the cursor is."""
        self.refresh_bindings()

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """As above."""
        self.refresh_bindings()


_LETTERS = frozenset(
    {
        "accept",
        "run",
        "by_hand",
        "unknown",
        "skip",
        "why",
        "go_back",
        "jump",
        "park",
        "swap",
        "stop",
        "trust",
        "migrate",
    }
)
"""Keys that a field takes for itself while a person writes in it."""

_USE: dict[str, Callable[[RunnerScreen], bool]] = {
    "keys_help": lambda page: page.typing,
    "accept": lambda page: page.goes_on and not page.has_command and not page.has_panel,
    "accept_written": lambda page: (page.typing or page.in_hand("root_cause")) and not page.has_command,
    "run": lambda page: page.has_command,
    "by_hand": lambda page: page.has_command,
    "unknown": lambda page: page.in_hand("ask") and page.step is not None and page.step.allow_unknown,
    "skip": lambda page: page.in_hand() and page.step is not None and page.step.skippable,
    "why": lambda page: page.in_hand() and page.step is not None and bool(page.step.why),
    "go_back": lambda page: page.goes_on and page.view is not None and page.view.done > 0,
    "editor": lambda page: page.in_hand("note", "draft_reply", "handover", "end", "evidence", "root_cause"),
    "edit_copy": lambda page: page.has_command and page.step is not None and _is_command(page.step),
    "more_evidence": lambda page: page.in_hand("evidence"),
    "park": lambda page: page.goes_on,
    "swap": lambda page: page.goes_on,
    "stop": lambda page: page.goes_on or page.command_runs,
    "migrate": lambda page: page.goes_on and page.view is not None and _can_go_over(page.view),
    "trust": lambda page: page.has_command and page.step is not None and not _runs_here(page.step),
    "cancel_command": lambda page: page.command_runs,
}
"""When each key is of use."""


def _is_command(step: StepView) -> bool:
    return step.command is not None and step.command.request is None


def _can_go_over(view: RunView) -> bool:
    return view.change is not None and view.change.can_migrate


def _runs_here(step: StepView) -> bool:
    return step.command is not None and step.command.runnable
