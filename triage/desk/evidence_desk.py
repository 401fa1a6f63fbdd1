"""Evidence: kept on this machine, and put on the ticket only for agents, once a person has seen what goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlmodel import Session

from triage.desk.evidence_note import EVIDENCE, EVIDENCE_AS_TEXT, is_short, note_of, note_with_file
from triage.desk.facts import read_ticket
from triage.desk.parts import Parts
from triage.docket.evidence import read_file
from triage.model.entry import NewEntry
from triage.model.errors import NotFound, TriageError
from triage.model.operation import Change, Operation
from triage.model.run import EvidenceItem
from triage.model.ticket import Ticket
from triage.store import evidence_rows
from triage.sync import outbox


@dataclass(slots=True)
class EvidenceDesk:
    """Verbs on evidence."""

    parts: Parts

    async def list(self, ticket_id: str) -> tuple[EvidenceItem, ...]:
        """What is kept for a case, oldest first."""
        return await self.parts.database.read(lambda session: evidence_rows.list_evidence(session, ticket_id))

    async def text(self, evidence_id: str) -> str:
        """The text of a kept piece. Raises `NotFound`."""
        return await self.parts.evidence.text(self.parts.database, evidence_id)

    async def add(
        self,
        ticket_id: str,
        kind: Literal["text", "output", "file", "url", "screenshot_path"],
        content: str,
        *,
        source: str = "",
    ) -> EvidenceItem:
        """Keep a piece of evidence on this machine; secrets we know are masked first.

        Of a ``file`` the content is the path, and what is kept is what it holds now. Raises `Invalid` when it
        cannot be read, `Refused` when it is too large.
        """
        kept: str | bytes = content
        if kind == "file":
            kept, source = await asyncio.to_thread(read_file, Path(content)), source or content
        return await self.parts.evidence.keep(self.parts.docket, ticket_id, kind, kept, source=source)

    async def propose(self, evidence_id: str) -> Operation:
        """Propose to put a piece on its ticket, for agents only; what looks like a secret is masked.

        What is short is an internal note. What is longer goes with one as a file, if the helpdesk shows the
        files of an internal note to agents only; else its two ends are the note. Raises `NotFound`, or
        `Refused` for what is no text and cannot be searched.
        """
        item, ticket = await self.parts.database.read(lambda session: _looked_up(session, evidence_id))
        as_file = await self._keeps_files_inside()
        text = await self.text(evidence_id)

        def proposed() -> Operation:
            note = note_with_file(item, text) if as_file else note_of(item, text)
            why = EVIDENCE if as_file or is_short(text) else EVIDENCE_AS_TEXT
            return outbox.propose(
                ticket, Change(note=note), self.parts.person, self.parts.new_id(), self.parts.now(), why
            )

        # Searching half a million characters takes as many microseconds.
        operation = await asyncio.to_thread(proposed)
        said = {"evidence": item.id, "operation": operation.id, "visibility": "internal"}
        entry = NewEntry("case", item.case_id, "note.proposed", said)
        await self.parts.docket.append(item.case_id, [entry], operations=[operation])
        return operation

    async def _keeps_files_inside(self) -> bool:
        """Whether a file can go to the ticket for agents only; no, where nobody can tell now."""
        try:
            return (await self.parts.connection.helpdesk()).capabilities.internal_files
        except TriageError:
            return False


def _looked_up(session: Session, evidence_id: str) -> tuple[EvidenceItem, Ticket]:
    item = evidence_rows.load_evidence(session, evidence_id)
    if item is None:
        raise NotFound(f"no evidence {evidence_id}", do="triage evidence list TICKET shows what there is")
    return item, read_ticket(session, item.case_id)
