"""Parts 2 to 4 of the report: analysis, conclusions, recommendations."""

from __future__ import annotations

from triage.model.case import CaseFacts
from triage.model.investigation import Finding, Investigation
from triage.retrospective import cause_sentence
from triage.retrospective.complexity import complexity
from triage.retrospective.markdown_text import line, paragraph, table
from triage.retrospective.recommendation_status import DONE, STATUSES

NOT_YET = "not yet determined"


def analysis(it: Investigation, facts: CaseFacts) -> list[str]:
    """2 Analysis. No fact appears here first: everything points back to an event."""
    sections = (
        ("2.1 Walk back, latest step first", _walk(it)),
        ("2.2 Safeguards", _safeguards(it)),
        ("2.3 What held, and where we were lucky", _held(it)),
        ("2.4 Claims examined", [*_claims(it), *_held_back(it)]),
        ("2.5 Certainty and agreement, start to end", [*_certainty(it), "", *_complexity(it, facts)]),
    )
    return _sections("## 2 Analysis", sections)


def conclusions(it: Investigation) -> list[str]:
    """3 Conclusions."""
    sections = (
        ("3.1 Findings", _findings(it)),
        ("3.2 Probable cause", [text] if (text := line(cause_sentence.shown(it))) else []),
        ("3.3 What is not known", [paragraph(it.not_known)] if it.not_known else []),
        ("3.4 Dissent", [f"- {line(one)}" for one in it.dissent] or ["None was filed."]),
    )
    return _sections("## 3 Conclusions", sections)


def recommendations(it: Investigation) -> list[str]:
    """4 Recommendations, the actions already taken, and the wish behind the case."""
    rows = [
        (
            one.id,
            line(one.addressee),
            line(one.text),
            ", ".join(one.cites),
            f"{one.due:%Y-%m-%d}" if one.due else "",
            f"{one.status} {STATUSES[one.status].name}" if one.status in STATUSES else line(one.status),
        )
        for one in it.recommendations
    ]
    lines = ["## 4 Recommendations", ""]
    lines += table(("Id", "To", "Text", "Cites", "Due", "Status"), rows) if rows else [NOT_YET]
    letters = [
        f"- {one.id}, {said.at:%Y-%m-%d}, {line(said.sender)}: {line(said.text)} → {said.status_after}"
        for one in it.recommendations
        for said in one.exchange
    ]
    if letters:
        lines += ["", "Exchange of letters:", "", *letters]
    effects = [
        f"- {one.id}: {line(one.effect_measure) or 'cases alike'}: {line(one.effect_result) or NOT_YET}"
        for one in it.recommendations
        if one.effect_measure or one.effect_result
    ]
    if effects:
        lines += ["", "Effect, counted and no proof:", "", *effects]
    done = [f"- {one.id}: {line(one.text)}" for one in it.recommendations if one.status in DONE]
    if done:
        lines += ["", "Already done:", "", *done]
    if it.enhancement:
        wish = "; ".join(
            f"{name.replace('_', ' ')}: {line(str(value))}" for name, value in it.enhancement.items()
        )
        lines += ["", f"Enhancement case: {wish}."]
    return lines


def _sections(title: str, sections: tuple[tuple[str, list[str]], ...]) -> list[str]:
    lines = [title]
    for name, body in sections:
        lines += ["", f"### {name}", "", *(body or [NOT_YET])]
    return lines


def _walk(it: Investigation) -> list[str]:
    rows = [
        (
            str(one.step),
            one.at_event,
            line(one.signal),
            one.seen.replace("_", " "),
            line(one.made_sense_because),
            line(one.stop),
            one.recommendation,
        )
        for one in sorted(it.opportunities, key=lambda one: one.step)
    ]
    if not rows:
        return []
    head = (
        "Step",
        "At",
        "What was there to be seen",
        "Seen",
        "Sensible because",
        "What would have stopped it here",
        "Taken up by",
    )
    nothing = [str(step) for step in it.steps_visited if all(one.step != step for one in it.opportunities)]
    seen = [f"Nothing at steps {', '.join(nothing)}."] if nothing else []
    return [*table(head, rows), *(["", *seen] if seen else [])]


