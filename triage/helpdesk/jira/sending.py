"""Writing to Jira: fields and labels, then the status, then the comment.

A comment is public unless it says otherwise, and only service projects have comments that are not. So an
internal note is sent to service projects alone, says in the same request that it is internal, carries our
key as a property, and is read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.jira.document import plain
from triage.helpdesk.jira.reading import has_internal_comments, visibility_of
from triage.helpdesk.jira.site import JiraSite
from triage.helpdesk.kept_text import cut, is_rest, refuse_longer
from triage.helpdesk.note_files import no_files
from triage.helpdesk.own_write import called, probed
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, records
from triage.helpdesk.wanted import carries, differences, fields_of, listed, marked, moved_on, not_sent, oldest
from triage.helpdesk.wanted import wanted as still_wanted
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused, TriageError
from triage.model.json_value import Json
from triage.model.operation import (
    Conflict,
    Landed,
    Operation,
    Outcome,
    Probe,
    ProbeBy,
    Step,
    StepKind,
)
from triage.model.ticket import Ticket
from triage.model.timeline import Visibility

MARKER_PROPERTY = "esc.op"
LONGEST_NOTE = 32_767
"""Characters of a comment; more is answered with 400."""
INTERNAL_PROPERTY = "sd.public.comment"
NUMBERS = {"fields": 1, "status": 2, "note": 3}


class Desk(Protocol):
    """The reading side of the adapter."""

    async def raw(self, ticket_id: str) -> Record:
        """One issue."""
        ...

    async def read(self, raw: Record) -> Ticket:
        """It as a ticket."""
        ...


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """Fields with labels and assignee, the status, the note; only those there are."""
    no_files(operation)
    want = still_wanted(operation, current, words)
    payload, note = want.payload(), operation.change.note
    status = payload.pop("status", None)
    steps: list[Step] = []

    def add(kind: StepKind, body: dict[str, Json], probe: ProbeBy, visibility: Visibility) -> None:
        # The first change of state is bound to what was shown; it makes a version that nobody has seen.
        base = current.version if probe == "state" and not steps else None
        key = f"{operation.id}-{NUMBERS[kind]}"
        steps.append(Step(key, kind, body, visibility, base, probe))

    if payload:
        add("fields", payload, "state", "internal")
    if status is not None:
        add("status", {"status": status}, "state", "internal")
    if note is not None:
        words_of_note = marked(note.body, f"{operation.id}-{NUMBERS['note']}")
        refuse_longer(words_of_note, LONGEST_NOTE, "Jira", current.key)
        add("note", {"note": words_of_note}, "marker", note.visibility)
        # What goes with a public reply is released with it.
        steps = [replace(step, visibility=note.visibility) for step in steps]
    if want.left_out and steps:
        steps[0] = replace(steps[0], payload={**steps[0].payload, "left_out": list(want.left_out)})
    return tuple(steps)


class Sending:
    """The writing side of the adapter."""

    def __init__(self, desk: Desk, site: JiraSite) -> None:
        self._desk = desk
        self._site = site

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One request. What has to be known is read before it; failing at that sends nothing."""
        try:
            raw = await self._desk.raw(ticket_id)
            current = await self._desk.read(raw)
            if moved_on(step.base, current, current.version.token):
                return Conflict(current.version)
            method, path, body = await self._request(step, raw, current)
        except (ValueError, ArithmeticError):
            return not_sent(Invalid("a number was expected", where="field"))
        except TriageError as error:
            return not_sent(error)
        answer = await self._site.transport.write(method, self._site.path(path), body)
        if not isinstance(answer, Answer):
            return answer
        return Landed(await _comment_id(answer) if step.kind == "note" else None, None)

    async def _request(self, step: Step, raw: Record, current: Ticket) -> tuple[str, str, Json]:
        issue = f"issue/{current.id}"
        if step.kind == "note":
            return "POST", f"{issue}/comment", self._comment(step, raw)
        if step.kind == "status":
            return "POST", f"{issue}/transitions", await self._transition(step, issue)
        return "PUT", issue, await self._fields(step, current)

    def _comment(self, step: Step, raw: Record) -> Json:
        properties: list[Json] = [{"key": MARKER_PROPERTY, "value": {"id": step.key}}]
        if step.visibility == "internal":
            if not has_internal_comments(raw):
                raise Refused("this project has no internal comments; all who see it would read the note",
                              do="Only service projects have them")  # fmt: skip
            properties.append({"key": INTERNAL_PROPERTY, "value": {"internal": True}})
        return {"body": self._site.body(one_line(step.payload["note"])), "properties": properties}

    async def _transition(self, step: Step, issue: str) -> Json:
        asked = one_line(step.payload["status"])
        answer = await self._site.read(f"{issue}/transitions")
        offered = records(answer, "transitions", "the transitions of an issue")
        with expecting("the transitions of an issue"):
            names = {line(row["to"]["name"]): line(row["id"]) for row in offered}
        for name, number in names.items():
            if name.casefold() == asked.casefold():
                return {"transition": {"id": number}}
        raise NotFound(
            f"no transition leads to {asked} from here", do=f"There is: {', '.join(names) or 'none'}"
        )

    async def _fields(self, step: Step, current: Ticket) -> Json:
        custom = await self._site.fields()
        values: dict[str, Json] = {}
        for word, value in fields_of(step.payload).items():
            if word in custom:
                values[custom[word].id] = custom[word].encoded(value, cloud=self._site.cloud)
            elif word == "priority":
                values["priority"] = {"name": one_line(value)}
            else:
                raise NotFound(f"the issue has no field {word}")
        if "assignee" in step.payload:
            person = await self._site.person(one_line(step.payload["assignee"]), current.key)
            values["assignee"] = self._site.user_reference(person)
        labels: list[Json] = [{"add": tag} for tag in listed(step.payload, "tags_add")]
        labels += [{"remove": tag} for tag in listed(step.payload, "tags_remove")]
        if any(
            " " in one_line(value) for label in labels if isinstance(label, dict) for value in label.values()
        ):
            raise Invalid("a label cannot hold a space", do="Write it with a dash")
        return {
            **({"fields": values} if values else {}),
            **({"update": {"labels": labels}} if labels else {}),
        }

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._state_differences, self._own_comment, "comment")

    async def _own_comment(self, step: Step, ticket_id: str) -> Record | None:
        """Our comment with the key of ``step``, in its text or as its property; the first of several.

        Every page is read back to the attempt, newest first, from the issue itself and never from a search.
        """
        me, since = (
            self._site.user_id(await self._site.me()),
            oldest(step, self._site.transport.skew),
        )
        found: list[Record] = []
        async for page in self._site.rows(f"issue/{ticket_id}/comment", "comments", orderBy="-created"):
            for row in page:
                with expecting("a comment"):
                    if since is not None and known_moment(row["created"]) < since:
                        return found[-1] if found else None
                    ours = self._site.user_id(row.get("author")) == me
                    if ours and await self._is(step, row):
                        found.append(row)
        return found[-1] if found else None

    async def _is(self, step: Step, comment: Record) -> bool:
        body = plain(comment.get("body"))
        return carries(body, step.key) or is_rest(step, body) or await self._has_key(comment, step)

    async def _has_key(self, comment: Record, step: Step) -> bool:
        try:
            answer = await self._site.read(f"comment/{line(comment['id'])}/properties/{MARKER_PROPERTY}")
        except NotFound:
            return False
        value = record(answer, "a property").get("value")
        return isinstance(value, dict) and value.get("id") == step.key

    async def _state_differences(self, step: Step, ticket_id: str) -> list[str]:
        raw = await self._desk.raw(ticket_id)
        ticket = await self._desk.read(raw)
        found = differences(step.payload, ticket)
        if "assignee" in step.payload:
            asked = one_line(step.payload["assignee"])
            owner = (raw.get("fields") or {}).get("assignee")
            if self._site.user_id(owner) != await self._site.person(asked, ticket.key):
                found.append(f"it belongs to {ticket.assignee or 'nobody'}, not {asked or 'nobody'}")
        return found

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        if step.kind != "note":
            return await self._state_differences(step, ticket_id)
        comment = await self._own_comment(step, ticket_id)
        if comment is None:
            return ["the note is not on the issue"]
        seen = visibility_of(comment)
        if step.visibility == "internal" and seen != "internal":
            return [
                f"PUBLIC: {called('comment', comment)} should be internal and is shared with the customer"
            ]
        if step.visibility == "public" and seen != "public":
            return ["the reply is internal; the customer does not see it"]
        return cut(step, plain(comment.get("body")))


async def _comment_id(answer: Answer) -> str | None:
    """The number of the comment just made; None when the answer cannot be read: reading back finds it."""
    try:
        return f"comment {line(record(await answer.document(), 'a comment').get('id'))}"
    except HelpdeskFailed:
        return None
