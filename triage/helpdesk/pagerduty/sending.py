"""Writing to PagerDuty: custom fields, then status, priority and assignee, then the note.

Notes are read by responders alone; nothing here ever sends a status update, which subscribers read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.kept_text import cut, is_rest
from triage.helpdesk.note_files import no_files
from triage.helpdesk.own_write import probed
from triage.helpdesk.pagerduty.account import MOST_NOTES, PagerDutyAccount
from triage.helpdesk.pagerduty.reading import ticket_of
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, text
from triage.helpdesk.wanted import carries, differences, fields_of, marked, moved_on, not_sent, oldest, wanted
from triage.model.errors import HelpdeskFailed, NotFound, Refused, TriageError
from triage.model.json_value import Json
from triage.model.operation import Conflict, Landed, Operation, Outcome, Probe, Step
from triage.model.ticket import Ticket

STATUSES = ("triggered", "acknowledged", "resolved")


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """Custom fields, the incident itself, the note; only those there are. Raises `Refused`."""
    no_files(operation)
    want, note = wanted(operation, current, words), operation.change.note
    if note is not None and note.visibility == "public":
        raise Refused("no customer reads an incident of PagerDuty", do="Reply where the customer is")
    if want.status is not None and want.status not in STATUSES:
        raise Refused(f"an incident cannot become {want.status}", do=f"It can: {', '.join(STATUSES)}")
    fields, incident = dict(want.fields), dict[str, Json]()
    if "priority" in fields:
        incident["fields"] = {"priority": fields.pop("priority")}
    if want.status is not None:
        incident["status"] = want.status
    if want.assignee is not None:
        incident["assignee"] = want.assignee
    steps: list[Step] = []
    if fields:
        base = current.version
        steps.append(Step(f"{operation.id}-1", "fields", {"fields": fields}, "internal", base, "state"))
    if incident:
        first = current.version if not steps else None
        steps.append(Step(f"{operation.id}-2", "status", incident, "internal", first, "state"))
    if note is not None:
        key = f"{operation.id}-3"
        steps.append(Step(key, "note", {"note": marked(note.body, key)}, "internal", None, "marker"))
    left_out = [*want.left_out, *(["tags"] if want.tags is not None else [])]
    if left_out and steps:
        steps[0] = replace(steps[0], payload={**steps[0].payload, "left_out": left_out})
    return tuple(steps)


class Sending:
    """The writing side of the adapter."""

    def __init__(self, account: PagerDutyAccount, words: FieldWords) -> None:
        self._account = account
        self._words = words

    async def read(self, raw: Record) -> Ticket:
        """An incident's JSON as a ticket, with its custom fields."""
        return ticket_of(raw, await self._account.custom_fields(line(raw.get("id"))), self._words)

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One request. What has to be known is read before it; failing at that sends nothing."""
        try:
            current = await self.read(await self._account.incident(ticket_id))
            if moved_on(step.base, current, current.version.token):
                return Conflict(current.version)
            method, path, body = await self._request(step, ticket_id)
        except TriageError as error:
            return not_sent(error)
        sender = {"From": self._account.email}
        answer = await self._account.transport.write(method, f"incidents/{ticket_id}{path}", body, sender)
        if not isinstance(answer, Answer):
            return answer
        return Landed(await _note_id(answer) if step.kind == "note" else None, None)

    async def _request(self, step: Step, ticket_id: str) -> tuple[str, str, Json]:
        if step.kind == "note":
            return "POST", "/notes", {"note": {"content": step.payload["note"]}}
        if step.kind == "fields":
            return "PUT", "/custom_fields/values", await self._fields(step, ticket_id)
        return "PUT", "", {"incident": await self._incident(step)}

    async def _fields(self, step: Step, ticket_id: str) -> Json:
        there = {
            self._words.word(line(row.get("display_name") or row.get("name")), line(row.get("name"))): row
            for row in await self._account.custom_fields(ticket_id)
        }
        values: list[Json] = []
        for word, value in fields_of(step.payload).items():
            if word not in there:
                raise NotFound(f"the incident has no field {word}")
            values.append({"name": line(there[word]["name"]), "value": None if value == "" else value})
        return {"custom_fields": values}

    async def _incident(self, step: Step) -> dict[str, Json]:
        body: dict[str, Json] = {"type": "incident_reference"}
        if "status" in step.payload:
            body["status"] = step.payload["status"]
        if "priority" in fields_of(step.payload):
            name, known = one_line(fields_of(step.payload)["priority"]), await self._account.priorities()
            if name not in known:
                raise NotFound(f"there is no priority {name}", do=f"There is: {', '.join(known) or 'none'}")
            body["priority"] = {"id": known[name], "type": "priority_reference"}
        if "assignee" in step.payload:
            person = await self._account.user_named(one_line(step.payload["assignee"]))
            if not person:
                raise Refused("an open incident always belongs to somebody", do="Name who takes it")
            body["assignments"] = [{"assignee": {"id": person, "type": "user_reference"}}]
        return body

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._state_differences, self._note_now, "note")

    async def _note_now(self, step: Step, ticket_id: str) -> Record | None:
        notes = await self._account.notes(ticket_id)
        found = await self._own_note(step, notes)
        if found is None and len(notes) >= MOST_NOTES:
            raise HelpdeskFailed(f"only {MOST_NOTES} notes are listed; ours may be beyond")
        return found

    async def _own_note(self, step: Step, notes: Sequence[Record]) -> Record | None:
        """Our note with the key of ``step``; the first of several."""
        me = line((await self._account.me()).get("id"))
        since = oldest(step, self._account.transport.skew)
        with expecting("a note"):
            ours = [
                row for row in notes
                if line((row.get("user") or {}).get("id")) == me and _is_ours(text(row["content"]), step)
                and (since is None or known_moment(row["created_at"]) >= since)
            ]  # fmt: skip
            return min(ours, key=lambda row: known_moment(row["created_at"]), default=None)

    async def _state_differences(self, step: Step, ticket_id: str) -> list[str]:
        raw = await self._account.incident(ticket_id)
        found = differences(step.payload, await self.read(raw))
        if "assignee" in step.payload:
            asked = one_line(step.payload["assignee"])
            owners = {line((row.get("assignee") or {}).get("id")) for row in raw.get("assignments") or ()}
            if owners != {await self._account.user_named(asked)}:
                found.append(f"it does not belong to {asked}")
        return found

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        if step.kind != "note":
            return await self._state_differences(step, ticket_id)
        note = await self._own_note(step, await self._account.notes(ticket_id))
        return ["the note is not on the incident"] if note is None else cut(step, text(note.get("content")))


async def _note_id(answer: Answer) -> str | None:
    """The id of the note just made; None when the answer cannot be read: reading back finds it."""
    try:
        document = record(await answer.document(), "a note")
        return f"note {line(record(document.get('note'), 'a note').get('id'))}"
    except HelpdeskFailed:
        return None


def _is_ours(content: str, step: Step) -> bool:
    return carries(content, step.key) or is_rest(step, content)
