"""GitHub's JSON into our tickets and events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from triage.helpdesk.field_words import priority_of
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, known_moment, line, text, whole_number
from triage.model.ticket import Priority, Ticket, Version
from triage.model.timeline import ActorRole, EventKind, TimelineEvent, Visibility

ESCALATED = "escalated"
REASONS = ("not_planned", "duplicate")
_INSIDERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_KEY = re.compile(r"<!-- esc-op:([\w-]+) -->")


def marker(key: str) -> str:
    """A line of a comment that only its source shows."""
    return f"<!-- esc-op:{key} -->"


def key_in(body: str) -> str:
    """The key of ours that a comment carries; empty when there is none."""
    found = _KEY.findall(body)
    return found[-1] if found else ""


def ticket_of(raw: Record) -> Ticket:
    """One issue. Raises `HelpdeskFailed` when it is none."""
    with expecting("an issue"):
        number = str(whole_number(raw["number"]))
        labels = labels_of(raw)
        closed = raw["state"] == "closed"
        reason = line(raw.get("state_reason"))
        return Ticket(
            id=number,
            key=f"#{number}",
            subject=line(raw.get("title")),
            status=reason if closed and reason in REASONS else line(raw["state"]),
            created_at=known_moment(raw["created_at"]),
            updated_at=known_moment(raw["updated_at"]),
            version=Version(line(raw["updated_at"]), exact=False),
            open=not closed,
            priority=_priority(labels),
            requester=login_of(raw.get("user")),
            product_version=line((raw.get("milestone") or {}).get("title")),
            assignee=", ".join(login_of(user) for user in raw.get("assignees") or ()),
            type=line((raw.get("type") or {}).get("name")).casefold(),
            tags=labels,
            url=line(raw.get("html_url")),
        )


def labels_of(raw: Record) -> tuple[str, ...]:
    """Names of the labels, which come as text or as objects."""
    return tuple(
        line(one.get("name")) if isinstance(one, Mapping) else line(one) for one in raw.get("labels") or ()
    )


def login_of(user: Any) -> str:
    """A login; empty for a user who is gone."""
    return line(user.get("login")) if isinstance(user, Mapping) else ""


def _priority(labels: Iterable[str]) -> Priority | None:
    """The first label that names one, such as ``sev2`` or ``priority: high``."""
    for label in labels:
        if (found := priority_of(re.split(r"[:/]", label)[-1])) is not None:
            return found
    return None


class Teller:
    """Tells the story of one issue. ``visibility`` is that of everything said in the repository."""

    def __init__(self, raw: Record, roles: Roles, visibility: Visibility) -> None:
        self._raw = raw
        self._roles = roles
        self._visibility = visibility
        self._known = {login_of(raw.get("user")): line(raw.get("author_association"))}

    def events(self, rows: Iterable[Record]) -> Iterator[TimelineEvent]:
        """Oldest first. Raises `HelpdeskFailed` for a shape we do not know."""
        with expecting("the timeline of an issue"):
            rows = list(rows)
            for row in rows:
                if row.get("event") == "commented":
                    self._known[login_of(row.get("user"))] = line(row.get("author_association"))
            opening = text(self._raw.get("body")) or line(self._raw.get("title"))
            yield self._event(
                "0", self._raw, self._raw.get("user"), "message", self._visibility, opening, "issue"
            )
            for row in rows:
                yield from self._row(row)

    def _row(self, row: Record) -> Iterator[TimelineEvent]:
        kind = text(row.get("event"))
        if kind == "commented":
            number, body = line(row["id"]), text(row.get("body"))
            yield self._event(number, row, row.get("user"), "message", self._visibility,
                              body.replace("\r\n", "\n"), f"comment {number}")  # fmt: skip
            return
        change = _change(row, kind)
        if change is not None:
            field, old, new = change
            escalates = field == "tags" and new.casefold() == ESCALATED
            yield self._event(
                f"e{line(row['id'])}", row, row.get("actor"), "escalation" if escalates else "change",
                "internal", f"{field}: {old or '–'} → {new or '–'}", f"event {line(row['id'])}", change,
            )  # fmt: skip

    def _event(
        self,
        number: str,
        row: Record,
        who: Any,
        kind: EventKind,
        visibility: Visibility,
        words: str,
        source_ref: str,
        change: tuple[str, str, str] = ("", "", ""),
    ) -> TimelineEvent:
        return TimelineEvent(
            id=number,
            ticket_id=str(whole_number(self._raw["number"])),
            at=known_moment(row["created_at"]),
            kind=kind,
            visibility=visibility,
            actor_role=self._role(who, kind),
            actor=login_of(who),
            text=words,
            field=change[0],
            old=change[1],
            new=change[2],
            source_ref=source_ref,
            marker=key_in(words) if kind == "message" else "",
        )

    def _role(self, who: Any, kind: EventKind) -> ActorRole:
        """The profile's word; else a bot is the machine, whoever belongs to the repository is engineering."""
        login = login_of(who)
        if (named := self._roles.of((login,))) is not None:
            return named
        if not login or who.get("type") == "Bot":
            return "helpdesk"
        association = self._known.get(login)
        # Only who belongs to the repository can label or close, except for closing one's own issue.
        insider = association in _INSIDERS or (association is None and kind != "message")
        return "engineering" if insider else "customer"


def _change(row: Record, kind: str) -> tuple[str, str, str] | None:
    """Field, old and new value of an event that changed something we tell."""
    if kind in ("labeled", "unlabeled"):
        name = line((row.get("label") or {}).get("name"))
        return ("tags", "", name) if kind == "labeled" else ("tags", name, "")
    if kind in ("assigned", "unassigned"):
        name = login_of(row.get("assignee"))
        return ("assignee", "", name) if kind == "assigned" else ("assignee", name, "")
    if kind in ("closed", "reopened"):
        reason = line(row.get("state_reason"))
        closed = reason if reason in REASONS else "closed"
        return ("status", "open", closed) if kind == "closed" else ("status", "closed", "open")
    if kind == "renamed":
        names = row.get("rename") or {}
        return "subject", line(names.get("from")), line(names.get("to"))
    if kind in ("milestoned", "demilestoned"):
        name = line((row.get("milestone") or {}).get("title"))
        return ("product_version", "", name) if kind == "milestoned" else ("product_version", name, "")
    return None
