"""Which tickets are in the queue now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Field, Session, SQLModel

from triage.store.column_types import Instant, Words
from triage.store.upsert import in_chunks, table_of, upsert


class MemberRow(SQLModel, table=True):
    """One ticket of the queue."""

    __tablename__ = "members"

    ticket_id: str = Field(primary_key=True, sa_type=Words)
    selector: str = Field(sa_type=Words)
    since: datetime = Field(sa_type=Instant)


_MEMBERS = table_of(MemberRow)


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """Who came and who went."""

    entered: frozenset[str]
    left: frozenset[str]


def members(session: Session, selector: str | None = None) -> frozenset[str]:
    """Ids of the tickets in the queue, of whatever selector when None."""
    chosen = select(_MEMBERS.c.ticket_id)
    if selector is not None:
        chosen = chosen.where(_MEMBERS.c.selector == selector)
    return frozenset(session.connection().execute(chosen).scalars())


def among(session: Session, ticket_ids: Collection[str]) -> frozenset[str]:
    """Those of ``ticket_ids`` that are in the queue."""
    found: set[str] = set()
    for chunk in in_chunks(ticket_ids):
        ours = select(_MEMBERS.c.ticket_id).where(_MEMBERS.c.ticket_id.in_(chunk))
        found.update(session.connection().execute(ours).scalars())
    return frozenset(found)


def set_members(
    session: Session,
    selector: str,
    ticket_ids: Collection[str],
    now: datetime,
    *,
    looked_at: Collection[str] | None = None,
) -> MembershipChange:
    """Make ``ticket_ids`` the queue. The queue rows of both groups then need a refresh.

    ``looked_at``: the members the caller decided about (None: all); who entered meanwhile then stays.
    """
    before = members(session)
    ours = members(session, selector)
    wanted = frozenset(ticket_ids)
    add_members(session, selector, wanted - ours, now)
    left = before - wanted if looked_at is None else before - wanted - (ours - frozenset(looked_at))
    remove_members(session, left)
    return MembershipChange(entered=wanted - before, left=left)


def add_members(session: Session, selector: str, ticket_ids: Collection[str], now: datetime) -> None:
    """Put ``ticket_ids`` into the queue, beside those that are in it."""
    upsert(session, MemberRow, [{"ticket_id": one, "selector": selector, "since": now} for one in ticket_ids])


def remove_members(session: Session, ticket_ids: Collection[str]) -> None:
    """Take ``ticket_ids`` out of the queue."""
    for chunk in in_chunks(ticket_ids):
        session.connection().execute(delete(_MEMBERS).where(_MEMBERS.c.ticket_id.in_(chunk)))
