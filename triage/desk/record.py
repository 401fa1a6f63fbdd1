"""Everything recorded on this machine as one document, for export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from triage import __version__
from triage.desk.parts import Parts
from triage.model.entry import Entry
from triage.model.json_value import Json
from triage.model.operation import Operation
from triage.retrospective.party_letters import SPOKE as PARTY_SPOKE
from triage.store import enhancement_rows, evidence_rows, mirror, outbox, projections
from triage.store.entries import load_entries, subjects

FORMAT = "triage.export/v1"


async def record_of(parts: Parts, ticket_id: str) -> dict[str, Any]:
    """The docket with what is derived from it, of one case or (with no id) of all.

    The mirror is left out: it belongs to the helpdesk and can be pulled again. Tokens are never part of it.
    """
    return await parts.database.read(lambda session: _record(session, parts, ticket_id))


def _record(session: Session, parts: Parts, ticket_id: str) -> dict[str, Any]:
    entries = load_entries(session, case_id=ticket_id or None)
    cases = sorted({entry.case_id for entry in entries})
    return {
        "format": FORMAT,
        "program": f"triage {__version__}",
        "profile": parts.profile.name,
        "exported_at": parts.now(),
        "cases": [_case(session, case_id) for case_id in cases],
        "entries": [_without_rep(entry) for entry in entries if not _drafts_parties(entry)],
    }


def _drafts_parties(entry: Entry) -> bool:
    """Whether ``entry`` is a draft of the parties' rows: half-typed text, where no name can be told apart."""
    return entry.kind == "answer.drafted" and entry.data.get("prompt") == "Q5"


def _without_rep(entry: Entry) -> Entry:
    """``entry`` without who speaks for a party: that stays on the machine it was written on."""
    rows = entry.data.get("value")
    if entry.kind == "answer.given" and entry.data.get("prompt") == "Q5" and isinstance(rows, list):
        kept: list[Json] = [
            {key: value for key, value in row.items() if key != "rep"} if isinstance(row, Mapping) else row
            for row in rows
        ]
        return replace(entry, data={**entry.data, "value": kept})
    if entry.kind == PARTY_SPOKE and "rep" in entry.data:
        return replace(entry, data={key: value for key, value in entry.data.items() if key != "rep"})
    return entry


def _case(session: Session, case_id: str) -> dict[str, Any]:
    ticket = mirror.load_ticket(session, case_id)
    return {
        "ticket": case_id,
        "key": ticket.key if ticket else "",
        "subject": ticket.subject if ticket else "",
        "investigations": [
            projections.exported(session, investigation)
            for _, investigation in subjects(session, "investigation", case_id)
        ],
        "enhancements": enhancement_rows.list_enhancements(session, case_id=case_id),
        "runs": projections.runs_of(session, case_id),
        "evidence": evidence_rows.list_evidence(session, case_id),
        "operations": [
            _as_sent(one) for one in outbox.list_operations(session, ticket_id=case_id, finished=True)
        ],
    }


def _as_sent(operation: Operation) -> Operation:
    """``operation`` with the words that go to the ticket: what was masked in them stays on this machine, and
    of its files there are the lines that name them.
    """
    note = operation.change.note
    if note is None:
        return operation
    change = replace(operation.change, note=replace(note, body=note.sent, as_typed="", files=()))
    steps = tuple(
        replace(step, payload={key: value for key, value in step.payload.items() if key != "files"})
        for step in operation.steps
    )
    return replace(operation, change=change, steps=steps)