def _safeguards(it: Investigation) -> list[str]:
    rows = [
        (
            one.id,
            line(one.name),
            one.type,
            line(one.expected),
            one.actual.replace("_", " "),
            line(one.how) + (f" \\[{', '.join(one.evidence)}\\]" if one.evidence else ""),
            ", ".join(one.restored_by) or (f"accepted: {line(one.accepted_gap)}" if one.accepted_gap else ""),
        )
        for one in it.safeguards
    ]
    head = ("Id", "Safeguard", "Type", "Expected", "Actual", "How", "Restored by")
    return table(head, rows) if rows else []


def _held(it: Investigation) -> list[str]:
    held = [f"Held: {line(it.held)}."] if it.held else []
    return held + ([f"Lucky: {line(it.lucky)}"] if it.lucky else [])


def _claims(it: Investigation) -> list[str]:
    said = it.classification
    if said.excuse_claimed == "none":
        return ["No claim was made."] if "Q22" in it.answers else []
    return [f"Claim: {said.excuse_claimed.replace('_', ' ')}. {paragraph(said.excuse_answer)}"]


def _held_back(it: Investigation) -> list[str]:
    """What kept the customer on an old release, where that plays a part."""
    return ["", f"Kept from upgrading by: {', '.join(it.upgrade_held_by)}."] if it.upgrade_held_by else []


def _certainty(it: Investigation) -> list[str]:
    if it.stacey_open is None or it.stacey_now is None:
        return [f"Certainty and agreement: {NOT_YET}."]
    (sure, agreed), (sure_now, agreed_now) = it.stacey_open, it.stacey_now
    zones = f"{zone(sure, agreed)} → {zone(sure_now, agreed_now)}"
    return [
        f"Certainty {sure} → {sure_now} of 5, agreement {agreed} → {agreed_now} of 5 ({zones}). "
        "A conversation aid after R. Stacey, who later withdrew the diagram; not a measurement."
    ]


def _complexity(it: Investigation, facts: CaseFacts) -> list[str]:
    held = complexity(it, facts)
    return [
        f"Kind of case: {held.zone} ({held.leaning} of 5 lean to seldom and hard). Read from the thread: "
        f"closeness to the customer {held.customer_intimacy} of 5, work out of sight "
        f"{held.offline_work} of 5, technical level {held.technical_level} of 5, {held.interactions} "
        f"exchanges, worth its {held.value}."
    ]


def zone(certainty: int, agreement: int) -> str:
    """The zone of the Stacey diagram: every pair from 1 to 5 lies in exactly one."""
    if certainty >= 4:
        return "rational" if agreement >= 4 else "political"
    if agreement >= 4:
        return "judgemental"
    return "chaos" if certainty == agreement == 1 else "complex"


def _findings(it: Investigation) -> list[str]:
    cited = cause_sentence.cited(it)
    in_cause = {*cited.causes, *cited.contributing}
    lines = []
    for number, one in enumerate(it.findings, start=1):
        code = ", ".join(part for part in (one.kind.replace("_", " "), one.code, one.modifier) if part)
        mark = " In the probable cause." if one.id in in_cause else ""
        lines.append(
            f"{number}. **{one.id}** ({code}) {line(one.text)} \\[{', '.join(one.evidence)}\\]{mark}"
        )
        lines += [f"   - {words}" for words in _beside(one)]
    return lines


def _beside(one: Finding) -> list[str]:
    """Who proposed and shares a finding, and what else it could have been."""
    agreed = ", ".join(side.replace("_", " ") for side in one.agreed_by)
    said = (
        ("Ruled out", line(one.alternative_ruled_out)),
        ("Proposed by", one.proposed_by.replace("_", " ")),
        ("Agreed by", agreed),
    )
    return [f"{name}: {words}" for name, words in said if words]
