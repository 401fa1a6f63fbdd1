"""The tables derived from the docket."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from triage.store.column_types import Instant, JsonText, Words


class InvestigationRow(SQLModel, table=True):
    """An investigation in the columns that are asked for."""

    __tablename__ = "investigations"
    __table_args__ = (Index("ix_investigations_case", "case_id", "opened_at"),)

    id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words)
    ticket_key: str = Field(sa_type=Words)
    opened_at: datetime = Field(sa_type=Instant)
    phase: str = Field(sa_type=Words)
    state: str = Field(sa_type=Words)
    mode: str = Field(sa_type=Words)
    conducted: str = Field(sa_type=Words)
    version: int
    verdict: str = Field(sa_type=Words)
    code: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    customer: str = Field(sa_type=Words)
    relationship: str = Field(sa_type=Words)
    product: str = Field(sa_type=Words)
    product_version: str = Field(sa_type=Words)
    component: str = Field(sa_type=Words)
    severity: str = Field(sa_type=Words)
    lead_role: str = Field(sa_type=Words)
    account_risk: str = Field(sa_type=Words)
    visibility: str = Field(sa_type=Words)
    facts_locked_at: datetime | None = Field(default=None, sa_type=Instant)
    adopted_at: datetime | None = Field(default=None, sa_type=Instant)
    minutes_spent: float


class RootCauseRow(SQLModel, table=True):
    """The root cause of one escalation, once there is a verdict or a sentence."""

    __tablename__ = "root_causes"

    investigation_id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words)
    verdict: str = Field(sa_type=Words)
    code: str = Field(sa_type=Words, index=True)
    modifier: str = Field(sa_type=Words)
    sentence: str = Field(sa_type=Words)
    not_known: str = Field(sa_type=Words)
    chronic: bool
    design_caused: bool
    recurrence_of: Any = Field(sa_type=JsonText)
    adopted_at: datetime | None = Field(default=None, sa_type=Instant)


class FindingRow(SQLModel, table=True):
    """One finding."""

    __tablename__ = "findings"

    investigation_id: str = Field(primary_key=True, sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    ordinal: int
    kind: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    code: str = Field(sa_type=Words, index=True)
    modifier: str = Field(sa_type=Words)
    evidence: Any = Field(sa_type=JsonText)
    confidence: str = Field(sa_type=Words)
    proposed_by: str = Field(sa_type=Words)
    alternative_ruled_out: str = Field(sa_type=Words)
    agreed_by: Any = Field(sa_type=JsonText)


class RecommendationRow(SQLModel, table=True):
    """One recommendation; its letters are in the docket."""

    __tablename__ = "recommendations"
    __table_args__ = (Index("ix_recommendations_status", "status", "due"),)

    investigation_id: str = Field(primary_key=True, sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    ordinal: int
    addressee: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    aim: str = Field(sa_type=Words)
    strength: str = Field(sa_type=Words)
    due: date | None = None
    status: str = Field(sa_type=Words)
    cites: Any = Field(sa_type=JsonText)
    zero_cost: bool
    tracker_url: str = Field(sa_type=Words)


class PromiseRow(SQLModel, table=True):
    """One promise to a customer, read from the ticket or entered."""

    __tablename__ = "promises"

    ticket_id: str = Field(primary_key=True, sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    kind: str = Field(sa_type=Words)
    made_at: datetime = Field(sa_type=Instant)
    due: datetime = Field(sa_type=Instant)
    by_role: str = Field(sa_type=Words)
    ref: str = Field(sa_type=Words)
    quote: str = Field(sa_type=Words)
    met_at: datetime | None = Field(default=None, sa_type=Instant)
    confirmed: bool
    withdrawn: bool
    to: str = Field(sa_type=Words)


class RunRow(SQLModel, table=True):
    """A playbook run in one line."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_case", "case_id", "opened_at"),)

    id: str = Field(primary_key=True, sa_type=Words)
    case_id: str = Field(sa_type=Words)
    playbook_id: str = Field(sa_type=Words)
    status: str = Field(sa_type=Words)
    outcome: str = Field(sa_type=Words)
    done: int
    path_length: int
    opened_at: datetime = Field(sa_type=Instant)
