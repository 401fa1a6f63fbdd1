"""Walking a playbook without doing anything: what would run, and what could follow.

The result of a command or a question nobody answered is unknown, and nothing is made up for it: from there on
only the set of steps that can still be reached is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.model.errors import NeedsInput
from triage.model.json_value import Json
from triage.model.run import CommandView
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Ask, Decide, Playbook, Probe, RootCause, Step, SubPlaybook
from triage.playbook.run import engine
from triage.playbook.run.opening import PinnedText
from triage.playbook.run.run_state import RunState
from triage.playbook.run.script import EntryLog, next_entries
from triage.playbook.run.wanted import wanted_view

_STEP_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How far the answers lead, and what is beyond."""

    path: tuple[str, ...]
    """The steps the answers lead through, in order."""
    stands_at: str
    """The step whose result is not known; empty when the answers lead to an end."""
    why: str
    outcome: str
    reachable: tuple[str, ...]
    """Every step that can still come, in reading order."""
    commands: tuple[tuple[str, CommandView], ...]
    """Step and command or request for every one on the path or still reachable."""


def rehearse(
    document: Playbook,
    answers: Mapping[str, Json],
    context: Context,
    *,
    text: str,
    sha256: str,
    includes: Mapping[str, PinnedText],
    variables: Mapping[str, Json],
) -> Rehearsal:
    """Walk with ``answers``; what is only to be done counts as done. Raises `Invalid` for a wrong answer."""
    log = EntryLog("rehearsal", "", context)
    log.add(
        engine.open_run("rehearsal", document, text, sha256, context, variables=variables, includes=includes)
    )
    state = engine.fold(log.entries, document)
    why = ""
    for _ in range(_STEP_LIMIT):
        known = {**_done(state), **answers}
        try:
            new = next_entries(state, context, known, {})
        except NeedsInput as needs:
            why = needs.what
            break
        if not new:
            break
        log.add(new)
        state = engine.fold(log.entries, document)
    return _told(state, context, why)


def _done(state: RunState) -> dict[str, Json]:
    """The answer to the step in hand when it is only to be done."""
    step = state.step
    if step is None or isinstance(step, Ask | Probe | RootCause | Decide):
        return {step.id: True} if isinstance(step, Decide) else {}
    if isinstance(step, SubPlaybook) and state.plan.inside(step.id) is None:
        return {}
    return {step.id: _plain(step)}


def _plain(step: Step) -> Json:
    value: Json = {"checklist": "all", "evidence": "to be seen"}.get(step.kind, True)
    return {"value": value, "typed": step.id} if step.two_person else value


def _told(state: RunState, context: Context, why: str) -> Rehearsal:
    path = [one.step_id for one in state.visited if one.status != "not_applicable"]
    ahead = state.graph.reachable(state.position) if state.position else set()
    shown = [step for step in state.plan.steps if isinstance(step, Probe) and step.id in {*path, *ahead}]
    return Rehearsal(
        tuple(path), state.position, why, state.outcome or "",
        tuple(step.id for step in state.plan.steps if step.id in ahead),
        tuple((step.id, wanted_view(state, step, context)) for step in shown),
    )  # fmt: skip
