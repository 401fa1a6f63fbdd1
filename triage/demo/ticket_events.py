"""``GET /incremental/ticket_events``: what happened on all tickets, as one stream in the order of time.

Pages follow each other by time, as at Zendesk: each begins with the second the one before it ended with, so
some events come twice, and no second is cut in two. The shape of an event is not that of an audit: a change
has the field's name as a key, ``via`` is a title, and what an update said of itself (``metadata``) is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import documents, paging
from triage.demo.answers import answer
from triage.demo.documents import Document
from triage.demo.helpdesk_state import state_of
from triage.demo.refusal import Refusal

LARGEST = 1_000
_TITLES: Mapping[str, str] = {
    "web": "Web form", "email": "Mail", "api": "Web service", "rule": "Rule", "chat": "Chat",
}  # fmt: skip


async def ticket_events(request: Request) -> Response:
    """Everything since ``start_time``, without the newest `Settings.lag_s` seconds."""
    helpdesk, start = state_of(request), request.query_params.get("start_time", "")
    until = int(helpdesk.now() - helpdesk.settings.lag_s)
    if not start.isascii() or not start.isdigit():
        raise Refusal(400, "StartTimeMissing", "start_time (Unix seconds) is required")
    since = int(start[:12])
    if since > until:
        raise Refusal(422, "InvalidValue", "Too recent start_time. Use a start_time further back")
    found, more = helpdesk.records.audits_since(documents.stamp(since), documents.stamp(until), LARGEST)
    with_comments = "comment_events" in request.query_params.get("include", "").split(",")
    events = [_event(documents.load(text), with_comments=with_comments) for text in found]
    end = events[-1]["timestamp"] if events else since
    rest = {
        "next_page": paging.link(request, start_time=end),
        "count": len(events),
        "end_of_stream": not more,
        "end_time": end,
    }
    return answer(request, {"ticket_events": [documents.dump(event) for event in events]}, rest)


def _event(audit: Document, *, with_comments: bool) -> Document:
    """``audit`` as the stream tells it."""
    at = datetime.strptime(audit["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    via = _TITLES.get(audit["via"]["channel"], "Web form")
    return {
        "child_events": [
            _comment(audit, event, via, whole=with_comments)
            if event["type"] == "Comment"
            else _child(event, via)
            for event in audit["events"]
        ],
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": int(at.timestamp()),
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": via,
        "system": {"client": audit["metadata"]["system"]["client"], "location": "", "latitude": 0.0},
        "event_type": "Audit",
    }


def _child(event: Document, via: str) -> Document:
    told = {"id": event["id"], "via": via, "via_reference_id": None, "event_type": event["type"]}
    if event["type"] not in ("Change", "Create"):
        return told
    name, value = event["field_name"], event["value"]
    if name == "tags":
        before = event.get("previous_value") or []
        added = [tag for tag in value if tag not in before]
        return told | {"tags": value, "added_tags": added,
                       "removed_tags": [tag for tag in before if tag not in value]}  # fmt: skip
    was = {"previous_value": _number(name, event["previous_value"])} if event["type"] == "Change" else {}
    if name.isdigit():
        return told | {"custom_ticket_fields": {name: value}} | was
    return told | {name: _number(name, value)} | was


def _number(name: str, value: object) -> object:
    """Here ids are numbers."""
    return int(value) if name.endswith("_id") and isinstance(value, str) and value.isdigit() else value


def _comment(audit: Document, event: Document, via: str, *, whole: bool) -> Document:
    if not whole:
        return {"id": event["id"], "via": via, "via_reference_id": None, "comment_present": True,
                "comment_public": event["public"], "event_type": "Comment"}  # fmt: skip
    added = {"via": audit["via"], "via_reference_id": None, "created_at": audit["created_at"]}
    return event | added | {"event_type": "Comment"}
