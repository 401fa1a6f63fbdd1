"""Request Tracker 5: one account behind the port, over REST 2.0.

API reference: https://docs.bestpractical.com/rt/5.0/RT/REST2.html
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import quote

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import WritingAdapter
from triage.helpdesk.answer import expecting_an_api
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.request_tracker.messages import Messages
from triage.helpdesk.request_tracker.people import People
from triage.helpdesk.request_tracker.queue import Cursor, Queues
from triage.helpdesk.request_tracker.reading import (
    custom_values,
    effective_id,
    login_of,
    stamp_version,
    ticket_of,
)
from triage.helpdesk.request_tracker.rights import missing_rights
from triage.helpdesk.request_tracker.sending import Sending
from triage.helpdesk.request_tracker.timeline import History
from triage.helpdesk.request_tracker.writing import plan
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, text, whole_number
from triage.helpdesk.transport import Transport
from triage.model.capabilities import Capabilities
from triage.model.errors import Invalid, NotFound
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="native",
    atomic_bundle=False,
    marker="body",
    note_receipt="location",
    history="full",
    delta="event_log",
    delta_lag_s=0,
    # The server goes on with a request whose client has gone; a note with its mails took well under a
    # second here, and our own deadline for a write is a minute, so after another minute it is over.
    settle_s=60,
    deletions_seen=True,
    tags="replace",
    # They are parts of the comment, and shown to whom the comment is.
    internal_files=True,
)
_OWN_NUMBER = re.compile(r"1-([0-9]+)-[0-9a-fA-F]{32}")
"""A token names its user: version, user number, secret."""
_RIGHTS = "Have SeeQueue and ShowTicket granted on the queue"


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> RequestTracker:
    """The account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` replaces the network in tests.
    """
    token = _OWN_NUMBER.fullmatch(secret.reveal())
    myself = token[1] if token else profile.account
    if not myself:
        raise Invalid("this token does not say whose it is", where=f"profile {profile.name}",
                      do="Set account to the login it belongs to")  # fmt: skip
    return RequestTracker(
        Transport(
            re.sub(r"/REST/2\.0/?$", "", profile.url.rstrip("/")),
            lambda: f"token {secret.reveal()}",
            ca_file=profile.ca_file,
            rights=_RIGHTS,
            transport=transport,
        ),
        myself=myself,
        words=FieldWords(profile.fields),
        roles=Roles(profile.roles),
        settle_s=profile.settle_s,
    )


class RequestTracker(WritingAdapter):
    """The port for Request Tracker; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    def __init__(
        self,
        transport: Transport,
        *,
        myself: str,
        words: FieldWords,
        roles: Roles,
        settle_s: int | None = None,
    ) -> None:
        super().__init__("request_tracker", CAPABILITIES, transport, settle_s=settle_s)
        self._transport = transport
        self._myself = myself
        self._words = words
        self._people = People(transport, roles)
        self._queues = Queues(transport)
        self._messages = Messages(transport)
        self._history = History(transport, self._people, self._queues, self._messages)
        self._sending = Sending(self, transport, self._history, self._messages, self._people, words)
        self._closed: dict[tuple[str, str], bool] = {}

    async def login(self) -> str:
        """Our own login."""
        return (await self._people.person(self._myself)).login

    async def whoami(self) -> Account:
        """The user behind the token, with the rights it seems to lack."""
        with expecting_an_api():
            found = await self._transport.read(f"REST/2.0/user/{quote(self._myself, safe='')}")
        user = record(found, "the account")
        rights = await missing_rights(self._transport, await self._people.groups())
        trouble = list(rights.trouble)
        trouble += self.connection_trouble
        return Account(
            id=text(user.get("id")) or self._myself,
            name=line(user.get("RealName")) or line(user.get("Name")),
            may_see_internal=rights.sees_comments,
            may_write_internal=rights.may_comment,
            trouble=tuple(trouble),
        )

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """Every queue, those that say they are for escalations first."""
        return await self._queues.choices()

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every ticket of the TicketSQL now."""
        sql = await self._queues.resolve(selector)
        async for raw in self._queues.tickets(sql):
            yield Page([await self._read(ticket) for ticket in raw], cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Tickets with new transactions, wherever they are."""
        del selector
        if cursor is None:
            newest = await self._queues.newest()
            yield Page((), cursor=str(newest) if newest else None, done=True)
            return
        reached = Cursor.parse(cursor)
        waiting: set[int] = set()
        async for ids, after in self._queues.changed_ids(reached):
            waiting |= set(ids)
            if after.transaction > reached.transaction:
                yield Page(await self._touched(sorted(waiting)), cursor=str(after), done=False)
                waiting, reached = set(), after
        yield Page(await self._touched(sorted(waiting)), cursor=str(reached), done=True)

    async def _touched(self, ids: Sequence[int]) -> list[Ticket]:
        found = [await self._read(raw) for raw in await self._queues.tickets_by_id(ids)]
        for hidden in sorted(set(ids) - {int(ticket.id) for ticket in found}):
            # Merged or deleted: a search does not show it, its own address still may.
            try:
                found.append(await self.ticket(str(hidden)))
            except NotFound:
                continue
        return found

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket, with its exact version; one that was merged away comes back closed."""
        raw, tag = await self.raw(ticket_id)
        return await self._read(raw, Version(tag, exact=True) if tag else None, asked_for=ticket_id)

    async def raw(self, ticket_id: str) -> tuple[Record, str]:
        """The JSON of one ticket and its ETag. Raises `NotFound`."""
        if not ticket_id.isascii() or not ticket_id.isdigit():
            raise NotFound(f"{ticket_id!r} is no ticket of this helpdesk", do="Its tickets have numbers")
        try:
            document, tag = await self._transport.read_tagged(f"REST/2.0/ticket/{ticket_id}")
        except NotFound as error:
            raise NotFound(f"the helpdesk has no ticket {ticket_id}", do="It may be out of sight") from error
        return record(document, "a ticket"), tag

    async def _read(self, raw: Record, version: Version | None = None, *, asked_for: str = "") -> Ticket:
        with expecting("a ticket"):
            number = str(whole_number(raw["id"]))
            for user in (raw.get("Owner"), *(raw.get("Requestor") or ())):
                if isinstance(user, Mapping) and user.get("RealName"):
                    self._people.meet(user)
                else:
                    await self._people.learn([login_of(user)])
        ticket = ticket_of(
            raw,
            self._words,
            self._people,
            version=version or stamp_version(raw),
            closed=await self._is_closed(raw, number),
            browser=str(self._transport.base),
        )
        away, into = asked_for or number, effective_id(raw) or number
        if away == into:
            return ticket
        return replace(ticket, id=away, key=f"#{away}", status=f"merged into #{into}", open=False)

    async def _is_closed(self, raw: Record, number: str) -> bool:
        """Asked once for each status of each queue: lifecycles are the site's own."""
        status = line(raw.get("Status"))
        if status == "deleted":
            return True
        place = (login_of(raw.get("Queue")), status)
        if place not in self._closed:
            self._closed[place] = await self._queues.is_closed(number)
        return self._closed[place]

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """The history with the words of its messages."""
        raw, _ = await self.raw(ticket.id)
        queue_now = await self._queues.queue_name(login_of(raw.get("Queue")))
        names = {value.id: word for word, value in custom_values(raw, self._words).items()}
        yield Page(
            await self._history.events(ticket.id, queue_now, names, ticket.requester), cursor=None, done=True
        )

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """One file."""
        return await self._messages.download(ref, sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """Fields and status, then the owner, then the note."""
        return plan(operation, current, self._words)
