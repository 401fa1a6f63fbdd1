"""Ways to leave a step or a run other than by its answer."""

from __future__ import annotations

from datetime import datetime

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput
from triage.model.json_value import Json
from triage.model.run import SKIP_REASONS
from triage.playbook.language.context import Context
from triage.playbook.language.graph import must_choose
from triage.playbook.language.steps import Check, Decide, End, Wait
from triage.playbook.run.answers import Pick, pick
from triage.playbook.run.panel import panel_of
from triage.playbook.run.progress import Pen, at_step, interruption, pen_for
from triage.playbook.run.proposal import wait_due
from triage.playbook.run.run_state import RunState


def acknowledge_memory(state: RunState, context: Context) -> list[NewEntry]:
    """The memory items were read."""
    pen = pen_for(state, context)
    if not state.memory_acknowledged:
        pen.write("memory.acknowledged", {"count": len(state.document.memory_items)})
    return pen.entries


def set_people(
    state: RunState, context: Context, *, driver: str | None = None, navigator: str | None = None
) -> list[NewEntry]:
    """Who presses the keys and who reads along; None leaves it as it is."""
    pen = pen_for(state, context)
    new_driver = state.driver if driver is None else driver
    pen.write(
        "roles.set", {"driver": new_driver, "navigator": state.navigator if navigator is None else navigator}
    )
    return pen.entries


def skip(state: RunState, context: Context, step_id: str, reason: str, text: str = "") -> list[NewEntry]:
    """Pass the step in hand by. ``reason`` is one of `SKIP_REASONS` (by number or words).

    Raises `Invalid` for another reason, for ``other`` or a required step without ``text``, and for steps
    that cannot be passed by.
    """
    pen, step = at_step(state, context, step_id, in_panel=True)
    reason = _skip_reason(reason, step_id)
    if isinstance(step, Decide | End) or must_choose(step):
        raise Invalid("this step cannot be skipped", where=step_id, do="choose the way on")
    if (step.required or reason == "other") and not text.strip():
        raise NeedsInput("say why in words", where=step_id)
    if state.running and not context.live:
        pen.write("step.interrupted", interruption(state))
    data = {"step": step_id, "reason": reason, "text": text, "next": state.graph.after(step_id)}
    pen.write("step.skipped", data)
    return pen.advance()


def back(state: RunState, context: Context, to: str = "", reason: str = "") -> list[NewEntry]:
    """Go back to the step before, or to the worked step ``to``.

    Its result, and later ones, no longer stand; they stay in the log, with the ``reason`` that was given.
    """
    pen = pen_for(state, context)
    if state.running:
        raise Invalid(
            "a command is running or its end was not seen", where=state.position, do="settle it first"
        )
    earlier = [one for one in state.visited if one.status != "not_applicable"]
    if not earlier:
        raise Invalid("this is the first step", where=state.document.id)
    target = to or earlier[-1].step_id
    if target not in {one.step_id for one in earlier}:
        raise Invalid("only a step that was worked can be gone back to", where=to)
    keep = max(index for index, one in enumerate(state.visited) if one.step_id == target)
    undone = state.visited[keep:]
    steps = [state.graph.steps[one.step_id] for one in undone if one.effect in ("changes", "destructive")]
    notes = [
        f"{s.title} changed something. To take it back: {s.undo or 'nothing is known'}"
        for s in steps
        if isinstance(s, Check)
    ]
    data: dict[str, Json] = {
        "from": state.position,
        "to": target,
        "undone": [one.step_id for one in undone],
        "notice": "\n".join(notes),
    }
    if reason.strip():
        data["reason"] = reason.strip()
    pen.write("run.back", data)
    return pen.entries


def park(state: RunState, context: Context, *, remind_at: datetime | None = None) -> list[NewEntry]:
    """Leave the run for later, perhaps with a reminder (aware UTC); at a wait it is when that is over."""
    pen = pen_for(state, context)
    step = state.step
    if remind_at is None and isinstance(step, Wait) and step.remind:
        remind_at = wait_due(state, step, context)
    pen.write("run.parked", {"remind_at": remind_at.isoformat() if remind_at else None})
    return pen.entries


def resume(state: RunState, context: Context) -> list[NewEntry]:
    """Take a parked run up again; conditions are looked at afresh."""
    if state.status != "parked":
        raise Invalid("this run is not parked", where=state.document.id)
    pen = Pen(state, context)
    pen.write("run.resumed")
    return pen.advance()


def stop(state: RunState, context: Context, reason: str) -> list[NewEntry]:
    """End the run here. Raises `NeedsInput` without a reason."""
    pen = pen_for(state, context)
    if not reason.strip():
        raise NeedsInput("say why the run stops", where=state.document.id)
    pen.write(
        "run.stopped", {"reason": reason, "outcome": "unresolved", "summary": reason, "step": state.position}
    )
    return pen.entries


def resolve_panel(state: RunState, context: Context, choice: str, *, reason: str = "") -> list[NewEntry]:
    """Decide an open panel by one of its choices.

    ``continue`` past a stop and every ``go:`` need a reason; ``skip`` takes ``reason`` or ``reason: words``.
    ``record`` and ``retry`` give the step back: record it by hand, or run it again.
    """
    pen = pen_for(state, context)
    panel = panel_of(state, context)
    if panel is None:
        raise Invalid("nothing waits for a decision", where=state.position)
    allowed = [one.value for one in panel.choices]
    if choice not in allowed:
        raise Invalid(
            f"{choice!r} is not a choice here", where=panel.step_id, do="one of: " + ", ".join(allowed)
        )
    if choice == "skip":
        word, _, text = reason.partition(":")
        return skip(state, context, panel.step_id, word.strip() or "other", text.strip())
    if choice != "stop" and state.running:
        pen.write("step.interrupted", interruption(state))
    return _resolve(pen, panel.kind, panel.step_id, choice, reason.strip())


def _resolve(pen: Pen, kind: str, step_id: str, choice: str, reason: str) -> list[NewEntry]:
    state = pen.state
    if kind == "stop":
        rule = state.panel.rule if state.panel else 0
        if choice == "continue":
            if not reason:
                raise NeedsInput("say why it goes on in spite of the stop rule", where=step_id)
            pen.write("stop.overridden", {"rule": rule, "reason": reason})
            return pen.advance()
        stop_rule = state.plan.stop_rules[rule][1]
        data: dict[str, Json] = {
            "reason": reason or stop_rule.say,
            "outcome": stop_rule.outcome,
            "summary": stop_rule.say,
            "rule": rule,
        }
        pen.write("run.stopped", data)
        return pen.entries
    if choice == "stop":
        return stop(state, pen.context, reason or f"{step_id} could not be done")
    verb, _, target = choice.partition(":")
    if verb == "go" and not reason:
        raise NeedsInput("say why it goes on there", where=step_id)
    pen.write(
        "panel.resolved", {"step": step_id, "panel": kind, "choice": verb, "next": target, "reason": reason}
    )
    return pen.advance()


def _skip_reason(reason: str, step_id: str) -> str:
    return pick(reason, [Pick(one) for one in SKIP_REASONS], step_id).value
