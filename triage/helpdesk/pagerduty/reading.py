"""PagerDuty's JSON into our tickets and events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from triage.helpdesk.field_words import FieldWords, one_line, priority_of, relationship_of
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, identifier, known_moment, line, text, whole_number
from triage.model.json_value import Json
from triage.model.ticket import Ticket, Version
from triage.model.timeline import ActorRole, EventKind, TimelineEvent

_CHANGES = {
    "acknowledge": ("status", "acknowledged"), "unacknowledge": ("status", "triggered"),
    "resolve": ("status", "resolved"), "snooze": ("status", "snoozed"),
}  # fmt: skip


def ticket_of(raw: Record, custom: Iterable[Record], words: FieldWords) -> Ticket:
    """One incident. Raises `HelpdeskFailed` when it is none."""
    with expecting("an incident"):
        native = line((raw.get("priority") or {}).get("summary"))
        fields: dict[str, Json] = {
            words.word(line(row.get("display_name") or row.get("name")), line(row.get("name"))): row.get(
                "value"
            )
            for row in custom
        }
        fields["priority"] = native
        said = {word: one_line(value) for word, value in fields.items()}
        people = [line((row.get("assignee") or {}).get("summary")) for row in raw.get("assignments") or ()]
        urgency = "high" if raw.get("urgency") == "high" else "low"
        return Ticket(
            id=identifier(raw["id"]),
            key=f"#{whole_number(raw['incident_number'])}",
            subject=line(raw.get("title")),
            status=line(raw["status"]),
            created_at=known_moment(raw["created_at"]),
            updated_at=known_moment(raw.get("updated_at") or raw["created_at"]),
            version=Version(line(raw.get("updated_at") or raw["created_at"]), exact=False),
            open=raw["status"] != "resolved",
            priority=priority_of(native) if native else priority_of(urgency),
            customer=said.get("customer", ""),
            relationship=relationship_of(said.get("relationship", "internal_team")),
            product=said.get("product", ""),
            product_version=said.get("product_version", ""),
            component=said.get("component") or line((raw.get("service") or {}).get("summary")),
            assignee=", ".join(people),
            type="incident",
            fields=fields,
            url=line(raw.get("html_url")),
        )


def events_of(
    raw: Record, notes: Iterable[Record], log: Iterable[Record], roles: Roles
) -> list[TimelineEvent]:
    """Notes and log entries, oldest first. Raises `HelpdeskFailed` for a shape we do not know."""
    with expecting("the log of an incident"):
        number = line(raw["id"])
        found = [
            _event(
                number, f"n{line(row['id'])}", row, row.get("user"), "message", roles, text(row["content"])
            )
            for row in notes
        ]
        found += [event for row in log if (event := _entry(number, row, roles)) is not None]
        return sorted(found, key=lambda event: event.at)


def _entry(number: str, row: Record, roles: Roles) -> TimelineEvent | None:
    kind = line(row.get("type")).removesuffix("_log_entry")
    identifier, who = f"l{line(row['id'])}", row.get("agent")
    if kind == "trigger":
        return _event(number, identifier, row, who, "message", roles, line(row.get("summary")))
    if kind in ("annotate", "notify"):
        # Notes are told from their own list; whom a telephone woke is no part of the case.
        return None
    if kind in ("assign", "escalate", "delegate"):
        people = ", ".join(line(one.get("summary")) for one in row.get("assignees") or ())
        told: EventKind = "escalation" if kind == "escalate" else "change"
        return _event(number, identifier, row, who, told, roles, "", "assignee", people or "somebody")
    field, new = _CHANGES.get(
        kind, (kind.removesuffix("_change").replace("_", " "), line(row.get("summary")))
    )
    return _event(number, identifier, row, who, "change", roles, "", field, new)


def _event(
    number: str, identifier: str, row: Record, who: Any, kind: EventKind, roles: Roles, words: str,
    field: str = "", new: str = "",
) -> TimelineEvent:  # fmt: skip
    user = who if isinstance(who, dict) else {}
    return TimelineEvent(
        id=identifier,
        ticket_id=number,
        at=known_moment(row["created_at"]),
        kind=kind,
        # No customer sees anything of an incident; what they are told are status updates.
        visibility="internal",
        actor_role=_role(user, roles),
        actor=line(user.get("summary")),
        text=words or f"{field}: – → {new}",
        field=field,
        new=new,
        source_ref=f"{'note' if identifier.startswith('n') else 'log entry'} {identifier[1:]}",
    )


def _role(user: Record, roles: Roles) -> ActorRole:
    """The profile's word; otherwise people are operations, and services and robots the machine."""
    if (named := roles.of((line(user.get("summary")),))) is not None:
        return named
    return "operations" if line(user.get("type")) in ("user_reference", "user") else "helpdesk"
