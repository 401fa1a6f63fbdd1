"""One PagerDuty account: its headers, its lists and their ceilings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from triage.helpdesk.answer import Answer, Forbidden
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, records, whole_number
from triage.helpdesk.spoken_errors import SpokenErrors
from triage.model.errors import HelpdeskFailed, NotFound

PER_PAGE = 100
CEILING = 10_000
"""Offset and limit together may not be more."""
OVERLAP = timedelta(minutes=2)
"""Log entries are stamped before they can be read."""
OVERLAP_ROWS = 10
MOST_NOTES = 2_000


class PagerDutyTransport(SpokenErrors):
    """Names the version of the API and understands how long to wait."""

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, deadline_s: float) -> Answer:
        request.headers["Accept"] = "application/vnd.pagerduty+json;version=2"
        request.headers.setdefault("Content-Type", "application/json")
        answer = await super()._exchange(client, request, deadline_s)
        reset = answer.headers.get("ratelimit-reset", "")
        if answer.status != 429 or "Retry-After" in answer.headers or not reset.isdigit():
            return answer
        headers = httpx.Headers(answer.headers)
        headers["Retry-After"] = reset
        return replace(answer, headers=headers)


class PagerDutyAccount:
    """Reads, and remembers what seldom changes."""

    def __init__(self, transport: PagerDutyTransport, email: str) -> None:
        self.transport = transport
        self.email = email
        self._me: Record | None = None
        self._priorities: dict[str, str] | None = None

    async def me(self) -> Record:
        """The user whose address goes with every write. A key of the account has no user of its own."""
        if self._me is None:
            rows = await self._rows("users", "users", [("query", self.email)])
            mine = [row for row in rows if line(row.get("email")).casefold() == self.email.casefold()]
            if not mine:
                raise NotFound(f"PagerDuty knows no user {self.email}", where="account",
                               do="Set account to the e-mail address of a user there")  # fmt: skip
            self._me = mine[0]
        return self._me

    async def token_user(self) -> Record | None:
        """The user whose token it is; None for a key of the account, which belongs to nobody."""
        try:
            answer = record(await self.transport.read("users/me"), "the account")
        except (HelpdeskFailed, NotFound):
            return None  # said as 400: what else could fail has been read before
        return record(answer.get("user"), "the account")

    async def user_named(self, wanted: str) -> str:
        """The id of a user by id, name or address; empty for nobody. Raises `NotFound`."""
        if wanted in ("", "me"):
            return line((await self.me()).get("id")) if wanted else ""
        rows = await self._rows("users", "users", [("query", wanted)])
        found = [
            line(row["id"]) for row in rows
            if wanted.casefold() in (line(row.get(key)).casefold() for key in ("id", "name", "email"))
        ]  # fmt: skip
        if len(found) == 1:
            return found[0]
        raise NotFound(
            f"PagerDuty knows {'several users' if found else 'no user'} {wanted}", do="Use the e-mail"
        )

    async def priorities(self) -> Mapping[str, str]:
        """Ids of the priorities by name; empty where the account has none."""
        if self._priorities is None:
            rows = await self._rows("priorities", "priorities", [])
            self._priorities = {line(row.get("name")): line(row.get("id")) for row in rows}
        return self._priorities

    async def services(self) -> list[Record]:
        """Every service."""
        return await self._rows("services", "services", [])

    async def _rows(self, path: str, key: str, query: Sequence[tuple[str, str]]) -> list[Record]:
        found: list[Record] = []
        guard = PageGuard(path)
        while True:
            page, more = await self._page(path, key, query, len(found))
            found += page
            if not page or not more:
                return found
            guard.passed(line(page[0].get("id")), line(page[-1].get("id")))

    async def _page(
        self, path: str, key: str, query: Sequence[tuple[str, str]], offset: int
    ) -> tuple[list[Record], bool]:
        asked = urlencode([*query, ("limit", str(PER_PAGE)), ("offset", str(offset))])
        answer = record(await self.transport.read(f"{path}?{asked}"), path)
        return records(answer, key, path), answer.get("more") is True

    async def incidents(self, query: Sequence[tuple[str, str]]) -> AsyncIterator[tuple[list[Record], bool]]:
        """Incidents by rising number, each once, and whether the list is whole up to here.

        Rows move while they are read, so each page begins inside the one before it. Without a range of
        dates only the last month would come.
        """
        asked = [*query, ("date_range", "all"), ("sort_by", "incident_number:asc")]
        guard, offset, last = PageGuard("the queue"), 0, 0
        while True:
            if offset + PER_PAGE > CEILING:
                yield [], False
                return
            page, more = await self._page("incidents", "incidents", asked, offset)
            with expecting("the queue"):
                numbers = [whole_number(row["incident_number"]) for row in page]
            if offset and (not numbers or numbers[0] > last):
                guard.passed("back", offset, last)
                offset = max(0, offset - PER_PAGE)
                continue
            fresh = [row for row, number in zip(page, numbers, strict=True) if number > last]
            if fresh:
                yield fresh, True
                last = max(numbers)
            if not page or not more:
                return
            guard.passed(offset, last)
            offset += max(1, len(page) - OVERLAP_ROWS)

    async def touched(self, since: datetime) -> tuple[list[str], datetime]:
        """Ids of the incidents with log entries since, oldest entry first, and the time reached.

        There is no list of changed incidents. Log entries come newest first, so new ones only push others
        further back; where the ceiling comes near, the list is asked for anew up to the oldest one seen.
        """
        start, until, offset, reached = since - OVERLAP, "", 0, since
        seen: dict[str, None] = {}
        guard = PageGuard("the log")
        while True:
            query = [("since", start.isoformat()), *([("until", until)] if until else [])]
            page, more = await self._page("log_entries", "log_entries", query, offset)
            with expecting("the log"):
                for row in page:
                    reached = max(reached, known_moment(row["created_at"]))
                    seen.setdefault(line(row["incident"]["id"]))
            if not page or not more:
                return list(reversed(seen)), reached
            guard.passed(until, line(page[0].get("id")), line(page[-1].get("id")))
            offset += PER_PAGE
            if offset + PER_PAGE > CEILING:
                oldest = line(page[-1]["created_at"])
                if oldest == until:
                    raise HelpdeskFailed("too many log entries at one moment", do="Pull again from the start")
                until, offset = oldest, 0

    async def incident(self, incident_id: str) -> Record:
        """One incident. Raises `NotFound`."""
        if not incident_id.isascii() or not incident_id.isalnum():
            raise NotFound(f"{incident_id!r} is no incident of PagerDuty")
        try:
            answer = record(await self.transport.read(f"incidents/{incident_id}"), "an incident")
        except NotFound as error:
            raise NotFound(f"PagerDuty has no incident {incident_id}", do="It may be out of sight") from error
        incident = record(answer.get("incident"), "an incident")
        if line(incident.get("id")) != incident_id:
            raise HelpdeskFailed(f"another incident came in place of {incident_id}", do="Try again")
        return incident

    async def custom_fields(self, incident_id: str) -> list[Record]:
        """Custom fields of an incident with their values; none where the account has none."""
        try:
            answer = await self.transport.read(f"incidents/{incident_id}/custom_fields/values")
        except (NotFound, Forbidden):
            return []
        return records(answer, "custom_fields", "the custom fields")

    async def notes(self, incident_id: str) -> list[Record]:
        """All notes of an incident; they come in one answer."""
        answer = await self.transport.read(f"incidents/{incident_id}/notes")
        return records(answer, "notes", "the notes")

    async def log(self, incident_id: str) -> tuple[list[Record], bool]:
        """The log entries of an incident, newest first, and whether those are all."""
        found: list[Record] = []
        path = f"incidents/{incident_id}/log_entries"
        guard = PageGuard(path)
        while True:
            page, more = await self._page(path, "log_entries", [], len(found))
            found += page
            if not page or not more:
                return found, True
            if len(found) + PER_PAGE > CEILING:
                return found, False
            guard.passed(line(page[0].get("id")), line(page[-1].get("id")))
