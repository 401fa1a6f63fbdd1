"""The internal note for the ticket: at most 1,200 characters, and always the newest of its investigation."""

from __future__ import annotations

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.investigation import Finding, Investigation, Recommendation
from triage.retrospective import case_life, cause_sentence, codes
from triage.retrospective.cause_sentence import lowered
from triage.retrospective.recommendation_status import OPEN

NOTE_LIMIT = 1_200
_SHORT = {"documentation": "doc", "investigation": "inv", "fix_verify": "fix+verify", "queue": "queue"}


def marker(investigation: Investigation) -> str:
    """``[esc:ESC-2026-0031 v3]``: how the note is found again and replaced."""
    return f"[esc:{investigation.id} v{investigation.version}]"


def internal_note(investigation: Investigation, facts: CaseFacts) -> str:
    """The note in its present version. Long sentences are shortened before any line is left out."""
    for length in (400, 240, 160, 110, 80, 50):
        note = "\n".join(_lines(investigation, length))
        if len(note) <= NOTE_LIMIT:
            return note
    return note[: NOTE_LIMIT - 1] + "…"


def _lines(it: Investigation, length: int) -> list[str]:
    lines = [_head(it)]
    if it.phase == "preliminary":
        lines += [f"Effect: {_cut(it.impact, length)}"] if it.impact else []
        lines += [f"Done: {_cut(it.did, length)}"] if it.did else []
        lines += [f"For next time: {_cut(it.one_sentence, length)}"] if it.one_sentence else []
        return [*lines, _promises(it)]
    cited = cause_sentence.cited(it)
    by_id = {one.id: one for one in it.findings}
    causes = [by_id[name] for name in cited.causes if name in by_id]
    contributing = [by_id[name] for name in cited.contributing if name in by_id]
    lines += [f"Cause: {_cut(one.text, length)}" for one in causes]
    if contributing:
        lines.append("Contributing: " + "; ".join(_coded(one, length) for one in contributing))
    if it.one_sentence:
        lines.append(f"For next time: {_cut(it.one_sentence, length)}")
    elif it.not_known:
        lines.append(f"Not known: {_cut(it.not_known, length)}")
    if it.recommendations:
        lines.append("Recommendations: " + " · ".join(_recommendation(one) for one in it.recommendations))
    return [*lines, f"{_promises(it)} {_life(it)}".strip()]


def _head(it: Investigation) -> str:
    said = it.classification
    parts = [f"{marker(it)} {it.phase.upper()}"]
    if it.version > 1:
        parts.append(f"replaces v{it.version - 1}")
    if it.phase == "final" and said.code:
        parts.append(f"{said.verdict.replace('_', ' ')} {said.code} {codes.code(said.code).name}")
    if it.phase == "final" and said.chronic:
        parts.append(
            " · ".join(["chronic", *([", ".join(said.recurrence_of)] if said.recurrence_of else [])])
        )
    return " · ".join(parts)


def _coded(finding: Finding, length: int) -> str:
    return lowered(_cut(finding.text, length)).rstrip(".") + (f" ({finding.code})" if finding.code else "")


def _recommendation(one: Recommendation) -> str:
    due = f" {one.due.day} {one.due:%b}" if one.due and one.status in OPEN else ""
    return f"{one.id} {one.status}{due}"


def _promises(it: Investigation) -> str:
    spoken = [one for one in it.promises if one.kind != "acknowledge" and not one.withdrawn]
    if not spoken:
        return "Promises: none."
    late = [one.met_at - one.due for one in spoken if one.met_at is not None and one.met_at > one.due]
    kept = sum(one.met_at is not None and one.met_at <= one.due for one in spoken)
    words = [f"{len(spoken)} made", f"{kept} kept"]
    if late:
        words.append(f"{len(late)} late ({case_life.spell(max(late))})")
    still_open = len(spoken) - kept - len(late)
    if still_open:
        words.append(f"{still_open} open")
    return f"Promises: {', '.join(words)}."


def _life(it: Investigation) -> str:
    totals = case_life.totals(it.case_life)
    spelled = [
        f"{_SHORT[phase]} {case_life.spell(length)} ×{rounds}" for phase, (length, rounds) in totals.items()
    ]
    return f"Case life: {' · '.join(spelled)}" if spelled else ""


def _cut(text: str, length: int) -> str:
    line = clean_line(text)
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0] + " …"
