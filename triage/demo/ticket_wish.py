"""What a caller may put into a ticket's plain fields, checked before anything is applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from triage.demo.documents import PRIORITIES, STATUSES, TYPES, Document
from triage.demo.records import Records
from triage.demo.refusal import invalid

_WORDS: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES[: STATUSES.index("closed") + 1],
    "priority": PRIORITIES,
    "type": TYPES,
}
_REFERENCES: Mapping[str, str] = {
    "group_id": "groups",
    "organization_id": "organizations",
    "requester_id": "users",
}


def tag_list(given: Any) -> list[str]:
    """``given`` as tags: small letters, no blanks, sorted, each once. Raises a 422 `Refusal`."""
    if isinstance(given, str):
        given = given.split()
    if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
        raise invalid("tags", "Tags: must be a list of words")
    if not _whole("".join(given)):
        raise invalid("tags", "Tags: must be whole Unicode text")
    return sorted({re.sub(r"\s+", "_", tag.strip()).lower() for tag in given if tag.strip()})


def plain_fields(records: Records, ticket: Document, body: Mapping[str, Any]) -> dict[str, Any]:
    """The plain fields of an update, field -> new value. Raises a 422 `Refusal` naming the field."""
    fields = {name: _word(name, body[name]) for name in _WORDS if name in body}
    for name in ("subject", "external_id"):
        if name in body:
            fields[name] = _text(name, body[name])
    if "tags" in body:
        fields["tags"] = tag_list(body["tags"])
    for name, table in _REFERENCES.items():
        if name in body:
            fields[name] = _reference(records, table, name, body[name])
    if "assignee_id" in body or "assignee_email" in body:
        fields |= _assignment(records, ticket, fields, body)
    if "problem_id" in body:
        fields["problem_id"] = _problem(records, fields.get("type", ticket["type"]), body["problem_id"])
    return fields


def _word(name: str, value: Any) -> Any:
    if value is None and name != "status":
        return None
    if value not in _WORDS[name]:
        raise invalid(name, f"{name.capitalize()}: {value} is not included in the list")
    return value


def _text(name: str, value: Any) -> Any:
    if value is not None and not (isinstance(value, str) and (name == "subject" or _whole(value))):
        raise invalid(name, f"{name}: must be text")
    return value


def _whole(text: str) -> bool:
    """Whether ``text`` has no half surrogate pairs; what is looked up by must be storable as UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _reference(records: Records, table: str, name: str, value: Any) -> Any:
    if value is not None and not records.exists(table, value):
        raise invalid(name, f"{name}: is invalid")
    return value


def _assignment(
    records: Records, ticket: Document, fields: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Only agents can have a ticket; one without a group goes to the agent's own."""
    wanted = body.get("assignee_id")
    if "assignee_id" not in body:
        wanted = records.user_id_of(str(body["assignee_email"])) or -1
    if wanted is None:
        return {"assignee_id": None}
    person = records.user(wanted) if isinstance(wanted, int) else None
    if person is None or person["role"] == "end-user":
        raise invalid("assignee", "Assignee: is invalid")
    keeps_group = "group_id" in fields or ticket["group_id"] == person["default_group_id"]
    return {"assignee_id": wanted} | ({} if keeps_group else {"group_id": person["default_group_id"]})


def _problem(records: Records, kind: Any, value: Any) -> Any:
    if value is None:
        return None
    problem = records.ticket(value) if isinstance(value, int) else None
    if problem is None or problem["type"] != "problem":
        raise invalid("problem_id", "Problem: is not a ticket of the type problem")
    if kind != "incident":
        raise invalid("problem_id", "Problem: only an incident can have a problem")
    return value
