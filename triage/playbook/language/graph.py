"""The steps as a graph without loops: who follows whom, and how far it is to an end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from triage.playbook.language.steps import Ask, Decide, End, Probe, Step

STAY = ""
"""Target of an edge that runs off the end of the file."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a step to the next."""

    source: str
    target: str
    """A step id, or `STAY` where the file ends."""
    label: str = ""
    place: tuple[str | int, ...] = ()
    """Where the target is written, relative to the step; empty for the step that follows in the file."""


def default_edge(step: Step, following: str) -> Edge:
    """Where the run goes when nothing else is said: after a skip, and after most answers."""
    if step.next:
        return Edge(step.id, step.next, "", ("next",))
    if isinstance(step, Probe) and step.on_pass:
        return Edge(step.id, step.on_pass, "", ("on_pass",))
    if isinstance(step, Decide):
        return Edge(step.id, step.otherwise, "otherwise", ("otherwise",))
    return Edge(step.id, following)


def edges_of(step: Step, following: str) -> Iterator[Edge]:
    """Every way out of ``step``; ``following`` is the next step in the file, or `STAY`."""
    if isinstance(step, End):
        return
    if isinstance(step, Decide):
        for index, branch in enumerate(step.branches):
            yield Edge(step.id, branch.next, branch.say or branch.if_, ("branches", index, "next"))
        yield default_edge(step, following)
        return
    if isinstance(step, Probe):
        if step.on_fail:
            yield Edge(step.id, step.on_fail, "fail", ("on_fail",))
        if step.on_pass:
            yield Edge(step.id, step.on_pass, "pass", ("on_pass",))
    if isinstance(step, Ask):
        for index, option in enumerate(step.options):
            if option.next:
                yield Edge(step.id, option.next, option.label or option.value, ("options", index, "next"))
    if not must_choose(step):
        yield default_edge(step, following)


def must_choose(step: Step) -> bool:
    """Whether an option names every way out of a question: then it is neither skipped nor unknown."""
    if not isinstance(step, Ask) or step.type != "choice":
        return False
    return all(option.next for option in step.options) and not (step.allow_unknown or step.when or step.next)


@dataclass(frozen=True, slots=True)
class Graph:
    """The steps of one playbook with their edges."""

    steps: dict[str, Step]
    edges: dict[str, tuple[Edge, ...]]
    _targets: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _longest: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Graph:
        """The graph of ``steps``; of two steps with one id the first counts."""
        by_id: dict[str, Step] = {}
        edges: dict[str, tuple[Edge, ...]] = {}
        for index, step in enumerate(steps):
            if step.id not in by_id:
                following = steps[index + 1].id if index + 1 < len(steps) else STAY
                by_id[step.id] = step
                edges[step.id] = tuple(edges_of(step, following))
        return cls(by_id, edges)

    def targets(self, step_id: str) -> tuple[str, ...]:
        """Where ``step_id`` can lead, each step once."""
        if step_id not in self._targets:
            ways = [edge.target for edge in self.edges.get(step_id, ()) if edge.target in self.steps]
            self._targets[step_id] = tuple(dict.fromkeys(ways))
        return self._targets[step_id]

    def after(self, step_id: str) -> str:
        """Where a skip of ``step_id`` leads; `STAY` after an end."""
        edges = self.edges.get(step_id, ())
        return next((edge.target for edge in reversed(edges)), STAY)

    def reachable(self, start: str, without: frozenset[str] = frozenset()) -> set[str]:
        """Every step that can come at or after ``start`` when the run never enters ``without``."""
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if here in seen or here in without or here not in self.steps:
                continue
            seen.add(here)
            waiting.extend(self.targets(here))
        return seen

    def loop(self) -> tuple[str, ...]:
        """The steps of one loop, the first repeated at its end; empty when there is none."""
        done: set[str] = set()
        for start in self.steps:
            if start not in done and (found := self._loop_from(start, done)):
                return found
        return ()

    def _loop_from(self, start: str, done: set[str]) -> tuple[str, ...]:
        trail: list[str] = [start]
        waiting = [iter(self.targets(start))]
        while waiting:
            target = next(waiting[-1], None)
            if target is None:
                done.add(trail.pop())
                waiting.pop()
            elif target in trail:
                return (*trail[trail.index(target) :], target)
            elif target not in done:
                trail.append(target)
                waiting.append(iter(self.targets(target)))
        return ()

    def longest(self, step_id: str) -> int:
        """Steps on the longest path from ``step_id`` to an end, both counted. The graph must have no loop."""
        if step_id not in self.steps:
            return 0
        if step_id not in self._longest:
            waiting = [step_id]
            while waiting:
                here = waiting[-1]
                ahead = [target for target in self.targets(here) if target not in self._longest]
                if ahead:
                    waiting.extend(ahead)
                    continue
                self._longest[here] = 1 + max((self._longest[t] for t in self.targets(here)), default=0)
                waiting.pop()
        return self._longest[step_id]
