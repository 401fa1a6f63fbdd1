"""What stands above a run and asks for nothing: who holds it, and how its file changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from triage.model.clean_text import clean_line
from triage.model.run import FileChange, RunLine, RunView
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.place_list import LANE_WORDS


def banner(view: RunView) -> Content:
    """Empty when the run is ours and its file is the one it began with."""
    pieces: list[Piece] = []
    if view.held_by:
        pieces += [
            ("READ ONLY  ", "strong-promise"),
            (
                f"{clean_line(view.held_by)} has this run open; here it is only read.\n",
                "",
            ),
        ]
    if view.notice:
        pieces += [("TAKEN BACK?  ", "strong-promise"), (f"{clean_line(view.notice)}\n", "severity")]
    if view.change is not None:
        pieces += changed_words(view.change, view.version)
    elif view.changed:
        pieces.append(("FILE CHANGED  it cannot be read now; this run stays on its own text\n", "severity"))
    return content(*pieces[:-1], (pieces[-1][0].rstrip("\n"), pieces[-1][1])) if pieces else content()


def changed_words(change: FileChange, version: int) -> list[Piece]:
    """What changed in the file, and what can be done about it."""
    said = " · ".join(_named(word, names) for word, names in _parts(change) if names)
    way = "g goes over to it; till then this run stays on its own text"
    if not change.can_migrate:
        way = f"this run stays on its own text: {clean_line(change.why_not)}"
    return [
        (f"FILE CHANGED  v{version} → v{change.version}  ", "severity"),
        (said or "words only, no step", "strong"),
        (f"\n              {way}\n", "muted"),
    ]


def _parts(change: FileChange) -> Sequence[tuple[str, tuple[str, ...]]]:
    return ("new", change.added), ("gone", change.removed), ("changed", change.altered)


def _named(word: str, names: Sequence[str]) -> str:
    shown = ", ".join(clean_line(name) for name in names[:4])
    return f"{word}: {shown}" + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def place_of(lines: Sequence[RunLine]) -> Content | None:
    """Which section, lane and inner playbook the step in hand stands in; None when it stands in none."""
    at = next((number for number, line in enumerate(lines) if line.mark == "current"), None)
    if at is None:
        return None
    here, step_id = lines[at], lines[at].step_id
    before = [line for line in lines[: at + 1] if _prefix(line.step_id) == _prefix(step_id)]
    section = next((line.section for line in reversed(before) if line.section), "")
    lane = next((line.lane for line in reversed(before) if line.lane), "")
    titles = {line.step_id: line.title for line in lines}
    parts = step_id.split("/")[:-1]
    outer = [titles.get("/".join(parts[: depth + 1]), parts[depth]) for depth in range(len(parts))]
    words = [f"inside: {clean_line(' › '.join(outer))}"] if here.depth else []
    words += [clean_line(section)] if section else []
    words += [LANE_WORDS.get(lane, clean_line(lane))] if lane else []
    return content((" · ".join(words), "accent" if here.depth else "muted")) if words else None


def _prefix(step_id: str) -> str:
    return step_id.rpartition("/")[0]
