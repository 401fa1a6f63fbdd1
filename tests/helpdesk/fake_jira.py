"""A Jira in memory, cloud or data center: issues at once, the index late, comments public by default."""

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
from triage.helpdesk.jira.adapter import Jira, open_helpdesk

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PEOPLE = {"u-bot": ("Triage Bot", "atlassian"), "u-noor": ("Noor Ahn", "atlassian"),
          "u-ilse": ("Ilse Berg", "customer"), "u-app": ("Automation", "app")}  # fmt: skip
LONG = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"
FIELDS = [
    {"id": "summary", "name": "Summary", "custom": False, "key": "summary"},
    {"id": "customfield_1", "name": "Customer", "custom": True, "schema": {"type": "string", "customId": 1}},
    {"id": "customfield_2", "name": "esc_verdict", "custom": True,
     "schema": {"type": "option", "customId": 2}},
    {"id": "customfield_3", "name": "esc_problem", "custom": True,
     "schema": {"type": "string", "customId": 3, "custom": LONG}},
    {"id": "customfield_9", "name": "Moon phase", "custom": True,
     "schema": {"type": "string", "customId": 9}},
]  # fmt: skip
STATUSES = {"Open": "new", "Waiting": "indeterminate", "Done": "done"}


@dataclass
class Comment:
    """One comment."""

    id: int
    author: str
    body: Any
    at: datetime
    public: bool = True
    properties: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass
class Issue:
    """One issue."""

    id: int
    status: str = "Open"
    labels: list[str] = dataclasses.field(default_factory=lambda: ["vip"])
    owner: str = ""
    priority: str = "Medium"
    custom: dict[str, Any] = dataclasses.field(
        default_factory=lambda: {"customfield_1": "Orla", "customfield_2": None, "customfield_3": None}
    )
    updated: datetime = START
    comments: list[Comment] = dataclasses.field(default_factory=list)
    histories: list[dict[str, Any]] = dataclasses.field(default_factory=list)


