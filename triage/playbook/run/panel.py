"""The decision a run waits for, and the ways out of it. No choice is a default."""

from __future__ import annotations

from collections.abc import Sequence

from triage.model.run import Option, Panel
from triage.playbook.language.context import Context
from triage.playbook.language.graph import must_choose
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.steps import Check, Decide, End, Probe, Step
from triage.playbook.run.run_state import OpenPanel, RunState


def panel_of(state: RunState, context: Context) -> Panel | None:
    """The decision the run waits for, with its choices; a command whose end was not seen is one too."""
    step = state.step
    if step is None or state.status != "open":
        return None
    if state.running and not context.live:
        say = (
            f"The command was started {state.running.at:%H:%M} UTC and its end was not seen. "
            "It was not run again."
        )
        return Panel("interrupted", step.id, say, "", _choices(state, step, "interrupted"))
    panel = state.panel
    if panel is None:
        return None
    return Panel(panel.kind, panel.step_id, panel.say, panel.output, _panel_choices(state, step, panel))


def _panel_choices(state: RunState, step: Step, panel: OpenPanel) -> tuple[Option, ...]:
    if panel.kind == "stop":
        return (Option("stop", "Stop here"), Option("continue", "Go on, with a reason"))
    if panel.kind == "unknown" and panel.pending is None:
        skip = () if must_choose(step) or isinstance(step, Decide) else (Option("skip", "It does not apply"),)
        return (Option("continue", "It applies: do it"), *skip, Option("stop", "Stop here"))
    return _choices(state, step, panel.kind)


def _choices(state: RunState, step: Step, kind: str) -> tuple[Option, ...]:
    again = Option("retry", "Do it again")
    record = (Option("record", "Record what I saw"),) if isinstance(step, Probe) else ()
    # After an interruption, repeating is offered first only where it is free to repeat.
    careful = kind == "interrupted" and isinstance(step, Check) and step.effect != "read_only"
    first = (*record, again) if careful else (again, *record)
    rest = (Option("skip", "Skip, with a reason"), Option("stop", "Stop here"))
    return (*first, *_ways(state, step), *rest)


def _ways(state: RunState, step: Step) -> Sequence[Option]:
    """The steps a person may go on with: the fail branch, the usual way, the exception, the ends."""
    near = list(state.graph.targets(step.id))
    if isinstance(step, Probe) and step.on_fail in near:
        near.remove(step.on_fail)
        near.insert(0, step.on_fail)
    ahead = state.graph.reachable(step.id) - {step.id}
    around = list(state.plan.around(step.id))
    exceptions = [one.prefix + one.document.on_exception for one in around if one.document.on_exception]
    # Only forward: a way back would make a loop of the graph.
    extra = [one for one in exceptions if one in ahead]
    near_prefixes = {one.prefix for one in around}
    ends = [
        one for one in ahead if isinstance(state.graph.steps[one], End) and prefix_of(one) in near_prefixes
    ]
    order = {one.id: index for index, one in enumerate(state.plan.steps)}
    names = dict.fromkeys([*near, *extra, *sorted(ends, key=order.__getitem__)])
    return [Option(f"go:{name}", f"Go on with: {state.graph.steps[name].title}") for name in names]
