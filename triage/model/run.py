"""A playbook run as people see it: where we are, what to do now, what we know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.json_value import Json

StepKind: TypeAlias = Literal[
    "instruct", "checklist", "ask", "check", "http", "decide", "wait", "note", "evidence", "finding",
    "root_cause", "draft_reply", "handover", "playbook", "end",
]  # fmt: skip
StepClass: TypeAlias = Literal["read", "ask", "check", "change", "destructive", "decide", "talk"]
"""What a step does to the world; each class has a glyph, a word and a colour."""

AnswerType: TypeAlias = Literal[
    "text", "choice", "multi", "number", "bool", "datetime", "duration", "contact"
]
LineMark: TypeAlias = Literal["done", "current", "ahead", "elsewhere", "skipped", "failed", "not_applicable"]
RunStatus: TypeAlias = Literal["open", "parked", "ended", "stopped", "abandoned"]
Outcome: TypeAlias = Literal["resolved", "workaround", "handed_over", "not_applicable", "unresolved"]
Effect: TypeAlias = Literal["read_only", "changes", "destructive"]
TrustLevel: TypeAlias = Literal["none", "read", "run", "shipped"]

SKIP_REASONS: tuple[str, ...] = (
    "not applicable", "already known", "no access", "takes too long", "step is wrong", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to pick."""

    value: str
    label: str
    hotkey: str = ""


@dataclass(frozen=True, slots=True)
class RequestView:
    """Where a request would go."""

    method: Literal["GET", "HEAD"]
    url: str
    host: str
    listed: bool
    """The team lists the host in the setting ``http_allow``; another is asked about once in a run."""


@dataclass(frozen=True, slots=True)
class CommandView:
    """Exactly what would run. What is shown is what runs: ``digest`` is compared at the start."""

    argv: tuple[str, ...]
    """The program and its arguments; for a script ``bash -euo pipefail -c SCRIPT``; for a request the method
    and the address."""
    script: str
    """The script text when it is one, else empty."""
    env: Mapping[str, str]
    """Values the step sets, secrets masked; of a request its headers."""
    cwd: str
    timeout_s: float
    effect: Effect
    confirm: Literal["ask", "typed", "none"]
    good_when: str
    undo: str = ""
    manual: str = ""
    """What a person does instead when it cannot run here."""
    trust: TrustLevel = "none"
    runnable: bool = False
    why_not: str = ""
    digest: str = ""
    poll: str = ""
    """How often and how long it is tried again until it passes; empty when it is tried once."""
    request: RequestView | None = None
    """When it is a request and no command."""


