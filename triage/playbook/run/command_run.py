"""A command of a run: consent, start, end, and doing it by hand instead."""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput, Refused
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Check
from triage.playbook.run.answers import text_evidence
from triage.playbook.run.command import command_of, command_view
from triage.playbook.run.expectation import result_values, verdict
from triage.playbook.run.output import CaptureResult
from triage.playbook.run.progress import Pen, at_step, interruption, pen_for, two_people
from triage.playbook.run.run_state import RunState

OUTPUTS_A_RUN = 200
BYTES_A_RUN = 20 * 1024 * 1024


def command_started(
    state: RunState, context: Context, step_id: str, digest: str, *, typed: str = ""
) -> list[NewEntry]:
    """Consent was given to exactly the command named by ``digest``; append this before it starts.

    Raises `Refused` when the command is no longer that one or may not run, `NeedsInput` when the step's id
    must be typed.
    """
    pen, step = at_step(state, context, step_id)
    if not isinstance(step, Check):
        raise Invalid(f"{step_id!r} runs nothing", where=state.document.id)
    if state.running:
        raise Invalid("it is running already", where=step_id)
    command, shown = command_of(state, step, context), command_view(state, step, context)
    if not shown.runnable:
        raise Refused(shown.why_not, where=step_id)
    if digest != command.digest:
        raise Refused("the command is no longer the one that was shown", where=step_id, do="look at it again")
    two_people(step, state, context, typed)
    if shown.confirm == "typed" and typed != step_id:
        raise NeedsInput(f"type {step_id!r} to confirm", where=step_id)
    data: dict[str, Json] = {
        "step": step_id, "attempt": state.attempts.get(step_id, 0) + 1, "digest": digest,
        "argv": list(command.argv), "env": command.shown_env, "effect": command.effect,
        "timeout_s": command.timeout_s,
    }  # fmt: skip
    pen.write("step.started", data)
    return pen.entries


def command_finished(
    state: RunState, context: Context, step_id: str, result: CaptureResult
) -> list[NewEntry]:
    """How the running command ended. Its output becomes evidence; only a clear fail follows ``on_fail``."""
    pen = pen_for(state, context)
    step = state.graph.steps.get(step_id)
    if not isinstance(step, Check) or not state.running or state.running.step_id != step_id:
        raise Invalid(f"{step_id!r} is not running", where=state.document.id)
    attempt = state.running.attempt
    _keep_output(pen, step, result, attempt)
    if result.cancelled:
        pen.write(
            "step.interrupted", {**interruption(state), "say": "The command was ended before it was done."}
        )
        return pen.entries
    if result.timed_out or result.problem:
        _abnormal(pen, step, result, attempt)
        return pen.entries
    passed = verdict(step, result)
    values = result_values(step, result, passed)
    data: dict[str, Json] = {"step": step_id, "attempt": attempt, "values": values}
    if passed is None:
        say = "It ran, but whether it is good cannot be told from the output."
        pen.write("step.unknown", {**data, "say": say, "output": _shown(result)})
        return pen.entries
    _judged(pen, step, data, passed, _shown(result))
    return pen.advance()


def record_by_hand(state: RunState, context: Context, step_id: str, ok: bool, saw: str) -> list[NewEntry]:
    """A check was done by hand: whether it was good, and what was seen. Goes where the command would have."""
    pen, step = at_step(state, context, step_id, in_panel=True)
    if not isinstance(step, Check):
        raise Invalid(f"{step_id!r} is not a check", where=state.document.id)
    if state.running:
        pen.write("step.interrupted", interruption(state))
    attempt = pen.state.attempts.get(step_id, 0) + 1
    result: dict[str, Json] = {"ok": ok, "out": saw[:8192]}
    _judged(pen, step, {"step": step_id, "attempt": attempt, "by_hand": True, "values": result}, ok, saw)
    return pen.advance()


def _shown(result: CaptureResult) -> str:
    return result.text[-2000:]


def _abnormal(pen: Pen, step: Check, result: CaptureResult, attempt: int) -> None:
    say = (
        f"It could not be started: {result.problem}"
        if result.problem
        else f"It did not end within {step.timeout}."
    )
    values: dict[str, Json] = {"out": result.out[:2000]}
    data: dict[str, Json] = {
        "step": step.id,
        "attempt": attempt,
        "values": values,
        "say": say,
        "output": _shown(result),
    }
    pen.write("step.failed" if result.problem else "step.timed_out", data)


def _judged(pen: Pen, step: Check, data: Mapping[str, Json], passed: bool, output: str) -> None:
    """Write a pass or a fail with where it leads."""
    after = pen.state.graph.after(step.id)
    if passed:
        pen.write("step.finished", {**data, "next": step.on_pass or after})
    else:
        say = "The result is not what was hoped for."
        pen.write("step.failed", {**data, "next": step.on_fail or "", "say": say, "output": output})


def _full(state: RunState) -> bool:
    """Whether the run holds so much output that only size and hash of more are kept."""
    outputs = [item for item in state.evidence if item.kind == "output"]
    return len(outputs) >= OUTPUTS_A_RUN or sum(min(one.size, 320 * 1024) for one in outputs) > BYTES_A_RUN


def _keep_output(pen: Pen, step: Check, result: CaptureResult, attempt: int) -> None:
    if not result.size:
        return
    source = f"{pen.state.id}/{step.id}/{attempt}"
    text = "" if result.binary or _full(pen.state) else result.text
    data = dict(text_evidence(text, "output", f"{step.title} (output)", source, result.redactions))
    data |= {"id": f"{result.sha256[:16]}-{step.id}-{attempt}", "sha256": result.sha256, "size": result.size}
    data |= {"omitted": result.omitted, "binary": result.binary, "left_background": result.left_background}
    pen.write("evidence.added", data)
