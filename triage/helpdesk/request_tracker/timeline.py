"""The history of a ticket in Request Tracker as a timeline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from triage.helpdesk.paging import PageGuard
from triage.helpdesk.request_tracker.messages import Message, Messages
from triage.helpdesk.request_tracker.people import NOBODY, People
from triage.helpdesk.request_tracker.queue import SAYS_ESCALATED, Queues
from triage.helpdesk.request_tracker.reading import login_of
from triage.helpdesk.shape import Record, expecting, known_moment, line, records, text
from triage.helpdesk.transport import Query, Transport
from triage.model.timeline import ActorRole, EventKind, TimelineEvent, Visibility

PER_PAGE = 100
MESSAGES: Mapping[str, Visibility] = {"Create": "public", "Correspond": "public", "Comment": "internal"}
"""Types of transactions that carry words; mail copies (``EmailRecord``) are not among them."""
_OWNER_CHANGES = frozenset({"Take", "Untake", "Steal", "Give", "Force"})
_UNTOLD_FIELDS = frozenset({"Told", "Started", "Starts", "Resolved", "LastUpdated", "TimeWorked", "TimeLeft"})
"""Set by the server along with something else."""
_BLANK_PAGES = 2
ESCALATED_TAG = "escalated"


class History:
    """Reads transactions and turns them into events."""

    def __init__(self, transport: Transport, people: People, queues: Queues, messages: Messages) -> None:
        self._transport = transport
        self._people = people
        self._queues = queues
        self._messages = messages

    async def rows(self, ticket_id: str, *, newest_first: bool = False) -> AsyncIterator[list[Record]]:
        """Pages of raw transactions; empty ones are left out.

        There is no total and no next link, and rows that the account may not see are missing from a page
        without being replaced: only empty pages end the list.
        """
        query: Query = {
            "fields": "Type,Field,OldValue,NewValue,Creator,Created",
            "fields[Creator]": "Name,RealName",
            "orderby": "id",
            "order": "DESC" if newest_first else "ASC",
            "per_page": PER_PAGE,
        }
        guard = PageGuard(f"the history of ticket {ticket_id}")
        page = blank = 0
        while blank < _BLANK_PAGES:
            page += 1
            answer = await self._transport.read(
                f"REST/2.0/ticket/{ticket_id}/history", {**query, "page": page}
            )
            found = records(answer, "items", "the history of a ticket")
            blank = 0 if found else blank + 1
            if found:
                guard.passed(line(found[0].get("id")))
                yield found

    async def events(
        self, ticket_id: str, queue_now: str, custom_names: Mapping[str, str], requester: str
    ) -> list[TimelineEvent]:
        """Everything that happened, oldest first.

        ``custom_names`` are our words by the number of a custom field, which is all the history has.
        ``requester`` is the name of whom the ticket is for: staff who open it for them pass their words on.
        """
        rows = [row async for page in self.rows(ticket_id) for row in page]
        for row in rows:
            creator = row.get("Creator")
            if isinstance(creator, Mapping):
                self._people.meet(creator)
        words = await self._messages.of(
            [line(row.get("id")) for row in rows if text(row.get("Type")) in MESSAGES]
        )
        await self._people.learn(_owner_references(rows))
        queue_names = {number: await self._queues.queue_name(number) for number in _queue_references(rows)}
        roles = {
            login: await self._people.role(login) for login in {login_of(row.get("Creator")) for row in rows}
        }
        teller = _Teller(ticket_id, self._people, roles, words, queue_names, custom_names, requester)
        with expecting("the history of a ticket"):
            return list(teller.tell(rows, queue_now))


class _Teller:
    """Tells the rows of one ticket, once everybody and everything in them has a name."""

    def __init__(
        self,
        ticket_id: str,
        people: People,
        roles: Mapping[str, ActorRole],
        words: Mapping[str, Message],
        queue_names: Mapping[str, str],
        custom_names: Mapping[str, str],
        requester: str,
    ) -> None:
        self._ticket_id = ticket_id
        self._people = people
        self._roles = roles
        self._words = words
        self._queue_names = queue_names
        self._custom_names = custom_names
        self._requester = requester

    def tell(self, rows: Sequence[Record], queue_now: str) -> Iterator[TimelineEvent]:
        first_queue = self._first_queue(rows, queue_now)
        owner_told = ""
        for row in rows:
            kind, name = text(row.get("Type")), text(row.get("Field"))
            if kind in MESSAGES:
                yield self._message(row, kind)
                if kind == "Create" and SAYS_ESCALATED.search(first_queue):
                    yield self._event(row, "escalation", field="queue", new=first_queue, suffix=".escalation")
                    first_queue = ""
            elif kind == "Status":
                yield self._event(row, "change", field="status", old=_old(row), new=_new(row))
            elif name == "Owner" and (kind == "Set" or kind in _OWNER_CHANGES):
                # A change of owner is written down more than once.
                if owner_told != (owner_told := _new(row)):
                    yield self._owner(row)
            elif kind == "Set" and name == "Queue":
                yield self._queue(row)
            elif kind == "Set" and name not in _UNTOLD_FIELDS:
                yield self._event(row, "change", field=name.lower(), old=_old(row), new=_new(row))
            elif kind == "CustomField":
                yield self._custom(row)
            elif kind == "AddLink" and name == "MergedInto":
                yield self._event(row, "merge", field="merged into", new=_new(row).rpartition("/")[2])

    def _first_queue(self, rows: Sequence[Record], queue_now: str) -> str:
        for row in rows:
            if row.get("Type") == "Set" and row.get("Field") == "Queue":
                return self._queue_names[_old(row)]
        return queue_now

    def _message(self, row: Record, kind: str) -> TimelineEvent:
        message = self._words.get(line(row.get("id")), Message())
        role, name = self._speaker(row, kind)
        return TimelineEvent(
            id=line(row["id"]),
            ticket_id=self._ticket_id,
            at=known_moment(row["Created"]),
            kind="message",
            visibility=MESSAGES[kind],
            actor_role=role,
            actor=name,
            text=message.body,
            source_ref=f"transaction {line(row['id'])}",
            attachments=tuple(message.attachments),
        )

    def _speaker(self, row: Record, kind: str) -> tuple[ActorRole, str]:
        """Who said it: the first words of a ticket opened on behalf of somebody else are that person's."""
        login = login_of(row.get("Creator"))
        name = self._people.name(login)
        if kind == "Create" and self._requester and self._requester != name:
            return "customer", self._requester
        return self._roles[login], name

    def _owner(self, row: Record) -> TimelineEvent:
        old, new = self._login_named(_old(row)), self._login_named(_new(row))
        return self._event(row, "change", field="assignee", old=old, new=new)

    def _login_named(self, number: str) -> str:
        person = self._people.known(number)
        return "" if person is None or person.login == NOBODY else person.name

    def _queue(self, row: Record) -> TimelineEvent:
        old, new = self._queue_names[_old(row)], self._queue_names[_new(row)]
        kind: EventKind = "escalation" if SAYS_ESCALATED.search(new) else "change"
        return self._event(row, kind, field="queue", old=old, new=new)

    def _custom(self, row: Record) -> TimelineEvent:
        word = self._custom_names.get(text(row.get("Field")), f"field {text(row.get('Field'))}")
        escalates = word == "tags" and _new(row).casefold() == ESCALATED_TAG
        return self._event(
            row, "escalation" if escalates else "change", field=word, old=_old(row), new=_new(row)
        )

    def _event(
        self, row: Record, kind: EventKind, *, field: str, new: str, old: str = "", suffix: str = ""
    ) -> TimelineEvent:
        login = login_of(row.get("Creator"))
        return TimelineEvent(
            id=line(row["id"]) + suffix,
            ticket_id=self._ticket_id,
            at=known_moment(row["Created"]),
            kind=kind,
            visibility="internal",
            actor_role=self._roles[login],
            actor=self._people.name(login),
            text=f"{field}: {old or '–'} → {new or '–'}",
            field=field,
            old=old,
            new=new,
            source_ref=f"transaction {line(row['id'])}",
        )


def _old(row: Record) -> str:
    return text(row.get("OldValue"))


def _new(row: Record) -> str:
    return text(row.get("NewValue"))


def _owner_references(rows: Sequence[Record]) -> set[str]:
    """Owners stand in the history as numbers."""
    return {
        number for row in rows if row.get("Field") == "Owner" for number in (_old(row), _new(row)) if number
    }


def _queue_references(rows: Sequence[Record]) -> set[str]:
    return {
        number
        for row in rows
        if row.get("Type") == "Set" and row.get("Field") == "Queue"
        for number in (_old(row), _new(row))
    }
