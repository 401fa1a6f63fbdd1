"""Which issues: JQL.

Two habits shape this. Dates in JQL are read in the account's time zone and to the minute, so no query here
holds one: "updated in the last so many minutes" means the same everywhere. And the index is behind the
issues by seconds, sometimes minutes, so every look at what changed overlaps the one before.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from math import ceil

from triage.helpdesk.answer import Forbidden, NotUnderstood
from triage.helpdesk.jira.site import PER_PAGE, JiraSite
from triage.helpdesk.paging import PageGuard, Passes, each_once
from triage.helpdesk.port import QueueChoice
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, records
from triage.helpdesk.transport import Query
from triage.model.errors import Invalid, NotFound

OVERLAP = timedelta(minutes=5)
"""How far the index may be behind; also more than JQL's minutes and a slow commit."""
OVERLAP_ROWS = 10
SAYS_ESCALATED = re.compile("escalat", re.IGNORECASE)
_ORDER = re.compile(r"\s*\border\s+by\b.*$", re.IGNORECASE | re.DOTALL)


class JiraQueues:
    """Raw issues of one site."""

    def __init__(self, site: JiraSite) -> None:
        self._site = site

    async def choices(self) -> list[QueueChoice]:
        """The queues of every service desk, as JQL; escalated ones first."""
        found = []
        try:
            for desk in await self._values("rest/servicedeskapi/servicedesk"):
                key = line(desk.get("projectKey"))
                for queue in await self._values(
                    f"rest/servicedeskapi/servicedesk/{line(desk.get('id'))}/queue"
                ):
                    name, jql = line(queue.get("name")), _ORDER.sub("", line(queue.get("jql"))).strip()
                    scope = jql if re.search(r"\bproject\b", jql, re.IGNORECASE) else f"project = {key}"
                    if jql and scope != jql:
                        scope = f"{scope} AND ({jql})"
                    found.append(QueueChoice(scope, f"{key}: {name}", bool(SAYS_ESCALATED.search(name))))
        except (Forbidden, NotFound):
            # Jira without Service Management has no service desks.
            return []
        return sorted(found, key=lambda choice: not choice.escalated)

    async def _values(self, path: str) -> list[Record]:
        found: list[Record] = []
        guard = PageGuard(path)
        while True:
            answer = await self._site.transport.read(path, {"start": len(found), "limit": 50})
            page = records(answer, "values", path)
            found += page
            if not page or record(answer, path).get("isLastPage") is not False:
                return found
            guard.passed(len(found))

    async def resolve(self, selector: str) -> str:
        """The JQL to use, without an order; without one, the first queue that says it is for escalations."""
        jql = _ORDER.sub("", selector).strip()
        if jql:
            return jql
        if selector.strip():
            raise Invalid("an order alone does not say which issues", where="queue",
                          do="The cloud refuses JQL without a condition")  # fmt: skip
        choices = [choice for choice in await self.choices() if choice.escalated]
        if not choices:
            raise NotFound("no queue here says that it is for escalations", where="queue",
                           do="Name one in JQL: project = KEY AND labels = escalated")  # fmt: skip
        return choices[0].selector

    async def issues(self, selector: str) -> AsyncIterator[list[Record]]:
        """Every issue of the queue, once."""
        jql = await self.resolve(selector)
        async for page in each_once(
            lambda: self._search(f"({jql}) ORDER BY created ASC, key ASC"), "the queue"
        ):
            yield page

    async def updated(self, since: datetime) -> AsyncIterator[tuple[list[Record], datetime]]:
        """Issues of every project updated since, with what the index may have missed before.

        With each page comes up to when the issues are complete. An issue comes again where it changed again.
        """
        ago = self._site.transport.server_now() - since + OVERLAP
        minutes = max(1, ceil(ago.total_seconds() / 60))
        seen: set[tuple[str, datetime]] = set()
        reached, passes = since, Passes("the updated issues")
        while True:
            complete = reached
            async for page in self._search(f"updated >= -{minutes}m ORDER BY updated ASC, key ASC"):
                fresh = {at: row for row in page if (at := _version(row)) not in seen}
                seen |= fresh.keys()
                reached = max([reached, *(updated for _, updated in fresh)])
                # What changed after the pass before comes at the end and was never hidden.
                passes.page(hidden=any(updated <= complete for _, updated in fresh))
                if fresh:
                    yield list(fresh.values()), since
            if passes.quiet():
                break
        yield [], reached

    async def _search(self, jql: str) -> AsyncIterator[list[Record]]:
        """Pages of a search. Raises `Invalid` for what is no JQL."""
        pages = self._by_token(jql) if self._site.cloud else self._by_offset(jql)
        try:
            async for page in pages:
                yield page
        except NotUnderstood as error:
            raise Invalid(f"the queue cannot be read as JQL: {'; '.join(error.said)}", where="queue",
                          do="Try it in the issue search of Jira first") from error  # fmt: skip

    async def _by_token(self, jql: str) -> AsyncIterator[list[Record]]:
        query: dict[str, str | int] = {
            "jql": jql,
            "maxResults": PER_PAGE,
            "fields": await self._site.wanted_fields(),
        }
        guard = PageGuard("the search")
        while True:
            answer = await self._site.read("search/jql", query)
            yield records(answer, "issues", "the search")
            token = line(answer.get("nextPageToken"))
            # A page may be short or empty and yet not the last.
            if not token or answer.get("isLast") is True:
                return
            guard.passed(token)
            query["nextPageToken"] = token

    async def _by_offset(self, jql: str) -> AsyncIterator[list[Record]]:
        """A data center counts rows, which move: every page begins inside the one before it."""
        query: Query = {"jql": jql, "maxResults": PER_PAGE, "fields": await self._site.wanted_fields()}
        guard, start, seen = PageGuard("the search"), 0, set[str]()
        while True:
            answer = await self._site.read("search", {**query, "startAt": start})
            page = records(answer, "issues", "the search")
            numbers = [line(row.get("id")) for row in page]
            if start and not seen.intersection(numbers[:OVERLAP_ROWS]):
                guard.passed("back", start, len(seen))
                start = max(0, start - PER_PAGE)
                continue
            yield page
            seen.update(numbers)
            total = answer.get("total")
            if not page or (isinstance(total, int) and start + len(page) >= total):
                return
            guard.passed(start, len(seen))
            # The site may give less than was asked for.
            start += max(1, len(page) - OVERLAP_ROWS)


def _version(issue: Record) -> tuple[str, datetime]:
    """Which issue, as it was when."""
    with expecting("an updated issue"):
        return line(issue.get("id")), known_moment(issue["fields"]["updated"])
