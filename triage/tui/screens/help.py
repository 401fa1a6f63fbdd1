"""Every key that does something on the screen below, read from its live bindings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from triage.tui.glyphs import MEANINGS, SIGN
from triage.tui.keys import key_name
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.virtual_list import VirtualList


def help_rows_with_actions(screen: Screen[Any]) -> Iterator[tuple[str, str, str]]:
    """Keys, words and action of every enabled binding; several keys of one action stand together.

    The screen's own come first, moving about comes last.
    """
    grouped: dict[str, tuple[list[str], str, int]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.system or not binding.description or not active.enabled:
            continue
        rank = 0 if active.node is screen and binding.action not in _ABOUT_FOCUS else 1
        keys, _, _ = grouped.setdefault(binding.action, ([], binding.description, rank))
        name = binding.key_display or key_name(binding.key)
        if name not in keys:
            keys.append(name)
    for action, (keys, words, _) in sorted(grouped.items(), key=lambda entry: entry[1][2]):
        yield " ".join(keys), words, action


_ABOUT_FOCUS = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})


@runtime_checkable
class Explains(Protocol):
    """A screen with more to explain than its keys."""

    def explained(self) -> list[list[Piece]]:
        """Rows that stand between the keys and the signs."""
        ...


class HelpScreen(ModalScreen[None]):
    """Keys of the screen below, and what the signs mean."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,escape,q,h", "close", "close", show=False)
    ]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        self._rows: list[list[Piece]] = [[("Keys that do something here", "strong")], []]
        for keys, words, _ in help_rows_with_actions(below):
            self._rows.append([(f"{keys:>14}  ", "accent"), (words, "")])
        if isinstance(below, Explains):
            self._rows += [[], *below.explained()]
        self._rows += [[], [("Signs", "strong")], []]
        for name, words in MEANINGS:
            self._rows.append([(f"{getattr(SIGN, name):>14}  ", "accent"), (words, "")])
        self.list: VirtualList[list[Piece]] = VirtualList(self._draw)

    def compose(self) -> ComposeResult:
        """The rows in a box."""
        yield self.list
        yield Static(
            content((" j k", "accent"), (" move   ", "muted"), ("Esc", "accent"), (" close", "muted"))
        )

    def on_mount(self) -> None:
        """As high as it needs to be."""
        self.list.styles.height = len(self._rows)
        self.list.show(self._rows)
        self.list.focus()

    def _draw(self, row: list[Piece], width: int) -> Sequence[Piece]:
        return row

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss()
