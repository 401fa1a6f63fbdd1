"""The step in hand as people see it, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

from triage.model.json_value import Json
from triage.model.run import AnswerType, Option, StepClass, StepView
from triage.playbook.language.context import Context
from triage.playbook.language.expression import Scope, compile_expression
from triage.playbook.language.graph import must_choose
from triage.playbook.language.steps import (
    Ask,
    Check,
    Checklist,
    Decide,
    DraftReply,
    End,
    EvidenceStep,
    Handover,
    Instruct,
    NoteStep,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.run.proposal import cause_proposal, proposed_text, wait_due
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import question_of, render, scope_of
from triage.playbook.run.together import together
from triage.playbook.run.wanted import wanted_view

VARIABLE_PREFIX = "vars."
"""Begins the step id of the question for a variable."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Where a decide leads: ``value`` is empty when it cannot be told."""

    value: str
    missing: tuple[str, ...] = ()


def decided_branch(step: Decide, scope: Scope) -> Decided:
    """The first branch that holds, ``otherwise`` when none does, nothing when an earlier one is unknown."""
    for branch in step.branches:
        truth = compile_expression(branch.if_).truth(scope)
        if truth.value is None:
            return Decided("", truth.missing)
        if truth.value:
            return Decided(branch.next)
    return Decided("otherwise")


def class_of(step: Step) -> StepClass:
    """What a step does to the world."""
    match step:
        case Check(effect="destructive"):
            return "destructive"
        case Check(effect="changes"):
            return "change"
        case Probe():
            return "check"
        case Ask() | EvidenceStep() | RootCause():
            return "ask"
        case Decide():
            return "decide"
        case NoteStep() | DraftReply() | Handover():
            return "talk"
    return "read"


def current_step(state: RunState, context: Context) -> StepView | None:
    """The step in hand, or the question that must be answered before it; None once the run is over."""
    step = state.step
    if step is None:
        return None
    question = question_of(state, context)
    if question:
        return _question(state, step, question, context)
    common = replace(_common(state, step, context), together=_together(state, context))
    return _filled(common, state, step, context)


def _together(state: RunState, context: Context) -> tuple[StepView, ...]:
    """Steps that are confirmed with the one in hand, itself first; none where it stands by itself."""
    if state.panel:
        return ()
    steps = together(state, context)
    return tuple(_filled(_common(state, one, context), state, one, context) for one in steps)


def _common(state: RunState, step: Step, context: Context) -> StepView:
    """What is shown of every kind."""
    text = render(step.text, state, context).text if step.text else ""
    return StepView(
        step.id, step.kind, class_of(step), step.title, text, step.why or "", step.required,
        state.attempts.get(step.id, 0), two_person=step.two_person,
        running=bool(state.running) and context.live,
        skippable=not (isinstance(step, Decide | End) or must_choose(step)),
        lane=step.lane or "", section=step.section or "", because=_turned(state),
    )  # fmt: skip


def _turned(state: RunState) -> str:
    """Why the run stands here instead of on the way it would have taken, when a failed step led here."""
    before = [one for one in state.visited if one.status != "not_applicable"]
    if not before or before[-1].status != "failed":
        return ""
    failed = state.graph.steps[before[-1].step_id]
    missed = f": {before[-1].why}" if before[-1].why else ""
    # Stopped or out of time, nobody knows what it would have said.
    came = "failed" if before[-1].values.get("ok") is False else "came to no result"
    return f"Here because “{failed.title}” {came}{missed}"


def _question(state: RunState, step: Step, name: str, context: Context) -> StepView:
    """The question for a variable, shown before the step that needs it."""
    own = name.removeprefix(state.section.prefix)
    variable = state.section.document.vars[own]
    default, default_from = _offered(context, own, variable.default)
    kinds: dict[str, AnswerType] = {"number": "number", "bool": "bool"}
    options = tuple(Option(one.value, one.label or one.value, one.hotkey or "") for one in variable.options)
    return StepView(
        VARIABLE_PREFIX + name, "ask", "ask", variable.prompt or name, why=f"Needed for: {step.title}",
        answer_type="choice" if options else kinds.get(variable.type, "text"),
        options=options, allow_unknown=True, default=default, default_from=default_from, skippable=False,
        pattern=variable.pattern or "", because=_turned(state),
    )  # fmt: skip


def _offered(context: Context, name: str, default: Json) -> tuple[Json, str]:
    """What is offered for a variable, and where it comes from when it is an earlier answer."""
    earlier = context.earlier.get(name)
    if earlier is None:
        return default, ""
    return earlier.value, f"answered {earlier.at:%Y-%m-%d} in {earlier.playbook}"


def _filled(common: StepView, state: RunState, step: Step, context: Context) -> StepView:
    """``common`` with what its kind adds."""
    match step:
        case Checklist():
            return replace(common, items=step.texts)
        case Ask():
            options = tuple(
                Option(one.value, one.label or one.value, one.hotkey or "") for one in step.options
            )
            default, default_from = _offered(context, step.save_as or "", None)
            return replace(
                common, answer_type=step.type, options=options, allow_unknown=step.allow_unknown,
                unit=step.unit or "", minimum=step.min, maximum=step.max, pattern=step.pattern or "",
                default=default, default_from=default_from,
            )  # fmt: skip
        case Probe():
            tries = state.running.tries if state.running else ()
            return replace(common, command=wanted_view(state, step, context), tries=tries)
        case Decide():
            decided = decided_branch(step, scope_of(state, context))
            branches = tuple(Option(one.next, one.say or one.if_) for one in step.branches)
            last = Option("otherwise", f"otherwise: {state.graph.steps[step.otherwise].title}")
            return replace(
                common, proposed_branch=decided.value, branches=(*branches, last), missing=decided.missing
            )
        case SubPlaybook():
            return _sub_playbook(common, state, step)
        case Wait():
            return replace(common, due=wait_due(state, step, context))
        case EvidenceStep():
            accept = tuple(Option(kind, kind) for kind in step.accept)
            return replace(common, options=accept, template="", text=common.text or step.prompt or "")
        case RootCause():
            categories = tuple(Option(one.value, one.label or one.value) for one in step.categories)
            proposal = cause_proposal(state, step, context)
            return replace(common, options=categories, default=proposal, template=str(proposal["statement"]))
        case Instruct():
            return common
    return replace(common, template=proposed_text(state, step, context))


def _sub_playbook(common: StepView, state: RunState, step: SubPlaybook) -> StepView:
    """What is to come: when the used playbook fits, what to know before, and how long it is."""
    section = state.plan.inside(step.id)
    if section is None:
        return replace(common, text="\n\n".join(filter(None, [common.text, f"Go through {step.use}."])))
    document = section.document
    length = f"{document.title}: {len(document.steps)} steps."
    parts = [common.text, length, document.condition.strip()]
    return replace(common, text="\n\n".join(filter(None, parts)), items=document.memory_items)
