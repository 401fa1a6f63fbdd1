"""Answers that what was said so far offers for the conclusions: code, sentence, recommendations, a wish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from triage.model.investigation import Safeguard
from triage.model.json_value import Json
from triage.retrospective import case_life, cause_sentence, codes
from triage.retrospective.conditions import climbed
from triage.retrospective.reading import NOTHING, Offer, Prefilled, Reading, where
from triage.retrospective.script import Prompt
from triage.retrospective.thread_signs import EXCUSES, HELD_BACK, UPGRADE

RECOMMENDED_WITHIN = timedelta(days=30)
_HELPED = frozenset({"worked", "partly"})
_EVIDENCE = frozenset({"evidence_request", "evidence_received"})


def _resolvable(it: Reading, prompt: Prompt) -> Prefilled:
    if it.investigation.reason_escalated == "authority":
        return "no", "K2: no tool or authority"
    return NOTHING


def _excuse(it: Reading, prompt: Prompt) -> Prefilled:
    for event in it.facts.timeline:
        for excuse, pattern in EXCUSES.items():
            if event.kind == "message" and pattern.search(event.text):
                return excuse, where(event)
    return "none", "a look through the thread"


def _code(it: Reading, prompt: Prompt) -> Prefilled:
    proposed = codes.propose(climbed(it.investigation), it.investigation.reason_escalated)
    own = next((one.code for one in it.investigation.findings if one.kind == "cause" and one.code), "")
    if own:
        return {"code": own}, "your cause finding"
    return ({"code": proposed}, "the ladder") if proposed else NOTHING


def _held_back(it: Reading, prompt: Prompt) -> Prefilled:
    """What the thread names as the reason to stay on an old release."""
    said = [one for one in it.facts.timeline if one.kind == "message" and UPGRADE.search(one.text)]
    found = {
        name: event for name, pattern in HELD_BACK.items() for event in said if pattern.search(event.text)
    }
    return ([*found], where(next(iter(found.values())))) if found else NOTHING


def _sentence(it: Reading, prompt: Prompt) -> Prefilled:
    text = cause_sentence.draft(it.investigation)
    return (text, "your findings") if text else NOTHING


def _findings(it: Reading, prompt: Prompt) -> Prefilled:
    """What the facts and the safeguards already say: drafts, each to be made a sentence of its own."""
    _, rounds = case_life.totals(it.investigation.case_life).get("documentation", (None, 0))
    again = _asked_again(it, rounds) if rounds > 1 else []
    known = [_of_safeguard(one) for one in it.investigation.safeguards]
    sources = ((again, f"{rounds} requests for evidence"), (known, "your safeguards"))
    return (
        ([*again, *known], ", ".join(name for rows, name in sources if rows)) if again or known else NOTHING
    )


def _asked_again(it: Reading, rounds: int) -> list[Json]:
    """A second request for evidence is a finding of its own: the first one lacked what was needed."""
    asked: list[Json] = [one.id for one in it.investigation.timeline if one.kind in _EVIDENCE]
    text = f"The first request for evidence lacked what the investigation needed; it came in {rounds} rounds."
    return [{"kind": "other_risk", "code": "E4.1", "text": text, "evidence": asked}]


def _of_safeguard(one: Safeguard) -> Json:
    """A safeguard that did not help contributed; one that did is worth keeping."""
    kind = "other_finding" if one.actual in _HELPED else "contributing"
    modifier = "missing" if one.actual == "absent" else ""
    said = f"{one.name}: {one.how or one.actual.replace('_', ' ')}"
    evidence: list[Json] = [*one.evidence]
    return {"kind": kind, "modifier": modifier, "text": said, "evidence": evidence, "confidence": "medium"}


def _recommendations(it: Reading, prompt: Prompt) -> Prefilled:
    due = (it.now + RECOMMENDED_WITHIN).date().isoformat()
    cited_gaps = {one.name: one.id for one in it.investigation.safeguards if one.actual not in _HELPED}
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
                "status": "OAR",
                "cost": one.cost,
                "zero_cost": one.cost == "zero",
            }
        )
    return (rows, "parked ideas and the walk back") if rows else NOTHING


def _aim(step: int) -> str:
    """What a change at a step of the walk back most likely does: seen from behind, the earlier the better."""
    return "mitigate" if step <= 2 else "detect" if step <= 4 else "prevent"


def _enhancement(it: Reading, prompt: Prompt) -> Prefilled:
    stop = next((one.stop for one in it.investigation.opportunities if one.step == 8), "")
    return ([{"title": stop, "aligned": "unknown", "asking": 1}], "step 8") if stop else NOTHING


def _notes(it: Reading, prompt: Prompt) -> Prefilled:
    return ["post", "copy"], "both can be drafted"


CONCLUSIONS: Mapping[str, Offer] = {
    "resolvable": _resolvable,
    "excuse": _excuse,
    "code": _code,
    "upgrade_held_by": _held_back,
    "findings": _findings,
    "cause_sentence": _sentence,
    "recommendations": _recommendations,
    "enhancement": _enhancement,
    "notes": _notes,
}
