"""What shall be written to the helpdesk: looking at it, agreeing to it, sending it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from triage.desk.closing_gate import stop_early_close
from triage.desk.evidence_note import EVIDENCE_AS_TEXT
from triage.desk.facts import read_ticket
from triage.desk.parts import Parts
from triage.desk.views import ConflictRow, SendResult, WriteLine, WritePage
from triage.model.errors import NotFound, TriageError
from triage.model.json_value import Json
from triage.model.note_file import NoteFile
from triage.model.operation import FINISHED, Operation
from triage.model.ticket import Ticket
from triage.store import lease_owner, mirror, queue_rows, seen
from triage.store import outbox as rows
from triage.store.backups import oldest
from triage.store.bringing_back import finished_of
from triage.sync import masking, outbox
from triage.sync.merge import merge
from triage.sync.push import push

EXPLAINED: Mapping[str, str] = {
    "proposed": "Nothing has been sent. Confirm it to send it.",
    "pending": "Confirmed; it goes out with the next sync.",
    "sending": "Being sent now.",
    "unknown": "The helpdesk gave no clear answer. Triage looks for it on the ticket before it sends again.",
    "landed": "The helpdesk took it; it is being read back.",
    "verified": "It is on the ticket, read back and as asked.",
    "conflict": "Somebody changed the same field to something else. Nothing was written: pick, or drop it.",
    "rejected": "The helpdesk refused it. Mend it and retry, or drop it.",
    "parked": "It waits for you: retry looks for it on the ticket first; drop gives it up.",
    "dropped": "Given up.",
}

REMARKS: Mapping[str, str] = {
    EVIDENCE_AS_TEXT: "As text, not as a file: here a customer might see the files of a ticket.",
}
"""What a person should know of a write, by what it is for."""
ENDS = 2
"""Lines of a file that its page shows of either end."""
WIDEST = 140
"""Characters of such a line."""


@dataclass(slots=True)
class OutboxDesk:
    """Verbs on writes."""

    parts: Parts

    async def list(self, *, ticket_id: str | None = None, finished: bool = False) -> tuple[Operation, ...]:
        """Writes, oldest first; with ``finished`` also those that arrived or were dropped."""
        return await self.parts.database.read(
            lambda session: rows.list_operations(session, ticket_id=ticket_id, finished=finished)
        )

    async def show(self, operation_id: str) -> WritePage:
        """Exactly what will be written. Raises `NotFound`."""
        return await self.parts.database.read(lambda session: self._page(session, operation_id))

    async def confirm(self, operation_id: str, *, public_key: str = "") -> Operation:
        """Release a write for sending.

        Raises `Refused` for a public reply without the ticket's key, `Stopped` for a ticket closed too early.
        """
        now = self.parts.now()
        await self.parts.database.read(
            lambda session: stop_early_close(session, rows.load_operation(session, operation_id), now)
        )
        return await self._change(operation_id, lambda op, _: outbox.confirm(op, now, public_key=public_key))

    async def edit_note(self, operation_id: str, body: str) -> Operation:
        """Change the text; it must be confirmed again."""
        return await self._change(operation_id, lambda op, _: outbox.edit_note(op, body))

    async def unmask(self, operation_id: str, typed_key: str) -> Operation:
        """Put the note back as it was typed, what looks like a secret and all. Raises `Refused`."""
        return await self._change(operation_id, lambda op, _: masking.unmasked(op, typed_key))

    async def retry(self, operation_id: str, *, seen_absent: bool = False) -> Operation:
        """Take a stopped write up again; what may have landed is looked for first."""
        now = self.parts.now()
        return await self._change(operation_id, lambda op, _: outbox.retry(op, now, seen_absent=seen_absent))

    async def park(self, operation_id: str) -> Operation:
        """Set a write aside."""
        return await self._change(operation_id, lambda op, _: outbox.park(op))

    async def drop(self, operation_id: str) -> Operation:
        """Give a write up; ``problem`` of the result says what may be on the ticket already."""
        return await self._change(operation_id, lambda op, _: outbox.drop(op))

    async def resolve_conflict(
        self, operation_id: str, picks: Mapping[str, Literal["mine", "theirs"]]
    ) -> Operation:
        """Decide each field in conflict. Raises `NeedsInput` while one has no pick."""
        me = self.parts.connection.known_account
        return await self._change(operation_id, lambda op, ticket: outbox.resolve(op, picks, ticket, me=me))

    async def send(self, on_change: Callable[[Operation], None] | None = None) -> SendResult:
        """Send what is ready, under the one sender's lease. Raises `HelpdeskFailed` when out of reach."""
        helpdesk = await self.parts.connection.helpdesk()
        arrived: set[str] = set()

        def heard(operation: Operation) -> None:
            if operation.state == "verified":
                arrived.add(operation.ticket_id)
            if on_change is not None:
                on_change(operation)

        try:
            result = await push(
                self.parts.database,
                helpdesk,
                owner=lease_owner.this_process(),
                now=self.parts.now,
                settle_s=self.parts.profile.settle_s,
                on_change=heard,
                journal=self.parts.journal,
            )
        finally:
            # However it ended, some may have arrived. What the journal cannot be told now it is told after
            # the next sending.
            with suppress(TriageError):
                await self._tell_journal()
        await self._seen(arrived)
        return SendResult(
            pushed=result.pushed,
            conflicts=result.conflicts,
            parked=result.parked,
            rejected=result.rejected,
            waiting=result.waiting,
            next_due=result.next_due,
            alarms=result.alarms,
            busy=result.busy,
        )

    async def _tell_journal(self) -> None:
        """Which writes are on their ticket or were given up, and from when on any backup could ask."""
        journal = self.parts.journal
        unsent = await asyncio.to_thread(journal.unsent)
        if unsent:
            done = await self.parts.database.read(lambda session: finished_of(session, unsent))
            await asyncio.to_thread(journal.finished, done)
            first = await asyncio.to_thread(oldest, self.parts.profile.backup_dir)
            await asyncio.to_thread(journal.shorten, first.at if first else None)

    async def _seen(self, ticket_ids: set[str]) -> None:
        """What we wrote ourselves is no news: it does not mark the row as changed."""
        now = self.parts.now()

        def write(session: Session) -> None:
            known = seen.seen_versions(session, ticket_ids)
            for ticket_id in known:
                seen.mark_seen(session, ticket_id, read_ticket(session, ticket_id).version.token, now)
            queue_rows.refresh(session, list(known))

        if ticket_ids:
            await self.parts.database.write(write)

    async def _change(self, operation_id: str, change: Callable[[Operation, Ticket], Operation]) -> Operation:
        def write(session: Session) -> Operation:
            before = rows.load_operation(session, operation_id)
            after = change(before, read_ticket(session, before.ticket_id))
            self._tell_decided(after)
            rows.save_operation(session, after)
            queue_rows.refresh(session, [after.ticket_id])
            return after

        return await self.parts.database.write(write)

    def _tell_decided(self, after: Operation) -> None:
        """What a person decided is so after an older database came back: the journal hears of it first."""
        journal = self.parts.journal
        if after.state in FINISHED:
            journal.finished([after])
        elif after.state == "proposed":
            # Also where the text is the same: what began before is taken back and must be confirmed again.
            journal.write([after])
        elif any(step.attempts for step in after.steps):
            journal.begun(after)

    def _page(self, session: Session, operation_id: str) -> WritePage:
        operation = rows.load_operation(session, operation_id)
        held = mirror.load_mirrored(session, operation.ticket_id)
        if held is None:
            raise NotFound(f"no ticket {operation.ticket_id} here")
        ticket, base, note = held.ticket, operation.base_version, operation.change.note
        conflicts = merge(operation, ticket).conflicts if operation.state == "conflict" else ()
        return WritePage(
            operation=operation,
            ticket_key=ticket.key,
            ticket_subject=ticket.subject,
            helpdesk=self.parts.profile.name,
            account=self.parts.connection.known_account,
            lines=write_lines(operation),
            public=outbox.is_public(operation.change),
            version_seen=base.token if base else "",
            changed_since=base is not None and base.token != ticket.version.token,
            conflicts=tuple(
                ConflictRow(c.field, worded(c.base), worded(c.mine), worded(c.theirs)) for c in conflicts
            ),
            explanation=EXPLAINED[operation.state],
            masked=masking.masked_places(note) if note else (),
            unmasked=bool(note and note.unmasked_with),
            remark=REMARKS.get(operation.purpose, ""),
        )


