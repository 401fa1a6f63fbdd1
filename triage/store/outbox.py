"""The outbox: what shall be written to the helpdesk, kept until it arrived or a person gave it up."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, insert, select
from sqlmodel import Session

from triage.model.errors import NotFound
from triage.model.operation import FINISHED, Operation, Step
from triage.store.operation_rows import (
    OperationRow,
    StepRow,
    operation_of,
    operation_values,
    step_of,
    step_values,
)
from triage.store.upsert import in_chunks, table_of, upsert

_OPERATIONS = table_of(OperationRow)
_STEPS = table_of(StepRow)


def add_operation(session: Session, operation: Operation) -> None:
    """Keep a new operation. Raises `sqlalchemy.exc.IntegrityError` when its id is there already."""
    session.connection().execute(insert(_OPERATIONS), [operation_values(operation)])
    _write_steps(session, operation)


def load_operation(session: Session, operation_id: str) -> Operation:
    """One operation with its steps. Raises `NotFound`."""
    found = _load(session, _OPERATIONS.c.id == operation_id)
    if not found:
        raise NotFound(f"no write {operation_id} in the outbox", do="triage outbox list shows what there is")
    return found[0]


def list_operations(
    session: Session, *, ticket_id: str | None = None, finished: bool = False
) -> tuple[Operation, ...]:
    """Operations, oldest first, of one ticket or all; with ``finished`` also what arrived or was dropped."""
    condition: ColumnElement[bool] = _OPERATIONS.c.id != ""
    if ticket_id is not None:
        condition &= _OPERATIONS.c.ticket_id == ticket_id
    if not finished:
        condition &= _OPERATIONS.c.state.not_in(FINISHED)
    return _load(session, condition)


def finished_among(session: Session, operation_ids: Collection[str]) -> tuple[str, ...]:
    """Those of ``operation_ids`` that arrived or were dropped; their texts are not read."""
    found: list[str] = []
    for chunk in in_chunks(operation_ids):
        done = _OPERATIONS.c.id.in_(chunk) & _OPERATIONS.c.state.in_(FINISHED)
        found += session.connection().execute(select(_OPERATIONS.c.id).where(done)).scalars()
    return tuple(found)


def save_operation(session: Session, operation: Operation) -> None:
    """Overwrite an operation and all its steps."""
    upsert(session, OperationRow, [operation_values(operation)])
    session.connection().execute(delete(_STEPS).where(_STEPS.c.operation_id == operation.id))
    _write_steps(session, operation)


def list_many(session: Session, ticket_ids: Collection[str]) -> dict[str, tuple[Operation, ...]]:
    """Unfinished operations of many tickets, by ticket id."""
    found: dict[str, tuple[Operation, ...]] = {}
    for chunk in in_chunks(ticket_ids):
        unfinished = _OPERATIONS.c.ticket_id.in_(chunk) & _OPERATIONS.c.state.not_in(FINISHED)
        for operation in _load(session, unfinished):
            found[operation.ticket_id] = (*found.get(operation.ticket_id, ()), operation)
    return found


def _load(session: Session, condition: ColumnElement[bool]) -> tuple[Operation, ...]:
    connection = session.connection()
    rows = connection.execute(select(_OPERATIONS).where(condition).order_by(_OPERATIONS.c.id)).all()
    steps: dict[str, list[Step]] = {}
    for chunk in in_chunks([row.id for row in rows]):
        ours = select(_STEPS).where(_STEPS.c.operation_id.in_(chunk))
        for step in connection.execute(ours.order_by(_STEPS.c.operation_id, _STEPS.c.ordinal)):
            steps.setdefault(step.operation_id, []).append(step_of(step))
    return tuple(operation_of(row, steps.get(row.id, ())) for row in rows)


def _write_steps(session: Session, operation: Operation) -> None:
    rows = [step_values(operation.id, ordinal, step) for ordinal, step in enumerate(operation.steps)]
    if rows:
        session.connection().execute(insert(_STEPS), rows)
