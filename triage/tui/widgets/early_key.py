"""Keys pressed before the cursor had moved on.

A field hears its keys one after the other, while the screen may already have moved the cursor. Who types
without waiting must find every letter in the field it was meant for, and in their order.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.widget import Widget


def passed_on(field: Widget, event: events.Key) -> bool:
    """Whether the cursor has left ``field`` meanwhile, so that ``event`` went to where the cursor is."""
    now = field.screen.focused
    if now is None or now is field:
        return False
    event.stop()
    event.prevent_default()
    hand_on(now, [event])
    return True


def hand_on(to: Widget, keys: Iterable[events.Key]) -> None:
    """Give ``keys`` to a field as if they had been pressed there."""
    for key in keys:
        copy = events.Key(key.key, key.character)
        # As the app marks what it has given to a field; else it would come back and be given a second time.
        copy._set_forwarded()
        to.post_message(copy)


def walked(field: Widget, event: events.Key) -> bool:
    """Whether ``event`` is a tab, which moves the cursor here and now."""
    if event.key not in ("tab", "shift+tab"):
        return False
    event.stop()
    event.prevent_default()
    if event.key == "tab":
        field.screen.focus_next()
    else:
        field.screen.focus_previous()
    return True
