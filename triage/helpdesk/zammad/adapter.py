"""Zammad 6: one account behind the port.

API reference: https://docs.zammad.org/en/latest/api/intro.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import BinaryIO

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import WritingAdapter
from triage.helpdesk.answer import Forbidden, expecting_an_api
from triage.helpdesk.changes import changed_since
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line
from triage.helpdesk.spoken_errors import SpokenErrors
from triage.helpdesk.zammad.reading import ESCALATED, NATIVE, events_of, ticket_of
from triage.helpdesk.zammad.sending import Sending, plan
from triage.helpdesk.zammad.server import ZammadServer, names_of
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="read_check",
    # Tags have requests of their own.
    atomic_bundle=False,
    marker="body",
    note_receipt="none",
    history="full",
    delta="timestamp",
    # The index of the search is behind the database by seconds, more while it is rebuilt.
    delta_lag_s=300,
    # Ticket and note are written under one lock and read from the database; the server goes on with a
    # request whose client has gone, so as long again as our own deadline for a write.
    settle_s=60,
    deletions_seen=False,
    tags="add_remove",
    # They belong to the article, and a customer sees no internal article.
    internal_files=True,
)
_RIGHTS = "Give the account the role Agent with the group, and its token the permission ticket.agent"


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> Zammad:
    """The account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` replaces the network in tests.
    """
    bearer = profile.auth == "bearer"

    def authorization() -> str:
        return f"Bearer {secret.reveal()}" if bearer else f"Token token={secret.reveal()}"

    made = SpokenErrors(
        profile.url, authorization, ca_file=profile.ca_file, rights=_RIGHTS, transport=transport
    )
    native = [word for word in NATIVE if word not in profile.fields]
    return Zammad(
        ZammadServer(made),
        FieldWords(profile.fields, native),
        Roles(profile.roles),
        settle_s=profile.settle_s,
    )


class Zammad(WritingAdapter):
    """The port for Zammad; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    _sending: Sending

    def __init__(
        self, server: ZammadServer, words: FieldWords, roles: Roles, *, settle_s: int | None = None
    ) -> None:
        super().__init__("zammad", CAPABILITIES, server.transport, settle_s=settle_s)
        self._server = server
        self._words = words
        self._roles = roles
        self._sending = Sending(server, words)

    async def whoami(self) -> Account:
        """The user behind the token, with what it lacks."""
        with expecting_an_api():
            me = await self._server.me()
        with expecting("the account"):
            agent = "Agent" in (me.get("roles") or ())
        trouble = []
        if not agent:
            trouble.append("the account is no agent; give it the role Agent, or internal notes stay unseen")
        trouble += self.connection_trouble
        # Tickets name their owner by login, so that is what we are called, too.
        name = line(me.get("login")) or next(iter(names_of(me)), "")
        return Account(line(me.get("id")), name, may_see_internal=agent, may_write_internal=agent,
                       trouble=tuple(trouble))  # fmt: skip

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """The tickets of each group that are not closed, groups for escalations first."""
        try:
            groups = await self._server.listed("api/v1/groups")
        except Forbidden:
            return []
        closed = " OR ".join(sorted(await self._server.closed_states()))
        found = []
        for row in groups:
            name = line(row.get("name"))
            quoted = name.replace("\\", "\\\\").replace('"', '\\"')
            query = f'group.name:"{quoted}" AND NOT state.name:({closed})'
            found.append(QueueChoice(query, name, ESCALATED in name.casefold()))
        return sorted(found, key=lambda choice: not choice.escalated)

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every ticket of the search now; without a selector the first group for escalations."""
        if not selector.strip():
            choices = [choice for choice in await self.queue_choices() if choice.escalated]
            if not choices:
                raise NotFound("no group here says that it is for escalations", where="queue",
                               do='Name one: group.name:"NAME" AND NOT state.name:closed')  # fmt: skip
            selector = choices[0].selector
        async for rows in self._server.queue(selector):
            yield Page([await self._read(row) for row in rows], cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Tickets updated since, wherever they are, each read from the database."""
        del selector
        async for page in changed_since(cursor, self._now, self._updated):
            yield page

    async def _now(self) -> datetime:
        await self._server.me()
        return self._server.transport.server_now()

    async def _updated(self, since: datetime) -> AsyncIterator[tuple[list[Ticket], datetime]]:
        async for rows, reached in self._server.updated(since):
            found = []
            for row in rows:
                try:
                    found.append(await self.ticket(line(row.get("id"))))
                except NotFound:
                    # In the index, but no longer in the database.
                    continue
            yield found, reached

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket from the database."""
        return await self._sending.ticket(ticket_id)

    async def _read(self, raw: Record) -> Ticket:
        tags = await self._server.tags(line(raw.get("id")))
        closed = await self._server.closed_states()
        return ticket_of(raw, tags, closed, self._words, str(self._server.transport.base))

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Articles and changes."""
        articles, history = await self._server.articles(ticket.id), await self._server.history(ticket.id)
        numbers = {row.get("created_by_id") for row in history}
        users = {number: await self._server.user(number) for number in numbers if isinstance(number, int)}
        found = events_of(ticket.id, articles, history, users, self._roles, self._words)
        yield Page(found, cursor=None, done=True)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """One file."""
        if len(ref.split("/")) != 3 or not all(part.isascii() and part.isdigit() for part in ref.split("/")):
            raise HelpdeskFailed("this is no attachment of Zammad", where=line(ref))
        return await self._server.transport.download(f"api/v1/ticket_attachment/{ref}", sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """Tags, then everything else with the note."""
        return plan(operation, current, self._words)
