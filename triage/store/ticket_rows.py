"""The mirror's tables: tickets and timeline events as the helpdesk last told us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from triage.model.ticket import Satisfaction, Ticket, Version
from triage.model.timeline import Attachment, TimelineEvent
from triage.store.column_types import Instant, JsonText, Words
from triage.store.upsert import table_of


class TicketRow(SQLModel, table=True):
    """A ticket in its latest known version."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_key_folded", "key_folded"),)

    id: str = Field(primary_key=True, sa_type=Words)
    key: str = Field(sa_type=Words)
    key_folded: str = Field(sa_type=Words)
    subject: str = Field(sa_type=Words)
    status: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    version_token: str = Field(sa_type=Words)
    version_exact: bool
    open: bool
    priority: str | None = Field(default=None, sa_type=Words)
    customer: str = Field(sa_type=Words)
    requester: str = Field(sa_type=Words)
    relationship: str = Field(sa_type=Words)
    product: str = Field(sa_type=Words)
    product_version: str = Field(sa_type=Words)
    component: str = Field(sa_type=Words)
    assignee: str = Field(sa_type=Words)
    type: str = Field(sa_type=Words)
    tags: Any = Field(sa_type=JsonText)
    fields_: Any = Field(sa_type=JsonText, sa_column_kwargs={"name": "fields"})
    satisfaction: Any = Field(sa_type=JsonText)
    url: str = Field(sa_type=Words)
    pulled_at: datetime = Field(sa_type=Instant)
    gone: bool = False


class EventRow(SQLModel, table=True):
    """One message or field change."""

    __tablename__ = "events"

    ticket_id: str = Field(primary_key=True, sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    ordinal: int
    """Breaks ties of the server's clock by the order in which the server told them."""
    at: datetime = Field(sa_type=Instant)
    kind: str = Field(sa_type=Words)
    visibility: str = Field(sa_type=Words)
    actor_role: str = Field(sa_type=Words)
    actor: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    field: str = Field(sa_type=Words)
    old: str = Field(sa_type=Words)
    new: str = Field(sa_type=Words)
    source_ref: str = Field(sa_type=Words)
    attachments: Any = Field(sa_type=JsonText)
    marker: str = Field(sa_type=Words)


TICKET_COLUMNS = tuple(table_of(TicketRow).columns.keys())
EVENT_COLUMNS = tuple(table_of(EventRow).columns.keys())


def ticket_values(ticket: Ticket, pulled_at: datetime) -> dict[str, Any]:
    """The columns of ``ticket``; saving it says that it is there (again)."""
    rated = ticket.satisfaction
    return {
        "id": ticket.id,
        "key": ticket.key,
        "key_folded": ticket.key.casefold(),
        "subject": ticket.subject,
        "status": ticket.status,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "version_token": ticket.version.token,
        "version_exact": ticket.version.exact,
        "open": ticket.open,
        "priority": ticket.priority,
        "customer": ticket.customer,
        "requester": ticket.requester,
        "relationship": ticket.relationship,
        "product": ticket.product,
        "product_version": ticket.product_version,
        "component": ticket.component,
        "assignee": ticket.assignee,
        "type": ticket.type,
        "tags": ticket.tags,
        "fields": ticket.fields,
        "satisfaction": None if rated is None else [rated.score, rated.comment],
        "url": ticket.url,
        "pulled_at": pulled_at,
        "gone": False,
    }


def ticket_of(row: Any) -> Ticket:
    """The ticket of a row with `TICKET_COLUMNS`."""
    rated = row.satisfaction
    return Ticket(
        id=row.id,
        key=row.key,
        subject=row.subject,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=Version(row.version_token, row.version_exact),
        open=row.open,
        priority=row.priority,
        customer=row.customer,
        requester=row.requester,
        relationship=row.relationship,
        product=row.product,
        product_version=row.product_version,
        component=row.component,
        assignee=row.assignee,
        type=row.type,
        tags=tuple(row.tags),
        fields=row.fields,
        satisfaction=None if rated is None else Satisfaction(*rated),
        url=row.url,
    )


def event_values(event: TimelineEvent, ordinal: int) -> dict[str, Any]:
    """The columns of ``event``."""
    return {
        "ticket_id": event.ticket_id,
        "id": event.id,
        "ordinal": ordinal,
        "at": event.at,
        "kind": event.kind,
        "visibility": event.visibility,
        "actor_role": event.actor_role,
        "actor": event.actor,
        "text": event.text,
        "field": event.field,
        "old": event.old,
        "new": event.new,
        "source_ref": event.source_ref,
        "attachments": [[one.name, one.size, one.ref, one.media_type] for one in event.attachments],
        "marker": event.marker,
    }


def event_of(row: Any) -> TimelineEvent:
    """The event of a row with `EVENT_COLUMNS`."""
    return TimelineEvent(
        id=row.id,
        ticket_id=row.ticket_id,
        at=row.at,
        kind=row.kind,
        visibility=row.visibility,
        actor_role=row.actor_role,
        actor=row.actor,
        text=row.text,
        field=row.field,
        old=row.old,
        new=row.new,
        source_ref=row.source_ref,
        attachments=tuple(Attachment(*one) for one in row.attachments),
        marker=row.marker,
    )
