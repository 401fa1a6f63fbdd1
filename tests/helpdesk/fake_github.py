"""A repository on GitHub in memory: pages, silent drops, two ways to say "too many"."""

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
from triage.helpdesk.github.adapter import GitHub, open_helpdesk
from triage.helpdesk.github.repository import WriteSpacing

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOST = "https://api.github.com"
ROOT = f"{HOST}/repos/acme/desk"
PEOPLE = {"triage-bot": 5, "noor": 6, "ilse": 7}
INSIDE = {"config": {"private_repository_is_internal": True}}


@dataclass
class Issue:
    """One issue, or a pull request among them."""

    number: int
    labels: list[str] = dataclasses.field(default_factory=lambda: ["escalated", "priority: high"])
    state: str = "open"
    reason: str | None = None
    assignees: list[str] = dataclasses.field(default_factory=list)
    updated: datetime = START
    comments: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    events: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    pull_request: bool = False


class FakeGitHub:
    """State, and the HTTP that reads and changes it."""

    def __init__(self) -> None:
        self.private = True
        self.may_push = True
        self.scopes: str | None = None
        """Of a classic token, as every answer tells them; None for a fine-grained one."""
        self.now = START + timedelta(days=1)
        self.asked: list[httpx.Request] = []
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        self.issues: dict[int, Issue] = {}
        self.paused: list[float] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May swallow the answer once the server has done its work."""
        self._next = 900

    def add_issue(self, number: int, **values: Any) -> Issue:
        self.issues[number] = Issue(number, **values)
        return self.issues[number]

    def add_comment(
        self, number: int, body: str, who: str = "noor", at: datetime | None = None
    ) -> dict[str, Any]:
        self._next += 1
        row = {
            "id": self._next, "node_id": "x", "body": body, "user": user(who), "html_url": ROOT,
            "issue_url": ROOT, "url": ROOT, "created_at": stamp(at or self.now),
            "updated_at": stamp(at or self.now),
            "author_association": "NONE" if who == "ilse" else "MEMBER",
        }  # fmt: skip
        self.issues[number].comments.append(row)
        self.issues[number].updated = max(self.issues[number].updated, at or self.now)
        return row

    def add_event(self, number: int, event: str, who: str = "noor", **values: Any) -> None:
        self._next += 1
        self.issues[number].events.append(
            {"id": self._next, "node_id": "x", "url": ROOT, "event": event, "actor": user(who),
             "commit_id": None, "commit_url": None, "performed_via_github_app": None,
             "created_at": stamp(self.now), **values}
        )  # fmt: skip

    def desk(self, **profile: Any) -> GitHub:
        values: dict[str, Any] = {"url": ROOT, **profile}
        made = Profile(name="fake", helpdesk="github", folder=Path(), database="", **values)

        async def pause(seconds: float) -> None:
            self.paused.append(seconds)

        spacing = WriteSpacing(pause, clock=lambda: 7.0)
        return open_helpdesk(made, Secret("t"), transport=httpx.MockTransport(self._handle), spacing=spacing)

    def sent(self) -> list[httpx.Request]:
        return [request for request in self.asked if request.method != "GET"]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers["Authorization"] != "Bearer t":
            return httpx.Response(401, json={"message": "Bad credentials"})
        if (reply := self.before(request)) is not None:
            return reply
        response = self._route(request)
        response.headers["Date"] = f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"
        if self.scopes is None:
            response.headers["X-Accepted-GitHub-Permissions"] = "metadata=read"
        else:
            response.headers["X-OAuth-Scopes"] = self.scopes
        self.answered.append((request, response))
        return self.after(request) or response

    def _route(self, request: httpx.Request) -> httpx.Response:
        routes: dict[str, Callable[..., httpx.Response]] = {
            "/user": lambda r: _ok(myself()),
            "/repos/acme/desk": self._itself,
            "/repos/acme/desk/labels": self._labels,
            "/repos/acme/desk/issues": self._list,
            r"/repos/acme/desk/issues/(\d+)": self._issue,
            r"/repos/acme/desk/issues/(\d+)/comments": self._comments,
            r"/repos/acme/desk/issues/(\d+)/timeline": self._timeline,
        }
        for pattern, answer in routes.items():
            if match := re.fullmatch(pattern, request.url.path):
                numbers = [int(one) for one in match.groups()]
                if numbers and numbers[0] not in self.issues:
                    break
                return answer(request, *numbers)
        return httpx.Response(404, json={"message": "Not Found", "documentation_url": ROOT})

    def _itself(self, request: httpx.Request) -> httpx.Response:
        rights = {"push": self.may_push, "triage": self.may_push, "pull": True}
        return _ok({"id": 1, "private": self.private, "has_issues": True, "permissions": rights})

    def _labels(self, request: httpx.Request) -> httpx.Response:
        names = ("bug", "escalated")
        return _paged(request, [label(name) for name in names])

    def record(self, issue: Issue) -> dict[str, Any]:
        """The JSON of one issue."""
        found = {
            "id": 1000 + issue.number, "node_id": "x", "number": issue.number, "title": "Broken",
            "body": "It is broken.", "state": issue.state, "state_reason": issue.reason,
            "user": user("ilse"), "labels": [label(name) for name in issue.labels],
            "assignee": user(issue.assignees[0]) if issue.assignees else None,
            "assignees": [user(name) for name in issue.assignees], "milestone": None,
            "comments": len(issue.comments), "locked": False, "author_association": "NONE",
            "created_at": stamp(START), "updated_at": stamp(issue.updated), "closed_at": None,
            "html_url": f"https://github.com/acme/desk/issues/{issue.number}",
            "url": ROOT, "repository_url": ROOT, "labels_url": ROOT, "comments_url": ROOT, "events_url": ROOT,
        }  # fmt: skip
        if issue.pull_request:
            found["pull_request"] = {"url": ROOT, "html_url": ROOT, "diff_url": ROOT, "patch_url": ROOT}
        return found

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        state = asked.get("state", "open")
        found = [one for one in self.issues.values() if state in ("all", one.state)]
        if labels := asked.get("labels"):
            found = [one for one in found if set(labels.split(",")) <= set(one.labels)]
        if since := asked.get("since"):
            found = [one for one in found if one.updated >= datetime.fromisoformat(since)]
        assert asked["direction"] == "asc"
        found.sort(key=lambda one: (one.updated if asked["sort"] == "updated" else START, one.number))
        return _paged(request, [self.record(one) for one in found])

    def _issue(self, request: httpx.Request, number: int) -> httpx.Response:
        issue = self.issues[number]
        if request.method == "PATCH":
            asked = json.loads(request.content)
            if not self.may_push:
                # What the account may not set is left out without a word.
                asked = {}
            issue.labels = asked.get("labels", issue.labels)
            issue.assignees = asked.get("assignees", issue.assignees)
            if "state" in asked:
                issue.state, issue.reason = asked["state"], asked["state_reason"]
            issue.updated = self.now
        return _ok(self.record(issue))

    def _comments(self, request: httpx.Request, number: int) -> httpx.Response:
        if request.method == "POST":
            body = json.loads(request.content)["body"]
            made = self.add_comment(number, body, "triage-bot", datetime.now(UTC))
            return httpx.Response(201, json=made)
        since = request.url.params.get("since")
        rows = self.issues[number].comments
        if since:
            rows = [
                r for r in rows if datetime.fromisoformat(r["updated_at"]) >= datetime.fromisoformat(since)
            ]
        return _paged(request, sorted(rows, key=lambda row: row["id"]))

    def _timeline(self, request: httpx.Request, number: int) -> httpx.Response:
        issue = self.issues[number]
        said = [{**row, "event": "commented", "actor": row["user"]} for row in issue.comments]
        return _paged(request, sorted(said + issue.events, key=lambda row: row["id"]))


def label(name: str) -> dict[str, Any]:
    return {"id": 1, "node_id": "x", "url": ROOT, "name": name, "description": "", "color": "ededed",
            "default": False}  # fmt: skip


def user(name: str) -> dict[str, Any]:
    links = ("avatar", "events", "followers", "following", "gists", "html", "organizations",
             "received_events", "repos", "starred", "subscriptions")  # fmt: skip
    kind = "Bot" if name.endswith("[bot]") else "User"
    return {"login": name, "id": PEOPLE.get(name, 99), "node_id": "x", "gravatar_id": "", "url": ROOT,
            "site_admin": False, "type": kind, **{f"{link}_url": ROOT for link in links}}  # fmt: skip


def myself() -> dict[str, Any]:
    unset = ("bio", "blog", "company", "email", "hireable", "location", "name")
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    made = {"created_at": stamp(START), "updated_at": stamp(START), "user_view_type": "public"}
    return {**user("triage-bot"), **dict.fromkeys(unset), **counts, **made}


def _paged(request: httpx.Request, rows: list[dict[str, Any]]) -> httpx.Response:
    size = min(int(request.url.params.get("per_page", "30")), 100)
    start = (int(request.url.params.get("page", "1")) - 1) * size
    return _ok(rows[start : start + size])


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
