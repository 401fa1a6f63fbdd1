"""The hand-over in at most twelve lines: what the engineer being woken needs first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.model.clean_text import clean_line
from triage.model.timeline import TimelineEvent

LINES = 12
COLUMNS = 80
_LABEL = 10
_NOTES = 2

Timeline = tuple[TimelineEvent, ...]


def brief_text(case: Case, now: datetime, zone: tzinfo, *, impact: str = "") -> str:
    """Effect, what was tried, evidence, question and next promise; each line at most 80 columns.

    ``impact`` is what an investigation has found out; without it the customer's own first words are used.
    """
    return "\n".join(_line(label, text) for label, text in _rows(case, now, zone, impact) if text)


def _rows(case: Case, now: datetime, zone: tzinfo, impact: str) -> Iterator[tuple[str, str]]:
    ticket, timeline = case.facts.ticket, case.facts.timeline
    yield "", f"{ticket.key}  {ticket.subject}"
    product = f"{ticket.product} {ticket.product_version}".strip()
    state = (ticket.customer, ticket.relationship, product, ticket.priority, ticket.status, ticket.assignee)
    yield "", " · ".join(part for part in state if part)
    yield "", _quoted(_customer_words(timeline)[-1:])
    yield "effect", impact or "".join(_customer_words(timeline)[:1]) or "not stated"
    for note in _internal_notes(timeline)[-_NOTES:] or ["nothing written down"]:
        yield "tried", note
    attached = sum(len(event.attachments) for event in timeline)
    yield "evidence", f"{len(case.evidence)} kept here, {attached} on the ticket"
    yield "question", _question(timeline)
    yield "promise", _promise(case, now, zone)
    yield "earlier", ", ".join(case.facts.earlier) or "nothing that looks alike here"
    yield "open", ticket.url


def _line(label: str, text: str) -> str:
    line = (label.ljust(_LABEL) if label else "") + clean_line(text)
    return line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…"


def _quoted(words: list[str]) -> str:
    return f'"{clean_line(words[0])[: COLUMNS - 2]}"' if words else ""


def _customer_words(timeline: Timeline) -> list[str]:
    return [e.text for e in timeline if e.kind == "message" and e.actor_role == "customer"]


def _internal_notes(timeline: Timeline) -> list[str]:
    said = [e for e in timeline if e.kind == "message" and e.visibility == "internal" and e.from_us]
    return [event.text for event in said]


def _question(timeline: Timeline) -> str:
    """Why it was passed on: the message beside the escalation, else the escalation itself."""
    passed = [event for event in timeline if event.kind == "escalation"]
    if not passed:
        return "not stated"
    beside = [e.text for e in timeline if e.kind == "message" and e.at == passed[-1].at]
    return beside[0] if beside else passed[-1].text


def _promise(case: Case, now: datetime, zone: tzinfo) -> str:
    pending = [p for p in case.facts.promises if p.state(now) in ("open", "missed")]
    if not pending:
        return "none open"
    first = min(pending, key=lambda p: p.due)
    when = first.due.astimezone(zone).strftime("%a %d %b %H:%M %Z")
    return f"{first.kind.replace('_', ' ')} {'was due' if first.due < now else 'due'} {when}"
