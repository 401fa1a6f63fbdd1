"""What will be written, and how far a write has come, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from triage.model.operation import Operation, WriteState
from triage.tui.clock_words import ago, clock
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, fit
from triage.tui.wrapping import wrapped

if TYPE_CHECKING:
    from triage.desk.views import WritePage

NOTE_AT = 5
"""Column where the text of a note begins."""
VALUE_AT = 15
"""Column where the value of a field begins."""

_STATES: dict[WriteState, tuple[str, str]] = {
    "proposed": ("waits for your yes", "accent"),
    "pending": ("ready to be sent", "accent"),
    "sending": ("being sent", "accent"),
    "unknown": ("no answer: looking for it", "severity"),
    "landed": ("arrived, being read back", "good"),
    "verified": ("arrived and read back", "good"),
    "conflict": ("conflict: pick a side", "strong-promise"),
    "rejected": ("refused by the helpdesk", "strong-promise"),
    "parked": ("parked: needs you", "severity"),
    "dropped": ("given up", "muted"),
}


def state_words(state: WriteState) -> Piece:
    """How far a write has come."""
    return _STATES[state]


def in_short(operation: Operation) -> list[Piece]:
    """What an operation does, in one line."""
    change = operation.change
    parts: list[Piece] = []
    if change.note is not None:
        public = change.note.visibility == "public"
        tone = "strong-public" if public else "internal"
        parts.append(("PUBLIC REPLY" if public else "internal note", tone))
        parts += [(f"file {file.name}", tone) for file in change.note.files]
    if change.tags_add or change.tags_remove:
        tags = [f"+ {tag}" for tag in change.tags_add] + [f"- {tag}" for tag in change.tags_remove]
        parts.append((f"tags {' '.join(tags)}", ""))
    parts += [(f"{name} {SIGN.arrow} {value}", "") for name, value in change.fields.items()]
    if change.status is not None:
        parts.append((f"status {SIGN.arrow} {change.status}", ""))
    if change.assignee is not None:
        who = "you" if change.assignee == "me" else change.assignee
        parts.append((f"assignee {SIGN.arrow} {who}", ""))
    row: list[Piece] = []
    for part in parts or [("nothing", "muted")]:
        row += [part, (" · ", "muted")]
    return row[:-1]


def page_rows(page: WritePage, width: int) -> list[list[Piece]]:
    """The body of the page, ``width`` cells wide: what is sent, in the order it is sent. Texts are whole."""
    rows: list[list[Piece]] = []
    number = 0
    for line in page.lines:
        number += not line.goes_along
        if line.visibility is not None:
            sign = SIGN.public if line.visibility == "public" else SIGN.internal
            tone = "strong-public" if line.visibility == "public" else "internal"
            seen = "the customer sees it" if line.visibility == "public" else "seen by agents only"
            said = "   " if line.goes_along else f" {number} "
            rows.append([(said, "muted"), (f"{sign} {line.heading}", tone), (f", {seen}", tone)])
            rows += [[(" " * NOTE_AT, ""), (text, "")] for text in _whole(line.text, width - NOTE_AT)]
            rows.append([("", "")])
        else:
            rows += _plain(number, line.heading, line.text, width)
    return rows


def masked_rows(page: WritePage) -> list[Piece]:
    """What looked like a secret: masked, or sent on purpose; and what else is worth a word."""
    if page.remark:
        return [*_masked(page), (f" {page.remark}", "muted"), ("\n", "")]
    return _masked(page)


def _masked(page: WritePage) -> list[Piece]:
    if page.unmasked:
        said = " The note carries what looks like a secret: the ticket's key was typed to send it."
        return [(said, "severity"), ("\n", "")]
    rows: list[Piece] = []
    for place in page.masked:
        rows += [(" masked, it looks like a secret: ", "severity"), (place, ""), ("\n", "")]
    return rows


def _plain(number: int, heading: str, text: str, width: int) -> list[list[Piece]]:
    first, *rest = _whole(text, width - VALUE_AT) or [""]
    rows: list[list[Piece]] = [[(f" {number} ", "muted"), (f"{heading:<11} ", ""), (first, "")]]
    rows += [[(" " * VALUE_AT, ""), (more, "")] for more in rest]
    return rows


def _whole(text: str, width: int) -> list[str]:
    """All of ``text`` in rows: what leaves the machine is never cut on the page that shows it."""
    rows, _ = wrapped(text, width, len(text) + 1)
    return rows


def version_words(page: WritePage, now: datetime, zone: tzinfo) -> Piece:
    """Whether the ticket moved on since the page was made."""
    seen = _version(page.version_seen, now, zone)
    if page.changed_since:
        return (f"The ticket changed since {seen}: sending merges, and asks where both differ.", "severity")
    return (f"server version {seen}, unchanged since you opened it", "muted")


def _version(token: str, now: datetime, zone: tzinfo) -> str:
    """A stamp as a time of day; any other token as it is, short."""
    try:
        stamp = datetime.fromisoformat(token)
        old = now - stamp >= timedelta(days=1)
    except (ValueError, TypeError):
        return token if len(token) <= 24 else f"{token[:12]}{SIGN.cut}"
    return clock(stamp, now, zone) if old else f"{stamp.astimezone(zone):%H:%M:%S}"


def outbox_row(operation: Operation, key: str, now: datetime) -> Sequence[Piece]:
    """One write in the outbox: ticket, state, what, why, how old."""
    words, tone = state_words(operation.state)
    attempts = sum(step.attempts for step in operation.steps)
    tried = f" · tried {attempts} times" if attempts > 1 else ""
    problem = f" · {operation.problem}" if operation.problem else ""
    why = f" · {operation.purpose}" if operation.purpose else ""
    return [
        (f" {fit(key, 10)}  ", "strong"),
        (fit(words, _STATE_WIDTH), tone),
        ("  ", ""),
        *in_short(operation),
        (problem, "severity"),
        (f"{tried}{why} · {ago(operation.created_at, now)}", "muted"),
    ]


_STATE_WIDTH = max(len(words) for words, _ in _STATES.values())
