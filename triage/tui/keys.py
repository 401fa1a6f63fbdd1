"""Keys that mean the same on every screen."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOTIONS: list[BindingType] = [
    Binding("j,down", "down", "down", show=False, id="list.down"),
    Binding("k,up", "up", "up", show=False, id="list.up"),
    Binding("g,home", "top", "first", show=False, id="list.top"),
    Binding("G,end", "bottom", "last", show=False, id="list.bottom"),
    Binding("ctrl+d", "half_down", "half a page down", show=False, id="list.half_down"),
    Binding("ctrl+u", "half_up", "half a page up", show=False, id="list.half_up"),
    Binding("ctrl+f,pagedown", "page_down", "page down", show=False, id="list.page_down"),
    Binding("ctrl+b,pageup", "page_up", "page up", show=False, id="list.page_up"),
]
"""Moving in a list, as in vim and less."""

BACK: list[BindingType] = [
    Binding("q,escape", "back", "back", id="screen.back"),
    Binding("h", "back", "back", show=False, id="screen.back_vim"),
]
"""Leaving a screen that holds no unfinished text."""

HELP: list[BindingType] = [
    Binding("question_mark", "help", "help", key_display="?", id="app.help"),
]
"""The page that lists what every key does now."""

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "exclamation_mark": "!",
    "colon": ":",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "down": "↓",
    "up": "↑",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def key_name(key: str) -> str:
    """How a key is written for people: ``?``, ``Enter``, ``Ctrl+D``, ``F4``."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key_name(key.removeprefix('ctrl+')).upper()}"
    if key.startswith("shift+"):
        return f"Shift+{key_name(key.removeprefix('shift+'))}"
    return key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key
