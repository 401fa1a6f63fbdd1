"""What is kept as evidence; the contents are files, see the docket."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import Field, Session, SQLModel

from triage.model.run import EvidenceItem
from triage.store.column_types import Instant, Words
from triage.store.upsert import table_of, upsert


class EvidenceRow(SQLModel, table=True):
    """One piece of evidence."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_case", "case_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Instant)
    kind: str = Field(sa_type=Words)
    summary: str = Field(sa_type=Words)
    sha256: str = Field(sa_type=Words)
    size: int
    redactions: int
    source: str = Field(sa_type=Words)


_EVIDENCE = table_of(EvidenceRow)


def save_evidence(session: Session, items: Iterable[EvidenceItem]) -> None:
    """Keep ``items``; one with a known id replaces the earlier one."""
    names = EvidenceRow.model_fields
    upsert(session, EvidenceRow, [{name: getattr(item, name) for name in names} for item in items])


def load_evidence(session: Session, evidence_id: str) -> EvidenceItem | None:
    """One piece, or None."""
    row = session.connection().execute(select(_EVIDENCE).where(_EVIDENCE.c.id == evidence_id)).first()
    return None if row is None else _item(row)


def list_evidence(session: Session, case_id: str) -> tuple[EvidenceItem, ...]:
    """Everything kept for a case, oldest first."""
    ours = select(_EVIDENCE).where(_EVIDENCE.c.case_id == case_id)
    return tuple(map(_item, session.connection().execute(ours.order_by(_EVIDENCE.c.at, _EVIDENCE.c.id))))


def _item(row: Any) -> EvidenceItem:
    return EvidenceItem(**{name: getattr(row, name) for name in EvidenceRow.model_fields})
