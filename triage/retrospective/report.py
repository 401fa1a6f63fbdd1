"""The report of an investigation as Markdown: the same numbers in every phase.

The shape is that of accident reports (ICAO Annex 13: factual information, analysis, conclusions,
recommendations). What is not filled yet reads "not yet determined"; a preliminary report ends with the facts
and carries no analysis and no cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from triage.model.case import CaseFacts
from triage.model.investigation import CaseEvent, Investigation, Party
from triage.model.json_value import Json
from triage.retrospective import case_life, cause_sentence, codes, script, wording_check, wording_rest
from triage.retrospective.customer_draft import customer_draft
from triage.retrospective.docket_index import DocketIndex
from triage.retrospective.imported_timeline import ours, source_ref
from triage.retrospective.internal_note import internal_note
from triage.retrospective.markdown_text import line, paragraph, table
from triage.retrospective.pair import credited
from triage.retrospective.recommendation_status import OPEN, STATUSES
from triage.retrospective.report_analysis import analysis, conclusions, recommendations
from triage.retrospective.rules import check
from triage.retrospective.team_script import OWN

__all__ = ["customer_draft", "internal_note", "markdown", "ticket_changes"]

SOON_RECORDED = timedelta(days=1)
"""An event taken down later than that says when."""
BANNER = "Fact-finding record. It assigns no blame or liability."
RESTRICTED = "RESTRICTED: to be read by its parties only"
NOT_YET = "not yet determined"


def markdown(
    investigation: Investigation, facts: CaseFacts, now: datetime, docket: DocketIndex | None = None
) -> str:
    """The whole report, with the index of its ``docket``.

    Of people on the ticket roles appear and never names; a pair that investigated is credited by name.
    """
    it = investigation
    parts = [_head(it), _synopsis(it), _facts(it, facts, now)]
    if it.phase != "preliminary":
        parts += [
            analysis(it, facts),
            conclusions(it),
            recommendations(it),
            _appendices(it, facts, now, docket),
        ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def ticket_changes(investigation: Investigation) -> tuple[tuple[str, ...], Mapping[str, Json]]:
    """The tags to add and the fields to set on the ticket, by our own field names."""
    it = investigation
    fields: dict[str, Json] = {"esc_phase": it.phase}
    if it.phase != "final" or not it.classification.code:
        return (), fields
    said = it.classification
    tag = "bug" if said.verdict == "bug" else "education"
    fields |= {"esc_verdict": said.verdict, "esc_code": said.code}
    if said.chronic:
        fields["esc_problem"] = ", ".join(said.recurrence_of) or it.id
    return (f"esc-{tag}", f"esc-{said.code.lower().replace('.', '-')}"), fields


def _head(it: Investigation) -> list[str]:
    product = line(" ".join(part for part in (it.product, it.product_version) if part)) or NOT_YET
    adopted = f" · adopted {stamp(it.adopted_at)}" if it.adopted_at else ""
    superseded = f" · supersedes the version of {stamp(it.superseded[-1])}" if it.superseded else ""
    if it.state == "superseded":
        superseded += " · **SUPERSEDED by a later version**"
    if it.state == "reopened":
        superseded += f" · reopened: {line(it.reopened_for)}"
    return [
        f"# {it.id} · {product} · {line(it.title)}",
        "",
        f"{BANNER} Phase: **{it.phase.upper()}**{adopted}{superseded} · ticket {line(it.ticket_key)}",
        "",
        _conducted(it),
    ]


def _conducted(it: Investigation) -> str:
    """How it was gone about, who leads it and who may read it."""
    led = f" · led by {it.lead_role.replace('_', ' ')}" if it.lead_role else ""
    kept = f" · **{RESTRICTED}**" if it.visibility == "restricted" else ""
    return f"Conducted: {it.conducted.replace('_', ' ')}{led}{kept}"


def _synopsis(it: Investigation) -> list[str]:
    lines = ["## Synopsis", "", paragraph(it.impact) or NOT_YET]
    outcome = next(
        (one for one in reversed(it.timeline) if one.kind in {"verify", "fix", "workaround", "close"}), None
    )
    if outcome is not None:
        stop = "" if lines[-1].endswith((".", "!", "?", "…", ".”", "!”", "?”")) else "."
        lines[-1] += f"{stop} {_OUTCOMES[outcome.kind]} {stamp(outcome.at)}."
    if it.phase == "preliminary":
        return [*lines, "", "Preliminary: facts as known so far; causes are not discussed."]
    cause = line(cause_sentence.shown(it, citations=False))
    said = it.classification
    verdict = f"Verdict **{said.verdict.replace('_', ' ')}**"
    if said.code:
        verdict += f", code **{said.code}** {codes.code(said.code).name}"
    flags = [word for word, on in (("chronic", said.chronic), ("design-caused", said.design_caused)) if on]
    still_open = sum(one.status in OPEN for one in it.recommendations)
    counts = f"{len(it.recommendations)} recommendations, {still_open} open"
    return [
        *lines,
        "",
        cause or f"Probable cause: {NOT_YET}.",
        "",
        " · ".join([", ".join([verdict, *flags]), counts]),
    ]


_OUTCOMES = {
    "verify": "The customer confirmed the end of it",
    "fix": "It was repaired",
    "workaround": "A workaround was in place",
    "close": "The ticket was closed",
}


def _facts(it: Investigation, facts: CaseFacts, now: datetime) -> list[str]:
    sections: tuple[tuple[str, list[str]], ...] = (
        ("1.1 History of the case", _history(it)),
        ("1.2 Effect on the customer", _effect(it)),
        ("1.3 Product, version, environment, supported release", _product(it)),
        ("1.4 People and hours on the case", _people(it, facts)),
        ("1.5 Knowledge available at the time", _knowledge(it)),
        ("1.6 Diagnostics and records preserved or lost", _preserved(it, facts)),
        ("1.7 Earlier similar cases", _earlier(it, facts)),
        ("1.8 Communication", _communication(it, now)),
        ("1.9 Case life", _life(it)),
    )
    if it.phase != "preliminary":
        sections += (("1.10 Accounts of the parties", _accounts(it)),)
    lines = ["## 1 Factual information"]
    for title, body in sections:
        lines += ["", f"### {title}", "", *(body or [NOT_YET])]
    return lines


def stamp(at: datetime | None) -> str:
    """``2026-03-10 18:42 UTC``."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else NOT_YET


