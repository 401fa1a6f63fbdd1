"""The ticket's thread as the first draft of the facts.

Every message and field change becomes an event with its source; what a message *is* (a request for
evidence, a promise, a fix) is read from its place and its words, and shown to be corrected. Where a
promise ran out in silence, or the customer waited longer than `QUIET_LIMIT`, a ``silence`` event says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.investigation import CaseEvent
from triage.model.ticket import Priority
from triage.model.timeline import OUR_SIDE, TimelineEvent

EXCERPT = 240
"""Characters of a message that an event repeats; the whole stands in the ticket."""
SAME_ACT = timedelta(minutes=5)
"""A message and a change that far apart tell of one escalation."""
QUIET_LIMIT: Mapping[Priority | None, timedelta] = {
    "urgent": timedelta(hours=2),
    "high": timedelta(hours=4),
    "normal": timedelta(hours=24),
    "low": timedelta(hours=72),
    None: timedelta(hours=24),
}
"""How long a customer may wait for a word before the wait itself is an event."""

_ASKS = re.compile(
    r"\b(?:please|could you|can you|would you|kindly)\b[^.?!]{0,40}"
    r"\b(?:send|attach|share|provide|upload|collect|capture|try)\b"
    r"|\b(?:which|what|how)\b[^.!]{0,80}\?",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"\b(?:attached|attachment|uploaded|here (?:is|are)|enclosed|log|trace|screenshot|dump|says|same in)\b",
    re.I,
)
_CONFIRMS = re.compile(
    r"\b(?:confirm(?:ed)?|works|working|solved|fixed|did it|thank(?:s| you)|complete|all good|resolved)\b",
    re.IGNORECASE,
)
_FIX = re.compile(
    r"\b(?:restored|fixed|deployed|rolled back|reverted|patched|repaired|hotfix|re-?added|re-?enabled)\b",
    re.I,
)
_WORKAROUND = re.compile(
    r"\b(?:work-?around|delivered|view is in place|keep alive|temporar(?:y|ily)|solves it|in place)\b", re.I
)
_ESCALATED = re.compile(r"\W*escalated\b", re.I)
_TAGGED = re.compile(r"escalat", re.I)
_ENGINEERING = re.compile(r"\b(?:engineering|development|developers|r&d|tier ?3)\b", re.I)
_SEEN_BY_CUSTOMER = frozenset({"ticket_public", "customer_statement"})
_WEIGHT = ("escalation", "close", "reopen", "severity_change", "handoff", "status_change")
_CLOSED = re.compile(r"(?:closed|solved|resolved|rejected)", re.I)
_PEOPLE = frozenset({"assignee", "owner", "requester", "collaborators", "followers", "watchers"})
"""Fields that hold people."""
_CHANGE_KINDS = {
    "status": "status_change",
    "priority": "severity_change",
    "severity": "severity_change",
    "assignee": "handoff",
    "owner": "handoff",
    "group": "handoff",
    "queue": "handoff",
}


def imported_events(facts: CaseFacts, opened_at: datetime, now: datetime) -> tuple[CaseEvent, ...]:
    """The events of the ticket in order, called ``E01`` and on.

    Always holds an escalation: where the ticket shows none, the opening of the investigation stands in,
    marked as estimated.
    """
    reader = _Reader(facts)
    events = _joined([one for event in facts.timeline if (one := reader.read(event)) is not None])
    if not any(one.kind == "escalation" for one in events):
        events.append(_stand_in(min(opened_at, now)))
    events += _silences(facts, events, now)
    ordered = sorted(events, key=lambda one: one.at)
    return tuple(
        replace(one, id=f"E{number:02d}", recorded_at=one.at, visibility=shown(one.source))
        for number, one in enumerate(ordered, start=1)
    )


def shown(source: str) -> Literal["public", "internal"]:
    """Whether what comes from ``source`` could be seen by the customer."""
    return "public" if source in _SEEN_BY_CUSTOMER else "internal"


def source_ref(event: TimelineEvent) -> str:
    """Where an event of the ticket stands, never empty."""
    return event.source_ref or f"event {event.id}"


def ours(event: TimelineEvent) -> bool:
    """Whether it is a note or a field that this program wrote: our record is no fact of the case."""
    own_field = event.kind == "change" and event.field.startswith("esc_")
    return own_field or bool(event.marker) or event.text.startswith("[esc:")


def excerpt(text: str) -> str:
    """The beginning of ``text`` on one line, cut at a word."""
    line = clean_line(text[: 8 * EXCERPT])
    return line if len(line) <= EXCERPT else line[:EXCERPT].rsplit(" ", 1)[0] + " …"


class _Reader:
    """Reads events in order; what came before decides what the next one is."""

    def __init__(self, facts: CaseFacts) -> None:
        self.promised = {promise.ref for promise in facts.promises if promise.kind != "acknowledge"}
        self.heard = self.spoken = self.repaired = self.asked = False

    def read(self, event: TimelineEvent) -> CaseEvent | None:
        if event.kind in {"rating", "merge"} or ours(event):
            return None
        kind = self._kind(event)
        source = "ticket_public" if event.visibility == "public" else "ticket_internal"
        if event.kind in {"change", "escalation"}:
            source = "ticket_audit"
        text = _change_in_words(event) if event.field else event.text
        if not text and event.attachments:
            text = ", ".join(one.name for one in event.attachments)
        return CaseEvent(
            "", event.at, kind, excerpt(text) or "(no text)", source, source_ref(event), event.actor_role,
            imported=True,
        )  # fmt: skip

    def _kind(self, event: TimelineEvent) -> str:
        if event.kind == "escalation":
            return "escalation"
        if event.kind == "change":
            return _change_kind(event)
        if event.kind == "attachment":
            return "evidence_received"
        if event.actor_role == "helpdesk":
            return "escalation" if _ESCALATED.match(event.text) else "status_change"
        if event.actor_role == "customer" and event.visibility == "public":
            return self._from_customer(event)
        if event.visibility == "public":
            return self._from_us(event)
        return self._internal(event)

    def _from_customer(self, event: TimelineEvent) -> str:
        if not self.heard:
            self.heard = True
            return "contact"
        if self.repaired and _CONFIRMS.search(event.text):
            return "verify"
        if self.asked and (event.attachments or _GIVES.search(event.text)):
            self.asked = False
            return "evidence_received"
        return "contact"

    def _from_us(self, event: TimelineEvent) -> str:
        first, self.spoken = not self.spoken, True
        if _ASKS.search(event.text):
            self.asked = True
            return "promise" if event.id in self.promised and first else "evidence_request"
        if not self.repaired and (repair := self._repair(event.text)):
            return repair
        if event.id in self.promised:
            return "promise"
        return "acknowledge" if first else "reply"

    def _internal(self, event: TimelineEvent) -> str:
        return self._repair(event.text) or "hypothesis"

    def _repair(self, text: str) -> str:
        """``fix`` or ``workaround`` where ``text`` says that one is there, else empty."""
        kind = "fix" if _FIX.search(text) else "workaround" if _WORKAROUND.search(text) else ""
        self.repaired = self.repaired or bool(kind)
        return kind


def _joined(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """``events`` with the changes of one audit told as one, of the weightiest kind.

    An escalation that a message has just told is not told again by the change that carried it out.
    """
    joined: list[CaseEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if last and event.source == last.source == "ticket_audit" and event.ref == last.ref:
            kind = min((last.kind, event.kind), key=_WEIGHT.index)
            joined[-1] = replace(last, kind=kind, text=excerpt(f"{last.text}; {event.text}"))
        else:
            joined.append(event)
    told = [one.at for one in joined if one.kind == "escalation" and one.source != "ticket_audit"]
    return [
        replace(one, kind="handoff")
        if one.kind == "escalation"
        and one.source == "ticket_audit"
        and any(abs(one.at - at) < SAME_ACT for at in told)
        else one
        for one in joined
    ]


def _change_kind(event: TimelineEvent) -> str:
    if event.field in {"tags", "tag"} and _TAGGED.search(event.new) and not _TAGGED.search(event.old):
        return "escalation"
    if event.field in {"group", "queue"} and _ENGINEERING.search(event.new):
        return "escalation"
    if event.field == "status" and _CLOSED.fullmatch(event.new):
        return "close"
    if event.field == "status" and _CLOSED.fullmatch(event.old):
        return "reopen"
    return _CHANGE_KINDS.get(event.field.lower(), "status_change")


def _change_in_words(event: TimelineEvent) -> str:
    """``status: new → open``; of a field that holds a person only that it changed: facts name roles."""
    if event.field.lower() in _PEOPLE:
        return f"{event.field}: {'changed' if event.old and event.new else 'set' if event.new else 'emptied'}"
    return f"{event.field}: {event.old or '–'} → {event.new or '–'}"


def _stand_in(at: datetime) -> CaseEvent:
    return CaseEvent(
        "", at, "escalation", "The escalation reached engineering; the ticket does not show when.",
        "investigator", "opening of the investigation", "investigator", "estimated", imported=True,
    )  # fmt: skip


def _silences(facts: CaseFacts, events: Sequence[CaseEvent], now: datetime) -> Iterator[CaseEvent]:
    lapsed = [one for one in facts.promises if not one.withdrawn and one.due < (one.met_at or now)]
    spans: list[tuple[datetime, datetime]] = []
    for promise in lapsed:
        if any(start <= promise.due <= end for start, end in spans):
            continue
        until = promise.met_at or now
        spans.append((promise.made_at, until))
        ended = f"until {until:%d %b %H:%M} UTC" if promise.met_at else "yet"
        what = promise.kind.replace("_", " ")
        text = f"The promised {what} fell due; nothing was said to the customer {ended}."
        yield _silence(promise.due, text, promise.by_role or "support_frontline")
    limit = QUIET_LIMIT.get(facts.ticket.priority, QUIET_LIMIT[None])
    for start, end in _waits(events):
        if end - start > limit and not any(start <= to and since <= end for since, to in spans):
            hours = int((end - start).total_seconds() // 3600)
            yield _silence(
                start + limit, f"The customer's message had no public word for {hours} h.", "helpdesk"
            )


def _silence(at: datetime, text: str, role: str) -> CaseEvent:
    return CaseEvent("", at, "silence", text, "investigator", "promise clock", role, imported=True)


def _waits(events: Sequence[CaseEvent]) -> Iterator[tuple[datetime, datetime]]:
    """From each message of the customer that asked for something to our next public word."""
    public = [one for one in events if one.source == "ticket_public"]
    for one, after in pairwise(public):
        if one.actor_role == "customer" and one.kind != "verify" and after.actor_role in OUR_SIDE:
            yield one.at, after.at
