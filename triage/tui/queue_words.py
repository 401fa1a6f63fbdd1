"""What the queue says about itself: counts, age, and each state in its own words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from triage.model.queue import Freshness, QueueCounts
from triage.tui.clock_words import ago, clock, rough
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece

OLD = timedelta(minutes=5)
"""From this age on what we show is called old."""


class SyncState(NamedTuple):
    """What is known about how current the rows are."""

    freshness: Freshness
    running: bool = False
    progress: str = ""
    """How far a running sync has come, in words."""


def headline(
    counts: QueueCounts | None, sync: SyncState, now: datetime, *, short: bool = False
) -> list[Piece]:
    """The right end of the first line: what is open, what is due, how old this is."""
    parts: list[list[Piece]] = []
    if counts is not None:
        parts.append([(f"{counts.open} open", "")])
        if counts.broken:
            parts.append([(f"{SIGN.broken} {counts.broken} broken", "promise")])
        if counts.unacknowledged and not short:
            parts.append([(f"{counts.unacknowledged} unacknowledged", "severity")])
        if counts.due_soon and not short:
            parts.append([(f"{SIGN.due} {counts.due_soon} due soon", "promise")])
        if counts.overdue and not short:
            what = "recommendation" if counts.overdue == 1 else "recommendations"
            parts.append([(f"{counts.overdue} {what} late", "promise")])
        if counts.to_resume and not short:
            parts.append([(f"{counts.to_resume} to resume", "severity")])
        if counts.to_send:
            parts.append([(f"{SIGN.to_send}{counts.to_send}", "accent")])
    parts.append([age(sync, now)])
    row: list[Piece] = []
    for part in parts:
        row += [*part, (" · ", "muted")]
    return row[:-1]


def age(sync: SyncState, now: datetime) -> Piece:
    """How old the rows are, in three words."""
    if sync.running:
        return (f"{SIGN.syncing} {sync.progress or 'syncing'}", "accent")
    last = sync.freshness.last_pull_at
    if sync.freshness.state == "failed":
        return ("sync failed", "severity")
    if sync.freshness.state == "stopped":
        return ("sync stopped", "severity")
    if last is None:
        return ("not synced yet", "muted")
    old = sync.freshness.state == "stale" or now - last > OLD
    return (f"synced {ago(last, now)}", "severity" if old else "muted")


def trouble(sync: SyncState, counts: QueueCounts | None, now: datetime, zone: tzinfo) -> tuple[Piece, ...]:
    """The line between head and rows when something is not as it should be, else nothing."""
    freshness = sync.freshness
    last = freshness.last_pull_at
    since = f": showing what we had at {clock(last, now, zone)}" if last else ""
    waits = f" {counts.to_send} writes wait." if counts and counts.to_send else ""
    message = freshness.message.rstrip(".")
    if freshness.state == "failed":
        return ((f"{message or 'The sync failed'}{since}.", "severity"), _RETRY)
    if freshness.state == "stopped":
        return ((f"{message or 'The sync stopped itself'}{since}.", "severity"), _ACCEPT)
    if freshness.state == "stale" and last is not None:
        return ((f"Offline for {rough(now - last)}{since}.{waits}", "severity"), _RETRY)
    if not freshness.complete:
        cut = next(iter(freshness.notices), "The helpdesk does not show all of it; narrow the queue.")
        return ((message or cut, "severity"),)
    if freshness.notices:
        return ((freshness.notices[0], "muted"),)
    return ()


_RETRY: Piece = ("  r retry · triage doctor tells more", "muted")
_ACCEPT: Piece = ("  r retry · R accept the shorter queue", "muted")


def empty(*, total: int, typed: str, view_filter: str, sync: SyncState, now: datetime) -> Sequence[Piece]:
    """What stands where rows would be."""
    last = sync.freshness.last_pull_at
    if total and typed:
        return ((f"0 of {total} match. ", ""), ("Esc clears.", "muted"))
    if total and view_filter:
        return ((f"0 of {total} are in this view. ", ""), ("1 shows everything.", "muted"))
    if last is None and sync.freshness.state == "never":
        waiting = "Pulling the queue for the first time." if sync.running else "Nothing pulled yet. r syncs."
        return ((waiting, ""),)
    if sync.freshness.state in ("failed", "stopped", "stale"):
        return (("Nothing here, and that may be wrong: the last sync did not get through.", "severity"),)
    checked = f" Last checked {ago(last, now)}." if last else ""
    return (("Nothing is escalated.", ""), (checked, "muted"))
