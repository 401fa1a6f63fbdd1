"""A Zendesk made of fixed answers, for what the embedded helpdesk never does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.zendesk.adapter import Zendesk, open_helpdesk

Reply = dict[str, Any] | httpx.Response | Callable[[httpx.Request], httpx.Response]

ME = 7
PEOPLE = {
    7: {"id": 7, "name": "Robin", "role": "agent", "default_group_id": 30},
    8: {"id": 8, "name": "Noor", "role": "agent", "default_group_id": 10},
    9: {"id": 9, "name": "Ilse", "role": "end-user", "default_group_id": None},
}
FIELDS = [
    {"id": 1, "type": "priority", "title": "Priority"},
    {"id": 101, "type": "text", "title": "Product"},
    {"id": 102, "type": "tagger", "title": "Severity", "custom_field_options": [
        {"name": "Sev 1", "value": "severity_one"}, {"name": "Sev 2", "value": "severity_two"}]},
    {"id": 106, "type": "text", "title": "esc_verdict"},
]  # fmt: skip


def ticket(number: int = 5, **changes: Any) -> dict[str, Any]:
    """A ticket's JSON."""
    return {
        "id": number,
        "external_id": None,
        "subject": "Broken",
        "status": "open",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "requester_id": 9,
        "assignee_id": 8,
        "organization_id": 40,
        "priority": None,
        "tags": ["one"],
        "custom_fields": [
            {"id": 101, "value": "Heron"},
            {"id": 102, "value": None},
            {"id": 106, "value": None},
        ],
    } | changes


def audit(number: int, *events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An audit's JSON."""
    found = [{"id": number * 10 + place, **event} for place, event in enumerate(events)]
    return {
        "id": number,
        "author_id": ME,
        "created_at": "2026-03-01T12:00:05Z",
        "metadata": {"system": {}, "custom": {}},
        "events": found,
    } | changes


class ScriptedZendesk:
    """Answers by path; a list of replies is given one after the other, the last one for ever."""

    def __init__(self, **profile: Any) -> None:
        self.asked: list[httpx.Request] = []
        self._profile = profile
        self._replies: dict[str, list[Reply]] = {}
        self.on("users/me.json", {"user": PEOPLE[ME]})
        groups = [
            {"id": 10, "name": "Support"},
            {"id": 20, "name": "Tier 2"},
            {"id": 30, "name": "Engineering"},
        ]
        self.on("groups.json", {"groups": groups, "meta": {"has_more": False}})
        self.on("users/show_many.json", self._people)
        self.on("organizations/show_many.json", {"organizations": [{"id": 40, "name": "Fjordline"}]})
        self.on("ticket_fields.json", {"ticket_fields": FIELDS, "meta": {"has_more": False}})

    def on(self, path: str, *replies: Reply) -> None:
        """Reply so to ``/api/v2/<path>``."""
        self._replies[f"/api/v2/{path}"] = list(replies)

    def _people(self, request: httpx.Request) -> httpx.Response:
        ids = [int(number) for number in request.url.params["ids"].split(",")]
        return httpx.Response(200, json={"users": [PEOPLE[number] for number in ids if number in PEOPLE]})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        replies = self._replies.get(request.url.path)
        if not replies:
            return httpx.Response(404, json={"error": "RecordNotFound"})
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, dict):
            return httpx.Response(200, json=reply)
        # A fresh copy each time: an answer can be read only once.
        return reply(request) if callable(reply) else httpx.Response(reply.status_code, content=reply.content)

    def asked_for(self, ending: str) -> list[httpx.Request]:
        """The requests whose path ends so."""
        return [request for request in self.asked if request.url.path.endswith(ending)]

    def desk(self) -> Zendesk:
        """The adapter on these answers."""
        profile = Profile(
            name="scripted",
            helpdesk="zendesk",
            url="https://desk.test",
            folder=Path(),
            database="",
            **self._profile,
        )
        return open_helpdesk(profile, Secret("s3cret-token"), transport=httpx.MockTransport(self._answer))
