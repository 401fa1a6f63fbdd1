"""The page before a command runs: what is shown here is exactly what will run."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from triage.model.clean_text import clean_line
from triage.model.run import CommandView, StepView
from triage.tui.safe_text import content
from triage.tui.widgets.command_sheet import command_sheet


class CommandConfirm(ModalScreen[str | None]):
    """Asks for consent to one command. The result is what was typed (empty when nothing had to be), or None.

    ``r`` opened it, so ``r`` and Enter do nothing here: a key held too long cannot run a command. A
    destructive command runs only after the step's id was typed.
    """

    CSS_PATH = "command_confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "run", "run it"),
        Binding("ctrl+y", "run_typed", "run it", priority=True),
        Binding("c,escape,n", "cancel", "cancel"),
    ]

    def __init__(self, step: StepView, command: CommandView, case_key: str) -> None:
        super().__init__()
        self.step = step
        self.command = command
        self.case_key = case_key
        self.typed_needed = command.confirm == "typed" or command.effect == "destructive" or step.two_person

    def compose(self) -> ComposeResult:
        """The command or request, whole; then the way to say yes."""
        tone = "strong-promise" if self.command.effect == "destructive" else "strong"
        with Vertical(classes=f"confirm -{self.command.effect.replace('_', '-')}"):
            yield Static(
                content(
                    ("Send from this machine" if self.command.request else "Run on this machine", tone),
                    (f" for {clean_line(self.case_key)}, step {clean_line(self.step.id)}", "muted"),
                )
            )
            with VerticalScroll(classes="sheet", can_focus=False):
                yield Static(command_sheet(self.command))
            if self.step.attempt > 1:
                yield Static(
                    content((f"It has run before: this is attempt {self.step.attempt}.", "severity"))
                )
            if self.typed_needed:
                who = "The navigator types " if self.step.two_person else "Type "
                yield Static(content((who, ""), (clean_line(self.step.id), "strong"), (" to allow it:", "")))
                yield Input(compact=True)
                yield Static(content(("ctrl+y runs it · esc cancels · enter does nothing", "muted")))
            else:
                yield Static(content(("y runs it · c or esc cancels · enter does nothing", "muted")))

    def on_mount(self) -> None:
        """Where something must be typed, it can be typed at once."""
        if self.typed_needed:
            self.query_one(Input).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only one way to say yes is open."""
        if action == "run":
            return not self.typed_needed
        return self.typed_needed if action == "run_typed" else True

    def action_run(self) -> None:
        """Consent."""
        self.dismiss("")

    def action_run_typed(self) -> None:
        """Consent, once the step's id stands there letter by letter."""
        typed = self.query_one(Input).value.strip()
        if typed == self.step.id:
            self.dismiss(typed)
        else:
            self.notify("That is not the step's id; nothing ran.", severity="warning", markup=False)

    def action_cancel(self) -> None:
        """No consent."""
        self.dismiss(None)
