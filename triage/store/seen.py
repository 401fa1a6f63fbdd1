"""In which version a person last looked at a ticket here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Field, Session, SQLModel

from triage.store.column_types import Instant, Words
from triage.store.upsert import in_chunks, table_of, upsert


class SeenRow(SQLModel, table=True):
    """One ticket that was looked at."""

    __tablename__ = "seen"

    ticket_id: str = Field(primary_key=True, sa_type=Words)
    version_token: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Instant)


_SEEN = table_of(SeenRow)


def mark_seen(session: Session, ticket_id: str, version_token: str, at: datetime) -> None:
    """Remember that a person has seen this version. The queue row then needs a refresh."""
    upsert(session, SeenRow, [{"ticket_id": ticket_id, "version_token": version_token, "at": at}])


def seen_versions(session: Session, ticket_ids: Collection[str]) -> dict[str, str]:
    """The version token each ticket was last seen in; never seen ones are missing."""
    seen: dict[str, str] = {}
    for chunk in in_chunks(ticket_ids):
        chosen = select(_SEEN.c.ticket_id, _SEEN.c.version_token).where(_SEEN.c.ticket_id.in_(chunk))
        seen.update({row[0]: row[1] for row in session.connection().execute(chosen)})
    return seen
