"""A draft for the knowledge base: begun when a case is escalated, so that the next one finds it.

Its confidence follows the phase, with the words of Knowledge-Centered Service (technique 5.2): work in
progress while there is no resolution, not validated until adoption, validated after. It is a draft: someone
who keeps the articles reads it before it is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.investigation import Investigation
from triage.retrospective import cause_sentence, wording
from triage.retrospective.fan_out import without_names

KbState = Literal["work in progress", "not validated", "validated"]
_RESOLVES = frozenset({"fix", "workaround"})


@dataclass(frozen=True, slots=True)
class KbDraft:
    """One article before it is one."""

    title: str
    """In the customer's words: what they would search for."""
    environment: str
    resolution: str
    cause: str
    expected: str
    """What is supposed to happen, where that was the question."""
    state: KbState


def kb_draft(it: Investigation, facts: CaseFacts) -> KbDraft:
    """The draft as the investigation stands now, without names of people or of the customer."""
    names = (*wording.names_of(facts), it.customer)
    repair = next((one for one in reversed(it.timeline) if one.kind in _RESOLVES), None)
    answered = next((one.text for one in it.timeline if one.kind in {"hypothesis", *_RESOLVES}), "")
    asked = it.reason_escalated == "expected_behaviour"
    state: KbState = "work in progress"
    if repair is not None and it.phase != "preliminary":
        state = "validated" if it.phase == "final" else "not validated"
    return KbDraft(
        title=without_names(clean_line(it.title), names),
        environment=clean_line(
            " ".join(part for part in (it.product, it.product_version, it.component) if part)
        ),
        resolution=without_names(clean_line(repair.text), names) if repair else "",
        cause=without_names(cause_sentence.shown(it, citations=False), names)
        if it.phase != "preliminary"
        else "",
        expected=without_names(clean_line(answered), names) if asked else "",
        state=state,
    )


def kb_markdown(draft: KbDraft) -> str:
    """The draft as an article in Markdown."""
    parts = [
        ("Environment", draft.environment),
        ("What is supposed to happen", draft.expected),
        ("Resolution", draft.resolution or "None yet."),
        ("Cause", draft.cause),
    ]
    lines = [f"# {draft.title}", "", f"Draft, {draft.state}.", ""]
    return "\n".join(
        [*lines, *(line for name, text in parts if text for line in (f"## {name}", "", text, ""))]
    )
