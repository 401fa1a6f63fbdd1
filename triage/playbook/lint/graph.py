"""PB2xx: where steps lead, and whether every path makes sense."""

from __future__ import annotations

from triage.playbook.language.document import Header
from triage.playbook.language.expression import ExpressionError
from triage.playbook.language.graph import STAY, Graph
from triage.playbook.language.reading import Reading
from triage.playbook.language.reads import placed_conditions, placed_texts, variables_of
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import (
    Ask,
    Checklist,
    Decide,
    End,
    FindingStep,
    Instruct,
    RootCause,
    Step,
    SubPlaybook,
)
from triage.playbook.language.template import TemplateError

LONG_STRETCH = 9
"""Things to do in a row before people stop reading (Gawande, The Checklist Manifesto: five to nine)."""


def check_graph(reading: Reading) -> None:
    """Ids and targets always; reachability, loops and ends only when every step could be read."""
    graph = Graph.of([step for _, step in reading.steps])
    _duplicates(reading)
    _targets(reading, graph)
    _options(reading)
    if reading.broken:
        return
    loop = graph.loop()
    if loop:
        index = _index(reading, loop[0])
        reading.source.add(("steps", index, "id"), "PB206", "steps form a loop: " + " -> ".join(loop))
        return
    _reach(reading, graph)
    _variables(reading, graph)
    _stretches(reading, graph)


def _index(reading: Reading, step_id: str) -> int:
    return next(index for index, step in reading.steps if step.id == step_id)


def _duplicates(reading: Reading) -> None:
    seen: dict[str, int] = {}
    for index, step in reading.steps:
        if step.id in seen:
            line = reading.source.places[("steps", seen[step.id])].line
            advice = f"first used at line {line}"
            reading.source.add(
                ("steps", index, "id"), "PB201", f"duplicate step id {step.id!r}", advice=advice
            )
        seen.setdefault(step.id, index)


def _targets(reading: Reading, graph: Graph) -> None:
    for index, step in reading.steps:
        for edge in graph.edges[step.id]:
            if edge.target != STAY and edge.target not in reading.ids:
                _no_such(reading, ("steps", index, *edge.place), edge.target)
        for name, ids in _mentions(step):
            for number, mentioned in enumerate(ids):
                if mentioned not in reading.ids:
                    _no_such(reading, ("steps", index, name, number), mentioned)
    exception = reading.header.on_exception if reading.header else None
    if exception and exception not in reading.ids:
        _no_such(reading, ("on_exception",), exception)


def _mentions(step: Step) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(step, RootCause):
        return [("evidence", step.evidence)]
    return [("from", step.from_)] if isinstance(step, FindingStep) else []


def _no_such(reading: Reading, path: tuple[str | int, ...], target: str) -> None:
    advice = did_you_mean(target, reading.ids, "steps: " + ", ".join(sorted(reading.ids)))
    reading.source.add(path, "PB202", f"no step {target!r}", advice=advice)


def _options(reading: Reading) -> None:
    for index, step in reading.steps:
        if isinstance(step, Ask):
            values = [option.value for option in step.options]
            for number, value in enumerate(values):
                if value in values[:number]:
                    path = ("steps", index, "options", number, "value")
                    reading.source.add(path, "PB205", f"duplicate option {value!r}")
        if isinstance(step, Decide):
            _branches(reading, index, step)
        if isinstance(step, End) and step.when:
            reading.source.add(
                ("steps", index, "when"),
                "PB213",
                "an end cannot have a condition",
                advice="use a decide before it",
            )


def _branches(reading: Reading, index: int, step: Decide) -> None:
    for number, branch in enumerate(step.branches):
        path = ("steps", index, "branches", number, "next")
        if branch.next == step.otherwise and len(step.branches) == 1:
            reading.source.add(path, "PB211", "the branch leads where otherwise leads", level="warning")
        if branch.if_ in [earlier.if_ for earlier in step.branches[:number]]:
            reading.source.add(
                path, "PB211", "the same condition stands in an earlier branch", level="warning"
            )


