"""What a set of runs has walked of a playbook: its steps, and the ways out of them.

A way counts where a run could have gone another one: each target of a step with several, a condition that
holds or does not, and each stop rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.model.entry import Entry
from triage.playbook.language.graph import Graph
from triage.playbook.language.steps import Playbook
from triage.playbook.run.run_state import RunState


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was walked, and what was not."""

    steps: int
    steps_total: int
    branches: int
    branches_total: int
    missed: tuple[str, ...] = ()
    """``step`` or ``step -> target``, in the order of the file."""

    @property
    def step_share(self) -> float:
        """In percent."""
        return 100 * self.steps / self.steps_total

    @property
    def branch_share(self) -> float:
        """In percent; 100 where nothing branches."""
        return 100 * self.branches / self.branches_total if self.branches_total else 100.0


def ways_of(document: Playbook) -> tuple[str, ...]:
    """Every way that counts, as it is named in a report."""
    graph = Graph.of(document.steps)
    ways: list[str] = []
    for step in document.steps:
        targets = graph.targets(step.id)
        if len(targets) > 1:
            ways += [f"{step.id} -> {target}" for target in targets]
        if step.when:
            ways += [f"{step.id} applies", f"{step.id} does not apply"]
    return (*ways, *(f"stop rule {number}" for number in range(1, len(document.stop_when) + 1)))


def walked(state: RunState, entries: Iterable[Entry]) -> frozenset[str]:
    """The steps and ways that one run took."""
    found: set[str] = set()
    for one in state.visited:
        if one.status == "not_applicable":
            found.add(f"{one.step_id} does not apply")
            continue
        found |= {one.step_id, f"{one.step_id} -> {one.next}"}
        if state.graph.steps[one.step_id].when:
            found.add(f"{one.step_id} applies")
    for entry in entries:
        if entry.kind == "run.ended":
            found.add(str(entry.data["step"]))
        elif entry.kind == "stop.triggered":
            found.add(f"stop rule {entry.data['rule'] + 1}")  # type: ignore[operator]
    return frozenset(found)


def coverage_of(document: Playbook, runs: Sequence[frozenset[str]]) -> Coverage:
    """What ``runs`` walked together."""
    seen = frozenset().union(*runs)
    steps = [step.id for step in document.steps]
    ways = ways_of(document)
    missed = tuple(one for one in (*steps, *ways) if one not in seen)
    return Coverage(
        sum(one in seen for one in steps), len(steps), sum(one in seen for one in ways), len(ways), missed
    )
