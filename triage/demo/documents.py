"""The JSON documents of the embedded helpdesk, in the shapes of the Zendesk Support API.

Documents are kept as JSON text. A link in them begins with `HOST`, which becomes the scheme and host the
client called when the answer is written.
"""

from __future__ import annotations

import html
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

HOST = "http://this-helpdesk.invalid"
API = f"{HOST}/api/v2"

Document: TypeAlias = dict[str, Any]

BRAND_ID = 360000000011
FORM_ID = 360000000021
STATUSES: tuple[str, ...] = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
"""In the order that ``status<solved`` compares by."""
PRIORITIES: tuple[str, ...] = ("low", "normal", "high", "urgent")
TYPES: tuple[str, ...] = ("question", "incident", "problem", "task")
CUSTOM_FIELDS: Mapping[str, int] = {
    "Product": 360000000101,
    "Version": 360000000102,
    "Component": 360000000103,
    "Relationship": 360000000104,
    "Escalation reason": 360000000105,
    "esc_verdict": 360000000106,
    "esc_code": 360000000107,
    "esc_problem": 360000000108,
    "esc_phase": 360000000109,
}
"""Title -> id, as listed at ``/api/v2/ticket_fields``."""
RULE_UPDATE = 360000000301
"""The trigger that mails a requester about a public comment."""


def dump(document: Mapping[str, Any]) -> str:
    """Compact ASCII JSON, so that even half a surrogate pair can be kept as it was sent."""
    return json.dumps(document, separators=(",", ":"))


def load(text: str) -> Document:
    """The document that `dump` wrote."""
    loaded: Document = json.loads(text)
    return loaded


def with_host(text: str, base: str) -> str:
    """JSON ``text`` with every link of ours leading to ``base`` (scheme and host)."""
    # A quote inside of a text has a backslash before it, so no text can hold what is replaced here.
    return text.replace(f':"{HOST}/', f":{json.dumps(base)[:-1]}/")


