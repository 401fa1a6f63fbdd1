"""The last line of a screen: the keys that help most right now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.keys import key_to_character
from textual.screen import Screen

from triage.tui.keys import key_name
from triage.tui.safe_text import Piece
from triage.tui.widgets.drawn_line import DrawnLines


def live_keys(screen: Screen[object]) -> Iterator[tuple[str, str, str]]:
    """Key, words and action of every binding that is shown and would do something now.

    A letter does nothing while it would be typed into a field.
    """
    seen: set[str] = set()
    # A field that binds a key of the screen, too, would put it where the field has it: ours keep their order.
    ours = {key: place for place, key in enumerate(screen._bindings.key_to_bindings)}
    places = {key: ours[key] if one.node is screen else -1 for key, one in screen.active_bindings.items()}
    for key, active in sorted(screen.active_bindings.items(), key=lambda entry: places[entry[0]]):
        binding = active.binding
        if not binding.show or not active.enabled or binding.action in seen or _typed(screen, key):
            continue
        seen.add(binding.action)
        yield binding.key_display or key_name(binding.key), binding.description, binding.action


def _typed(screen: Screen[object], key: str) -> bool:
    field = screen.focused
    named = key_name(key)
    character = key_to_character(key) or (named if len(named) == 1 else None)
    return field is not None and field.check_consume_key(key, character)


class KeyLine(DrawnLines):
    """``enter open · t take · …``, built from the live bindings; each can be clicked.

    What does not fit is left out from the end; help stays.
    """

    DEFAULT_CSS = "KeyLine { dock: bottom; color: $foreground; }"

    def on_mount(self) -> None:
        """Follows the bindings as focus and state change."""
        self.screen.bindings_updated_signal.subscribe(self, self._again)

    def _again(self, _screen: object) -> None:
        self.refresh()

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Key strong, words muted."""
        keys = list(live_keys(self.screen))
        keys.sort(key=lambda entry: entry[2].endswith("help"))
        last = keys[-1] if keys and keys[-1][2].endswith("help") else None
        room = width - (self._cells(last) if last else 0)
        row: list[Piece] = [(" ", "")]
        position = 1
        for entry in keys:
            size = self._cells(entry)
            if entry is not last and position + size > room:
                continue
            key, words, action = entry
            self.target(y, position, position + size - 3, action)
            row += [(key, "accent"), (f" {words}", "muted"), ("   ", "")]
            position += size
        return row

    @staticmethod
    def _cells(entry: tuple[str, str, str]) -> int:
        return cell_len(entry[0]) + 1 + cell_len(entry[1]) + 3
