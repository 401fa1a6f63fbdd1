"""Reading from one Zendesk account: itself, its fields, tickets and audits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from triage.helpdesk.answer import expecting_an_api
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, text, whole_number
from triage.helpdesk.transport import Query, Transport
from triage.helpdesk.zendesk.fields import CustomFields
from triage.helpdesk.zendesk.people import People, as_id
from triage.helpdesk.zendesk.queue import PAGE, pages
from triage.helpdesk.zendesk.reading import Reader, people_in
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent


class ZendeskAccount:
    """What reading and sending both need, each asked for once."""

    def __init__(self, transport: Transport, words: FieldWords, roles: Roles) -> None:
        self.transport = transport
        self.words = words
        self.people = People(transport, roles)
        self._fields: CustomFields | None = None
        self._me: Record | None = None
        self._odd: set[object] = set()
        """What stands for people in audits and is no number of one: nobody, the system, a number as text."""

    async def myself(self) -> Record:
        """Our own user. Raises `HelpdeskFailed` for a token that belongs to nobody."""
        if self._me is None:
            with expecting_an_api():
                answer = record(await self.transport.read("api/v2/users/me.json"), "the account")
            user = record(answer.get("user"), "the account")
            if as_id(user.get("id")) is None:
                raise HelpdeskFailed(
                    "the token was not accepted", where="zendesk", do="Check token and account"
                )
            self._me = user
        return self._me

    async def fields(self) -> CustomFields:
        """The custom fields there are."""
        if self._fields is None:
            found: list[Record] = []
            query: Query = {"page[size]": PAGE}
            async for page in pages(self.transport, "api/v2/ticket_fields.json", "ticket_fields", query):
                found += page
            with expecting("the list of ticket fields"):
                self._fields = CustomFields.read(found, self.words)
        return self._fields

    async def agent_named(self, name: str) -> int:
        """The number of the agent with this name or address. Raises `NotFound` for nobody."""
        for role in ("agent", "admin"):
            query: Query = {"role": role, "page[size]": PAGE}
            async for page in pages(self.transport, "api/v2/users.json", "users", query):
                for user in page:
                    number = as_id(user.get("id"))
                    known = (line(user.get("name")).casefold(), line(user.get("email")).casefold())
                    if name.casefold() in known and number is not None:
                        return number
        raise NotFound(f"the helpdesk knows no agent called {name}")

    async def reader(self) -> Reader:
        """Reads with everything known by now."""
        return Reader(self.people, await self.fields(), str(self.transport.base))

    async def tickets(self, raw: Sequence[Record]) -> list[Ticket]:
        """Read a page of tickets, looking everybody on it up at once."""
        if not raw:
            return []
        await self.people.learn(
            [ticket.get(key) for ticket in raw for key in ("requester_id", "assignee_id")],
            [ticket.get("organization_id") for ticket in raw],
        )
        reader = await self.reader()
        return [reader.ticket(ticket) for ticket in raw]

    async def events(self, audits: Sequence[Record], ticket_id: str) -> list[TimelineEvent]:
        """Read audits, looking everybody in them up at once."""
        people = people_in(audits)
        if not self.people.unmet(people) <= self._odd:
            await self.people.learn(people)
            self._odd |= self.people.unmet(people)
        return (await self.reader()).events(audits, ticket_id)

    async def raw_ticket(self, ticket_id: str) -> Record:
        """The JSON of one ticket. Raises `NotFound`."""
        try:
            answer = await self.transport.read(f"api/v2/tickets/{ticket_number(ticket_id)}.json")
        except NotFound as error:
            raise _no_ticket(ticket_id) from error
        ticket = record(record(answer, "a ticket").get("ticket"), "a ticket")
        with expecting("a ticket"):
            number = whole_number(ticket["id"])
        if number != int(ticket_id):
            raise HelpdeskFailed(f"another ticket came in place of {ticket_id}", do="Try again")
        return ticket

    async def audits(self, ticket_id: str, *, newest_first: bool = False) -> AsyncIterator[list[Record]]:
        """Pages of a ticket's audits. The order backwards is asked for, not promised: archived tickets
        come in one piece as they are. Raises `NotFound`.
        """
        query: Query = {"page[size]": PAGE}
        if newest_first:
            query = {**query, "sort": "-created_at"}
        path = f"api/v2/tickets/{ticket_number(ticket_id)}/audits.json"
        guard = PageGuard(path)
        try:
            async for page in pages(self.transport, path, "audits", query):
                if page:
                    guard.passed(*(text(audit.get("id")) for audit in page))
                yield page
        except NotFound as error:
            raise _no_ticket(ticket_id) from error


def ticket_number(ticket_id: str) -> str:
    """``ticket_id`` as part of an address. Raises `NotFound` for what cannot be a ticket."""
    if not ticket_id.isascii() or not ticket_id.isdigit():
        raise NotFound(f"{ticket_id!r} is no ticket of this helpdesk", do="Zendesk's tickets have numbers")
    return ticket_id


def _no_ticket(ticket_id: str) -> NotFound:
    return NotFound(f"the helpdesk has no ticket {ticket_id}", do="It may be deleted, or out of sight")
