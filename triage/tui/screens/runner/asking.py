"""Small questions over a screen: a reason, a line, what was seen by hand. Escape takes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

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


class ReasonScreen(ModalScreen[tuple[str, str] | None]):
    """A reason from a short list, with words where the list is not enough: (reason, words) or None."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "cancel")]

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
            yield Static(content(("enter takes it · esc cancels", "muted")), classes="asking-keys")

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
        elif not words:
            self.notify("A few words are needed here.", severity="warning", markup=False)
        else:
            self.dismiss((picked[0], words))

    def action_nothing(self) -> None:
        """Take nothing."""
        self.dismiss(None)


class LineScreen(ModalScreen[str | None]):
    """One line of text, or None."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "cancel")]

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
            yield Static(content(("enter takes it · esc cancels", "muted")), classes="asking-keys")

    def on_mount(self) -> None:
        """Write at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        if event.value.strip() or self.may_be_empty:
            self.dismiss(event.value.strip())

    def action_nothing(self) -> None:
        """Take nothing."""
        self.dismiss(None)


class RecordScreen(ModalScreen[tuple[bool, str] | None]):
    """What a person saw when doing a check by hand: (good, words) or None."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "nothing", "cancel"),
        Binding("f5,ctrl+y", "done", "record it", priority=True),
    ]

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
            yield Static(content(("y good · n not good · then what you saw · enter records it", "muted")))

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
        elif not words:
            self.notify("Write what you saw: it is the evidence.", severity="warning", markup=False)
            self.query_one(WordingArea).focus()
        else:
            self.dismiss((picked[0] == "yes", words))

    def action_nothing(self) -> None:
        """Take nothing."""
        self.dismiss(None)
