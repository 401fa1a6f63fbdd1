"""The columns of the queue and how they give way when the terminal is narrow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from triage.model.queue import QueueItem
from triage.tui.clock_words import promise, span
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, fit

GUTTER = 2
"""Cells for the new/changed sign and the mark, before the key."""


class Column(NamedTuple):
    """A column of ``width`` cells, followed by two blanks (one after PRI)."""

    name: str
    width: int
    right: bool = False


@lru_cache(8)
def columns(width: int) -> tuple[Column, ...]:
    """The columns for a list of ``width`` cells.

    The owner goes first, then the state, then the customer narrows; the subject is the last to shrink.
    """
    roomy = width >= 150
    plan = {
        "KEY": 9,
        "CUSTOMER": 24 if roomy else 15,
        "SUBJECT": 0,
        "PRI": 3,
        "WAITING": 7,
        "PROMISE": 13,
        "STATE": 20 if roomy else 14,
        "OWNER": 14 if roomy else 7,
    }
    for name, narrower in (("OWNER", 0), ("STATE", 0), ("CUSTOMER", 10), ("CUSTOMER", 0), ("PROMISE", 10)):
        if _left(plan, width) >= 22:
            break
        if narrower:
            plan[name] = narrower
        else:
            del plan[name]
    plan["SUBJECT"] = max(4, _left(plan, width))
    return tuple(Column(name, size, right=name == "WAITING") for name, size in plan.items())


def _left(plan: dict[str, int], width: int) -> int:
    taken = sum(size for name, size in plan.items() if name != "SUBJECT")
    return width - GUTTER - taken - 2 * (len(plan) - 1)


def heading(chosen: Sequence[Column]) -> list[Piece]:
    """The row of column names."""
    names = (fit(column.name, column.width, right=column.right) for column in chosen)
    return [(" " * (GUTTER + 1), ""), ("  ".join(names), "muted")]


def row(
    item: QueueItem, chosen: Sequence[Column], *, now: datetime, zone: tzinfo, person: str
) -> list[Piece]:
    """One escalation in ``chosen`` columns."""
    pieces: list[Piece] = [_fresh(item), (SIGN.marked if item.marked else " ", "accent")]
    for column in chosen:
        text, tone = _cell(item, column.name, now, zone, person)
        room = column.width
        for badge in _badges(item) if column.name == "SUBJECT" else ():
            # The one column that is there at every width.
            pieces.append((badge[0][:room], badge[1]))
            room -= len(pieces[-1][0])
        # The gap belongs to the cell: a change of style costs some forty bytes on the wire.
        pieces.append((fit(text, room, right=column.right) + "  ", tone))
    return pieces


def _badges(item: QueueItem) -> list[Piece]:
    """What is owed on it besides promises, in a word each."""
    late: list[Piece] = [(f"{SIGN.owed}{item.late} late ", "promise")] if item.late else []
    return late + ([("resume ", "severity")] if item.resume else [])


def _fresh(item: QueueItem) -> Piece:
    if item.fresh == "new":
        return (SIGN.new, "strong-accent")
    if item.fresh == "changed":
        return (SIGN.changed, "strong-accent")
    return (" ", "")


def _cell(item: QueueItem, name: str, now: datetime, zone: tzinfo, person: str) -> Piece:
    if name == "KEY":
        return (item.key, "strong" if item.fresh else "")
    if name == "CUSTOMER":
        if item.relationship != "customer":
            return (f"{item.customer or '-'} ({item.relationship.replace('_', ' ')})", "muted")
        return (item.customer or "-", "")
    if name == "SUBJECT":
        return (item.subject, "strong" if item.fresh == "new" else "")
    if name == "PRI":
        return priority(item)
    if name == "WAITING":
        return (span(now - item.waiting_since), "")
    if name == "PROMISE":
        return promise(item.next_promise_due, now, zone)
    if name == "STATE":
        return state(item)
    return owner(item, person)


def priority(item: QueueItem) -> Piece:
    """The sign of the priority."""
    if item.priority == "urgent":
        return (SIGN.urgent, "severity")
    if item.priority == "high":
        return (SIGN.high, "severity")
    return (SIGN.low if item.priority == "low" else SIGN.normal, "muted")


def state(item: QueueItem) -> Piece:
    """What was done with it here, and whether a write waits."""
    words = item.local_state or "new"
    if item.unacknowledged and words == "new":
        words = "unacknowledged"
    if item.to_send:
        return (f"{SIGN.to_send}{item.to_send} {words}", "accent")
    if words == "unacknowledged":
        return (words, "severity")
    return (words, "muted" if words == "new" else "")


def owner(item: QueueItem, person: str) -> Piece:
    """Who has it; ``you`` when it is the person at the keys."""
    if not item.assignee:
        return ("-", "muted")
    mine = item.assignee.casefold() in ("me", person.casefold())
    return ("you" if mine else item.assignee, "accent" if mine else "muted")
