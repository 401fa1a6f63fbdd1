"""A command of a run: consent, start, end, and doing it by hand instead."""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput, Refused
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.steps import Probe
from triage.playbook.run.answers import text_evidence
from triage.playbook.run.expectation import judged, result_values, verdict
from triage.playbook.run.output import CaptureResult, HttpReply
from triage.playbook.run.progress import Pen, at_step, interruption, pen_for, two_people
from triage.playbook.run.run_state import RunState
from triage.playbook.run.wanted import record_of, wanted_of, wanted_view

OUTPUTS_A_RUN = 200
BYTES_A_RUN = 20 * 1024 * 1024
REASON_LENGTH = 120
"""Characters of what was seen by hand that say why a run went another way."""


def command_started(
    state: RunState, context: Context, step_id: str, digest: str, *, typed: str = ""
) -> list[NewEntry]:
    """Consent was given to exactly the command named by ``digest``; append this before it starts.

    Raises `Refused` when the command is no longer that one or may not run, `NeedsInput` when the step's id
    must be typed.
    """
    pen, step = at_step(state, context, step_id)
    if not isinstance(step, Probe):
        raise Invalid(f"{step_id!r} runs nothing", where=state.document.id)
    if state.running:
        raise Invalid("it is running already", where=step_id)
    wanted, shown = wanted_of(state, step, context), wanted_view(state, step, context)
    if not shown.runnable:
        raise Refused(shown.why_not, where=step_id)
    if digest != wanted.digest:
        raise Refused("the command is no longer the one that was shown", where=step_id, do="look at it again")
    two_people(step, state, context, typed)
    if shown.confirm == "typed" and typed != step_id:
        raise NeedsInput(f"type {step_id!r} to confirm", where=step_id)
    attempt = state.attempts.get(step_id, 0) + 1
    data: dict[str, Json] = {"step": step_id, "attempt": attempt, "digest": digest, **record_of(wanted)}
    pen.write("step.started", data)
    return pen.entries


def command_polled(state: RunState, context: Context, step_id: str, result: CaptureResult) -> list[NewEntry]:
    """One try of the running command did not pass and another will follow; its output is not kept."""
    pen = pen_for(state, context)
    step = state.graph.steps.get(step_id)
    if not isinstance(step, Probe) or not state.running or state.running.step_id != step_id:
        raise Invalid(f"{step_id!r} is not running", where=state.document.id)
    number = len(state.running.tries) + 1
    data: dict[str, Json] = {"step": step_id, "attempt": state.running.attempt, "try": number}
    pen.write("step.polled", {**data, "say": try_words(step, result), "at": result.finished_at.isoformat()})
    return pen.entries


def try_words(step: Probe, result: CaptureResult) -> str:
    """What one try came to, in a few words."""
    if result.timed_out:
        return f"no end within {step.timeout}"
    if result.problem:
        return result.problem
    if isinstance(result, HttpReply):
        return result.fault or f"status {result.status} in {result.ms} ms"
    return f"exit {result.exit_code}"


def polling(step: Probe, now: float) -> tuple[float, float]:
    """Seconds between two tries, and until when the next may begin, on the clock that says ``now``."""
    if step.poll is None:
        return 0.0, now
    every, up_to = parse_duration(step.poll.every), parse_duration(step.poll.up_to)
    return every.total_seconds(), now + up_to.total_seconds()


def tried_again(step: Probe, result: CaptureResult) -> bool:
    """Whether another try makes sense: it polls, did not pass, and nobody ended it."""
    return step.poll is not None and not result.cancelled and verdict_of(step, result) is not True


def verdict_of(step: Probe, result: CaptureResult) -> bool | None:
    """What one try came to; one that has no end or no beginning is no pass."""
    return False if result.timed_out or result.problem else verdict(step, result)


