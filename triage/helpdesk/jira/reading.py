"""Jira's JSON into our tickets and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from triage.helpdesk.field_words import one_line, priority_of, relationship_of
from triage.helpdesk.jira.document import plain
from triage.helpdesk.jira.queue import SAYS_ESCALATED
from triage.helpdesk.jira.site import CustomField, decoded
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, text, whole_number
from triage.model.json_value import Json
from triage.model.ticket import Ticket, Version
from triage.model.timeline import ActorRole, Attachment, EventKind, TimelineEvent, Visibility

ESCALATED_LABEL = "escalated"
SERVICE_DESK = "service_desk"
_FIELDS = {"labels": "tags", "summary": "subject", "Component": "component", "Version": "product_version"}


def ticket_of(raw: Record, custom: Mapping[str, CustomField], browser: str) -> Ticket:
    """One issue. Raises `HelpdeskFailed` when it is none."""
    with expecting("an issue"):
        fields = raw["fields"]
        values: dict[str, Json] = {
            word: decoded(fields.get(field.id)) for word, field in custom.items() if field.id in fields
        }
        native = line((fields.get("priority") or {}).get("name"))
        values.setdefault("priority", native)
        said = {word: one_line(value) for word, value in values.items()}
        status = fields["status"]
        return Ticket(
            id=str(whole_number(raw["id"])),
            key=line(raw["key"]),
            subject=line(fields.get("summary")),
            status=line(status["name"]),
            created_at=known_moment(fields["created"]),
            updated_at=known_moment(fields["updated"]),
            version=Version(line(fields["updated"]), exact=True),
            open=(status.get("statusCategory") or {}).get("key") != "done",
            priority=priority_of(said["priority"]),
            customer=said.get("customer", ""),
            requester=line((fields.get("reporter") or {}).get("displayName")),
            relationship=relationship_of(said.get("relationship", "")),
            product=said.get("product", ""),
            product_version=said.get("product_version") or one_line(decoded(fields.get("versions"))),
            component=said.get("component") or one_line(decoded(fields.get("components"))),
            assignee=line((fields.get("assignee") or {}).get("displayName")),
            type=_type(fields),
            tags=tuple(map(str, fields.get("labels") or ())),
            fields=values,
            url=f"{browser}browse/{line(raw['key'])}",
        )


def _type(fields: Record) -> str:
    name = line((fields.get("issuetype") or {}).get("name")).casefold()
    return next((kind for kind in ("incident", "problem", "question", "task") if kind in name), "")


def has_internal_comments(raw: Record) -> bool:
    """Whether the issue is in a service project: elsewhere everybody who sees it reads every comment."""
    with expecting("an issue"):
        return (raw["fields"].get("project") or {}).get("projectTypeKey") == SERVICE_DESK


def visibility_of(comment: Record) -> Visibility:
    """Who reads a comment; what does not say that it is hidden is public."""
    return "internal" if comment.get("jsdPublic") is False or comment.get("visibility") else "public"


class Teller:
    """Tells the story of one issue."""

    def __init__(
        self, raw: Record, roles: Roles, words: Mapping[str, str], user_id: Callable[[Any], str]
    ) -> None:
        self._raw = raw
        self._roles = roles
        self._words = words
        self._user_id = user_id
        self._fields = record(raw.get("fields") or {}, "an issue")
        self._requester = user_id(self._fields.get("reporter"))

    def events(self, comments: Iterable[Record], histories: Iterable[Record]) -> list[TimelineEvent]:
        """Oldest first. Raises `HelpdeskFailed` for a shape we do not know."""
        with expecting("the history of an issue"):
            found = [self._opening(), *map(self._comment, comments)]
            for row in histories:
                found += self._changes(row)
            return sorted(found, key=lambda event: event.at)

    def _opening(self) -> TimelineEvent:
        files = tuple(
            Attachment(line(row.get("filename")), int(row.get("size", -1)), line(row["id"]),
                       line(row.get("mimeType")))
            for row in self._fields.get("attachment") or ()
        )  # fmt: skip
        words = plain(self._fields.get("description")) or line(self._fields.get("summary"))
        at = known_moment(self._fields["created"])
        return self._event("0", at, self._fields.get("reporter"), "message", "public", words,
                           source_ref="description", attachments=files)  # fmt: skip

    def _comment(self, row: Record) -> TimelineEvent:
        return self._event(
            f"c{line(row['id'])}", known_moment(row["created"]), row.get("author"), "message",
            visibility_of(row), plain(row.get("body")), source_ref=f"comment {line(row['id'])}",
        )  # fmt: skip

    def _changes(self, row: Record) -> Iterator[TimelineEvent]:
        for place, item in enumerate(row.get("items") or ()):
            name = line(item.get("field"))
            field = self._words.get(line(item.get("fieldId"))) or _FIELDS.get(name, name)
            old, new = text(item.get("fromString")), text(item.get("toString"))
            labelled = field == "tags" and ESCALATED_LABEL in new.casefold().split()
            before = field == "tags" and ESCALATED_LABEL in old.casefold().split()
            escalates = (labelled and not before) or (field == "status" and SAYS_ESCALATED.search(new))
            yield self._event(
                f"h{line(row['id'])}.{place}", known_moment(row["created"]), row.get("author"),
                "escalation" if escalates else "change", "internal",
                f"{field}: {old or '–'} → {new or '–'}", source_ref=f"history {line(row['id'])}",
                field=field, old=old, new=new,
            )  # fmt: skip

    def _event(
        self,
        number: str,
        at: datetime,
        who: Any,
        kind: EventKind,
        visibility: Visibility,
        words: str,
        *,
        source_ref: str,
        field: str = "",
        old: str = "",
        new: str = "",
        attachments: tuple[Attachment, ...] = (),
    ) -> TimelineEvent:
        return TimelineEvent(
            id=number,
            ticket_id=line(self._raw["id"]),
            at=at,
            kind=kind,
            visibility=visibility,
            actor_role=self._role(who),
            actor=line(who.get("displayName")) if isinstance(who, Mapping) else "",
            text=words,
            field=field,
            old=old,
            new=new,
            source_ref=source_ref,
            attachments=attachments,
        )

    def _role(self, who: Any) -> ActorRole:
        """The profile's word; else a portal customer or the reporter is a customer, an app the machine."""
        if not isinstance(who, Mapping):
            return "helpdesk"
        if (
            named := self._roles.of((line(who.get("displayName")), line(who.get("emailAddress"))))
        ) is not None:
            return named
        kind = who.get("accountType")
        if kind == "app":
            return "helpdesk"
        if kind == "customer" or (kind is None and self._user_id(who) == self._requester):
            return "customer"
        return "support_frontline"