def _reach(reading: Reading, graph: Graph) -> None:
    start = reading.steps[0][1].id
    reached = graph.reachable(start)
    for index, step in reading.steps:
        if step.id not in reached:
            message = f"no way leads to step {step.id!r}"
            reading.source.add(("steps", index, "id"), "PB203", message, level="warning")
        elif any(edge.target == STAY for edge in graph.edges[step.id]):
            message = f"the playbook can run off the end after step {step.id!r}"
            reading.source.add(("steps", index, "id"), "PB204", message, advice="add next: or an end step")
    ends = {step.outcome for _, step in reading.steps if isinstance(step, End) and step.id in reached}
    # A list that is confirmed from memory checks work done elsewhere; nothing has to be resolved in it.
    confirms = reading.header is not None and reading.header.mode == "do-confirm"
    if not confirms and not ends & {"resolved", "workaround"}:
        reading.source.add(("steps",), "PB209", "no path ends resolved", level="warning", on="key")


def _reads(step: Step) -> tuple[str, ...]:
    try:
        return variables_of(step)
    except (TemplateError, ExpressionError):
        return ()


def _variables(reading: Reading, graph: Graph) -> None:
    """PB207: declared and never read. PB208: read on a path on which nothing sets it."""
    header = reading.header
    if header is None:
        return
    reads = [(index, step, _reads(step)) for index, step in reading.steps]
    used = {name for _, _, names in reads for name in names} | _stop_names(header)
    for name in header.vars:
        if name not in used:
            message = f"variable {name!r} is never used"
            reading.source.add(("vars", name), "PB207", message, level="warning", on="key")
    setters: dict[str, set[str]] = {}
    for _, step in reading.steps:
        if isinstance(step, Ask) and step.save_as:
            # A question with a condition may be passed by, so it sets nothing for sure.
            setters.setdefault(step.save_as, set()).update([] if step.when else [step.id])
        if isinstance(step, SubPlaybook):
            for name in step.returns.values():
                setters.setdefault(name, set()).update([] if step.when else [step.id])
    start = reading.steps[0][1].id
    for name in setters.keys() - header.vars.keys():
        without = graph.reachable(start, frozenset(setters[name]))
        for index, step, names in reads:
            if name in names and step.id in without and not _guards(step, name):
                message = f"variable {name!r} may not be set when {step.id!r} is reached"
                reading.source.add(("steps", index, "id"), "PB208", message, level="warning")


def _guards(step: Step, name: str) -> bool:
    """Whether the step says what to do without the variable."""
    texts = [text for _, text in (*placed_texts(step), *placed_conditions(step)) if f"vars.{name}" in text]
    return all(f"exists(vars.{name})" in text or "default(" in text for text in texts)


def _stop_names(header: Header) -> set[str]:
    return {word for rule in header.stop_when for word in header.vars if f"vars.{word}" in rule.if_}


def _stretches(reading: Reading, graph: Graph) -> None:
    """PB212: more to do in a row than anybody reads, with no question between."""
    run: dict[str, int] = {}
    places = {step.id: index for index, step in reading.steps}

    def length(step_id: str) -> int:
        step = graph.steps[step_id]
        if not isinstance(step, Instruct | Checklist):
            return 0
        if step_id not in run:
            own = len(step.items) if isinstance(step, Checklist) else 1
            run[step_id] = own + max((length(target) for target in graph.targets(step_id)), default=0)
        return run[step_id]

    before = {target for step_id in graph.steps if length(step_id) for target in graph.targets(step_id)}
    for step_id in graph.steps:
        if step_id not in before and length(step_id) > LONG_STRETCH:
            message = f"{run[step_id]} things to do in a row from here, with no question or check between"
            path = ("steps", places[step_id], "id")
            reading.source.add(
                path, "PB212", message, level="warning", advice="people stop reading after nine"
            )
