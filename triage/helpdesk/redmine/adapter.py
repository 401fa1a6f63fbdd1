"""Redmine 5 and later: one account behind the port.

API reference: https://www.redmine.org/projects/redmine/wiki/Rest_api
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
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.redmine.account import RedmineAccount
from triage.helpdesk.redmine.queue import RedmineQueues
from triage.helpdesk.redmine.reading import Names, Teller, custom_fields, journals_of, ticket_of, user_of
from triage.helpdesk.redmine.sending import Sending, plan
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, whole_number
from triage.helpdesk.spoken_errors import SpokenErrors
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="read_check",
    atomic_bundle=True,
    marker="body",
    note_receipt="none",
    history="full",
    delta="timestamp",
    delta_lag_s=0,
    # A change is one transaction of well under a second that a server which is killed undoes. It may go on
    # after its client has gone; our own deadline for a write is a minute, after another it is over.
    settle_s=60,
    deletions_seen=False,
    tags="replace",
)
_RIGHTS = (
    "Have View Issues granted to the account's role in the project; where nothing at all can be read, have "
    "the REST web service switched on under Administration, Settings, API"
)


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> Redmine:
    """The account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` replaces the network in tests.
    """

    def authorization() -> str:
        # The API key stands for the login; the password with it is not looked at.
        return basic(secret.reveal(), "key")

    made = SpokenErrors(
        profile.url, authorization, ca_file=profile.ca_file, rights=_RIGHTS, transport=transport
    )
    return Redmine(
        RedmineAccount(made, Roles(profile.roles)), FieldWords(profile.fields), settle_s=profile.settle_s
    )


class Redmine(WritingAdapter):
    """The port for Redmine; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    def __init__(self, account: RedmineAccount, words: FieldWords, *, settle_s: int | None = None) -> None:
        super().__init__("redmine", CAPABILITIES, account.transport, settle_s=settle_s)
        self._account = account
        self._words = words
        self._queues = RedmineQueues(account)
        self._sending = Sending(self, account, words)

    async def whoami(self) -> Account:
        """The user behind the key, with the rights it lacks in the projects it belongs to."""
        me = await self._account.me()
        with expecting("the account"):
            number = str(whole_number(me["id"]))
            projects = {
                whole_number(row["project"]["id"]): line(row["project"]["name"])
                for row in me.get("memberships") or ()
            }
        lacking = {name: await self._account.private_rights(each) for each, name in projects.items()}
        trouble = [
            f"internal notes cannot be written in {name}; have {' and '.join(sorted(missing))} granted "
            "to the account's role there"
            for name, missing in lacking.items()
            if missing
        ]
        admin = me.get("admin") is True
        if not projects and not admin:
            trouble.append("the account belongs to no project; add it to one as a member")
        trouble += self.connection_trouble
        may = admin or any(not missing for missing in lacking.values())
        name = " ".join(filter(None, (line(me.get("firstname")), line(me.get("lastname")))))
        return Account(number, name, may_see_internal=may, may_write_internal=may, trouble=tuple(trouble))

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """Saved queries and projects, those that say they are for escalations first."""
        return await self._queues.choices()

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every issue of the list now."""
        async for rows in self._queues.issues(selector):
            yield Page([await self.read(row) for row in rows], cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Issues updated since, wherever they are."""
        del selector
        async for page in changed_since(cursor, self._queues.newest, self._updated):
            yield page

    async def _updated(self, since: datetime) -> AsyncIterator[tuple[list[Ticket], datetime]]:
        async for rows, reached in self._queues.updated(since):
            yield [await self.read(row) for row in rows], reached

    async def ticket(self, ticket_id: str) -> Ticket:
        """One issue, with its exact version."""
        return await self.read(await self.raw(ticket_id))

    async def raw(self, ticket_id: str) -> Record:
        """The JSON of one issue with journals, files and allowed statuses. Raises `NotFound`."""
        if not ticket_id.isascii() or not ticket_id.isdigit():
            raise NotFound(f"{ticket_id!r} is no issue of this helpdesk", do="Its issues have numbers")
        try:
            answer = await self._account.transport.read(
                f"issues/{ticket_id}.json?include=journals,attachments,allowed_statuses"
            )
        except NotFound as error:
            raise NotFound(
                f"the helpdesk has no issue {ticket_id}", do="It may be deleted or out of sight"
            ) from error
        issue = record(record(answer, "an issue").get("issue"), "an issue")
        if str(issue.get("id")) != ticket_id:
            raise HelpdeskFailed(f"another issue came in place of {ticket_id}", do="Try again")
        return issue

    async def read(self, raw: Record) -> Ticket:
        """An issue's JSON as a ticket."""
        return ticket_of(raw, self._words, await self._account.statuses(), str(self._account.transport.base))

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """The description and the journals."""
        raw = await self.raw(ticket.id)
        with expecting("an issue"):
            project = whole_number(raw["project"]["id"])
            people = {user_of(row) for row in (raw, *journals_of(raw))}
        members = await self._account.members(project)
        names = Names(
            statuses=await self._account.statuses(),
            priorities={str(number): name for name, number in (await self._account.priorities()).items()},
            people={str(number): one.name for number, one in members.items()}
            | {str(n): w for n, w in people},
            projects=await self._account.projects(),
            words={str(field.id): word for word, field in custom_fields(raw, self._words).items()},
        )
        roles = await self._account.actor_roles(people, project)
        yield Page(list(Teller(raw, names, roles).events()), cursor=None, done=True)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """One file."""
        number, _, name = ref.partition("/")
        if not number.isascii() or not number.isdigit():
            raise HelpdeskFailed("this is no attachment of Redmine", where=one_line(ref))
        link = f"attachments/download/{number}/{quote(name, safe='')}"
        return await self._account.transport.download(link, sink, max_bytes)

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """One request with all of it."""
        return plan(operation, current, self._words)
