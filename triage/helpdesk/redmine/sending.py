"""Writing to Redmine: one request carries everything, and nothing of its answer can be believed.

Redmine answers 204 with an empty body whether it applied a change, left it out, or showed a private note to
everybody because the account may not make notes private. So rights are looked at before a note leaves, and
every write is read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.kept_text import cut, is_rest
from triage.helpdesk.note_files import no_files
from triage.helpdesk.own_write import called, probed
from triage.helpdesk.redmine.account import SET_PRIVATE, RedmineAccount
from triage.helpdesk.redmine.reading import custom_fields, journals_of, user_of
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
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
from triage.model.errors import Invalid, NotFound, Refused, TriageError
from triage.model.json_value import Json
from triage.model.operation import Conflict, Landed, Operation, Outcome, Probe, Rejected, Step
from triage.model.ticket import Ticket


class Desk(Protocol):
    """The reading side of the adapter."""

    async def raw(self, ticket_id: str) -> Record:
        """One issue with its journals."""
        ...

    async def read(self, raw: Record) -> Ticket:
        """It as a ticket."""
        ...


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """One request, or none when the issue already says it all and there is no note."""
    no_files(operation)
    want = wanted(operation, current, words)
    payload, note = want.payload(), operation.change.note
    if not payload and note is None:
        return ()
    key = f"{operation.id}-1"
    step = Step(
        key=key,
        kind="bundle" if note else "fields",
        payload=payload | ({"note": marked(note.body, key)} if note else {}),
        visibility=note.visibility if note else "internal",
        base=current.version if payload else None,
        probe="marker" if note else "state",
    )
    if want.left_out:
        return (_with(step, left_out=list(want.left_out)),)
    return (step,)


def _with(step: Step, **more: Json) -> Step:
    return Step(step.key, step.kind, {**step.payload, **more}, step.visibility, step.base, step.probe)


class Sending:
    """The writing side of the adapter."""

    def __init__(self, desk: Desk, account: RedmineAccount, words: FieldWords) -> None:
        self._desk = desk
        self._account = account
        self._words = words

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT. What has to be known is read before it; failing at that sends nothing."""
        try:
            raw = await self._desk.raw(ticket_id)
            current = await self._desk.read(raw)
            if moved_on(step.base, current, line(raw.get("updated_on"))):
                return Conflict(current.version)
            body = await self._body(step, raw)
            if "note" in step.payload and step.visibility == "internal":
                await self._only_if_private(raw)
        except TriageError as error:
            return not_sent(error)
        # The header that says JSON is set by the transport; without it Redmine says 204 and drops it all.
        answer = await self._account.transport.write("PUT", f"issues/{ticket_id}.json", {"issue": body})
        if not isinstance(answer, Answer):
            return _explained(answer)
        return Landed(None, None)

    async def _only_if_private(self, raw: Record) -> None:
        with expecting("an issue"):
            project, name = whole_number(raw["project"]["id"]), line(raw["project"].get("name"))
        if missing := await self._account.private_rights(project):
            raise Refused(
                "Redmine would show this note to everybody", where=name,
                do=f"Have {' and '.join(sorted(missing))} granted to the account's role there",
            )  # fmt: skip

    async def _body(self, step: Step, raw: Record) -> dict[str, Json]:
        payload = step.payload
        body: dict[str, Json] = {}
        if "note" in payload:
            body |= {"notes": payload["note"], "private_notes": step.visibility == "internal"}
        if "status" in payload:
            body["status_id"] = await self._status(one_line(payload["status"]), raw)
        if "assignee" in payload:
            body["assigned_to_id"] = await self._person(one_line(payload["assignee"]), raw) or ""
        values, priority = self._values(payload, raw)
        if values:
            body["custom_fields"] = values
        if priority is not None:
            body["priority_id"] = await self._priority(priority)
        return body

    def _values(self, payload: Mapping[str, Json], raw: Record) -> tuple[list[Json], str | None]:
        """Custom fields by number, and the name of the priority when that is Redmine's own."""
        there = custom_fields(raw, self._words)
        asked = dict(fields_of(payload))
        if "tags" in payload:
            asked["tags"] = listed(payload, "tags")
        priority = None
        values: list[Json] = []
        for word, value in asked.items():
            if word in there:
                field = there[word]
                sent = value if isinstance(value, list | tuple) else "" if value is None else one_line(value)
                if field.multiple and isinstance(sent, str):
                    sent = [sent] if sent else []
                elif not field.multiple and not isinstance(sent, str):
                    sent = one_line(sent)
                values.append({"id": field.id, "value": sent})
            elif word == "priority":
                priority = one_line(value)
            else:
                raise NotFound(f"the issue has no field {word}", do="Look at the issue's tracker")
        return values, priority

    async def _status(self, name: str, raw: Record) -> int:
        """Redmine says yes to a status it does not know or allow, and leaves the old one."""
        statuses = (await self._account.statuses()).values()
        number = next((one.id for one in statuses if one.name.casefold() == name.casefold()), None)
        if number is None:
            raise NotFound(f"there is no status {name}",
                           do=f"There is: {', '.join(one.name for one in statuses)}")  # fmt: skip
        allowed = raw.get("allowed_statuses")
        if isinstance(allowed, list) and number not in [row.get("id") for row in allowed]:
            names = ", ".join(line(row.get("name")) for row in allowed)
            raise Invalid(f"the issue may not become {name} from here", do=f"Allowed is: {names}")
        return number

    async def _priority(self, name: str) -> int:
        known = await self._account.priorities()
        for word, number in known.items():
            if word.casefold() == name.casefold():
                return number
        raise NotFound(f"there is no priority {name}", do=f"There is: {', '.join(known)}")

    async def _person(self, wanted_name: str, raw: Record) -> int | None:
        """The number of somebody; None for nobody. Raises `NotFound`."""
        if wanted_name == "me":
            return int((await self._account.me())["id"])
        if not wanted_name or wanted_name.isdigit():
            return int(wanted_name) if wanted_name else None
        members = await self._account.members(whole_number(raw["project"]["id"]))
        found = [number for number, one in members.items() if one.name.casefold() == wanted_name.casefold()]
        if len(found) != 1:
            raise NotFound(f"the project has {'several members' if found else 'no member'} {wanted_name}",
                           do="Use the number of the user")  # fmt: skip
        return found[0]

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._differences_now, self._note_now, "journal")

    async def _differences_now(self, step: Step, ticket_id: str) -> list[str]:
        return await self._state_differences(step, await self._desk.raw(ticket_id))

    async def _note_now(self, step: Step, ticket_id: str) -> Record | None:
        return await self._own_note(step, await self._desk.raw(ticket_id))

    async def _own_note(self, step: Step, raw: Record) -> Record | None:
        """The journal by us that carries our marker; the first if there are several."""
        me, since = (await self._account.me()).get("id"), oldest(step, self._account.transport.skew)
        with expecting("the journals of an issue"):
            for row in journals_of(raw):
                notes = text(row.get("notes"))
                ours = user_of(row)[0] == me and (carries(notes, step.key) or is_rest(step, notes))
                if ours and (since is None or known_moment(row["created_on"]) >= since):
                    return row
        return None

    async def _state_differences(self, step: Step, raw: Record) -> list[str]:
        found = differences(step.payload, await self._desk.read(raw))
        if "assignee" in step.payload:
            asked = await self._person(one_line(step.payload["assignee"]), raw)
            owner = raw.get("assigned_to") or {}
            if owner.get("id") != asked:
                name = line(owner.get("name")) or "nobody"
                found.append(f"it belongs to {name}, not {one_line(step.payload['assignee']) or 'nobody'}")
        return found

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        raw = await self._desk.raw(ticket_id)
        found = []
        if "note" in step.payload:
            found += await self._note_differences(step, raw)
        return found + await self._state_differences(step, raw)

    async def _note_differences(self, step: Step, raw: Record) -> list[str]:
        note = await self._own_note(step, raw)
        if note is None:
            return ["the note is not on the issue"]
        private = note.get("private_notes") is True
        if step.visibility == "internal" and not private:
            number = called("journal", note)
            return [f"PUBLIC: the note that should be private can be read by everybody; have {SET_PRIVATE} "
                    f"granted, and make {number} "
                    "private in Redmine now"]  # fmt: skip
        if step.visibility == "public" and private:
            return ["the reply is private; the customer does not see it"]
        return cut(step, text(note.get("notes")))


def _explained(outcome: Outcome) -> Outcome:
    """Some refusals come with an empty list of reasons."""
    if isinstance(outcome, Rejected) and outcome.status == 422:
        return Rejected(422, outcome.errors or ("Redmine refuses the change without a reason",))
    return outcome
