"""A sheet of paper for thirty minutes together: a form prepares a conversation, it does not replace it.

The history comes first and takes most of the time; fixes are parked until the end.
"""

from __future__ import annotations

from triage.model.clean_text import clean_line
from triage.model.investigation import CaseEvent, Investigation
from triage.retrospective import script

COLUMNS = 78
MINUTES = {"open": 3, "history": 12, "walk": 9, "held": 3, "end": 3}
_TELLING = frozenset({
    "contact", "escalation", "handoff", "hypothesis", "silence", "workaround", "fix", "verify", "change",
    "alert",
})  # fmt: skip
_EVENTS = 14
_BLANK = "  " + "_" * (COLUMNS - 2)


def debrief_sheet(it: Investigation) -> str:
    """The sheet as plain text of at most `COLUMNS` columns, with room to write on paper."""
    lines = [
        f"{it.id}   {clean_line(it.ticket_key)}   thirty minutes, one who was not involved leads",
        "We describe; we do not judge. What made sense then is the question. Fixes are parked.",
        "",
        _head("Open", "open"),
        "  Who is here, by role: ______________________   Minutes kept by: __________",
        f"  Effect: {clean_line(it.impact) or '______'}",
        "",
        _head("What happened: read it aloud, stop where somebody remembers it otherwise", "history"),
        *[_event(one) for one in _told(it)],
        "  What did each side believe at the time, and what told them so?",
        _BLANK,
        _BLANK,
        "",
        _head("Walk back: what thing would have stopped it here?", "walk"),
        *[f"  {step}. {title}" for step, title in _steps()],
        _BLANK,
        _BLANK,
        "",
        _head("What held, and where were we lucky?", "held"),
        _BLANK,
        "",
        _head("End: what do we still not know, and who tells the customer what by when?", "end"),
        _BLANK,
        "",
        "Parked ideas for fixes:",
        *([f"  - {clean_line(one)}" for one in it.parked_fixes] or [_BLANK]),
    ]
    return "\n".join(_cut(line) for line in lines) + "\n"


def _head(title: str, part: str) -> str:
    return f"[{MINUTES[part]:>2} min] {title}"


def _told(it: Investigation) -> list[CaseEvent]:
    return [one for one in it.timeline if one.kind in _TELLING][:_EVENTS]


def _event(one: CaseEvent) -> str:
    return f"  {one.id} {one.at:%d %b %H:%M}Z {one.kind.replace('_', ' ')}: {clean_line(one.text)}"


def _steps() -> list[tuple[int, str]]:
    walked = [one for one in script.script("full").prompts if one.step is not None]
    return [(one.step, one.title) for one in walked if one.step is not None]


def _cut(line: str) -> str:
    return line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…"
