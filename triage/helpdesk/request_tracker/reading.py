"""Request Tracker's JSON into our tickets.

Lists and single tickets differ: ids are text in one and numbers in the other, the effective id is a
word or an object, dates that are not set are the beginning of 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.helpdesk.field_words import FieldWords, one_line, priority_of, relationship_of
from triage.helpdesk.request_tracker.people import NOBODY, People
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
from triage.model.json_value import Json
from triage.model.ticket import Priority, Ticket, Version


@dataclass(frozen=True, slots=True)
class CustomValue:
    """A custom field of one ticket."""

    id: str
    name: str
    values: tuple[str, ...]


def custom_values(raw: Record, words: FieldWords) -> dict[str, CustomValue]:
    """The ticket's custom fields by our word, empty ones too."""
    with expecting("the custom fields of a ticket"):
        found = {}
        for entry in raw.get("CustomFields") or ():
            name = line(entry["name"])
            values = tuple(text(value) for value in entry.get("values") or ())
            found[words.word(name, text(entry.get("id")))] = CustomValue(text(entry.get("id")), name, values)
        return found


def ticket_of(
    raw: Record, words: FieldWords, people: People, *, version: Version, closed: bool, browser: str
) -> Ticket:
    """One ticket. Raises `HelpdeskFailed` when it is not one."""
    with expecting("a ticket"):
        number = str(whole_number(raw["id"]))
        custom = custom_values(raw, words)
        owner = login_of(raw.get("Owner"))
        requesters = [login_of(person) for person in raw.get("Requestor") or ()]
        return Ticket(
            id=number,
            key=f"#{number}",
            subject=line(raw.get("Subject")),
            status=line(raw.get("Status")),
            created_at=known_moment(raw["Created"]),
            updated_at=known_moment(raw["LastUpdated"]),
            version=version,
            open=not closed,
            priority=_priority(raw, custom),
            customer=_said(custom, "customer"),
            requester=people.name(requesters[0]) if requesters else "",
            relationship=relationship_of(_said(custom, "relationship")),
            product=_said(custom, "product"),
            product_version=_said(custom, "product_version"),
            component=_said(custom, "component"),
            assignee="" if owner == NOBODY else people.name(owner),
            tags=custom["tags"].values if "tags" in custom else (),
            fields={word: _value(value) for word, value in custom.items() if word != "tags"},
            url=f"{browser}Ticket/Display.html?id={number}",
        )


def stamp_version(raw: Record) -> Version:
    """The version a list can tell: when the ticket was last updated, to the second."""
    return Version(line(raw.get("LastUpdated")), exact=False)


def effective_id(raw: Record) -> str:
    """The number of the ticket this one was merged into, or its own."""
    value = raw.get("EffectiveId")
    return line(value.get("id")) if isinstance(value, Mapping) else line(value)


def login_of(user: Json) -> str:
    """The login in a reference to a user, whatever its form."""
    return line(user.get("id")) if isinstance(user, Mapping) else line(user)


def _priority(raw: Record, custom: Mapping[str, CustomValue]) -> Priority | None:
    if "priority" in custom:
        return priority_of(_said(custom, "priority"))
    number = text(raw.get("Priority"))
    if not number.lstrip("-").isdigit():
        return priority_of(number)
    # As Request Tracker's own words for priorities go: Low 0, Medium 50, High 100.
    return "low" if int(number) < 50 else "normal" if int(number) < 100 else "high"


def _said(custom: Mapping[str, CustomValue], word: str) -> str:
    return ", ".join(custom[word].values) if word in custom else ""


def _value(value: CustomValue) -> Json:
    if not value.values:
        return ""
    return value.values[0] if len(value.values) == 1 else list(value.values)


def shown(value: Json) -> str:
    """A value in an error line."""
    return one_line(value) or "empty"