class FakeJira:
    """State, and the HTTP that reads and changes it."""

    def __init__(self, *, cloud: bool = True) -> None:
        self.cloud = cloud
        self.now = START + timedelta(days=1)
        self.project_type = "service_desk"
        self.honours_internal = True
        self.keeps_property = True
        self.page_size = 100
        self.asked: list[httpx.Request] = []
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        self.issues: dict[int, Issue] = {}
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May swallow the answer once the server has done its work."""
        self._next = 500

    def add_issue(self, number: int, **values: Any) -> Issue:
        self.issues[number] = Issue(number, **values)
        return self.issues[number]

    def add_comment(self, number: int, body: Any, author: str = "u-noor", **values: Any) -> Comment:
        self._next += 1
        made = Comment(self._next, author, body, values.pop("at", self.now), **values)
        self.issues[number].comments.append(made)
        self.issues[number].updated = max(self.issues[number].updated, made.at)
        return made

    @property
    def host(self) -> str:
        return "https://acme.atlassian.net" if self.cloud else "https://jira.acme.test"

    def desk(self, **profile: Any) -> Jira:
        values: dict[str, Any] = {"url": self.host, **profile}
        if self.cloud:
            values.setdefault("account", "bot@acme.test")
        made = Profile(name="fake", helpdesk="jira", folder=Path(), database="", **values)
        return open_helpdesk(made, Secret("t0ken"), transport=httpx.MockTransport(self._handle))

    def sent(self, method: str) -> list[httpx.Request]:
        return [request for request in self.asked if request.method == method]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if not request.headers["Authorization"].startswith("Basic " if self.cloud else "Bearer "):
            return httpx.Response(401, json={"errorMessages": ["no"], "errors": {}})
        if (reply := self.before(request)) is not None:
            return reply
        response = self._route(request)
        response.headers["Date"] = f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"
        self.answered.append((request, response))
        return self.after(request) or response

    def _route(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"/rest/api/{3 if self.cloud else 2}/")
        routes: dict[str, Callable[..., httpx.Response]] = {
            "myself": lambda r: _ok(self.user("u-bot")),
            "field": lambda r: _ok(FIELDS),
            "mypermissions": self._permissions,
            "search/jql" if self.cloud else "search": self._search,
            "user/assignable/search": self._people,
            r"issue/(\w+)": self._issue,
            r"issue/(\d+)/comment": self._comments,
            r"comment/(\d+)/properties/(.+)": self._property,
            r"issue/(\d+)/changelog" if self.cloud else "-": self._changelog,
            r"issue/(\d+)/transitions": self._transitions,
            "/rest/servicedeskapi/servicedesk": self._desks,
            "/rest/servicedeskapi/servicedesk/4/queue": self._queues,
            "attachment/31": lambda r: _ok(
                {"id": "31", "content": f"{self.host}/secure/attachment/31/log.txt"}
            ),
            r"attachment/content/(\d+)" if self.cloud else r"/secure/attachment/(\d+)/.+": lambda r, n: (
                httpx.Response(200, content=b"x" * 20)
            ),
        }
        for pattern, answer in routes.items():
            if match := re.fullmatch(pattern, path):
                return answer(request, *match.groups())
        if path == "search":
            return httpx.Response(410, json={"errorMessages": ["The requested API has been removed."]})
        return _missing()

    def user(self, identifier: str) -> dict[str, Any]:
        name, kind = PEOPLE[identifier]
        if self.cloud:
            return {"accountId": identifier, "displayName": name, "accountType": kind, "active": True}
        return {"name": identifier, "key": identifier, "displayName": name, "active": True}

    def _permissions(self, request: httpx.Request) -> httpx.Response:
        names = ("BROWSE_PROJECTS", "ADD_COMMENTS", "EDIT_ISSUES", "TRANSITION_ISSUES")
        return _ok({"permissions": {name: {"havePermission": name != "EDIT_ISSUES"} for name in names}})

    def _people(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["query" if self.cloud else "username"].casefold()
        found = [key for key, (name, _) in PEOPLE.items() if wanted in f"{key} {name}".casefold()]
        return _ok([self.user(key) for key in found])

    def _desks(self, request: httpx.Request) -> httpx.Response:
        return _ok({"values": [{"id": "4", "projectKey": "ESC"}], "isLastPage": True})

    def _queues(self, request: httpx.Request) -> httpx.Response:
        rows = [{"id": "1", "name": "All open",
                 "jql": "project = ESC AND resolution = Unresolved ORDER BY x"},
                {"id": "2", "name": "Escalated", "jql": "labels = escalated"}]  # fmt: skip
        start = int(request.url.params["start"])
        return _ok({"values": rows[start : start + 1], "isLastPage": start > 0, "start": start, "limit": 1})

    def record(self, issue: Issue, wanted: str) -> dict[str, Any]:
        """The JSON of one issue with the fields named; by default a search tells only the number."""
        every = {
            "summary": "Broken",
            "description": _doc("It is broken.") if self.cloud else "It is broken.",
            "status": {"name": issue.status, "statusCategory": {"key": STATUSES[issue.status]}},
            "created": _stamp(START),
            "updated": _stamp(issue.updated),
            "priority": {"name": issue.priority},
            "labels": issue.labels,
            "assignee": self.user(issue.owner) if issue.owner else None,
            "reporter": self.user("u-ilse"),
            "issuetype": {"name": "[System] Incident"},
            "components": [{"name": "gateway"}],
            "versions": [],
            "project": {"key": "ESC", "projectTypeKey": self.project_type},
            "attachment": [{"id": "31", "filename": "log.txt", "size": 20, "mimeType": "text/plain"}],
            "customfield_9": "full",
            **issue.custom,
        }
        names = wanted.split(",")
        fields = {name: value for name, value in every.items() if name in names}
        return {"id": str(issue.id), "key": f"ESC-{issue.id}", "fields": fields}

    def _search(self, request: httpx.Request) -> httpx.Response:
        jql, asked = request.url.params["jql"], request.url.params
        body, _, order = jql.partition(" ORDER BY ")
        if not body or "nonsense" in body or body.count("(") != body.count(")"):
            return httpx.Response(
                400, json={"errorMessages": [f"Error in the JQL Query: {body}"], "errors": {}}
            )
        found = list(self.issues.values())
        if match := re.search(r"updated >= -(\d+)m", body):
            found = [one for one in found if one.updated >= self.now - timedelta(minutes=int(match[1]))]
        elif "updated" in body:
            raise AssertionError("a date in JQL is read in the account's zone")
        if "statusCategory != Done" in body:
            found = [one for one in found if one.status != "Done"]
        found.sort(key=lambda one: (one.updated if order.startswith("updated") else START, one.id))
        rows = [self.record(one, asked.get("fields", "id")) for one in found]
        size = min(int(asked.get("maxResults", "50")), self.page_size)
        if not self.cloud:
            start = int(asked.get("startAt", "0"))
            page = rows[start : start + size]
            return _ok({"issues": page, "startAt": start, "maxResults": size, "total": len(rows)})
        start = int(asked.get("nextPageToken", "t0").removeprefix("t"))
        last = start + size >= len(rows)
        token = {} if last else {"nextPageToken": f"t{start + size}"}
        return _ok({"issues": rows[start : start + size], "isLast": last, **token})

    def _issue(self, request: httpx.Request, number: str) -> httpx.Response:
        digits = number.removeprefix("ESC-")
        issue = self.issues.get(int(digits)) if digits.isdigit() else None
        if issue is None:
            return _missing()
        if request.method == "PUT":
            return self._edit(issue, json.loads(request.content))
        found = self.record(issue, request.url.params.get("fields", ""))
        if request.url.params.get("expand") == "changelog":
            found["changelog"] = {"histories": issue.histories}
        return _ok(found)

    def _edit(self, issue: Issue, asked: dict[str, Any]) -> httpx.Response:
        fields = asked.get("fields", {})
        unknown = [
            name for name in fields if name not in (*[f["id"] for f in FIELDS], "priority", "assignee")
        ]
        if unknown:
            return httpx.Response(400, json={"errorMessages": [], "errors": {
                name: f"Field '{name}' cannot be set." for name in unknown}})  # fmt: skip
        text = fields.get("customfield_3")
        if text is not None and isinstance(text, dict) is not self.cloud:
            return httpx.Response(400, json={"errorMessages": [], "errors": {
                "customfield_3": "Operation value must be an Atlassian Document"}})  # fmt: skip
        if "assignee" in fields:
            issue.owner = fields["assignee"]["accountId" if self.cloud else "name"] or ""
        if "priority" in fields:
            issue.priority = fields["priority"]["name"]
        issue.custom |= {name: value for name, value in fields.items() if name.startswith("customfield")}
        for change in asked.get("update", {}).get("labels", []):
            if label := change.get("add"):
                issue.labels = [*issue.labels, label]
            issue.labels = [one for one in issue.labels if one != change.get("remove")]
        issue.updated = self.now
        return httpx.Response(204)

    def comment(self, row: Comment) -> dict[str, Any]:
        return {"id": str(row.id), "author": self.user(row.author), "body": row.body,
                "created": _stamp(row.at), "updated": _stamp(row.at), "jsdPublic": row.public}  # fmt: skip

    def _comments(self, request: httpx.Request, number: str) -> httpx.Response:
        issue = self.issues[int(number)]
        if request.method == "POST":
            asked = json.loads(request.content)
            if isinstance(asked["body"], dict) is not self.cloud:
                return httpx.Response(400, json={"errorMessages": [], "errors": {"comment": "Not valid"}})
            properties = {entry["key"]: entry["value"] for entry in asked.get("properties", [])}
            internal = properties.get("sd.public.comment", {}).get("internal") is True
            # Nothing but a service project knows internal comments; the default is public.
            public = not (internal and self.honours_internal and self.project_type == "service_desk")
            made = self.add_comment(issue.id, asked["body"], "u-bot", public=public, at=datetime.now(UTC))
            made.properties = properties if self.keeps_property else {}
            return httpx.Response(201, json=self.comment(made))
        asked_order = request.url.params.get("orderBy", "created")
        rows = sorted(issue.comments, key=lambda one: (one.at, one.id), reverse=asked_order == "-created")
        start = int(request.url.params.get("startAt", "0"))
        page = rows[start : start + self.page_size]
        return _ok({"comments": [self.comment(row) for row in page], "startAt": start,
                    "maxResults": self.page_size, "total": len(rows)})  # fmt: skip

    def _property(self, request: httpx.Request, number: str, key: str) -> httpx.Response:
        for issue in self.issues.values():
            for row in issue.comments:
                if row.id == int(number) and key in row.properties:
                    return _ok({"key": key, "value": row.properties[key]})
        return _missing()

    def _changelog(self, request: httpx.Request, number: str) -> httpx.Response:
        rows = self.issues[int(number)].histories
        start = int(request.url.params.get("startAt", "0"))
        page = rows[start : start + self.page_size]
        return _ok({"values": page, "startAt": start, "maxResults": self.page_size, "total": len(rows),
                    "isLast": start + len(page) >= len(rows)})  # fmt: skip

    def _transitions(self, request: httpx.Request, number: str) -> httpx.Response:
        issue = self.issues[int(number)]
        offered = {"11": "Waiting", "12": "Done"}
        if request.method == "GET":
            rows = [{"id": key, "name": f"to {name}", "to": {"name": name}} for key, name in offered.items()]
            return _ok({"transitions": rows})
        issue.status = offered[json.loads(request.content)["transition"]["id"]]
        issue.updated = self.now
        return httpx.Response(204)


def _doc(text: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def _missing() -> httpx.Response:
    return httpx.Response(404, json={"errorMessages": ["Issue does not exist"], "errors": {}})


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
