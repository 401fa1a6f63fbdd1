"""How a queue row follows from all we know of an escalation: here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from triage.model.case import InvestigationSummary, RunSummary
from triage.model.entry import Entry
from triage.model.operation import Operation
from triage.model.promise import Promise
from triage.model.queue import QueueItem
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent
from triage.store.pending import WAITING_TO_ARRIVE


def derive(
    ticket: Ticket,
    timeline: Sequence[TimelineEvent],
    promises: Sequence[Promise],
    runs: Sequence[RunSummary],
    investigation: InvestigationSummary | None,
    operations: Sequence[Operation],
    seen: str | None,
    case_entries: Sequence[Entry] = (),
) -> QueueItem:
    """The queue row. ``seen`` is the version token a person last looked at; None for never. Pure, and without
    a clock: what depends on the time of looking is decided when the queue is read.
    """
    words = [event.at for event in timeline if event.word_to_customer]
    # Without any event we know nothing of the conversation: "no answer yet" would be a false alarm.
    unacknowledged = bool(timeline) and not words
    return QueueItem(
        id=ticket.id,
        key=ticket.key,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        customer=ticket.customer,
        product=ticket.product,
        assignee=ticket.assignee,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        waiting_since=max(words, default=ticket.created_at),
        next_promise_due=_next_due(promises),
        unacknowledged=unacknowledged,
        url=ticket.url,
        local_state=_local_state(runs, investigation, case_entries, unacknowledged=unacknowledged),
        tags=ticket.tags,
        relationship=ticket.relationship,
        marked=is_marked(case_entries),
        fresh=_fresh(ticket, seen),
        to_send=sum(operation.state in WAITING_TO_ARRIVE for operation in operations),
    )


def is_marked(case_entries: Sequence[Entry]) -> bool:
    """Whether a person marked the case: the latest ``case.marked`` counts."""
    marks = [entry.data.get("on", True) for entry in case_entries if entry.kind == "case.marked"]
    return bool(marks and marks[-1])


def _next_due(promises: Sequence[Promise]) -> datetime | None:
    return min((one.due for one in promises if one.met_at is None and not one.withdrawn), default=None)


def _fresh(ticket: Ticket, seen: str | None) -> Literal["", "new", "changed"]:
    if seen is None:
        return "new"
    return "" if seen == ticket.version.token else "changed"


def _local_state(
    runs: Sequence[RunSummary],
    investigation: InvestigationSummary | None,
    case_entries: Sequence[Entry],
    *,
    unacknowledged: bool,
) -> str:
    """The furthest thing we did with it, in words."""
    if investigation is not None:
        return "adopted" if investigation.state == "adopted" else "investigating"
    if active := [run for run in runs if run.status in ("open", "parked")]:
        run = active[-1]
        return f"{'parked' if run.status == 'parked' else 'playbook'} {run.done}/{run.path_length}"
    if runs:
        return f"playbook {runs[-1].outcome or runs[-1].status}".replace("_", " ")
    if any(entry.kind == "case.taken" for entry in case_entries):
        return "taken"
    return "unacknowledged" if unacknowledged else "new"
