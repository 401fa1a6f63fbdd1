"""Running a command with consent, recording it by hand, and what comes before the run may go on."""

from __future__ import annotations

import asyncio

from textual import on

from triage.model.clean_text import clean, clean_line
from triage.model.run import SKIP_REASONS, CommandView, Panel, StepView
from triage.tui.outside_editor import edit_outside
from triage.tui.safe_text import content
from triage.tui.screens.command_confirm import CommandConfirm
from triage.tui.screens.runner.asking import ReasonScreen, RecordScreen
from triage.tui.screens.runner.migrate import MigrateScreen
from triage.tui.screens.runner.output import OutputLines
from triage.tui.screens.runner.page import RunnerPage
from triage.tui.screens.runner.panel import RunnerPanel
from triage.tui.screens.runner.trust import TrustScreen
from triage.tui.widgets.command_sheet import command_line, command_sheet
from triage.tui.widgets.hanging_text import prose
from triage.tui.work import busy, start

INSTEAD = "ran instead of the playbook's command:"
"""Begins what is recorded of an edited copy."""
COPIED = "Copied. Run it in a terminal of your own, then say what came of it."


def needs_words(panel: Panel, choice: str) -> bool:
    """Whether that way out of ``panel`` is taken only with a reason."""
    if panel.kind == "stop":
        return choice == "continue"
    return choice == "stop" or choice.startswith("go:")


class CommandKeys(RunnerPage):
    """The keys of commands and of the panel."""

    def action_run(self) -> None:
        """Ask for consent to the command on screen; only then it runs."""
        step = self.step
        command = step.command if step is not None else None
        if step is None or command is None or busy(self, "verb"):
            return
        if not command.runnable:
            why = clean_line(command.why_not) or "this playbook is not trusted here"
            self.triage.say(f"It does not run: {why}. m records it by hand, t shows what to trust.")
            return

        def consented(typed: str | None) -> None:
            if typed is not None:
                start(self, self._run(step, command, typed), group="verb", newest=False)

        if command.confirm == "none" and not step.two_person:
            consented("")
            return
        self.app.push_screen(CommandConfirm(step, command, self.case_key), consented)

    async def _run(self, step: StepView, command: CommandView, typed: str) -> None:
        lines = OutputLines()
        if self.card is not None:
            await self.card.mount(lines)
        self.set_focus(None)
        running = asyncio.ensure_future(
            self.desk.playbooks.run_command(
                self.run_id, step.id, command.digest, typed=typed, on_output=lines.feed
            )
        )
        self._command = running
        self.refresh_bindings()
        try:
            await asyncio.wait({running})
            if running.cancelled():
                view = await self.desk.playbooks.view(self.run_id)
            else:
                view = running.result()
        finally:
            self._command = None
            running.cancel()
            self.refresh_bindings()
        await self.show(view)
        self.triage.changed.publish(self.case_id)

    def action_cancel_command(self) -> None:
        """Ctrl+C twice within two seconds stops the command."""
        now = self.triage.clock()
        if self._ctrl_c_at is not None and (now - self._ctrl_c_at).total_seconds() < 2:
            self._cancel()
        else:
            self.triage.say("Ctrl+C again stops the command.")
        self._ctrl_c_at = now

    def _cancel(self) -> None:
        if self._command is not None:
            self.desk.playbooks.stop_command(self.run_id)

    def action_by_hand(self) -> None:
        """Record what a person did and saw instead of the command."""
        step = self.step
        if step is None or step.command is None:
            return
        title = content(("By hand: ", "strong"), (clean_line(step.title), ""))
        manual = prose(step.command.manual) if step.command.manual else command_sheet(step.command)

        def recorded(given: tuple[bool, str] | None) -> None:
            if given is not None:
                ok, saw = given
                self._verb(self.desk.playbooks.record_by_hand(self.run_id, step.id, ok, saw))

        self.app.push_screen(RecordScreen(title, manual), recorded)

    def action_edit_copy(self) -> None:
        """Open a copy of the command in ``$EDITOR``: the person runs it, and records that instead of ours.

        What was edited is never run by Triage: consent is for the playbook's own text.
        """
        step = self.step
        if step is None or step.command is None:
            return
        before = command_line(step.command)
        edited, problem = edit_outside(self.app, before)
        if problem:
            self.triage.say(problem, severity="warning")
        copy = clean(edited or "").strip()
        if not copy or copy == before.strip():
            return
        self.app.copy_to_clipboard(copy)
        title = content(("Instead of: ", "strong"), (clean_line(step.title), ""))

        def recorded(given: tuple[bool, str] | None) -> None:
            if given is not None:
                ok, saw = given
                words = f"{INSTEAD} {copy}\n{saw}"
                self._verb(self.desk.playbooks.record_by_hand(self.run_id, step.id, ok, words))

        self.app.push_screen(RecordScreen(title, prose(f"{copy}\n\n{COPIED}")), recorded)

    def action_migrate(self) -> None:
        """Say what changed in the file; only then, by another key, the run goes over to it."""
        view = self.view
        if view is None or view.change is None:
            return

        def decided(yes: bool | None) -> None:
            if yes:
                self._verb(self.desk.playbooks.migrate(self.run_id))

        self.app.push_screen(MigrateScreen(view.change, view.version), decided)

    def action_trust(self) -> None:
        """Show every command of the playbook, to trust them or not."""
        if self.view is not None:
            # What said that it is not trusted would lie over the list.
            self.app.clear_notifications()

            def decided(level: str | None) -> None:
                if level is not None:
                    start(self, self._load(), group="load", keys_wait=True)

            self.app.push_screen(TrustScreen(self.view.playbook_id), decided)

    @on(RunnerPanel.Chosen)
    def _panel_chosen(self, event: RunnerPanel.Chosen) -> None:
        choice, step_id = event.choice, event.panel.step_id
        if choice == "record":
            self._panel_record(step_id, event.panel.say)
        elif choice == "skip":
            self._panel_reason(choice, SKIP_REASONS)
        elif needs_words(event.panel, choice):
            self._panel_reason(choice, ())
        else:
            self._verb(self.desk.playbooks.resolve_panel(self.run_id, choice))

    def _panel_reason(self, choice: str, reasons: tuple[str, ...]) -> None:
        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                words = ": ".join(part for part in reason if part)
                self._verb(self.desk.playbooks.resolve_panel(self.run_id, choice, reason=words))

        words = {"skip": "Skip it", "stop": "Stop here", "continue": "Go on all the same"}
        title = content((f"{words.get(choice, 'Go on there')}, because", "strong"))
        self.app.push_screen(ReasonScreen(title, reasons, always=not reasons), given)

    def _panel_record(self, step_id: str, say: str) -> None:
        def recorded(given: tuple[bool, str] | None) -> None:
            if given is not None:
                ok, saw = given
                self._verb(self.desk.playbooks.record_by_hand(self.run_id, step_id, ok, saw))

        title = content(("By hand: ", "strong"), (clean_line(step_id), ""))
        self.app.push_screen(RecordScreen(title, prose(say)), recorded)
