"""The texts a step proposes, with their gaps filled from what is known."""

from __future__ import annotations

from datetime import datetime

from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.steps import (
    DraftReply,
    End,
    FindingStep,
    Handover,
    NoteStep,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.language.template import value_text
from triage.playbook.run.answers import moment
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import render


def proposed_text(state: RunState, step: Step, context: Context) -> str:
    """The text of a note, draft, finding, hand-over, cause or end; empty for other kinds."""
    match step:
        case NoteStep() | DraftReply():
            return render(step.template, state, context).text.strip()
        case FindingStep() | RootCause():
            return render(step.statement, state, context).text.strip()
        case End():
            return render(step.summary or "", state, context).text.strip()
        case Handover():
            return _handover(state, step, context)
    return ""


def cause_proposal(state: RunState, step: RootCause, context: Context) -> dict[str, Json]:
    """The cause as the playbook sees it: what the engineer edits and accepts."""
    category = render(step.category, state, context).text if step.category else ""
    values = [one.value for one in step.categories]
    return {
        "category": category if category in values else "",
        "statement": proposed_text(state, step, context),
        "confidence": step.confidence,
        "contributing": [render(text, state, context).text for text in step.contributing],
        "evidence": list(step.evidence),
        "code": "",
    }


def wait_due(state: RunState, step: Wait, context: Context) -> datetime | None:
    """When the wait in hand is over (UTC); None when ``until`` cannot be told."""
    if step.for_:
        return state.entered_at + parse_duration(step.for_)
    try:
        return moment(render(step.until or "", state, context).text, context.now, step.id)
    except Invalid:
        return None


def _handover(state: RunState, step: Handover, context: Context) -> str:
    lines = [
        f"To: {render(step.to, state, context).text}",
        "",
        render(step.reason, state, context).text.strip(),
    ]
    if "summary" in step.include:
        lines += ["", "Done so far:", *summary_lines(state)]
    if "evidence" in step.include and state.evidence:
        lines += ["", "Evidence:"]
        lines += [f"- {item.summary} ({item.kind}, {item.id})" for item in state.evidence]
    if "open_questions" in step.include and (questions := open_questions(state)):
        lines += ["", "Not known:", *(f"- {question}" for question in questions)]
    return "\n".join(lines)


def summary_lines(state: RunState) -> list[str]:
    """What was done, a line a step; steps that did not apply are left out."""
    lines = []
    for one in state.visited:
        if one.status == "not_applicable":
            continue
        said = result_text(state, one.step_id, one.status)
        if one.status == "skipped":
            needed = " although it is required" if state.graph.steps[one.step_id].required else ""
            said = f"skipped{needed} ({one.why})"
        elif one.status == "failed" and one.why:
            said = f"{said} ({one.why})"
        lines.append(
            f"- {state.graph.steps[one.step_id].title}: {said}"
            if said
            else f"- {state.graph.steps[one.step_id].title}"
        )
    # A step back that nobody gave a reason for corrects a slip of the hand: it tells the reader nothing.
    told = [one for one in state.ways_back if one.reason and one.to in state.graph.steps]
    return lines + [f"- went back to {state.graph.steps[one.to].title}: {one.reason}" for one in told]


def result_text(state: RunState, step_id: str, status: str = "") -> str:
    """The result of a step in a few words."""
    values = state.results.get(step_id, {})
    if status == "skipped":
        return "skipped"
    step = state.graph.steps[step_id]
    if isinstance(step, Probe):
        ok = values.get("ok")
        return ("as hoped" if ok else "not as hoped") if isinstance(ok, bool) else "not known"
    if values.get("unchecked"):
        return f"not checked: {value_text(values['unchecked'])}"
    if "value" in values:
        return "not known" if values["value"] is None else value_text(values["value"])
    if isinstance(step, SubPlaybook):
        return str(values.get("outcome") or "begun").replace("_", " ")
    if values.get("category"):
        return value_text(values["category"])
    return "" if values.get("ok", True) else "could not be done"


def open_questions(state: RunState) -> list[str]:
    """Titles of questions answered with unknown, of skipped steps and of checks nobody could judge."""
    questions = []
    for one in state.visited:
        unknown = "value" in one.values and one.values["value"] is None
        if one.status == "skipped" or unknown:
            questions.append(state.graph.steps[one.step_id].title)
    return questions
