"""Evidence: kept on this machine, and put on the ticket only as a note for agents that a person has seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlmodel import Session

from triage.config.secret_scan import find_secrets
from triage.desk.facts import read_ticket
from triage.desk.parts import Parts
from triage.docket.evidence import read_file
from triage.model.entry import NewEntry
from triage.model.errors import NotFound, Refused
from triage.model.operation import Change, Note, Operation
from triage.model.run import EvidenceItem
from triage.store import evidence_rows
from triage.sync import outbox

HEAD, TAIL = 6_000, 14_000
"""Characters of a long text that a note carries from its beginning and from its end, where the error is."""

NOT_SENT = "the whole is kept on the machine of the person who wrote this"


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
        """Propose to put a piece on its ticket, as an internal note; what looks like a secret is masked.

        It goes as text and not as a file: where a helpdesk lets customers see the files of a ticket, a note
        for agents stays one. Raises `NotFound`, or `Refused` for what is no text and cannot be searched.
        """
        item = await self.parts.database.read(
            lambda session: evidence_rows.load_evidence(session, evidence_id)
        )
        if item is None:
            raise NotFound(f"no evidence {evidence_id}", do="triage evidence list TICKET shows what there is")
        body = note_of(item, await self.text(evidence_id))

        def proposed(session: Session) -> Operation:
            return outbox.propose(
                read_ticket(session, item.case_id), Change(note=Note(body, "internal")), self.parts.person,
                self.parts.new_id(), self.parts.now(), "evidence",
            )  # fmt: skip

        operation = await self.parts.database.read(proposed)
        said = {"evidence": item.id, "operation": operation.id, "visibility": "internal"}
        entry = NewEntry("case", item.case_id, "note.proposed", said)
        await self.parts.docket.append(item.case_id, [entry], operations=[operation])
        return operation


def note_of(item: EvidenceItem, text: str) -> str:
    """``text`` as a note: what it is, then its beginning and end. Raises `Refused` for what is no text."""
    if "\0" in text or text.count("\ufffd") > 1 + len(text) // 100:
        raise Refused(
            "this is no text and cannot be searched for secrets", where=item.summary,
            do="Attach it in the helpdesk yourself",
        )  # fmt: skip
    source = f", from {item.source}" if item.source else ""
    head = f"Evidence ({item.kind}{source}), kept {item.at:%Y-%m-%d %H:%M} UTC, sha256 {item.sha256[:16]}:"
    return f"{head}\n\n{shortened(text)}"


def shortened(text: str) -> str:
    """``text``, or where it is long its two ends with the number of characters between them."""
    if len(text) <= HEAD + TAIL:
        return text
    head, tail = HEAD, len(text) - TAIL
    for hit in find_secrets(text):
        # Half a secret looks like none any more: one that lies across a cut is left out whole.
        head = hit.start if hit.start < head < hit.end else head
        tail = hit.end if hit.start < tail < hit.end else tail
    return f"{text[:head]}\n[… {tail - head:,} characters left out; {NOT_SENT} …]\n{text[tail:]}"
