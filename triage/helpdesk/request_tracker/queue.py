"""Which tickets: TicketSQL, and the log of transactions since.

Two habits of the server shape this. Rows the account may not see are taken out *after* a page was cut, so
a short page is not the end of a list. And dates in a query are read in the account's own time zone with
any zone in them ignored, so no query here holds a date: transactions are numbered, and numbers only grow.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from triage.helpdesk.answer import Forbidden, NotUnderstood
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.port import QueueChoice
from triage.helpdesk.shape import Record, expecting, known_moment, line, records, whole_number
from triage.helpdesk.transport import Query, Transport
from triage.model.errors import HelpdeskFailed, Invalid, NotFound

PER_PAGE = 100
"""The most the server gives; more is cut to it without a word."""
TICKET_FIELDS = "Subject,Status,LastUpdated,Created,Owner,Queue,Requestor,CustomFields,Priority,EffectiveId"
IDS_AT_ONCE = 50
OVERLAP_IDS = 200
OVERLAP = timedelta(minutes=2)
"""Transactions are numbered before they are committed: a late one may stand before what was already read."""
BLANK_PAGES = 20
"""How many pages without one visible row are read on before giving up."""

SAYS_ESCALATED = re.compile("escalat", re.IGNORECASE)
_QUEUE_NAMED = re.compile(
    r"\bQueue\s*=\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([\w-]+))", re.IGNORECASE
)
_PERL_PLACE = re.compile(r"\s+at /\S+ line \d+\.?\s*")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the log of transactions was read."""

    transaction: int
    at: datetime

    def __str__(self) -> str:
        return f"transaction:{self.transaction}@{self.at.isoformat()}"

    @classmethod
    def parse(cls, cursor: str) -> Cursor:
        """Raises `HelpdeskFailed` for a cursor that is none of ours."""
        with expecting("a cursor of our own"):
            number, _, at = cursor.removeprefix("transaction:").partition("@")
            return cls(int(number), known_moment(at))


