"""PagerDuty incidents: one account behind the port.

API reference: https://developer.pagerduty.com/api-reference/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO
from urllib.parse import parse_qsl

import httpx

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.adapter import WritingAdapter
from triage.helpdesk.field_words import FieldWords
from triage.helpdesk.pagerduty.account import CEILING, MOST_NOTES, PagerDutyAccount, PagerDutyTransport
from triage.helpdesk.pagerduty.reading import events_of
from triage.helpdesk.pagerduty.sending import Sending, plan
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import expecting, known_moment, line
from triage.model.capabilities import Capabilities
from triage.model.errors import Invalid, NotFound, Refused
from triage.model.operation import Operation, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

CAPABILITIES = Capabilities(
    internal_note=True,
    conditional_write="read_check",
    atomic_bundle=False,
    marker="body",
    note_receipt="id",
    history="full",
    delta="event_log",
    delta_lag_s=60,
    # Nothing says how long a request may go on, nor whether notes can be read at once: twice our own
    # deadline for a write.
    settle_s=120,
    deletions_seen=False,
    tags="none",
)
AT_ONCE = 50
"""Incidents on one page of changes."""
_CUT_QUEUE = f"PagerDuty lists only the first {CEILING:,} incidents of a queue; narrow it"
_CUT_NOTES = f"PagerDuty keeps only {MOST_NOTES:,} notes on an incident"
_CUT_LOG = f"PagerDuty tells only the newest {CEILING:,} log entries"
_RIGHTS = (
    "Have the role Responder granted; a token from OAuth needs the scopes users.read, services.read, "
    "incidents.read and incidents.write"
)
ONLY_READ = frozenset({"read_only_user", "read_only_limited_user"})
BY_TEAM = frozenset({"observer", "restricted_access"})
"""Roles that read, unless a team grants more."""
MAY_ONLY_READ = "notes cannot be written: the user may only read; have the role Responder granted"
KEY_UNSEEN = (
    "whether this key may write cannot be seen by reading: a key of the account must not be a read-only one, "
    "and a token from OAuth needs incidents.write"
)
ROLE_UNSEEN = (
    "the role of this user only reads unless a team grants more, which cannot be seen here: it needs "
    "Responder in the teams of these incidents"
)
_OPEN = "statuses[]=triggered&statuses[]=acknowledged"
_OURS = frozenset({"limit", "offset", "sort_by", "date_range", "since", "until"})


def open_helpdesk(
    profile: Profile, secret: Secret, *, transport: httpx.AsyncBaseTransport | None = None
) -> PagerDuty:
    """The account of ``profile``. Nothing is sent yet. Raises `Invalid` for unusable settings.

    ``transport`` replaces the network in tests.
    """
    if "@" not in profile.account:
        raise Invalid("every write names who makes it", where=f"profile {profile.name}",
                      do="Set account to your e-mail address in PagerDuty")  # fmt: skip
    bearer = profile.auth == "bearer"

    def authorization() -> str:
        return f"Bearer {secret.reveal()}" if bearer else f"Token token={secret.reveal()}"

    made = PagerDutyTransport(
        profile.url, authorization, ca_file=profile.ca_file, rights=_RIGHTS, transport=transport
    )
    native = [word for word in ("priority", "tags") if word not in profile.fields]
    return PagerDuty(
        PagerDutyAccount(made, profile.account),
        FieldWords(profile.fields, native),
        Roles(profile.roles),
        settle_s=profile.settle_s,
    )


class PagerDuty(WritingAdapter):
    """The port for PagerDuty; see `triage.helpdesk.port.Helpdesk` for what each method promises."""

    _sending: Sending

    def __init__(
        self, account: PagerDutyAccount, words: FieldWords, roles: Roles, *, settle_s: int | None = None
    ) -> None:
        super().__init__("pagerduty", CAPABILITIES, account.transport, settle_s=settle_s)
        self._account = account
        self._words = words
        self._roles = roles
        self._sending = Sending(account, words)

    async def whoami(self) -> Account:
        """The user in whose name we write, with what they lack."""
        me = await self._account.me()
        holder = await self._account.token_user()
        roles = {line(user.get("role")) for user in (me, holder) if user is not None}
        reader = bool(roles & ONLY_READ)
        trouble = [MAY_ONLY_READ] * reader
        trouble += self.connection_trouble
        unseen = [KEY_UNSEEN] * (holder is None) + [ROLE_UNSEEN] * (not reader and bool(roles & BY_TEAM))
        return Account(line(me.get("id")), line(me.get("name")), may_write_internal=not reader,
                       trouble=tuple(trouble), unseen=tuple(unseen))  # fmt: skip

    @property
    def ceilings(self) -> Sequence[str]:
        """Three, all silent."""
        return (_CUT_QUEUE, _CUT_NOTES, _CUT_LOG)

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """All open incidents, then those of each service; services for escalations first."""
        found = [QueueChoice(_OPEN, "open incidents", escalated=False)]
        for row in await self._account.services():
            name = line(row.get("name"))
            selector = f"{_OPEN}&service_ids[]={line(row.get('id'))}"
            found.append(QueueChoice(selector, name, "escalat" in name.casefold()))
        return sorted(found, key=lambda choice: not choice.escalated)

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Every incident of the list now; without a selector the open ones."""
        query = parse_qsl(selector.strip().lstrip("?") or _OPEN)
        if not query or _OURS & {name for name, _ in query}:
            raise Invalid("the queue is not a list of PagerDuty's parameters", where="queue",
                          do="Write it like statuses[]=triggered&service_ids[]=PXXXXXX")  # fmt: skip
        cut = ""
        async for rows, complete in self._account.incidents(query):
            cut = cut if complete else _CUT_QUEUE
            tickets = [await self._sending.read(row) for row in rows]
            yield Page(tickets, cursor=None, done=False, complete=not cut, ceiling=cut)
        yield Page((), cursor=None, done=True, complete=not cut, ceiling=cut)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Incidents with log entries since, of every service."""
        del selector
        if cursor is None:
            await self._account.me()
            now = self._account.transport.server_now()
            yield Page((), cursor=f"logged:{now.isoformat()}", done=True)
            return
        with expecting("a cursor of our own"):
            since = known_moment(cursor.removeprefix("logged:"))
        ids, reached = await self._account.touched(since)
        for start in range(0, len(ids), AT_ONCE):
            found = []
            for number in ids[start : start + AT_ONCE]:
                try:
                    found.append(await self.ticket(number))
                except NotFound:
                    continue
            # The log was read from its end, so only the last page is a place to go on from.
            yield Page(found, cursor=None, done=False)
        yield Page((), cursor=f"logged:{reached.isoformat()}", done=True)

    async def ticket(self, ticket_id: str) -> Ticket:
        """One incident."""
        return await self._sending.read(await self._account.incident(ticket_id))

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Notes and log entries."""
        raw = await self._account.incident(ticket.id)
        notes, (log, whole) = await self._account.notes(ticket.id), await self._account.log(ticket.id)
        # It keeps so many notes and no more; whether there were others cannot be seen.
        cut = _CUT_NOTES if len(notes) >= MOST_NOTES else "" if whole else _CUT_LOG
        found = events_of(raw, notes, log, self._roles)
        yield Page(found, cursor=None, done=True, complete=not cut, ceiling=cut)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """Incidents have no files."""
        del ref, sink, max_bytes
        raise Refused("PagerDuty has no attachments")

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """Custom fields, then the incident, then the note."""
        return plan(operation, current, self._words)
