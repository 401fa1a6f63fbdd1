"""Small questions over a screen: a reason, a line, what was seen by hand. Escape takes nothing.

An Enter that cannot be taken yet says in the dialog itself what is still wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from triage.model.run import Option
from triage.tui.safe_text import content
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.wording_area import WordingArea

PASSED = (Option("yes", "it was good", "y"), Option("no", "it was not", "n"))


T = TypeVar("T")


class AskingScreen(ModalScreen[T | None]):
    """What the small questions have in common: Escape, and the line that says what is wanted."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "nothing", "cancel"),
        Binding("enter", "nothing_taken", show=False),
    ]
    WANTED = ""
    """Said on an Enter that reached no field."""

    def foot(self, keys: str) -> ComposeResult:
        """What is wanted, empty at first, and the keys."""
        yield Static(classes="asking-wanted")
        yield Static(content((keys, "muted")), classes="asking-keys")

    def want(self, words: str) -> None:
        """Say what is wanted before the answer can be taken; empty once it is given."""
        line = self.query_one(".asking-wanted", Static)
        line.update(content((words, "severity")))
        line.display = bool(words)

    @on(Input.Changed)
    @on(PickList.Done)
    def _another_try(self) -> None:
        self.want("")

    def action_nothing_taken(self) -> None:
        """Enter, with nothing picked."""
        self.want(self.WANTED)

    def action_nothing(self) -> None:
        """Take nothing."""
        self.dismiss(None)


class ReasonScreen(AskingScreen[tuple[str, str]]):
    """A reason from a short list, with words where the list is not enough: (reason, words) or None."""

    WANTED = "A reason is wanted: its number, or the arrow keys and Enter."

    def __init__(
        self,
        title: Content,
        reasons: Sequence[str],
        *,
        words_for: Sequence[str] = ("other",),
        always: bool = False,
    ) -> None:
        super().__init__()
        self.heading = title
        self.reasons = tuple(reasons)
        self.words_for = frozenset(words_for)
        self.always = always
        """Words are needed whatever the reason."""

    def compose(self) -> ComposeResult:
        """The list, and the line for words."""
        with Vertical(classes="asking"):
            yield Static(self.heading, classes="asking-head")
            if self.reasons:
                yield PickList([Option(reason, reason) for reason in self.reasons])
            yield Input(placeholder="in a few words", compact=True)
            first = "a number picks · " if self.reasons else ""
            yield from self.foot(f"{first}enter takes it · esc cancels")

    def on_mount(self) -> None:
        """The words are asked for only where they are needed."""
        self.query_one(Input).display = self.always or not self.reasons
        self.query("PickList, Input").first().focus()

    @on(PickList.Done)
    def _picked(self, event: PickList.Done) -> None:
        if self.always or event.pick.picked[0] in self.words_for:
            words = self.query_one(Input)
            words.display = True
            words.focus()
        else:
            self.dismiss((event.pick.picked[0], ""))

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        words = event.value.strip()
        picked = self.query_one(PickList).picked if self.reasons else [""]
        if not picked:
            self.query_one(PickList).focus()
            self.want(self.WANTED)
        elif not words:
            self.want("A few words are wanted here.")
        else:
            self.dismiss((picked[0], words))


class LineScreen(AskingScreen[str]):
    """One line of text, or None."""

    def __init__(self, title: Content, *, placeholder: str = "", may_be_empty: bool = False) -> None:
        super().__init__()
        self.heading = title
        self.placeholder = placeholder
        self.may_be_empty = may_be_empty

    def compose(self) -> ComposeResult:
        """Heading and line."""
        with Vertical(classes="asking"):
            yield Static(self.heading, classes="asking-head")
            yield Input(placeholder=self.placeholder, compact=True)
            yield from self.foot("enter takes it · esc cancels")

    def on_mount(self) -> None:
        """Write at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        if event.value.strip() or self.may_be_empty:
            self.dismiss(event.value.strip())
        else:
            self.want("Nothing is written yet.")


class RecordScreen(AskingScreen[tuple[bool, str]]):
    """What a person saw when doing a check by hand: (good, words) or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5,ctrl+y", "done", "record it", priority=True)]
    WANTED = "Was it good? y or n."

    def __init__(self, title: Content, manual: Content) -> None:
        super().__init__()
        self.heading = title
        self.manual = manual

    def compose(self) -> ComposeResult:
        """How to do it, how it went, what was seen."""
        with Vertical(classes="asking"):
            yield Static(self.heading, classes="asking-head")
            yield Static(self.manual, classes="asking-text")
            yield PickList(PASSED)
            yield WordingArea(sentence=True)
            yield from self.foot("y good · n not good · then what you saw · enter records it")

    def on_mount(self) -> None:
        """How it went comes first."""
        self.query_one(PickList).focus()

    @on(PickList.Done)
    def _picked(self) -> None:
        self.query_one(WordingArea).focus()

    @on(WordingArea.Accepted)
    def action_done(self) -> None:
        """Record it; both halves are needed."""
        picked = self.query_one(PickList).picked
        words = self.query_one(WordingArea).text.strip()
        if not picked:
            self.query_one(PickList).focus()
            self.want(self.WANTED)
        elif not words:
            self.query_one(WordingArea).focus()
            self.want("Write what you saw: it is the evidence.")
        else:
            self.dismiss((picked[0] == "yes", words))
