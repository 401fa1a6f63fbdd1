"""Jira and Jira Service Management: one account behind the port, in the cloud or in a data center.

API reference: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import BinaryIO
from urllib.parse import quote

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import WritingAdapter, basic
from triage.helpdesk.changes import changed_since
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.jira.queue import JiraQueues
from triage.helpdesk.jira.reading import Teller, ticket_of
from triage.helpdesk.jira.rights import our_user, rights_of
from triage.helpdesk.jira.sending import Sending, plan
from triage.helpdesk.jira.site import NATIVE, JiraSite
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record
from triage.helpdesk.spoken_errors import SpokenErrors
from triage.helpdesk.transport import Query
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, Invalid, NotFound
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="read_check",
    atomic_bundle=False,
    marker="property",
    note_receipt="id",
    history="full",
    delta="timestamp",
    # The index that searches read is behind the issues by seconds, at times by minutes.
    delta_lag_s=300,
    # Comments are read from the issue, not from the index. A gateway gives up on a request before the site
    # behind it does; nothing says for how long, so this is twice our own deadline for a write.
    settle_s=120,
    deletions_seen=False,
    tags="add_remove",
)
_RIGHTS = "Have Browse Projects granted; a token from OAuth needs the scope read:jira-work"


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> Jira:
    """The account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    An account with an API token is one in the cloud; a bearer token is one too at Atlassian's own address,
    and elsewhere the personal access token of a data center.
    """
    with_name = profile.auth == "api_token" or (not profile.auth and bool(profile.account))
    if with_name and not profile.account:
        raise Invalid("an API token needs its account", where=f"profile {profile.name}",
                      do="Set account to the e-mail address")  # fmt: skip

    def authorization() -> str:
        if with_name:
            return basic(profile.account, secret.reveal())
        return f"Bearer {secret.reveal()}"

    made = SpokenErrors(
        profile.url, authorization, ca_file=profile.ca_file, rights=_RIGHTS, transport=transport
    )
    atlassian = made.base.host.endswith((".atlassian.net", ".atlassian.com", ".jira.com"))
    native = [word for word in NATIVE if word not in profile.fields]
    site = JiraSite(made, FieldWords(profile.fields, native), cloud=with_name or atlassian)
    return Jira(site, Roles(profile.roles), settle_s=profile.settle_s)


class Jira(WritingAdapter):
    """The port for Jira; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    def __init__(self, site: JiraSite, roles: Roles, *, settle_s: int | None = None) -> None:
        super().__init__("jira", CAPABILITIES, site.transport, settle_s=settle_s)
        self._site = site
        self._roles = roles
        self._queues = JiraQueues(site)
        self._sending = Sending(self, site)

    async def whoami(self) -> Account:
        """The user behind the token, with the permissions it has nowhere."""
        me = await our_user(self._site)
        rights = await rights_of(self._site)
        return Account(
            id=self._site.user_id(me),
            name=line(me.get("displayName")),
            may_write_internal=rights.may_comment,
            trouble=(*rights.trouble, *self.connection_trouble),
        )

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """The queues of the service desks, those that say they are for escalations first."""
        return await self._queues.choices()

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every issue of the JQL now."""
        async for rows in self._queues.issues(selector):
            yield Page([await self.read(row) for row in rows], cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Issues updated since, wherever they are."""
        del selector
        async for page in changed_since(cursor, self._now, self._updated):
            yield page

    async def _now(self) -> datetime:
        return self._site.transport.server_now()

    async def _updated(self, since: datetime) -> AsyncIterator[tuple[list[Ticket], datetime]]:
        async for rows, complete in self._queues.updated(since):
            yield [await self.read(row) for row in rows], complete

    async def ticket(self, ticket_id: str) -> Ticket:
        """One issue, straight from the site."""
        return await self.read(await self.raw(ticket_id))

    async def raw(self, ticket_id: str) -> Record:
        """The JSON of one issue. Raises `NotFound`."""
        query: Query = {"fields": await self._site.wanted_fields()}
        try:
            answer = await self._site.read(f"issue/{quote(ticket_id, safe='')}", query)
        except NotFound as error:
            raise NotFound(
                f"the helpdesk has no issue {ticket_id}", do="It may be deleted or out of sight"
            ) from error
        issue = record(answer, "an issue")
        # A key leads to an issue that has been moved, which has another key by now; a number does not.
        if ticket_id.isdigit() and line(issue.get("id")) != ticket_id:
            raise HelpdeskFailed(f"another issue came in place of {ticket_id}", do="Try again")
        return issue

    async def read(self, raw: Record) -> Ticket:
        """An issue's JSON as a ticket."""
        return ticket_of(raw, await self._site.fields(), str(self._site.transport.base))

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Description, comments and changes."""
        raw = await self.raw(ticket.id)
        comments = [
            row
            async for page in self._site.rows(f"issue/{ticket.id}/comment", "comments", orderBy="created")
            for row in page
        ]
        histories = await self._histories(ticket.id)
        words = {field.id: word for word, field in (await self._site.fields()).items()}
        teller = Teller(raw, self._roles, words, self._site.user_id)
        yield Page(teller.events(comments, histories), cursor=None, done=True)

    async def _histories(self, number: str) -> list[Record]:
        if self._site.cloud:
            return [
                row async for page in self._site.rows(f"issue/{number}/changelog", "values") for row in page
            ]
        answer = record(await self._site.read(f"issue/{number}", {"expand": "changelog"}), "an issue")
        with expecting("the history of an issue"):
            return [record(row, "a change") for row in answer["changelog"]["histories"]]

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """One file; a data center says where it is."""
        if not ref.isascii() or not ref.isdigit():
            raise HelpdeskFailed("this is no attachment of Jira", where=line(ref))
        link = self._site.path(f"attachment/content/{ref}")
        if not self._site.cloud:
            link = line(record(await self._site.read(f"attachment/{ref}"), "an attachment").get("content"))
        return await self._site.transport.download(link, sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """Fields and labels, then the status, then the note."""
        return plan(operation, current, self._site.words)
