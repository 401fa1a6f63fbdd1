"""A list of options that is quicker than a menu: every option has a number, some have a letter."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListOption

from triage.model.clean_text import clean_line
from triage.model.run import Option
from triage.tui.safe_text import content


class PickList(OptionList):
    """Options to pick by number, hotkey, arrows or mouse; with ``many``, space ticks them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "tick"),
        Binding("enter", "done", "done"),
    ]

    @dataclass
    class Done(Message):
        """One was picked, or Enter closed a list of ticks."""

        pick: PickList

    @dataclass
    class Ticked(Message):
        """The ticks changed."""

        pick: PickList

    def __init__(
        self,
        options: Sequence[Option],
        *,
        many: bool = False,
        picked: Sequence[str] = (),
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self.choices = tuple(options)
        self.many = many
        self.picked: list[str] = [one.value for one in self.choices if one.value in picked]
        self.add_options([ListOption(self._row(at)) for at in range(len(self.choices))])
        if self.picked:
            values = [one.value for one in self.choices]
            self.highlighted = values.index(self.picked[0])
        elif many and self.choices:
            self.highlighted = 0

    def _row(self, at: int) -> Content:
        one = self.choices[at]
        taken = one.value in self.picked
        lead = 6 if self.many else 4
        label = clean_line(one.label or one.value)
        room = self.size.width - lead - 2
        if room > 20:
            label = textwrap.fill(label, room, subsequent_indent=" " * lead, break_on_hyphens=False)
        box = ("[x] " if taken else "[ ] ") if self.many else ("● " if taken else "○ ")
        return content(
            (f"{self._key_of(at)} ", "accent"),
            (box, "accent" if taken else "muted"),
            (label, "strong" if taken else ""),
        )

    def _key_of(self, at: int) -> str:
        hotkey = clean_line(self.choices[at].hotkey)[:1]
        if hotkey:
            return hotkey
        return str(at + 1) if at < 9 and not self._digits_taken else " "

    @property
    def _digits_taken(self) -> bool:
        """Whether digits are hotkeys here, so that they cannot count the options as well."""
        return any(one.hotkey.isdecimal() for one in self.choices)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ticking is offered where several may be picked, Enter where it would pick something."""
        if action == "tick":
            return self.many
        return self.many or self.highlighted is not None if action == "done" else True

    def on_option_list_option_highlighted(self, _: OptionList.OptionHighlighted) -> None:
        """Now Enter picks."""
        self.refresh_bindings()

    def on_resize(self, _: events.Resize) -> None:
        """Long options hang under their own beginning, whatever the width."""
        for at in range(len(self.choices)):
            self.replace_option_prompt_at_index(at, self._row(at))

    def pick(self, values: Sequence[str]) -> None:
        """Pick ``values`` and draw them."""
        self.picked = [one.value for one in self.choices if one.value in values]
        for at in range(len(self.choices)):
            self.replace_option_prompt_at_index(at, self._row(at))

    def take(self, value: str) -> None:
        """Pick ``value`` as a person would, and put the cursor on it."""
        values = [one.value for one in self.choices]
        if value in values:
            self.highlighted = values.index(value)
            self._take(values.index(value))

    def on_key(self, event: events.Key) -> None:
        """A digit or a hotkey names an option; hotkeys come before the keys of the screen."""
        at = self._named(event.character or "")
        if at is None:
            return
        event.stop()
        event.prevent_default()
        self.highlighted = at
        self._take(at)

    def _named(self, character: str) -> int | None:
        if not character:
            return None
        hot = [at for at, one in enumerate(self.choices) if one.hotkey == character]
        if hot:
            return hot[0]
        if not self._digits_taken and character in "123456789" and int(character) <= len(self.choices):
            return int(character) - 1
        return None

    def _take(self, at: int) -> None:
        value = self.choices[at].value
        if not self.many:
            self.pick([value])
            self.post_message(self.Done(self))
            return
        self.pick(
            [one for one in self.picked if one != value] if value in self.picked else [*self.picked, value]
        )
        self.post_message(self.Ticked(self))

    def action_select(self) -> None:
        """A click takes the option under it."""
        if self.highlighted is not None:
            self._take(self.highlighted)

    def action_tick(self) -> None:
        """Tick the row of the cursor, or pick it where only one may be."""
        self.action_select()

    def action_done(self) -> None:
        """Enter: pick the row of the cursor, or be done with ticking."""
        if self.many:
            self.post_message(self.Done(self))
        else:
            self.action_select()
