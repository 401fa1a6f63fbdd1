"""A run from a file of answers: for ``playbook run --answers`` and for tests.

The file maps step ids to answers, in the forms of `triage.playbook.run.step_answer`. Also understood::

    vars.idp_host: idp.acme.example       # a variable
    cert: {skip: no access, text: …}      # pass a step by
    cert: {ok: false, saw: …, then: "go:expired", reason: …}   # and what to do with the panel
    run.navigator: jun                    # who reads along
    run.stop: {then: continue, reason: …} # when a stop rule fires; without it the run stops
    net: {outcome: resolved}              # a used playbook as one closed step; without an answer it is begun
    net/cert: true                        # a step inside it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NeedsInput, TriageError
from triage.model.json_value import Json
from triage.model.run import RunView
from triage.playbook.language.context import Context
from triage.playbook.language.plan import Plan, prefix_of
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import Ask, Check, Http, Playbook, Probe, SubPlaybook
from triage.playbook.language.yaml_nodes import Tree, YamlError, read_tree
from triage.playbook.run import engine
from triage.playbook.run.answer_check import check_answer
from triage.playbook.run.answers import yes_or_no
from triage.playbook.run.fold import apply
from triage.playbook.run.opening import PinnedText
from triage.playbook.run.output import CaptureResult, HttpReply
from triage.playbook.run.run_state import RunState
from triage.playbook.run.step_view import VARIABLE_PREFIX

RUN_KEYS = ("run.navigator", "run.stop")
_STEP_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class ScriptedRun:
    """How a scripted run went."""

    state: RunState
    view: RunView
    entries: tuple[Entry, ...]
    path: tuple[str, ...]
    """The steps in the order they were left, the end included."""
    waiting: str = ""
    """What it waits for, when the answers did not lead to an end."""


def read_answers(text: str, path: str, plan: Plan, now: datetime) -> dict[str, Json]:
    """The answers in a YAML file, checked against the steps. Raises `Invalid` at the line of the mistake.

    ``now`` (aware UTC) is what answers like ``2h ago`` count from.
    """
    try:
        tree = read_tree(text)
    except YamlError as error:
        raise _at(path, error.line, error.column, error.message, error.advice) from None
    if tree.errors:
        first = tree.errors[0]
        raise _at(path, first.line, first.column, first.message, first.advice)
    if not isinstance(tree.data, dict):
        raise _at(path, 1, 1, "an answers file maps step ids to answers", "")
    _check_names(tree.data, plan, path, tree)
    for name, value in tree.data.items():
        try:
            check_answer(plan, name, value, now)
        except TriageError as error:
            place = tree.places[(name,)]
            raise _at(path, place.line, place.column, f"{name}: {error.what}", error.do) from None
    return tree.data


def _at(path: str, line: int, column: int, message: str, advice: str) -> Invalid:
    return Invalid(message, where=f"{path}:{line}:{column}", do=advice)


def _check_names(answers: Mapping[str, Any], plan: Plan, path: str, tree: Tree | None = None) -> None:
    steps = list(plan.graph.steps)
    known = [*steps, *(VARIABLE_PREFIX + name for name in _variables(plan)), *RUN_KEYS]
    for name in answers:
        if name not in known:
            place = tree.places.get((name,)) if tree else None
            line, column = (place.key_line, place.key_column) if place else (1, 1)
            where = f"{path}:{line}:{column}" if tree else path
            advice = did_you_mean(name, known, "steps: " + ", ".join(steps))
            raise Invalid(f"no step {name!r} in {plan.document.id}", where=where, do=advice)


def _variables(plan: Plan) -> Iterator[str]:
    for section in plan.sections.values():
        yield from (section.prefix + name for name in section.document.vars)
    for step in plan.steps:
        if isinstance(step, Ask) and step.save_as:
            yield prefix_of(step.id) + step.save_as


def run_script(
    document: Playbook,
    answers: Mapping[str, Json],
    results: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    context: Context,
    text: str = "",
    sha256: str = "0" * 64,
    run_id: str = "run-1",
    case_id: str = "case-1",
    includes: Mapping[str, PinnedText] | None = None,
) -> ScriptedRun:
    """Walk ``document`` with ``answers``; nothing is executed and nothing is read.

    ``results`` gives what commands would have said, ``{step: {exit: 0, out: text}}``, judged by the step's
    own rules; a check without a result is answered by hand. A playbook in ``includes`` is gone through; one
    that is not is answered with its outcome, by ``results`` too. The run stops where an answer is missing.
    Raises `Invalid` for an answer to a step that does not exist or that does not fit its step.
    """
    log = EntryLog(run_id, case_id, context)
    log.add(engine.open_run(run_id, document, text, sha256, context, includes=includes))
    state = engine.fold(log.entries, document)
    _check_names(answers, state.plan, "answers")
    for _ in range(_STEP_LIMIT):
        try:
            new = next_entries(state, context, answers, results or {})
        except NeedsInput as needs:
            return _outcome(state, context, log, str(needs))
        if not new:
            return _outcome(state, context, log, "")
        log.add(new)
        state = engine.fold(log.entries, document)
    raise Invalid("the answers lead nowhere", where=document.id)


def _outcome(state: RunState, context: Context, log: EntryLog, waiting: str) -> ScriptedRun:
    path = [one.step_id for one in state.visited if one.status != "not_applicable"]
    ended = [str(entry.data["step"]) for entry in log.entries if entry.kind == "run.ended"]
    return ScriptedRun(state, engine.view(state, context), tuple(log.entries), (*path, *ended), waiting)


class EntryLog:
    """Stands in for the docket: gives entries ids and times."""

    def __init__(self, run_id: str, case_id: str, context: Context) -> None:
        self.entries: list[Entry] = []
        self._run_id, self._case_id = run_id, case_id
        self._now: datetime = context.now
        self._person = context.person or "script"

    def add(self, new: list[NewEntry]) -> None:
        """Append, as a docket would."""
        for one in new:
            number = f"{len(self.entries):06d}"
            self.entries.append(
                Entry(
                    number,
                    self._case_id,
                    "run",
                    self._run_id,
                    one.kind,
                    self._now,
                    self._person,
                    "driver",
                    data=one.data,
                )
            )


def next_entries(
    state: RunState,
    context: Context,
    answers: Mapping[str, Json],
    results: Mapping[str, Mapping[str, Any]],
) -> list[NewEntry]:
    """The entries of the next scripted act; none once it is over. Raises `NeedsInput` without an answer."""
    if state.status == "parked":
        return engine.resume(state, context)
    if state.status != "open":
        return []
    navigator = answers.get("run.navigator")
    if navigator and not state.navigator:
        return engine.set_people(state, context, navigator=str(navigator))
    if not state.memory_acknowledged:
        return engine.acknowledge_memory(state, context)
    shown = engine.view(state, context)
    if shown.panel:
        given = answers.get("run.stop" if shown.panel.kind == "stop" else shown.panel.step_id)
        return _panel(state, context, shown.panel.kind, given)
    if shown.current is None:
        return []
    return _step(state, context, shown.current.id, answers, results)


def _panel(state: RunState, context: Context, kind: str, given: Json) -> list[NewEntry]:
    chosen: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    if "skip" in chosen:
        return engine.skip(state, context, state.position, str(chosen["skip"]), str(chosen.get("text") or ""))
    if kind == "interrupted" and not chosen.get("then") and (isinstance(given, bool) or "ok" in chosen):
        # What a person saw instead; the command itself is never run again by itself.
        ok = given if isinstance(given, bool) else yes_or_no(chosen["ok"], state.position)
        return engine.record_by_hand(state, context, state.position, ok, str(chosen.get("saw") or ""))
    choice = str(chosen.get("then") or ("stop" if kind == "stop" else ""))
    if not choice:
        raise NeedsInput(
            f"{state.position} needs a decision", do=f"add then: to the answer of {state.position}"
        )
    if choice in ("retry", "record"):
        raise Invalid(f"{choice!r} cannot be scripted: it would repeat for ever", where=state.position)
    return engine.resolve_panel(state, context, choice, reason=str(chosen.get("reason") or ""))


def _step(
    state: RunState,
    context: Context,
    step_id: str,
    answers: Mapping[str, Json],
    results: Mapping[str, Mapping[str, Any]],
) -> list[NewEntry]:
    step = state.graph.steps.get(step_id)
    if isinstance(step, Probe) and step_id in results:
        return _scripted_command(state, context, step, results[step_id])
    if isinstance(step, SubPlaybook):
        # Nothing need be said to begin it; what is asked is inside.
        begun: Json = True if state.plan.inside(step_id) else None
        given: Json = answers.get(step_id, results.get(step_id, begun))
        answers = answers if given is None else {**answers, step_id: given}
    if step_id not in answers:
        raise NeedsInput(f"{step_id} has no answer", do=f"add {step_id}: to the answers")
    value = answers[step_id]
    if isinstance(value, Mapping) and "skip" in value:
        return engine.skip(state, context, step_id, str(value["skip"]), str(value.get("text") or ""))
    if isinstance(value, Mapping) and "then" in value:
        value = {key: one for key, one in value.items() if key not in ("then", "reason")}
        value = value["value"] if set(value) == {"value"} else value
    return engine.answer(state, context, step_id, value)


def _scripted_command(
    state: RunState, context: Context, step: Probe, result: Mapping[str, Any]
) -> list[NewEntry]:
    """What would have been written had the command run and said ``result``."""
    attempt = state.attempts.get(step.id, 0) + 1
    effect = step.effect if isinstance(step, Check) else "read_only"
    data: dict[str, Json] = {"step": step.id, "attempt": attempt, "digest": "", "effect": effect}
    started = NewEntry("run", state.id, "step.started", data)
    running = apply(state, started.kind, started.data, context.now, context.person)
    return [started, *engine.command_finished(running, context, step.id, _as_captured(step, result, context))]


def _as_captured(step: Probe, result: Mapping[str, Any], context: Context) -> CaptureResult:
    """A result from a test file in the form in which a command or a request gives one."""
    out, now = str(result.get("out", "")), context.now
    timed_out, problem = bool(result.get("timed_out")), str(result.get("problem") or "")
    size, digest = len(out.encode()), "0" * 64
    if not isinstance(step, Http):
        return CaptureResult(
            now, now, result.get("exit", 0), out, size=size, sha256=digest, timed_out=timed_out,
            problem=problem,
        )  # fmt: skip
    fault = str(result.get("fault") or "")
    return HttpReply(
        now, now, None, out, size=size, sha256=digest, timed_out=timed_out, problem=problem, fault=fault,
        status=None if fault else result.get("status") or 200, ms=result.get("ms") or 0,
        cert_days=result.get("cert_days"),
    )  # fmt: skip
