"""Options side by side in a form: picked by arrows, number, hotkey, the first letters, or the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from triage.model.clean_text import clean_line
from triage.model.run import Option
from triage.tui.safe_text import content
from triage.tui.widgets.early_key import hand_on, passed_on, walked

GAP = 3
"""Cells between two options side by side."""


MANY = 9
"""Options that digits can name; of more, only what is picked shows until the cursor is there."""


class ChoiceLine(Widget, can_focus=True):
    """Options side by side, picked by arrows, number, hotkey or mouse; with ``many`` each is a tick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "before", show=False),
        Binding("right", "move(1)", "after", show=False),
        Binding("space", "tick", "pick", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another option is picked."""

        line: ChoiceLine

    @dataclass
    class Left(Message):
        """Enter, or an option named by its key: on to the next field."""

        named: bool = False

    def __init__(self, options: Sequence[Option], *, many: bool = False, picked: Sequence[str] = ()) -> None:
        super().__init__()
        self.options = tuple(options)
        self.many = many
        self.picked = [one.value for one in self.options if one.value in picked]
        self.onward: Callable[[], bool] | None = None
        """Moves the cursor to the next field at once; False where there is none."""
        self._at = next((at for at, one in enumerate(self.options) if one.value in picked), 0)
        self.words_field: Callable[[], Widget | None] | None = None
        """Moves the cursor to the field for words, where a sentence goes; None where there is none."""
        self._typed = ""
        self._heard: list[events.Key] = []
        """Every letter since the cursor came, and what was picked before the first of them."""
        self._picked_before: list[str] = []
        self._unfolding = False
        """Whether the options unfolded just now, so that a click was not meant for one of them."""

    @property
    def folded(self) -> bool:
        """Whether only what is picked shows."""
        return len(self.options) > MANY and not self.has_focus

    def _laid_out(self, width: int) -> list[list[int]]:
        """Which options stand on which row, whole ones only."""
        rows: list[list[int]] = [[]]
        used = 0
        for at in range(len(self.options)):
            size = self._part(at).cell_length + GAP
            if rows[-1] and used + size - GAP > width:
                rows.append([])
                used = 0
            rows[-1].append(at)
            used += size
        return rows

    def _part(self, at: int) -> Content:
        one = self.options[at]
        taken = one.value in self.picked
        mark = ("[x]" if taken else "[ ]") if self.many else ("●" if taken else "○")
        number = f"{at + 1} " if at < 9 else ""
        label = clean_line(one.label or one.value)
        part = content((number, "muted"), (f"{mark} {label}", "strong-accent" if taken else ""))
        return part.stylize("underline") if self.has_focus and at == self._at else part

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the options need at ``width``."""
        return 1 if self.folded else len(self._laid_out(width))

    def render(self) -> Content:
        """Every option with its mark; the cursor's one is underlined while the field has the focus."""
        if self.folded:
            taken = [self._part(at) for at, one in enumerate(self.options) if one.value in self.picked]
            rest = content(
                (f"one of {len(self.options)}" if not taken else f"of {len(self.options)}", "muted")
            )
            return content((" ", "")).join([*taken, rest])
        rows = self._laid_out(self.size.width)
        gap = content((" " * GAP, ""))
        return Content("\n").join(gap.join(self._part(at) for at in row) for row in rows)

    def on_key(self, event: events.Key) -> None:
        """A digit or hotkey names the option, letters go to the first one that begins with them.

        Letters that begin none are the beginning of a sentence: it goes on in the field for words.
        """
        self._unfolding = False
        if passed_on(self, event) or walked(self, event):
            return
        at = self._named(event.character or "")
        if at is not None:
            self._forget()
            self._at = at
            self._take()
            if not self.many:
                self._go_on(named=True)
        elif event.key == "enter":
            self._go_on(named=False)
        elif (event.key == "space" and self._typed) or (event.character and event.character.isalpha()):
            self._hear(event)
        else:
            self._forget()
            return
        event.stop()
        event.prevent_default()

    def on_focus(self) -> None:
        """Unfold."""
        self._unfolding = len(self.options) > MANY
        self.refresh(layout=True)

    def on_blur(self) -> None:
        """Fold; letters typed here before do not count the next time."""
        self._forget()
        self.refresh(layout=True)

    def _named(self, character: str) -> int | None:
        named = [at for at, one in enumerate(self.options) if character and one.hotkey == character]
        if named:
            return named[0]
        if character.isdecimal() and 0 < int(character) <= len(self.options):
            return int(character) - 1
        return None

    def _forget(self) -> None:
        self._typed = ""
        self._heard.clear()

    def _hear(self, event: events.Key) -> None:
        if not self._heard:
            self._picked_before = list(self.picked)
        self._heard.append(event)
        if not self._spell(event.character or ""):
            self._hand_over()

    def _hand_over(self) -> None:
        """What was typed is a sentence: it goes to the field for words, and the choice is as it was."""
        field = self.words_field() if self.words_field is not None else None
        if field is not None:
            heard = list(self._heard)
            if self.picked != self._picked_before:
                self.pick(self._picked_before)
                self.post_message(self.Changed(self))
            self._forget()
            hand_on(field, heard)

    def _spell(self, character: str) -> bool:
        """To the option that begins with what was typed; whether there is one, or may be one yet."""
        at = self._begins(self._typed + character)
        if at is None and character == " ":
            return self._spelled()
        if at is None and self._begins(self._typed) is not None:
            self._typed, at = "", self._begins(character)
        self._typed += character
        if at is None:
            return False
        self._at = at
        if self.many:
            self.refresh()
        else:
            self._take()
        return True

    def _spelled(self) -> bool:
        """A space behind the letters of an option: it is meant."""
        if self._begins(self._typed) is None:
            return False
        self._typed = ""
        if self.many:
            # A tick is made on purpose: what is typed after it begins anew.
            self._forget()
        self._take()
        return True

    def _begins(self, typed: str) -> int | None:
        """The first option whose label, or a word of it, begins with ``typed``."""
        wanted = typed.casefold()
        labels = [clean_line(one.label or one.value).casefold() for one in self.options]
        starts = [at for at, label in enumerate(labels) if label.startswith(wanted)]
        inside = [at for at, label in enumerate(labels) if f" {wanted}" in label]
        return next(iter(starts + inside), None) if wanted else None

    def _go_on(self, *, named: bool) -> None:
        if self.onward is None or not self.onward():
            self.post_message(self.Left(named=named))

    def pick(self, values: Sequence[str]) -> None:
        """Pick ``values`` and draw them."""
        self.picked = [one.value for one in self.options if one.value in values]
        self.refresh(layout=True)

    def action_move(self, by: int) -> None:
        """Move the cursor; where only one may be picked, pick along."""
        if not self.options:
            return
        self._at = (self._at + by) % len(self.options)
        if self.many:
            self.refresh()
        else:
            self._take()

    def action_tick(self) -> None:
        """Pick or unpick the option at the cursor."""
        if self.options:
            self._take()

    def on_click(self, event: events.Click) -> None:
        """A click picks the option under the mouse."""
        if self._unfolding:
            self._unfolding = False
            return
        rows = self._laid_out(self.size.width)
        end = 0
        for at in rows[event.y] if event.y < len(rows) else ():
            end += self._part(at).cell_length
            if event.x < end:
                self._at = at
                self._take()
                return
            end += GAP

    def _take(self) -> None:
        value = self.options[self._at].value
        if not self.many:
            self.picked = [value]
        elif value in self.picked:
            self.picked.remove(value)
        else:
            self.picked.append(value)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))
