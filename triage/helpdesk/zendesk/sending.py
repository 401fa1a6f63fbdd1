"""Sending to Zendesk, looking for what was sent, and reading it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import same_value
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, text
from triage.helpdesk.zendesk.account import ZendeskAccount, ticket_number
from triage.helpdesk.zendesk.people import as_id
from triage.helpdesk.zendesk.reading import MARKER_KEY
from triage.helpdesk.zendesk.uploads import uploaded
from triage.helpdesk.zendesk.writing import differences, mapping, request_body
from triage.model.errors import HelpdeskFailed, TriageError
from triage.model.json_value import Json
from triage.model.operation import Landed, NotSent, Outcome, Probe, Rejected, Step, Unknown
from triage.model.ticket import Version

PROBE_MARGIN = timedelta(minutes=10)
"""How far before the attempt a probe reads on, against clocks that disagree."""


class Sending:
    """The writing side of the adapter."""

    def __init__(self, account: ZendeskAccount) -> None:
        self._account = account

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One PUT. What has to be known is read before it, and files are uploaded; failing at that leaves
        the ticket as it is.
        """
        try:
            path = f"api/v2/tickets/{ticket_number(ticket_id)}.json"
            fields, assignee = await self._account.fields(), await self._assignee(step)
            request_body(step, fields, assignee)  # what cannot be written needs no upload
            uploads = await uploaded(step, self._account.transport)
            if not isinstance(uploads, list):
                return uploads
            body = request_body(step, fields, assignee, uploads)
        except HelpdeskFailed as error:
            return NotSent(str(error))
        except TriageError as error:
            return Rejected(0, (str(error),))
        answer = await self._account.transport.write("PUT", path, body)
        if not isinstance(answer, Answer):
            return answer
        try:
            return _landed(record(await answer.document(), "the answer to a write"))
        except HelpdeskFailed as error:
            return Unknown(str(error))

    async def _assignee(self, step: Step) -> int | None:
        """The number of the user a step's assignee stands for; None for nobody. Raises `NotFound`."""
        wanted = text(step.payload.get("assignee")).strip()
        if wanted == "me":
            return as_id((await self._account.myself()).get("id"))
        if not wanted or wanted.isdigit():
            return as_id(wanted)
        return await self._account.agent_named(wanted)

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        try:
            audit = await self._own_audit(step, ticket_id)
        except TriageError:
            return Probe("cannot_tell", complete_scan=False)
        if audit is None:
            return Probe("absent", complete_scan=True)
        return Probe("found", complete_scan=True, receipt=f"audit {text(audit.get('id'))}")

    async def _own_audit(self, step: Step, ticket_id: str) -> Record | None:
        """The audit that carries the key of ``step`` and is by us; the lowest if there are several."""
        me = as_id((await self._account.myself()).get("id"))
        oldest = self._oldest(step)
        found: list[Record] = []
        before: datetime | None = None
        backwards = True
        async for audits in self._account.audits(ticket_id, newest_first=True):
            for audit in audits:
                with expecting("an audit"):
                    at = known_moment(audit["created_at"])
                backwards = backwards and (before is None or at <= before)
                before = at
                if as_id(audit.get("author_id")) == me and _key_of(audit) == step.key:
                    found.append(audit)
            # Only a list that does run backwards may be left early.
            if backwards and before is not None and oldest is not None and before < oldest:
                break
        return min(found, key=lambda audit: as_id(audit.get("id")) or 0, default=None)

    def _oldest(self, step: Step) -> datetime | None:
        if step.sent_at is None:
            return None
        return step.sent_at + min(self._account.transport.skew, timedelta(0)) - PROBE_MARGIN

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        audit = await self._own_audit(step, ticket_id)
        raw = await self._account.raw_ticket(ticket_id)
        ticket = (await self._account.tickets([raw]))[0]
        asked_for = ""
        if "assignee" in step.payload:
            number = await self._assignee(step)
            await self._account.people.learn([number])
            asked_for = self._account.people.name(number)
        found = differences(step, audit, ticket, asked_for)
        return found + await self._field_differences(step, audit, raw)

    async def _field_differences(self, step: Step, audit: Record | None, raw: Record) -> list[str]:
        fields = await self._account.fields()
        with expecting("a ticket and its audit"):
            now = {as_id(entry.get("id")): entry.get("value") for entry in raw.get("custom_fields") or ()}
            events = (audit or {}).get("events") or ()
            set_to = {line(event.get("field_name")): event.get("value") for event in events}
        checks: list[tuple[str, str, Json, Json]] = [
            (name, name, value, raw.get(name)) for name, value in mapping(step.payload.get("system")).items()
        ]
        for word, value in mapping(step.payload.get("fields")).items():
            if (known := fields.on_the_wire(word, value)) is not None:
                checks.append((word, str(known[0]), known[1], now.get(known[0])))
        found = []
        for word, name, wanted, is_now in checks:
            if not same_value(is_now, wanted) and not same_value(set_to.get(name), wanted):
                found.append(f"{word} is {text(is_now) or 'empty'}, not {text(wanted) or 'empty'}")
        return found


def _landed(document: Record) -> Landed:
    ticket = record(document.get("ticket"), "the answer to a write")
    stamp = line(ticket.get("updated_at"))
    audit = document.get("audit")
    receipt = f"audit {text(audit.get('id'))}" if isinstance(audit, Mapping) and audit.get("id") else None
    return Landed(receipt, Version(stamp, exact=False) if stamp else None)


def _key_of(audit: Record) -> Any:
    metadata = audit.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, Mapping) else None
    return custom.get(MARKER_KEY) if isinstance(custom, Mapping) else None
