"""Zendesk Support: one account behind the port.

API reference: https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.answer import Answer, Forbidden
from triage.helpdesk.field_words import FieldWords, same_value
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, records, text
from triage.helpdesk.transport import Query, Transport
from triage.helpdesk.zendesk_fields import CustomFields
from triage.helpdesk.zendesk_people import People, as_id
from triage.helpdesk.zendesk_queue import PAGE, Queues, compared_since, pages
from triage.helpdesk.zendesk_reading import MARKER_KEY, Reader, people_in
from triage.helpdesk.zendesk_writing import SYSTEM_FIELDS, differences, plan, request_body
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, TriageError
from triage.model.operation import Landed, Operation, Outcome, Probe, Rejected, Step, Unknown
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent

PROBE_MARGIN = timedelta(minutes=10)
"""How far before the attempt a probe reads on, against clocks that disagree."""

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
)
_TOKENS_END = (
    "Zendesk ends API tokens on 30 April 2027: have an administrator make an OAuth client, and set auth to "
    "bearer with its token"
)


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
    return Zendesk(
        Transport(
            profile.url,
            _authorization(way, profile.account, secret),
            ca_file=profile.ca_file,
            transport=transport,
        ),
        words=FieldWords(profile.fields),
        roles=Roles(profile.roles),
        uses_api_token=way == "api_token",
        settle_s=profile.settle_s,
    )


def _authorization(way: str, account: str, secret: Secret) -> Callable[[], str]:
    if way == "api_token":
        return lambda: "Basic " + base64.b64encode(f"{account}/token:{secret.reveal()}".encode()).decode()
    return lambda: f"Bearer {secret.reveal()}"


class Zendesk:
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
        self._transport = transport
        self._words = words
        self._people = People(transport, roles)
        self._queues = Queues(transport)
        self._uses_api_token = uses_api_token
        self._capabilities = (
            replace(CAPABILITIES, settle_s=settle_s) if settle_s is not None else CAPABILITIES
        )
        self._fields: CustomFields | None = None
        self._me: Record | None = None

    @property
    def name(self) -> str:
        """``zendesk``."""
        return "zendesk"

    @property
    def capabilities(self) -> Capabilities:
        """What Zendesk can do."""
        return self._capabilities

    async def aclose(self) -> None:
        """Close connections."""
        await self._transport.aclose()

    async def whoami(self) -> Account:
        """The agent behind the token."""
        user = await self._myself()
        agent = user.get("role") in ("agent", "admin")
        trouble = []
        if not agent:
            trouble.append(
                "this account is an end user: it sees no internal notes; it needs the role of an agent"
            )
        if self._uses_api_token:
            trouble.append(_TOKENS_END)
        if self._transport.cleartext:
            trouble.append("the token crosses the network unencrypted; use https in the url of the profile")
        return Account(
            id=text(user.get("id")),
            name=line(user.get("name")),
            may_see_internal=agent,
            may_write_internal=agent,
            trouble=tuple(trouble),
        )

    async def _myself(self) -> Record:
        if self._me is None:
            answer = record(await self._transport.read("api/v2/users/me.json"), "the account")
            user = record(answer.get("user"), "the account")
            if as_id(user.get("id")) is None:
                raise HelpdeskFailed(
                    "the token was not accepted", where="zendesk", do="Check token and account"
                )
            self._me = user
        return self._me

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """Views, and the tag for escalations."""
        return await self._queues.choices()

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Everything in the view, search or tag now."""
        resolved = await self._queues.resolve(selector)
        async for raw in self._queues.tickets(resolved):
            yield Page(await self._tickets(raw), cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """What changed since, by the export; by comparing the queue where the account may not export."""
        if cursor is None:
            await self._myself()  # tells us the server's clock
            yield Page((), cursor=self._queues.start_cursor(), done=True)
            return
        if not cursor.startswith("compare:"):
            try:
                async for raw, after, done in self._queues.changes(cursor):
                    yield Page(await self._tickets(raw), cursor=after, done=done)
                return
            except Forbidden:
                pass
        since = compared_since(cursor, self._transport.server_now() - timedelta(days=1))
        resolved = await self._queues.resolve(selector)
        async for raw, after, done in self._queues.compared(resolved, since):
            yield Page(await self._tickets(raw), cursor=after, done=done)

    async def _tickets(self, raw: Sequence[Record]) -> list[Ticket]:
        """Read a page, looking everybody up at once."""
        if not raw:
            return []
        await self._people.learn(
            (ticket.get(key) for ticket in raw for key in ("requester_id", "assignee_id")),
            (ticket.get("organization_id") for ticket in raw),
        )
        reader = await self._reader()
        return [reader.ticket(ticket) for ticket in raw]

    async def _reader(self) -> Reader:
        return Reader(self._people, await self._custom_fields(), str(self._transport.base))

    async def _custom_fields(self) -> CustomFields:
        if self._fields is None:
            found: list[Record] = []
            async for page in pages(
                self._transport, "api/v2/ticket_fields.json", "ticket_fields", {"page[size]": PAGE}
            ):
                found += page
            with expecting("the list of ticket fields"):
                self._fields = CustomFields.read(found, self._words)
        return self._fields

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket."""
        return (await self._tickets([await self._raw(ticket_id)]))[0]

    async def _raw(self, ticket_id: str) -> Record:
        try:
            answer = await self._transport.read(f"api/v2/tickets/{_number(ticket_id)}.json")
        except NotFound as error:
            raise NotFound(
                f"the helpdesk has no ticket {ticket_id}", do="It may be deleted, or out of sight"
            ) from error
        return record(record(answer, "a ticket").get("ticket"), "a ticket")

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Audits as events, oldest first."""
        async for audits in self._audits(ticket.id, newest_first=False):
            await self._people.learn({who for audit in audits for who in people_in(audit)})
            reader = await self._reader()
            yield Page(
                [event for audit in audits for event in reader.events(audit, ticket.id)],
                cursor=None,
                done=False,
            )
        yield Page((), cursor=None, done=True)

    async def _audits(self, ticket_id: str, *, newest_first: bool) -> AsyncIterator[list[Record]]:
        query: Query = {"page[size]": PAGE}
        if newest_first:
            query = {**query, "sort": "-created_at"}
        path = f"api/v2/tickets/{_number(ticket_id)}/audits.json"
        guard = PageGuard(path)
        try:
            async for page in pages(self._transport, path, "audits", query):
                if page:
                    guard.passed(*(text(audit.get("id")) for audit in page))
                yield page
        except NotFound as error:
            raise NotFound(
                f"the helpdesk has no ticket {ticket_id}", do="It may be deleted, or out of sight"
            ) from error

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """The file behind a content url."""
        return await self._transport.download(ref, sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """One bundle."""
        return plan(operation, current, self._words)

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT with everything in it."""
        try:
            assignee = await self._assignee(step)
            body = request_body(step, await self._custom_fields(), assignee)
        except TriageError as error:
            return _before_sending(error)
        answer = await self._transport.write("PUT", f"api/v2/tickets/{_number(ticket_id)}.json", body)
        if not isinstance(answer, Answer):
            return answer
        try:
            document = record(await answer.document(), "the answer to a write")
            return _landed(document)
        except HelpdeskFailed as error:
            return Unknown(str(error))

    async def _assignee(self, step: Step) -> int | None:
        """The user number a step's assignee stands for. Raises `NotFound` for an unknown name."""
        wanted = text(step.payload.get("assignee")).strip()
        if wanted == "me":
            return as_id((await self._myself()).get("id"))
        if not wanted or wanted.isdigit():
            return as_id(wanted)
        answer = await self._transport.read("api/v2/users/search.json", {"query": wanted})
        for user in records(answer, "users", "the search for a user"):
            if wanted.casefold() in (line(user.get("name")).casefold(), line(user.get("email")).casefold()):
                return as_id(user.get("id"))
        raise NotFound(f"the helpdesk knows nobody called {wanted}")

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Look for our key in the metadata of the ticket's audits."""
        try:
            audit, complete = await self._own_audit(step, ticket_id)
        except TriageError:
            return Probe("cannot_tell", complete_scan=False)
        if audit is not None:
            return Probe("found", complete_scan=complete, receipt=f"audit {text(audit.get('id'))}")
        return Probe("absent" if complete else "cannot_tell", complete_scan=complete)

    async def _own_audit(self, step: Step, ticket_id: str) -> tuple[Record | None, bool]:
        """The audit of ``step``, the lowest one if there are several, and whether the scan was complete."""
        me = as_id((await self._myself()).get("id"))
        oldest = self._oldest(step)
        found: list[Record] = []
        latest: datetime | None = None
        descending = True
        async for audits in self._audits(ticket_id, newest_first=True):
            for audit in audits:
                with expecting("an audit"):
                    at = known_moment(audit["created_at"])
                # Only a list that runs backwards may be left early: the order is asked for, not promised.
                descending = descending and (latest is None or at <= latest)
                latest = at
                if as_id(audit.get("author_id")) == me and _marked(audit) == step.key:
                    found.append(audit)
            if descending and latest is not None and oldest is not None and latest < oldest:
                break
        return min(found, key=lambda audit: as_id(audit.get("id")) or 0, default=None), True

    def _oldest(self, step: Step) -> datetime | None:
        if step.sent_at is None:
            return None
        return step.sent_at + min(self._transport.skew, timedelta(0)) - PROBE_MARGIN

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Compare the audit and the ticket with what was asked."""
        audit = await self._audit_of(step, ticket_id)
        raw = await self._raw(ticket_id)
        ticket = (await self._tickets([raw]))[0]
        asked_for = ""
        if "assignee" in step.payload:
            number = await self._assignee(step)
            await self._people.learn([number])
            asked_for = self._people.name(number)
        found = differences(step, audit, ticket, asked_for)
        return found + await self._field_differences(step, audit, raw)

    async def _audit_of(self, step: Step, ticket_id: str) -> Record | None:
        number = step.receipt.removeprefix("audit ")
        if number.isdigit():
            answer = await self._transport.read(f"api/v2/tickets/{_number(ticket_id)}/audits/{number}.json")
            return record(record(answer, "an audit").get("audit"), "an audit")
        return (await self._own_audit(step, ticket_id))[0]

    async def _field_differences(self, step: Step, audit: Record | None, raw: Record) -> list[str]:
        asked = step.payload.get("fields")
        fields = await self._custom_fields()
        now = {as_id(entry.get("id")): entry.get("value") for entry in raw.get("custom_fields") or ()}
        set_to = {
            line(event.get("field_name")): event.get("value") for event in (audit or {}).get("events") or ()
        }
        found = []
        for word, value in (asked if isinstance(asked, Mapping) else {}).items():
            known = None if word in SYSTEM_FIELDS else fields.on_the_wire(word, value)
            name = word if known is None else str(known[0])
            wanted = value if known is None else known[1]
            is_now = raw.get(word) if known is None else now.get(known[0])
            if not same_value(is_now, wanted) and not same_value(set_to.get(name), wanted):
                found.append(f"{word} is {text(is_now) or 'empty'}, not {text(wanted) or 'empty'}")
        return found


def _number(ticket_id: str) -> str:
    if not ticket_id.isascii() or not ticket_id.isdigit():
        raise NotFound(f"{ticket_id!r} is no ticket of this helpdesk", do="Zendesk's tickets have numbers")
    return ticket_id


def _landed(document: Record) -> Outcome:
    ticket = record(document.get("ticket"), "the answer to a write")
    stamp = line(ticket.get("updated_at"))
    audit = document.get("audit")
    receipt = f"audit {text(audit.get('id'))}" if isinstance(audit, Mapping) and audit.get("id") else None
    return Landed(receipt, Version(stamp, exact=False) if stamp else None)


def _before_sending(error: TriageError) -> Outcome:
    """The write never left: something it needs could not be looked up."""
    from triage.model.operation import NotSent

    if isinstance(error, HelpdeskFailed):
        return NotSent(str(error))
    return Rejected(0, (str(error),))


def _marked(audit: Record) -> Any:
    custom = (audit.get("metadata") or {}).get("custom")
    return custom.get(MARKER_KEY) if isinstance(custom, Mapping) else None
