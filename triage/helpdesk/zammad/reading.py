"""Zammad's JSON into our tickets and events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from triage.helpdesk.field_words import FieldWords, one_line, priority_of, relationship_of
from triage.helpdesk.html_text import words_of
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
from triage.helpdesk.zammad.server import names_of
from triage.model.json_value import Json
from triage.model.ticket import Ticket, Version
from triage.model.timeline import ActorRole, Attachment, EventKind, TimelineEvent, Visibility

NATIVE = ("priority", "tags", "customer")
ESCALATED = "escalat"
_SYSTEM = frozenset(
    {
        "id", "number", "title", "group", "state", "priority", "owner", "customer", "organization", "note",
        "type", "preferences", "article_ids", "ticket_time_accounting_ids", "create_article_type",
        "create_article_sender", "article_count", "created_at", "updated_at", "created_by", "updated_by",
        "close_at", "close_diff_in_min", "close_in_min", "pending_time", "time_unit", "checklist_id",
        "ticket_time_accounting", "articles", "first_response_at", "referencing_checklists", "mentions",
    }
)  # fmt: skip
_FIELDS = {"state": "status", "owner": "assignee", "group": "queue", "title": "subject", "tag": "tags"}


def attributes(raw: Record, words: FieldWords) -> dict[str, str]:
    """The site's own attributes of a ticket: name by our word."""
    return {
        words.word(name): name
        for name in raw
        if name not in _SYSTEM and not name.endswith(("_id", "_ids", "_at", "_in_min"))
    }


def ticket_of(
    raw: Record, tags: Collection[str], closed: Collection[str], words: FieldWords, browser: str
) -> Ticket:
    """One ticket. Raises `HelpdeskFailed` when it is not one."""
    with expecting("a ticket"):
        number = str(whole_number(raw["id"]))
        fields: dict[str, Json] = {word: raw[name] for word, name in attributes(raw, words).items()}
        fields["priority"] = line(raw.get("priority"))
        said = {word: one_line(value) for word, value in fields.items()}
        owner = line(raw.get("owner"))
        return Ticket(
            id=number,
            key=f"#{line(raw.get('number')) or number}",
            subject=line(raw.get("title")),
            status=line(raw["state"]),
            created_at=known_moment(raw["created_at"]),
            updated_at=known_moment(raw["updated_at"]),
            version=Version(line(raw["updated_at"]), exact=True),
            open=line(raw["state"]) not in closed,
            # Priorities are called "2 normal".
            priority=priority_of(said["priority"].lstrip("0123456789 ")),
            customer=line(raw.get("organization")) or said.get("customer", ""),
            requester=line(raw.get("customer")),
            relationship=relationship_of(said.get("relationship", "")),
            product=said.get("product", ""),
            product_version=said.get("product_version", ""),
            component=said.get("component", ""),
            assignee="" if owner == "-" else owner,
            tags=tuple(tags),
            fields=fields,
            url=f"{browser}#ticket/zoom/{number}",
        )


def body_of(article: Record) -> str:
    """The words of an article."""
    body = text(article.get("body"))
    return words_of(body) if "html" in line(article.get("content_type")) else body.replace("\r\n", "\n")


def visibility_of(article: Record) -> Visibility:
    """Who reads an article; what does not say that it is internal is public."""
    return "internal" if article.get("internal") is True else "public"


def events_of(
    ticket_id: str,
    articles: Iterable[Record],
    history: Iterable[Record],
    users: Mapping[int, Record],
    roles: Roles,
    words: FieldWords,
) -> list[TimelineEvent]:
    """Everything that happened, oldest first. Raises `HelpdeskFailed` for a shape we do not know."""
    with expecting("the timeline of a ticket"):
        found = [_message(ticket_id, row, roles) for row in articles]
        for row in history:
            if (event := _change(ticket_id, row, users, roles, words)) is not None:
                found.append(event)
        return sorted(found, key=lambda event: event.at)


def _message(ticket_id: str, row: Record, roles: Roles) -> TimelineEvent:
    number, who = line(row["id"]), line(row.get("from")) or line(row.get("created_by"))
    return TimelineEvent(
        id=f"a{number}",
        ticket_id=ticket_id,
        at=known_moment(row["created_at"]),
        kind="message",
        visibility=visibility_of(row),
        actor_role=_sender(line(row.get("sender")), (who, line(row.get("created_by"))), roles),
        actor=who,
        text=body_of(row),
        source_ref=f"article {number}",
        attachments=files_of(ticket_id, row),
    )


def files_of(ticket_id: str, article: Record) -> tuple[Attachment, ...]:
    """The files of an article. Raises `HelpdeskFailed` for a shape we do not know."""
    with expecting("an article"):
        number = line(article["id"])
        return tuple(
            Attachment(
                line(one.get("filename")),
                int(one.get("size") or -1),
                f"{ticket_id}/{number}/{line(one['id'])}",
            )
            for one in article.get("attachments") or ()
        )


def _sender(sender: str, names: Iterable[str], roles: Roles) -> ActorRole:
    if sender == "System":
        return "helpdesk"
    return roles.of(names) or ("customer" if sender == "Customer" else "support_frontline")


def _change(
    ticket_id: str, row: Record, users: Mapping[int, Record], roles: Roles, words: FieldWords
) -> TimelineEvent | None:
    name = line(row.get("attribute"))
    if row.get("object") != "Ticket" or not name or name in ("updated_at", "pending_time"):
        return None
    field = _FIELDS.get(name) or words.word(name)
    old, new = text(row.get("value_from")), text(row.get("value_to"))
    if name == "tag" and row.get("type") == "removed":
        old, new = new or old, ""
    told = field in ("queue", "tags", "status") and ESCALATED in new.casefold()
    kind: EventKind = "escalation" if told else "change"
    user = users.get(int(row.get("created_by_id") or 0), {})
    names = names_of(user)
    return TimelineEvent(
        id=f"h{line(row['id'])}",
        ticket_id=ticket_id,
        at=known_moment(row["created_at"]),
        kind=kind,
        visibility="internal",
        actor_role=roles.of(names) or ("support_frontline" if names else "helpdesk"),
        actor=names[0] if names else "",
        text=f"{field}: {old or '–'} → {new or '–'}",
        field=field,
        old=old,
        new=new,
        source_ref=f"history {line(row['id'])}",
    )
