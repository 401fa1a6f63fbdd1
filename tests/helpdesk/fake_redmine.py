"""A Redmine in memory with the habits that were seen on the real one."""

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
from triage.helpdesk.redmine.adapter import Redmine, open_helpdesk

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
KEY = "c0ffee" * 6
STATUSES = {1: ("New", False), 2: ("In Progress", False), 5: ("Closed", True), 9: ("Frozen", False)}
PRIORITIES = {1: "Low", 2: "Normal", 4: "Urgent", 5: "Immediate"}
CHOICES = {1: ("sev1", "sev2"), 4: ("vip", "esc-bug", "escalated")}
FIELDS = {1: "Severity", 3: "Customer", 4: "Tags", 5: "esc_verdict"}
USERS = {5: "Triage Bot", 6: "Noor Ahn", 7: "Ilse Berg"}


@dataclass
class Journal:
    """One entry of an issue's history."""

    id: int
    user: int
    notes: str = ""
    private: bool = False
    details: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    at: datetime = START


@dataclass
class Issue:
    """One issue."""

    id: int
    project: int = 1
    status: int = 1
    priority: int = 2
    owner: int | None = None
    custom: dict[int, Any] = dataclasses.field(
        default_factory=lambda: {1: "sev2", 3: "Orla", 4: ["vip"], 5: None}
    )
    updated: datetime = START
    journals: list[Journal] = dataclasses.field(default_factory=list)
    files: list[dict[str, Any]] = dataclasses.field(default_factory=list)


