"""Answers that the ticket offers on the walk back: the event a step hangs on, safeguards, earlier cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from triage.model.investigation import CaseEvent
from triage.model.json_value import Json
from triage.retrospective import case_life
from triage.retrospective.reading import NOTHING, Offer, Prefilled, Reading, where
from triage.retrospective.script import Prompt


def _walk(it: Reading, prompt: Prompt) -> Prefilled:
    event, signal = _STEP_SIGNS[prompt.step or 0](it)
    if event is None:
        return NOTHING
    return [{"at_event": event.id, "signal": signal}], f"{event.id}, {event.ref}"


def _handed_over(it: Reading) -> tuple[CaseEvent | None, str]:
    contact = it.first("contact")
    if it.escalation is None or contact is None:
        return it.escalation, ""
    waited = case_life.spell(it.escalation.at - contact.at)
    return it.escalation, f"The escalation came {waited} after the first message."


def _diagnosed(it: Reading) -> tuple[CaseEvent | None, str]:
    until = it.escalation.at if it.escalation else it.now
    notes = [
        one
        for one in it.investigation.timeline
        if one.kind in {"hypothesis", "test", "evidence_received"} and one.at <= until
    ]
    return (notes[-1], notes[-1].text) if notes else (None, "")


def _replied(it: Reading) -> tuple[CaseEvent | None, str]:
    first_words = {"acknowledge", "promise", "evidence_request", "reply"}
    reply = next((one for one in it.investigation.timeline if one.kind in first_words), None)
    rounds = sum(one.kind == "evidence_received" for one in it.investigation.timeline)
    return reply, f"Evidence came in {rounds} rounds." if rounds > 1 else ""


def _started(it: Reading) -> tuple[CaseEvent | None, str]:
    change = it.first("change") or it.first("alert") or it.first("contact")
    return change, change.text if change is not None and change.kind != "contact" else ""


def _seen_first(it: Reading) -> tuple[CaseEvent | None, str]:
    contact = it.first("contact")
    return contact, contact.text if contact else ""


_STEP_SIGNS: tuple[Callable[[Reading], tuple[CaseEvent | None, str]], ...] = (
    _handed_over, _diagnosed, _replied, _seen_first, _started, _started, _started, _started, _started,
)  # fmt: skip


def _safeguards(it: Reading, prompt: Prompt) -> Prefilled:
    """A row for every safeguard that the walk back named."""
    rows: list[Json] = []
    for one in it.investigation.opportunities:
        if one.safeguard:
            rows.append(
                {"name": one.safeguard, "actual": "absent", "evidence": [one.at_event], "how": one.signal}
            )
    return (rows, "the walk back") if rows else NOTHING


def _recurrence(it: Reading, prompt: Prompt) -> Prefilled:
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


WALK: Mapping[str, Offer] = {
    "walk": _walk,
    "safeguards": _safeguards,
    "recurrence": _recurrence,
}
