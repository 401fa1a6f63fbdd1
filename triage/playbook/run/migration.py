"""The file changed while a run is under way: what changed, and going over to the new text.

A run stays on the text it began with unless a person takes it over, which is possible while everything that
was done is still a step of the new text.
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.model.run import FileChange
from triage.playbook.language.context import Context
from triage.playbook.language.plan import Plan
from triage.playbook.run.opening import PinnedText, pinned
from triage.playbook.run.progress import pen_for
from triage.playbook.run.run_state import RunState


def change_of(state: RunState, context: Context) -> FileChange | None:
    """How the file as it is now differs, step by step; None when it does not or cannot be read."""
    plan = context.plan_now
    if plan is None:
        return None
    old, new = state.graph.steps, plan.graph.steps
    why = _obstacle(state, plan)
    return FileChange(
        plan.document.version,
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(name for name in new if name in old and new[name] != old[name]),
        not why,
        why,
    )


def _obstacle(state: RunState, plan: Plan) -> str:
    """Why the run cannot go over to ``plan``; empty when it can."""
    if state.running or state.panel:
        return "a command is running or a decision is open"
    done = [one.step_id for one in state.visited if one.status != "not_applicable"]
    for name in dict.fromkeys((*done, state.position)):
        step = plan.graph.steps.get(name)
        what = "was done and" if name in done else "is in hand and"
        if step is None:
            return f"{name!r} {what} is no longer there"
        if step.kind != state.graph.steps[name].kind:
            return f"{name!r} {what} now is of kind {step.kind}"
    return ""


def migrate(
    state: RunState,
    context: Context,
    text: str,
    sha256: str,
    includes: Mapping[str, PinnedText] | None = None,
) -> list[NewEntry]:
    """Take the run over to the file's text of now. Raises `Invalid` where it must stay, with the reason."""
    pen = pen_for(state, context)
    change = change_of(state, context)
    if change is None:
        raise Invalid("the file has not changed", where=state.document.id)
    if not change.can_migrate:
        raise Invalid(f"the run stays on its text: {change.why_not}", where=state.document.id)
    data: dict[str, Json] = {
        "from": state.sha256, "sha256": sha256, "text": text, "origin": state.origin,
        "version": change.version, "includes": pinned(includes or {}),
    }  # fmt: skip
    pen.write("run.migrated", data)
    return pen.advance()