class Queues:
    """Raw tickets and transactions of one account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._checked: set[str] = set()
        self._names: dict[str, str] = {}

    async def choices(self) -> list[QueueChoice]:
        """Every queue we may see, as the query for its active tickets; escalated ones first."""
        found = []
        for queue in await self._all_queues():
            name = line(queue.get("Name"))
            if text_is_off(queue.get("Disabled")):
                selector = f"Queue = {quoted(name)} AND Status = '__Active__'"
                found.append(QueueChoice(selector, name, escalated=bool(SAYS_ESCALATED.search(name))))
        return sorted(found, key=lambda choice: not choice.escalated)

    async def _all_queues(self) -> list[Record]:
        query: Query = {"fields": "Name,Description,Disabled", "per_page": PER_PAGE, "orderby": "Name"}
        answer = await self._transport.read("REST/2.0/queues/all", query)
        return records(answer, "items", "the list of queues")

    async def queue_name(self, queue_id: str) -> str:
        """A queue's name; ``queue 7`` for one that we may not see."""
        if queue_id not in self._names:
            for queue in await self._all_queues():
                self._names[line(queue.get("id"))] = line(queue.get("Name"))
            self._names.setdefault(queue_id, f"queue {queue_id}")
        return self._names[queue_id]

    async def resolve(self, selector: str) -> str:
        """The TicketSQL to use; without one, the active tickets of the queue that says it is for escalations.

        Raises `NotFound` for a queue that does not exist: the server would call it empty.
        """
        if not selector.strip():
            choices = [choice for choice in await self.choices() if choice.escalated]
            if not choices:
                raise NotFound("no queue here says that it is for escalations", where="queue",
                               do="Name one: Queue = 'NAME' AND Status = '__Active__'")  # fmt: skip
            return choices[0].selector
        for match in _QUEUE_NAMED.finditer(selector):
            await self._check(next(group for group in match.groups() if group is not None))
        return selector

    async def _check(self, name: str) -> None:
        if name in self._checked or "/" in name:
            return
        try:
            await self._transport.read(f"REST/2.0/queue/{quote(name, safe='')}")
        except Forbidden as error:
            raise Forbidden(f"the account may not see the queue {name!r}", where="queue",
                            do="Have SeeQueue and ShowTicket granted to it") from error  # fmt: skip
        except NotFound as error:
            names = [line(queue.get("Name")) for queue in await self._all_queues()]
            near = difflib.get_close_matches(name, names, n=1)
            raise NotFound(f"there is no queue {name!r}", where="queue",
                           do=f"Did you mean {near[0]!r}?" if near else "triage init lists the queues",
                           ) from error  # fmt: skip
        self._checked.add(name)

    async def tickets(self, sql: str) -> AsyncIterator[list[Record]]:
        """Every ticket of the query, by rising number: going on after the last one seen cannot miss a
        ticket when others leave the queue meanwhile. Raises `Invalid` for a query that is no TicketSQL.
        """
        last = 0
        guard = PageGuard("the list of tickets")
        while True:
            page = await self._ticket_page(f"({sql}) AND id > {last}")
            if not page:
                return
            yield page
            with expecting("a list of tickets"):
                last = max(last, *(whole_number(ticket["id"]) for ticket in page))
            guard.passed(last)

    async def tickets_by_id(self, ids: Sequence[int]) -> list[Record]:
        """Those of ``ids`` that a search still shows: merged and deleted ones are not among them."""
        found: list[Record] = []
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ids[start : start + IDS_AT_ONCE]
            found += await self._ticket_page(" OR ".join(f"id = {number}" for number in some))
        return found

    async def _ticket_page(self, sql: str) -> list[Record]:
        query: Query = {
            "query": sql,
            "orderby": "id",
            "order": "ASC",
            "per_page": PER_PAGE,
            "fields": TICKET_FIELDS,
            "fields[Owner]": "Name,RealName",
            "fields[Requestor]": "Name,RealName,EmailAddress",
        }
        try:
            answer = await self._transport.read("REST/2.0/tickets", query)
        except NotUnderstood as error:
            said = _PERL_PLACE.sub("", "; ".join(error.said))
            raise Invalid(f"the queue cannot be read as TicketSQL: {said}", where="queue",
                          do="Try it in the query builder of Request Tracker first") from error  # fmt: skip
        return records(answer, "items", "a list of tickets")

    async def is_closed(self, ticket_id: str) -> bool:
        """Whether the ticket's status is one of its lifecycle's inactive ones, by the server's own word."""
        query: Query = {"query": f"id = {int(ticket_id)} AND Status = '__Inactive__'", "per_page": 1}
        answer = await self._transport.read("REST/2.0/tickets", query)
        return bool(records(answer, "items", "a list of tickets"))

    async def newest(self) -> Cursor | None:
        """The newest transaction of a ticket that we may see; None when there is none."""
        for page in range(1, BLANK_PAGES + 1):
            rows = await self._transactions("id > 0", page, order="DESC")
            if rows:
                return _cursor_at(rows[:1])
        return None

    async def changed_ids(self, cursor: Cursor) -> AsyncIterator[tuple[list[int], Cursor]]:
        """Numbers of the tickets touched after ``cursor``, with the place reached.

        Reads a little before the cursor as well, for transactions that were committed late.
        """
        head = await self.newest()
        if head is None or head.transaction < cursor.transaction:
            # What we read up to is gone or hidden: nothing to compare with, so begin where the log ends.
            return
        blank, page = 0, 0
        guard = PageGuard("the log of transactions")
        while blank < BLANK_PAGES:
            page += 1
            rows = await self._transactions(f"id > {cursor.transaction - OVERLAP_IDS}", page, order="ASC")
            if not rows:
                blank += 1
                continue
            blank = 0
            reached = _cursor_at(rows)
            guard.passed(reached.transaction)
            yield _touched(rows, cursor), reached
            if reached.transaction >= head.transaction:
                return
        raise HelpdeskFailed("the log of transactions cannot be read to its end",
                             do="Have ShowTicket granted for the queues in use")  # fmt: skip

    async def _transactions(self, sql: str, page: int, *, order: str) -> list[Record]:
        query: Query = {
            "query": f"ObjectType = 'RT::Ticket' AND {sql}",
            "orderby": "id",
            "order": order,
            "per_page": PER_PAGE,
            "page": page,
            "fields": "Type,ObjectId,Created",
        }
        answer = await self._transport.read("REST/2.0/transactions", query)
        return records(answer, "items", "the log of transactions")


def quoted(value: str) -> str:
    """``value`` as a word of TicketSQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def text_is_off(value: object) -> bool:
    """Whether a flag that comes as a number or as text is off."""
    return str(value or "0") == "0"


def _cursor_at(rows: Sequence[Record]) -> Cursor:
    with expecting("the log of transactions"):
        last = max(rows, key=lambda row: whole_number(row["id"]))
        return Cursor(whole_number(last["id"]), known_moment(last["Created"]))


def _touched(rows: Iterable[Record], cursor: Cursor) -> list[int]:
    with expecting("the log of transactions"):
        return sorted(
            {
                int(row["ObjectId"])
                for row in rows
                if whole_number(row["id"]) > cursor.transaction
                or known_moment(row["Created"]) >= cursor.at - OVERLAP
            }
        )
