"""Writing to Zammad: one request with fields, state, owner and the note, then the tags one by one.

An article is public unless it says otherwise, and one of the type email is mailed even when it is internal;
so a note is always of the type note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.kept_text import cut, is_rest
from triage.helpdesk.note_files import file_differences, files_payload, in_base64, note_files
from triage.helpdesk.own_write import called, owner_differences, probed
from triage.helpdesk.shape import Record, expecting, known_moment, line
from triage.helpdesk.wanted import (
    carries,
    differences,
    fields_of,
    listed,
    marked,
    moved_on,
    not_sent,
    oldest,
    wanted,
)
from triage.helpdesk.zammad.reading import attributes, body_of, files_of, ticket_of, visibility_of
from triage.helpdesk.zammad.server import ZammadServer
from triage.model.errors import NotFound, TriageError
from triage.model.json_value import Json
from triage.model.operation import Conflict, Landed, Operation, Outcome, Probe, ProbeBy, Step, StepKind
from triage.model.ticket import Ticket

_CARRIES_NOTE: tuple[StepKind, ProbeBy] = ("bundle", "marker")
_CARRIES_FIELDS: tuple[StepKind, ProbeBy] = ("fields", "state")
TAG_KEYS = ("tags", "tags_add", "tags_remove")


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """Everything but the tags with the note, then the tags; only those there are.

    Tags are not checked against a version, so they go last: where the ticket moved on, nothing is written.
    """
    want = wanted(operation, current, words)
    payload, note = want.payload(), operation.change.note
    tags = {key: payload.pop(key) for key in TAG_KEYS if key in payload}
    visibility = note.visibility if note else "internal"
    steps = []
    if payload or note:
        key = f"{operation.id}-1"
        base = current.version if payload else None
        body = payload | ({"note": marked(note.sent, key), **files_payload(note)} if note else {})
        kind, probe = _CARRIES_NOTE if note else _CARRIES_FIELDS
        steps.append(Step(key, kind, body, visibility, base, probe))
    if tags:
        steps.append(Step(f"{operation.id}-2", "tags", tags, visibility, None, "state"))
    if want.left_out and steps:
        steps[0] = replace(steps[0], payload={**steps[0].payload, "left_out": list(want.left_out)})
    return tuple(steps)


class Sending:
    """The writing side of the adapter."""

    def __init__(self, server: ZammadServer, words: FieldWords) -> None:
        self._server = server
        self._words = words

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket with its tags, straight from the database."""
        return await self._read(await self._server.raw(ticket_id))

    async def _read(self, raw: Record) -> Ticket:
        tags = await self._server.tags(line(raw.get("id")))
        closed = await self._server.closed_states()
        return ticket_of(raw, tags, closed, self._words, str(self._server.transport.base))

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT; tags one by one, which may be repeated without harm."""
        try:
            raw = await self._server.raw(ticket_id)
            current = await self._read(raw)
            if moved_on(step.base, current, current.version.token):
                return Conflict(current.version)
            body = await self._body(step, raw)
        except TriageError as error:
            return not_sent(error)
        if step.kind == "tags":
            return await self._tags(step, ticket_id)
        answer = await self._server.transport.write("PUT", f"api/v1/tickets/{ticket_id}", body)
        return Landed(None, None) if isinstance(answer, Answer) else answer

    async def _tags(self, step: Step, ticket_id: str) -> Outcome:
        requests = [("POST", "add", tag) for tag in listed(step.payload, "tags_add")]
        requests += [("DELETE", "remove", tag) for tag in listed(step.payload, "tags_remove")]
        for method, verb, tag in requests:
            body: Json = {"object": "Ticket", "o_id": int(ticket_id), "item": tag}
            answer = await self._server.transport.write(method, f"api/v1/tags/{verb}", body)
            if not isinstance(answer, Answer):
                return answer
        return Landed(None, None)

    async def _body(self, step: Step, raw: Record) -> dict[str, Json]:
        payload, names = step.payload, attributes(raw, self._words)
        body: dict[str, Json] = {}
        for word, value in fields_of(payload).items():
            if word != "priority" and word not in names:
                raise NotFound(f"the ticket has no field {word}")
            body[names.get(word, "priority")] = value
        if "status" in payload:
            body["state"] = payload["status"]
        if "assignee" in payload:
            body["owner"] = await self._login(one_line(payload["assignee"])) or "-"
        if "note" in payload:
            article: dict[str, Json] = {
                "body": payload["note"],
                "type": "note",
                "content_type": "text/plain",
                "internal": step.visibility == "internal",
            }
            if files := note_files(step):
                article["attachments"] = [
                    {"filename": file.name, "data": in_base64(file), "mime-type": file.media_type}
                    for file in files
                ]
            body["article"] = article
        return body

    async def _login(self, asked: str) -> str:
        return line((await self._server.me()).get("login")) if asked == "me" else asked

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._state_differences, self._own_article, "article")

    async def _own_article(self, step: Step, ticket_id: str) -> Record | None:
        """Our first article with the key of ``step``, from the ticket itself."""
        me = (await self._server.me()).get("id")
        since = oldest(step, self._server.transport.skew)
        with expecting("an article"):
            for row in await self._server.articles(ticket_id):
                recent = since is None or known_moment(row["created_at"]) >= since
                if row.get("created_by_id") == me and recent and _is_ours(row, step):
                    return row
        return None

    async def _state_differences(self, step: Step, ticket_id: str) -> list[str]:
        ticket = await self.ticket(ticket_id)
        found = differences(step.payload, ticket)
        if "assignee" in step.payload:
            asked = await self._login(one_line(step.payload["assignee"]))
            found += owner_differences(ticket.assignee, asked)
        return found

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        found = []
        if "note" in step.payload:
            article = await self._own_article(step, ticket_id)
            if article is None:
                found.append("the note is not on the ticket")
            elif step.visibility == "internal" and visibility_of(article) != "internal":
                found.append(f"PUBLIC: {called('article', article)} should be internal; the customer sees it")
            elif step.visibility == "public" and visibility_of(article) != "public":
                found.append("the reply is internal; the customer does not see it")
            if article is not None:
                found += cut(step, body_of(article))
                files = files_of(ticket_id, article)
                found += file_differences(step, [(file.name, file.size) for file in files])
        return found + await self._state_differences(step, ticket_id)


def _is_ours(article: Record, step: Step) -> bool:
    body = body_of(article)
    return carries(body, step.key) or is_rest(step, body)
