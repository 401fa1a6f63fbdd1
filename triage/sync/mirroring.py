"""Writing what was read into the mirror, in a write of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from triage.model.operation import Operation
from triage.model.ticket import Version
from triage.model.timeline import TimelineEvent
from triage.store import mirror, outbox, pull_state, queue_rows
from triage.store.operation_rows import OperationRow
from triage.sync.own_notes import stamped
from triage.sync.reading import Reading, settled

UNREAD = Version("", exact=False)
_UNREAD_NAME = "unread"


def keep_readings(session: Session, readings: Sequence[Reading], read_at: datetime) -> frozenset[str]:
    """Keep tickets and timelines, know our own notes again, and derive the queue rows anew.

    A ticket that comes without its timeline is kept as one of a version that no helpdesk has. ``read_at``
    (UTC) is for readings that do not say when they were begun. Returns the ids of those that are new or not
    as they were.
    """
    read_at = began(readings, read_at)
    readings = [one if one.timeline is not None else as_unread(one) for one in readings]
    ids = [reading.ticket.id for reading in readings]
    before = _held(session, ids)
    _keep(session, readings, read_at)
    after = _held(session, list(before))
    still = unread(session)
    save_unread(session, (still - set(ids)) | again(readings, read_at), still)
    return frozenset(one for one in ids if one not in before or before[one] != after[one])


def began(readings: Sequence[Reading], otherwise: datetime) -> datetime:
    """When the first of ``readings`` began, for all of them: writing them down may come much later."""
    return min((one.read_at for one in readings if one.read_at is not None), default=otherwise)


def as_unread(reading: Reading) -> Reading:
    """``reading`` with the version that says: of its timeline we know nothing."""
    return replace(reading, ticket=replace(reading.ticket, version=UNREAD))


def again(readings: Sequence[Reading], now: datetime) -> frozenset[str]:
    """Those that must be read once more, even when they leave the queue and nothing tells of them again."""
    return frozenset(
        one.ticket.id for one in readings if one.ticket.version == UNREAD or not settled(one.ticket, now)
    )


def unread(session: Session) -> frozenset[str]:
    """Tickets to be read again. They stand beside the cursors: part of how far reading has got."""
    return frozenset((pull_state.load_cursor(session, _UNREAD_NAME) or "").split("\n")) - {""}


def save_unread(session: Session, ticket_ids: Collection[str], before: Collection[str] | None = None) -> None:
    """Replace what `unread` returns; nothing is written where it is what it was ``before``."""
    if before is None or set(before) != set(ticket_ids):
        pull_state.save_cursor(session, _UNREAD_NAME, "\n".join(sorted(ticket_ids)) or None)


def _held(session: Session, ids: Sequence[str]) -> Mapping[str, object]:
    """What a person could see of each ticket that the mirror has; when it was read is not part of it."""
    held = mirror.load_many(session, ids)
    lines = mirror.load_timelines(session, list(held)) if held else {}
    return {one: (kept.ticket, kept.gone, lines.get(one, ())) for one, kept in held.items()}


def _keep(session: Session, readings: Sequence[Reading], read_at: datetime) -> None:
    mirror.save_tickets(session, [reading.ticket for reading in readings], read_at)
    at_hand: dict[str, Sequence[TimelineEvent]] = {}
    for whole in (True, False):
        timelines = {
            reading.ticket.id: reading.timeline
            for reading in readings
            if reading.timeline is not None and reading.complete is whole
        }
        ours = _operations_on(session, timelines)
        marked = {one: stamped(events, ours.get(one, ())) for one, events in timelines.items()}
        mirror.save_timelines(session, marked, mode="replace" if whole else "upsert")
        if whole:
            at_hand = {one: mirror.in_time(events) for one, events in marked.items()}
        else:
            at_hand = {one: at_hand[one] for one in at_hand.keys() - marked.keys()}
    known = {one.ticket.id: mirror.MirroredTicket(one.ticket, read_at, gone=False) for one in readings}
    queue_rows.refresh(session, list(known), known, at_hand)


def _operations_on(session: Session, ticket_ids: Collection[str]) -> Mapping[str, Sequence[Operation]]:
    """Every operation on those of ``ticket_ids`` that have any: of a thousand tickets few have."""
    column = col(OperationRow.ticket_id)
    touched = session.exec(select(column).where(column.in_(list(ticket_ids))).distinct()).all()
    return {one: outbox.list_operations(session, ticket_id=one, finished=True) for one in touched}
