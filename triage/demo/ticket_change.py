"""What one update does to a ticket: a pure function from a ticket and a wish to a ticket and its audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.demo import documents
from triage.demo.documents import Document

EVENTS_PER_AUDIT = 64
"""Audit ids are this far apart; the ids between belong to the audit's events."""
TRACKED: tuple[str, ...] = (
    "subject",
    "status",
    "priority",
    "type",
    "assignee_id",
    "group_id",
    "organization_id",
    "requester_id",
    "problem_id",
    "external_id",
    "tags",
)
"""Plain fields whose change makes an event."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A message; ``public`` says whether the requester sees it and is mailed."""

    body: str
    public: bool
    author_id: int
    attachments: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """The requester's opinion: ``good``, ``bad``, or ``offered`` when only asked for."""

    score: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class TicketChange:
    """One update by one author at one time (Unix seconds)."""

    author_id: int
    at: float
    by_agent: bool
    comment: Comment | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[int, Any] = field(default_factory=dict)
    """Custom field id -> value."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    rating: Rating | None = None
    macro: str = ""
    """The prepared answer it was made with; readers that do not know such events must pass over them."""
    channel: Document = field(default_factory=lambda: documents.via("web"))


@dataclass(frozen=True, slots=True)
class Applied:
    """The ticket after an update, and the record of it."""

    ticket: Document
    audit: Document
    commented: bool
    attached: tuple[int, ...] = ()
    """Ids of the files of the comment."""


def create(ticket: Document, change: TicketChange, audit_id: int) -> Applied:
    """The first audit of a new ticket: its fields as Create events, then the description."""
    made = _with_fields(ticket, change)
    made["description"] = change.comment.body if change.comment else ""
    events: list[Document] = []
    if change.comment:
        events.append(_comment(change.comment, audit_id, 1))
    for name in TRACKED:
        if made[name] not in (None, []):
            event = {"id": 0, "type": "Create", "field_name": name, "value": _said(name, made[name])}
            events.append(event)
    for entry in made["custom_fields"]:
        if entry["value"] is not None:
            name = str(entry["id"])
            events.append({"id": 0, "type": "Create", "field_name": name, "value": entry["value"]})
    return _finish(made, change, audit_id, events)


def apply(ticket: Document, change: TicketChange, audit_id: int) -> Applied | None:
    """``ticket`` after ``change``; None when nothing would be different, so nothing is recorded."""
    changed = _with_rules(_with_fields(ticket, change), change)
    events = [_comment(change.comment, audit_id, 1)] if change.comment else []
    events += _change_events(ticket, changed)
    if change.rating:
        changed["satisfaction_rating"] = {"score": change.rating.score, "comment": change.rating.comment}
        events.append(_rating_event(change.rating, changed))
    if not events:
        return None
    if change.macro:
        events.append(_macro_event(change.macro))
    if change.comment and change.comment.public and change.by_agent:
        mail = documents.notification_event(
            0, changed["subject"], change.comment.body, changed["requester_id"]
        )
        events.append(mail)
    return _finish(changed, change, audit_id, events)


def _with_fields(ticket: Document, change: TicketChange) -> Document:
    changed = {**ticket, **change.fields}
    if "subject" in change.fields:
        changed["raw_subject"] = changed["subject"]
    if change.custom:
        changed["custom_fields"] = [
            {"id": entry["id"], "value": change.custom.get(entry["id"], entry["value"])}
            for entry in ticket["custom_fields"]
        ]
    return changed


def _with_rules(changed: Document, change: TicketChange) -> Document:
    """The status rules every account has: assigning opens, solving assigns, a customer's word reopens."""
    if changed["status"] == "new" and changed["assignee_id"] is not None:
        changed["status"] = "open"
    if changed["status"] == "solved" and changed["assignee_id"] is None and change.by_agent:
        changed["assignee_id"] = change.author_id
    customer_spoke = change.comment is not None and change.comment.public and not change.by_agent
    if customer_spoke and changed["status"] in ("pending", "hold", "solved"):
        changed["status"] = "open"
    return changed


def _comment(comment: Comment, audit_id: int, offset: int) -> Document:
    return documents.comment_event(
        audit_id + offset,
        audit_id,
        comment.body,
        public=comment.public,
        author_id=comment.author_id,
        attachments=comment.attachments,
    )


def _change_events(before: Document, after: Document) -> list[Document]:
    events = [
        _change(name, _said(name, before[name]), _said(name, after[name]))
        for name in TRACKED
        if before[name] != after[name]
    ]
    if before["custom_fields"] is not after["custom_fields"]:
        pairs = zip(before["custom_fields"], after["custom_fields"], strict=True)
        events += [
            _change(str(old["id"]), old["value"], new["value"])
            for old, new in pairs
            if old["value"] != new["value"]
        ]
    return events


def _change(name: str, old: Any, new: Any) -> Document:
    return {"id": 0, "type": "Change", "field_name": name, "value": new, "previous_value": old}


def _said(name: str, value: Any) -> Any:
    """Audits write ids as text."""
    return str(value) if name.endswith("_id") and isinstance(value, int) else value


def _rating_event(rating: Rating, ticket: Document) -> Document:
    return {
        "id": 0,
        "type": "SatisfactionRating",
        "score": rating.score,
        "assignee_id": ticket["assignee_id"],
        "body": rating.comment,
    }


def _macro_event(title: str) -> Document:
    number = 360_000_000_400 + len(title)
    return {
        "id": 0,
        "type": "AgentMacroReference",
        "macro_id": str(number),
        "macro_title": title,
        "macro_deleted": False,
    }


def _finish(ticket: Document, change: TicketChange, audit_id: int, events: list[Document]) -> Applied:
    ticket["updated_at"] = documents.stamp(change.at)
    ticket["generated_timestamp"] = int(change.at)
    for offset, event in enumerate(events, start=1):
        event["id"] = audit_id + offset
    record = documents.audit(
        audit_id,
        ticket["id"],
        at=change.at,
        author_id=change.author_id,
        events=events,
        custom=change.metadata,
        channel=change.channel,
    )
    files = change.comment.attachments if change.comment else ()
    attached = tuple(document["id"] for document in files)
    return Applied(ticket, record, change.comment is not None, attached)
