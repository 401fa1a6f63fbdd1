"""The gate before a write that closes a ticket."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from triage.desk.facts import read_facts, read_investigation
from triage.model.errors import Stopped
from triage.model.operation import Operation
from triage.retrospective.closing import closes, kept_open_by
from triage.retrospective.imported_timeline import imported_events


def stop_early_close(session: Session, operation: Operation, now: datetime) -> None:
    """Raise `Stopped`, naming what is missing, when ``operation`` would close a case too early.

    The facts of the case's investigation count where there is one, so that a confirmation by telephone that
    was written down there is one too; otherwise what the ticket shows.
    """
    if not closes(operation.change.status):
        return
    facts = read_facts(session, operation.ticket_id, now)
    held = read_investigation(session, facts, now)
    events = held.timeline if held else imported_events(facts, now, now)
    reasons = kept_open_by(events, facts.promises, now)
    if reasons:
        raise Stopped(
            f"it cannot be closed yet: {'; '.join(reasons)}",
            where=facts.ticket.key,
            do="triage promise list shows what is owed; write a confirmation down as a fact",
        )
