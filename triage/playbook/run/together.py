"""Do-confirm: which steps are worked from memory and confirmed on one screen."""

from __future__ import annotations

from triage.playbook.language.context import Context
from triage.playbook.language.expression import compile_expression
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.steps import Checklist, Instruct, Step
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import asked_before, scope_of


def together(state: RunState, context: Context) -> tuple[Step, ...]:
    """The steps from the one in hand that are confirmed on one screen; none where it stands by itself.

    A check or a question ends them, and so does a step whose condition is not known or that needs two people.
    """
    found: list[Step] = []
    step = state.step
    if state.section.document.mode != "do-confirm":
        return ()
    while step is not None and prefix_of(step.id) == state.section.prefix:
        applies = _applies(state, context, step)
        if not isinstance(step, Instruct | Checklist) or step.two_person or applies is None:
            break
        if applies and asked_before(state, step):
            break
        found += [step] if applies else []
        step = state.graph.steps.get(state.graph.after(step.id))
    return tuple(found)


def _applies(state: RunState, context: Context, step: Step) -> bool | None:
    if not step.when or step.id in state.confirmed_when:
        return True
    return compile_expression(step.when).truth(scope_of(state, context)).value
