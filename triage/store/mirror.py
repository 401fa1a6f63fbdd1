"""The mirror: what the helpdesk says. Only a pull and a confirmed push write it; it can be pulled again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import Select, delete, func, select, update
from sqlmodel import Session

from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent
from triage.store.ticket_rows import EventRow, TicketRow, event_of, event_values, ticket_of, ticket_values
from triage.store.upsert import in_chunks, table_of, upsert

_TICKETS = table_of(TicketRow)
_EVENTS = table_of(EventRow)


@dataclass(frozen=True, slots=True)
class MirroredTicket:
    """A ticket and what we know about our knowledge of it."""

    ticket: Ticket
    pulled_at: datetime
    gone: bool
    """The helpdesk no longer shows it to us."""


def save_tickets(session: Session, tickets: Iterable[Ticket], pulled_at: datetime) -> None:
    """Insert or overwrite ``tickets``; of one that comes twice the last one counts."""
    rows = {ticket.id: ticket_values(ticket, pulled_at) for ticket in tickets}
    upsert(session, TicketRow, list(rows.values()))


def save_timeline(
    session: Session,
    ticket_id: str,
    events: Sequence[TimelineEvent],
    *,
    mode: Literal["replace", "upsert"] = "upsert",
) -> None:
    """Keep ``events``, oldest first, of one ticket.

    ``replace`` forgets events that are not among them; ``upsert`` keeps what it knew and matches by event id.
    """
    save_timelines(session, {ticket_id: events}, mode=mode)


def save_timelines(
    session: Session,
    timelines: Mapping[str, Sequence[TimelineEvent]],
    *,
    mode: Literal["replace", "upsert"] = "upsert",
) -> None:
    """`save_timeline` for many tickets at once. Of an event that comes twice the last one counts."""
    after: Mapping[str, int] = {}
    if mode == "replace":
        for chunk in in_chunks(timelines):
            session.connection().execute(delete(_EVENTS).where(_EVENTS.c.ticket_id.in_(chunk)))
    else:
        after = _last_ordinals(session, timelines)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for ticket_id, events in timelines.items():
        first = after.get(ticket_id, -1) + 1
        for ordinal, event in enumerate(events, first):
            rows[ticket_id, event.id] = event_values(event, ordinal) | {"ticket_id": ticket_id}
    # A known event keeps its place among those of the same second.
    upsert(session, EventRow, list(rows.values()), keep=("ordinal",))


def in_time(events: Iterable[TimelineEvent]) -> tuple[TimelineEvent, ...]:
    """``events`` in the order in which they are read again when they replaced those there were."""
    return tuple(sorted(events, key=_at))


def load_ticket(session: Session, ticket_id: str) -> Ticket | None:
    """The ticket as last pulled, or None."""
    mirrored = load_mirrored(session, ticket_id)
    return mirrored.ticket if mirrored else None


def load_mirrored(session: Session, ticket_id: str) -> MirroredTicket | None:
    """The ticket with its age, or None."""
    return load_many(session, [ticket_id]).get(ticket_id)


def load_many(session: Session, ticket_ids: Collection[str]) -> dict[str, MirroredTicket]:
    """Those of ``ticket_ids`` that the mirror has, by id."""
    found: dict[str, MirroredTicket] = {}
    for chunk in in_chunks(ticket_ids):
        for row in session.connection().execute(select(_TICKETS).where(_TICKETS.c.id.in_(chunk))):
            found[row.id] = MirroredTicket(ticket_of(row), row.pulled_at, row.gone)
    return found


def load_timeline(session: Session, ticket_id: str) -> tuple[TimelineEvent, ...]:
    """Messages and changes, oldest first by the server's clock."""
    return load_timelines(session, [ticket_id]).get(ticket_id, ())


def load_timelines(session: Session, ticket_ids: Collection[str]) -> dict[str, tuple[TimelineEvent, ...]]:
    """The timelines of those of ``ticket_ids`` that have one, by ticket id."""
    found: dict[str, tuple[TimelineEvent, ...]] = {}
    for chunk in in_chunks(ticket_ids):
        rows = session.connection().execute(_in_time(chunk))
        for ticket_id, events in groupby(map(event_of, rows), key=lambda event: event.ticket_id):
            found[ticket_id] = tuple(events)
    return found


def latest_outside(session: Session, inside: Collection[str], limit: int) -> tuple[str, ...]:
    """The ids of at most ``limit`` tickets that are there and not among ``inside``, latest change first."""
    latest = select(_TICKETS.c.id).where(~_TICKETS.c.gone).order_by(_TICKETS.c.updated_at.desc())
    found = session.connection().execute(latest.limit(limit + len(inside))).scalars()
    return tuple(one for one in found if one not in inside)[:limit]


def mark_gone(session: Session, ticket_ids: Collection[str]) -> None:
    """Remember that the helpdesk no longer shows these; what we had of them stays."""
    for chunk in in_chunks(ticket_ids):
        session.connection().execute(update(_TICKETS).where(_TICKETS.c.id.in_(chunk)).values(gone=True))


def find_ticket_id(session: Session, reference: str) -> str | None:
    """The ticket a person means by a key, an id, ``#id`` or the address of its page; None when unknown."""
    reference = reference.strip()
    connection = session.connection()
    plain = reference.removeprefix("#")
    for condition in (
        _TICKETS.c.key_folded == reference.casefold(),
        _TICKETS.c.id == plain,
        _TICKETS.c.key_folded == plain.casefold(),
    ):
        found = connection.execute(select(_TICKETS.c.id).where(condition).order_by(_TICKETS.c.id).limit(1))
        if (ticket_id := found.scalar()) is not None:
            return str(ticket_id)
    if "://" not in reference:
        return None
    address = select(_TICKETS.c.id).where(_TICKETS.c.url == reference).limit(1)
    return connection.execute(address).scalar()


def count_tickets(session: Session) -> int:
    """How many tickets the mirror has."""
    return session.connection().execute(select(func.count()).select_from(_TICKETS)).scalar_one()


_at = attrgetter("at")


def _in_time(ticket_ids: list[str]) -> Select[Any]:
    columns = _EVENTS.c
    return (
        select(_EVENTS)
        .where(columns.ticket_id.in_(ticket_ids))
        .order_by(columns.ticket_id, columns.at, columns.ordinal)
    )


def _last_ordinals(session: Session, ticket_ids: Iterable[str]) -> dict[str, int]:
    last: dict[str, int] = {}
    for chunk in in_chunks(list(ticket_ids)):
        highest = select(_EVENTS.c.ticket_id, func.max(_EVENTS.c.ordinal))
        grouped = highest.where(_EVENTS.c.ticket_id.in_(chunk)).group_by(_EVENTS.c.ticket_id)
        last.update({row[0]: row[1] for row in session.connection().execute(grouped)})
    return last
