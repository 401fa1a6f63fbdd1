"""The case under the cursor in a few lines: who, their newest words, what is promised, what may help."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.content import Content

from triage.tui.clock_words import ago, clock, promise, span
from triage.tui.glyphs import SIGN
from triage.tui.roles import role_word
from triage.tui.safe_text import Piece, content, fit
from triage.tui.widgets.drawn_line import spread

if TYPE_CHECKING:
    from triage.desk.views import CasePreview
    from triage.model.queue import QueueItem


def outline(item: QueueItem, now: datetime, width: int) -> Content:
    """What the row alone tells, while the rest is read."""
    return content(*_head(item, now), ("\n", ""), (fit(item.subject, width), "muted"))


def _head(item: QueueItem, now: datetime) -> list[Piece]:
    facts = [item.customer or "no organization", item.relationship.replace("_", " "), item.product]
    row: list[Piece] = [(item.key, "strong"), (" · ", "muted")]
    row.append((" · ".join(fact for fact in facts if fact), ""))
    row.append((f" · {item.status} · opened {ago(item.created_at, now)}", "muted"))
    return row


def preview(shown: CasePreview, now: datetime, zone: tzinfo, width: int) -> Content:
    """The whole pane, each line cut to ``width`` cells."""
    rows = [
        spread(_head(shown.item, now), (), width),
        [(fit(shown.item.subject, width), "")],
        _words(shown, now, zone, width),
        _escalation(shown, now, zone, width),
        _promises(shown, now, zone, width),
        spread(_earlier(shown), _suggested(shown), width),
    ]
    pieces: list[Piece] = []
    for row in rows:
        pieces += [*row, ("\n", "")]
    return content(*pieces[:-1])


def _words(shown: CasePreview, now: datetime, zone: tzinfo, width: int) -> list[Piece]:
    event = shown.last_words
    if event is None:
        return [("The customer has said nothing yet.", "muted")]
    who = f"{event.actor or role_word(event.actor_role)}, {clock(event.at, now, zone)}"
    flat = " ".join(event.text.split())
    said = fit(f"“{flat}”", max(10, width - len(who) - 14)).rstrip()
    return spread([(said, "")], [(f"{who} ", "muted"), (f"{SIGN.public} public", "public")], width)


def _escalation(shown: CasePreview, now: datetime, zone: tzinfo, width: int) -> list[Piece]:
    event = shown.escalation
    waited = f"waiting {span(now - shown.item.waiting_since)}"
    if event is None:
        return [(waited, "muted")]
    flat = " ".join(event.text.split())
    told = f"{waited} · {SIGN.moved} {clock(event.at, now, zone)} by {role_word(event.actor_role)}: {flat}"
    return [(fit(told, width), "muted")]


def _promises(shown: CasePreview, now: datetime, zone: tzinfo, width: int) -> list[Piece]:
    row: list[Piece] = []
    for held in sorted(shown.promises, key=lambda one: one.due):
        if held.state(now) in ("open", "missed"):
            guessed = "" if held.confirmed else " (read from the text)"
            row += [promise(held.due, now, zone), (f" {held.kind.replace('_', ' ')}{guessed}   ", "muted")]
    return spread(row or [("Nothing is promised.", "muted")], (), width)


def _earlier(shown: CasePreview) -> list[Piece]:
    if not shown.earlier:
        return []
    return [("Seen before: ", "muted"), (" · ".join(shown.earlier[:3]), "")]


def _suggested(shown: CasePreview) -> list[Piece]:
    if not shown.suggestions:
        return []
    return [("Suggests: ", "muted"), (", ".join(shown.suggestions[:2]), "accent")]
