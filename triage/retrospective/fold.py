"""An investigation as the docket tells it: a pure fold of its entries over the facts of the ticket.

Answers are kept by prompt; the last one given counts. What a prompt fills is named by its ``writes``. Values
that a person need not type twice are derived: verdict from the question whether Support could have resolved
it, who restores a safeguard from the recommendations that cite it, the steps walked from the steps answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.entry import Entry
from triage.model.errors import NotFound
from triage.model.investigation import (
    CaseEvent,
    CaseLifeSegment,
    Classification,
    Finding,
    Investigation,
    Mode,
    Opportunity,
    Party,
    Phase,
    Recommendation,
    Safeguard,
    State,
    Verdict,
)
from triage.model.json_value import Json
from triage.model.promise import Promise
from triage.retrospective import case_life, codes
from triage.retrospective.imported_timeline import imported_events
from triage.retrospective.triggers import triggers

ONE_SITTING = timedelta(minutes=3)
"""A longer pause between two entries counts as this much: the rest was spent elsewhere."""
_TEXTS = {
    "K1": "impact", "Q3": "impact", "K2": "reason_escalated", "K4": "did", "K5": "told_customer", "K6": "one_sentence",
    "Q2": "last_worked", "Q4": "customer_words", "QP": "prospect_interest", "Q10": "lucky", "Q21": "resolvable",
    "Q24": "assumption", "Q26": "cause_sentence", "Q27": "not_known", "Q30": "resolvers",
}  # fmt: skip
"""Prompts whose answer is one text of the investigation; of two for one text the later wins."""
_HELD = frozenset({"worked", "partly"})


@dataclass(slots=True)
class _Docket:
    """What the entries say, before it is read as an investigation."""

    id: str = ""
    opened: Entry | None = None
    mode: Mode = "quick"
    state: State = "open"
    locked_at: datetime | None = None
    adopted_at: datetime | None = None
    version: int = 1
    answers: dict[str, Any] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    parked: list[str] = field(default_factory=list)
    silenced: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    last_at: datetime | None = None


def fold(entries: Iterable[Entry], facts: CaseFacts, now: datetime) -> Investigation:
    """The investigation that ``entries`` (of one subject, oldest first) tell.

    Raises `NotFound` where no entry opens one.
    """
    docket = _Docket()
    for entry in entries:
        _read(docket, entry)
    if docket.opened is None:
        raise NotFound("no investigation was opened", where=facts.ticket.key)
    return _investigation(docket, docket.opened, facts, now)


def _read(docket: _Docket, entry: Entry) -> None:
    data: Mapping[str, Any] = entry.data
    match entry.kind:
        case "investigation.opened":
            docket.opened, docket.id, docket.mode = entry, str(data["id"]), data["mode"]
        case "mode.raised":
            docket.mode = data["mode"]
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
        case "investigation.reopened":
            docket.adopted_at, docket.state = None, "reopened"
        case "note.written":
            docket.version = max(docket.version, int(data["version"]) + 1)
        case "minutes.added":
            docket.seconds += 60 * float(data["minutes"])
    if docket.last_at is not None:
        docket.seconds += max(timedelta(), min(entry.at - docket.last_at, ONE_SITTING)).total_seconds()
    docket.last_at = entry.at


def _investigation(docket: _Docket, opened: Entry, facts: CaseFacts, now: datetime) -> Investigation:
    ticket, answers = facts.ticket, docket.answers
    opened_at = _moment(opened.data.get("opened_at")) or opened.at
    events = _events(answers.get("Q1"), facts, opened_at, now)
    safeguards, recommendations = _safeguards(answers), _recommendations(answers)
    recurrence = tuple(one for one in answers.get("Q11") or () if one != "chronic")
    plain = Investigation(
        id=docket.id,
        case_id=ticket.id,
        ticket_key=ticket.key,
        opened_at=opened_at,
        phase=_phase(docket),
        state=docket.state,
        mode=docket.mode,
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
        promises=_promises(answers.get("Q7"), facts.promises),
        case_life=_life(answers.get("Q8"), events, now),
        parties=_parties(answers),
        opportunities=_opportunities(answers),
        steps_visited=tuple(step for step in range(9) if f"W{step}" in answers),
        safeguards=_restored(safeguards, recommendations),
        held=_held(answers, safeguards),
        findings=_findings(answers),
        classification=_classification(answers, recurrence),
        recommendations=recommendations,
        triggers=triggers(facts, recurrence, now),
        preserved=tuple(answers.get("K3") or ()),
        dissent=tuple(answers.get("Q32") or ()),
        parked_fixes=tuple(docket.parked),
        silenced=docket.silenced,
        answers=answers,
        drafts=docket.drafts,
        minutes_spent=round(docket.seconds / 60, 1),
    )
    return replace(plain, **_texts(answers), **_certainty(answers), **_wish(answers))


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


def _events(rows: Any, facts: CaseFacts, opened_at: datetime, now: datetime) -> tuple[CaseEvent, ...]:
    if rows is None:
        return imported_events(facts, opened_at, now)
    events = [CaseEvent(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]
    return tuple(sorted(events, key=lambda one: one.at))


def event_row(event: CaseEvent) -> dict[str, Json]:
    """One event as an answer keeps it."""
    return {
        "id": event.id, "at": event.at.isoformat(), "kind": event.kind, "text": event.text, "source": event.source,
        "ref": event.ref, "actor_role": event.actor_role, "precision": event.precision, "imported": event.imported,
        "after_lock": event.after_lock, "original": event.original,
    }  # fmt: skip


def _promises(rows: Any, known: Sequence[Promise]) -> tuple[Promise, ...]:
    """The promises of the case with what a person said about them laid over."""
    book = {one.id: one for one in known}
    for row in rows or ():
        name = row["id"]
        changes = {key: _moment(row[key]) for key in ("made_at", "due", "met_at") if row.get(key)}
        if name in book:
            withdrawn = bool(row.get("withdrawn", book[name].withdrawn))
            book[name] = replace(book[name], **changes, withdrawn=withdrawn, confirmed=not withdrawn)  # type: ignore[arg-type]
        elif changes.get("due") and changes.get("made_at"):
            book[name] = Promise(
                name, row.get("kind", "next_update"), quote=row.get("quote", ""), confirmed=True, **changes  # type: ignore[arg-type]
            )  # fmt: skip
    return tuple(sorted(book.values(), key=lambda one: (one.made_at, one.id)))


def _life(rows: Any, events: Sequence[CaseEvent], now: datetime) -> tuple[CaseLifeSegment, ...]:
    if not rows:
        return case_life.split(events, now)
    return tuple(
        CaseLifeSegment(
            datetime.fromisoformat(row["start"]),
            datetime.fromisoformat(row["end"]),
            row["phase"],
            row.get("waiting_on", "support"),
            int(row.get("iteration", 1)),
        )
        for row in rows
    )


def _parties(answers: Mapping[str, Any]) -> tuple[Party, ...]:
    parties = {
        row["kind"]: Party(row["kind"], row.get("submission", "invited")) for row in answers.get("Q5") or ()
    }
    for row in answers.get("Q6") or ():
        party = parties.get(row["kind"], Party(row["kind"]))
        account = "\n".join(text for text in (party.account, row["account"]) if text)
        parties[row["kind"]] = replace(party, account=account)
    return tuple(parties.values())


def _opportunities(answers: Mapping[str, Any]) -> tuple[Opportunity, ...]:
    rows = [(step, row) for step in range(9) for row in answers.get(f"W{step}") or ()]
    return tuple(
        Opportunity(
            id=f"O{number}",
            step=step,
            at_event=row.get("at_event", ""),
            signal=row.get("signal", ""),
            seen=row.get("seen", "unknown"),
            stop=row.get("stop", ""),
            made_sense_because=row.get("made_sense_because", ""),
            cost=row.get("cost", ""),
            safeguard=row.get("safeguard", ""),
        )
        for number, (step, row) in enumerate(rows, start=1)
    )


def _safeguards(answers: Mapping[str, Any]) -> tuple[Safeguard, ...]:
    return tuple(
        Safeguard(
            id=row["id"],
            name=row["name"],
            type=row.get("type", "prevention"),
            expected=row.get("expected", ""),
            actual=row["actual"],
            layer=row.get("layer", ""),
            how=row.get("how", ""),
            evidence=tuple(row.get("evidence", ())),
            accepted_gap=row.get("accepted_gap", ""),
        )
        for row in answers.get("Q9") or ()
    )


def _restored(
    safeguards: Iterable[Safeguard], recommendations: Iterable[Recommendation]
) -> tuple[Safeguard, ...]:
    by = {one.id: tuple(rec.id for rec in recommendations if one.id in rec.cites) for one in safeguards}
    return tuple(replace(one, restored_by=by[one.id]) for one in safeguards)


def _held(answers: Mapping[str, Any], safeguards: Iterable[Safeguard]) -> str:
    if "Q9" not in answers:
        return ""
    return "; ".join(one.name for one in safeguards if one.actual in _HELD) or "none"


def _findings(answers: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings; the first cause without a code of its own has the one the ladder led to."""
    chosen: Mapping[str, str] = answers.get("Q23") or {}
    findings = []
    for row in answers.get("Q20") or ():
        code, modifier = row.get("code", ""), row.get("modifier", "")
        if row["kind"] == "cause" and not code and chosen:
            code, modifier, chosen = chosen["code"], modifier or chosen.get("modifier", ""), {}
        findings.append(
            Finding(
                id=row["id"],
                kind=row["kind"],
                text=row["text"],
                code=code,
                modifier=modifier,
                evidence=tuple(row.get("evidence", ())),
                confidence=row.get("confidence", "medium"),
                proposed_by=row.get("proposed_by", ""),
            )
        )
    return tuple(findings)


