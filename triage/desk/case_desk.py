"""Working on one case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triage.desk.brief import brief_text
from triage.desk.facts import read_case, read_investigation, read_ticket
from triage.desk.next_promise import NextPromise, wanted_after
from triage.desk.parts import Parts
from triage.model.case import Case
from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NotFound
from triage.model.json_value import Json
from triage.model.operation import Change, Note, Operation
from triage.model.promise import PROMISE_KINDS, PromisedTo, PromiseKind
from triage.model.timeline import Visibility
from triage.retrospective.closing import closes
from triage.store import mirror
from triage.store.entries import load_entries
from triage.sync import outbox
from triage.sync.pull import pull_one


@dataclass(slots=True)
class CaseDesk:
    """Verbs on one case; ``ticket_id`` is the helpdesk's id, as `find` gives it."""

    parts: Parts

    async def find(self, reference: str) -> str:
        """The ticket id for a key, an id, ``#id`` or an address. Raises `NotFound`."""
        found = await self.parts.database.read(lambda session: mirror.find_ticket_id(session, reference))
        if found is None:
            raise NotFound(f"no ticket {reference} here", do="triage sync pulls the queue")
        return found

    async def open(self, ticket_id: str) -> Case:
        """Everything we have on the case. Raises `NotFound`."""
        now = self.parts.now()
        return await self.parts.database.read(lambda session: read_case(session, ticket_id, now))

    async def refresh(self, ticket_id: str) -> Case:
        """Pull this one ticket, then `open` it. Raises `HelpdeskFailed`."""
        helpdesk = await self.parts.connection.helpdesk()
        await pull_one(self.parts.database, helpdesk, ticket_id, now=self.parts.now)
        return await self.open(ticket_id)

    async def mark(self, ticket_id: str, on: bool) -> None:
        """Put the flag on a row, or take it off."""
        await self._tell(ticket_id, "case.marked", {"on": on})

    async def take(self, ticket_id: str) -> Operation:
        """Propose to make ourselves the owner; nothing is sent before it is confirmed."""
        return await self._propose(ticket_id, Change(assignee="me"), "take", "case.taken", {})

    async def close(self, ticket_id: str, status: str) -> Operation:
        """Propose to close the ticket with the helpdesk's own word for it, such as ``solved``.

        Raises `Invalid` for a status that closes nothing; confirming it has to pass the gate.
        """
        if not closes(status):
            raise Invalid(
                f"{status!r} closes nothing", do="Use the helpdesk's word: solved, resolved, closed"
            )
        return await self._propose(
            ticket_id, Change(status=status), "close", "case.closing", {"status": status}
        )

    async def propose_note(self, ticket_id: str, body: str, visibility: Visibility) -> Operation:
        """Propose a message for the ticket; nothing is sent before it is confirmed."""
        purpose = "internal note" if visibility == "internal" else "public reply"
        change = Change(note=Note(body, visibility))
        return await self._propose(ticket_id, change, purpose, "note.proposed", {"visibility": visibility})

    async def save_draft(self, ticket_id: str, slot: str, text: str) -> None:
        """Keep what was typed into ``slot``; an empty text clears it."""
        await self._tell(ticket_id, "draft.saved", {"slot": slot, "text": text})

    async def drafts(self, ticket_id: str) -> Mapping[str, str]:
        """What was typed and not sent, by slot."""
        kept = await self.parts.database.read(
            lambda session: load_entries(session, case_id=ticket_id, subject="case", kinds=["draft.saved"])
        )
        newest = {str(entry.data["slot"]): str(entry.data["text"]) for entry in kept}
        return {slot: text for slot, text in newest.items() if text}

    async def add_promise(
        self,
        ticket_id: str,
        kind: PromiseKind,
        due: datetime,
        *,
        quote: str = "",
        to: PromisedTo | None = None,
    ) -> None:
        """Write down a promise that was made; ``due`` is an aware time.

        ``to`` is whom it was made to: without it, those the ticket is from.
        """
        if kind not in PROMISE_KINDS:
            raise Invalid(f"no promise is a {kind}", do="Use one of: " + ", ".join(PROMISE_KINDS))
        if due.tzinfo is None:
            raise Invalid("the due time has no zone", where=due.isoformat())
        data: dict[str, Json] = {
            "id": self.parts.new_id(), "kind": kind, "due": due.isoformat(), "quote": quote,
            "made_at": self.parts.now().isoformat(),
        }  # fmt: skip
        if to is not None:
            data["to"] = to
        await self._tell(ticket_id, "promise.added", data)

    async def wanted_after(self, ticket_id: str, reply: str | None) -> NextPromise | None:
        """The promise to make with a public ``reply``, or with none; None where something stays promised."""
        now, zone = self.parts.now(), self.parts.zone
        return await self.parts.database.read(
            lambda session: wanted_after(session, ticket_id, reply, now, zone)
        )

    async def confirm_promise(self, ticket_id: str, promise_id: str) -> None:
        """Say that a promise read from the text was indeed one."""
        await self._tell(ticket_id, "promise.confirmed", {"id": promise_id})

    async def withdraw_promise(self, ticket_id: str, promise_id: str) -> None:
        """Say that it was no promise, or that a later one replaced it."""
        await self._tell(ticket_id, "promise.withdrawn", {"id": promise_id})

    async def keep_promise(self, ticket_id: str, promise_id: str, at: datetime | None = None) -> None:
        """Say that a promise was kept, at ``at`` or now."""
        when = at or self.parts.now()
        await self._tell(ticket_id, "promise.kept", {"id": promise_id, "at": when.isoformat()})

    async def brief(self, ticket_id: str) -> str:
        """At most twelve lines for the engineer being woken."""
        now = self.parts.now()

        def read(session: Session) -> tuple[Case, str]:
            case = read_case(session, ticket_id, now)
            held = read_investigation(session, case.facts, now)
            return case, held.impact if held else ""

        case, impact = await self.parts.database.read(read)
        return brief_text(case, now, self.parts.zone, impact=impact)

    async def _tell(self, ticket_id: str, kind: str, data: Mapping[str, Json]) -> None:
        await self.parts.docket.append(ticket_id, [NewEntry("case", ticket_id, kind, data)])

    async def _propose(
        self, ticket_id: str, change: Change, purpose: str, kind: str, data: Mapping[str, Json]
    ) -> Operation:
        operation = await self.parts.database.read(self._proposal(ticket_id, change, purpose))
        entry = NewEntry("case", ticket_id, kind, {**data, "operation": operation.id})
        await self.parts.docket.append(ticket_id, [entry], operations=[operation])
        return operation

    def _proposal(self, ticket_id: str, change: Change, purpose: str) -> Callable[[Session], Operation]:
        def read(session: Session) -> Operation:
            ticket = read_ticket(session, ticket_id)
            return outbox.propose(
                ticket, change, self.parts.person, self.parts.new_id(), self.parts.now(), purpose
            )

        return read
