"""Answers that the ticket offers for the night's questions and for the facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from triage.model.clean_text import clean_line
from triage.model.investigation import PartyKind
from triage.model.json_value import Json
from triage.model.timeline import TimelineEvent
from triage.retrospective import case_life
from triage.retrospective.answered_parts import event_row
from triage.retrospective.imported_timeline import excerpt, imported_events, source_ref
from triage.retrospective.reading import NOTHING, Offer, Prefilled, Reading, where
from triage.retrospective.script import Prompt
from triage.retrospective.thread_signs import FEELING, GREETING, REASONS
from triage.retrospective.triggers import hinted_risk

REASON_AMONG = 60
"""Of our last messages before the escalation: an older one tells little about why it came."""
_BUILDERS = frozenset({"engineering", "product"})
_SIDES = frozenset(get_args(PartyKind))
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def _cannot_do(it: Reading, prompt: Prompt) -> Prefilled:
    if not it.customers:
        return clean_line(it.facts.ticket.subject), "subject"
    first = it.customers[0]
    return excerpt(_SENTENCE.split(first.text)[0]), where(first)


def _impact(it: Reading, prompt: Prompt) -> Prefilled:
    if it.investigation.answers.get("K1"):
        return str(it.investigation.answers["K1"]), "K1"
    said, read_at = _cannot_do(it, prompt)
    begun = next((one.at for one in it.investigation.timeline if one.kind == "contact"), None)
    ended = next((one.at for one in reversed(it.investigation.timeline) if one.kind == "verify"), None)
    if begun is None or ended is None:
        return said, read_at
    return f"{said} For {case_life.spell(ended - begun)} from the first message.", read_at


def _reason(it: Reading, prompt: Prompt) -> Prefilled:
    until = it.escalation.at if it.escalation else it.now
    said = [one for one in it.facts.timeline if one.at <= until and one.from_us]
    for event in reversed(said[-REASON_AMONG:]):
        for reason, pattern in REASONS.items():
            if pattern.search(event.text):
                return reason, where(event)
    return "expertise", "no note that says why: a guess"


def _preserved(it: Reading, prompt: Prompt) -> Prefilled:
    lines: list[Json] = [
        f"{clean_line(file.name)} ({source_ref(event)})"
        for event in it.facts.timeline
        for file in event.attachments
    ]
    return (lines, "attachments") if lines else NOTHING


def _did(it: Reading, prompt: Prompt) -> Prefilled:
    since = it.escalation.at if it.escalation else it.now
    notes = [one for one in it.internal if one.at >= since]
    if not notes:
        return NOTHING
    return "\n".join(f"{one.at:%H:%M} {excerpt(one.text)}" for one in notes[-2:]), where(notes[-1])


def _told(it: Reading, prompt: Prompt) -> Prefilled:
    if not it.ours:
        return NOTHING
    return excerpt(it.ours[-1].text), where(it.ours[-1])


def _timeline(it: Reading, prompt: Prompt) -> Prefilled:
    """The imported events, or the ones kept before with what the ticket has had since."""
    kept = it.investigation.timeline
    if "Q1" not in it.investigation.answers:
        return [event_row(one) for one in kept], "the ticket"
    known = {(one.ref, one.kind == "silence" and one.at) for one in kept}
    imported = imported_events(it.facts, it.investigation.opened_at, it.now)
    new = [one for one in imported if (one.ref, one.kind == "silence" and one.at) not in known]
    rows: list[Json] = [event_row(one) for one in kept]
    rows += [{**event_row(one), "id": ""} for one in new]
    return rows, f"your answer and {len(new)} events since" if new else "your answer"


def _customer_words(it: Reading, prompt: Prompt) -> Prefilled:
    best: tuple[float, str, TimelineEvent] | None = None
    for event in it.customers:
        for sentence in _sentences(event.text):
            score = len(FEELING.findall(sentence)) / len(sentence.split())
            if best is None or score >= best[0]:
                best = score, sentence, event
    return (best[1], where(best[2])) if best else NOTHING


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(clean_line(text[:4000])):
        if len(sentence) > 8 and not GREETING.match(sentence):
            yield excerpt(sentence)


def _parties(it: Reading, prompt: Prompt) -> Prefilled:
    roles = dict.fromkeys(
        one.actor_role for one in it.facts.timeline if one.actor_role not in {"helpdesk", "investigator"}
    )
    part = clean_line(it.facts.ticket.component)
    rows: list[Json] = [
        {"kind": role, "submission": "invited", **({"component": part} if part and role in _BUILDERS else {})}
        for role in roles
    ]
    return (rows, "authors of the thread") if rows else NOTHING


def _accounts(it: Reading, prompt: Prompt) -> Prefilled:
    first: dict[str, TimelineEvent] = {}
    for event in it.facts.timeline:
        if event.kind == "message" and event.text.strip():
            first.setdefault(event.actor_role, event)
    kinds = [one.kind for one in it.investigation.parties] or list(first)
    rows: list[Json] = [
        {"kind": kind, "account": f"“{excerpt(first[kind].text)}”"} for kind in kinds if kind in first
    ]
    return (rows, "first words of each side") if rows else NOTHING


def _promises(it: Reading, prompt: Prompt) -> Prefilled:
    rows: list[Json] = [
        {
            "id": one.id,
            "kind": one.kind,
            "made_at": one.made_at.isoformat(),
            "due": one.due.isoformat(),
            "met_at": one.met_at.isoformat() if one.met_at else None,
            "carried_over": one.state(it.now) == "open",
            "to": one.to,
            "withdrawn": one.withdrawn,
            "quote": clean_line(one.quote),
        }
        for one in it.investigation.promises
    ]
    return (rows, "our public messages") if rows else NOTHING


def _case_life(it: Reading, prompt: Prompt) -> Prefilled:
    rows: list[Json] = [
        {
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
            "phase": one.phase,
            "waiting_on": one.waiting_on,
            "iteration": one.iteration,
        }
        for one in it.investigation.case_life
    ]
    return (rows, "requests, receipts and fixes in the timeline") if rows else NOTHING


def _lead_role(it: Reading, prompt: Prompt) -> Prefilled:
    """The side it came to: engineering where it took part, else the last of ours that wrote."""
    ours = [one.actor_role for one in it.facts.timeline if one.from_us and one.actor_role in _SIDES]
    if "engineering" in ours:
        return "engineering", "it came to them"
    return (ours[-1], "the last of ours that wrote") if ours else NOTHING


def _account_risk(it: Reading, prompt: Prompt) -> Prefilled:
    risk, event = hinted_risk(it.facts)
    if not risk:
        return "none", "a look through the thread"
    return risk, where(event) if event is not None else "the ticket's tags"


def _visibility(it: Reading, prompt: Prompt) -> Prefilled:
    return "internal", "the usual"


FACTS: Mapping[str, Offer] = {
    "cannot_do": _cannot_do,
    "impact": _impact,
    "reason_escalated": _reason,
    "preserved": _preserved,
    "did": _did,
    "told_customer": _told,
    "timeline": _timeline,
    "customer_words": _customer_words,
    "parties": _parties,
    "accounts": _accounts,
    "promises": _promises,
    "case_life": _case_life,
    "lead_role": _lead_role,
    "account_risk": _account_risk,
    "visibility": _visibility,
}