def stamp(seconds: float) -> str:
    """Unix ``seconds`` in the API's form: UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def via(channel: str) -> Document:
    """How something came in: ``web``, ``email``, ``api``."""
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}


def by_rule(title: str, rule_id: int = RULE_UPDATE) -> Document:
    """That a trigger did it."""
    source = {"from": {"deleted": False, "title": title, "id": rule_id}, "to": {}, "rel": "trigger"}
    return {"channel": "rule", "source": source}


def ticket(ticket_id: int, *, subject: str, requester_id: int, at: float, channel: str = "web") -> Document:
    """A ticket as it is in the moment of its creation, without a description yet."""
    created = stamp(at)
    return {
        "url": f"{API}/tickets/{ticket_id}.json",
        "id": ticket_id,
        "external_id": None,
        "via": via(channel),
        "created_at": created,
        "updated_at": created,
        "generated_timestamp": int(at),
        "type": None,
        "subject": subject,
        "raw_subject": subject,
        "description": "",
        "priority": None,
        "status": "new",
        "recipient": None,
        "requester_id": requester_id,
        "submitter_id": requester_id,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [],
        "custom_fields": [{"id": number, "value": None} for number in CUSTOM_FIELDS.values()],
        "satisfaction_rating": {"score": "unoffered"},
        "sharing_agreement_ids": [],
        "followup_ids": [],
        "ticket_form_id": FORM_ID,
        "brand_id": BRAND_ID,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
    }


def comment_event(
    event_id: int, audit_id: int, body: str, *, public: bool, author_id: int, attachments: Iterable[Document]
) -> Document:
    """A comment as an event of an audit."""
    return {
        "id": event_id,
        "type": "Comment",
        "author_id": author_id,
        "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{html.escape(body, quote=False)}</div>',
        "plain_body": body,
        "public": public,
        "attachments": list(attachments),
        "audit_id": audit_id,
    }


def notification_event(event_id: int, subject: str, body: str, recipient: int) -> Document:
    """The mail that a public comment sends to the requester."""
    return {
        "id": event_id,
        "type": "Notification",
        "via": by_rule("Notify requester of comment update"),
        "subject": f"[Harbourlight] Re: {subject}",
        "body": body,
        "recipients": [recipient],
    }


def audit(
    audit_id: int,
    ticket_id: int,
    *,
    at: float,
    author_id: int,
    events: list[Document],
    custom: Mapping[str, Any],
    channel: Document,
) -> Document:
    """One change of a ticket with everything that happened in it."""
    return {
        "id": audit_id,
        "ticket_id": ticket_id,
        "created_at": stamp(at),
        "author_id": author_id,
        "metadata": {"system": {"client": "demo", "ip_address": "192.0.2.7"}, "custom": dict(custom)},
        "events": events,
        "via": channel,
    }


def attachment(attachment_id: int, token: str, name: str, media_type: str, size: int) -> Document:
    """A file on a comment; its content is one request away."""
    address = f"{HOST}/attachments/token/{token}/?name={quote(name)}"
    return {
        "url": f"{API}/attachments/{attachment_id}.json",
        "id": attachment_id,
        "file_name": name,
        "content_url": address,
        "mapped_content_url": address,
        "content_type": media_type,
        "size": size,
        "width": None,
        "height": None,
        "inline": False,
        "deleted": False,
        "thumbnails": [],
    }


def user(
    user_id: int,
    name: str,
    email: str,
    *,
    role: str,
    at: float,
    organization_id: int | None = None,
    group_id: int | None = None,
    zone: str = "UTC",
) -> Document:
    """A person: ``role`` is ``end-user``, ``agent`` or ``admin``."""
    made = stamp(at)
    return {
        "id": user_id,
        "url": f"{API}/users/{user_id}.json",
        "name": name,
        "email": email,
        "created_at": made,
        "updated_at": made,
        "time_zone": zone,
        "iana_time_zone": zone,
        "phone": None,
        "locale": "en-GB",
        "organization_id": organization_id,
        "role": role,
        "verified": True,
        "external_id": None,
        "tags": [],
        "alias": None,
        "active": True,
        "shared": False,
        "shared_agent": False,
        "suspended": False,
        "default_group_id": group_id,
        "user_fields": {},
    }


def organization(organization_id: int, name: str, domain: str, at: float) -> Document:
    """A customer, or somebody who may become one."""
    made = stamp(at)
    return {
        "url": f"{API}/organizations/{organization_id}.json",
        "id": organization_id,
        "name": name,
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": None,
        "created_at": made,
        "updated_at": made,
        "domain_names": [domain],
        "details": "",
        "notes": "",
        "group_id": None,
        "tags": [],
        "organization_fields": {},
    }


def group(group_id: int, name: str, at: float) -> Document:
    """A group of agents."""
    made = stamp(at)
    return {
        "url": f"{API}/groups/{group_id}.json",
        "id": group_id,
        "name": name,
        "description": "",
        "default": name == "Support",
        "is_public": True,
        "deleted": False,
        "created_at": made,
        "updated_at": made,
    }


def ticket_field(field_id: int, title: str, kind: str, position: int, at: float) -> Document:
    """The description of a ticket field, system or custom."""
    made = stamp(at)
    return {
        "url": f"{API}/ticket_fields/{field_id}.json",
        "id": field_id,
        "type": kind,
        "title": title,
        "raw_title": title,
        "description": "",
        "raw_description": "",
        "position": position,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": title,
        "raw_title_in_portal": title,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "agent_can_edit": True,
        "tag": None,
        "created_at": made,
        "updated_at": made,
        "removable": kind == "text",
    }


def rating(rating_id: int, of: Document, score: str, comment: str, at: float) -> Document:
    """How the requester of ticket ``of`` rated the help."""
    return {
        "url": f"{API}/satisfaction_ratings/{rating_id}.json",
        "id": rating_id,
        "assignee_id": of["assignee_id"],
        "group_id": of["group_id"],
        "requester_id": of["requester_id"],
        "ticket_id": of["id"],
        "score": score,
        "comment": comment,
        "created_at": stamp(at),
        "updated_at": stamp(at),
    }
