"""Sending to Request Tracker, looking for what was sent, and reading it back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

from triage.helpdesk.answer import Answer, Forbidden
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.kept_text import cut, is_rest
from triage.helpdesk.note_files import SIZE_UNKNOWN, file_differences, in_base64, note_files
from triage.helpdesk.own_write import probed
from triage.helpdesk.request_tracker.messages import Messages
from triage.helpdesk.request_tracker.people import NOBODY, People
from triage.helpdesk.request_tracker.reading import custom_values, login_of
from triage.helpdesk.request_tracker.timeline import History
from triage.helpdesk.request_tracker.writing import (
    PLAIN_TEXT,
    differences,
    fields_body,
    note_path,
    text_of,
)
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, text, whole_number
from triage.helpdesk.transport import Transport
from triage.helpdesk.wanted import carries, not_sent, oldest
from triage.model.errors import NotFound, TriageError
from triage.model.json_value import Json
from triage.model.note_file import LARGEST_FILE
from triage.model.operation import Conflict, Landed, Outcome, Probe, Rejected, Step
from triage.model.ticket import Ticket, Version
from triage.model.timeline import Attachment


class Desk(Protocol):
    """The reading side of the adapter."""

    async def login(self) -> str:
        """Our own login."""
        ...

    async def raw(self, ticket_id: str) -> tuple[Record, str]:
        """One ticket's JSON and ETag."""
        ...

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket."""
        ...


class Sending:
    """The writing side of the adapter."""

    def __init__(
        self,
        desk: Desk,
        transport: Transport,
        history: History,
        messages: Messages,
        people: People,
        words: FieldWords,
    ) -> None:
        self._desk = desk
        self._transport = transport
        self._history = history
        self._messages = messages
        self._people = people
        self._words = words

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT or POST. What has to be known is read before it; failing at that sends nothing."""
        try:
            raw, tag = await self._desk.raw(ticket_id)
            if step.kind == "note":
                return await self._note(step, ticket_id, raw)
            if step.kind == "assignee":
                return await self._owner(step, ticket_id, raw, tag)
            return await self._fields(step, ticket_id, raw, tag)
        except TriageError as error:
            return not_sent(error)

    async def _note(self, step: Step, ticket_id: str, raw: Record) -> Outcome:
        with expecting("a ticket"):
            if str(whole_number(raw["id"])) != ticket_id:
                return Rejected(409, (f"ticket {ticket_id} was merged into {int(raw['id'])}",))
        body: dict[str, Json] = {"Content": step.payload["note"], "ContentType": PLAIN_TEXT}
        if files := note_files(step):
            # Without a charset the server guesses one.
            body["Attachments"] = [
                {
                    "FileName": file.name,
                    "FileType": f"{file.media_type}; charset=utf-8",
                    "FileContent": in_base64(file),
                }
                for file in files
            ]
        answer = await self._transport.write("POST", note_path(ticket_id, step.visibility), body)
        if not isinstance(answer, Answer):
            return answer
        number = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        return Landed(f"transaction {number}" if number.isdigit() else None, None)

    async def _fields(self, step: Step, ticket_id: str, raw: Record, tag: str) -> Outcome:
        if step.base is not None and not _is_base(step.base, raw, tag):
            return Conflict(Version(tag, exact=True))
        body, missing = fields_body(step.payload, custom_values(raw, self._words))
        if missing:
            return Rejected(422, tuple(f"the ticket has no field {word} any more" for word in missing))
        return await self._put(f"REST/2.0/ticket/{ticket_id}", body, tag)

    async def _owner(self, step: Step, ticket_id: str, raw: Record, tag: str) -> Outcome:
        wanted = await self._wanted_login(text_of(step.payload.get("assignee")))
        if login_of(raw.get("Owner")) == wanted:
            return Landed(None, Version(tag, exact=True))
        if step.payload.get("steal") is True:
            return await self._put(f"REST/2.0/ticket/{ticket_id}/steal", {}, tag)
        return await self._put(f"REST/2.0/ticket/{ticket_id}", {"Owner": wanted}, tag)

    async def _put(self, path: str, body: Json, tag: str) -> Outcome:
        answer = await self._transport.write("PUT", path, body, {"If-Match": f'"{tag}"'} if tag else None)
        return Landed(None, None) if isinstance(answer, Answer) else answer

    async def _wanted_login(self, wanted: str) -> str:
        """The login of somebody named by login, real name or ``me``. Raises `NotFound` for nobody known."""
        if wanted == "me":
            return await self._desk.login()
        if not wanted:
            return NOBODY
        try:
            user = record(await self._transport.read(f"REST/2.0/user/{quote(wanted, safe='')}"), "a user")
            return line(user.get("Name")) or wanted
        except (NotFound, Forbidden):
            return await self._people.login_named(wanted)

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._state_differences, self._note_now, "transaction")

    async def _note_now(self, step: Step, ticket_id: str) -> Record | None:
        number = await self._own_note(step, ticket_id)
        return {"id": number} if number else None

    async def _own_note(self, step: Step, ticket_id: str) -> str | None:
        """The number of the transaction that carries our marker; the lowest if there are several."""
        me = await self._desk.login()
        since = oldest(step, self._transport.skew)
        found: list[int] = []
        async for rows in self._history.rows(ticket_id, newest_first=True):
            with expecting("the history of a ticket"):
                ours = [
                    line(row["id"])
                    for row in rows
                    if text(row.get("Type")) in ("Comment", "Correspond")
                    and login_of(row.get("Creator")) == me
                ]
                reached = min(known_moment(row["Created"]) for row in rows)
            words = await self._messages.of(ours)
            carrying = [number for number, message in words.items() if _is_ours(message.body, step)]
            with expecting("the messages of a ticket"):
                found += map(int, carrying)
            if since is not None and reached < since:
                break
        return str(min(found)) if found else None

    async def _state_differences(self, step: Step, ticket_id: str) -> list[str]:
        if step.kind != "assignee":
            return differences(step.payload, await self._desk.ticket(ticket_id))
        raw, _ = await self._desk.raw(ticket_id)
        wanted, owner = (
            await self._wanted_login(text_of(step.payload.get("assignee"))),
            login_of(raw.get("Owner")),
        )
        return [] if wanted == owner else [f"it belongs to {owner}, not {wanted}"]

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        if step.kind != "note":
            return await self._state_differences(step, ticket_id)
        number = step.receipt.removeprefix("transaction ")
        if not number.isdigit():
            number = await self._own_note(step, ticket_id) or ""
        if not number:
            return ["the note is not on the ticket"]
        try:
            row = record(await self._transport.read(f"REST/2.0/transaction/{number}"), "a transaction")
        except (NotFound, Forbidden):
            return ["the note cannot be read back; have ShowTicketComments granted to the account"]
        if step.visibility == "internal" and row.get("Type") != "Comment":
            return ["PUBLIC: the note that should be internal was sent to the customer"]
        if step.visibility == "public" and row.get("Type") != "Correspond":
            return ["the reply is internal; the customer does not see it"]
        words = await self._messages.of([number])
        bodies = [message.body for message in words.values()]
        if not any(_is_ours(body, step) for body in bodies):
            return ["the note on the ticket is not the one that was written"]
        missing = cut(step, *bodies)
        files = [file for message in words.values() for file in message.attachments if note_files(step)]
        return missing + file_differences(step, [(file.name, await self._size(file)) for file in files])

    async def _size(self, file: Attachment) -> int:
        """In bytes; where the server has not counted them yet, which it does when first asked, we do."""
        if file.size != SIZE_UNKNOWN:
            return file.size
        return await self._messages.download(file.ref, io.BytesIO(), _LARGEST_READ_BACK)


_LARGEST_READ_BACK = 8 * LARGEST_FILE
"""Bytes of a file that is counted by reading it back."""


def _is_base(base: Version, raw: Record, tag: str) -> bool:
    """Whether the ticket is still in the version that was shown: its ETag, or a list's coarser stamp."""
    return base.token == (tag if base.exact else line(raw.get("LastUpdated")))


def _is_ours(body: str, step: Step) -> bool:
    return carries(body, step.key) or is_rest(step, body)
