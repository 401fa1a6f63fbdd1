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
from triage.tui.glyphs import SIGN, PlainGlyphs
from triage.tui.safe_text import content, fit
from triage.tui.widgets.answer_form import shown_time


@dataclass(frozen=True, slots=True)
class StepLook:
    """How a class of step is told apart: by glyph and word first, by colour second."""

    glyph: str
    word: str
    tone: str


_PLAIN = isinstance(SIGN, PlainGlyphs)

LOOKS: Mapping[StepClass, StepLook] = {
    "read": StepLook("=" if _PLAIN else "≡", "DO", "muted"),
    "ask": StepLook("?", "ASK", "strong"),
    "check": StepLook("c" if _PLAIN else "▷", "CHECK", "accent"),
    "change": StepLook("C" if _PLAIN else "△", "CHANGE", "severity"),
    "destructive": StepLook("!" if _PLAIN else "▲", "DESTRUCTIVE", "strong-promise"),
    "decide": StepLook("<" if _PLAIN else "◇", "DECIDE", "accent"),
    "talk": StepLook("w" if _PLAIN else "✎", "WRITE", "internal"),
}

MARKS: Mapping[LineMark, tuple[str, str]] = {
    "done": (SIGN.kept, "good"),
    "current": (">" if _PLAIN else "▶", "strong-accent"),
    "ahead": (" ", ""),
    "elsewhere": (SIGN.silence, "muted"),
    "skipped": ("s" if _PLAIN else "↷", "severity"),
    "failed": (SIGN.broken, "promise"),
    "not_applicable": ("-" if _PLAIN else "–", "muted"),
}

MARK_WORDS: Mapping[LineMark, str] = {
    "done": "done",
    "current": "the step in hand",
    "ahead": "still to come on this way",
    "elsewhere": "on another way",
    "skipped": "skipped, with a reason",
    "failed": "failed",
    "not_applicable": "did not apply",
}

LANE_WORDS: Mapping[str, str] = {"investigate": "find out", "fix": "mend", "communicate": "tell people"}

RESULT_WIDTH = 12
"""Cells that a result may take at the right; longer ones end in an ellipsis."""


def place_line(line: RunLine, width: int, zone: tzinfo | None = None) -> Content:
    """One step in ``width`` cells: mark, class, title, and the result at the right edge."""
    mark, tone = MARKS[line.mark]
    look = LOOKS[line.step_class]
    result = shown_time(clean_line(line.result), zone)
    taken = min(cell_len(result), RESULT_WIDTH) if result else 0
    border = ("| " if _PLAIN else "│ ") * line.depth
    room = max(width - 4 - len(border) - (taken + 1 if taken else 0), 6)
    return content(
        (f"{mark} ", tone),
        (border, "accent"),
        (f"{look.glyph} ", look.tone if line.mark in ("current", "ahead") else "muted"),
        (fit(line.title, room), tone if line.mark in ("current", "elsewhere", "not_applicable") else ""),
        (" " + fit(result, taken, right=True) if taken else "", "muted"),
    )


@dataclass(frozen=True, slots=True)
class Heading:
    """What begins above a step: a section, a lane, or both; ``depth`` as of the step."""

    words: str
    depth: int


def place_rows(lines: Sequence[RunLine]) -> list[RunLine | Heading]:
    """The steps with a heading wherever a section or a lane begins.

    A step that names none stays in the one before it; a playbook inside another has headings of its own.
    """
    rows: list[RunLine | Heading] = []
    last: dict[int, tuple[str, str]] = {}
    for line in lines:
        last = {depth: held for depth, held in last.items() if depth <= line.depth}
        section, lane = last.get(line.depth, ("", ""))
        now = (line.section or section, line.lane or lane)
        if now != (section, lane):
            words = [clean_line(line.section)] if line.section and line.section != section else []
            if line.lane and line.lane != lane:
                words.append(LANE_WORDS.get(line.lane, clean_line(line.lane)))
            rows.append(Heading(" · ".join(words), line.depth))
        last[line.depth] = now
        rows.append(line)
    return rows


def heading_line(heading: Heading, width: int) -> Content:
    """A heading in ``width`` cells, a rule behind it."""
    border = ("| " if _PLAIN else "│ ") * heading.depth
    words = fit(heading.words, min(cell_len(heading.words), max(width - len(border) - 3, 4)))
    lead = "  " if border else ""
    rule = SIGN.rule * max(width - len(lead + border) - cell_len(words) - 1, 0)
    return content((lead, ""), (border, "accent"), (f"{words} ", "muted"), (rule, "rule"))


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
        self._rows: list[RunLine | Heading] = []
        self._zone: tzinfo | None = None

    def show(self, lines: tuple[RunLine, ...], zone: tzinfo | None = None) -> None:
        """Draw ``lines``, times in ``zone``, and keep the current step in sight."""
        self._rows, self._zone = place_rows(lines), zone
        self._draw()

    def _draw(self) -> None:
        width = max(self.size.width, 20)
        self.clear_options()
        self.add_options(
            [ListOption(self._drawn(row, width), disabled=isinstance(row, Heading)) for row in self._rows]
        )
        current = (
            at for at, row in enumerate(self._rows) if isinstance(row, RunLine) and row.mark == "current"
        )
        self.highlighted = next(current, None)

    def _drawn(self, row: RunLine | Heading, width: int) -> Content:
        return heading_line(row, width) if isinstance(row, Heading) else place_line(row, width, self._zone)

    def on_resize(self, _: events.Resize) -> None:
        """Results stay at the right edge whatever the width."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say which step was meant, instead of its row."""
        event.stop()
        row = self._rows[event.option_index]
        if isinstance(row, RunLine):
            self.post_message(self.Chosen(row.step_id))