def _history(it: Investigation) -> list[str]:
    rows = [
        (
            one.id,
            f"{one.at:%Y-%m-%d %H:%M}" + {"estimated": " (est.)", "day": " (day)"}.get(one.precision, ""),
            line(f"{one.source.replace('_', ' ')} {one.ref}"),
            one.actor_role.replace("_", " "),
            line(one.text) + _recorded(one),
            _placed(it, one),
        )
        for one in it.timeline
    ]
    return table(("Id", "Time (UTC)", "Source", "Role", "Event", "Case life"), rows) if rows else []


def _recorded(one: CaseEvent) -> str:
    """What is to be known of an event that came into the record late."""
    late = one.recorded_at is not None and one.recorded_at - one.at > SOON_RECORDED
    told = f" *(recorded {one.recorded_at:%Y-%m-%d %H:%M})*" if late and one.recorded_at else ""
    return (" *(after the facts were locked)*" if one.after_lock else "") + told


def _placed(it: Investigation, one: CaseEvent) -> str:
    phase, iteration = it.life_at(one.at)
    return f"{phase.replace('_', ' + ')} {iteration}" if phase else ""


def _effect(it: Investigation) -> list[str]:
    words = f"In the customer's words: “{line(it.customer_words)}”" if it.customer_words else ""
    lines = [text for text in (paragraph(it.impact), words, paragraph(it.last_worked)) if text]
    return [text for one in lines for text in (one, "")][:-1]


def _product(it: Investigation) -> list[str]:
    pairs = (
        ("Product", it.product),
        ("Version", it.product_version),
        ("Component", it.component),
        ("Supported release", it.supported_release),
        ("Relationship", it.relationship.replace("_", " ")),
        ("Severity", it.severity),
        ("Account risk", it.account_risk.replace("_", " ")),
    )
    return [f"- {name}: {line(value) or NOT_YET}" for name, value in pairs]


def _people(it: Investigation, facts: CaseFacts) -> list[str]:
    by_role: dict[str, set[str]] = {}
    for event in facts.timeline:
        if event.actor_role not in {"helpdesk", "investigator"} and not ours(event):
            by_role.setdefault(event.actor_role, set()).add(event.actor)
    if not by_role:
        return []
    roles = [f"- {role.replace('_', ' ')}: {len(actors)}" for role, actors in by_role.items()]
    return [*roles, f"- minutes on this record: {it.minutes_spent:g}"]


def _knowledge(it: Investigation) -> list[str]:
    known = [one for one in it.safeguards if one.layer in {"docs", "training_knowledge"}]
    lines = [f"- {line(one.name)} ({one.actual.replace('_', ' ')}): {line(one.expected)}" for one in known]
    return lines if it.phase != "preliminary" else []


def _preserved(it: Investigation, facts: CaseFacts) -> list[str]:
    files = [f"{one.name} ({source_ref(event)})" for event in facts.timeline for one in event.attachments]
    return [f"- {line(one)}" for one in dict.fromkeys((*it.preserved, *files))]


def _earlier(it: Investigation, facts: CaseFacts) -> list[str]:
    found = it.classification.recurrence_of or facts.earlier
    if found:
        return [f"- {line(key)}" for key in found]
    return ["None found."] if "Q11" in it.answers else []


