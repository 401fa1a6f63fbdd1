"""Redmine's JSON into our tickets and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.helpdesk.field_words import FieldWords, one_line, priority_of, relationship_of
from triage.helpdesk.redmine.account import Status
from triage.helpdesk.redmine.queue import SAYS_ESCALATED
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
from triage.model.json_value import Json
from triage.model.ticket import Priority, Ticket, Version
from triage.model.timeline import ActorRole, Attachment, EventKind, TimelineEvent, Visibility

ESCALATED_TAG = "escalated"


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of one issue."""

    id: int
    multiple: bool
    value: Json


def custom_fields(raw: Record, words: FieldWords) -> dict[str, CustomField]:
    """The issue's custom fields by our word, empty ones too: only here an ordinary account learns them."""
    with expecting("the custom fields of an issue"):
        return {
            words.word(line(row["name"]), text(row["id"])): CustomField(
                whole_number(row["id"]), row.get("multiple") is True, row.get("value")
            )
            for row in raw.get("custom_fields") or ()
        }


def ticket_of(raw: Record, words: FieldWords, statuses: Mapping[str, Status], browser: str) -> Ticket:
    """One issue. Raises `HelpdeskFailed` when it is none."""
    with expecting("an issue"):
        number = str(whole_number(raw["id"]))
        custom = custom_fields(raw, words)
        said = {word: one_line(field.value) for word, field in custom.items()}
        status = raw["status"]
        known = statuses.get(text(status["id"]))
        closed = status.get("is_closed", known is not None and known.closed)
        native = line((raw.get("priority") or {}).get("name"))
        fields: dict[str, Json] = {} if "priority" in custom else {"priority": native}
        fields |= {word: field.value for word, field in custom.items() if word != "tags"}
        return Ticket(
            id=number,
            key=f"#{number}",
            subject=line(raw.get("subject")),
            status=line(status["name"]),
            created_at=known_moment(raw["created_on"]),
            updated_at=known_moment(raw["updated_on"]),
            version=_version(raw),
            open=closed is not True,
            priority=_priority(said.get("priority") or native),
            customer=said.get("customer", ""),
            requester=line((raw.get("author") or {}).get("name")),
            relationship=relationship_of(said.get("relationship", "")),
            product=said.get("product", ""),
            product_version=said.get("product_version", ""),
            component=said.get("component", ""),
            assignee=line((raw.get("assigned_to") or {}).get("name")),
            tags=_tags(custom),
            fields=fields,
            url=f"{browser}issues/{number}",
        )


def _version(raw: Record) -> Version:
    """To the second from a list; with the last journal, which every change makes, from the issue itself."""
    journals = raw.get("journals")
    if not isinstance(journals, list):
        return Version(line(raw["updated_on"]), exact=False)
    return Version(f"{line(raw['updated_on'])}/{max((int(row['id']) for row in journals), default=0)}", True)


def _priority(value: str) -> Priority | None:
    return "urgent" if value.casefold() == "immediate" else priority_of(value)


def _tags(custom: Mapping[str, CustomField]) -> tuple[str, ...]:
    value = custom["tags"].value if "tags" in custom else ()
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return tuple(map(str, value)) if isinstance(value, list) else ()


def journals_of(raw: Record) -> list[Record]:
    """The journals that came with an issue. Raises `HelpdeskFailed` when they did not."""
    with expecting("the journals of an issue"):
        found = raw["journals"]
        if not isinstance(found, list):
            raise TypeError("no list")
        return [row for row in found if isinstance(row, Mapping)]


