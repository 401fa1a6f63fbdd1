"""From the journal into a database that is older than it: what was written, begun and finished since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from triage.model.operation import FINISHED, NEEDS_A_PERSON, Operation, Step
from triage.model.timeline import TimelineEvent
from triage.store import mirror, outbox
from triage.store.note_journal import Told

MAY_YET_ARRIVE = timedelta(days=1)
"""How long after it was sent a write is not looked for yet, when a backup comes back. The sender, who knows
how late this helpdesk can apply one, waits that much and no longer."""

_LOOKED_FOR = "it had begun to be sent before the backup came back: it is looked for on the ticket first"
_SHARED = (
    "it had begun to be sent, and a colleague may have given it up; look at the ticket, then retry or drop it"
)
_WRITTEN = frozenset({"landed", "verified", "dropped"})


def bring_back(session: Session, told: Mapping[str, Told], *, shared: bool = False) -> tuple[Operation, ...]:
    """Bring the outbox up to what the journal told, where it is behind; the writes that changed.

    What has arrived or was given up is so again. What may be on its ticket is looked for there before it is
    sent. What never began waits for a person, and so does a later text of what waits already.

    In a ``shared`` database colleagues decide too, and this journal does not hear of it: only what is missing
    there comes back, and none of it is sent before a person has looked.
    """
    known = {one.id: one for one in outbox.list_operations(session, finished=True)}
    if shared:
        told = {id_: one for id_, one in told.items() if id_ not in known}
    missing = {one.operation.ticket_id for id_, one in told.items() if id_ not in known}
    timelines = mirror.load_timelines(session, missing) if missing else {}
    back = []
    for id_, one in told.items():
        after = _brought(known.get(id_), one.operation, timelines)
        if after is not None:
            after = _waiting(after) if shared else after
            outbox.save_operation(session, after)
            back.append(after)
    return tuple(back)


def finished_of(session: Session, unsent: Collection[str]) -> tuple[Operation, ...]:
    """Those of ``unsent`` that need no journal any more: on the ticket, or given up."""
    return tuple(outbox.load_operation(session, one) for one in outbox.finished_among(session, unsent))


def _brought(
    held: Operation | None, journaled: Operation, timelines: Mapping[str, Sequence[TimelineEvent]]
) -> Operation | None:
    """The write as it shall be; None where it stays as it is.

    The journal hears of every text before the database does: of two, its is the later one. An edit begins to
    count attempts anew, and there is none of a text that may be on the ticket.
    """
    if held is not None and held.state in FINISHED:
        return None
    if journaled.state in FINISHED:
        return journaled
    edited = held is not None and held.change.note != journaled.change.note
    if _attempts(journaled) > (0 if held is None or edited else _attempts(held)):
        return _looked_for(journaled)
    if held is not None:
        return journaled if edited else None
    seen = "\n".join(f"{event.marker} {event.text}" for event in timelines.get(journaled.ticket_id, ()))
    return None if journaled.id in seen else journaled


def _looked_for(operation: Operation) -> Operation:
    """``operation`` as of unknown outcome: a sender looks twice for what was attempted before it sends.

    One that waited for a person goes on waiting.
    """
    steps = tuple(_unknown(step) if _perhaps(step) else step for step in operation.steps)
    if operation.state in NEEDS_A_PERSON:
        return replace(operation, state="parked", steps=steps)
    head = next((step for step in steps if step.state != "verified"), None)
    return replace(operation, state=head.state if head else "verified", steps=steps, problem=_LOOKED_FOR)


def _waiting(operation: Operation) -> Operation:
    """``operation``, parked where a sender would take it up by itself."""
    if operation.state in FINISHED | NEEDS_A_PERSON:
        return operation
    return replace(operation, state="parked", problem=_SHARED)


def _perhaps(step: Step) -> bool:
    return step.attempts > 0 and step.state not in _WRITTEN


def _unknown(step: Step) -> Step:
    until = step.sent_at + MAY_YET_ARRIVE if step.sent_at else None
    return replace(step, state="unknown", absent_scans=0, probe_after=until, problem=_LOOKED_FOR)


def _attempts(operation: Operation) -> int:
    return sum(step.attempts for step in operation.steps)