def command_finished(
    state: RunState, context: Context, step_id: str, result: CaptureResult
) -> list[NewEntry]:
    """How the running command ended. Its output becomes evidence; only a clear fail follows ``on_fail``."""
    pen = pen_for(state, context)
    step = state.graph.steps.get(step_id)
    if not isinstance(step, Probe) or not state.running or state.running.step_id != step_id:
        raise Invalid(f"{step_id!r} is not running", where=state.document.id)
    attempt, tries = state.running.attempt, len(state.running.tries) + 1
    _keep_output(pen, step, result, attempt)
    if result.cancelled:
        pen.write("step.interrupted", {**interruption(state), "say": _stopped(state, context, result)})
        return pen.entries
    if result.timed_out or result.problem:
        _abnormal(pen, step, result, attempt)
        return pen.entries
    passed, missed = judged(step, result)
    values = result_values(step, result, passed)
    if step.poll:
        values["tries"] = tries
    data: dict[str, Json] = {"step": step_id, "attempt": attempt, "values": values}
    if passed is None:
        say = "It ran, but whether it is good cannot be told from the output."
        pen.write("step.unknown", {**data, "say": say, "output": _shown(result)})
        return pen.entries
    _settled(pen, step, {**data, "reason": missed}, passed, _shown(result))
    return pen.advance()


def record_by_hand(state: RunState, context: Context, step_id: str, ok: bool, saw: str) -> list[NewEntry]:
    """A check was done by hand: whether it was good, and what was seen. Goes where the command would have."""
    pen, step = at_step(state, context, step_id, in_panel=True)
    if not isinstance(step, Probe):
        raise Invalid(f"{step_id!r} is not a check", where=state.document.id)
    if state.running:
        pen.write("step.interrupted", interruption(state))
    attempt = pen.state.attempts.get(step_id, 0) + 1
    result: dict[str, Json] = {"ok": ok, "out": saw[:8192]}
    data: dict[str, Json] = {"step": step_id, "attempt": attempt, "by_hand": True, "values": result}
    _settled(pen, step, {**data, "reason": "" if ok else _first_line(saw)}, ok, saw)
    return pen.advance()


def _stopped(state: RunState, context: Context, result: CaptureResult) -> str:
    """Who ended the command, when, and how far it had come."""
    who = context.person or "A person"
    say = f"{who} stopped it at {result.finished_at:%H:%M} UTC, before it was done."
    tries = state.running.tries if state.running else ()
    return f"{say} Tries before: {len(tries)}, the last: {tries[-1]}." if tries else say


def _first_line(text: str) -> str:
    line = next((one.strip() for one in text.splitlines() if one.strip()), "")
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 1] + "…"


def _shown(result: CaptureResult) -> str:
    return result.text[-2000:]


def _abnormal(pen: Pen, step: Probe, result: CaptureResult, attempt: int) -> None:
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


def _settled(pen: Pen, step: Probe, data: Mapping[str, Json], passed: bool, output: str) -> None:
    """Write a pass or a fail with where it leads."""
    after = pen.state.graph.after(step.id)
    if passed:
        told = {name: value for name, value in data.items() if name != "reason"}
        pen.write("step.finished", {**told, "next": step.on_pass or after})
    else:
        missed = data.get("reason")
        say = f"Not what was hoped for: {missed}" if missed else "The result is not what was hoped for."
        pen.write("step.failed", {**data, "next": step.on_fail or "", "say": say, "output": output})


def _full(state: RunState) -> bool:
    """Whether the run holds so much output that only size and hash of more are kept."""
    outputs = [item for item in state.evidence if item.kind == "output"]
    return len(outputs) >= OUTPUTS_A_RUN or sum(min(one.size, 320 * 1024) for one in outputs) > BYTES_A_RUN


def _keep_output(pen: Pen, step: Probe, result: CaptureResult, attempt: int) -> None:
    if not result.size:
        return
    source = f"{pen.state.id}/{step.id}/{attempt}"
    text = "" if result.binary or _full(pen.state) else result.text
    data = dict(text_evidence(text, "output", f"{step.title} (output)", source, result.redactions))
    data |= {"id": f"{result.sha256[:16]}-{step.id}-{attempt}", "sha256": result.sha256, "size": result.size}
    data |= {"omitted": result.omitted, "binary": result.binary, "left_background": result.left_background}
    pen.write("evidence.added", data)
