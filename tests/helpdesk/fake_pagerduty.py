"""A PagerDuty account in memory: a month by default, ten thousand at most, a log and no list of changes."""

from __future__ import annotations

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
from triage.helpdesk.pagerduty.adapter import PagerDuty, open_helpdesk

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOST = "https://api.pagerduty.com"
ME = "bot@acme.test"
PEOPLE = {"PBOT": ("Triage Bot", ME), "PNOOR": ("Noor Ahn", "noor@acme.test")}


@dataclass
class Incident:
    """One incident."""

    number: int
    status: str = "triggered"
    owner: str = "PNOOR"
    priority: str = "P2"
    custom: dict[str, Any] = dataclasses.field(
        default_factory=lambda: {"customer": "Orla", "esc_verdict": None}
    )
    updated: datetime = START
    notes: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        return f"Q{self.number}"


class FakePagerDuty:
    """State, and the HTTP that reads and changes it."""

    def __init__(self) -> None:
        self.now = START + timedelta(days=90)
        self.role = "user"
        self.key_of_account = False
        self.asked: list[httpx.Request] = []
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        self.incidents: dict[str, Incident] = {}
        self.log: list[dict[str, Any]] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May swallow the answer once the server has done its work."""
        self._next = 700

    def add_incident(self, number: int, **values: Any) -> Incident:
        made = Incident(number, **values)
        self.incidents[made.id] = made
        return made

    def add_log(self, number: int, kind: str, at: datetime | None = None, **values: Any) -> None:
        self._next += 1
        self.log.append(
            {"id": f"L{self._next}", "type": f"{kind}_log_entry", "summary": f"{kind} it",
             "created_at": stamp(at or self.now), "agent": _person("PNOOR"),
             "incident": {"id": f"Q{number}", "type": "incident_reference", "summary": "x"}, **values}
        )  # fmt: skip

    def add_note(
        self, number: int, content: str, who: str = "PNOOR", at: datetime | None = None
    ) -> dict[str, Any]:
        self._next += 1
        row = {"id": f"N{self._next}", "content": content, "user": _person(who),
               "created_at": stamp(at or self.now), "channel": {"summary": "API"}}  # fmt: skip
        self.incidents[f"Q{number}"].notes.insert(0, row)
        self.add_log(number, "annotate", at)
        return row

    def desk(self, **profile: Any) -> PagerDuty:
        values: dict[str, Any] = {"account": ME, **profile}
        made = Profile(name="fake", helpdesk="pagerduty", url=HOST, folder=Path(), database="", **values)
        return open_helpdesk(made, Secret("t"), transport=httpx.MockTransport(self._handle))

    def sent(self) -> list[httpx.Request]:
        return [request for request in self.asked if request.method != "GET"]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers["Authorization"] != "Token token=t":
            return httpx.Response(401, json={"error": {"message": "Unauthorized", "code": 2006}})
        if request.headers["Accept"] != "application/vnd.pagerduty+json;version=2":
            return _bad("Unknown version")
        if request.method != "GET" and request.headers.get("From") != ME:
            return _bad("Requester User Not Found")
        if (reply := self.before(request)) is not None:
            return reply
        response = self._route(request)
        response.headers["Date"] = f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"
        self.answered.append((request, response))
        return self.after(request) or response

    def _route(self, request: httpx.Request) -> httpx.Response:
        routes: dict[str, Callable[..., httpx.Response]] = {
            "/users": self._users,
            "/users/me": self._myself,
            "/priorities": lambda r: self._paged(r, "priorities", [
                {"id": "P9", "name": "P1", "type": "priority"},
                {"id": "P8", "name": "P2", "type": "priority"}]),
            "/services": lambda r: self._paged(r, "services", [{"id": "S1", "name": "Escalated gateway"}]),
            "/incidents": self._list,
            "/log_entries": self._log,
            r"/incidents/(Q\d+)": self._incident,
            r"/incidents/(Q\d+)/notes": self._notes,
            r"/incidents/(Q\d+)/log_entries": lambda r, one: self._paged(r, "log_entries", [
                row for row in reversed(self.log) if row["incident"]["id"] == one.id]),
            r"/incidents/(Q\d+)/custom_fields/values": self._custom,
        }  # fmt: skip
        for pattern, answer in routes.items():
            if match := re.fullmatch(pattern, request.url.path):
                known = [self.incidents.get(number) for number in match.groups()]
                if None in known:
                    break
                return answer(request, *known)
        return httpx.Response(404, json={"error": {"message": "Not Found", "code": 2100}})

    def _users(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["query"].casefold()
        rows = [
            {"id": key, "name": name, "email": email, "role": self.role}
            for key, (name, email) in PEOPLE.items()
            if wanted in f"{name} {email}".casefold()
        ]
        return self._paged(request, "users", rows)

    def _myself(self, request: httpx.Request) -> httpx.Response:
        if self.key_of_account:
            return _bad("Request made with an account-level access token")
        name, email = PEOPLE["PBOT"]
        return httpx.Response(200, json={"user": {
            "id": "PBOT", "type": "user", "summary": name, "self": None, "html_url": None, "name": name,
            "email": email, "role": self.role}})  # fmt: skip

    def record(self, incident: Incident) -> dict[str, Any]:
        """The JSON of one incident."""
        return {
            "id": incident.id, "type": "incident", "incident_number": incident.number, "title": "Broken",
            "status": incident.status, "urgency": "high", "created_at": stamp(START),
            "updated_at": stamp(incident.updated), "service": {"id": "S1", "summary": "gateway",
            "type": "service_reference"}, "html_url": f"https://acme.pagerduty.com/incidents/{incident.id}",
            "priority": {"id": "P8", "type": "priority", "summary": incident.priority},
            "assignments": [{"at": stamp(START), "assignee": _person(incident.owner)}],
        }  # fmt: skip

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        found = sorted(self.incidents.values(), key=lambda one: one.number)
        if asked.get("date_range") != "all":
            found = [one for one in found if one.updated > self.now - timedelta(days=30)]
        if statuses := asked.get_list("statuses[]"):
            found = [one for one in found if one.status in statuses]
        assert asked["sort_by"] == "incident_number:asc"
        return self._paged(request, "incidents", [self.record(one) for one in found])

    def _log(self, request: httpx.Request) -> httpx.Response:
        rows = sorted(self.log, key=lambda row: row["created_at"], reverse=True)
        since, until = request.url.params["since"], request.url.params.get("until")
        rows = [row for row in rows if _at(row["created_at"]) >= _at(since)]
        if until:
            rows = [row for row in rows if _at(row["created_at"]) <= _at(until)]
        return self._paged(request, "log_entries", rows)

    def _incident(self, request: httpx.Request, incident: Incident) -> httpx.Response:
        if request.method == "PUT":
            asked = json.loads(request.content)["incident"]
            if incident.status == "resolved" and "assignments" in asked:
                return _bad("Incident Already Resolved")
            incident.status = asked.get("status", incident.status)
            if "priority" in asked:
                incident.priority = {"P9": "P1", "P8": "P2"}[asked["priority"]["id"]]
            for assignment in asked.get("assignments", []):
                incident.owner = assignment["assignee"]["id"]
            incident.updated = self.now
        return _ok({"incident": self.record(incident)})

    def _notes(self, request: httpx.Request, incident: Incident) -> httpx.Response:
        if request.method == "POST":
            content = json.loads(request.content)["note"]["content"]
            return _ok({"note": self.add_note(incident.number, content, "PBOT", datetime.now(UTC))})
        return _ok({"notes": incident.notes})

    def _custom(self, request: httpx.Request, incident: Incident) -> httpx.Response:
        if request.method == "PUT":
            for field in json.loads(request.content)["custom_fields"]:
                incident.custom[field["name"]] = field["value"]
            incident.updated = self.now
        rows = [{"id": f"C{place}", "name": name, "display_name": name, "value": value, "type": "field_value",
                 "data_type": "string", "field_type": "single_value"}
                for place, (name, value) in enumerate(incident.custom.items())]  # fmt: skip
        return _ok({"custom_fields": rows})

    @staticmethod
    def _paged(request: httpx.Request, key: str, rows: list[dict[str, Any]]) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        if limit > 100 or limit + offset > 10_000:
            return _bad("Offset must be less than 10000")
        page = rows[offset : offset + limit]
        return _ok(
            {key: page, "limit": limit, "offset": offset, "more": offset + limit < len(rows), "total": None}
        )


def _person(number: str) -> dict[str, Any]:
    return {"id": number, "type": "user_reference", "summary": PEOPLE[number][0],
            "self": f"{HOST}/users/{number}", "html_url": None}  # fmt: skip


def _bad(message: str) -> httpx.Response:
    return httpx.Response(
        400, json={"error": {"message": "Invalid Input", "code": 2001, "errors": [message]}}
    )


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
