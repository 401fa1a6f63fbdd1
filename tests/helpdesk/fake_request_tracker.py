"""A Request Tracker in memory with the habits that were seen on the real one."""

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
from triage.helpdesk.request_tracker.adapter import RequestTracker, open_helpdesk

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ELSEWHERE = "http://rt.configured.test/REST/2.0"
TOKEN = "1-46-" + "ab" * 16
GROUPS = [{"id": "7", "Name": "Engineering"}, {"id": "8", "Name": "Choir"}]
QUEUES = [
    {"id": "3", "Name": "Support", "Disabled": "0"},
    {"id": "4", "Name": "L3 Escalations", "Disabled": "0"},
]


@dataclass
class Row:
    """One transaction."""

    id: int
    ticket: int
    type: str
    creator: str = "noor"
    field: str = ""
    old: str = ""
    new: str = ""
    parts: list[dict[str, str]] = dataclasses.field(default_factory=list)
    at: datetime = START
    hidden: bool = False


@dataclass
class FakeTicket:
    """One ticket."""

    id: int
    status: str = "open"
    owner: str = "Nobody"
    queue: str = "4"
    into: int = 0
    custom: dict[str, list[str]] = dataclasses.field(
        default_factory=lambda: {
            "Tags": ["vip"],
            "Severity": ["sev2"],
            "esc_verdict": [],
            "Customer": ["Orla"],
        }
    )


