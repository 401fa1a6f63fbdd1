"""Leases: one holder at a time for a piece of work, across processes and machines.

A lease ends by itself, so a killed holder blocks nobody for long; one that is known to be gone blocks nobody
at all. Because a holder may be paused past its
end without noticing, every acquisition gets a higher fence number: `holds` inside the write that matters
tells a holder whose time has passed (Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Field, Session, SQLModel

from triage.store.column_types import Instant, Words
from triage.store.upsert import table_of, upsert


class LeaseRow(SQLModel, table=True):
    """A name that somebody holds or held."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True, sa_type=Words)
    owner: str = Field(sa_type=Words)
    fence: int
    expires_at: datetime = Field(sa_type=Instant)


_LEASES = table_of(LeaseRow)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something until ``expires_at`` (UTC)."""

    name: str
    owner: str
    fence: int
    expires_at: datetime


def _nobody(owner: str) -> bool:
    del owner
    return False


def acquire(
    session: Session,
    name: str,
    owner: str,
    ttl: timedelta,
    now: datetime,
    *,
    gone: Callable[[str], bool] = _nobody,
) -> Lease | None:
    """Take the lease ``name``, or None while somebody else has it. Taking one's own again renews it.

    Call it in a write. ``now`` is the one clock that all contenders share: this machine's on SQLite.
    ``gone`` says of an owner that it certainly lives no more: its lease is not waited for.
    """
    row = (
        session.connection().execute(select(_LEASES).where(_LEASES.c.name == name).with_for_update()).first()
    )
    if row is not None and row.expires_at > now and row.owner != owner and not gone(row.owner):
        return None
    fence = 1 if row is None else row.fence + (row.owner != owner or row.expires_at <= now)
    lease = Lease(name, owner, fence, now + ttl)
    upsert(
        session,
        LeaseRow,
        [{"name": name, "owner": owner, "fence": fence, "expires_at": lease.expires_at}],
    )
    return lease


def renew(session: Session, lease: Lease, ttl: timedelta, now: datetime) -> Lease | None:
    """The lease with a later end, or None when it was lost."""
    if not holds(session, lease, now):
        return None
    renewed = replace(lease, expires_at=now + ttl)
    ours = (_LEASES.c.name == lease.name) & (_LEASES.c.fence == lease.fence)
    session.connection().execute(update(_LEASES).where(ours).values(expires_at=renewed.expires_at))
    return renewed


def holds(session: Session, lease: Lease, now: datetime) -> bool:
    """Whether ``lease`` is still the one in force: ask inside the write it protects."""
    row = session.connection().execute(select(_LEASES).where(_LEASES.c.name == lease.name)).first()
    return row is not None and row.fence == lease.fence and row.owner == lease.owner and row.expires_at > now


def release(session: Session, lease: Lease, now: datetime) -> None:
    """Give it back early. The row stays, so that the fence keeps rising. Harmless when it was lost."""
    ours = (
        (_LEASES.c.name == lease.name) & (_LEASES.c.fence == lease.fence) & (_LEASES.c.owner == lease.owner)
    )
    session.connection().execute(update(_LEASES).where(ours).values(expires_at=now))


def holder(session: Session, name: str, now: datetime) -> Lease | None:
    """Who has the lease ``name`` at ``now``, for telling a person."""
    row = session.connection().execute(select(_LEASES).where(_LEASES.c.name == name)).first()
    if row is None or row.expires_at <= now:
        return None
    return Lease(row.name, row.owner, row.fence, row.expires_at)
