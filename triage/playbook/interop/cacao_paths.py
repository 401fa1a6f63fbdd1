"""The graph of a CACAO workflow: dangling targets, loops, and what no way leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.playbook.interop.cacao_file import name_of, ways_of
from triage.playbook.interop.draft import Draft

Workflow = Mapping[str, Mapping[str, Any]]


def check_paths(workflow: Workflow, start: str, exception: str, draft: Draft) -> set[str]:
    """The steps that can be reached. Dangling targets and loops become refusals, each by its name."""
    for key, step in workflow.items():
        for way, target in ways_of(step):
            if target not in workflow:
                draft.refuse(f"step {name_of(key, step)} leads to a step that is not there: {way} = {target}")
    for way, target in (("workflow_start", start), ("workflow_exception", exception)):
        if target and target not in workflow:
            draft.refuse(f"{way} names a step that is not there: {target}")
    if loop := find_loop(workflow):
        names = " -> ".join(name_of(key, workflow[key]) for key in loop)
        draft.refuse(f"the steps form a loop: {names}")
    if draft.refusals:
        return set()
    reached = reachable(workflow, [start, *([exception] if exception else [])])
    for key, step in workflow.items():
        if key not in reached and step.get("type") not in ("start", "end"):
            draft.lose("dropped", f"step {name_of(key, step)}", "no way leads to it", f"/workflow/{key}")
    return reached


def reachable(workflow: Workflow, start: list[str]) -> set[str]:
    """Every step at or behind one of ``start``."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in seen and key in workflow:
            seen.add(key)
            waiting.extend(target for _, target in ways_of(workflow[key]))
    return seen


def body_of(workflow: Workflow, key: str) -> set[str]:
    """The steps a while-condition repeats: at or behind its ``on_true``, not behind its end."""
    step = workflow[key]
    seen: set[str] = set()
    waiting = [target for way, target in ways_of(step) if way == "on_true"]
    while waiting:
        here = waiting.pop()
        if here != key and here not in seen:
            seen.add(here)
            waiting.extend(target for _, target in ways_of(workflow.get(here, {})))
    return seen


def find_loop(workflow: Workflow) -> tuple[str, ...]:
    """The steps of one loop, the first repeated; the way back of a while-condition's own body is none."""
    allowed = {
        (inner, key)
        for key, step in workflow.items()
        if step.get("type") == "while-condition"
        for inner in body_of(workflow, key)
    }
    ahead = {
        key: [one for _, one in ways_of(step) if one in workflow and (key, one) not in allowed]
        for key, step in workflow.items()
    }
    done: set[str] = set()
    for start in workflow:
        if start in done:
            continue
        trail, on_trail, waiting = [start], {start}, [iter(ahead[start])]
        while waiting:
            target = next(waiting[-1], None)
            if target is None:
                waiting.pop()
                on_trail.discard(trail[-1])
                done.add(trail.pop())
            elif target in on_trail:
                return (*trail[trail.index(target) :], target)
            elif target not in done:
                trail.append(target)
                on_trail.add(target)
                waiting.append(iter(ahead[target]))
    return ()
