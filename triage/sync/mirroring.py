"""Writing what was read into the mirror, in a write of the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triage.store import mirror, outbox, queue_rows
from triage.sync.own_notes import stamped
from triage.sync.reading import Reading


def keep_readings(session: Session, readings: Sequence[Reading], read_at: datetime) -> None:
    """Keep tickets and timelines, know our own notes again, and derive the queue rows anew.

    ``read_at`` is when they were read (UTC).
    """
    mirror.save_tickets(session, [reading.ticket for reading in readings], read_at)
    for whole in (True, False):
        timelines = {
            reading.ticket.id: reading.timeline
            for reading in readings
            if reading.timeline is not None and reading.complete is whole
        }
        ours = {one: outbox.list_operations(session, ticket_id=one, finished=True) for one in timelines}
        marked = {one: stamped(events, ours[one]) for one, events in timelines.items()}
        mirror.save_timelines(session, marked, mode="replace" if whole else "upsert")
    queue_rows.refresh(session, [reading.ticket.id for reading in readings])
