"""Enhancement cases as a table, so that they can be listed and counted without reading the docket again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, delete, select
from sqlmodel import Field, Session, SQLModel

from triage.model.enhancement import Asking, EnhancementCase
from triage.store.column_types import Instant, JsonText, Words
from triage.store.upsert import table_of, upsert


class EnhancementRow(SQLModel, table=True):
    """One enhancement case; the tickets that ask for it are in ``asking``."""

    __tablename__ = "enhancements"

    id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words, index=True)
    title: str = Field(sa_type=Words)
    opened_at: datetime = Field(sa_type=Instant)
    state: str = Field(sa_type=Words)
    aligned: str = Field(sa_type=Words)
    note: str = Field(sa_type=Words)
    expected: int | None = None
    basis: str = Field(sa_type=Words)
    risk: str = Field(sa_type=Words)
    revenue_at_risk: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(sa_type=Words)
    level: str = Field(sa_type=Words)
    forum: str = Field(sa_type=Words)
    votes: int
    comments: int
    decision: str = Field(sa_type=Words)
    asking: Any = Field(sa_type=JsonText)
    investigations: Any = Field(sa_type=JsonText)
    bundle: Any = Field(sa_type=JsonText)
    prospect_questions: Any = Field(sa_type=JsonText)


_ENHANCEMENTS = table_of(EnhancementRow)
_LISTS = frozenset({"investigations", "bundle", "prospect_questions"})


def save_enhancement(session: Session, it: EnhancementCase) -> None:
    """Make the table say what ``it`` says."""
    values = {name: getattr(it, name) for name in EnhancementRow.model_fields}
    upsert(session, EnhancementRow, [values | {"asking": [_told(one) for one in it.asking]}])


def load_enhancement(session: Session, name: str) -> EnhancementCase | None:
    """The case called ``ENH-019``, or None."""
    row = session.connection().execute(select(_ENHANCEMENTS).where(_ENHANCEMENTS.c.id == name)).first()
    return None if row is None else _case(row)


def list_enhancements(session: Session, *, case_id: str = "") -> tuple[EnhancementCase, ...]:
    """All of them in the order of their numbers, or those first asked for on one ticket."""
    chosen = select(_ENHANCEMENTS).order_by(_ENHANCEMENTS.c.opened_at, _ENHANCEMENTS.c.id)
    if case_id:
        chosen = chosen.where(_ENHANCEMENTS.c.case_id == case_id)
    return tuple(map(_case, session.connection().execute(chosen)))


def forget_all(session: Session) -> None:
    """Empty the table, before a rebuild."""
    session.connection().execute(delete(_ENHANCEMENTS))


def _told(one: Asking) -> dict[str, Any]:
    at = one.told_at.isoformat() if one.told_at else None
    return {
        "ticket_id": one.ticket_id,
        "ticket_key": one.ticket_key,
        "customer": one.customer,
        "relationship": one.relationship,
        "told_at": at,
    }


def _asking(row: Mapping[str, Any]) -> Asking:
    told = datetime.fromisoformat(row["told_at"]) if row["told_at"] else None
    return Asking(**{**row, "told_at": told})


def _case(row: Any) -> EnhancementCase:
    plain = {name: getattr(row, name) for name in EnhancementRow.model_fields}
    lists = {name: tuple(plain[name]) for name in _LISTS}
    return EnhancementCase(**{**plain, **lists, "asking": tuple(map(_asking, row.asking))})