class FakeRequestTracker:
    """State, and the HTTP that reads and changes it."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.tickets: dict[int, FakeTicket] = {}
        self.rows: list[Row] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        """May answer in place of the server, or change the state first."""
        self.cut: Callable[[bytes], bytes] = lambda content: content
        """What a site keeps of a file."""
        self.counts_files = True
        """Whether something asked for the size of a new file, as mails do: only then it is written down."""
        self._next = 100

    def add_ticket(self, number: int, **values: Any) -> FakeTicket:
        self.tickets[number] = FakeTicket(number, **values)
        self.add_row(number, "Create", creator="ilse", text="It is broken.")
        return self.tickets[number]

    def add_row(
        self, number: int, kind: str, *, text: str = "", media: str = "text/plain", **values: Any
    ) -> Row:
        self._next += 1
        row = Row(values.pop("id", self._next), number, kind, **values)
        if "at" not in values:
            row.at = START + timedelta(minutes=row.id)
        if text:
            row.parts.append({"id": str(row.id * 10), "ContentType": media, "Filename": "", "Content": text})
        self.rows.append(row)
        self.rows.sort(key=lambda each: each.id)
        return row

    def desk(self, **profile: Any) -> RequestTracker:
        made = Profile(
            name="fake",
            helpdesk="request_tracker",
            url="https://rt.test",
            folder=Path(),
            database="",
            **profile,
        )
        return open_helpdesk(made, Secret(TOKEN), transport=httpx.MockTransport(self._answer))

    def sent(self, method: str) -> list[httpx.Request]:
        return [request for request in self.asked if request.method == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers.get("Cookie") or "Mozilla" in request.headers["User-Agent"]:
            return httpx.Response(302, headers={"Location": "/"}, text="Login required")
        if (reply := self.before(request)) is not None:
            return reply
        path = request.url.path.removeprefix("/REST/2.0/")
        for pattern, answer in self._routes().items():
            if match := re.fullmatch(pattern, path):
                return answer(request, *match.groups())
        return httpx.Response(404, json={"message": "Not Found"})

    def _routes(self) -> dict[str, Callable[..., httpx.Response]]:
        return {
            r"user/(.+)": self._user,
            "groups": lambda r: _ok({"items": GROUPS}),
            "group/7": lambda r: _ok({"Members": [{"type": "user", "id": "noor"}]}),
            "queues/all": lambda r: _ok({"items": QUEUES}),
            "queue/(.+)": lambda r, name: _ok({}) if name in str(QUEUES) else httpx.Response(404, json={}),
            "tickets": self._search,
            "transactions": self._log,
            "attachments": self._attachments,
            r"ticket/(\d+)": self._ticket,
            r"ticket/(\d+)/steal": self._steal,
            r"ticket/(\d+)/history": self._history,
            r"ticket/(\d+)/(comment|correspond)": self._message,
            r"transaction/(\d+)": self._transaction,
            r"attachment/(\d+)": self._attachment,
        }  # fmt: skip

    def _user(self, request: httpx.Request, name: str) -> httpx.Response:
        known = {"46": ("bot", "1"), "bot": ("bot", "1"), "47": ("noor", "1"), "noor": ("noor", "1"),
                 "ilse": ("ilse", "0"), "6": ("Nobody", "0"), "Nobody": ("Nobody", "0")}  # fmt: skip
        if name not in known:
            return httpx.Response(404, json={"message": "Not Found"})
        login, privileged = known[name]
        return _ok({"Name": login, "RealName": login.title(), "Privileged": privileged})

    def _etag(self, number: int) -> str:
        return str(max(row.id for row in self.rows if row.ticket == number and not row.hidden))

    def _record(self, ticket: FakeTicket, *, listed: bool) -> dict[str, Any]:
        newest = max(row.at for row in self.rows if row.ticket == ticket.id)
        into = ticket.into or ticket.id
        fields = [
            {"id": str(place), "name": name, "values": values, "_url": f"{ELSEWHERE}/customfield/{place}"}
            for place, (name, values) in enumerate(ticket.custom.items(), 1)
        ]
        return {
            "id": str(ticket.id) if listed else ticket.id,
            "Subject": "Broken",
            "Status": ticket.status,
            "Created": _stamp(START),
            "LastUpdated": _stamp(newest),
            "Resolved": "1970-01-01T00:00:00Z",
            "Owner": {"id": ticket.owner, "type": "user", "_url": f"{ELSEWHERE}/user/{ticket.owner}"},
            "Requestor": [{"id": "ilse", "type": "user"}],
            "Queue": {"id": ticket.queue, "type": "queue"},
            "Priority": "0",
            "EffectiveId": str(into) if listed else {"id": str(into), "type": "ticket"},
            "CustomFields": fields,
            "_hyperlinks": [{"ref": "comment"}],
        }

    def _search(self, request: httpx.Request) -> httpx.Response:
        sql = request.url.params["query"]
        assert "orderby" in request.url.params or "per_page=1" in str(request.url)
        if sql.count("(") != sql.count(")"):
            return httpx.Response(400, json={"message": "Unmatched ( in the query at line 1"})
        found = [ticket for ticket in self.tickets.values() if not ticket.into and ticket.status != "deleted"]
        if bounds := re.findall(r"id > (\d+)", sql):
            found = [ticket for ticket in found if ticket.id > max(map(int, bounds))]
        if named := re.findall(r"id = (\d+)", sql):
            found = [ticket for ticket in found if str(ticket.id) in named]
        if "__Active__" in sql or "__Inactive__" in sql:
            closed = "__Inactive__" in sql
            found = [ticket for ticket in found if (ticket.status in ("resolved", "rejected")) is closed]
        found = sorted(found, key=lambda ticket: ticket.id)
        return self._paged(request, [self._record(ticket, listed=True) for ticket in found])

    def _log(self, request: httpx.Request) -> httpx.Response:
        sql, rows = request.url.params["query"], self.rows
        if bounds := re.search(r"id > (\d+)", sql):
            rows = [row for row in rows if row.id > int(bounds[1])]
        if "Type = 'Comment'" in sql:
            rows = [row for row in rows if row.type == "Comment"]
        rows = sorted(rows, key=lambda row: row.id, reverse=request.url.params["order"] == "DESC")
        return self._paged(request, [self._row(row) | {"hidden": row.hidden} for row in rows])

    def _history(self, request: httpx.Request, number: str) -> httpx.Response:
        rows = [row for row in self.rows if row.ticket == int(number)]
        rows.sort(key=lambda row: row.id, reverse=request.url.params["order"] == "DESC")
        return self._paged(request, [self._row(row) | {"hidden": row.hidden} for row in rows])

    def _attachments(self, request: httpx.Request) -> httpx.Response:
        wanted = json.loads(request.url.params["query"])
        name, values = wanted[0]["field"], {condition["value"] for condition in wanted}
        parts = [part | {"TransactionId": str(row.id)} for row in self.rows for part in row.parts]
        fields = {"id", *request.url.params["fields"].split(",")}
        found = [{k: v for k, v in part.items() if k in fields} for part in parts if part[name] in values]
        return self._paged(request, found)

    @staticmethod
    def _paged(request: httpx.Request, rows: list[dict[str, Any]]) -> httpx.Response:
        """Cuts the page first and takes hidden rows out afterwards, as the real one does."""
        size = min(int(request.url.params.get("per_page", "20")), 100)
        start = (int(request.url.params.get("page", "1")) - 1) * size
        page = [
            {k: v for k, v in row.items() if k != "hidden"}
            for row in rows[start : start + size]
            if not row.get("hidden")
        ]
        return _ok({"items": page, "count": len(page), "per_page": size, "total": None, "pages": None})

    @staticmethod
    def _row(row: Row) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "Type": row.type,
            "Field": row.field,
            "OldValue": row.old,
            "NewValue": row.new,
            "ObjectId": str(row.ticket),
            "Creator": {"id": row.creator, "type": "user"},
            "Created": _stamp(row.at),
        }

    def _ticket(self, request: httpx.Request, number: str) -> httpx.Response:
        ticket = self.tickets.get(int(number))
        if ticket is None:
            return httpx.Response(404, json={"message": "Not Found"})
        shown = self.tickets[ticket.into] if ticket.into else ticket
        if request.method == "GET":
            tag = {"ETag": f'"{self._etag(shown.id)}"'}
            return httpx.Response(200, json=self._record(shown, listed=False), headers=tag)
        if (condition := request.headers.get("If-Match")) not in (None, f'"{self._etag(shown.id)}"'):
            return httpx.Response(412, json={"message": f"Precondition Failed {condition}"})
        body = json.loads(request.content)
        for name, value in body.get("CustomFields", {}).items():
            if name in ticket.custom and value != "weather":
                ticket.custom[name] = value if isinstance(value, list) else [value] if value else []
        ticket.status = body.get("Status", ticket.status) if body.get("Status") != "bogus" else ticket.status
        ticket.owner = body.get("Owner", ticket.owner)
        self.add_row(ticket.id, "Status", creator="bot", field="Status", new=ticket.status)
        return _ok(["English words about what was done"])

    def _steal(self, request: httpx.Request, number: str) -> httpx.Response:
        self.tickets[int(number)].owner = "bot"
        return _ok(["stolen"])

    def _message(self, request: httpx.Request, number: str, verb: str) -> httpx.Response:
        if "If-Match" in request.headers:
            return httpx.Response(412, json={"message": "Precondition Failed"})
        body = json.loads(request.content)
        if not body.get("ContentType"):
            return httpx.Response(400, json={"message": "ContentType is required"})
        files = body.get("Attachments", [])
        for field in ("FileName", "FileType", "FileContent"):
            if not all(file.get(field) for file in files):
                return httpx.Response(400, json={"message": f"{field} is a required field"})
        kind = "Comment" if verb == "comment" else "Correspond"
        row = self.add_row(int(number), kind, creator="bot", text=body["Content"], at=datetime.now(UTC))
        for place, file in enumerate(files, 1):
            content = self.cut(base64.b64decode(file["FileContent"]))
            row.parts.append({
                "id": str(row.id * 10 + place),
                "ContentType": file["FileType"].partition(";")[0],
                # Names keep nothing but ASCII.
                "Filename": file["FileName"].encode("ascii", "replace").decode().replace("?", "\ufffd"),
                "Headers": "Content-Disposition: inline"
                + (f"\nContent-Length: {len(content)}" if self.counts_files else ""),
                "Content": base64.b64encode(content).decode(),
            })  # fmt: skip
        return httpx.Response(201, json=["added"], headers={"Location": f"/REST/2.0/transaction/{row.id}"})

    def _attachment(self, request: httpx.Request, number: str) -> httpx.Response:
        parts = [part for row in self.rows if not row.hidden for part in row.parts if part["id"] == number]
        return _ok(parts[0]) if parts else httpx.Response(403, json={"message": "Forbidden"})

    def _transaction(self, request: httpx.Request, number: str) -> httpx.Response:
        row = next((row for row in self.rows if row.id == int(number) and not row.hidden), None)
        return _ok(self._row(row)) if row else httpx.Response(403, json={"message": "Forbidden"})


def _ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
