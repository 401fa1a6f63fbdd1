"""Writing entries and moving a run on until it needs a person again.

`Pen` keeps a state beside the entries it writes, so that what follows an entry is decided on the state that
entry leads to. Where the run went is written into the entries; folding them later decides nothing anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput, NotFound
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.expression import compile_expression
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import Ask, Playbook, Step, SubPlaybook
from triage.playbook.run.fold import apply
from triage.playbook.run.panel import panel_of
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import question_of, scope_of


class Pen:
    """Writes entries about one run."""

    def __init__(self, state: RunState, context: Context) -> None:
        self.state = state
        self.context = context
        self.entries: list[NewEntry] = []

    def write(self, kind: str, data: Mapping[str, Json] | None = None) -> None:
        """Add one entry and move the state by it."""
        self.entries.append(NewEntry("run", self.state.id, kind, data or {}))
        self.state = apply(self.state, kind, data or {}, self.context.now, self.context.person)

    def advance(self) -> list[NewEntry]:
        """Look at the stop rules and at the conditions of the steps ahead; everything written so far."""
        while self.state.status == "open" and not self.state.panel and not self.state.running:
            if self._stopped() or not self._passed_by():
                break
        return self.entries

    def _stopped(self) -> bool:
        """Whether a stop rule holds, or can no longer be told; opens its panel."""
        state = self.state
        if not state.visited:
            return False
        inside = {section.prefix for section in state.plan.around(state.position)}
        for number, (prefix, rule) in enumerate(state.plan.stop_rules):
            if number in state.settled_stops or prefix not in inside:
                continue
            truth = compile_expression(rule.if_).truth(scope_of(state, self.context, prefix))
            settled = all(self._settled(name, prefix) for name in truth.missing)
            if truth.value is False or (truth.value is None and not settled):
                continue
            say = rule.say if truth.value else f"Cannot tell whether to stop: {rule.say}"
            missing = list(truth.missing)
            self.write("stop.triggered", {"rule": number, "say": say, "missing": missing})
            return True
        return False

    def _settled(self, name: str, prefix: str) -> bool:
        """Whether a missing value will stay missing: its step is over, or nothing ahead can give it.

        ``prefix`` is that of the playbook that names it.
        """
        root, _, rest = name.partition(".")
        first = rest.split(".")[0]
        over = {one.step_id for one in self.state.visited} - _open_calls(self.state)
        if root == "steps":
            return prefix + first in over
        if root == "vars":
            givers = {
                prefix + step_id for step_id in givers_of(self.state.plan.sections[prefix].document, first)
            }
            return (bool(givers) and givers <= over) or prefix + first in self.state.variables
        return True

    def _passed_by(self) -> bool:
        """Whether the step in hand does not apply and was passed; an unknown condition opens a panel."""
        state = self.state
        step = state.step
        if step is None or not step.when or step.id in state.confirmed_when:
            return False
        truth = compile_expression(step.when).truth(scope_of(state, self.context))
        if truth.value is True or (truth.value is None and question_of(state, self.context)):
            return False
        if truth.value is None:
            say = f"Whether this applies is not known: {', '.join(truth.missing)}"
            self.write("step.unknown", {"step": step.id, "say": say, "missing": list(truth.missing)})
            return True
        after = state.graph.after(step.id)
        self.write("step.not_applicable", {"step": step.id, "reason": step.when, "next": after})
        return True


def _open_calls(state: RunState) -> set[str]:
    """The steps whose playbook the run stands in."""
    return {section.caller for section in state.plan.around(state.position) if section.prefix}


def givers_of(document: Playbook, name: str) -> set[str]:
    """The steps of ``document`` that set the variable ``name``."""
    asks = {one.id for one in document.steps if isinstance(one, Ask) and one.save_as == name}
    return asks | {
        one.id for one in document.steps if isinstance(one, SubPlaybook) and name in one.returns.values()
    }


def pen_for(state: RunState, context: Context) -> Pen:
    """A pen for an act on a run that is open. Raises `Invalid` for a parked or finished one."""
    if state.status == "parked":
        raise Invalid("this run is parked", where=state.document.id, do="resume it first")
    if state.status != "open":
        raise Invalid("this run is over", where=state.document.id, do="start a new one")
    return Pen(state, context)


def at_step(state: RunState, context: Context, step_id: str, *, in_panel: bool = False) -> tuple[Pen, Step]:
    """A pen for an act on ``step_id``, which must be the step in hand."""
    pen = pen_for(state, context)
    if not state.memory_acknowledged:
        raise NeedsInput("read the memory items first", where=state.document.id, do="acknowledge them")
    if step_id not in state.graph.steps:
        raise NotFound(
            f"no step {step_id!r}", where=state.document.id, do=did_you_mean(step_id, state.graph.steps)
        )
    if step_id != state.position:
        raise Invalid(
            f"{step_id!r} is not the step in hand", where=state.document.id, do=f"it is {state.position!r}"
        )
    panel = panel_of(state, context)
    # A failed step may be skipped or recorded at once; a stop rule must be answered as such.
    if panel and (panel.kind == "stop" or not in_panel):
        choices = ", ".join(choice.value for choice in panel.choices)
        raise NeedsInput(panel.say, where=step_id, do=f"decide first: {choices}")
    return pen, state.graph.steps[step_id]


def two_people(step: Step, state: RunState, context: Context, typed: str) -> None:
    """Raise `NeedsInput` unless a two-person step was confirmed by typing its id."""
    if not step.two_person:
        return
    if not state.navigator and not context.alone_allowed:
        raise NeedsInput(
            "this step needs a second person", where=step.id, do="name the navigator, or skip it"
        )
    if typed != step.id:
        raise NeedsInput(f"the navigator types {step.id!r} to confirm", where=step.id)


def interruption(state: RunState) -> dict[str, Json]:
    """The entry data of a command whose end was not seen."""
    running = state.running
    assert running is not None  # noqa: S101
    say = f"The command was started {running.at:%H:%M} UTC and its end was not seen."
    return {"step": running.step_id, "attempt": running.attempt, "say": say, "values": {}}


def write_finished(pen: Pen, step: Step, values: Mapping[str, Json], **more: Json) -> None:
    """Write that ``step`` is done; it goes where a skip would unless ``next`` says otherwise."""
    state = pen.state
    attempt = state.attempts.get(step.id, 0) + 1
    data = {"step": step.id, "attempt": attempt, "values": values, "next": state.graph.after(step.id), **more}
    pen.write("step.finished", {key: value for key, value in data.items() if value != {}})
