"""The outbox: what shall be written to the helpdesk, kept until it arrived or a person gave it up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, update
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
from triage.store.pending import WAITING_TO_ARRIVE
from triage.store.upsert import in_chunks, table_of, upsert

_OPERATIONS = table_of(OperationRow)
_STEPS = table_of(StepRow)

SENDABLE: frozenset[str] = frozenset({"pending", "sending", "unknown", "landed"})
"""States in which the sender, not a person, has the next move."""


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


def save_operation(session: Session, operation: Operation) -> None:
    """Overwrite an operation and all its steps."""
    upsert(session, OperationRow, [operation_values(operation)])
    session.connection().execute(delete(_STEPS).where(_STEPS.c.operation_id == operation.id))
    _write_steps(session, operation)


def save_step(session: Session, operation_id: str, step: Step) -> None:
    """Overwrite one step, known by its key. Raises `NotFound`."""
    values = step_values(operation_id, 0, step)
    del values["ordinal"]
    ours = (_STEPS.c.operation_id == operation_id) & (_STEPS.c.key == step.key)
    if session.connection().execute(update(_STEPS).where(ours).values(values)).rowcount != 1:
        raise NotFound(f"no step {step.key} in write {operation_id}")


def next_ready(session: Session, now: datetime, *, skip_tickets: Collection[str] = ()) -> Operation | None:
    """The operation the sender should move on next, or None.

    Per ticket strictly first confirmed, first sent: an operation that waits (for a person or for its time)
    holds back later ones of its ticket and nothing else. Proposed ones hold back nothing.
    """
    columns = _OPERATIONS.c
    waiting = (
        select(columns.id, columns.ticket_id, columns.state)
        .where(columns.state.not_in([*FINISHED, "proposed"]))
        .order_by(columns.confirmed_at, columns.id)
    )
    passed = set(skip_tickets)
    for operation_id, ticket_id, state in session.connection().execute(waiting).all():
        if ticket_id in passed:
            continue
        passed.add(ticket_id)
        if state not in SENDABLE:
            continue
        operation = load_operation(session, operation_id)
        if _due(operation, now):
            return operation
    return None


def next_due_at(session: Session) -> datetime | None:
    """When the earliest wait of a sendable step ends, for a sender with nothing ready; None for no wait."""
    waits = select(func.min(_STEPS.c.probe_after)).where(_STEPS.c.state.in_(SENDABLE))
    return session.connection().execute(waits).scalar()


def list_many(session: Session, ticket_ids: Collection[str]) -> dict[str, tuple[Operation, ...]]:
    """Unfinished operations of many tickets, by ticket id."""
    found: dict[str, tuple[Operation, ...]] = {}
    for chunk in in_chunks(ticket_ids):
        unfinished = _OPERATIONS.c.ticket_id.in_(chunk) & _OPERATIONS.c.state.not_in(FINISHED)
        for operation in _load(session, unfinished):
            found[operation.ticket_id] = (*found.get(operation.ticket_id, ()), operation)
    return found


def count_to_send(session: Session) -> int:
    """Confirmed writes that have not arrived yet."""
    waiting = select(func.count()).select_from(_OPERATIONS)
    return (
        session.connection().execute(waiting.where(_OPERATIONS.c.state.in_(WAITING_TO_ARRIVE))).scalar_one()
    )


def _due(operation: Operation, now: datetime) -> bool:
    current = next((step for step in operation.steps if step.state not in FINISHED), None)
    return current is None or current.probe_after is None or current.probe_after <= now


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