@dataclass(frozen=True, slots=True)
class StepView:
    """The step in the middle of the screen."""

    id: str
    kind: StepKind
    step_class: StepClass
    title: str
    text: str = ""
    why: str = ""
    required: bool = False
    attempt: int = 0
    answer_type: AnswerType | None = None
    options: tuple[Option, ...] = ()
    items: tuple[str, ...] = ()
    """Of a checklist."""
    allow_unknown: bool = False
    unit: str = ""
    default: Json = None
    command: CommandView | None = None
    template: str = ""
    """Filled-in text of note, draft_reply, handover, root_cause."""
    proposed_branch: str = ""
    """Of a decide: where the conditions lead; empty when unknown."""
    branches: tuple[Option, ...] = ()
    missing: tuple[str, ...] = ()
    """Names of values that are not known and would decide."""
    due: datetime | None = None
    two_person: bool = False
    """The navigator confirms by typing the step's id."""
    running: bool = False
    """Its command runs right now, in this process."""
    tries: tuple[str, ...] = ()
    """What the tries so far of a command that is tried again came to, in a few words each."""
    skippable: bool = True
    minimum: float | None = None
    """Smallest number, or shortest text, that is taken."""
    maximum: float | None = None
    pattern: str = ""
    """Regular expression the whole answer must match; empty when any will do."""
    default_from: str = ""
    """Where ``default`` comes from when it is an earlier answer on this ticket: offered, never assumed."""
    lane: str = ""
    """``investigate``, ``fix``, ``communicate``, or empty."""
    section: str = ""
    """Heading it stands under."""
    because: str = ""
    """Why the run turned here: the step that failed, and what it missed; empty on the usual way."""
    together: tuple[StepView, ...] = ()
    """In a do-confirm playbook: the steps worked from memory and confirmed on one screen, this one first.

    Empty where the step is answered by itself.
    """


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the place-keeping list."""

    step_id: str
    title: str
    kind: StepKind
    step_class: StepClass
    mark: LineMark
    result: str = ""
    depth: int = 0
    """How many playbooks it stands in, the outermost not counted."""
    lane: str = ""
    section: str = ""
    required: bool = False
    reason: str = ""
    """Why it was skipped, why it failed, or why the run went on another way."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """The run went back to a worked step; what was done since stays in the record."""

    title: str
    """Of the step gone back to."""
    reason: str
    """In the words of the person; empty when none was asked for."""
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Something that must be decided before the run goes on; it has no default key."""

    kind: Literal["stop", "failed", "timed_out", "interrupted", "unknown"]
    step_id: str
    say: str
    output: str = ""
    choices: tuple[Option, ...] = ()
    """Values: ``retry``, ``record``, ``go:STEP``, ``skip``, ``stop``, ``continue``."""


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """Something kept that shows how it was."""

    id: str
    case_id: str
    at: datetime
    kind: Literal["text", "output", "file", "url", "screenshot_path"]
    summary: str
    sha256: str = ""
    size: int = 0
    redactions: int = 0
    source: str = ""
    """Run and step, or prompt, it came from."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """How the playbook's file differs from the text the run is on."""

    version: int
    """Of the file as it is now."""
    added: tuple[str, ...]
    """Step ids."""
    removed: tuple[str, ...]
    altered: tuple[str, ...]
    can_migrate: bool
    why_not: str = ""
    """Why the run must stay on its text; empty when it may go over."""


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything the runner screen and ``playbook run --json`` show."""

    id: str
    case_id: str
    playbook_id: str
    title: str
    version: int
    sha256: str
    status: RunStatus
    opened_at: datetime
    outcome: Outcome | None = None
    summary: str = ""
    current: StepView | None = None
    panel: Panel | None = None
    memory_items: tuple[str, ...] = ()
    memory_acknowledged: bool = False
    lines: tuple[RunLine, ...] = ()
    variables: Mapping[str, Json] = field(default_factory=dict)
    results: Mapping[str, Json] = field(default_factory=dict)
    evidence: tuple[EvidenceItem, ...] = ()
    done: int = 0
    path_length: int = 0
    """Steps on the longest path from here, plus the done ones."""
    driver: str = ""
    navigator: str = ""
    stop_rules: tuple[str, ...] = ()
    stale: str = ""
    """``review overdue by 40 d``; empty when reviewed in time."""
    changed: bool = False
    """The file changed since the run was opened; the run stays on its own text."""
    change: FileChange | None = None
    """What changed in it, where the file as it is now can be read."""
    held_by: str = ""
    """The other window that has this run open; here it can then only be read."""
    drafts: Mapping[str, str] = field(default_factory=dict)
    """Texts kept by draft_reply, note and handover steps, by step id."""
    root_cause: Mapping[str, Json] = field(default_factory=dict)
    ways_back: tuple[WayBack, ...] = ()
    """Each time the run went back, the first one first."""
    notice: str = ""
    """Something to know after going back: which change stands and how to undo it."""
    remind_at: datetime | None = None
    """When a parked run asks to be taken up again."""


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that is not over: where it stands, and when it asks to be taken up again."""

    id: str
    case_id: str
    ticket_key: str
    playbook_id: str
    title: str
    status: RunStatus
    step_id: str
    step_title: str
    due: datetime | None
    """UTC: the reminder of a parked run, or the end of the wait it stands at."""


@dataclass(frozen=True, slots=True)
class PlaybookSummary:
    """One playbook in a list."""

    id: str
    title: str
    version: int
    status: str
    owner: str
    condition: str
    steps: int
    minutes: int | None
    path: str
    origin: Literal["shipped", "team", "own"]
    errors: int = 0
    warnings: int = 0
    stale: str = ""
    commands: int = 0
    """Steps that run a command or send a request; a playbook without any needs no trust."""
    sha256: str = ""
    """Of the file's bytes."""
    trust: TrustLevel = "none"
    """How far these bytes are trusted at this place, where that was asked for."""
    trust_ended: bool = False
    """The file was trusted at this place, and changed since."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A playbook that fits a case, and why."""

    playbook: PlaybookSummary
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding of the playbook (or script) loader or lint."""

    path: str
    line: int
    column: int
    level: Literal["error", "warning", "info"]
    code: str
    message: str
    help: str = ""
    source_line: str = ""
