"""Zendesk's JSON into our words: tickets and the events of an audit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.helpdesk.field_words import one_line, priority_of, relationship_of
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
from triage.helpdesk.zendesk.fields import CustomFields
from triage.helpdesk.zendesk.people import People, as_id
from triage.model.json_value import Json
from triage.model.ticket import PRIORITIES, Satisfaction, Ticket, Version
from triage.model.timeline import ActorRole, Attachment, TimelineEvent

CLOSED: frozenset[str] = frozenset({"solved", "closed", "deleted"})
ESCALATED_TAG = "escalated"
MARKER_KEY = "op"
"""Where our operation's key lies in an audit's metadata."""

_KEY = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
_ENGINEERING = re.compile("engineer", re.IGNORECASE)
_FIELD_WORDS: Mapping[str, str] = {
    "assignee_id": "assignee",
    "group_id": "group",
    "requester_id": "requester",
    "organization_id": "customer",
    "problem_id": "problem",
}


_TOLD: frozenset[object] = frozenset({"Comment", "VoiceComment", "Change", "Create", "SatisfactionRating"})
"""Kinds of events that a timeline tells."""


@dataclass(slots=True)
class _Occasion:
    """What all events of one audit have in common."""

    id: str
    ticket_id: str
    at: datetime
    author: object
    role: ActorRole
    name: str
    merged: bool
    marker: str
    escalated: bool = False
    """Whether one of its events was told as the escalation: it happens once."""

    def event_id(self, event: Record, position: int) -> str:
        """A name for ``event``, stable over pulls."""
        number = as_id(event.get("id"))
        return str(number) if number is not None else f"{self.id}.{position}"


class Reader:
    """Reads with the names that were looked up before."""

    def __init__(self, people: People, fields: CustomFields, browser: str) -> None:
        self._people = people
        self._fields = fields
        self._browser = browser

    def ticket(self, raw: Record) -> Ticket:
        """One ticket. Raises `HelpdeskFailed` when it is not one."""
        with expecting("a ticket"):
            return self._ticket(raw)

    def _ticket(self, raw: Record) -> Ticket:
        number = str(whole_number(raw["id"]))
        fields, shown = self._custom(raw)
        status = line(raw.get("status"))
        priority = line(raw.get("priority"))
        external = line(raw.get("external_id"))
        return Ticket(
            id=number,
            key=external if _KEY.fullmatch(external) else f"#{number}",
            subject=line(raw.get("subject") or raw.get("raw_subject")),
            status=status,
            created_at=known_moment(raw["created_at"]),
            updated_at=known_moment(raw["updated_at"]),
            version=Version(line(raw["updated_at"]), exact=False),
            open=status not in CLOSED,
            priority=next((known for known in PRIORITIES if known == priority), None)
            or priority_of(shown.get("priority", "")),
            customer=self._people.organization(raw.get("organization_id")) or shown.get("customer", ""),
            requester=self._people.name(raw.get("requester_id")),
            relationship=relationship_of(shown.get("relationship", "")),
            product=shown.get("product", ""),
            product_version=shown.get("product_version", ""),
            component=shown.get("component", ""),
            assignee=self._people.name(raw.get("assignee_id")),
            type=line(raw.get("type")),
            tags=tuple(line(tag) for tag in raw.get("tags") or ()),
            fields=fields,
            satisfaction=_satisfaction(raw.get("satisfaction_rating")),
            url=f"{self._browser}agent/tickets/{number}",
        )

    def _custom(self, raw: Record) -> tuple[dict[str, Json], dict[str, str]]:
        """Values by our word as they are coded, and as they are read by people."""
        coded: dict[str, Json] = {}
        shown: dict[str, str] = {}
        for entry in raw.get("custom_fields") or ():
            number = whole_number(entry["id"])
            word = self._fields.word(number)
            coded[word] = entry.get("value")
            shown[word] = self._fields.shown(number, entry.get("value"))
        return coded, shown

    def events(self, audits: Iterable[Record], ticket_id: str) -> list[TimelineEvent]:
        """What happened in ``audits``, in their order; kinds of events we do not know are passed over."""
        with expecting("an audit"):
            return [event for audit in audits for event in self._events(audit, ticket_id)]

    def _events(self, audit: Record, ticket_id: str) -> Iterator[TimelineEvent]:
        occasion: _Occasion | None = None
        for position, event in enumerate(audit.get("events") or ()):
            kind = event.get("type")
            if kind not in _TOLD or (kind == "Create" and not _tags_escalate(event)):
                continue
            if occasion is None:
                occasion = self._occasion(audit, ticket_id)
            found = self._event(occasion, kind, event, position)
            if found is not None:
                occasion.escalated = occasion.escalated or found.kind == "escalation"
                yield found

    def _occasion(self, audit: Record, ticket_id: str) -> _Occasion:
        author = audit.get("author_id")
        return _Occasion(
            id=text(audit.get("id")),
            ticket_id=ticket_id,
            at=known_moment(audit["created_at"]),
            author=author,
            role=self._people.role(author),
            name=self._people.name(author),
            merged=_nested(audit, "via", "source", "rel") == "merge",
            marker=line(_nested(audit, "metadata", "custom", MARKER_KEY)),
        )

    def _event(self, occasion: _Occasion, kind: object, event: Record, position: int) -> TimelineEvent | None:
        if kind in ("Change", "Create"):
            return self._change(occasion, event, position)
        if kind == "SatisfactionRating":
            return self._rating(occasion, event, position)
        return self._message(occasion, event, position)

    def _message(self, occasion: _Occasion, event: Record, position: int) -> TimelineEvent:
        author = event.get("author_id") or occasion.author
        return TimelineEvent(
            id=occasion.event_id(event, position),
            ticket_id=occasion.ticket_id,
            at=occasion.at,
            kind="merge" if occasion.merged else "message",
            # Only an explicit yes is public here: a flag we cannot read must not show a note as sent.
            visibility="public" if event.get("public") is True else "internal",
            actor_role=self._people.role(author),
            actor=self._people.name(author),
            text=text(event.get("body") or event.get("plain_body")),
            source_ref=f"comment {text(event.get('id'))}",
            attachments=tuple(attachment_of(item) for item in event.get("attachments") or ()),
            marker=occasion.marker,
        )

    def _change(self, occasion: _Occasion, event: Record, position: int) -> TimelineEvent:
        name = line(event.get("field_name"))
        old, new = self._said(name, event.get("previous_value")), self._said(name, event.get("value"))
        number = as_id(name)
        word = self._fields.word(number) if number is not None else _FIELD_WORDS.get(name, name)
        to_engineering = name == "group_id" and bool(_ENGINEERING.search(new))
        escalates = not occasion.escalated and (to_engineering or _tags_escalate(event))
        return TimelineEvent(
            id=occasion.event_id(event, position),
            ticket_id=occasion.ticket_id,
            at=occasion.at,
            kind="escalation" if escalates else "change",
            visibility="internal",
            actor_role=occasion.role,
            actor=occasion.name,
            text=f"{word}: {old or '–'} → {new or '–'}",
            field=word,
            old=old,
            new=new,
            source_ref=f"audit {occasion.id}",
            marker=occasion.marker,
        )

    def _rating(self, occasion: _Occasion, event: Record, position: int) -> TimelineEvent | None:
        score = line(event.get("score"))
        if score in ("", "unoffered"):
            return None
        return TimelineEvent(
            id=occasion.event_id(event, position),
            ticket_id=occasion.ticket_id,
            at=occasion.at,
            kind="rating",
            visibility="public",
            actor_role=occasion.role,
            actor=occasion.name,
            text=text(event.get("body") or event.get("comment")),
            field="satisfaction",
            new=score,
            source_ref=f"audit {occasion.id}",
        )

    def _said(self, name: str, value: Json) -> str:
        """A changed value in words: people and groups by name."""
        if name in ("assignee_id", "requester_id"):
            return self._people.name(value)
        if name == "group_id":
            return self._people.group(value)
        if name == "organization_id":
            return self._people.organization(value)
        if name == "tags":
            return ", ".join(sorted(_tags(value)))
        number = as_id(name)
        return self._fields.shown(number, value) if number is not None else one_line(value)


def people_in(audits: Iterable[Record]) -> set[object]:
    """The ids of everybody ``audits`` speak of, to be looked up before they are read."""
    found: set[object] = set()
    with expecting("an audit"):
        for audit in audits:
            found.add(audit.get("author_id"))
            for event in audit.get("events") or ():
                if "author_id" in event:
                    found.add(event["author_id"])
                if event.get("field_name") in ("assignee_id", "requester_id"):
                    found |= {event.get("value"), event.get("previous_value")}
    return found


def _tags_escalate(event: Record) -> bool:
    if event.get("field_name") != "tags":
        return False
    return ESCALATED_TAG in _tags(event.get("value")) - _tags(event.get("previous_value"))


def _tags(value: Json) -> set[str]:
    if isinstance(value, str):
        return set(value.split())
    return {one_line(item) for item in value} if isinstance(value, list) else set()


def attachment_of(raw: Record) -> Attachment:
    """A file of a comment."""
    size = as_id(raw.get("size"))
    return Attachment(
        name=line(raw.get("file_name")),
        size=-1 if size is None else size,
        ref=line(raw.get("content_url")),
        media_type=line(raw.get("content_type")),
    )


def _satisfaction(raw: object) -> Satisfaction | None:
    if not isinstance(raw, Mapping) or raw.get("score") in (None, "", "unoffered"):
        return None
    return Satisfaction(score=line(raw.get("score")), comment=text(raw.get("comment")))


def _nested(value: Json, *path: str) -> Json:
    for key in path:
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
