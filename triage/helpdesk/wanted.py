"""What an operation still wants of a ticket, and our marker in the text of a note.

For helpdesks without a place of their own for a marker, and without a version of their own for a ticket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.helpdesk.field_words import FieldWords, one_line, same_value
from triage.model.errors import HelpdeskFailed, NotFound, TriageError
from triage.model.json_value import Json
from triage.model.operation import NotSent, Operation, Rejected, Step
from triage.model.ticket import Ticket, Version

PROBE_MARGIN = timedelta(minutes=10)
"""How far before the attempt a probe reads on, against clocks that disagree."""


def marker(key: str) -> str:
    """The last line of our notes."""
    return f"ref:esc-{key}"


def carries(body: str, key: str) -> bool:
    """Whether ``body`` holds the marker of exactly this step."""
    return re.search(re.escape(marker(key)) + r"(?![\w-])", body) is not None


def marked(body: str, key: str) -> str:
    """``body`` with its marker as the last line."""
    return f"{body.rstrip()}\n\n{marker(key)}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The part of a change that the ticket does not show yet; the note is not among it."""

    fields: Mapping[str, Json]
    left_out: tuple[str, ...]
    """Fields the ticket does not have."""
    tags_add: tuple[str, ...]
    tags_remove: tuple[str, ...]
    tags: tuple[str, ...] | None
    """All tags as they shall be; None where none changes."""
    status: str | None
    assignee: str | None

    def payload(self) -> dict[str, Json]:
        """Everything but the fields that were left out, as a step carries it."""
        found: dict[str, Json] = {"fields": dict(self.fields)} if self.fields else {}
        if self.tags is not None:
            found |= {
                "tags": list(self.tags), "tags_add": list(self.tags_add),
                "tags_remove": list(self.tags_remove),
            }  # fmt: skip
        if self.status is not None:
            found["status"] = self.status
        if self.assignee is not None:
            found["assignee"] = self.assignee
        return found


def wanted(operation: Operation, current: Ticket, words: FieldWords) -> Wanted:
    """What ``operation`` asks for beyond what ``current`` says. Pure."""
    change = operation.change
    fields, left_out = words.asked(change.fields, current.fields)
    add = tuple(tag for tag in dict.fromkeys(change.tags_add) if tag not in current.tags)
    remove = tuple(tag for tag in dict.fromkeys(change.tags_remove) if tag in current.tags)
    kept = tuple(tag for tag in current.tags if tag not in remove)
    return Wanted(
        fields=fields,
        left_out=left_out,
        tags_add=add,
        tags_remove=remove,
        tags=(*kept, *add) if add or remove else None,
        status=change.status if change.status != current.status else None,
        assignee=change.assignee,
    )


def differences(payload: Mapping[str, Json], ticket: Ticket) -> list[str]:
    """Where ``ticket`` is not as a step asked, in words; its assignee is not looked at."""
    fields = payload.get("fields")
    found = [
        f"{word} is {one_line(ticket.fields.get(word)) or 'empty'}, not {one_line(value) or 'empty'}"
        for word, value in (fields if isinstance(fields, Mapping) else {}).items()
        if not _same(ticket.fields.get(word), value)
    ]
    found += [f"the tag {tag} is not there" for tag in listed(payload, "tags_add") if tag not in ticket.tags]
    found += [f"the tag {tag} is still there" for tag in listed(payload, "tags_remove") if tag in ticket.tags]
    if "status" in payload and not same_value(payload["status"], ticket.status):
        found.append(f"the status is {ticket.status}, not {one_line(payload['status'])}")
    return found


def listed(payload: Mapping[str, Json], key: str) -> list[str]:
    """The texts under ``key``; empty when there is no list."""
    value = payload.get(key)
    return [str(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def fields_of(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """The fields a step sets, by our word."""
    value = payload.get("fields")
    return value if isinstance(value, Mapping) else {}


def moved_on(base: Version | None, now: Ticket, stamp: str) -> bool:
    """Whether the ticket is no longer as it was shown; ``stamp`` is what a list would tell of it."""
    if base is None:
        return False
    return base.token != (now.version.token if base.exact else stamp)


def not_sent(error: TriageError) -> NotSent | Rejected:
    """How an attempt ends whose preparation failed: nothing has left yet."""
    if isinstance(error, HelpdeskFailed):
        return NotSent(str(error))
    return Rejected(404 if isinstance(error, NotFound) else 0, (str(error),))


def oldest(step: Step, skew: timedelta) -> datetime | None:
    """How far back a probe has to read, by the helpdesk's clock; None: to the beginning."""
    if step.sent_at is None:
        return None
    return step.sent_at + min(skew, timedelta(0)) - PROBE_MARGIN


def _same(left: Json, right: Json) -> bool:
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return sorted(map(str, left)) == sorted(map(str, right))
    return same_value(left, right)
