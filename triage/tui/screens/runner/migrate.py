"""Going over to the file as it is now, or staying on the text the run began with."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.run import FileChange
from triage.tui.safe_text import Piece, content


class MigrateScreen(ModalScreen[bool | None]):
    """Every step that differs; ``y`` goes over. The key that opened it does nothing here, nor does Enter."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go_over", "go over"),
        Binding("n,escape,q", "stay", "stay"),
    ]

    def __init__(self, change: FileChange, version: int) -> None:
        super().__init__()
        self.change = change
        self.version = version

    def compose(self) -> ComposeResult:
        """What differs, then the two ways."""
        change = self.change
        rows: list[Piece] = []
        for sign, tone, names in (
            ("+ new", "good", change.added),
            ("- gone", "promise", change.removed),
            ("~ changed", "severity", change.altered),
        ):
            rows += [
                piece for name in names for piece in ((f"{sign:<11}", tone), (f"{clean_line(name)}\n", ""))
            ]
        with Vertical(classes="asking"):
            yield Static(
                content((f"Go over from version {self.version} to {change.version} of the file?", "strong")),
                classes="asking-head",
            )
            yield Static(
                content(*(rows or [("Only words outside the steps differ.", "")])), classes="asking-text"
            )
            yield Static(
                content(
                    ("What was done stays done. Commands of the new text are asked about anew."
                     "\ny goes over · n or esc stays · enter does nothing", "muted")
                )
            )  # fmt: skip

    def action_go_over(self) -> None:
        """To the file of now."""
        self.dismiss(True)

    def action_stay(self) -> None:
        """On the text the run began with."""
        self.dismiss(None)
