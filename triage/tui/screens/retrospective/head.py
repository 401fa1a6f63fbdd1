"""Where we are in an investigation: the head line, and the list of all questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from textual.content import Content

from triage.model.clean_text import clean_line
from triage.model.investigation import InvestigationView, PromptView
from triage.model.json_value import Json
from triage.tui import clock_words
from triage.tui.safe_text import Piece, content, fit
from triage.tui.widgets.drawn_line import DrawnLines, spread, width_of

PART_WORDS = {"quick": "quick", "facts": "facts", "walk_back": "walk-back", "conclusions": "conclusions"}
WALK_STEPS = 9
NEARLY_SPENT = 0.8
"""Share of the time budget after which the head says so."""


def walk_step(prompt: PromptView | None) -> int | None:
    """The step of the walk back that ``prompt`` asks about, 0 to 8; None for other prompts."""
    return prompt.step if prompt is not None and prompt.type == "rows" else None


def answered(value: Json) -> bool:
    """Whether a value is an answer; an empty list is one: "nothing"."""
    return value is not None and value != ""


def part_words(view: InvestigationView) -> str:
    """``walk-back 4 of 9``, ``facts``; what there is when nothing is asked."""
    prompt = view.prompt
    if prompt is None:
        return "all asked"
    step = walk_step(prompt)
    if step is not None:
        return f"walk-back {step + 1} of {WALK_STEPS}"
    if prompt.part == "quick" and view.investigation.mode != "quick":
        return PART_WORDS["facts"]
    return PART_WORDS.get(prompt.part, clean_line(prompt.part))


def head_pieces(
    view: InvestigationView, *, now: datetime, zone: tzinfo, spent_s: float, kept: str
) -> tuple[list[Piece], list[Piece]]:
    """What and where at the left; minutes, promise and drafts at the right."""
    one = view.investigation
    left: list[Piece] = [(f" {clean_line(one.ticket_key)} ", "strong"), (f" {clean_line(one.id)}", "accent")]
    if one.facts_locked_at is not None:
        left.append((" · facts locked", "good"))
    left.append((f" · {part_words(view)}", ""))
    if one.state in {"adopted", "reopened", "superseded"}:
        left.append((f" · {one.state.replace('_', ' ')}", "good"))
    left.append((f" · {one.mode}, {one.phase}", "muted"))
    share = spent_s / view.seconds_budget if view.seconds_budget else 0
    minutes = f"{int(spent_s) // 60:02}:{int(spent_s) % 60:02} of {view.seconds_budget // 60}"
    must = sum(violation.level == "error" for violation in view.violations)
    right: list[Piece] = [(f"F7 {must} to mend · " if must and one.mode != "quick" else "", "muted")]
    right.append((minutes, "severity" if share > NEARLY_SPENT else "muted"))
    if view.next_promise_due is not None:
        words, tone = clock_words.promise(view.next_promise_due, now, zone)
        right += [(" · next ", "muted"), (words, tone)]
    if kept:
        right.append((f" · {kept}", "promise" if kept == "NOT SAVED" else "muted"))
    return left, [*right, (" ", "")]


class InvestigationHead(DrawnLines):
    """The head line."""

    def __init__(self) -> None:
        super().__init__(classes="investigation-head")
        self._left: list[Piece] = []
        self._right: list[Piece] = []

    def show(self, left: list[Piece], right: list[Piece]) -> None:
        """Draw these pieces."""
        self._left, self._right = left, right
        self.refresh()

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Left and right; where it is tight, what is missing gives way first, then the left."""
        right = self._right
        if width_of(self._left) + width_of(right) > width:
            right = right[1:]
        return spread(self._left, right, width)


def prompt_line(prompt: PromptView, current: str, width: int) -> Content:
    """One question in a list: its state as a mark and a word, its number, its words."""
    if prompt.id == current:
        mark, tone = "▶", "strong-accent"
    elif prompt.draft:
        mark, tone = "✎", "severity"
    elif answered(prompt.value):
        mark, tone = "✓", "good"
    elif prompt.required:
        mark, tone = "○", ""
    else:
        mark, tone = "·", "muted"
    name = clean_line(prompt.id)
    return content(
        (f"{mark} ", tone),
        (f"{name:<4} ", "muted"),
        (fit(clean_line(prompt.ask), max(width - 8, 10)), tone if mark in "▶·" else ""),
    )
