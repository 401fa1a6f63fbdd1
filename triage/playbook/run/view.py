"""A run as the screens and the command line show it."""

from __future__ import annotations

from triage.model.json_value import Json
from triage.model.run import LineMark, RunLine, RunView, WayBack
from triage.playbook.language.context import Context
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.review import stale_text
from triage.playbook.language.steps import Decide, Step
from triage.playbook.run.migration import change_of
from triage.playbook.run.panel import panel_of
from triage.playbook.run.proposal import result_text
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import scope_of
from triage.playbook.run.step_view import class_of, current_step, decided_branch


def view(state: RunState, context: Context) -> RunView:
    """Everything a person needs to see of the run now."""
    document = state.document
    current = current_step(state, context)
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
        change=change_of(state, context),
        ways_back=tuple(
            WayBack(state.graph.steps[one.to].title, one.reason, one.at)
            for one in state.ways_back
            if one.to in state.graph.steps
        ),
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


def _lines(state: RunState, context: Context) -> tuple[RunLine, ...]:
    marks = _marks(state, context)
    said = {one.step_id: result_text(state, one.step_id, one.status) for one in state.visited}
    reasons = {one.step_id: one.why for one in state.visited if one.status != "not_applicable"}
    return tuple(
        RunLine(
            step.id, step.title, step.kind, class_of(step), marks[step.id], said.get(step.id, ""),
            step.id.count("/"), step.lane or "", step.section or "", step.required, reasons.get(step.id, ""),
        )
        for step in state.plan.steps
    )  # fmt: skip


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
