"""The kinds of steps, and the playbook made of them; those that look for themselves are in `probes`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from triage.model.run import AnswerType, Outcome, StepKind
from triage.playbook.language.document import (
    Condition,
    Duration,
    Header,
    Identifier,
    Line,
    Option,
    Part,
    StepId,
    Text,
    VariableName,
    checked_pattern,
)
from triage.playbook.language.probes import Check, Expect, Http, Pattern, Poll, Probe
from triage.playbook.language.step_head import StepBase


class Instruct(StepBase):
    """Something to do or to look at."""

    kind: Literal["instruct"]
    confirm: bool = Field(True, description="The engineer says when it is done.")


class ChecklistItem(Part):
    """One thing to tick."""

    text: Line = Field(description="What to look at.")
    expect: Line | None = Field(None, description="What is right.")


def _item_kind(value: Any) -> str:
    return "~text" if isinstance(value, str) else "~entry"


class Checklist(StepBase):
    """Two to nine things to tick; more are not read."""

    kind: Literal["checklist"]
    items: Annotated[
        tuple[
            Annotated[
                Annotated[Line, Tag("~text")] | Annotated[ChecklistItem, Tag("~entry")],
                Discriminator(_item_kind),
            ],
            ...,
        ],
        Field(min_length=2, max_length=9),
    ] = Field(description="What to tick: texts, or text and expect.")

    @property
    def texts(self) -> tuple[str, ...]:
        """The items as they are read."""
        return tuple(
            item if isinstance(item, str) else item.text + (f" → {item.expect}" if item.expect else "")
            for item in self.items
        )


class Ask(StepBase):
    """A question to the engineer."""

    kind: Literal["ask"]
    type: AnswerType = Field(description="What kind of answer.")
    options: Annotated[tuple[Option, ...], Field(max_length=20)] = Field(
        (), description="For choice and multi."
    )
    save_as: VariableName | None = Field(None, description="Variable that keeps the answer.")
    min: float | int | None = Field(None, description="Smallest number, or shortest text.")
    max: float | int | None = Field(None, description="Largest number, or longest text.")
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(None, description="Of a number.")
    pattern: Pattern | None = Field(None, description="Regular expression the whole text must match.")
    allow_unknown: bool = Field(True, description="Whether not knowing is an answer.")

    _check_pattern = field_validator("pattern")(checked_pattern)

    @model_validator(mode="after")
    def _options_fit(self) -> Ask:
        if self.type in ("choice", "multi"):
            if len(self.options) < 2:
                raise PydanticCustomError("few_options", "a choice needs two options or more", {})
        elif self.options:
            raise PydanticCustomError("no_options", "only choice and multi have options", {})
        return self


class Branch(Part):
    """One way out of a decision."""

    if_: Condition = Field(alias="if", description="Expression that leads here.")
    next: StepId = Field(description="Step that follows.")
    say: Line | None = Field(None, description="What it means, for the reader.")


class Decide(StepBase):
    """Where the run parts; the first true branch is proposed and the engineer confirms it."""

    kind: Literal["decide"]
    branches: Annotated[tuple[Branch, ...], Field(min_length=1, max_length=20)] = Field(
        description="Looked at in order."
    )
    otherwise: StepId = Field(description="Step that follows when no branch holds.")


class Wait(StepBase):
    """Time that must pass; the app may be left."""

    kind: Literal["wait"]
    for_: Duration | None = Field(None, alias="for", description="How long.")
    until: Line | None = Field(None, description="Date and time with zone, or a template that gives one.")
    remind: bool = Field(True, description="Show it in the queue when it is due.")

    @model_validator(mode="after")
    def _one_end(self) -> Wait:
        if (self.for_ is None) == (self.until is None):
            raise PydanticCustomError("wait_shape", "write for: or until:, one of them", {})
        return self


class NoteStep(StepBase):
    """A note for the team, kept as a draft."""

    kind: Literal["note"]
    template: Text = Field(description="The text; {{ path }} is filled in.")
    visibility: Literal["internal"] = Field("internal", description="Notes are never public.")


class EvidenceStep(StepBase):
    """Something to keep that shows how it was."""

    kind: Literal["evidence"]
    accept: Annotated[tuple[Literal["text", "file", "url", "screenshot_path"], ...], Field(min_length=1)] = (
        Field(("text",), description="What may be given.")
    )
    prompt: Line | None = Field(None, description="What exactly to bring.")
    min: Annotated[int, Field(ge=0, le=20)] = Field(1, description="How many pieces at least.")


class FindingStep(StepBase):
    """Something established, with the steps that show it."""

    kind: Literal["finding"]
    statement: Text = Field(description="The text; {{ path }} is filled in.")
    from_: Annotated[tuple[StepId, ...], Field(min_length=1)] = Field(
        alias="from", description="Steps that show it."
    )
    strength: Literal["suspected", "supported", "confirmed"] = Field("supported", description="How sure.")


class Category(Part):
    """A kind of cause to pick."""

    value: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")] = Field(description="What is stored.")
    label: Line | None = Field(None, description="What people read.")
    code: Annotated[str, Field(pattern=r"^[BE]\d(\.\d)?$")] | None = Field(
        None, description="The investigation's code it points to, as a hint."
    )


class RootCause(StepBase):
    """A cause suggested to the engineer, who edits and accepts it."""

    kind: Literal["root_cause"]
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=20)] = Field(
        description="The causes this playbook can end in."
    )
    category: Line | None = Field(
        None, description="The one proposed: a value, or a template that gives one."
    )
    statement: Text = Field(description="The cause in one sentence; {{ path }} is filled in.")
    contributing: tuple[Line, ...] = Field((), description="What helped it happen.")
    confidence: Literal["low", "medium", "high"] = Field("medium", description="How sure.")
    evidence: tuple[StepId, ...] = Field((), description="Steps that show it.")


class DraftReply(StepBase):
    """Words for the customer: edited, kept as a draft, never sent from here."""

    kind: Literal["draft_reply"]
    audience: Literal["customer"] = Field("customer", description="Who reads it.")
    template: Text = Field(description="The text; {{ path }} is filled in.")
    tone_note: Line | None = Field(None, description="How it should sound.")


class Handover(StepBase):
    """A note that lets somebody else go on."""

    kind: Literal["handover"]
    to: Line = Field(description="Team or person; templates are allowed.")
    reason: Text = Field(description="Why it goes there; templates are allowed.")
    include: tuple[Literal["summary", "evidence", "open_questions"], ...] = Field(
        ("summary", "evidence", "open_questions"), description="What is put below the reason."
    )


class SubPlaybook(StepBase):
    """Another playbook, worked through here; it sees only what with: gives it."""

    kind: Literal["playbook"]
    use: Identifier = Field(description="The id of the playbook.")
    with_: dict[VariableName, Annotated[str, Field(max_length=2000)] | int | float | bool] = Field(
        default_factory=dict,
        alias="with",
        description="Its variables and what they are given; {{ path }} is filled in from here.",
    )
    returns: dict[VariableName, VariableName] = Field(
        default_factory=dict,
        description="Its variables that are wanted back, each with the variable here that keeps it.",
    )


class End(StepBase):
    """Where a run ends, or where a used playbook hands back."""

    kind: Literal["end"]
    outcome: Outcome = Field(description="How it ended.")
    summary: Text | None = Field(None, description="One or two sentences; {{ path }} is filled in.")


Step: TypeAlias = Annotated[
    Instruct
    | Checklist
    | Ask
    | Check
    | Http
    | Decide
    | Wait
    | NoteStep
    | EvidenceStep
    | FindingStep
    | RootCause
    | DraftReply
    | Handover
    | SubPlaybook
    | End,
    Field(discriminator="kind"),
]

STEP_MODELS: dict[StepKind, type[StepBase]] = {
    "instruct": Instruct,
    "checklist": Checklist,
    "ask": Ask,
    "check": Check,
    "http": Http,
    "decide": Decide,
    "wait": Wait,
    "note": NoteStep,
    "evidence": EvidenceStep,
    "finding": FindingStep,
    "root_cause": RootCause,
    "draft_reply": DraftReply,
    "handover": Handover,
    "playbook": SubPlaybook,
    "end": End,
}
"""The kinds this version knows."""


class Playbook(Header):
    """A playbook: a head and a graph of steps that has no loops."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)] = Field(
        description="In reading order; the first one is the start."
    )

    def step(self, step_id: str) -> Step:
        """The step named ``step_id``. Raises `KeyError`."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


__all__ = [
    "STEP_MODELS", "Ask", "Category", "Check", "Checklist", "ChecklistItem", "Decide", "DraftReply", "End",
    "EvidenceStep", "Expect", "FindingStep", "Handover", "Http", "Instruct", "NoteStep", "Playbook", "Poll",
    "Probe", "RootCause", "Step", "StepBase", "SubPlaybook", "Wait",
]  # fmt: skip
