"""Where we are in an investigation: the head line, and the list of all questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class HeadPart:
    """A part of the head line; of those that may give way the highest ``rank`` goes first."""

    piece: Piece
    right: bool = False
    rank: int = 0
    """0 never gives way: where we are, the minutes, the promise clock, what is not saved."""


def head_parts(
    view: InvestigationView, *, now: datetime, zone: tzinfo, spent_s: float, kept: str
) -> list[HeadPart]:
    """What and where at the left; minutes, promise and drafts at the right."""
    one = view.investigation
    left = [
        HeadPart((f" {clean_line(one.ticket_key)} ", "strong")),
        HeadPart((f" {clean_line(one.id)}", "accent"), rank=3),
    ]
    if one.navigator:
        pair = f" · {clean_line(one.driver)} + {clean_line(one.navigator)}"
        left.append(HeadPart((pair, "accent"), rank=4))
    if one.facts_locked_at is not None:
        left.append(HeadPart((" · facts locked", "good"), rank=2))
    left.append(HeadPart((f" · {part_words(view)}", "")))
    if one.state in {"adopted", "reopened", "superseded", "awaiting_parties"}:
        words = "waits for parties" if one.state == "awaiting_parties" else one.state
        left.append(HeadPart((f" · {words}", "good"), rank=1))
    left.append(HeadPart((f" · {one.mode}, {one.phase}", "muted"), rank=5))
    return [*left, *_right(view, now=now, zone=zone, spent_s=spent_s, kept=kept)]


def _right(
    view: InvestigationView, *, now: datetime, zone: tzinfo, spent_s: float, kept: str
) -> Iterator[HeadPart]:
    must = sum(violation.level == "error" for violation in view.violations)
    if must and view.investigation.mode != "quick":
        yield HeadPart((f"F7 {must} to mend · ", "muted"), right=True, rank=6)
    share = spent_s / view.seconds_budget if view.seconds_budget else 0
    minutes = f"{int(spent_s) // 60:02}:{int(spent_s) % 60:02} of {view.seconds_budget // 60}"
    yield HeadPart((minutes, "severity" if share > NEARLY_SPENT else "muted"), right=True)
    if view.next_promise_due is not None:
        words, tone = clock_words.promise(view.next_promise_due, now, zone)
        yield HeadPart((" · ", "muted"), right=True)
        yield HeadPart(("next ", "muted"), right=True, rank=7)
        yield HeadPart((words, tone), right=True)
    if kept:
        lost = kept == "NOT SAVED"
        yield HeadPart((f" · {kept}", "promise" if lost else "muted"), right=True, rank=0 if lost else 8)


def fitted(parts: Sequence[HeadPart], width: int) -> tuple[list[Piece], list[Piece]]:
    """Left and right of as many ``parts`` as fit into ``width`` cells, what matters least left out first."""
    held = list(parts)
    while width_of([part.piece for part in held]) + 3 > width and any(part.rank for part in held):
        held.remove(max(held, key=lambda part: part.rank))
    right = [part.piece for part in held if part.right]
    return [part.piece for part in held if not part.right], [*right, (" ", "")]


class InvestigationHead(DrawnLines):
    """The head line."""

    def __init__(self) -> None:
        super().__init__(classes="investigation-head")
        self._parts: Sequence[HeadPart] = ()

    def show(self, parts: Sequence[HeadPart]) -> None:
        """Draw these."""
        self._parts = parts
        self.refresh()

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """What fits."""
        return spread(*fitted(self._parts, width), width)


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
