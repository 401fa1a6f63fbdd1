"""What is still missing, on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from triage.model.investigation import Violation
from triage.tui.safe_text import content
from triage.tui.widgets.violations import ViolationList


def missing_words(violations: Sequence[Violation]) -> str:
    """How much is missing, in words."""
    must = sum(one.level == "error" for one in violations)
    should = len(violations) - must
    if not violations:
        return "Nothing is missing."
    return f"{must} must be mended before adoption, {should} should be."


class MissingScreen(ModalScreen[str | None]):
    """The list; the result is the prompt that mends the chosen one."""

    CSS_PATH = "missing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "nothing", "back"),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__()
        self.violations = tuple(violations)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        with Vertical(classes="missing"):
            yield Static(content((missing_words(self.violations), "strong")))
            yield ViolationList()
            yield Static(content(("enter goes where it can be mended · esc back", "muted")))

    def on_mount(self) -> None:
        """Draw the list."""
        listing = self.query_one(ViolationList)
        listing.show(self.violations)
        listing.focus()

    @on(ViolationList.Mend)
    def _mend(self, event: ViolationList.Mend) -> None:
        self.dismiss(event.prompt_id)

    def action_down(self) -> None:
        """Next one."""
        self.query_one(ViolationList).action_cursor_down()

    def action_up(self) -> None:
        """The one before."""
        self.query_one(ViolationList).action_cursor_up()

    def action_nothing(self) -> None:
        """Back without going anywhere."""
        self.dismiss(None)
