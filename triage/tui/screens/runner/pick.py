"""Picking one of many by typing a few letters of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as ListOption

from triage.tui.safe_text import content

KEYS = "↑↓ move · enter takes it · esc cancels"


@dataclass(frozen=True, slots=True)
class Choice:
    """One that can be picked: its value, and how it is drawn."""

    value: str
    shown: Content


def matching(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """Those that hold every word that was typed, whatever the case."""
    words = typed.casefold().split()
    return [
        one for one in choices if all(word in f"{one.value} {one.shown.plain}".casefold() for word in words)
    ]


class PickScreen(ModalScreen[str | None]):
    """A list with a filter; Enter takes the row of the cursor, Escape nothing."""

    CSS_PATH = "pick.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "nothing", "cancel"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, at: str = "") -> None:
        super().__init__()
        self.heading = title
        self.choices = tuple(choices)
        self.at = at
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """Heading, filter, list."""
        with Vertical(classes="picking"):
            yield Static(content((self.heading, "strong")))
            yield Input(placeholder="type to filter", compact=True)
            yield OptionList()
            yield Static(classes="picking-keys")

    def on_mount(self) -> None:
        """Everything at first, the cursor where the person is."""
        self._draw("")
        self._foot(KEYS, "muted")
        values = [one.value for one in self._shown]
        if self.at in values:
            self.query_one(OptionList).highlighted = values.index(self.at)
        self.query_one(Input).focus()

    def _draw(self, typed: str) -> None:
        self._shown = matching(self.choices, typed)
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options([ListOption(one.shown) for one in self._shown])
        listing.highlighted = 0 if self._shown else None

    def _foot(self, words: str, tone: str) -> None:
        self.query_one(".picking-keys", Static).update(content((words, tone)))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._draw(event.value)
        self._foot(KEYS, "muted")

    @on(Input.Submitted)
    def _take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is None:
            self._foot("Nothing holds these letters; type others, or esc.", "severity")
        else:
            self.dismiss(self._shown[at].value)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].value)

    def action_move(self, by: int) -> None:
        """Move the cursor while the filter keeps the focus."""
        listing = self.query_one(OptionList)
        if by > 0:
            listing.action_cursor_down()
        else:
            listing.action_cursor_up()

    def action_nothing(self) -> None:
        """Take nothing."""
        self.dismiss(None)
