"""What a run knows, beside the step: its head line, values, evidence and stop rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from textual.content import Content

from triage.model.clean_text import clean_line
from triage.model.json_value import Json
from triage.model.run import RunView, WayBack
from triage.tui.clock_words import span
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.answer_form import as_text, shown_time
from triage.tui.widgets.drawn_line import DrawnLines, spread

OUTCOME_WORDS = {
    "resolved": "resolved",
    "workaround": "workaround given",
    "handed_over": "handed over",
    "not_applicable": "this playbook did not apply",
    "unresolved": "not resolved",
}
STATUS_WORDS = {"parked": "PARKED", "ended": "ended", "stopped": "STOPPED", "abandoned": "abandoned"}


def value_words(value: Json, zone: tzinfo | None = None) -> str:
    """A value in one line; times are local."""
    if value is None:
        return "not known"
    return shown_time(clean_line(as_text(value).replace("\n", ", ")), zone)


def head_pieces(view: RunView, key: str, now: datetime, kept: str) -> tuple[list[Piece], list[Piece]]:
    """The head line: what runs for whom at the left; people, time and the state of drafts at the right."""
    left: list[Piece] = [
        (f" {clean_line(key)} ", "strong"),
        (f" {clean_line(view.playbook_id)} v{view.version}", "accent"),
        (f" · {clean_line(view.title)}", ""),
    ]
    if view.status in STATUS_WORDS:
        left.append((f" · {STATUS_WORDS[view.status]}", "severity"))
    command = view.current.command if view.current else None
    if command is not None and command.trust == "none":
        left.append((" · NOT TRUSTED", "severity"))
    if view.stale:
        left.append((f" · {clean_line(view.stale)}", "severity"))
    right: list[Piece] = [(f"driver {clean_line(view.driver) or '?'}", "muted")]
    if view.navigator:
        right.append((f" · navigator {clean_line(view.navigator)}", "muted"))
    right.append((f" · {span(now - view.opened_at)}", "muted"))
    if kept:
        right.append((f" · {kept}", "promise" if kept == "NOT SAVED" else "muted"))
    return left, [*right, (" ", "")]


def known(view: RunView, zone: tzinfo | None = None) -> Content:
    """Values, evidence, drafts, and what stops the run."""
    pieces: list[Piece] = []
    for name, value in view.variables.items():
        pieces += [(f"{clean_line(name)}  ", "muted"), (f"{value_words(value, zone)}\n", "")]
    if view.evidence:
        pieces.append((f"\nevidence {len(view.evidence)}\n", "strong"))
        pieces += [(f"· {clean_line(item.summary)}\n", "") for item in view.evidence[-6:]]
    if view.drafts:
        pieces.append((f"\ntexts kept {len(view.drafts)}\n", "strong"))
    if view.ways_back:
        pieces.append(("\nwent back\n", "strong"))
        pieces += [(f"· {way_back_words(one)}\n", "") for one in view.ways_back[-4:]]
    if view.stop_rules:
        pieces.append(("\nSTOP when\n", "strong-promise"))
        pieces += [(f"· {clean_line(rule)}\n", "") for rule in view.stop_rules]
    return content(*pieces) if pieces else content(("Nothing is known yet.", "muted"))


def way_back_words(one: WayBack) -> str:
    """To which step, and why where it was said."""
    why = f": {clean_line(one.reason)}" if one.reason else ""
    return f"to “{clean_line(one.title)}”{why}"


def memory(items: Sequence[str]) -> Content:
    """What has to be known by heart before the first step."""
    pieces: list[Piece] = [("FROM MEMORY, before the first step\n\n", "strong-accent")]
    for number, item in enumerate(items, start=1):
        pieces += [(f"{number}  ", "muted"), (f"{clean_line(item)}\n\n", "strong")]
    return content(*pieces, ("enter: I have them in mind (this is recorded)", "muted"))


def ending(view: RunView) -> Content:
    """How a run that is over ended."""
    word = OUTCOME_WORDS.get(view.outcome or "", "stopped before its end")
    pieces: list[Piece] = [("The run is over: ", "muted"), (word, "strong-accent")]
    if view.summary:
        pieces.append((f"\n\n{view.summary}", ""))
    if view.root_cause:
        pieces.append(("\n\nProbable cause (suggested)\n", "strong"))
        pieces.append((value_words(view.root_cause.get("statement")), ""))
    if view.drafts:
        pieces.append(("\n\nTexts kept with the case: ", "muted"))
        pieces.append((", ".join(clean_line(step) for step in view.drafts), ""))
    return content(*pieces, ("\n\nq goes back to the case", "muted"))


class RunHead(DrawnLines):
    """The head line of the runner."""

    def __init__(self) -> None:
        super().__init__(classes="run-head")
        self._left: list[Piece] = []
        self._right: list[Piece] = []

    def show(self, left: list[Piece], right: list[Piece]) -> None:
        """Draw these pieces."""
        self._left, self._right = left, right
        self.refresh()

    def pieces(self, y: int, width: int) -> Sequence[Piece]:
        """Left and right, the left giving way."""
        return spread(self._left, self._right, width)
