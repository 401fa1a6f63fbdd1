"""What Zendesk is asked to change: one request that carries note, tags, fields and status together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.html_text import words_of
from triage.helpdesk.kept_text import cut, refuse_longer
from triage.helpdesk.note_files import file_differences, files_payload
from triage.helpdesk.shape import expecting, text
from triage.helpdesk.zendesk.fields import CustomFields
from triage.helpdesk.zendesk.reading import MARKER_KEY, attachment_of
from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.operation import Change, Operation, Step
from triage.model.ticket import Ticket

LONGEST_NOTE = 65_535
"""Characters of a comment."""
SYSTEM_FIELDS: frozenset[str] = frozenset({"priority", "type", "subject"})
"""Fields of Zendesk's own that are written by name instead of number."""


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """The one step that carries ``operation``; none when there is nothing this account could write.

    Fields the ticket does not have are named under ``left_out`` instead of being sent. Raises `Refused`
    for a note that is too long.
    """
    payload = _payload(operation.change, current, words)
    if set(payload) <= {"left_out"}:
        return ()
    note = operation.change.note
    step = Step(
        key=f"{operation.id}-1",
        kind="note" if set(payload) <= {"note", "public", "files", "left_out"} else "bundle",
        payload=payload,
        visibility=note.visibility if note else "internal",
        # A note alone is appended and cannot undo anybody's change; a word to the customer must not
        # cross one that came in the meantime.
        base=current.version,
        probe="marker",
    )
    if step.kind == "note" and step.visibility == "internal":
        step = replace(step, base=None)
    return (step,)


def _payload(change: Change, current: Ticket, words: FieldWords) -> dict[str, Json]:
    payload: dict[str, Json] = {}
    if change.note is not None:
        refuse_longer(change.note.sent, LONGEST_NOTE, "Zendesk", current.key)
        payload |= {"note": change.note.sent, "public": change.note.visibility == "public"}
        payload |= files_payload(change.note)
    add = [tag for tag in dict.fromkeys(map(_tag, change.tags_add)) if tag not in current.tags]
    remove = [tag for tag in dict.fromkeys(map(_tag, change.tags_remove)) if tag in current.tags]
    if add or remove:
        kept = [tag for tag in current.tags if tag not in remove]
        payload |= {"tags": [*kept, *add], "tags_add": add, "tags_remove": remove}
    own = {name for name in change.fields if name in SYSTEM_FIELDS and name not in current.fields}
    custom = {name: value for name, value in change.fields.items() if name not in own}
    asked, left_out = words.asked(custom, current.fields)
    if own:
        payload["system"] = {name: change.fields[name] for name in sorted(own)}
    if asked:
        payload["fields"] = asked
    if left_out:
        payload["left_out"] = list(left_out)
    if change.status is not None:
        payload["status"] = change.status
    if change.assignee is not None:
        payload["assignee"] = change.assignee
    return payload


def request_body(
    step: Step, fields: CustomFields, assignee_id: int | None, uploads: Sequence[str] = ()
) -> dict[str, Json]:
    """The body of the PUT. ``assignee_id`` is used when the step names an assignee (None: nobody).

    ``uploads`` are the tokens of the step's files.

    Raises `Refused` when a custom field is gone since the step was planned.
    """
    payload = step.payload
    ticket: dict[str, Json] = {"metadata": {MARKER_KEY: step.key}}
    if "note" in payload:
        # Always said: a comment without the flag takes whatever the ticket began with.
        comment: dict[str, Json] = {"body": payload["note"], "public": step.visibility == "public"}
        if uploads:
            comment["uploads"] = list(uploads)
        ticket["comment"] = comment
    if "tags" in payload:
        ticket["tags"] = payload["tags"]
    ticket |= dict(mapping(payload.get("system")))
    if custom := _custom_values(mapping(payload.get("fields")), fields):
        ticket["custom_fields"] = custom
    if "status" in payload:
        ticket["status"] = payload["status"]
    if "assignee" in payload:
        ticket["assignee_id"] = assignee_id
    if step.base is not None:
        ticket |= {"safe_update": True, "updated_stamp": step.base.token}
    return {"ticket": ticket}


def mapping(value: Json) -> Mapping[str, Json]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _custom_values(asked: Mapping[str, Json], fields: CustomFields) -> list[Json]:
    custom: list[Json] = []
    for word, value in asked.items():
        known = fields.on_the_wire(word, value)
        if known is None:
            raise Refused(f"the helpdesk has no field {word} any more", do="Drop this write and adopt again")
        custom.append({"id": known[0], "value": known[1]})
    return custom


def differences(step: Step, audit: Mapping[str, Any] | None, ticket: Ticket, assignee_name: str) -> list[str]:
    """Where the helpdesk's record of ``step`` is not what was asked, in words.

    ``audit`` is the record of our own update (None: it had nothing to record). What a colleague changed
    afterwards is not held against us: a field is right if our update set it or it is so now.
    """
    events = [event for event in (audit or {}).get("events") or () if isinstance(event, Mapping)]
    found = _note_differences(step, [event for event in events if event.get("type") == "Comment"])
    payload = step.payload
    set_to = {text(event.get("field_name")): event.get("value") for event in events}
    now_tags = set(ticket.tags) | _tags_set(set_to.get("tags"))
    found += [f"the tag {tag} is not there" for tag in _list(payload.get("tags_add")) if tag not in now_tags]
    found += [
        f"the tag {tag} is still there" for tag in _list(payload.get("tags_remove")) if tag in ticket.tags
    ]
    if "status" in payload and payload["status"] not in (ticket.status, set_to.get("status")):
        found.append(f"the status is {ticket.status}, not {payload['status']}")
    if "assignee" in payload and assignee_name != ticket.assignee and "assignee_id" not in set_to:
        found.append(f"it belongs to {ticket.assignee or 'nobody'}, not {assignee_name or 'nobody'}")
    return found


def _note_differences(step: Step, comments: list[Mapping[str, Any]]) -> list[str]:
    if "note" not in step.payload:
        return []
    if not comments:
        return ["the note is not on the ticket"]
    public = any(comment.get("public") is not False for comment in comments)
    if step.visibility == "internal" and public:
        return ["PUBLIC: the note that should be internal can be read by the customer"]
    if step.visibility == "public" and not public:
        return ["the reply is internal; the customer does not see it"]
    found = cut(step, *(way for comment in comments for way in _ways(comment)))
    with expecting("the files of a comment"):
        files = [attachment_of(file) for comment in comments for file in comment.get("attachments") or ()]
    return found + file_differences(step, [(file.name, file.size) for file in files])


def _ways(comment: Mapping[str, Any]) -> list[str]:
    """The text of a comment as it was written, without formatting, and from its HTML."""
    told = [
        text(comment.get("body")),
        text(comment.get("plain_body")),
        words_of(text(comment.get("html_body"))),
    ]
    return [way for way in told if way]


def _tag(name: str) -> str:
    """As Zendesk keeps it: lower case, no spaces."""
    return "_".join(name.casefold().split())


def _tags_set(value: object) -> set[str]:
    return (
        set(value.split())
        if isinstance(value, str)
        else set(map(str, value))
        if isinstance(value, list)
        else set()
    )


def _list(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
