"""A playbook together with those it uses, as one graph.

The steps of a used playbook stand in the graph under the id of the step that uses it: ``net/cert``. Its
conditions and texts keep their own names; `Plan.section_of` says whose they are. Everything that walks a run
(going back, what lies ahead, where a fail may lead) then works across the border without knowing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triage.model.errors import Invalid
from triage.playbook.language.document import StopRule
from triage.playbook.language.graph import STAY, Edge, Graph, edges_of
from triage.playbook.language.steps import (
    Ask,
    Decide,
    End,
    FindingStep,
    Playbook,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
)

DEPTH_LIMIT = 5
"""Playbooks inside playbooks; the outermost one is not counted."""
STEP_LIMIT = 2000
"""Steps of all playbooks of one run together."""


@dataclass(frozen=True, slots=True)
class Include:
    """A playbook that another one uses, pinned."""

    document: Playbook
    sha256: str
    origin: str = ""
    """Path of its file."""


@dataclass(frozen=True, slots=True)
class Section:
    """One use of one playbook in a run, with the names that are its own."""

    prefix: str
    """Stands before its step ids and variables; empty for the outermost playbook, else ends with ``/``."""
    document: Playbook
    sha256: str
    origin: str

    @property
    def caller(self) -> str:
        """The step that uses it; empty for the outermost."""
        return self.prefix.removesuffix("/")


def prefix_of(name: str) -> str:
    """The prefix of the section that a step id or a variable name of a plan belongs to."""
    head, slash, _ = name.rpartition("/")
    return head + slash


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps a run can come to."""

    document: Playbook
    sections: Mapping[str, Section]
    """By prefix, in reading order."""
    steps: tuple[Step, ...]
    """In reading order; those of a used playbook come after the step that uses it."""
    graph: Graph
    stop_rules: tuple[tuple[str, StopRule], ...]
    """Prefix and rule; those of the outermost playbook come first."""
    includes: Mapping[str, Include] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        document: Playbook,
        sha256: str = "",
        origin: str = "",
        includes: Mapping[str, Include] | None = None,
    ) -> Plan:
        """The plan of ``document``. A used playbook that is not in ``includes`` stays one closed step.

        Raises `Invalid` for playbooks that use each other in a circle, deeper than `DEPTH_LIMIT`, or with
        more than `STEP_LIMIT` steps together.
        """
        known = includes or {}
        sections = {
            section.prefix: section
            for section in _sections(Section("", document, sha256, origin), known, (document.id,))
        }
        steps: list[Step] = []
        edges: dict[str, tuple[Edge, ...]] = {}
        _place(sections, "", STAY, steps, edges)
        if len(steps) > STEP_LIMIT:
            raise Invalid(f"more than {STEP_LIMIT} steps with the playbooks it uses", where=document.id)
        rules = tuple((one.prefix, rule) for one in sections.values() for rule in one.document.stop_when)
        by_id = {step.id: step for step in reversed(steps)}
        graph = Graph({step.id: by_id[step.id] for step in steps}, edges)
        return cls(document, sections, tuple(steps), graph, rules, known)

    def section_of(self, name: str) -> Section:
        """Whose step or variable ``name`` is."""
        return self.sections.get(prefix_of(name)) or self.sections[""]

    def inside(self, step_id: str) -> Section | None:
        """The section that the step ``step_id`` opens; None for other steps and for a closed one."""
        return self.sections.get(step_id + "/")

    def around(self, step_id: str) -> Iterator[Section]:
        """The sections ``step_id`` stands in, the innermost first."""
        section = self.section_of(step_id)
        yield section
        while section.prefix:
            section = self.section_of(section.caller)
            yield section


def _sections(section: Section, known: Mapping[str, Include], trail: tuple[str, ...]) -> Iterator[Section]:
    yield section
    for step in section.document.steps:
        include = known.get(step.use) if isinstance(step, SubPlaybook) else None
        if include is None:
            continue
        name = include.document.id
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            raise Invalid(f"playbooks use each other in a circle: {circle}", where=trail[0])
        if len(trail) > DEPTH_LIMIT:
            deep = " -> ".join((*trail, name))
            raise Invalid(f"playbooks are used more than {DEPTH_LIMIT} deep: {deep}", where=trail[0])
        inner = Section(f"{section.prefix}{step.id}/", include.document, include.sha256, include.origin)
        yield from _sections(inner, known, (*trail, name))


def _place(
    sections: Mapping[str, Section],
    prefix: str,
    after: str,
    steps: list[Step],
    edges: dict[str, tuple[Edge, ...]],
) -> None:
    """Put the steps of one section where they are read; an end of a used playbook leads to ``after``."""
    own = [placed(step, prefix) for step in sections[prefix].document.steps]
    for index, step in enumerate(own):
        following = own[index + 1].id if index + 1 < len(own) else STAY
        ways = tuple(edges_of(step, following))
        inner = sections.get(step.id + "/")
        if inner is not None:
            ways = (Edge(step.id, f"{inner.prefix}{inner.document.steps[0].id}", "begin"), *ways)
        elif isinstance(step, End) and prefix:
            ways = (Edge(step.id, after),)
        steps.append(step)
        edges.setdefault(step.id, ways)
        if inner is not None:
            _place(sections, inner.prefix, ways[-1].target, steps, edges)


def placed(step: Step, prefix: str) -> Step:
    """``step`` as it stands in a plan under ``prefix``: its id and the ids it names."""
    if not prefix:
        return step

    def named(step_id: str | None) -> str | None:
        return prefix + step_id if step_id else step_id

    changes: dict[str, object] = {"id": prefix + step.id, "next": named(step.next)}
    match step:
        case Ask():
            changes["options"] = tuple(
                one.model_copy(update={"next": named(one.next)}) for one in step.options
            )
        case Probe():
            changes |= {"on_pass": named(step.on_pass), "on_fail": named(step.on_fail)}
        case Decide():
            changes["branches"] = tuple(
                one.model_copy(update={"next": named(one.next)}) for one in step.branches
            )
            changes["otherwise"] = named(step.otherwise)
        case FindingStep():
            changes["from_"] = tuple(prefix + one for one in step.from_)
        case RootCause():
            changes["evidence"] = tuple(prefix + one for one in step.evidence)
    return step.model_copy(update=changes)
