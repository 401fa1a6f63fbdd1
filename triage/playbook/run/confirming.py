"""Confirming together what was worked from memory."""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.run.progress import at_step
from triage.playbook.run.run_state import RunState
from triage.playbook.run.step_answer import finish
from triage.playbook.run.together import together


def confirm(state: RunState, context: Context, answers: Mapping[str, Json]) -> list[NewEntry]:
    """Answer the steps that stand together, each by its id: ``true``, or the checked items of a checklist.

    Goes as far as there are answers; the first step without one is then in hand. Raises `Invalid` for a step
    that does not stand there, and `NeedsInput` when the first has no answer.
    """
    pen, first = at_step(state, context, state.position)
    steps = together(state, context)
    stray = next((name for name in answers if name not in [one.id for one in steps]), None)
    if stray is not None:
        raise Invalid(f"{stray!r} is not confirmed here", where=first.id)
    if first.id not in answers:
        raise NeedsInput("the first step is not confirmed", where=first.id)
    for step in steps:
        here = pen.state.position == step.id and pen.state.panel is None
        if not here or step.id not in answers:
            break
        finish(pen, step, answers[step.id])
        pen.advance()
    return pen.entries
