"""A question with a few answers, each with its own key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from triage.tui.safe_text import Piece, content, fit, line
from triage.tui.widgets.drawn_line import width_of
from triage.tui.widgets.virtual_list import VirtualList


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer."""

    value: str
    label: str
    detail: str = ""
    hotkey: str = ""


class ChoiceScreen(ModalScreen[str | None]):
    """Ends with the value of the choice, or None when nothing was chosen."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "choose", "choose"),
        Binding("escape,q", "leave", "leave it"),
    ]

    def __init__(self, question: str, choices: Sequence[Choice], *, note: str = "") -> None:
        """``note`` stands under the answers: what cannot be chosen now, and why."""
        super().__init__()
        self._question = question
        self._note = note
        self._choices = tuple(choices)
        self._label_width = min(34, max((width_of([(one.label, "")]) for one in self._choices), default=0))
        self.list: VirtualList[Choice] = VirtualList(self._draw)

    def compose(self) -> ComposeResult:
        """The question above its answers."""
        with Vertical(classes="box"):
            yield Static(line(self._question, "bold"))
            yield self.list
            if self._note:
                yield Static(line(self._note, "$muted"), classes="note")
            yield Static(
                content(
                    ("Enter", "accent"), (" choose   ", "muted"), ("Esc", "accent"), (" leave it", "muted")
                )
            )

    def on_mount(self) -> None:
        """Shows the answers."""
        self.list.styles.height = len(self._choices)
        self.list.show(self._choices)
        self.list.focus()

    def _draw(self, choice: Choice, width: int) -> Sequence[Piece]:
        key = f"{choice.hotkey} " if choice.hotkey else "  "
        label = fit(choice.label, self._label_width) if choice.detail else choice.label
        detail = fit(choice.detail, width - self._label_width - 5) if choice.detail else ""
        return [(key, "accent"), (label, ""), (f"  {detail}", "muted")]

    def on_key(self, event: events.Key) -> None:
        """A choice's own key chooses it."""
        for choice in self._choices:
            if choice.hotkey and event.character == choice.hotkey:
                event.stop()
                self.dismiss(choice.value)
                return

    @on(VirtualList.Opened)
    def action_choose(self) -> None:
        """Takes the answer under the cursor."""
        if (choice := self.list.current) is not None:
            self.dismiss(choice.value)

    def action_leave(self) -> None:
        """Chooses nothing."""
        self.dismiss(None)
