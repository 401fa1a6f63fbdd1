"""Zendesk Support: one account behind the port.

API reference: https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import BinaryIO

import httpx

from triage.config.profiles import OAUTH as OAUTH_WAYS
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import Adapter, basic
from triage.helpdesk.answer import Forbidden
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.oauth.opening import renewing
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import line, text
from triage.helpdesk.transport import Transport
from triage.helpdesk.zendesk.account import ZendeskAccount
from triage.helpdesk.zendesk.queue import BY_NUMBER, BY_SEARCH, Cut, Queues, compared_since
from triage.helpdesk.zendesk.read_ahead import ReadAhead
from triage.helpdesk.zendesk.sending import Sending
from triage.helpdesk.zendesk.writing import plan
from triage.model.capabilities import Capabilities
from triage.model.errors import Invalid
from triage.model.operation import Operation, Outcome, Probe, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="native",
    atomic_bundle=True,
    marker="metadata",
    note_receipt="audit_id",
    history="full",
    delta="cursor",
    delta_lag_s=60,
    # Above our own deadline for a write and the minute a gateway may hold one back.
    settle_s=120,
    deletions_seen=True,
    tags="replace",
    # They hang on the comment, and end users see no internal comment. Behind its address anybody may read a
    # file, unless the account has private attachments; the address is random, and told to agents only.
    internal_files=True,
)
OAUTH = Addresses(authorize="oauth/authorizations/new", token="oauth/tokens", scope="read write")  # noqa: S106
"""Where Zendesk is signed in to; audits need the scope read, not one for tickets alone."""
_TOKENS_END = (
    "Zendesk ends API tokens on 30 April 2027, and one that is not used for 30 days before: have an "
    'administrator make an OAuth client, set auth = "oauth" and oauth_client, and run triage login'
)
_RIGHTS = "Have the role of an agent granted; a token from OAuth needs the scope read for everything"


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> Zendesk:
    """The Zendesk account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` replaces the network in tests.
    """
    way = profile.auth or ("api_token" if profile.account else "bearer")
    if way == "api_token" and not profile.account:
        raise Invalid("an API token goes with an account", where=f"profile {profile.name}",
                      do="Set account to the agent's e-mail address")  # fmt: skip
    session = renewing(profile, secret, OAUTH) if way in OAUTH_WAYS else None
    return Zendesk(
        Transport(
            profile.url,
            session.authorization if session else _authorization(way, profile.account, secret),
            session=session,
            ca_file=profile.ca_file,
            rights=_RIGHTS,
            transport=transport,
        ),
        words=FieldWords(profile.fields, native=("priority", "tags")),
        roles=Roles(profile.roles),
        uses_api_token=way == "api_token",
        settle_s=profile.settle_s,
    )


def _authorization(way: str, account: str, secret: Secret) -> Callable[[], str]:
    if way == "api_token":
        return lambda: basic(f"{account}/token", secret.reveal())
    return lambda: f"Bearer {secret.reveal()}"


class Zendesk(Adapter):
    """The port for Zendesk; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    def __init__(
        self,
        transport: Transport,
        *,
        words: FieldWords,
        roles: Roles,
        uses_api_token: bool,
        settle_s: int | None = None,
    ) -> None:
        super().__init__("zendesk", CAPABILITIES, transport, settle_s=settle_s)
        self._transport = transport
        self._account = ZendeskAccount(transport, words, roles)
        self._queues = Queues(transport)
        self.on_ahead: Callable[[int], None] | None = None
        """Told how many updates of tickets were fetched ahead by now."""
        self._ahead = ReadAhead(transport, self._queues, self._say_ahead)
        self._sending = Sending(self._account)
        self._uses_api_token = uses_api_token

    @property
    def ceilings(self) -> Sequence[str]:
        """Where Zendesk cuts what it tells; met only where it has no cursors for us."""
        return BY_NUMBER, BY_SEARCH

    async def whoami(self) -> Account:
        """The agent behind the token."""
        user = await self._account.myself()
        agent = user.get("role") in ("agent", "admin")
        trouble = []
        if not agent:
            trouble.append(
                "this account is an end user: it sees no internal notes; it needs the role of an agent"
            )
        if self._uses_api_token:
            trouble.append(_TOKENS_END)
        trouble += self.connection_trouble
        return Account(
            id=text(user.get("id")),
            name=line(user.get("name")),
            may_see_internal=agent,
            may_write_internal=agent,
            trouble=tuple(trouble),
        )

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """Views, and the tag for escalations."""
        return await self._queues.choices()

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Everything in the view, search or tag now."""
        resolved = await self._queues.resolve(selector)
        try:
            async with aclosing(self._ahead.along(resolved, self._queues.tickets(resolved))) as pages:
                async for raw in pages:
                    yield Page(await self._account.tickets(raw), cursor=None, done=False)
        except Cut as cut:
            yield _cut_by(cut)
            return
        yield Page((), cursor=None, done=True)

    def _say_ahead(self, updates: int) -> None:
        if self.on_ahead is not None:
            self.on_ahead(updates)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """What changed since, by the export; by comparing the queue where the account may not export."""
        if cursor is None:
            await self._account.myself()  # tells us the server's clock
            yield Page((), cursor=self._queues.start_cursor(), done=True)
            return
        if not cursor.startswith("compare:"):
            try:
                async for raw, after, done in self._queues.changes(cursor):
                    yield Page(await self._account.tickets(raw), cursor=after, done=done)
                return
            except Forbidden:
                pass
        since = compared_since(cursor, self._transport.server_now() - timedelta(days=1))
        resolved = await self._queues.resolve(selector)
        try:
            async for raw, place, done in self._queues.compared(resolved, since):
                yield Page(await self._account.tickets(raw), cursor=place, done=done)
        except Cut as cut:
            yield _cut_by(cut)

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket."""
        return (await self._account.tickets([await self._account.raw_ticket(ticket_id)]))[0]

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Audits as events, oldest first."""
        ahead = await self._ahead.told(ticket)
        if ahead is not None:
            yield Page(await self._account.events(ahead, ticket.id), cursor=None, done=True)
            return
        async for audits in self._account.audits(ticket.id):
            yield Page(await self._account.events(audits, ticket.id), cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """The file behind a content url."""
        return await self._transport.download(ref, sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """One bundle."""
        return plan(operation, current, self._account.words)

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT with everything in it; files are uploaded before it."""
        return await self._sending.apply(step, ticket_id)

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Look for our key in the metadata of the ticket's audits."""
        return await self._sending.probe(step, ticket_id)

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Compare the audit and the ticket with what was asked."""
        return await self._sending.verify(step, ticket_id)


def _cut_by(cut: Cut) -> Page[Ticket]:
    """The end of a list that was not told to its end."""
    return Page((), cursor=None, done=True, complete=False, ceiling=cut.what)
