"""The queue's table: one row per open escalation, ready to be read in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Index, TextClause, delete, text
from sqlmodel import Field, Session, SQLModel

from triage.model.queue import QueueCounts, QueueItem, QueueWindow
from triage.model.queue_filter import parse_filter
from triage.model.timeline import TimelineEvent
from triage.store import membership, mirror, outbox, projections
from triage.store.case_promises import case_promises
from triage.store.column_types import Words, to_microseconds
from triage.store.entries import load_case_entries
from triage.store.queue_derivation import derive
from triage.store.queue_match import search_states, search_words, sql_match
from triage.store.queue_order import (
    COLUMNS,
    NO_PROMISE,
    Query,
    item_of,
    read_counts,
    read_position,
    read_window,
)
from triage.store.seen import seen_versions
from triage.store.upsert import in_chunks, table_of, upsert


class QueueRow(SQLModel, table=True):
    """One row; times are microseconds since 1970, because plain SQL reads them."""

    __tablename__ = "queue"
    __table_args__ = (
        Index("ix_queue_due", "next_due", "ticket_id", "unacknowledged"),
        Index("ix_queue_waiting", "unacknowledged", "waiting_since", "ticket_id", "next_due"),
    )

    ticket_id: str = Field(primary_key=True, sa_type=Words)
    key: str = Field(sa_type=Words)
    subject: str = Field(sa_type=Words)
    status: str = Field(sa_type=Words)
    priority: str = Field(sa_type=Words)
    customer: str = Field(sa_type=Words)
    product: str = Field(sa_type=Words)
    assignee: str = Field(sa_type=Words)
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    waiting_since: int = Field(sa_type=BigInteger)
    next_due: int = Field(sa_type=BigInteger)
    unacknowledged: int
    url: str = Field(sa_type=Words)
    local_state: str = Field(sa_type=Words)
    tags: str = Field(sa_type=Words)
    relationship: str = Field(sa_type=Words)
    marked: int
    fresh: str = Field(sa_type=Words)
    to_send: int
    words: str = Field(sa_type=Words)
    states: str = Field(sa_type=Words)


_QUEUE = table_of(QueueRow)


def refresh(
    session: Session,
    ticket_ids: Collection[str],
    known: Mapping[str, mirror.MirroredTicket] | None = None,
    timelines: Mapping[str, Sequence[TimelineEvent]] | None = None,
) -> None:
    """Derive the promises and the queue rows of ``ticket_ids`` again; who is not in the queue loses the row.

    Call it in the write that changed what they follow from. Rows do not age, so there is no clock here. Of
    ``known`` and ``timelines`` the caller has just written all there is; the others are read.
    """
    known, timelines = known or {}, timelines or {}
    for chunk in in_chunks(ticket_ids):
        there = {one: known[one] for one in chunk if one in known}
        there |= mirror.load_many(session, [one for one in chunk if one not in known])
        items = _derive(session, there, timelines)
        inside = membership.among(session, chunk)
        shown = [item for item in items if item.id in inside and _escalated(there[item.id])]
        hidden = set(chunk) - {item.id for item in shown}
        if hidden:
            session.connection().execute(delete(_QUEUE).where(_QUEUE.c.ticket_id.in_(hidden)))
        upsert(session, QueueRow, [row_values(item) for item in shown])


def window(
    session: Session,
    now: datetime,
    *,
    offset: int,
    limit: int,
    filters: Sequence[str] = (),
    me: str | tuple[str, ...] = (),
) -> QueueWindow:
    """``limit`` rows of the queue in its order at ``now``.

    ``filters`` are texts as typed after ``/``; all must hold. ``me``: the person's names at the helpdesk.
    """
    return read_window(_query(session), offset, limit, now, sql_match(parse_filter(*filters), me))


def position(
    session: Session,
    ticket_id: str,
    now: datetime,
    *,
    filters: Sequence[str] = (),
    me: str | tuple[str, ...] = (),
) -> int | None:
    """The index of a ticket in the order at ``now``; None when it is filtered out or not in the queue."""
    return read_position(_query(session), ticket_id, now, sql_match(parse_filter(*filters), me))


def counts(session: Session, now: datetime) -> QueueCounts:
    """The numbers of the headline at ``now``."""
    return read_counts(_query(session), now)


def load_item(session: Session, ticket_id: str) -> QueueItem | None:
    """The queue item of any mirrored ticket, in the queue or not; None for an unknown one."""
    stored = _query(session)(f"SELECT {COLUMNS} FROM queue WHERE ticket_id = :id", {"id": ticket_id})  # noqa: S608
    if stored:
        return item_of(stored[0])
    return next(iter(_derive(session, mirror.load_many(session, [ticket_id]), {})), None)


def forget_all(session: Session) -> None:
    """Empty the queue's table, before a rebuild."""
    session.connection().execute(delete(_QUEUE))


def _derive(
    session: Session,
    known: Mapping[str, mirror.MirroredTicket],
    at_hand: Mapping[str, Sequence[TimelineEvent]],
) -> list[QueueItem]:
    """Items of the known tickets; their promises are written on the way: both follow from the same facts."""
    timelines: dict[str, Sequence[TimelineEvent]] = {one: at_hand[one] for one in known if one in at_hand}
    timelines |= mirror.load_timelines(session, known.keys() - timelines.keys())
    entries = load_case_entries(session, known)
    promises = case_promises(session, known, timelines, entries)
    projections.replace_for_tickets(session, promises)
    runs = projections.runs_by_case(session, known)
    investigations = projections.investigations_by_case(session, known)
    operations = outbox.list_many(session, known)
    seen = seen_versions(session, known)
    return [
        derive(
            mirrored.ticket,
            timelines.get(one, ()),
            promises[one],
            runs.get(one, ()),
            investigations.get(one),
            operations.get(one, ()),
            seen.get(one),
            entries.get(one, ()),
        )
        for one, mirrored in known.items()
    ]


def _escalated(mirrored: mirror.MirroredTicket) -> bool:
    return mirrored.ticket.open and not mirrored.gone


def row_values(item: QueueItem) -> dict[str, Any]:
    """The columns of ``item``."""
    due = item.next_promise_due
    return {
        "ticket_id": item.id,
        "key": item.key,
        "subject": item.subject,
        "status": item.status,
        "priority": item.priority or "",
        "customer": item.customer,
        "product": item.product,
        "assignee": item.assignee,
        "created_at": to_microseconds(item.created_at),
        "updated_at": to_microseconds(item.updated_at),
        "waiting_since": to_microseconds(item.waiting_since),
        "next_due": NO_PROMISE if due is None else to_microseconds(due),
        "unacknowledged": int(item.unacknowledged),
        "url": item.url,
        "local_state": item.local_state,
        "tags": "\n".join(item.tags),
        "relationship": item.relationship,
        "marked": int(item.marked),
        "fresh": item.fresh,
        "to_send": item.to_send,
        "words": search_words(item),
        "states": search_states(item),
    }


def _query(session: Session) -> Query:
    connection = session.connection()

    def query(sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        return connection.execute(_statement(sql), dict(parameters)).fetchall()

    return query


@lru_cache(maxsize=128)
def _statement(sql: str) -> TextClause:
    return text(sql)
