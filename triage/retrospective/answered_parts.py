"""Answers read as the parts of an investigation: events, findings, recommendations and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from triage.model.case import CaseFacts
from triage.model.investigation import (
    CaseEvent,
    CaseLifeSegment,
    Classification,
    Finding,
    Opportunity,
    Party,
    Recommendation,
    Safeguard,
    Verdict,
)
from triage.model.json_value import Json
from triage.model.promise import Promise
from triage.retrospective import case_life, codes
from triage.retrospective.imported_timeline import imported_events, shown

_HELD = frozenset({"worked", "partly"})


def events_of(rows: Any, facts: CaseFacts, opened_at: datetime, now: datetime) -> tuple[CaseEvent, ...]:
    """The timeline as kept, or as imported while nobody has looked at it."""
    if rows is None:
        return imported_events(facts, opened_at, now)
    return tuple(sorted(map(_event, rows), key=lambda one: one.at))


def _event(row: Mapping[str, Any]) -> CaseEvent:
    """One kept row; rows from before an event had a time of recording have neither it nor a visibility."""
    at = datetime.fromisoformat(row["at"])
    recorded = row.get("recorded_at")
    kept = {
        "at": at,
        "recorded_at": datetime.fromisoformat(recorded) if recorded else at,
        "visibility": row.get("visibility") or shown(row["source"]),
    }
    return CaseEvent(**{**row, **kept})


def event_row(event: CaseEvent) -> dict[str, Json]:
    """One event as an answer keeps it."""
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "text": event.text,
        "source": event.source,
        "ref": event.ref,
        "actor_role": event.actor_role,
        "precision": event.precision,
        "imported": event.imported,
        "after_lock": event.after_lock,
        "original": event.original,
        "recorded_at": event.recorded_at.isoformat() if event.recorded_at else "",
        "visibility": event.visibility,
    }


def promises_said(rows: Any, known: Sequence[Promise]) -> tuple[Promise, ...]:
    """The promises of the case with what a person said about them laid over."""
    book = {one.id: one for one in known}
    for row in rows or ():
        name = row["id"]
        changes = {key: moment_of(row[key]) for key in ("made_at", "due", "met_at") if row.get(key)}
        if name in book:
            withdrawn = bool(row.get("withdrawn", book[name].withdrawn))
            book[name] = replace(
                book[name],
                **changes,  # type: ignore[arg-type]
                withdrawn=withdrawn,
                confirmed=not withdrawn,
                to=row.get("to") or book[name].to,
                carried_over=row.get("carried_over"),
            )
        elif changes.get("due") and changes.get("made_at"):
            book[name] = Promise(
                name,
                row.get("kind", "next_update"),
                quote=row.get("quote", ""),
                confirmed=True,
                to=row.get("to") or "customer",
                carried_over=row.get("carried_over"),
                **changes,  # type: ignore[arg-type]
            )
    return tuple(sorted(book.values(), key=lambda one: (one.made_at, one.id)))


def case_life_of(rows: Any, events: Sequence[CaseEvent], now: datetime) -> tuple[CaseLifeSegment, ...]:
    """The case life as corrected, or as read from the events."""
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


def parties_of(answers: Mapping[str, Any]) -> tuple[Party, ...]:
    """The parties with their accounts."""
    parties = {
        row["kind"]: Party(
            row["kind"],
            row.get("submission", "invited"),
            component=row.get("component", ""),
            rep=row.get("rep", ""),
        )
        for row in answers.get("Q5") or ()
    }
    for row in answers.get("Q6") or ():
        party = parties.get(row["kind"], Party(row["kind"]))
        account = "\n".join(text for text in (party.account, row["account"]) if text)
        parties[row["kind"]] = replace(party, account=account)
    return tuple(parties.values())


def opportunities_of(answers: Mapping[str, Any]) -> tuple[Opportunity, ...]:
    """The missed opportunities of all steps, latest step first."""
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
            recommendation=row.get("recommendation", ""),
        )
        for number, (step, row) in enumerate(rows, start=1)
    )


def safeguards_of(answers: Mapping[str, Any]) -> tuple[Safeguard, ...]:
    """The safeguards as answered."""
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


def restored(
    safeguards: Iterable[Safeguard], recommendations: Iterable[Recommendation]
) -> tuple[Safeguard, ...]:
    """The safeguards with the recommendations that restore them, which are those that cite them."""
    by = {one.id: tuple(rec.id for rec in recommendations if one.id in rec.cites) for one in safeguards}
    return tuple(replace(one, restored_by=by[one.id]) for one in safeguards)


def linked(
    opportunities: Iterable[Opportunity],
    safeguards: Iterable[Safeguard],
    recommendations: Sequence[Recommendation],
) -> tuple[Opportunity, ...]:
    """The opportunities with the recommendation that takes each up, where the walk back names none.

    That is one that says what would have stopped it, else the first that cites the step's safeguard.
    """
    by_name = {one.name.casefold(): one.id for one in safeguards}
    return tuple(
        one if one.recommendation else replace(one, recommendation=_taken_up(one, by_name, recommendations))
        for one in opportunities
    )


def _taken_up(one: Opportunity, by_name: Mapping[str, str], recommendations: Sequence[Recommendation]) -> str:
    said = one.stop.strip().rstrip(".").casefold()
    guard = by_name.get(one.safeguard.casefold(), one.safeguard.upper())
    for rec in recommendations:
        if said and rec.text.strip().rstrip(".").casefold() == said:
            return rec.id
    return next((rec.id for rec in recommendations if guard and guard in rec.cites), "")


def held(answers: Mapping[str, Any], safeguards: Iterable[Safeguard]) -> str:
    """What held, by name; ``none`` once it was asked and nothing did."""
    if "Q9" not in answers:
        return ""
    return "; ".join(one.name for one in safeguards if one.actual in _HELD) or "none"


def findings_of(answers: Mapping[str, Any]) -> tuple[Finding, ...]:
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
                alternative_ruled_out=row.get("alternative_ruled_out", ""),
                agreed_by=tuple(row.get("agreed_by", ())),
            )
        )
    return tuple(findings)


def classification_of(answers: Mapping[str, Any], recurrence: tuple[str, ...]) -> Classification:
    """Verdict, code, claim and flags."""
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


def recommendations_of(answers: Mapping[str, Any]) -> tuple[Recommendation, ...]:
    """The recommendations as answered."""
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
            cost=row.get("cost") or ("zero" if row.get("zero_cost") else ""),
            zero_cost=bool(row.get("zero_cost", False)) or row.get("cost") == "zero",
            tracker_url=row.get("tracker_url", ""),
            effect_measure=row.get("effect_measure", ""),
        )
        for row in answers.get("Q28") or ()
    )


def moment_of(value: Any) -> datetime | None:
    """The time written as ISO text; None for anything else."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
