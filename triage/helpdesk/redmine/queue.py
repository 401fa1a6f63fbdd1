"""Which issues: the parameters of Redmine's own lists, and what was updated since.

Lists are cut by an offset, so rows move while they are read. No list here relies on an offset alone:
each page begins inside the one before it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from triage.helpdesk.answer import Forbidden
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.port import QueueChoice
from triage.helpdesk.redmine.account import PER_PAGE, RedmineAccount
from triage.helpdesk.shape import Record, expecting, known_moment, line, records, whole_number
from triage.model.errors import HelpdeskFailed, Invalid, NotFound

OVERLAP = timedelta(minutes=1)
"""An issue is stamped before its change is committed; a change that took longer would be missed."""
OVERLAP_ROWS = 10
"""How many rows of the page before each page repeats."""
SAYS_ESCALATED = re.compile("escalat", re.IGNORECASE)
_OURS = frozenset({"limit", "offset", "page", "sort", "include", "key", "set_filter"})


class RedmineQueues:
    """Raw issues of one account."""

    def __init__(self, account: RedmineAccount) -> None:
        self._account = account

    async def choices(self) -> list[QueueChoice]:
        """Saved queries, then the open issues of each project; escalated ones first."""
        found = []
        try:
            async for row in self._account.rows("queries.json", "queries"):
                project = {"project_id": line(row["project_id"])} if row.get("project_id") else {}
                selector = urlencode({"query_id": line(row.get("id")), **project})
                title = line(row.get("name"))
                found.append(QueueChoice(selector, title, bool(SAYS_ESCALATED.search(title))))
        except Forbidden:
            pass
        for number, name in (await self._account.projects()).items():
            selector = urlencode({"project_id": number, "status_id": "open"})
            found.append(QueueChoice(selector, name, bool(SAYS_ESCALATED.search(name))))
        return sorted(found, key=lambda choice: not choice.escalated)

    async def resolve(self, selector: str) -> dict[str, str]:
        """The parameters ``selector`` stands for; without one, the first queue that says it is for
        escalations. Raises `Invalid` for what is no parameter list, `NotFound` for no such queue.
        """
        if not selector.strip():
            choices = [choice for choice in await self.choices() if choice.escalated]
            if not choices:
                raise NotFound("no saved query or project here says that it is for escalations",
                               where="queue", do="Name one: project_id=NAME&status_id=open")  # fmt: skip
            selector = choices[0].selector
        asked = dict(parse_qsl(selector.strip().lstrip("?"), keep_blank_values=True))
        if not asked or not all(asked.values()) or _OURS & asked.keys():
            raise Invalid("the queue is not a list of Redmine's parameters", where="queue",
                          do="Write it like project_id=NAME&status_id=open or query_id=5")  # fmt: skip
        return asked

    async def issues(self, selector: str) -> AsyncIterator[list[Record]]:
        """Every issue of the queue by rising number; a row is left out by no shift of the list."""
        asked = await self.resolve(selector)
        guard, offset, last = PageGuard("the queue"), 0, 0
        while True:
            page, total = await self._page(asked, "id:asc", offset)
            with expecting("the queue"):
                numbers = [whole_number(row["id"]) for row in page]
            if numbers != sorted(numbers):
                raise HelpdeskFailed("the queue does not come in the order asked for", where="queue",
                                     do="Leave the order out of the saved query")  # fmt: skip
            if offset and (not numbers or numbers[0] > last):
                # Issues before this page have left the queue, perhaps more than the overlap: step back.
                offset = max(0, offset - PER_PAGE)
                guard.passed("back", offset, last)
                continue
            fresh = [row for row, number in zip(page, numbers, strict=True) if number > last]
            if fresh:
                yield fresh
                last = numbers[-1]
            if offset + len(page) >= total or len(page) < PER_PAGE:
                return
            guard.passed(offset, last)
            offset += len(page) - OVERLAP_ROWS

    async def newest(self) -> datetime:
        """When the last update was; the server's clock where there is none."""
        page, _ = await self._page({"status_id": "*"}, "updated_on:desc,id:desc", 0, limit=1)
        with expecting("the list of issues"):
            return known_moment(page[0]["updated_on"]) if page else self._account.transport.server_now()

    async def updated(self, since: datetime) -> AsyncIterator[tuple[list[Record], datetime]]:
        """Issues of every project updated since, oldest update first, with the time reached.

        Each page asks for what is as late as the last row seen, not for an offset: an issue that is
        updated meanwhile moves to the end and is met there.
        """
        guard, offset = PageGuard("the updated issues"), 0
        start = since - OVERLAP
        while True:
            # Without a status only open ones would come; without Z the server answers 422.
            asked = {"status_id": "*", "updated_on": f">={start:%Y-%m-%dT%H:%M:%SZ}"}
            page, _ = await self._page(asked, "updated_on:asc,id:asc", offset)
            with expecting("the updated issues"):
                reached = max((known_moment(row["updated_on"]) for row in page), default=since)
            yield page, max(since, reached)
            if len(page) < PER_PAGE:
                return
            guard.passed(start, line(page[0].get("id")), line(page[-1].get("id")))
            if reached > start:
                start, offset = reached, 0
            else:
                offset += PER_PAGE - OVERLAP_ROWS

    async def _page(
        self, asked: Mapping[str, str], sort: str, offset: int, limit: int = PER_PAGE
    ) -> tuple[list[Record], int]:
        query = urlencode({**asked, "sort": sort, "limit": limit, "offset": offset})
        try:
            answer = await self._account.transport.read(f"issues.json?{query}")
        except NotFound as error:
            raise NotFound("there is no such project or saved query", where="queue",
                           do="triage init lists them") from error  # fmt: skip
        found = records(answer, "issues", "the list of issues")
        with expecting("the list of issues"):
            return found, int(answer["total_count"])