class FakeRedmine:
    """State, and the HTTP that reads and changes it."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        self.issues: dict[int, Issue] = {}
        self.permissions = {3: ["view_issues", "set_notes_private", "view_private_notes"], 4: ["view_issues"],
                            6: ["view_issues", "view_private_notes"]}  # fmt: skip
        self.my_role = 3
        self.admin = False
        self.project = "L3 Escalations"
        self.allowed = [1, 2, 5]
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May swallow the answer once the server has done its work."""
        self._next = 100

    def add_issue(self, number: int, **values: Any) -> Issue:
        self.issues[number] = Issue(number, **values)
        return self.issues[number]

    def add_journal(self, number: int, user: int = 6, **values: Any) -> Journal:
        self._next += 1
        issue = self.issues[number]
        at = values.pop("at", START + timedelta(minutes=self._next))
        issue.journals.append(Journal(self._next, user, at=at, **values))
        issue.updated = max(issue.updated, at)
        return issue.journals[-1]

    def desk(self, **profile: Any) -> Redmine:
        made = Profile(
            name="fake", helpdesk="redmine", url="https://redmine.test", folder=Path(), database="", **profile
        )
        return open_helpdesk(made, Secret(KEY), transport=httpx.MockTransport(self._handle))

    def sent(self, method: str = "PUT") -> list[httpx.Request]:
        return [request for request in self.asked if request.method == method]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        expected = "Basic " + base64.b64encode(f"{KEY}:key".encode()).decode()
        if request.headers.get("Cookie") or request.headers["Authorization"] != expected:
            return httpx.Response(401, headers={"Content-Type": "application/json"})
        if (reply := self.before(request)) is not None:
            return reply
        response = self._route(request)
        response.headers["Set-Cookie"] = "_redmine_session=x; HttpOnly"
        self.answered.append((request, response))
        return self.after(request) or response

    def _route(self, request: httpx.Request) -> httpx.Response:
        routes: dict[str, Callable[..., httpx.Response]] = {
            "users/current": self._me,
            r"roles/(\d+)": self._role,
            "issue_statuses": self._statuses,
            "enumerations/issue_priorities": self._priorities,
            "projects": self._projects,
            "queries": self._queries,
            r"projects/(\w+)/memberships": self._memberships,
            "issues": self._list,
            r"issues/(\d+)": self._issue,
        }
        for pattern, answer in routes.items():
            if match := re.fullmatch(f"/{pattern}\\.json", request.url.path):
                return answer(request, *match.groups())
        if request.url.path == "/attachments/download/31/log%201.txt" or request.url.path.endswith(
            "log 1.txt"
        ):
            return httpx.Response(200, content=b"x" * 20)
        return _empty(404)

    def _me(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["include"] == "memberships"
        member = {"id": 1, "project": self._place(1), "roles": [{"id": self.my_role, "name": "Engineer"}]}
        user = {"id": 5, "login": "bot", "admin": self.admin, "firstname": "Triage", "lastname": "Bot",
                "created_on": _stamp(START), "updated_on": _stamp(START), "last_login_on": None,
                "passwd_changed_on": _stamp(START), "memberships": [member]}  # fmt: skip
        return _ok({"user": user})

    def _role(self, request: httpx.Request, number: str) -> httpx.Response:
        if int(number) not in self.permissions:
            return _empty(404)
        role = {"id": int(number), "name": "Engineer", "permissions": self.permissions[int(number)],
                "assignable": True, "issues_visibility": "all", "time_entries_visibility": "all",
                "users_visibility": "all"}  # fmt: skip
        return _ok({"role": role})

    def _statuses(self, request: httpx.Request) -> httpx.Response:
        return _ok({"issue_statuses": [_status(number) for number in STATUSES]})

    def _priorities(self, request: httpx.Request) -> httpx.Response:
        rows = [
            {"id": n, "name": name, "is_default": n == 2, "active": True} for n, name in PRIORITIES.items()
        ]
        return _ok({"issue_priorities": rows})

    def _place(self, number: int) -> dict[str, Any]:
        return {"id": number, "name": {1: self.project, 2: "Support"}[number]}

    def _projects(self, request: httpx.Request) -> httpx.Response:
        rows = [
            {**self._place(number), "identifier": f"p{number}", "status": 1, "is_public": False,
             "description": "", "homepage": "", "inherit_members": False,
             "created_on": _stamp(START), "updated_on": _stamp(START)}
            for number in (2, 1)
        ]  # fmt: skip
        return _paged(request, "projects", rows)

    def _queries(self, request: httpx.Request) -> httpx.Response:
        rows = [
            {"id": 8, "name": "Mine", "is_public": True, "project_id": None},
            {"id": 9, "name": "Escalated to us", "is_public": True, "project_id": 1},
        ]
        return _paged(request, "queries", rows)

    def _memberships(self, request: httpx.Request, project: str) -> httpx.Response:
        rows = [
            {"id": number, "project": self._place(1), "user": {"id": number, "name": USERS[number]},
             "roles": [{"id": role, "name": name}]}
            for number, role, name in ((5, self.my_role, "Engineer"), (6, 3, "Engineer"), (7, 4, "Reporter"))
        ]  # fmt: skip
        return _paged(request, "memberships", rows)

    def record(self, issue: Issue) -> dict[str, Any]:
        """The JSON of one issue in a list."""
        found = {
            "id": issue.id,
            "project": self._place(issue.project),
            "tracker": {"id": 4, "name": "Case"},
            "status": _status(issue.status),
            "priority": {"id": issue.priority, "name": PRIORITIES[issue.priority]},
            "author": {"id": 7, "name": USERS[7]},
            "subject": "Broken",
            "description": "It is broken.\r\nAgain.",
            "is_private": False,
            "custom_fields": [
                {"id": number, "name": name, **({"multiple": True} if number == 4 else {}),
                 "value": issue.custom[number]}
                for number, name in FIELDS.items()
            ],
            "created_on": _stamp(START),
            "updated_on": _stamp(issue.updated),
            "closed_on": None,
            "start_date": None,
            "due_date": None,
            "done_ratio": 0,
            "estimated_hours": None,
            "total_estimated_hours": None,
        }  # fmt: skip
        if issue.owner:
            found["assigned_to"] = {"id": issue.owner, "name": USERS[issue.owner]}
        return found

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        found = list(self.issues.values())
        if "query_id" in asked:
            if asked["query_id"] != "9":
                return _empty(404)
        elif asked.get("status_id") != "*":
            found = [issue for issue in found if not STATUSES[issue.status][1]]
        if asked.get("project_id") not in (None, "1", "2"):
            return _empty(404)
        if bound := asked.get("updated_on"):
            if not re.fullmatch(r">=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bound):
                return httpx.Response(422, json={"errors": ["Updated is invalid"]})
            # The real one lets rows through that are up to a second older.
            since = datetime.fromisoformat(bound[2:]) - timedelta(seconds=1)
            found = [issue for issue in found if issue.updated >= since]
        orders: dict[str, Callable[[Issue], Any]] = {
            "id:asc": lambda issue: issue.id,
            "updated_on:asc,id:asc": lambda issue: (issue.updated, issue.id),
            "updated_on:desc,id:desc": lambda issue: (-issue.updated.timestamp(), -issue.id),
        }
        # An order it does not know is dropped without a word.
        found.sort(key=orders.get(asked["sort"], lambda issue: -issue.id))
        return _paged(request, "issues", [self.record(issue) for issue in found])

    def _issue(self, request: httpx.Request, number: str) -> httpx.Response:
        issue = self.issues.get(int(number))
        if issue is None:
            return _empty(404)
        if request.method == "PUT":
            return self._put(request, issue)
        found = self.record(issue)
        include = request.url.params.get("include", "").split(",")
        if "journals" in include:
            found["journals"] = [
                {"id": j.id, "user": {"id": j.user, "name": USERS[j.user]}, "notes": j.notes,
                 "created_on": _stamp(j.at), "updated_on": _stamp(j.at), "private_notes": j.private,
                 "details": j.details}
                for j in issue.journals
            ]  # fmt: skip
        if "allowed_statuses" in include:
            found["allowed_statuses"] = [_status(one) for one in self.allowed]
        if "attachments" in include:
            found["attachments"] = issue.files
        return _ok({"issue": found})

    def _put(self, request: httpx.Request, issue: Issue) -> httpx.Response:
        if request.headers["Content-Type"] != "application/json":
            return httpx.Response(204)
        asked = json.loads(request.content)["issue"]
        if "lock_version" in asked:
            return httpx.Response(422, json={"errors": []})
        values = {
            entry["id"]: entry["value"] for entry in asked.get("custom_fields", []) if entry["id"] in FIELDS
        }
        for number, value in values.items():
            each = value if isinstance(value, list) else [value] if value else []
            if number in CHOICES and set(each) - set(CHOICES[number]):
                return httpx.Response(422, json={"errors": [f"{FIELDS[number]} is not included in the list"]})
        if asked.get("assigned_to_id") not in (None, "", *USERS):
            return httpx.Response(422, json={"errors": ["Assignee is invalid"]})
        self._change(issue, asked, values)
        if notes := asked.get("notes"):
            # A right that is missing makes the note public without a word.
            private = bool(asked.get("private_notes")) and (
                self.admin or "set_notes_private" in self.permissions[self.my_role]
            )
            self.add_journal(issue.id, 5, notes=notes, private=private, at=datetime.now(UTC))
        return httpx.Response(204)

    def _change(self, issue: Issue, asked: dict[str, Any], values: dict[int, Any]) -> None:
        """Into a public journal of its own; a status that is not allowed is left out without a word."""
        details = []
        if asked.get("status_id") in self.allowed and asked["status_id"] != issue.status:
            details.append(_attr("status_id", issue.status, asked["status_id"]))
            issue.status = asked["status_id"]
        if "assigned_to_id" in asked:
            details.append(_attr("assigned_to_id", issue.owner, asked["assigned_to_id"] or None))
            issue.owner = asked["assigned_to_id"] or None
        if "priority_id" in asked:
            details.append(_attr("priority_id", issue.priority, asked["priority_id"]))
            issue.priority = asked["priority_id"]
        for number, value in values.items():
            details += _field(number, issue.custom[number], value)
            issue.custom[number] = value
        if details:
            self.add_journal(issue.id, 5, details=details, at=datetime.now(UTC))


def _attr(name: str, old: Any, new: Any) -> dict[str, Any]:
    return {
        "property": "attr",
        "name": name,
        "old_value": None if old is None else str(old),
        "new_value": None if new is None else str(new),
    }


def _field(number: int, old: Any, new: Any) -> list[dict[str, Any]]:
    """A list makes an entry for each value that came or went."""
    entry = {"property": "cf", "name": str(number)}
    if not isinstance(new, list):
        return [{**entry, "old_value": old, "new_value": new}]
    gone = [{**entry, "old_value": each, "new_value": None} for each in old if each not in new]
    return gone + [{**entry, "old_value": None, "new_value": each} for each in new if each not in old]


def _status(number: int) -> dict[str, Any]:
    return {"id": number, "name": STATUSES[number][0], "description": None, "is_closed": STATUSES[number][1]}


def _paged(request: httpx.Request, key: str, rows: list[dict[str, Any]]) -> httpx.Response:
    limit = min(int(request.url.params.get("limit", "25")), 100)
    offset = int(request.url.params.get("offset", "0"))
    page = rows[offset : offset + limit]
    return _ok({key: page, "total_count": len(rows), "offset": offset, "limit": limit})


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def _empty(status: int) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=b"")


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
