"""An investigation as the docket tells it: a pure fold of its entries over the facts of the ticket.

Answers are kept by prompt; the last one given counts. What a prompt fills is named by its ``writes``. Values
that a person need not type twice are derived: verdict from the question whether Support could have resolved
it, who restores a safeguard from the recommendations that cite it, the steps walked from the steps answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.entry import Entry
from triage.model.errors import NotFound
from triage.model.investigation import Conducted, Investigation, Mode, Party, Phase, State
from triage.retrospective.answered_parts import (
    case_life_of,
    classification_of,
    events_of,
    findings_of,
    held,
    linked,
    moment_of,
    opportunities_of,
    parties_of,
    promises_said,
    recommendations_of,
    restored,
    safeguards_of,
)
from triage.retrospective.pair import People
from triage.retrospective.party_letters import dissents, is_party_letter, with_submissions
from triage.retrospective.recommendation_letters import Letter, letter_of, with_letters
from triage.retrospective.triggers import Said, triggers

ONE_SITTING = timedelta(minutes=3)
"""A longer pause between two entries counts as this much: the rest was spent elsewhere."""
_TEXTS = {
    "K1": "impact",
    "Q3": "impact",
    "K2": "reason_escalated",
    "K4": "did",
    "K5": "told_customer",
    "K6": "one_sentence",
    "Q2": "last_worked",
    "Q4": "customer_words",
    "QP": "prospect_interest",
    "QE": "full_because",
    "QI": "lead_role",
    "QR": "account_risk",
    "QV": "visibility",
    "Q10": "lucky",
    "Q21": "resolvable",
    "Q24": "assumption",
    "Q26": "cause_sentence",
    "Q27": "not_known",
    "Q30": "resolvers",
}
"""Prompts whose answer is one text of the investigation; of two for one text the later wins."""


@dataclass(slots=True)
class _Docket:
    """What the entries say, before it is read as an investigation."""

    id: str = ""
    opened: Entry | None = None
    mode: Mode = "quick"
    modes: list[Mode] = field(default_factory=list)
    """Every mode it has been in, the first first."""
    state: State = "open"
    locked_at: datetime | None = None
    adopted_at: datetime | None = None
    version: int = 1
    answers: dict[str, Any] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    parked: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    party_letters: list[Entry] = field(default_factory=list)
    superseded: list[datetime] = field(default_factory=list)
    issued: tuple[str, ...] = ()
    reopened_for: str = ""
    silenced: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    last_at: datetime | None = None
    people: People = field(default_factory=People)


def fold(entries: Iterable[Entry], facts: CaseFacts, now: datetime) -> Investigation:
    """The investigation that ``entries`` (of one subject, oldest first) tell.

    Raises `NotFound` where no entry opens one.
    """
    docket = _Docket()
    for entry in entries:
        letter = letter_of(entry)
        docket.people.read(entry)
        if is_party_letter(entry):
            docket.party_letters.append(entry)
        elif letter is None:
            _read(docket, entry)
        else:
            # Following up is no time spent on the investigation.
            docket.letters.append(letter)
    if docket.opened is None:
        raise NotFound("no investigation was opened", where=facts.ticket.key)
    return _investigation(docket, docket.opened, facts, now)


def _read(docket: _Docket, entry: Entry) -> None:
    data: Mapping[str, Any] = entry.data
    match entry.kind:
        case "investigation.opened":
            docket.opened, docket.id, docket.mode = entry, str(data["id"]), data["mode"]
            docket.modes.append(docket.mode)
        case "mode.raised":
            docket.mode = data["mode"]
            docket.modes.append(docket.mode)
        case "answer.given":
            docket.answers[data["prompt"]] = data["value"]
            docket.drafts.pop(data["prompt"], None)
        case "answer.drafted":
            docket.drafts[data["prompt"]] = data["text"]
        case "fix.parked":
            docket.parked.append(data["text"])
        case "wording.silenced":
            docket.silenced[f"{data['prompt']}:{data['rule']}"] = data["reason"]
        case "facts.locked":
            docket.locked_at = entry.at
        case "investigation.adopted":
            docket.adopted_at, docket.state = entry.at, "adopted"
            docket.issued = tuple(one.id for one in recommendations_of(docket.answers))
        case "investigation.reopened":
            docket.superseded += [docket.adopted_at] if docket.adopted_at else []
            docket.adopted_at, docket.state = None, "reopened"
            docket.reopened_for = str(data.get("reason", ""))
        case "note.written":
            docket.version = max(docket.version, int(data["version"]) + 1)
        case "minutes.added":
            docket.seconds += 60 * float(data["minutes"])
    if docket.last_at is not None:
        docket.seconds += max(timedelta(), min(entry.at - docket.last_at, ONE_SITTING)).total_seconds()
    docket.last_at = entry.at


def _investigation(docket: _Docket, opened: Entry, facts: CaseFacts, now: datetime) -> Investigation:
    ticket, answers = facts.ticket, docket.answers
    opened_at = moment_of(opened.data.get("opened_at")) or opened.at
    events = events_of(answers.get("Q1"), facts, opened_at, now)
    safeguards = safeguards_of(answers)
    recommendations = with_letters(recommendations_of(answers), docket.letters)
    parties = with_submissions(parties_of(answers), docket.party_letters)
    recurrence = tuple(one for one in answers.get("Q11") or () if one != "chronic")
    said = Said(
        by_night=bool(opened.data.get("outside_hours")),
        account_risk=answers.get("QR") or "",
        full_because=answers.get("QE") or "",
    )
    plain = Investigation(
        id=docket.id,
        case_id=ticket.id,
        ticket_key=ticket.key,
        opened_at=opened_at,
        phase=_phase(docket),
        state=_state(docket, parties),
        mode=docket.mode,
        conducted=conducted(docket.modes),
        version=docket.version,
        facts_locked_at=docket.locked_at,
        adopted_at=docket.adopted_at,
        title=clean_line(ticket.subject),
        customer=clean_line(ticket.customer),
        relationship=ticket.relationship,
        product=clean_line(ticket.product),
        product_version=clean_line(ticket.product_version),
        component=clean_line(ticket.component),
        supported_release=str(ticket.fields.get("supported_release") or ""),
        severity=ticket.priority or "",
        timeline=events,
        promises=promises_said(answers.get("Q7"), facts.promises),
        case_life=case_life_of(answers.get("Q8"), events, now),
        parties=parties,
        opportunities=linked(opportunities_of(answers), safeguards, recommendations),
        steps_visited=tuple(step for step in range(9) if f"W{step}" in answers),
        safeguards=restored(safeguards, recommendations),
        held=held(answers, safeguards),
        findings=findings_of(answers),
        classification=classification_of(answers, recurrence),
        recommendations=recommendations,
        upgrade_held_by=tuple(answers.get("QU") or ()),
        triggers=triggers(facts, recurrence, now, said),
        preserved=tuple(answers.get("K3") or ()),
        dissent=(*(answers.get("Q32") or ()), *dissents(docket.party_letters)),
        superseded=tuple(docket.superseded),
        issued=docket.issued,
        reopened_for=docket.reopened_for,
        parked_fixes=tuple(docket.parked),
        silenced=docket.silenced,
        answers=answers,
        drafts=docket.drafts,
        minutes_spent=round(docket.seconds / 60, 1),
        driver=docket.people.driver,
        navigator=docket.people.navigator,
        investigators=tuple(docket.people.credited),
    )
    return replace(plain, **_texts(answers), **_certainty(answers), **_wish(answers))


def _state(docket: _Docket, parties: Iterable[Party]) -> State:
    """Once the facts are locked it waits for the parties that were invited, then for its review."""
    if docket.state != "open" or docket.locked_at is None:
        return docket.state
    waiting = any(one.submission == "invited" for one in parties)
    return "awaiting_parties" if waiting else "in_review"


def conducted(modes: Sequence[Mode]) -> Conducted:
    """How it was gone about: what began in quick mode and went on to full is called by both."""
    begun, ended = modes[0], modes[-1]
    return "quick_then_full" if (begun, ended) == ("quick", "full") else ended


def _phase(docket: _Docket) -> Phase:
    if docket.adopted_at is not None:
        return "final"
    return "factual" if docket.locked_at is not None else "preliminary"


def _texts(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(answers[prompt]) for prompt, name in _TEXTS.items() if answers.get(prompt) not in {None, ""}
    }


def _certainty(answers: Mapping[str, Any]) -> dict[str, Any]:
    said = answers.get("Q25")
    return {"stacey_open": tuple(said["open"]), "stacey_now": tuple(said["now"])} if said else {}


def _wish(answers: Mapping[str, Any]) -> dict[str, Any]:
    rows = answers.get("Q29")
    return {"enhancement": rows[0]} if rows else {}
