"""The export of ticket events: what happened on all tickets of an account, as one stream.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/

A thousand updates come with one request, where the audits of a ticket take one each. The stream leaves things
out, though: what an update said of itself (``metadata``, which carries our marker) and the details of the
rarer events. Such an update is `DOUBTFUL` here: its ticket is read by its audits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from triage.helpdesk.shape import Record, expecting, record, records
from triage.helpdesk.transport import Query, Transport
from triage.helpdesk.zendesk.people import as_id
from triage.model.errors import HelpdeskFailed

WHERE = "the export of events"
PATH = "api/v2/incremental/ticket_events.json"
EXPORTS_A_MINUTE = 10
"""Zendesk's limit for exports where nothing else was bought."""
PATIENCE = 10
"""How many holds one page waits for; Zendesk lets only ten requests a minute through."""
MOST_PAGES = 10_000
"""Ten million updates, about a million tickets; a stream longer than this is not worth its time."""
NEWEST = timedelta(seconds=60)
"""The stream leaves out the last minute: who has come so far has all of it."""
AHEAD = timedelta(days=1)
"""So far may the stream's times run before the helpdesk's clock as we know it."""
DOUBTFUL: Final = None
"""In place of an audit: the stream does not tell all of it."""

_MEANT_FOR_OTHERS = frozenset(
    {"AgentMacroReference", "MacroReference", "Notification", "NotificationWithCcs", "FollowerNotification",
     "FollowerChange", "EmailCcChange", "Cc", "External", "Push", "Webhook", "OrganizationActivity"}
)  # fmt: skip
"""Kinds of events that are no part of a timeline, read either way."""
_BESIDE_THE_FIELD = frozenset(
    {"id", "via", "via_reference_id", "event_type", "previous_value", "added_tags", "removed_tags"}
)
_IN_A_COMMENT = ("id", "author_id", "body", "plain_body", "public", "attachments")
_BY_API = "Web service"


class EventStream:
    """Pages of the stream."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._apart_s = 0.0

    async def pages(self, since: datetime) -> AsyncGenerator[tuple[list[Record], datetime]]:
        """Events of each page, and up to when (UTC, whole seconds) the stream has told them by then.

        The next page is asked for while one is looked at. Raises `Forbidden` for who is no administrator, and
        `HelpdeskFailed`, also where the stream does not move on or does not end.
        """
        asking = asyncio.create_task(self._page(int(since.timestamp())))
        try:
            for _ in range(MOST_PAGES):
                found, end, done = await asking
                if not done:
                    asking = asyncio.create_task(self._page(end))
                yield found, datetime.fromtimestamp(end, UTC)
                if done:
                    return
            raise HelpdeskFailed(
                f"the stream of events has not ended after {MOST_PAGES:,} pages", where=WHERE
            )
        finally:
            asking.cancel()

    async def _page(self, start: int) -> tuple[list[Record], int, bool]:
        answer = record(await self._asked(start), WHERE)
        found = records(answer, "ticket_events", WHERE)
        end, done = as_id(answer.get("end_time")), bool(answer.get("end_of_stream"))
        if not done and (end is None or end <= start):
            raise HelpdeskFailed("the stream of events does not move on", where=WHERE)
        end, now = start if end is None else end, self._transport.server_now()
        if not 0 <= end <= (now + AHEAD).timestamp():
            raise HelpdeskFailed("the stream of events ends at no time that can be", where=WHERE)
        return found, end, done or end >= (now - NEWEST).timestamp()

    async def _asked(self, start: int) -> Any:
        """One request, however long the helpdesk makes us wait for it.

        Once it did, requests go evenly from then on, and with every further time half as often: waiting for
        one limit holds up everything else, notes that are to be written too.
        """
        query: Query = {"start_time": start, "include": "comment_events"}
        pace = self._transport.pace
        for _ in range(PATIENCE):
            if self._apart_s:
                await pace.pause(self._apart_s)
            holds = pace.holds
            try:
                return await self._transport.read(PATH, query)
            except HelpdeskFailed:
                if not pace.hold_s:
                    raise
                await pace.pause(pace.hold_s)
            finally:
                if pace.holds > holds:
                    self._apart_s = min(60.0, max(60 / EXPORTS_A_MINUTE, self._apart_s * 2))
        raise HelpdeskFailed("the helpdesk makes us wait again and again", where=WHERE)


def as_audit(event: Record) -> dict[str, Any] | None:
    """``event`` as an audit, as far as a timeline needs it; `DOUBTFUL` where it may tell less."""
    with expecting("an event"):
        children = list(event.get("child_events") or ())
        born = any(child.get("event_type") == "Create" for child in children)
        # A program wrote it, perhaps ours: only the audit says with what marker.
        if event.get("via") == _BY_API and not born:
            return DOUBTFUL
        told: list[Record] = []
        via: Any = None
        for child in children:
            if child.get("event_type") in _MEANT_FOR_OTHERS:
                continue
            if (one := _as_event(child)) is DOUBTFUL:
                return DOUBTFUL
            if one["type"] == "Comment":
                via = child.get("via")
            elif one["type"] == "Create" and one["field_name"] != "tags":
                continue  # what a ticket had from the beginning is no event, unless it escalates
            told.append(one)
        return {
            "id": event["id"],
            "created_at": event["created_at"],
            "author_id": event.get("updater_id"),
            "events": told,
            "via": via,
            "born": born,
        }


def _as_event(child: Record) -> Record | None:
    kind = child.get("event_type")
    if kind == "Comment":
        # Without its ``via`` as an object nobody can tell a merge from a message.
        if not isinstance(child.get("via"), dict) or "body" not in child:
            return DOUBTFUL
        return {"type": "Comment"} | {name: child[name] for name in _IN_A_COMMENT if name in child}
    names = [name for name in child if name not in _BESIDE_THE_FIELD]
    if kind not in ("Change", "Create") or len(names) != 1:
        return DOUBTFUL
    name, value = names[0], child[names[0]]
    if name == "custom_ticket_fields":
        if not isinstance(value, dict) or len(value) != 1:
            return DOUBTFUL
        ((name, value),) = value.items()
    return {
        "id": child.get("id"),
        "type": kind,
        "field_name": name,
        "value": value,
        "previous_value": _tags_before(child) if name == "tags" else child.get("previous_value"),
    }


def _tags_before(child: Record) -> list[Any]:
    if child.get("previous_value") is not None:
        before = child["previous_value"]
        return before.split() if isinstance(before, str) else list(before)
    added = set(child.get("added_tags") or ())
    kept = [tag for tag in child.get("tags") or () if tag not in added]
    return kept + list(child.get("removed_tags") or ())
