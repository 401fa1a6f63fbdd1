"""GitHub Issues: one repository behind the port.

API reference: https://docs.github.com/en/rest/issues
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import WritingAdapter
from triage.helpdesk.answer import expecting_an_api
from triage.helpdesk.changes import changed_since
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.github.reading import Teller, ticket_of
from triage.helpdesk.github.repository import GitHubTransport, Repository, WriteSpacing
from triage.helpdesk.github.sending import SETTING, Sending, plan
from triage.helpdesk.github.token_scopes import MAY_ONLY_READ, UNSEEN
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent, Visibility

CAPABILITIES = Capabilities(
    internal_note=False,
    conditional_write="read_check",
    atomic_bundle=False,
    marker="body",
    note_receipt="id",
    history="full",
    delta="timestamp",
    # Lists have been seen some seconds behind.
    delta_lag_s=60,
    # A request ends within seconds or is given up by the server; our own deadline for a write is a minute,
    # and lists of comments may lag, so half a minute more.
    settle_s=90,
    deletions_seen=False,
    tags="replace",
)
_RIGHTS = "Give the token this repository, with read and write for Issues; a classic one needs the scope repo"


def open_helpdesk(
    profile: Profile,
    secret: Secret,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    spacing: WriteSpacing | None = None,
) -> GitHub:
    """The repository of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` and ``spacing`` replace the network and the time between writes in tests.
    """
    made = GitHubTransport(
        profile.url,
        lambda: f"Bearer {secret.reveal()}",
        ca_file=profile.ca_file,
        rights=_RIGHTS,
        transport=transport,
    )
    _, found, name = made.base.path.strip("/").rpartition("repos/")
    if not found or name.count("/") != 1:
        raise Invalid("the url does not name a repository", where=f"profile {profile.name}",
                      do="Write it like https://api.github.com/repos/OWNER/NAME")  # fmt: skip
    return GitHub(
        Repository(made),
        Roles(profile.roles),
        FieldWords(profile.fields),
        spacing or WriteSpacing(),
        private_is_internal=profile.config.get(SETTING) is True,
        settle_s=profile.settle_s,
    )


class GitHub(WritingAdapter):
    """The port for GitHub Issues; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    def __init__(
        self,
        repository: Repository,
        roles: Roles,
        words: FieldWords,
        spacing: WriteSpacing,
        *,
        private_is_internal: bool,
        settle_s: int | None = None,
    ) -> None:
        can = replace(CAPABILITIES, internal_note=private_is_internal)
        super().__init__("github", can, repository.transport, settle_s=settle_s)
        self._repository = repository
        self._roles = roles
        self._words = words
        self._private_is_internal = private_is_internal
        self._sending = Sending(repository, spacing)

    async def whoami(self) -> Account:
        """The user behind the token, with what it lacks in the repository."""
        with expecting_an_api():
            me = await self._repository.me()
        repository = await self._itself()
        private = repository.get("private") is True
        may_write = private and self._private_is_internal
        trouble = []
        rights = repository.get("permissions") or {}
        with expecting("the repository"):
            may_change = rights.get("push") or rights.get("triage")
        if not may_change:
            trouble.append(
                "labels, state and assignee would be dropped silently; have the role Triage granted"
            )
        if repository.get("has_issues") is False:
            trouble.append("issues are switched off in this repository")
        if not private:
            trouble.append("internal notes cannot be written: the repository is public")
        elif not self._private_is_internal:
            trouble.append(
                f"internal notes are not written; if only we see the repository, set {SETTING} = true "
                "under config in the profile"
            )
        token = self._repository.transport.token
        if scope := token.missing(private=private):
            trouble.insert(0, MAY_ONLY_READ.format(scope=scope))
        trouble += self.connection_trouble
        return Account(
            id=line(me.get("id")), name=line(me.get("login")), may_see_internal=private,
            may_write_internal=may_write and not scope, trouble=tuple(trouble),
            unseen=(UNSEEN,) if token.scopes is None else (),
        )  # fmt: skip

    async def _itself(self) -> Record:
        """The repository. GitHub hides a private one from a token that may not see it."""
        try:
            return await self._repository.itself()
        except NotFound as error:
            name = self._repository.transport.base.path.rpartition("repos/")[2].strip("/")
            raise HelpdeskFailed(f"the token does not see the repository {name}", where=error.where,
                                 do=f"Is its name right? {_RIGHTS}") from None  # fmt: skip

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """The open issues of each label, those that say they are escalated first."""
        found = []
        async for page in self._repository.rows("labels", {}):
            for row in page:
                name = line(row.get("name"))
                escalated = "escalat" in name.casefold()
                found.append(QueueChoice(str(httpx.QueryParams({"labels": name})), name, escalated))
        return sorted(found, key=lambda choice: not choice.escalated)

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every issue of the list now; without a selector the open ones labelled escalated."""
        async for rows in self._repository.issues(selector):
            yield Page([ticket_of(row) for row in rows], cursor=None, done=False)
        yield Page((), cursor=None, done=True)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Issues of the repository updated since."""
        del selector
        async for page in changed_since(cursor, self._now, self._updated):
            yield page

    async def _now(self) -> datetime:
        # The server's own clock is known once it has answered.
        await self._repository.itself()
        return self._repository.transport.server_now()

    async def _updated(self, since: datetime) -> AsyncIterator[tuple[list[Ticket], datetime]]:
        async for rows, reached in self._repository.updated(since):
            yield [ticket_of(row) for row in rows], reached

    async def ticket(self, ticket_id: str) -> Ticket:
        """One issue."""
        return ticket_of(await self._raw(ticket_id))

    async def _raw(self, ticket_id: str) -> Record:
        if not ticket_id.isascii() or not ticket_id.isdigit():
            raise NotFound(f"{ticket_id!r} is no issue of this repository", do="Its issues have numbers")
        try:
            issue = record(await self._repository.transport.read(f"issues/{ticket_id}"), "an issue")
        except NotFound as error:
            raise NotFound(f"the repository has no issue {ticket_id}", do="It may be deleted") from error
        if line(issue.get("number")) != ticket_id:
            raise HelpdeskFailed(f"another issue came in place of {ticket_id}", do="Try again")
        return issue

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Comments and events."""
        raw = await self._raw(ticket.id)
        rows = [
            row async for page in self._repository.rows(f"issues/{ticket.id}/timeline", {}) for row in page
        ]
        inside = self._private_is_internal and await self._repository.is_private()
        visibility: Visibility = "internal" if inside else "public"
        yield Page(list(Teller(raw, self._roles, visibility).events(rows)), cursor=None, done=True)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """GitHub keeps files as links in the text, outside its API."""
        del ref, sink, max_bytes
        raise Refused(
            "GitHub has no attachments; files are links in the text", do="Open the issue in the browser"
        )

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """Labels, state and assignee, then the note."""
        return plan(operation, current, self._words, private_is_internal=self._private_is_internal)
