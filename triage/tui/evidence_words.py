"""Whether a piece of evidence is on its ticket, and since when. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.model.operation import Operation
from triage.tui.clock_words import clock
from triage.tui.safe_text import Piece
from triage.tui.write_words import state_words

_ARRIVED = frozenset({"landed", "verified"})


def carrier(case: Case, evidence_id: str) -> Operation | None:
    """The write that put the piece on the ticket, else the newest that is to; None where there is none.

    One that was given up counts for nothing.
    """
    ours = case.carried_by.get(evidence_id, ())
    writes = [one for one in case.operations if one.id in ours and one.state != "dropped"]
    writes.sort(key=lambda one: (one.state in _ARRIVED, one.created_at))
    return writes[-1] if writes else None


def where_it_is(operation: Operation, now: datetime, zone: tzinfo) -> Piece:
    """``on the ticket since 10:44``, or ``in the outbox``."""
    tone = state_words(operation.state)[1]
    if operation.state not in _ARRIVED:
        return ("in the outbox", tone)
    sent = [step.sent_at for step in operation.steps if step.sent_at is not None]
    since = max(sent, default=operation.confirmed_at or operation.created_at)
    return (f"on the ticket since {clock(since, now, zone)}", tone)
