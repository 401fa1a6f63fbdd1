"""What Request Tracker is asked to change.

It has no request that does everything or nothing, and the one that writes a note cannot be made
conditional. So fields and status go first, guarded by the version; then the owner; and the note last, with
our key as its last line, so that a note on the ticket means that all before it was tried. Only the status
that goes with a reply to the customer comes after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from triage.helpdesk.field_words import FieldWords, same_value
from triage.helpdesk.note_files import files_payload
from triage.helpdesk.request_tracker.reading import CustomValue, shown
from triage.helpdesk.wanted import marked
from triage.model.json_value import Json
from triage.model.operation import Change, Operation, ProbeBy, Step, StepKind
from triage.model.ticket import Ticket, Version
from triage.model.timeline import Visibility

PLAIN_TEXT = "text/plain"
ORDER: Mapping[StepKind, int] = {"fields": 1, "assignee": 2, "note": 3, "status": 4}
"""In which order the steps of one operation go."""


def plan(operation: Operation, current: Ticket, words: FieldWords) -> tuple[Step, ...]:
    """Fields and status, then the owner, then the note; only those there are.

    Fields the ticket does not have are named under ``left_out`` of the first step instead of being sent.
    """
    change = operation.change
    steps: list[Step] = []

    def add(
        kind: StepKind, payload: dict[str, Json], probe: ProbeBy, *, base: Version | None = None,
        visibility: Visibility = "internal",
    ) -> None:  # fmt: skip
        # The number goes with the kind: a plan made again later must not give our note another marker.
        key = f"{operation.id}-{ORDER[kind]}"
        if kind == "note":
            payload = {**payload, "note": marked(text_of(payload["note"]), key)}
        steps.append(Step(key=key, kind=kind, payload=payload, visibility=visibility, base=base, probe=probe))

    fields, left_out = _fields(change, current, words)
    public = change.note is not None and change.note.visibility == "public"
    # A reply to the customer opens a ticket again, so a status that goes with one is set after it.
    status = fields.pop("status", None) if public else None
    if fields:
        add("fields", fields, "state", base=current.version)
    if change.assignee is not None:
        steal = change.assignee == "me" and bool(current.assignee)
        add("assignee", {"assignee": change.assignee, "steal": steal}, "state")
    if change.note is not None:
        note = {"note": change.note.sent.rstrip(), **files_payload(change.note)}
        add("note", note, "marker", visibility=change.note.visibility)
    if status is not None:
        add("status", {"status": status}, "state")
    if left_out and steps:
        steps[0] = replace(steps[0], payload={**steps[0].payload, "left_out": list(left_out)})
    return tuple(steps)


def _fields(change: Change, current: Ticket, words: FieldWords) -> tuple[dict[str, Json], tuple[str, ...]]:
    asked, left_out = words.asked(change.fields, current.fields)
    payload: dict[str, Json] = {}
    if asked:
        payload["fields"] = asked
    add = [tag for tag in dict.fromkeys(change.tags_add) if tag not in current.tags]
    remove = [tag for tag in dict.fromkeys(change.tags_remove) if tag in current.tags]
    if add or remove:
        # A list replaces all values, so it is made from what the version we were shown had.
        kept = [tag for tag in current.tags if tag not in remove]
        payload |= {"tags": [*kept, *add], "tags_add": add, "tags_remove": remove}
    reopened = change.note is not None and change.note.visibility == "public"
    if change.status is not None and (reopened or change.status != current.status):
        payload["status"] = change.status
    return payload, left_out


def fields_body(
    payload: Mapping[str, Json], custom: Mapping[str, CustomValue]
) -> tuple[dict[str, Json], list[str]]:
    """The body of the PUT, and the words for which the ticket has no field (any more)."""
    body: dict[str, Json] = {}
    values: dict[str, Json] = {}
    missing = []
    asked = payload.get("fields")
    wanted = dict(asked) if isinstance(asked, Mapping) else {}
    if "tags" in payload:
        wanted["tags"] = payload["tags"]
    for word, value in wanted.items():
        if word in custom:
            # None would be kept as an empty value; an empty text clears.
            values[custom[word].name] = "" if value is None else value
        else:
            missing.append(word)
    if values:
        body["CustomFields"] = values
    if "status" in payload:
        body["Status"] = payload["status"]
    return body, missing


def note_path(ticket_id: str, visibility: Visibility) -> str:
    """``comment`` stays inside; ``correspond`` is mailed to the requester."""
    verb: Literal["comment", "correspond"] = "comment" if visibility == "internal" else "correspond"
    return f"REST/2.0/ticket/{ticket_id}/{verb}"


def differences(payload: Mapping[str, Json], ticket: Ticket) -> list[str]:
    """Where ``ticket`` is not as the fields of a step asked, in words."""
    asked = payload.get("fields")
    found = [
        f"{word} is {shown(ticket.fields.get(word))}, not {shown(value)}"
        for word, value in (asked if isinstance(asked, Mapping) else {}).items()
        if not _same(ticket.fields.get(word), value)
    ]
    found += [
        f"the tag {tag} is not there" for tag in _list(payload.get("tags_add")) if tag not in ticket.tags
    ]
    found += [
        f"the tag {tag} is still there" for tag in _list(payload.get("tags_remove")) if tag in ticket.tags
    ]
    if "status" in payload and payload["status"] != ticket.status:
        found.append(f"the status is {ticket.status}, not {text_of(payload['status'])}")
    return found


def text_of(value: Json) -> str:
    """``value`` as text."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def _same(left: Json, right: Json) -> bool:
    if isinstance(left, list) and isinstance(right, list | tuple):
        return sorted(map(str, left)) == sorted(map(str, right))
    return same_value(left, right)


def _list(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