def write_lines(operation: Operation) -> tuple[WriteLine, ...]:
    """What an operation will write, a line each, with the values it replaces."""
    change, lines = operation.change, []
    if change.tags_add or change.tags_remove:
        tags = [f"+ {tag}" for tag in change.tags_add] + [f"- {tag}" for tag in change.tags_remove]
        lines.append(WriteLine("tags", "  ".join(tags)))
    for name, value in change.fields.items():
        lines.append(WriteLine("field", f"{name}: {worded(operation.base.get(name))} → {worded(value)}"))
    if change.status is not None:
        lines.append(WriteLine("status", f"{worded(operation.base.get('status'))} → {change.status}"))
    if change.assignee is not None:
        whom = "you" if change.assignee == "me" else change.assignee
        lines.append(WriteLine("owner", f"{worded(operation.base.get('assignee'))} → {whom}"))
    if change.note is not None:
        heading = "PUBLIC REPLY" if change.note.visibility == "public" else "INTERNAL NOTE"
        lines.insert(0, WriteLine(heading, change.note.sent, change.note.visibility))
        # A file stands before its note, whose text may fill a screen.
        lines[:0] = [
            WriteLine(f"FILE {file.name}", in_short(file), change.note.visibility, goes_along=True)
            for file in change.note.files
        ]
    return tuple(lines)


def in_short(file: NoteFile) -> str:
    """How large a file is, its first and its last lines."""
    lines = file.text.rstrip("\n").split("\n")
    told = f"{file.size:,} bytes, {len(lines):,} lines"
    if len(lines) <= 2 * ENDS:
        shown = lines
    else:
        shown = [*lines[:ENDS], f"[… {len(lines) - 2 * ENDS:,} lines …]", *lines[-ENDS:]]
    return "\n".join((told, *(one if len(one) <= WIDEST else f"{one[:WIDEST]}[…]" for one in shown)))


def worded(value: Json) -> str:
    """A field's value in words; a dash for nothing."""
    if value is None or value in ("", [], ()):
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
