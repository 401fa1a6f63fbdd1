"""One short answer on one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from triage.model.clean_text import clean_line
from triage.model.errors import Invalid
from triage.tui.safe_text import content, line


class AskScreen(ModalScreen[str | None]):
    """Ends with the text, or None when it was left.

    ``check`` raises `Invalid` with the words to show; what was typed stays.
    """

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave it")]

    def __init__(self, question: str, hint: str, check: Callable[[str], None], *, start: str = "") -> None:
        """``start`` stands in the field at first."""
        super().__init__()
        self._start = start
        self._question = question
        self._hint = hint
        self._check = check
        self._problem = Static(classes="problem")

    def compose(self) -> ComposeResult:
        """Question, field, what is wrong with the answer."""
        with Vertical(classes="box"):
            yield Static(line(self._question, "bold"))
            yield Input(value=clean_line(self._start), placeholder=self._hint, compact=True)
            yield self._problem
            yield Static(
                content(
                    ("Enter", "accent"), (" take it   ", "muted"), ("Esc", "accent"), (" leave it", "muted")
                )
            )

    def on_input_changed(self) -> None:
        """A new try."""
        self._problem.update(Content())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes it when it can be read."""
        text = event.value.strip()
        try:
            self._check(text)
        except Invalid as error:
            self._problem.update(line(str(error), "$severity"))
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)