def _classification(answers: Mapping[str, Any], recurrence: tuple[str, ...]) -> Classification:
    chosen: Mapping[str, str] = answers.get("Q23") or {}
    verdict: Verdict = "undetermined"
    if chosen:
        verdict = "education_gap" if answers.get("Q21") == "yes" else "bug"
    return Classification(
        verdict=verdict,
        code=chosen.get("code", ""),
        modifier=chosen.get("modifier", ""),
        excuse_claimed=answers.get("Q22") or "none",
        excuse_answer=answers.get("Q22A") or "",
        chronic="chronic" in (answers.get("Q11") or ()),
        design_caused=codes.design_caused(chosen.get("code", "")),
        recurrence_of=recurrence,
    )


def _recommendations(answers: Mapping[str, Any]) -> tuple[Recommendation, ...]:
    return tuple(
        Recommendation(
            id=row["id"],
            addressee=row["addressee"],
            text=row["text"],
            aim=row.get("aim", "prevent"),
            strength=row.get("strength", "intermediate"),
            due=date.fromisoformat(row["due"]) if row.get("due") else None,
            status=row.get("status", "OAR"),
            cites=tuple(row.get("cites", ())),
            zero_cost=bool(row.get("zero_cost", False)),
            tracker_url=row.get("tracker_url", ""),
        )
        for row in answers.get("Q28") or ()
    )


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