def _communication(it: Investigation, now: datetime) -> list[str]:
    at = it.adopted_at or now
    rows = [
        (
            f"P{number}",
            one.kind.replace("_", " "),
            f"{one.due:%Y-%m-%d %H:%M}",
            f"{one.met_at:%Y-%m-%d %H:%M}" if one.met_at else "–",
            kept_words(one.met_at, one.due, one.state(at)),
            one.to.replace("_", " "),
        )
        for number, one in enumerate(it.promises, start=1)
    ]
    return table(("Id", "Kind", "Due (UTC)", "Given (UTC)", "Kept", "To"), rows) if rows else []


def kept_words(met_at: datetime | None, due: datetime, state: str) -> str:
    """How a promise ended, in words."""
    if state == "kept_late" and met_at is not None:
        return f"late by {case_life.spell(met_at - due)}"
    return {"open": "open, carried over", "missed": "not met", "superseded": "replaced"}.get(state, state)


def _life(it: Investigation) -> list[str]:
    totals = case_life.totals(it.case_life)
    whole = sum((length for length, _ in totals.values()), timedelta())
    lines = []
    for phase, (length, rounds) in totals.items():
        share = round(20 * length / whole) if whole else 0
        bar = "█" * share + "░" * (20 - share)
        lines.append(f"- {case_life.LABELS[phase]}: `{bar}` {case_life.spell(length)}, rounds {rounds}")
    return lines


def _accounts(it: Investigation) -> list[str]:
    lines: list[str] = []
    for party in it.parties:
        told = paragraph(party.account) or "no account given"
        part = f", {line(party.component)}" if party.component else ""
        heard = party.submission.replace("_", " ")
        lines.append(f"- **{party.kind.replace('_', ' ')}** ({heard}{part}): {told}")
    return lines


def _appendices(it: Investigation, facts: CaseFacts, now: datetime, docket: DocketIndex | None) -> list[str]:
    sources = dict.fromkeys(f"{one.source.replace('_', ' ')} {one.ref}" for one in it.timeline)
    missing = check(it, facts, now)
    hits = wording_check.hits(it, facts)
    return [
        "## Appendices",
        "",
        "### A Docket index",
        "",
        *([f"- {line(one)}" for one in sources] or [NOT_YET]),
        *_credited(it),
        *_indexed(docket),
        "",
        "### B Party submissions",
        "",
        *_submissions(it),
        "",
        "### C Abbreviations",
        "",
        *[f"- {code}: {STATUSES[code].name}" for code in _used(one.status for one in it.recommendations)],
        *[f"- {code}: {codes.code(code).name}" for code in _used(one.code for one in it.findings)],
        "",
        "### D Completeness and wording",
        "",
        f"Completeness: {len(missing)} open items. "
        f"Wording: {len(hits)} remarks, {len(it.silenced)} let stand{_resting()}.",
        *[f"- {one.rule} ({one.level}): {line(one.text)}" for one in missing],
        *_own_questions(it),
    ]


def _resting() -> str:
    rules = wording_rest.at_rest()
    return f"; silenced so often that they only inform: {', '.join(rules)}" if rules else ""


def _own_questions(it: Investigation) -> list[str]:
    """What the team's own prompts were answered; nothing where there are none."""
    own = [one for one in script.known().values() if one.writes == OWN and it.answers.get(one.id)]
    said = [f"- {line(one.ask)} {line(_in_words(it.answers[one.id]))}" for one in own]
    return ["", "### E The team's own questions", "", *said] if said else []


def _in_words(value: Json) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _credited(it: Investigation) -> list[str]:
    """Who did the work, where two or more did: both people of a pair. One alone stays unnamed."""
    return ["", f"Investigated by {line(credited(it.investigators))}."] if len(it.investigators) > 1 else []


def _indexed(docket: DocketIndex | None) -> list[str]:
    if docket is None:
        return []
    kinds = ", ".join(f"{number} {kind}" for kind, number in docket.kinds)
    kept = [
        f"- evidence {stamp(one.at)} {one.kind}, {one.size} bytes, sha256 `{one.sha256}`: {line(one.summary)}"
        for one in docket.evidence
    ]
    return ["", f"{docket.count} entries ({kinds}), sha256 `{docket.sha256}`", "", *kept]


def _submissions(it: Investigation) -> list[str]:
    return [text for one in it.parties for text in _submission(one)] or [NOT_YET]


def _submission(party: Party) -> list[str]:
    """How a side answered, and what it proposes in its own words."""
    said = (
        ("findings", party.findings),
        ("cause", party.cause),
        ("recommendations", party.recommendations),
    )
    lines = [f"- {party.kind.replace('_', ' ')}: {party.submission.replace('_', ' ')}"]
    return lines + [f"  - proposed {name}: {line(text)}" for name, text in said if text]


def _used(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name in STATUSES or name in codes.codes()})
