"""The hand-over in at most twelve lines: what the engineer being woken needs first."""

from __future__ import annotations

from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.model.clean_text import clean_line
from triage.model.timeline import TimelineEvent

LINES = 12
COLUMNS = 80


def brief_text(case: Case, now: datetime, zone: tzinfo, *, impact: str = "", question: str = "") -> str:
    """Effect, what was tried, evidence, question and next promise; each line at most 80 columns."""
    ticket = case.facts.ticket
    lines = [
        f"{ticket.key}  {ticket.subject}",
        " · ".join(
            part
            for part in (
                ticket.customer,
                ticket.relationship,
                f"{ticket.product} {ticket.product_version}".strip(),
                ticket.priority or "",
                ticket.status,
                ticket.assignee or "nobody's",
            )
            if part
        ),
        _customer_words(case.facts.timeline),
        f"effect    {impact or _first_words(case.facts.timeline)}",
        *_tried(case.facts.timeline),
        f"evidence  {len(case.evidence)} kept here, {_attachments(case.facts.timeline)} on the ticket",
        f"question  {question or _escalation(case.facts.timeline)}",
        f"promise   {_promise(case, now, zone)}",
        f"seen      {', '.join(case.facts.earlier) or 'nothing that looks alike here'}",
        f"open      {ticket.url}",
    ]
    return "\n".join(_cut(line) for line in lines if line)[: LINES * (COLUMNS + 1)]


def _cut(line: str) -> str:
    line = (
        clean_line(line)
        if not line.startswith(("effect", "tried", "evidence", "question"))
        else _keep_gap(line)
    )
    return line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…"


def _keep_gap(line: str) -> str:
    label, text = line[:10], line[10:]
    return label + clean_line(text)


def _customer_words(timeline: tuple[TimelineEvent, ...]) -> str:
    for event in reversed(timeline):
        if event.kind == "message" and event.actor_role == "customer" and event.visibility == "public":
            return f'"{clean_line(event.text)[: COLUMNS - 2]}"'
    return ""


def _first_words(timeline: tuple[TimelineEvent, ...]) -> str:
    return next(
        (e.text for e in timeline if e.kind == "message" and e.actor_role == "customer"), "not stated"
    )


def _tried(timeline: tuple[TimelineEvent, ...]) -> list[str]:
    notes = [e for e in timeline if e.kind == "message" and e.visibility == "internal" and e.from_us]
    return [f"tried     {note.text}" for note in notes[-2:]] or ["tried     nothing written down"]


def _attachments(timeline: tuple[TimelineEvent, ...]) -> int:
    return sum(len(event.attachments) for event in timeline)


def _escalation(timeline: tuple[TimelineEvent, ...]) -> str:
    return next((e.text for e in reversed(timeline) if e.kind == "escalation"), "not stated")


def _promise(case: Case, now: datetime, zone: tzinfo) -> str:
    pending = [p for p in case.facts.promises if p.state(now) in ("open", "missed")]
    if not pending:
        return "none open"
    first = min(pending, key=lambda p: p.due)
    when = first.due.astimezone(zone).strftime("%a %d %b %H:%M %Z")
    return f"{first.kind.replace('_', ' ')} {'was due' if first.due < now else 'due'} {when}"
