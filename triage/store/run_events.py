"""What happened in playbook runs, read without the columns that say who did it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from triage.model.run_event import RunEvent, without_people
from triage.model.ticket import Ticket
from triage.store.entries import EntryRow
from triage.store.projection_rows import RunRow
from triage.store.ticket_rows import TicketRow
from triage.store.upsert import table_of

_ENTRIES = table_of(EntryRow)
_RUNS = table_of(RunRow)
_TICKETS = table_of(TicketRow)
_OVER = ("ended", "stopped", "abandoned")


def run_events(session: Session, playbook_id: str = "") -> Iterator[tuple[RunEvent, ...]]:
    """The events of each run, oldest run first, of one playbook or of all; read run by run."""
    columns = _ENTRIES.c
    chosen = select(columns.subject_id, columns.case_id, columns.kind, columns.at, columns.data).where(
        columns.subject == "run"
    )
    if playbook_id:
        ours = select(_RUNS.c.id).where(_RUNS.c.playbook_id == playbook_id)
        chosen = chosen.where(columns.subject_id.in_(ours))
    rows = session.connection().execute(
        chosen.order_by(columns.subject_id, columns.id), execution_options={"yield_per": 500}
    )
    for _, entries in groupby(rows, key=lambda row: row.subject_id):
        yield tuple(_event(row) for row in entries)


def _event(row: Any) -> RunEvent:
    return RunEvent(row.subject_id, row.case_id, row.kind, row.at, without_people(row.kind, row.data))


def runs_like(session: Session, ticket: Ticket) -> dict[str, tuple[int, int]]:
    """Playbook to how many of its runs on tickets like this ended well, and how many are over.

    Like it is a ticket of the same product or component, or with a tag in common; the ticket's own runs are
    left out.
    """
    columns = (
        _RUNS.c.playbook_id,
        _RUNS.c.outcome,
        _TICKETS.c.product,
        _TICKETS.c.component,
        _TICKETS.c.tags,
    )
    joined = select(*columns).join_from(_RUNS, _TICKETS, _RUNS.c.case_id == _TICKETS.c.id)
    over = joined.where(_RUNS.c.status.in_(_OVER), _RUNS.c.case_id != ticket.id)
    counts: dict[str, tuple[int, int]] = {}
    for row in session.connection().execute(over):
        if _alike(row, ticket):
            well, total = counts.get(row.playbook_id, (0, 0))
            counts[row.playbook_id] = (well + (row.outcome in ("resolved", "workaround")), total + 1)
    return counts


def _alike(row: Any, ticket: Ticket) -> bool:
    same = (row.product and row.product == ticket.product) or (
        row.component and row.component == ticket.component
    )
    return bool(same) or not set(row.tags or ()).isdisjoint(ticket.tags)
