"""The facts of a case, read in one go on the database thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from triage.insight.earlier import earlier_keys
from triage.model.case import Case, CaseFacts
from triage.model.errors import NotFound
from triage.model.investigation import Investigation
from triage.model.ticket import Ticket
from triage.retrospective.fold import fold
from triage.store import evidence_rows, mirror, outbox, projections
from triage.store.case_promises import load_facts
from triage.store.entries import load_entries


def read_ticket(session: Session, ticket_id: str) -> Ticket:
    """The ticket as the mirror has it. Raises `NotFound`."""
    ticket = mirror.load_ticket(session, ticket_id)
    if ticket is None:
        raise NotFound(f"no ticket {ticket_id} here", do="triage sync pulls the queue")
    return ticket


def read_facts(session: Session, ticket_id: str, now: datetime) -> CaseFacts:
    """What the helpdesk and the promises say about a case. Raises `NotFound`."""
    facts = load_facts(session, ticket_id)
    if facts is None:
        raise NotFound(f"no ticket {ticket_id} here", do="triage sync pulls the queue")
    return replace(facts, earlier=earlier_keys(session, facts.ticket, now))


def read_investigation(session: Session, facts: CaseFacts, now: datetime) -> Investigation | None:
    """The case's newest investigation, folded; None when there is none."""
    case_id = facts.ticket.id
    held = projections.investigation_of(session, case_id)
    if held is None:
        return None
    told = load_entries(session, case_id=case_id, subject="investigation", subject_id=held.id)
    return fold(told, facts, now)


def read_case(session: Session, ticket_id: str, now: datetime) -> Case:
    """Everything the case screen shows. Raises `NotFound`."""
    facts = read_facts(session, ticket_id, now)
    held = mirror.load_mirrored(session, ticket_id)
    if held is None:
        raise NotFound(f"no ticket {ticket_id} here")
    marks = load_entries(session, case_id=ticket_id, subject="case", kinds=["case.marked"])
    evidence = evidence_rows.list_evidence(session, ticket_id)
    return Case(
        facts=facts,
        runs=projections.runs_of(session, ticket_id),
        investigation=projections.investigation_of(session, ticket_id),
        operations=outbox.list_operations(session, ticket_id=ticket_id, finished=True),
        evidence=evidence,
        marked=bool(marks and marks[-1].data.get("on")),
        pulled_at=held.pulled_at,
        gone=held.gone,
        carried_by=_carried_by(session, ticket_id) if evidence else {},
    )


def _carried_by(session: Session, ticket_id: str) -> dict[str, tuple[str, ...]]:
    """The operations of each piece of evidence that was proposed for the ticket, oldest first."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in load_entries(session, case_id=ticket_id, subject="case", kinds=["note.proposed"]):
        if piece := str(entry.data.get("evidence", "")):
            found[piece] = (*found.get(piece, ()), str(entry.data["operation"]))
    return found
