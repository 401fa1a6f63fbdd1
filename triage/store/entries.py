"""The docket's table: entries are added and read, never changed and never removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Index, func, insert, select
from sqlmodel import Field, Session, SQLModel

from triage.model.entry import Entry, Subject
from triage.store.column_types import Instant, JsonText, Words
from triage.store.upsert import in_chunks, table_of


class EntryRow(SQLModel, table=True):
    """One docket entry."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_case_id", "case_id", "id"),
        Index("ix_entries_subject", "subject", "subject_id", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words)
    subject: str = Field(sa_type=Words)
    subject_id: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=Words)
    role: str = Field(sa_type=Words)
    navigator: str = Field(sa_type=Words)
    data: Any = Field(sa_type=JsonText)


_ENTRIES = table_of(EntryRow)


def add_entries(session: Session, entries: Iterable[Entry]) -> None:
    """Append ``entries``. Raises `sqlalchemy.exc.IntegrityError` for an id that is there already."""
    rows = [
        {
            "id": entry.id,
            "case_id": entry.case_id,
            "subject": entry.subject,
            "subject_id": entry.subject_id,
            "kind": entry.kind,
            "at": entry.at,
            "actor": entry.actor,
            "role": entry.role,
            "navigator": entry.navigator,
            "data": entry.data,
        }
        for entry in entries
    ]
    if rows:
        session.connection().execute(insert(_ENTRIES), rows)


def load_entries(
    session: Session,
    *,
    case_id: str | None = None,
    subject: Subject | None = None,
    subject_id: str | None = None,
    kinds: Collection[str] | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> tuple[Entry, ...]:
    """Entries that match everything given, oldest first; ``after`` is an entry id."""
    columns = _ENTRIES.c
    chosen = select(_ENTRIES).order_by(columns.id)
    for column, wanted in (
        (columns.case_id, case_id),
        (columns.subject, subject),
        (columns.subject_id, subject_id),
    ):
        if wanted is not None:
            chosen = chosen.where(column == wanted)
    if kinds is not None:
        chosen = chosen.where(columns.kind.in_(list(kinds)))
    if after is not None:
        chosen = chosen.where(columns.id > after)
    if limit is not None:
        chosen = chosen.limit(limit)
    return tuple(map(_entry, session.connection().execute(chosen)))


def load_case_entries(session: Session, case_ids: Collection[str]) -> dict[str, tuple[Entry, ...]]:
    """Entries whose subject is the case itself, of many cases, by case id."""
    found: dict[str, tuple[Entry, ...]] = {}
    for chunk in in_chunks(case_ids):
        ours = _ENTRIES.c.case_id.in_(chunk) & (_ENTRIES.c.subject == "case")
        rows = session.connection().execute(
            select(_ENTRIES).where(ours).order_by(_ENTRIES.c.case_id, _ENTRIES.c.id)
        )
        for case_id, entries in groupby(map(_entry, rows), key=lambda entry: entry.case_id):
            found[case_id] = tuple(entries)
    return found


def last_entry_id(
    session: Session, *, subject: Subject | None = None, subject_id: str | None = None
) -> str | None:
    """The id of the newest entry (of a subject), or None when there is none."""
    newest = select(func.max(_ENTRIES.c.id))
    if subject is not None:
        newest = newest.where(_ENTRIES.c.subject == subject, _ENTRIES.c.subject_id == subject_id)
    return session.connection().execute(newest).scalar()


def subjects(session: Session, subject: Subject, case_id: str | None = None) -> tuple[tuple[str, str], ...]:
    """``(case id, subject id)`` of every run or investigation there is, oldest first."""
    columns = _ENTRIES.c
    found = select(columns.case_id, columns.subject_id).where(columns.subject == subject)
    if case_id is not None:
        found = found.where(columns.case_id == case_id)
    grouped = found.group_by(columns.case_id, columns.subject_id).order_by(func.min(columns.id))
    return tuple((case, one) for case, one in session.connection().execute(grouped))


def case_of(session: Session, subject: Subject, subject_id: str) -> str | None:
    """The case that a run or an investigation belongs to, or None when there is no such thing."""
    ours = (_ENTRIES.c.subject == subject) & (_ENTRIES.c.subject_id == subject_id)
    return session.connection().execute(select(_ENTRIES.c.case_id).where(ours).limit(1)).scalar()


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        case_id=row.case_id,
        subject=row.subject,
        subject_id=row.subject_id,
        kind=row.kind,
        at=row.at,
        actor=row.actor,
        role=row.role,
        navigator=row.navigator,
        data=row.data,
    )
