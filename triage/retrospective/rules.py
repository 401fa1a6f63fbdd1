"""The rules V01-V30: what makes an investigation complete, and what is still missing, in plain words.

Each rule is one function that gives the words for what is missing, or nothing. From the beginning the rules
about facts hold; once the facts are locked, everything that adoption needs is told. In brief mode some are
only warnings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation, Violation
from triage.retrospective import codes, script, wording_check
from triage.retrospective.cause_sentence import Cited, cited
from triage.retrospective.recommendation_status import STATUSES

Stage: TypeAlias = Literal["always", "factual", "final"]
Check: TypeAlias = "Callable[[Investigation, CaseFacts, datetime], str]"

STEPS_WANTED = 3
EXCUSE_ANSWER_LENGTH = 40
REASONS = ("expertise", "authority", "larger_response", "expected_behaviour")
_WORKED = frozenset({"worked"})
_HEARD = frozenset({"submitted", "declined", "no_reply"})
"""A party that was asked and stayed silent had its say: a silent customer must not force an untrue record."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    stage: Stage
    """From when on it holds."""
    mend_at: tuple[str, ...]
    """Prompts to mend it at; the first one that the mode asks."""
    check: Check
    warns_in_brief: bool = False


def check(investigation: Investigation, facts: CaseFacts, now: datetime) -> tuple[Violation, ...]:
    """What is missing, in the order of the rules."""
    stages: set[Stage] = {"always"}
    if investigation.phase != "preliminary":
        stages |= {"factual", "final"}
    violations = []
    for rule in RULES:
        text = rule.check(investigation, facts, now) if rule.stage in stages else ""
        if text:
            lenient = rule.warns_in_brief and investigation.mode == "brief"
            level: Literal["error", "warning"] = "warning" if lenient else "error"
            violations.append(Violation(rule.id, level, text, _mend_at(rule, investigation, facts)))
    return tuple(violations)


