"""The outbox's tables, and operations to rows and back without loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from triage.model.note_file import NoteFile
from triage.model.operation import Change, Note, Operation, Step
from triage.model.ticket import Version
from triage.store.column_types import Instant, JsonText, Words


class OperationRow(SQLModel, table=True):
    """What one confirmation sends to one ticket."""

    __tablename__ = "operations"
    __table_args__ = (Index("ix_operations_ticket", "ticket_id", "id"), Index("ix_operations_state", "state"))

    id: str = Field(primary_key=True, sa_type=Words)
    ticket_id: str = Field(sa_type=Words)
    change: Any = Field(sa_type=JsonText)
    state: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Words)
    base: Any = Field(sa_type=JsonText)
    base_version: Any = Field(sa_type=JsonText)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    public_confirmed_with: str = Field(sa_type=Words)
    purpose: str = Field(sa_type=Words)
    problem: str = Field(sa_type=Words)


class StepRow(SQLModel, table=True):
    """One request of an operation."""

    __tablename__ = "steps"

    operation_id: str = Field(primary_key=True, sa_type=Words, foreign_key="operations.id")
    ordinal: int = Field(primary_key=True)
    key: str = Field(sa_type=Words, unique=True)
    kind: str = Field(sa_type=Words)
    payload: Any = Field(sa_type=JsonText)
    visibility: str = Field(sa_type=Words)
    base: Any = Field(sa_type=JsonText)
    probe: str = Field(sa_type=Words)
    state: str = Field(sa_type=Words)
    attempts: int
    receipt: str = Field(sa_type=Words)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    absent_scans: int
    probe_after: datetime | None = Field(default=None, sa_type=Instant)
    problem: str = Field(sa_type=Words)


def operation_values(operation: Operation) -> dict[str, Any]:
    """The columns of ``operation`` without its steps."""
    return {
        "id": operation.id,
        "ticket_id": operation.ticket_id,
        "change": _change_json(operation.change),
        "state": operation.state,
        "created_at": operation.created_at,
        "created_by": operation.created_by,
        "base": operation.base,
        "base_version": _version_json(operation.base_version),
        "confirmed_at": operation.confirmed_at,
        "public_confirmed_with": operation.public_confirmed_with,
        "purpose": operation.purpose,
        "problem": operation.problem,
    }


def operation_of(row: Any, steps: Sequence[Step]) -> Operation:
    """The operation of a row and its steps in order."""
    return Operation(
        id=row.id,
        ticket_id=row.ticket_id,
        change=_change(row.change),
        state=row.state,
        created_at=row.created_at,
        created_by=row.created_by,
        steps=tuple(steps),
        base=row.base,
        base_version=_version(row.base_version),
        confirmed_at=row.confirmed_at,
        public_confirmed_with=row.public_confirmed_with,
        purpose=row.purpose,
        problem=row.problem,
    )


def step_values(operation_id: str, ordinal: int, step: Step) -> dict[str, Any]:
    """The columns of ``step``."""
    return {
        "operation_id": operation_id,
        "ordinal": ordinal,
        "key": step.key,
        "kind": step.kind,
        "payload": step.payload,
        "visibility": step.visibility,
        "base": _version_json(step.base),
        "probe": step.probe,
        "state": step.state,
        "attempts": step.attempts,
        "receipt": step.receipt,
        "sent_at": step.sent_at,
        "absent_scans": step.absent_scans,
        "probe_after": step.probe_after,
        "problem": step.problem,
    }


def step_of(row: Any) -> Step:
    """The step of a row."""
    return Step(
        key=row.key,
        kind=row.kind,
        payload=row.payload,
        visibility=row.visibility,
        base=_version(row.base),
        probe=row.probe,
        state=row.state,
        attempts=row.attempts,
        receipt=row.receipt,
        sent_at=row.sent_at,
        absent_scans=row.absent_scans,
        probe_after=row.probe_after,
        problem=row.problem,
    )


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "note": None if change.note is None else asdict(change.note),
        "replaces_marker": change.replaces_marker,
        "tags_add": change.tags_add,
        "tags_remove": change.tags_remove,
        "fields": change.fields,
        "status": change.status,
        "assignee": change.assignee,
    }


def _change(value: dict[str, Any]) -> Change:
    return Change(
        note=None if value["note"] is None else _note(value["note"]),
        replaces_marker=value["replaces_marker"],
        tags_add=tuple(value["tags_add"]),
        tags_remove=tuple(value["tags_remove"]),
        fields=value["fields"],
        status=value["status"],
        assignee=value["assignee"],
    )


def _note(value: dict[str, Any]) -> Note:
    files = tuple(NoteFile(**{**file, "masked": tuple(file["masked"])}) for file in value.get("files", ()))
    return Note(**{**value, "files": files})


def _version_json(version: Version | None) -> list[Any] | None:
    return None if version is None else [version.token, version.exact]


def _version(value: list[Any] | None) -> Version | None:
    return None if value is None else Version(value[0], value[1])