def user_of(row: Record) -> tuple[int, str]:
    """Who wrote a journal: number and name; 0 for nobody known."""
    user = row.get("user") or row.get("author") or {}
    return int(user.get("id") or 0), line(user.get("name"))


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in a journal stand for."""

    statuses: Mapping[str, Status]
    priorities: Mapping[str, str]
    people: Mapping[str, str]
    projects: Mapping[str, str]
    words: Mapping[str, str]
    """Our words by the number of a custom field."""

    def told(self, name: str, value: Json) -> str:
        """``value`` of the attribute ``name`` in words."""
        number = one_line(value)
        if name == "status_id":
            return self.statuses[number].name if number in self.statuses else number
        tables = {
            "assigned_to_id": self.people,
            "priority_id": self.priorities,
            "project_id": self.projects,
        }
        return tables.get(name, {}).get(number, number)


_FIELDS = {"status_id": "status", "assigned_to_id": "assignee", "priority_id": "priority",
           "project_id": "queue"}  # fmt: skip


class Teller:
    """Tells the story of one issue, once everybody and everything in it has a name."""

    def __init__(self, raw: Record, names: Names, roles: Mapping[int, ActorRole]) -> None:
        self._raw = raw
        self._names = names
        self._roles = roles
        with expecting("the files of an issue"):
            self._files = {text(row.get("id")): row for row in raw.get("attachments") or ()}

    def events(self) -> Iterator[TimelineEvent]:
        """Oldest first. Raises `HelpdeskFailed` for a shape we do not know."""
        with expecting("the journals of an issue"):
            journals = journals_of(self._raw)
            later = {text(one.get("name")) for row in journals for one in _files_in(row)}
            opening = text(self._raw.get("description")) or line(self._raw.get("subject"))
            first = [self._file(row) for number, row in self._files.items() if number not in later]
            yield self._message(self._raw, "0", opening, "public", first)
            if SAYS_ESCALATED.search(self._first_place(journals)):
                yield self._change(
                    self._raw, "0.escalation", "queue", "", self._first_place(journals), "escalation"
                )
            for row in journals:
                yield from self._journal(row)

    def _first_place(self, journals: list[Record]) -> str:
        for row in journals:
            for detail in row.get("details") or ():
                if detail.get("name") == "project_id":
                    return self._names.told("project_id", detail.get("old_value"))
        project, tracker = self._raw.get("project") or {}, self._raw.get("tracker") or {}
        names = (line(project.get("name")), line(tracker.get("name")))
        return next((name for name in names if SAYS_ESCALATED.search(name)), names[0])

    def _journal(self, row: Record) -> Iterator[TimelineEvent]:
        files = [
            self._file(self._files[text(one.get("name"))])
            for one in _files_in(row)
            if text(one.get("name")) in self._files
        ]
        notes = text(row.get("notes"))
        if notes or files:
            visibility: Visibility = "internal" if row.get("private_notes") is True else "public"
            yield self._message(row, line(row["id"]), notes, visibility, files)
        for place, detail in enumerate(row.get("details") or ()):
            if detail.get("property") in ("attr", "cf"):
                yield self._detail(row, f"{line(row['id'])}.{place}", detail)

    def _detail(self, row: Record, number: str, detail: Record) -> TimelineEvent:
        name = text(detail.get("name"))
        if detail["property"] == "cf":
            field = self._names.words.get(name, f"field {name}")
            old, new = one_line(detail.get("old_value")), one_line(detail.get("new_value"))
        else:
            field = _FIELDS.get(name, name)
            old, new = (self._names.told(name, detail.get(side)) for side in ("old_value", "new_value"))
        escalates = (field == "queue" and SAYS_ESCALATED.search(new)) or (
            field == "tags" and ESCALATED_TAG in new.casefold().split(", ")
        )
        return self._change(row, number, field, old, new, "escalation" if escalates else "change")

    def _message(
        self, row: Record, number: str, words: str, visibility: Visibility, files: list[Attachment]
    ) -> TimelineEvent:
        who, name = user_of(row)
        return TimelineEvent(
            id=number,
            ticket_id=str(whole_number(self._raw["id"])),
            at=self._at(row),
            kind="message",
            visibility=visibility,
            actor_role=self._roles[who],
            actor=name,
            # Descriptions come back with the line ends of a web form.
            text=words.replace("\r\n", "\n"),
            source_ref=f"journal {number}" if number != "0" else "description",
            attachments=tuple(files),
        )

    def _change(
        self, row: Record, number: str, field: str, old: str, new: str, kind: EventKind
    ) -> TimelineEvent:
        who, name = user_of(row)
        return TimelineEvent(
            id=number,
            ticket_id=str(whole_number(self._raw["id"])),
            at=self._at(row),
            kind=kind,
            visibility="internal",
            actor_role=self._roles[who],
            actor=name,
            text=f"{field}: {old or '–'} → {new or '–'}",
            field=field,
            old=old,
            new=new,
            source_ref=f"journal {number.partition('.')[0]}",
        )

    @staticmethod
    def _at(row: Record) -> datetime:
        return known_moment(row["created_on"])

    @staticmethod
    def _file(row: Record) -> Attachment:
        name = line(row.get("filename"))
        size = row.get("filesize")
        return Attachment(name, size if isinstance(size, int) else -1, f"{int(row['id'])}/{name}",
                          line(row.get("content_type")))  # fmt: skip


def _files_in(journal: Record) -> list[Record]:
    return [
        one
        for one in journal.get("details") or ()
        if one.get("property") == "attachment" and one.get("new_value")
    ]
