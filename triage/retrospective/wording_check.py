"""The wording of a whole investigation: every text a person wrote, each as a text of its section.

Imported events are quotations and exempt until somebody edits them; so are the customer's words and dissent,
which are printed as they were said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation, LintSection, WordingHit
from triage.retrospective import script, wording
from triage.retrospective.team_script import OWN


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """One text and where it was written."""

    prompt_id: str
    name: str
    """What people see: ``F2``, ``impact``."""
    section: LintSection
    text: str


def errors(investigation: Investigation, facts: CaseFacts) -> list[tuple[WrittenPlace, WordingHit]]:
    """Hits of level error that nobody silenced, in the order of the script."""
    return [(place, hit) for place, hit in hits(investigation, facts) if hit.level == "error"]


def hits(investigation: Investigation, facts: CaseFacts) -> list[tuple[WrittenPlace, WordingHit]]:
    """Every hit that nobody silenced."""
    return [
        (place, hit)
        for place, hit in every_hit(investigation, facts)
        if f"{place.prompt_id}:{hit.rule}" not in investigation.silenced
    ]


def every_hit(investigation: Investigation, facts: CaseFacts) -> list[tuple[WrittenPlace, WordingHit]]:
    """Every hit, those that people silenced as well."""
    names = wording.names_of(facts)
    return [
        (place, hit)
        for place in places(investigation)
        for hit in wording.hits(place.text, place.section, names)
    ]


def places(it: Investigation) -> Iterator[WrittenPlace]:
    """Every text a person wrote."""
    yield from _facts(it)
    yield from _analysis(it)
    for finding in it.findings:
        yield WrittenPlace("Q20", finding.id, "finding", finding.text)
    yield WrittenPlace("Q26", "probable cause", "cause", it.cause_sentence)
    yield WrittenPlace("Q27", "what is not known", "analysis", it.not_known)
    for own in script.known().values():
        if own.writes == OWN and isinstance(it.answers.get(own.id), str):
            yield WrittenPlace(own.id, own.id, own.lint_as, str(it.answers[own.id]))
    for one in it.recommendations:
        yield WrittenPlace("Q28", one.id, "recommendation", one.text)


def _facts(it: Investigation) -> Iterator[WrittenPlace]:
    impact_at = "Q3" if it.answers.get("Q3") else "K1"
    yield WrittenPlace(impact_at, "impact", "fact", it.impact)
    yield WrittenPlace("K4", "what was done", "fact", it.did)
    yield WrittenPlace("K5", "what the customer was told", "fact", it.told_customer)
    yield WrittenPlace("K6", "the one sentence", "fact", it.one_sentence)
    yield WrittenPlace("Q2", "when it last worked", "fact", it.last_worked)
    yield WrittenPlace("QP", "the prospect's interest", "fact", it.prospect_interest)
    for line in it.preserved:
        yield WrittenPlace("K3", "what was kept", "fact", line)
    for event in it.timeline:
        if not event.imported or event.original:
            yield WrittenPlace("Q1", event.id, "fact", event.text)


def _analysis(it: Investigation) -> Iterator[WrittenPlace]:
    for party in it.parties:
        yield WrittenPlace("Q6", f"account of {party.kind}", "analysis", party.account)
    for one in it.opportunities:
        for text in (one.signal, one.stop, one.made_sense_because):
            yield WrittenPlace(f"W{one.step}", one.id, "analysis", text)
    for guard in it.safeguards:
        for text in (guard.name, guard.expected, guard.how, guard.accepted_gap):
            yield WrittenPlace("Q9", guard.id, "analysis", text)
    yield WrittenPlace("Q10", "where we were lucky", "analysis", it.lucky)
    yield WrittenPlace("Q22A", "answer to the claim", "analysis", it.classification.excuse_answer)
    yield WrittenPlace("Q24", "assumption", "analysis", it.assumption)
