"""What the ticket already says, offered as answers: each with where it was read.

A prefilled answer is a guess to be kept with one key or corrected; nothing here is written down until a
person gives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.investigation import CaseEvent, Investigation
from triage.model.json_value import Json
from triage.model.timeline import TimelineEvent
from triage.retrospective import case_life, cause_sentence, codes
from triage.retrospective.answered_parts import event_row
from triage.retrospective.conditions import climbed
from triage.retrospective.imported_timeline import excerpt, imported_events, ours, source_ref
from triage.retrospective.script import Prompt, known
from triage.retrospective.thread_signs import EXCUSES, FEELING, GREETING, REASONS

Prefilled: TypeAlias = "tuple[Json, str]"
"""The value and where it was read; ``(None, "")`` where the ticket does not say."""
NOTHING: Prefilled = (None, "")
RECOMMENDED_WITHIN = timedelta(days=30)

_EVIDENCE = frozenset({"evidence_request", "evidence_received"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Prefill:
    """Everything that may be offered for one investigation at one moment."""

    facts: CaseFacts
    investigation: Investigation
    now: datetime

    def of(self, prompt: Prompt) -> Prefilled:
        """The offer for ``prompt``."""
        return PREFILLS[prompt.prefill](self, prompt) if prompt.prefill else NOTHING

    def lacks(self, prompt: Prompt, offered: Json) -> str:
        """What a person must add to ``offered`` before it is an answer, in words; empty for nothing."""
        if prompt.prefill == "impact" and isinstance(offered, str) and not re.search(r"\d", offered):
            return "say how many and for how long; unknown is an answer"
        if prompt.prefill == "findings" and offered:
            return "write what else you know"
        if prompt.prefill == "walk" and offered:
            return "say what would have stopped it"
        return ""

    @cached_property
    def customers(self) -> tuple[TimelineEvent, ...]:
        """What the customer wrote."""
        return tuple(
            one
            for one in self.facts.timeline
            if one.kind == "message" and one.visibility == "public" and not one.from_us and one.text.strip()
        )

    @cached_property
    def ours(self) -> tuple[TimelineEvent, ...]:
        """What we told the customer."""
        return tuple(one for one in self.facts.timeline if one.word_to_customer)

    @cached_property
    def escalation(self) -> CaseEvent | None:
        """The event that brought the case to engineering."""
        return next((one for one in self.investigation.timeline if one.kind == "escalation"), None)

    @cached_property
    def internal(self) -> tuple[TimelineEvent, ...]:
        """Internal notes in order."""
        return tuple(
            one
            for one in self.facts.timeline
            if one.kind == "message" and one.visibility == "internal" and not ours(one)
        )


def where(event: TimelineEvent) -> str:
    """``comment 3, 18:42``."""
    return f"{source_ref(event)}, {event.at:%H:%M} UTC"


def _cannot_do(it: Prefill, prompt: Prompt) -> Prefilled:
    if not it.customers:
        return clean_line(it.facts.ticket.subject), "subject"
    first = it.customers[0]
    return excerpt(_SENTENCE.split(first.text)[0]), where(first)


def _impact(it: Prefill, prompt: Prompt) -> Prefilled:
    if it.investigation.answers.get("K1"):
        return str(it.investigation.answers["K1"]), "K1"
    said, read_at = _cannot_do(it, prompt)
    begun = next((one.at for one in it.investigation.timeline if one.kind == "contact"), None)
    ended = next((one.at for one in reversed(it.investigation.timeline) if one.kind == "verify"), None)
    if begun is None or ended is None:
        return said, read_at
    return f"{said} For {case_life.spell(ended - begun)} from the first message.", read_at


def _reason(it: Prefill, prompt: Prompt) -> Prefilled:
    until = it.escalation.at if it.escalation else it.now
    for event in reversed([one for one in it.facts.timeline if one.at <= until and one.from_us]):
        for reason, pattern in REASONS.items():
            if pattern.search(event.text):
                return reason, where(event)
    return "expertise", "nothing else is said"


def _preserved(it: Prefill, prompt: Prompt) -> Prefilled:
    lines: list[Json] = [
        f"{clean_line(file.name)} ({source_ref(event)})"
        for event in it.facts.timeline
        for file in event.attachments
    ]
    return (lines, "attachments") if lines else NOTHING


def _did(it: Prefill, prompt: Prompt) -> Prefilled:
    since = it.escalation.at if it.escalation else it.now
    notes = [one for one in it.internal if one.at >= since]
    if not notes:
        return NOTHING
    return "\n".join(f"{one.at:%H:%M} {excerpt(one.text)}" for one in notes[-2:]), where(notes[-1])


def _told(it: Prefill, prompt: Prompt) -> Prefilled:
    if not it.ours:
        return NOTHING
    return excerpt(it.ours[-1].text), where(it.ours[-1])


def _timeline(it: Prefill, prompt: Prompt) -> Prefilled:
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


def _customer_words(it: Prefill, prompt: Prompt) -> Prefilled:
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


def _parties(it: Prefill, prompt: Prompt) -> Prefilled:
    roles = dict.fromkeys(
        one.actor_role for one in it.facts.timeline if one.actor_role not in {"helpdesk", "investigator"}
    )
    rows: list[Json] = [{"kind": role, "submission": "invited"} for role in roles]
    return (rows, "authors of the thread") if rows else NOTHING


def _accounts(it: Prefill, prompt: Prompt) -> Prefilled:
    first: dict[str, TimelineEvent] = {}
    for event in it.facts.timeline:
        if event.kind == "message" and event.text.strip():
            first.setdefault(event.actor_role, event)
    kinds = [one.kind for one in it.investigation.parties] or list(first)
    rows: list[Json] = [
        {"kind": kind, "account": f"“{excerpt(first[kind].text)}”"} for kind in kinds if kind in first
    ]
    return (rows, "first words of each side") if rows else NOTHING


def _promises(it: Prefill, prompt: Prompt) -> Prefilled:
    rows: list[Json] = [
        {
            "id": one.id,
            "kind": one.kind,
            "made_at": one.made_at.isoformat(),
            "due": one.due.isoformat(),
            "met_at": one.met_at.isoformat() if one.met_at else None,
            "withdrawn": one.withdrawn,
            "quote": clean_line(one.quote),
        }
        for one in it.investigation.promises
    ]
    return (rows, "our public messages") if rows else NOTHING


def _case_life(it: Prefill, prompt: Prompt) -> Prefilled:
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


def _walk(it: Prefill, prompt: Prompt) -> Prefilled:
    event, signal = _STEP_SIGNS[prompt.step or 0](it)
    if event is None:
        return NOTHING
    return [{"at_event": event.id, "signal": signal}], f"{event.id}, {event.ref}"


def _handed_over(it: Prefill) -> tuple[CaseEvent | None, str]:
    contact = _first(it, "contact")
    if it.escalation is None or contact is None:
        return it.escalation, ""
    waited = case_life.spell(it.escalation.at - contact.at)
    return it.escalation, f"The escalation came {waited} after the first message."


def _diagnosed(it: Prefill) -> tuple[CaseEvent | None, str]:
    until = it.escalation.at if it.escalation else it.now
    notes = [
        one
        for one in it.investigation.timeline
        if one.kind in {"hypothesis", "test", "evidence_received"} and one.at <= until
    ]
    return (notes[-1], notes[-1].text) if notes else (None, "")


def _replied(it: Prefill) -> tuple[CaseEvent | None, str]:
    first_words = {"acknowledge", "promise", "evidence_request", "reply"}
    reply = next((one for one in it.investigation.timeline if one.kind in first_words), None)
    rounds = sum(one.kind == "evidence_received" for one in it.investigation.timeline)
    return reply, f"Evidence came in {rounds} rounds." if rounds > 1 else ""


def _started(it: Prefill) -> tuple[CaseEvent | None, str]:
    change = _first(it, "change") or _first(it, "alert") or _first(it, "contact")
    return change, change.text if change is not None and change.kind != "contact" else ""


def _first(it: Prefill, kind: str) -> CaseEvent | None:
    return next((one for one in it.investigation.timeline if one.kind == kind), None)


def _seen_first(it: Prefill) -> tuple[CaseEvent | None, str]:
    contact = _first(it, "contact")
    return contact, contact.text if contact else ""


_STEP_SIGNS: tuple[Callable[[Prefill], tuple[CaseEvent | None, str]], ...] = (
    _handed_over, _diagnosed, _replied, _seen_first, _started, _started, _started, _started, _started,
)  # fmt: skip


def _safeguards(it: Prefill, prompt: Prompt) -> Prefilled:
    """A row for every safeguard that the walk back named."""
    rows: list[Json] = []
    for one in it.investigation.opportunities:
        if one.safeguard:
            rows.append(
                {"name": one.safeguard, "actual": "absent", "evidence": [one.at_event], "how": one.signal}
            )
    return (rows, "the walk back") if rows else NOTHING


def _recurrence(it: Prefill, prompt: Prompt) -> Prefilled:
    own = it.facts.ticket.key
    prefix = re.escape(own.partition("-")[0]) if "-" in own else "#"
    pattern = re.compile(rf"\b{prefix}-\d+\b" if prefix != "#" else r"#\d+\b")
    keys = dict.fromkeys(it.facts.earlier)
    read_at = "looks alike" if keys else ""
    for event in it.internal:
        found = [key for key in pattern.findall(event.text) if key != own]
        if found:
            keys |= dict.fromkeys(found)
            read_at = read_at or where(event)
    values: list[Json] = [*keys]
    return ([*values, "chronic"], read_at) if values else NOTHING


def _resolvable(it: Prefill, prompt: Prompt) -> Prefilled:
    if it.investigation.reason_escalated == "authority":
        return "no", "K2: no tool or authority"
    return NOTHING


def _excuse(it: Prefill, prompt: Prompt) -> Prefilled:
    for event in it.facts.timeline:
        for excuse, pattern in EXCUSES.items():
            if event.kind == "message" and pattern.search(event.text):
                return excuse, where(event)
    return "none", "nothing of the kind in the thread"


def _code(it: Prefill, prompt: Prompt) -> Prefilled:
    proposed = codes.propose(climbed(it.investigation), it.investigation.reason_escalated)
    own = next((one.code for one in it.investigation.findings if one.kind == "cause" and one.code), "")
    if own:
        return {"code": own}, "your cause finding"
    return ({"code": proposed}, "the ladder") if proposed else NOTHING


def _sentence(it: Prefill, prompt: Prompt) -> Prefilled:
    text = cause_sentence.draft(it.investigation)
    return (text, "your findings") if text else NOTHING


def _findings(it: Prefill, prompt: Prompt) -> Prefilled:
    """A second request for evidence is a finding of its own: the first one lacked what was needed."""
    _, rounds = case_life.totals(it.investigation.case_life).get("documentation", (None, 0))
    if rounds < 2:
        return NOTHING
    asked: list[Json] = [one.id for one in it.investigation.timeline if one.kind in _EVIDENCE]
    text = f"The first request for evidence lacked what the investigation needed; it came in {rounds} rounds."
    row: dict[str, Json] = {"kind": "other_risk", "code": "E4.1", "text": text, "evidence": asked}
    return [row], f"{rounds} requests for evidence"


def _recommendations(it: Prefill, prompt: Prompt) -> Prefilled:
    due = (it.now + RECOMMENDED_WITHIN).date().isoformat()
    cited_gaps = {
        one.name: one.id for one in it.investigation.safeguards if one.actual not in {"worked", "partly"}
    }
    rows: list[Json] = [
        {"text": text, "due": due, "addressee": "", "aim": "mitigate", "strength": "intermediate"}
        for text in it.investigation.parked_fixes
    ]
    causes: list[Json] = [one.id for one in it.investigation.findings if one.kind == "cause"]
    for one in it.investigation.opportunities:
        cites: list[Json] = [cited_gaps[one.safeguard]] if one.safeguard in cited_gaps else []
        rows.append(
            {
                "text": one.stop,
                "due": due,
                "addressee": "",
                "cites": [*causes, *cites],
                "aim": _aim(one.step),
                "strength": "intermediate",
                "zero_cost": one.cost == "zero",
            }
        )
    return (rows, "parked ideas and the walk back") if rows else NOTHING


def _aim(step: int) -> str:
    """What a change at a step of the walk back most likely does: seen from behind, the earlier the better."""
    return "mitigate" if step <= 2 else "detect" if step <= 4 else "prevent"


def _enhancement(it: Prefill, prompt: Prompt) -> Prefilled:
    stop = next((one.stop for one in it.investigation.opportunities if one.step == 8), "")
    return ([{"title": stop, "aligned": "unknown", "asking": 1}], "step 8") if stop else NOTHING


def _notes(it: Prefill, prompt: Prompt) -> Prefilled:
    return ["post", "copy"], "both can be drafted"


PREFILLS: Mapping[str, Callable[[Prefill, Prompt], Prefilled]] = {
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
    "walk": _walk,
    "safeguards": _safeguards,
    "recurrence": _recurrence,
    "resolvable": _resolvable,
    "excuse": _excuse,
    "code": _code,
    "findings": _findings,
    "cause_sentence": _sentence,
    "recommendations": _recommendations,
    "enhancement": _enhancement,
    "notes": _notes,
}


def prefilled_share(investigation: Investigation, facts: CaseFacts, now: datetime) -> float:
    """How much of what an investigation holds the ticket had already given, from 0 to 1.

    Counted are the prompts that hold an answer: those for which something was offered, over all of them; the
    facts that no prompt asks for (customer, product, severity and the like) count as given.
    """
    unasked = (
        *(investigation.ticket_key, investigation.title, investigation.customer, investigation.relationship),
        *(
            investigation.product,
            investigation.product_version,
            investigation.component,
            investigation.severity,
        ),
    )
    given = sum(bool(one) for one in unasked)
    offers = Prefill(facts, investigation, now)
    held = [one for one in known().values() if investigation.answers.get(one.id) not in (None, "", [])]
    offered = sum(offers.of(one)[0] is not None for one in held)
    return (given + offered) / (given + len(held)) if held else 1.0