def _mend_at(rule: Rule, it: Investigation, facts: CaseFacts) -> str:
    if rule.id == "V26":
        return next((place.prompt_id for place, _ in wording_check.errors(it, facts)), rule.mend_at[0])
    asked = {one.id for one in script.script(it.mode).prompts}
    return next((one for one in rule.mend_at if one in asked), rule.mend_at[0])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _contact(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    found = any(one.kind == "contact" for one in it.timeline)
    return "" if found else "No event says when the customer first got in touch."


def _escalation(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    found = any(one.kind == "escalation" for one in it.timeline)
    return "" if found else "No event says when it was escalated."


def _sources(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    bare = [one.id for one in it.timeline if not one.ref.strip()]
    return f"Events without a source: {_listed(bare)}." if bare else ""


def _impact(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    return "" if it.impact.strip() else "What the customer could not do is not said."


def _times(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    future = [one.id for one in it.timeline if one.at > now]
    if future:
        return f"Events in the future: {_listed(future)}."
    contacts = [one.at for one in it.timeline if one.kind == "contact"]
    early = [
        one.id for one in it.timeline if one.kind == "escalation" and contacts and one.at < min(contacts)
    ]
    if early:
        return f"The escalation {_listed(early)} comes before the first contact."
    own = [one for one in it.timeline if not one.imported and one.precision == "exact"]
    rough = [one.id for one in own if (one.at.hour, one.at.minute, one.at.second) == (0, 0, 0)]
    return f"Events at midnight sharp, not marked as estimated: {_listed(rough)}." if rough else ""


def _opportunities(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    known = {one.id for one in it.timeline}
    loose = [one.id for one in it.opportunities if one.at_event not in known or not one.stop.strip()]
    return (
        f"Steps back without an event or without what would have stopped it: {_listed(loose)}."
        if loose
        else ""
    )


def _walked(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    found = {one.step for one in it.opportunities}
    wanted = 1 if it.mode == "brief" else STEPS_WANTED
    if len(found) >= wanted or (found and len(it.steps_visited) == 9):
        return ""
    return f"The walk back has {len(found)} of {wanted} steps; look at the others too."


def _gaps(it: Investigation) -> list[tuple[str, str, tuple[str, ...], bool]]:
    return [
        (one.id, one.how.strip(), one.evidence, bool(one.restored_by or one.accepted_gap.strip()))
        for one in it.safeguards
        if one.actual not in _WORKED
    ]


def _gap_how(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    bare = [name for name, how, _, _ in _gaps(it) if not how]
    return f"Safeguards that did not work, without how that came about: {_listed(bare)}." if bare else ""


def _gap_evidence(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    known = {one.id for one in it.timeline}
    bare = [name for name, _, evidence, _ in _gaps(it) if not evidence or not set(evidence) <= known]
    return f"Safeguards that did not work, without evidence: {_listed(bare)}." if bare else ""


def _gap_restored(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    bare = [name for name, _, _, restored in _gaps(it) if not restored]
    if not bare:
        return ""
    return f"No recommendation cites {_listed(bare)}, and no reason says why the gap stays."


def _evidence(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    known = {one.id for one in it.timeline} | {one.id for one in it.safeguards}
    bare = [one.id for one in it.findings if not one.evidence or not set(one.evidence) <= known]
    return f"Findings that cite no evidence, or one that does not exist: {_listed(bare)}." if bare else ""


def _coded(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    bare = [
        one.id
        for one in it.findings
        if one.kind in {"cause", "contributing"} and one.code not in codes.codes()
    ]
    return f"Causes and contributing factors without a code: {_listed(bare)}." if bare else ""


def _kinds(it: Investigation) -> tuple[Cited, Mapping[str, str]]:
    return cited(it), {one.id: one.kind for one in it.findings}


def _cited_causes(it: Investigation) -> list[str]:
    cites, kinds = _kinds(it)
    return [name for name in cites.causes if kinds.get(name) == "cause"]


def _cause(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    return "" if _cited_causes(it) else "The probable cause rests on no finding of kind cause."


def _contributing(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    cites, kinds = _kinds(it)
    found = any(kinds.get(name) == "contributing" for name in cites.contributing)
    return "" if found else "The probable cause names no contributing finding."


def _roles(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    cites, kinds = _kinds(it)
    wrong = [name for name in cites.causes if kinds.get(name) != "cause"]
    wrong += [name for name in cites.contributing if kinds.get(name) != "contributing"]
    return f"The sentence cites in the wrong place, or unknown: {_listed(wrong)}." if wrong else ""


def _not_known(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    return "" if it.not_known.strip() else "What is still not known is not said."


def _verdict(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    decided = it.classification.verdict in {"bug", "education_gap"}
    return "" if decided else "There is no verdict yet: bug or education gap."


def _code(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    verdict, name = it.classification.verdict, it.classification.code
    if verdict == "undetermined":
        return ""
    if name not in codes.codes():
        return "The verdict has no code."
    if codes.code(name).verdict != verdict:
        return f"Code {name} does not belong to the verdict {verdict.replace('_', ' ')}."
    causes = _cited_causes(it)
    if causes and name not in {one.code for one in it.findings if one.id in causes}:
        return f"Code {name} is not the code of a cause that the sentence cites."
    return ""


def _excuse(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    said = it.classification
    if said.excuse_claimed == "none" or len(said.excuse_answer.strip()) >= EXCUSE_ANSWER_LENGTH:
        return ""
    claim = said.excuse_claimed.replace("_", " ")
    return f"The claim “{claim}” is not answered in {EXCUSE_ANSWER_LENGTH} characters."


def _aims(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    verdict, causes = it.classification.verdict, set(_cited_causes(it))
    if verdict == "education_gap":
        taught = any(one.aim == "educate" for one in it.recommendations)
        return "" if taught else "An education gap needs a recommendation that educates."
    if verdict != "bug":
        return ""
    aimed = [one for one in it.recommendations if one.aim in {"prevent", "detect"}]
    if aimed and (not causes or any(causes & set(one.cites) for one in aimed)):
        return ""
    return "A bug needs a recommendation that prevents or detects it and cites a cause."


def _strength(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    weak = it.recommendations and all(one.strength == "weak" for one in it.recommendations)
    return "Every recommendation is weak: nothing is built, only asked." if weak else ""


def _chronic(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    repeated = it.classification.recurrence_of and not it.classification.chronic
    return "It happened before, yet it is not marked as chronic." if repeated else ""


def _addressee(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    if not it.recommendations:
        return "There is no recommendation."
    bare = [one.id for one in it.recommendations if not one.addressee.strip()]
    return f"Recommendations to nobody: {_listed(bare)}." if bare else ""


def _due(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    bare = [one.id for one in it.recommendations if one.due is None]
    return f"Recommendations without a date: {_listed(bare)}." if bare else ""


def _status(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    known = {one.id for one in it.findings} | {one.id for one in it.safeguards}
    wrong = [
        one.id for one in it.recommendations
        if one.status not in STATUSES or not one.cites or not set(one.cites) <= known
    ]  # fmt: skip
    if wrong:
        return f"Recommendations with an unknown status or citing nothing that exists: {_listed(wrong)}."
    written = {"", *(one.id for one in it.recommendations)}
    loose = [
        f"{one.id} to {one.recommendation}" for one in it.opportunities if one.recommendation not in written
    ]
    return f"Steps back linked to a recommendation that is not there: {_listed(loose)}." if loose else ""


def _wording(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    found = wording_check.errors(it, facts)
    if not found:
        return ""
    place, hit = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{place.name} blames ({hit.rule}): “{hit.text}”{more}."


def _promised(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    made = any(one.kind != "acknowledge" and not one.withdrawn for one in it.promises)
    return "" if made else "No promise to the customer is recorded: when do they hear from us?"


def _kept(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    at = it.adopted_at or now
    unmet = [one for one in it.promises if one.met_at is None and not one.withdrawn]
    # One that is due later outlives the case, unless somebody has said that it shall not.
    open_ = [one for one in unmet if one.due < at or one.carried_over is False]
    # A missed promise is carried over by a later one that was met or is not due yet; it stays missed.
    later = [
        one for one in it.promises if not one.withdrawn and one not in open_ and (one.met_at or one.due >= at)
    ]
    broken = [one for one in open_ if all(other.made_at <= one.made_at for other in later)]
    if not broken:
        return ""
    told = ", ".join(f"{one.kind.replace('_', ' ')} due {one.due:%d %b %H:%M} UTC" for one in broken)
    return f"Promises neither met nor carried over: {told}."


def _reason(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    return "" if it.reason_escalated in REASONS else "What made it come to engineering is not said."


def _heard(it: Investigation, facts: CaseFacts, now: datetime) -> str:
    heard = sum(one.submission in _HEARD for one in it.parties)
    return "" if heard >= 2 else f"{heard} of 2 parties gave their account, declined or did not reply."


RULES: tuple[Rule, ...] = (
    Rule("V01", "always", ("Q1",), _contact),
    Rule("V02", "always", ("Q1",), _escalation),
    Rule("V03", "always", ("Q1",), _sources),
    Rule("V04", "always", ("Q3", "K1"), _impact),
    Rule("V05", "always", ("Q1",), _times),
    Rule("V06", "factual", ("W0",), _opportunities),
    Rule("V07", "factual", ("W0",), _walked, warns_in_brief=True),
    Rule("V08", "factual", ("Q9",), _gap_how),
    Rule("V09", "factual", ("Q9",), _gap_evidence),
    Rule("V10", "factual", ("Q28",), _gap_restored),
    Rule("V11", "factual", ("Q20",), _evidence),
    Rule("V12", "factual", ("Q20",), _coded),
    Rule("V13", "final", ("Q26", "Q20"), _cause),
    Rule("V14", "final", ("Q26", "Q20"), _contributing, warns_in_brief=True),
    Rule("V15", "final", ("Q26", "Q20"), _roles),
    Rule("V16", "final", ("Q27",), _not_known, warns_in_brief=True),
    Rule("V17", "final", ("Q23",), _verdict),
    Rule("V18", "final", ("Q23",), _code),
    Rule("V19", "final", ("Q22A",), _excuse),
    Rule("V20", "final", ("Q28",), _aims),
    Rule("V21", "final", ("Q28",), _strength, warns_in_brief=True),
    Rule("V22", "final", ("Q11",), _chronic),
    Rule("V23", "final", ("Q28",), _addressee),
    Rule("V24", "final", ("Q28",), _due),
    Rule("V25", "final", ("Q28",), _status),
    Rule("V26", "always", ("Q20",), _wording),
    Rule("V27", "always", ("Q7", "K5"), _promised),
    Rule("V28", "final", ("Q7", "K5"), _kept),
    Rule("V29", "always", ("K2",), _reason),
    Rule("V30", "final", ("Q5",), _heard, warns_in_brief=True),
)
BEFORE_LOCK = frozenset({"V01", "V02", "V03", "V04", "V05", "V29"})
"""Facts that must stand before they are locked."""
