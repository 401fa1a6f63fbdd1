"""The acts of a playbook run: what stands of it, in the order it was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from triage.model.json_value import Json
from triage.model.run import Outcome
from triage.playbook.language.expression import UNKNOWN, Scope
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.steps import (
    Ask,
    Check,
    Checklist,
    Decide,
    EvidenceStep,
    FindingStep,
    Http,
    Instruct,
    RootCause,
    Step,
    SubPlaybook,
)
from triage.playbook.language.template import TemplateError, compile_template, value_text
from triage.playbook.record.recording import Act, Cause, Ran
from triage.playbook.run.run_state import RunState, StepResult


def acts_of_run(state: RunState) -> tuple[tuple[Act, ...], tuple[str, ...]]:
    """What was done in a run and stands, and what of it no draft can take over, each with the reason."""
    acts: list[Act] = []
    dropped: list[str] = []
    decided = ""
    for one in state.visited:
        step = state.graph.steps[one.step_id]
        if one.status in ("skipped", "not_applicable"):
            dropped.append(f"{one.step_id}: {one.status.replace('_', ' ')}")
        elif isinstance(step, Decide):
            decided = f"It came after the decision: {step.title}."
            dropped.append(f"{one.step_id}: a decision; the draft goes the way that was gone")
        else:
            act = _act(state, step, one)
            if act is not None:
                acts.append(_because(act, decided))
                decided = ""
    return tuple(acts), tuple(dropped)


def _because(act: Act, decided: str) -> Act:
    return replace(act, why=" ".join(filter(None, (act.why, decided)))) if decided else act


def cause_of_run(state: RunState) -> Cause | None:
    """The cause that was accepted in the run; None when none was."""
    told: Mapping[str, Any] = state.root_cause
    if not told.get("statement"):
        return None
    step = state.graph.steps.get(str(told.get("step")))
    category = str(told.get("category") or "cause")
    known = [one for one in step.categories if one.value == category] if isinstance(step, RootCause) else []
    label = (known[0].label or category) if known else category
    return Cause(
        str(told.get("code") or ""), category, label, str(told["statement"]), told.get("confidence", "medium")
    )


def outcome_of_run(state: RunState) -> Outcome:
    """How it ended; a run that is not over counts as handed on."""
    return state.outcome or "handed_over"


def _act(state: RunState, step: Step, result: StepResult) -> Act | None:
    """The act that a step's result tells of; None for what a draft makes anew, such as its cause."""
    own = Act(
        "do", result.at, step.title, _filled(step.text or "", state, step.id), step.why or "",
        lane=step.lane or "", ref=step.id, section=step.section or "",
    )  # fmt: skip
    changes = _changes(state, step, result)
    if changes is None:
        return None
    return replace(own, **changes)


def _changes(state: RunState, step: Step, result: StepResult) -> dict[str, Any] | None:
    values: Mapping[str, Json] = result.values
    match step:
        case Instruct():
            return {"answer": result.status == "done"}
        case Checklist():
            return {"items": step.texts, "answer": "all"}
        case Ask():
            return _asked(step, values)
        case Check() | Http():
            return {"kind": "check", "ran": _ran(state, step, result), "answer": result.status == "done"}
        case EvidenceStep():
            return {
                "kind": "evidence",
                "answer": _kept(state, step.id),
                "text": step.prompt or step.text or "",
            }
        case FindingStep():
            text = str(values.get("statement") or "")
            return {"kind": "finding", "text": text, "shown_by": step.from_, "strength": step.strength}
        case SubPlaybook():
            return {"text": f"Work through the playbook `{step.use}`."}
        case RootCause():
            return None
    draft = state.drafts.get(step.id, "")
    return {"kind": "note", "text": draft} if draft and step.kind == "note" else None


def _asked(step: Ask, values: Mapping[str, Json]) -> dict[str, Any]:
    value = values.get("value")
    return {
        "kind": "ask",
        "answer": "unknown" if value is None else value,
        "answer_type": step.type,
        "options": tuple((one.value, one.label or "") for one in step.options),
        "saves": step.save_as or "",
    }


def _ran(state: RunState, step: Check | Http, result: StepResult) -> Ran:
    values: Mapping[str, Any] = result.values
    exit_code = None if result.by_hand else values.get("exit")
    out = str(values.get("out") or "")
    if isinstance(step, Http):
        status = values.get("status")
        return Ran(
            _filled(step.url, state, step.id), {}, None, out, result.status == "done", step.timeout,
            step.manual or "", step.method, status if isinstance(status, int) else None,
        )  # fmt: skip
    env = {name: _filled(text, state, step.id) for name, text in step.env.items()}
    return Ran(step.run, env, exit_code, out, result.status == "done", step.timeout, step.manual or "")


def _kept(state: RunState, step_id: str) -> str:
    source = f"{state.id}/{step_id}"
    return next((one.summary for one in state.evidence if one.source == source), "") or "what was seen"


def _filled(text: str, state: RunState, step_id: str) -> str:
    """``text`` with the values it had in this run; the draft has other names."""
    try:
        template = compile_template(text)
    except TemplateError:
        return text
    prefix = prefix_of(step_id)
    own = {name.removeprefix(prefix): value for name, value in state.variables.items()}
    scope = Scope({"vars": own, "steps": state.results}, state.entered_at)
    return "".join(part if isinstance(part, str) else _value(part.path, scope) for part in template.parts)


def _value(path: Sequence[str], scope: Scope) -> str:
    """A value of the run; what the ticket and the settings give stays a gap, for the next ticket's own."""
    if path[0] in ("ticket", "config"):
        return "{{ " + ".".join(path) + " }}"
    found = scope.get(tuple(path))
    return "…" if found is UNKNOWN or found is None else value_text(found)
