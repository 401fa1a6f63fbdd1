"""A run as the screens and the command line show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from triage.model.json_value import Json
from triage.model.run import AnswerType, LineMark, Option, Panel, RunLine, RunView, StepClass, StepView
from triage.playbook.language.context import Context
from triage.playbook.language.expression import Scope, compile_expression
from triage.playbook.language.graph import must_choose
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.review import stale_text
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
from triage.playbook.run.proposal import cause_proposal, proposed_text, result_text, wait_due
from triage.playbook.run.run_state import OpenPanel, RunState
from triage.playbook.run.scope import question_of, render, scope_of
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


def view(state: RunState, context: Context) -> RunView:
    """Everything a person needs to see of the run now."""
    document = state.document
    current = _current(state, context) if state.step else None
    done = sum(one.status != "not_applicable" for one in state.visited)
    return RunView(
        id=state.id, case_id=state.case_id, playbook_id=document.id, title=document.title,
        version=document.version, sha256=state.sha256, status=state.status, opened_at=state.opened_at,
        outcome=state.outcome, summary=state.summary, current=current, panel=panel_of(state, context),
        memory_items=document.memory_items, memory_acknowledged=state.memory_acknowledged,
        lines=_lines(state, context), variables=_variables(state), results=state.results,
        evidence=state.evidence, done=done, path_length=done + state.graph.longest(state.position),
        driver=state.driver, navigator=state.navigator,
        stop_rules=tuple(rule.say for rule in document.stop_when),
        stale=stale_text(document, context.now.date()),
        changed=bool(context.text_now) and context.text_now != state.sha256,
        drafts=state.drafts, root_cause=state.root_cause, notice=state.notice, remind_at=state.remind_at,
    )  # fmt: skip


def _variables(state: RunState) -> dict[str, Json]:
    secret = {
        section.prefix + name
        for section in state.plan.sections.values()
        for name, one in section.document.vars.items()
        if one.type == "secret"
    }
    return {name: value for name, value in state.variables.items() if name not in secret}


def _current(state: RunState, context: Context) -> StepView | None:
    step = state.step
    if step is None:
        return None
    question = question_of(state, context)
    if question:
        return _question(state, step, question)
    text = render(step.text, state, context).text if step.text else ""
    common = StepView(
        step.id, step.kind, class_of(step), step.title, text, step.why or "", step.required,
        state.attempts.get(step.id, 0), two_person=step.two_person,
        running=bool(state.running) and context.live,
        skippable=not (isinstance(step, Decide | End) or must_choose(step)),
    )  # fmt: skip
    return _filled(common, state, step, context)


def _question(state: RunState, step: Step, name: str) -> StepView:
    """The question for a variable, shown before the step that needs it."""
    variable = state.section.document.vars[name.removeprefix(state.section.prefix)]
    kinds: dict[str, AnswerType] = {"number": "number", "bool": "bool"}
    options = tuple(Option(one.value, one.label or one.value, one.hotkey or "") for one in variable.options)
    return StepView(
        VARIABLE_PREFIX + name, "ask", "ask", variable.prompt or name, why=f"Needed for: {step.title}",
        answer_type="choice" if options else kinds.get(variable.type, "text"),
        options=options, allow_unknown=True, default=variable.default, skippable=False,
    )  # fmt: skip


def _filled(common: StepView, state: RunState, step: Step, context: Context) -> StepView:
    """``common`` with what its kind adds."""
    match step:
        case Checklist():
            return replace(common, items=step.texts)
        case Ask():
            options = tuple(
                Option(one.value, one.label or one.value, one.hotkey or "") for one in step.options
            )
            return replace(
                common, answer_type=step.type, options=options, allow_unknown=step.allow_unknown,
                unit=step.unit or "",
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


def panel_of(state: RunState, context: Context) -> Panel | None:
    """The decision the run waits for, with its choices; a command whose end was not seen is one too."""
    step = state.step
    if step is None or state.status != "open":
        return None
    if state.running and not context.live:
        say = (
            f"The command was started {state.running.at:%H:%M} UTC and its end was not seen. "
            "It was not run again."
        )
        return Panel("interrupted", step.id, say, "", _choices(state, step, "interrupted"))
    panel = state.panel
    if panel is None:
        return None
    return Panel(panel.kind, panel.step_id, panel.say, panel.output, _panel_choices(state, step, panel))


def _panel_choices(state: RunState, step: Step, panel: OpenPanel) -> tuple[Option, ...]:
    if panel.kind == "stop":
        return (Option("stop", "Stop here"), Option("continue", "Go on, with a reason"))
    if panel.kind == "unknown" and panel.pending is None:
        skip = () if must_choose(step) or isinstance(step, Decide) else (Option("skip", "It does not apply"),)
        return (Option("continue", "It applies: do it"), *skip, Option("stop", "Stop here"))
    return _choices(state, step, panel.kind)


def _choices(state: RunState, step: Step, kind: str) -> tuple[Option, ...]:
    again = Option("retry", "Do it again")
    record = (Option("record", "Record what I saw"),) if isinstance(step, Probe) else ()
    # After an interruption, repeating is offered first only where it is free to repeat.
    careful = kind == "interrupted" and isinstance(step, Check) and step.effect != "read_only"
    first = (*record, again) if careful else (again, *record)
    rest = (Option("skip", "Skip, with a reason"), Option("stop", "Stop here"))
    return (*first, *_ways(state, step), *rest)


def _ways(state: RunState, step: Step) -> Sequence[Option]:
    """The steps a person may go on with: the fail branch, the usual way, the exception, the ends."""
    near = list(state.graph.targets(step.id))
    if isinstance(step, Probe) and step.on_fail in near:
        near.remove(step.on_fail)
        near.insert(0, step.on_fail)
    ahead = state.graph.reachable(step.id) - {step.id}
    around = list(state.plan.around(step.id))
    exceptions = [one.prefix + one.document.on_exception for one in around if one.document.on_exception]
    # Only forward: a way back would make a loop of the graph.
    extra = [one for one in exceptions if one in ahead]
    near_prefixes = {one.prefix for one in around}
    ends = [
        one for one in ahead if isinstance(state.graph.steps[one], End) and prefix_of(one) in near_prefixes
    ]
    order = {one.id: index for index, one in enumerate(state.plan.steps)}
    names = dict.fromkeys([*near, *extra, *sorted(ends, key=order.__getitem__)])
    return [Option(f"go:{name}", f"Go on with: {state.graph.steps[name].title}") for name in names]


def _lines(state: RunState, context: Context) -> tuple[RunLine, ...]:
    marks = _marks(state, context)
    said = {one.step_id: result_text(state, one.step_id, one.status) for one in state.visited}
    return tuple(
        RunLine(step.id, step.title, step.kind, class_of(step), marks[step.id], said.get(step.id, ""))
        for step in state.plan.steps
    )


def _probably(state: RunState, context: Context, step: Step) -> str:
    """Where the run goes from ``step`` as far as it can be told now."""
    if section := state.plan.inside(step.id):
        return f"{section.prefix}{section.document.steps[0].id}"
    if isinstance(step, Decide):
        proposed = decided_branch(step, scope_of(state, context, prefix_of(step.id))).value
        if proposed in state.graph.steps:
            return proposed
    return state.graph.after(step.id)


def _marks(state: RunState, context: Context) -> dict[str, LineMark]:
    marks: dict[str, LineMark] = dict.fromkeys(state.graph.steps, "elsewhere")
    here = state.position
    while here:
        marks[here] = "ahead"
        here = _probably(state, context, state.graph.steps[here])
    for one in state.visited:
        marks[one.step_id] = one.status
    if state.position:
        marks[state.position] = "current"
    return marks
