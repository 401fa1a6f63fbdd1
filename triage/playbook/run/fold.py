"""From the entries of a run to its state. Nothing is kept but entries; this is what they add up to.

An entry says where the run went next, so a fold needs no ticket, no settings and no clock, and always comes
to the same state. The text of the playbook is in the first entry: a later edit of the file changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from triage.model.entry import Entry
from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.model.run import EvidenceItem, RunStatus
from triage.playbook.language.plan import Include, Plan, prefix_of
from triage.playbook.language.steps import Playbook
from triage.playbook.lint.load import load_text
from triage.playbook.run.run_state import (
    OpenPanel,
    PanelKind,
    ResultStatus,
    Running,
    RunState,
    Setting,
    StepResult,
    WentBack,
)


def fold(entries: Iterable[Entry], document: Playbook | None = None) -> RunState:
    """The run that ``entries`` (of one run, in order) tell. ``document`` saves reading the pinned text again.

    Raises `Invalid` when there is no opening entry or its text can no longer be read.
    """
    state: RunState | None = None
    for entry in entries:
        if entry.kind == "run.opened":
            state = _opened(entry, document)
        elif state is not None:
            state = apply(state, entry.kind, entry.data, entry.at, entry.actor)
    if state is None:
        raise Invalid("this run has no opening entry", do="run triage doctor")
    return state


@lru_cache(maxsize=64)
def _pinned(text: str) -> Playbook:
    document, found = load_text(text, "playbook")
    if document is None:
        first = next((one for one in found if one.level == "error"), None)
        why = f"line {first.line}: {first.message}" if first else "it cannot be read"
        raise Invalid(f"the playbook kept with this run cannot be read by this version ({why})")
    return document


def _opened(entry: Entry, document: Playbook | None) -> RunState:
    data: Mapping[str, Any] = entry.data
    plan = plan_of(data, document)
    settings = tuple(Setting(name, value) for name, value in data.get("variables", {}).items())
    return RunState(
        id=entry.subject_id, case_id=entry.case_id, plan=plan,
        sha256=data["sha256"], text=data["text"], opened_at=entry.at, position=plan.steps[0].id,
        entered_at=entry.at, origin=data.get("origin", ""), settings=settings,
        driver=data.get("driver") or entry.actor, navigator=data.get("navigator", ""),
        memory_acknowledged=not plan.document.memory_items,
    )  # fmt: skip


def plan_of(data: Mapping[str, Any], document: Playbook | None = None) -> Plan:
    """The plan that an opening entry pins: its text and the texts of the playbooks it uses."""
    used = tuple(
        (name, one["text"], one["sha256"], one.get("origin", ""))
        for name, one in sorted(data.get("includes", {}).items())
    )
    if document is not None:
        return Plan.of(document, data["sha256"], data.get("origin", ""), _included(used))
    return _pinned_plan(data["text"], data["sha256"], data.get("origin", ""), used)


_Used = tuple[tuple[str, str, str, str], ...]


@lru_cache(maxsize=32)
def _pinned_plan(text: str, sha256: str, origin: str, used: _Used) -> Plan:
    """Kept, so that a key press does not read YAML."""
    return Plan.of(_pinned(text), sha256, origin, _included(used))


def _included(used: _Used) -> dict[str, Include]:
    return {name: Include(_pinned(text), sha256, origin) for name, text, sha256, origin in used}


def apply(state: RunState, kind: str, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    """``state`` after one more entry. A kind it does not know, from a newer program, changes nothing."""
    change = _CHANGES.get(kind)
    return change(state, data, at, actor) if change else state


_Change = Callable[[RunState, Mapping[str, Any], datetime, str], RunState]


def _move(state: RunState, result: StepResult, at: datetime) -> RunState:
    return replace(
        state, visited=(*state.visited, result), position=result.next, entered_at=at, running=None,
        panel=None, notice="",
    )  # fmt: skip


def _result(
    state: RunState, data: Mapping[str, Any], at: datetime, actor: str, status: ResultStatus
) -> StepResult:
    running, returned = state.running, data.get("returned", {})
    return StepResult(
        data["step"], status, data.get("values", {}), data.get("next") or "", at, actor,
        data.get("attempt", 1), data.get("reason", ""), data.get("by_hand", False),
        running.effect if running else "", returned.get("step", ""), returned.get("values", {}),
        data.get("text", ""),
    )  # fmt: skip


def _roles(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    return replace(state, driver=data["driver"], navigator=data["navigator"])


def _variable(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    return replace(state, settings=(*state.settings, Setting(data["name"], data["value"])))


def _started(state: RunState, data: Mapping[str, Any], at: datetime, _actor: str) -> RunState:
    step, attempt = data["step"], data["attempt"]
    running = Running(step, attempt, at, data.get("digest", ""), data.get("effect", ""))
    return replace(
        state, running=running, panel=None, attempts={**state.attempts, step: attempt},
        confirmed_commands=state.confirmed_commands | {step},
        confirmed_hosts=state.confirmed_hosts | set(filter(None, [data.get("host")])),
    )  # fmt: skip


def _polled(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    """One try did not pass and another follows."""
    running = state.running
    if running is None or running.step_id != data["step"]:
        return state
    return replace(state, running=replace(running, tries=(*running.tries, data["say"])))


def _finished(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    step = data["step"]
    moved = _move(state, _result(state, data, at, actor, "done"), at)
    saved = _settings(step, step, data.get("saved", {}))
    if returned := data.get("returned"):
        saved += _settings(returned["step"], step, returned.get("saved", {}))
    drafts = {**moved.drafts, step: data["draft"]} if "draft" in data else moved.drafts
    attempts = {**moved.attempts, step: data.get("attempt", 1)}
    cause = data.get("root_cause", moved.root_cause)
    return replace(
        moved, settings=(*moved.settings, *saved), drafts=drafts, root_cause=cause, attempts=attempts
    )


def _settings(owner: str, step: str, values: Mapping[str, Json]) -> tuple[Setting, ...]:
    """Values of variables beside the step ``owner``, which stand as long as the result of ``step`` does."""
    return tuple(Setting(prefix_of(owner) + name, value, step) for name, value in values.items())


def _entered(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    """A used playbook begins: its variables get what they are given."""
    moved = _move(state, _result(state, data, at, actor, "done"), at)
    step = data["step"]
    given = _settings(f"{step}/", step, data.get("variables", {}))
    attempts = {**moved.attempts, step: data.get("attempt", 1)}
    return replace(moved, settings=(*moved.settings, *given), attempts=attempts)


def _failed(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    result = _result(state, data, at, actor, "failed")
    state = replace(state, attempts={**state.attempts, result.step_id: result.attempt})
    if result.next:
        return _move(state, result, at)
    return _panel(state, "failed", data, result)


def _timed_out(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    return _panel(state, "timed_out", data, _result(state, data, at, actor, "failed"))


def _interrupted(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    return _panel(state, "interrupted", data, _result(state, data, at, actor, "failed"))


def _unknown(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    pending = _result(state, data, at, actor, "failed") if "values" in data else None
    return _panel(state, "unknown", data, pending)


def _panel(state: RunState, kind: PanelKind, data: Mapping[str, Any], pending: StepResult | None) -> RunState:
    panel = OpenPanel(
        kind, data["step"], data.get("say", ""), data.get("output", ""), tuple(data.get("missing", ())),
        pending=pending,
    )  # fmt: skip
    return replace(state, panel=panel, running=None)


def _stop_triggered(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    panel = OpenPanel(
        "stop", state.position, data["say"], missing=tuple(data.get("missing", ())), rule=data["rule"]
    )
    return replace(state, panel=panel)


def _stop_overridden(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    return replace(state, panel=None, settled_stops=state.settled_stops | {data["rule"]})


def _resolved(state: RunState, data: Mapping[str, Any], at: datetime, _actor: str) -> RunState:
    panel = state.panel
    if panel is None:
        return state
    if data["choice"] == "go" and panel.pending:
        return _move(state, replace(panel.pending, next=data["next"], reason=data.get("reason", "")), at)
    if data["choice"] == "continue":
        return replace(state, panel=None, confirmed_when=state.confirmed_when | {panel.step_id})
    return replace(state, panel=None)


def _skipped(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    result = _result(state, data, at, actor, "skipped")
    if state.panel and state.panel.pending:
        result = replace(result, values=state.panel.pending.values, effect=state.panel.pending.effect)
    return _move(state, result, at)


def _not_applicable(state: RunState, data: Mapping[str, Any], at: datetime, actor: str) -> RunState:
    return _move(state, _result(state, data, at, actor, "not_applicable"), at)


def _back(state: RunState, data: Mapping[str, Any], at: datetime, _actor: str) -> RunState:
    target = data["to"]
    keep = max(index for index, one in enumerate(state.visited) if one.step_id == target)
    undone = state.visited[keep:]
    ids = {one.step_id for one in undone}
    return replace(
        state, visited=state.visited[:keep], superseded=(*state.superseded, *undone), position=target,
        entered_at=at, panel=None, running=None,
        settings=tuple(one for one in state.settings if one.step_id not in ids),
        drafts={step: text for step, text in state.drafts.items() if step not in ids},
        root_cause={} if state.root_cause.get("step") in ids else state.root_cause,
        confirmed_when=state.confirmed_when - ids, notice=data.get("notice", ""),
        ways_back=(*state.ways_back, WentBack(target, data.get("reason", ""), at)),
    )  # fmt: skip


def _evidence(state: RunState, data: Mapping[str, Any], at: datetime, _actor: str) -> RunState:
    item = EvidenceItem(
        data["id"], state.case_id, at, data["kind"], data["summary"], data.get("sha256", ""),
        data.get("size", 0), data.get("redactions", 0), data.get("source", ""),
    )  # fmt: skip
    return replace(state, evidence=(*state.evidence, item))


def _parked(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    remind = data.get("remind_at")
    return replace(state, status="parked", remind_at=datetime.fromisoformat(remind) if remind else None)


def _resumed(state: RunState, _data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    return replace(state, status="open", remind_at=None)


def _over(status: RunStatus) -> _Change:
    def change(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
        return replace(
            state, status=status, outcome=data.get("outcome"), summary=data.get("summary", ""), position="",
            panel=None, running=None,
        )  # fmt: skip

    return change


def _migrated(state: RunState, data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    """The run goes over to a newer text. Consents were to the old one; settled stop rules stay settled."""
    plan = plan_of(data)
    settled = {state.plan.stop_rules[number] for number in state.settled_stops}
    items = plan.document.memory_items
    return replace(
        state, plan=plan, sha256=data["sha256"], text=data["text"], confirmed_commands=frozenset(),
        confirmed_hosts=frozenset(),
        settled_stops=frozenset(number for number, rule in enumerate(plan.stop_rules) if rule in settled),
        memory_acknowledged=not items or (state.memory_acknowledged and items == state.document.memory_items),
    )  # fmt: skip


def _memory(state: RunState, _data: Mapping[str, Any], _at: datetime, _actor: str) -> RunState:
    return replace(state, memory_acknowledged=True)


_CHANGES: dict[str, _Change] = {
    "roles.set": _roles,
    "var.set": _variable,
    "memory.acknowledged": _memory,
    "step.entered": _entered,
    "step.started": _started,
    "step.polled": _polled,
    "step.finished": _finished,
    "step.failed": _failed,
    "step.timed_out": _timed_out,
    "step.interrupted": _interrupted,
    "step.unknown": _unknown,
    "step.skipped": _skipped,
    "step.not_applicable": _not_applicable,
    "stop.triggered": _stop_triggered,
    "stop.overridden": _stop_overridden,
    "panel.resolved": _resolved,
    "run.back": _back,
    "run.parked": _parked,
    "run.resumed": _resumed,
    "run.ended": _over("ended"),
    "run.stopped": _over("stopped"),
    "run.abandoned": _over("abandoned"),
    "run.migrated": _migrated,
    "evidence.added": _evidence,
}
