"""A Zammad in memory: a late index with ghosts, articles that are public by default, tags apart."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.zammad.adapter import Zammad, open_helpdesk

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PEOPLE = {1: ("-", "-"), 5: ("bot@acme.test", "Triage"), 6: ("noor@acme.test", "Noor")}


@dataclass
class Ticket:
    """One ticket."""

    id: int
    state: str = "open"
    priority: str = "2 normal"
    owner: str = "-"
    tags: list[str] = dataclasses.field(default_factory=lambda: ["vip"])
    custom: dict[str, Any] = dataclasses.field(
        default_factory=lambda: {"product": "gateway", "esc_verdict": None}
    )
    updated: datetime = START
    articles: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)


class FakeZammad:
    """State, and the HTTP that reads and changes it."""

    def __init__(self) -> None:
        self.now = START + timedelta(days=1)
        self.agent = True
        self.honours_internal = True
        self.ghosts: list[int] = []
        """In the index, but not in the database any more."""
        self.asked: list[httpx.Request] = []
        self.tickets: dict[int, Ticket] = {}
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May swallow the answer once the server has done its work."""
        self.files: dict[int, bytes] = {}
        self.cut: Callable[[bytes], bytes] = lambda content: content
        """What a site keeps of a file."""
        self._next = 800

    def add_ticket(self, number: int, **values: Any) -> Ticket:
        self.tickets[number] = Ticket(number, **values)
        return self.tickets[number]

    def add_article(self, number: int, body: str, who: int = 6, **values: Any) -> dict[str, Any]:
        self._next += 1
        at = values.pop("at", self.now)
        row = {"id": self._next, "ticket_id": number, "body": body, "internal": False, "type": "note",
               "content_type": "text/plain", "sender": "Agent", "from": PEOPLE[who][1],
               "created_by_id": who,
               "created_by": PEOPLE[who][0], "created_at": stamp(at), "attachments": [],
               **values}  # fmt: skip
        self.tickets[number].articles.append(row)
        self.tickets[number].updated = max(self.tickets[number].updated, at)
        return row

    def desk(self, **profile: Any) -> Zammad:
        made = Profile(
            name="fake", helpdesk="zammad", url="https://zammad.test", folder=Path(), database="", **profile
        )
        return open_helpdesk(made, Secret("t"), transport=httpx.MockTransport(self._handle))

    def sent(self) -> list[httpx.Request]:
        return [request for request in self.asked if request.method != "GET"]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers["Authorization"] not in ("Token token=t", "Bearer t"):
            return httpx.Response(401, json={"error": "Authentication required"})
        if (reply := self.before(request)) is not None:
            return reply
        response = self._route(request)
        response.headers["Date"] = f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"
        return self.after(request) or response

    def _route(self, request: httpx.Request) -> httpx.Response:
        routes: dict[str, Callable[..., httpx.Response]] = {
            "users/me": lambda r: _ok(self._user(5)),
            r"users/(\d+)": lambda r, n: _ok(self._user(int(n))),
            "groups": lambda r: _ok([{"id": 1, "name": "Support"}, {"id": 2, "name": "Escalations"}]),
            "ticket_states": lambda r: _ok([{"name": "open", "state_type": "open"},
                                            {"name": "done", "state_type": "closed"},
                                            {"name": "merged", "state_type": "merged"}]),
            "tickets/search": self._search,
            r"tickets/(\d+)": self._ticket,
            r"ticket_articles/by_ticket/(\d+)": lambda r, n: _ok(self.tickets[int(n)].articles),
            r"ticket_history/(\d+)": lambda r, n: _ok({"history": self._history(n), "assets": {}}),
            r"ticket_attachment/\d+/\d+/(\d+)": lambda r, n: httpx.Response(
                200, content=self.files.get(int(n), b"x" * 20)
            ),
            "tags": lambda r: _ok({"tags": self.tickets[int(r.url.params["o_id"])].tags}),
            "tags/(add|remove)": self._tag,
        }  # fmt: skip
        path = request.url.path.removeprefix("/api/v1/")
        for pattern, answer in routes.items():
            if match := re.fullmatch(pattern, path):
                return answer(request, *match.groups())
        return httpx.Response(404, json={"error": "Not found"})

    def _history(self, number: str) -> list[dict[str, Any]]:
        return self.tickets[int(number)].history

    def _user(self, number: int) -> dict[str, Any]:
        login, name = PEOPLE[number]
        return {"id": number, "login": login, "firstname": name, "lastname": "",
                "roles": ["Agent"] if self.agent else ["Customer"]}  # fmt: skip

    def record(self, ticket: Ticket) -> dict[str, Any]:
        """The JSON of one ticket with names in place of numbers."""
        return {
            "id": ticket.id, "number": f"9{ticket.id}", "title": "Broken", "group": "Escalations",
            "group_id": 2, "state": ticket.state, "state_id": 1, "priority": ticket.priority,
            "owner": ticket.owner, "owner_id": 1, "customer": "ilse@orla.test", "organization": "Orla",
            "preferences": {}, "article_ids": [1], "escalation_at": None, "created_at": stamp(START),
            "updated_at": stamp(ticket.updated), **ticket.custom,
        }  # fmt: skip

    def _search(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        assert asked["expand"] == "true"
        if asked["query"].count("(") != asked["query"].count(")"):
            return httpx.Response(422, json={"error": "Failed to parse query"})
        found = [*self.tickets.values(), *(Ticket(number, updated=self.now) for number in self.ghosts)]
        if match := re.search(r"id:>(\d+)", asked["query"]):
            found = [one for one in found if one.id > int(match[1])]
        if match := re.search(r"updated_at:\[(\S+) TO", asked["query"]):
            found = [one for one in found if one.updated >= datetime.fromisoformat(match[1])]
        if "NOT state.name" in asked["query"]:
            found = [one for one in found if one.state == "open"]
        found.sort(key=lambda one: (one.updated if asked["sort_by"] == "updated_at" else START, one.id))
        size = min(int(asked["per_page"]), 100)
        start = (int(asked["page"]) - 1) * size
        return _ok([self.record(one) for one in found[start : start + size]])

    def _ticket(self, request: httpx.Request, number: str) -> httpx.Response:
        ticket = self.tickets.get(int(number))
        if ticket is None:
            return httpx.Response(404, json={"error": f"Couldn't find Ticket with 'id'={number}"})
        if request.method == "PUT":
            asked = json.loads(request.content)
            if asked.get("state", "open") not in ("open", "done", "merged"):
                words = "No lookup value found for 'state'"
                return httpx.Response(422, json={"error": words, "error_human": words})
            ticket.state = asked.get("state", ticket.state)
            ticket.owner = asked.get("owner", ticket.owner)
            ticket.priority = asked.get("priority", ticket.priority)
            # What is no attribute is left out without a word.
            ticket.custom |= {name: value for name, value in asked.items() if name in ticket.custom}
            ticket.updated = self.now
            if article := asked.get("article"):
                hidden = article.get("internal") is True and self.honours_internal
                made = self.add_article(ticket.id, article["body"], 5, at=datetime.now(UTC))
                made |= {"type": article.get("type", "note"), "internal": hidden}
                made["attachments"] = [self._kept(file) for file in article.get("attachments", [])]
        return _ok(self.record(ticket))

    def _kept(self, file: dict[str, str]) -> dict[str, Any]:
        self._next += 1
        content = self.files[self._next] = self.cut(base64.b64decode(file["data"]))
        kind = {"Content-Type": file["mime-type"]}
        return {
            "id": self._next,
            "filename": file["filename"],
            "size": str(len(content)),
            "preferences": kind,
        }

    def _tag(self, request: httpx.Request, verb: str) -> httpx.Response:
        assert request.method == {"add": "POST", "remove": "DELETE"}[verb]
        asked = json.loads(request.content)
        ticket = self.tickets[asked["o_id"]]
        kept = [tag for tag in ticket.tags if tag != asked["item"]]
        ticket.tags = [*kept, asked["item"]] if verb == "add" else kept
        ticket.updated = self.now
        return _ok(True)


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
