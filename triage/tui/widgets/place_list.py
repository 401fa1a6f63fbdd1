"""The place-keeping list: every step on one line, with how it went.

A person who was called away finds the place again by looking, not by remembering, as with the paper
checklists of a cockpit. Glyph and word carry the state; colour only repeats them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListOption

from triage.model.clean_text import clean_line
from triage.model.run import LineMark, RunLine, StepClass
from triage.tui.safe_text import content, fit
from triage.tui.widgets.answer_form import shown_time


@dataclass(frozen=True, slots=True)
class StepLook:
    """How a class of step is told apart: by glyph and word first, by colour second."""

    glyph: str
    word: str
    tone: str


LOOKS: Mapping[StepClass, StepLook] = {
    "read": StepLook("·", "DO", "muted"),
    "ask": StepLook("?", "ASK", "strong"),
    "check": StepLook("▷", "CHECK", "accent"),
    "change": StepLook("△", "CHANGE", "severity"),
    "destructive": StepLook("▲", "DESTRUCTIVE", "strong-promise"),
    "decide": StepLook("◇", "DECIDE", "accent"),
    "talk": StepLook("✎", "WRITE", "internal"),
}

MARKS: Mapping[LineMark, tuple[str, str]] = {
    "done": ("✓", "good"),
    "current": ("▶", "strong-accent"),
    "ahead": (" ", ""),
    "elsewhere": ("·", "muted"),
    "skipped": ("↷", "severity"),
    "failed": ("✗", "promise"),
    "not_applicable": ("–", "muted"),
}

RESULT_WIDTH = 12
"""Cells that a result may take at the right; longer ones end in an ellipsis."""


def place_line(line: RunLine, width: int, zone: tzinfo | None = None) -> Content:
    """One step in ``width`` cells: mark, class, title, and the result at the right edge."""
    mark, tone = MARKS[line.mark]
    look = LOOKS[line.step_class]
    result = shown_time(clean_line(line.result), zone)
    taken = min(cell_len(result), RESULT_WIDTH) if result else 0
    room = max(width - 4 - (taken + 1 if taken else 0), 6)
    return content(
        (f"{mark} ", tone),
        (f"{look.glyph} ", look.tone if line.mark in ("current", "ahead") else "muted"),
        (fit(line.title, room), tone if line.mark in ("current", "elsewhere", "not_applicable") else ""),
        (" " + fit(result, taken, right=True) if taken else "", "muted"),
    )


def progress_line(lines: Sequence[RunLine], done: int, path_length: int) -> Content:
    """The whole list as one row of marks, for terminals too narrow for the list."""
    pieces = [
        ("·" if line.mark == "ahead" else MARKS[line.mark][0], MARKS[line.mark][1])
        for line in lines
        if line.mark != "elsewhere"
    ]
    return content(*pieces[-50:], (f"  step {min(done + 1, path_length)} of {path_length}", "muted"))


class PlaceList(OptionList, can_focus=False):
    """The steps of a run, with the current one always in sight."""

    @dataclass
    class Chosen(Message):
        """A person pointed at a step."""

        step_id: str

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._steps: tuple[RunLine, ...] = ()
        self._zone: tzinfo | None = None

    def show(self, lines: tuple[RunLine, ...], zone: tzinfo | None = None) -> None:
        """Draw ``lines``, times in ``zone``, and keep the current step in sight."""
        self._steps, self._zone = lines, zone
        self._draw()

    def _draw(self) -> None:
        width = max(self.size.width, 20)
        self.clear_options()
        self.add_options([ListOption(place_line(line, width, self._zone)) for line in self._steps])
        self.highlighted = next((at for at, line in enumerate(self._steps) if line.mark == "current"), None)

    def on_resize(self, _: events.Resize) -> None:
        """Results stay at the right edge whatever the width."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say which step was meant, instead of its row."""
        event.stop()
        self.post_message(self.Chosen(self._steps[event.option_index].step_id))
