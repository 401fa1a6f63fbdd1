"""A run as its entries tell it: where it stands and everything that was done; see `fold`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from triage.model.json_value import Json
from triage.model.run import EvidenceItem, Outcome, RunStatus
from triage.playbook.language.graph import Graph
from triage.playbook.language.plan import Plan, Section
from triage.playbook.language.steps import Playbook, Step

ResultStatus = Literal["done", "failed", "skipped", "not_applicable"]
PanelKind = Literal["stop", "failed", "timed_out", "interrupted", "unknown"]


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one visit of a step ended."""

    step_id: str
    status: ResultStatus
    values: Mapping[str, Json]
    """What ``steps.ID`` holds."""
    next: str
    at: datetime
    actor: str
    attempt: int
    reason: str = ""
    by_hand: bool = False
    effect: str = ""
    """Of a command that was run, so that going back can warn."""
    returned_to: str = ""
    """The step whose playbook ended with this one; empty for other steps."""
    returned: Mapping[str, Json] = field(default_factory=dict)
    """What ``steps.ID`` of that step holds from here on."""
    words: str = ""
    """What was added to the reason of a skip."""

    @property
    def why(self) -> str:
        """Reason and words."""
        return ": ".join(part for part in (self.reason, self.words) if part)


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was started and has not ended as far as the entries tell."""

    step_id: str
    attempt: int
    at: datetime
    digest: str
    effect: str
    tries: tuple[str, ...] = ()
    """What the tries before the one under way came to."""


@dataclass(frozen=True, slots=True)
class OpenPanel:
    """A decision the run waits for."""

    kind: PanelKind
    step_id: str
    say: str
    output: str = ""
    missing: tuple[str, ...] = ()
    rule: int = -1
    """Number of the stop rule, from 0; -1 for the other panels."""
    pending: StepResult | None = None
    """What the step came to, kept until a person decides how to go on."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """One way back, and why, where that was said."""

    to: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a variable, and the step whose answer it was."""

    name: str
    value: Json
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything the entries of one run add up to."""

    id: str
    case_id: str
    plan: Plan
    sha256: str
    text: str
    opened_at: datetime
    position: str
    """The step in hand; empty once ended."""
    entered_at: datetime
    """When it came into hand; a wait counts from here."""
    origin: str = ""
    status: RunStatus = "open"
    outcome: Outcome | None = None
    summary: str = ""
    visited: tuple[StepResult, ...] = ()
    superseded: tuple[StepResult, ...] = ()
    ways_back: tuple[WentBack, ...] = ()
    attempts: Mapping[str, int] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    running: Running | None = None
    panel: OpenPanel | None = None
    memory_acknowledged: bool = False
    confirmed_when: frozenset[str] = frozenset()
    """Steps whose unknown condition the engineer settled with yes."""
    confirmed_commands: frozenset[str] = frozenset()
    """Steps whose command was consented to once in this run."""
    confirmed_hosts: frozenset[str] = frozenset()
    """Hosts that a request was consented to in this run."""
    settled_stops: frozenset[int] = frozenset()
    driver: str = ""
    navigator: str = ""
    remind_at: datetime | None = None
    drafts: Mapping[str, str] = field(default_factory=dict)
    root_cause: Mapping[str, Json] = field(default_factory=dict)
    evidence: tuple[EvidenceItem, ...] = ()
    notice: str = ""

    @property
    def document(self) -> Playbook:
        """The outermost playbook."""
        return self.plan.document

    @property
    def graph(self) -> Graph:
        """All steps, those of used playbooks too."""
        return self.plan.graph

    @property
    def section(self) -> Section:
        """The playbook whose step is in hand."""
        return self.plan.section_of(self.position)

    @property
    def step(self) -> Step | None:
        """The step in hand."""
        return self.graph.steps.get(self.position)

    @property
    def variables(self) -> dict[str, Json]:
        """The latest value of each variable; None for one that was asked and is not known."""
        return {setting.name: setting.value for setting in self.settings}

    @property
    def results(self) -> dict[str, Mapping[str, Json]]:
        """``steps.*``: the latest standing result of each step."""
        found: dict[str, Mapping[str, Json]] = {}
        for one in self.visited:
            found[one.step_id] = {**one.values, "state": one.status}
            if one.returned_to:
                found[one.returned_to] = {**one.returned, "state": "done"}
        return found
