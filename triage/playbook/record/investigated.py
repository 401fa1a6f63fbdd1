"""The acts of an investigation: what was asked, what there was to see, what was tried, what it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from triage.model.investigation import CaseEvent, Finding, Investigation
from triage.model.run import Outcome
from triage.playbook.record.recording import Act, Strength

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_REASON = re.compile(r"(?:because|so)\b[\s,:]*", re.IGNORECASE)
_SOURCES = ("log", "alert", "deploy", "customer_statement", "interview", "investigator")
"""Where a change was read that a person added; imported changes are those of the ticket's fields."""
_STRENGTH: dict[str, Strength] = {"high": "confirmed", "medium": "supported", "low": "suspected"}
_OURS = ("support_frontline", "support_tier2", "engineering")


def asked_and_seen(held: Investigation) -> tuple[Act, ...]:
    """What to ask first, and what there was to see: with these the next one begins."""
    return (*_questions(held), *_looks(held))


def done(held: Investigation) -> tuple[Act, ...]:
    """What was tried and mended, in the order of time."""
    return tuple(_done(held))


def found(held: Investigation) -> tuple[Act, ...]:
    """What helped, and the findings."""
    return (*_safeguards(held), *_findings(held))


def outcome_of(held: Investigation) -> Outcome:
    """How the case ended, by what was done last."""
    kinds = [event.kind for event in held.timeline]
    if "fix" in kinds:
        return "resolved"
    return "workaround" if "workaround" in kinds else "handed_over"


def _questions(held: Investigation) -> Iterator[Act]:
    asked = (
        ("impact", "Ask who is affected and how badly", "Count the people; name what they cannot do."),
        (
            "last_worked",
            "Ask when it last worked",
            "The last time it was seen to work, and what changed since.",
        ),
    )
    for name, title, text in asked:
        if answer := getattr(held, name):
            yield Act(
                "ask", held.opened_at, title, text, answer=answer, saves=name, section="What to ask first"
            )


def _looks(held: Investigation) -> Iterator[Act]:
    """Missed opportunities, the nearest first: what the next one can see in time."""
    for one in sorted(held.opportunities, key=lambda one: one.step):
        yield Act(
            "look", held.opened_at, f"Look: {one.signal}", f"{one.signal}\n\nIs it so here too?",
            why=f"This would have stopped it there: {one.stop}", answer_type="bool", ref=one.id,
            lane="investigate", section="What there is to see",
        )  # fmt: skip


def _done(held: Investigation) -> Iterator[Act]:
    events = sorted(held.timeline, key=lambda one: one.at)
    for index, event in enumerate(events):
        yield from _acts_of_event(event, events[index + 1 :])


def _acts_of_event(event: CaseEvent, later: list[CaseEvent]) -> Iterator[Act]:
    plain = Act("do", event.at, "", event.text, ref=event.id, section="What was done")
    match event.kind:
        case "change" if not event.imported and event.source in _SOURCES:
            yield _as_look(replace(plain, title=event.text))
        case "test":
            yield replace(plain, title=f"Try as then: {event.text}", lane="investigate")
        case "hypothesis":
            for act in note_acts(event.text, plain):
                yield _as_look(act) if act.kind == "do" else act
        case "fix":
            yield replace(plain, title=f"Mend it: {event.text}", lane="fix")
        case "workaround":
            yield replace(plain, title=f"Work around it: {event.text}", lane="fix")
        case "evidence_received":
            text = "What the customer sends, with secrets and personal data taken out."
            yield replace(
                plain, kind="evidence", title="Keep what the customer sends", text=text, answer=event.text
            )
        case _ if event.imported and event.actor_role in _OURS and event.source == "ticket_public":
            yield from _asked_of_customer(event, later)


def _as_look(act: Act) -> Act:
    """A hypothesis of then as something to look for now."""
    text = f"{act.text}\n\nIs it so here too?"
    return replace(
        act, kind="look", title=f"Look: {act.title}", text=text, answer_type="bool", lane="investigate"
    )


def _asked_of_customer(event: CaseEvent, later: list[CaseEvent]) -> Iterator[Act]:
    """The questions in a message of ours, with what the customer wrote next as the answer."""
    reply = next(
        (one.text for one in later if one.actor_role == "customer" and one.source == "ticket_public"), ""
    )
    for sentence in _SENTENCE.split(event.text):
        if sentence.endswith("?"):
            yield Act(
                "ask", event.at, f"Ask the customer: {sentence}", "", answer=reply or "unknown", ref=event.id,
                lane="communicate", section="What was done",
            )  # fmt: skip


def note_acts(text: str, plain: Act) -> Iterator[Act]:
    """A note in words: a question is one to ask again, because and so give the reason of what came before."""
    said: list[str] = []
    why: list[str] = []
    for sentence in _SENTENCE.split(text.strip()):
        if sentence.endswith("?"):
            yield replace(plain, kind="ask", title=sentence, text="", answer="unknown", ref="")
        elif found := _REASON.match(sentence):
            why.append(sentence[found.end() :])
        elif sentence:
            said.append(sentence)
    if said:
        yield replace(plain, title=said[0], text=" ".join(said), why=" ".join(why))
    elif why:
        yield replace(plain, kind="note", title="", text="", why=" ".join(why))


def _safeguards(held: Investigation) -> Iterator[Act]:
    for one in held.safeguards:
        if one.actual == "worked":
            text = f"{one.expected} {one.how}".strip()
            yield Act(
                "do", held.opened_at, f"Use: {one.name}", text, ref=one.id, lane="fix", section="What helps"
            )


def _findings(held: Investigation) -> Iterable[Act]:
    return [_finding(one, held) for one in held.findings if one.kind in ("cause", "contributing")]


def _finding(one: Finding, held: Investigation) -> Act:
    title = "Write down what caused it" if one.kind == "cause" else "Write down what contributed"
    return Act(
        "finding", held.opened_at, title, one.text, ref=one.id, shown_by=one.evidence,
        strength=_STRENGTH[one.confidence], section="What it was",
    )  # fmt: skip
