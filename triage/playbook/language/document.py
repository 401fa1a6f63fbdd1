"""A playbook as its file says it, format ``triage.playbook/v1``.

The models are strict (no number passes for a text) and closed (an unknown field is an error). Their
descriptions are also what an editor shows: `triage.playbook.language.schema` makes the JSON Schema from them.
The kinds of steps are in `triage.playbook.language.steps`.

A pattern never counts repeats of a class of all alphabets (any word character, up to 80 times): the validator
unrolls such a class for each repeat, 17 to 50 ms a pattern when the first playbook is read. A length says it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from triage.model.run import Outcome
from triage.playbook.language import durations
from triage.playbook.language.patterns import PatternError, compile_pattern

SCHEMA_NAME = "triage.playbook/v1"

Identifier: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
StepId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
VariableName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Title: TypeAlias = Annotated[str, Field(min_length=1, max_length=80)]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=4000)]
Duration: TypeAlias = Annotated[str, Field(pattern=durations.PATTERN)]
Condition: TypeAlias = Annotated[str, Field(min_length=1, max_length=500)]
"""An expression; read by `triage.playbook.language.expression`."""


class Part(BaseModel):
    """What every piece of the file has in common: nothing unknown, nothing converted, nothing changed."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=False, defer_build=True
    )
    """Built when first used: the whole playbook is never validated as one, and its validator is large."""


def checked_pattern(value: str | None) -> str | None:
    """``value`` when it is a regular expression (or None); used by the models as a validator."""
    if value is not None:
        try:
            compile_pattern(value)
        except PatternError as error:
            raise PydanticCustomError(
                "bad_pattern", "{why}", {"why": str(error), "at": error.position}
            ) from None
    return value


class Option(Part):
    """One answer to choose."""

    value: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}$")] = Field(
        description="What is stored and compared in conditions. Quote it where YAML would see a number."
    )
    label: Line | None = Field(None, description="What people read; the value when left out.")
    next: StepId | None = Field(None, description="Step that follows when this is chosen.")
    hotkey: Annotated[str, Field(pattern=r"^[a-z0-9]$")] | None = Field(
        None, description="One key that picks it."
    )


class Variable(Part):
    """A value the steps use."""

    type: Literal["text", "number", "bool", "secret"] = Field(
        "text", description="A secret is masked everywhere, never written down, and only usable in env:."
    )
    source: Annotated[str, Field(pattern=r"^(ticket|config|env)\.[A-Za-z][A-Za-z0-9_.-]{0,80}$")] | None = (
        Field(None, alias="from", description="Where it comes from: ticket.FIELD, config.KEY or env.NAME.")
    )
    prompt: Line | None = Field(None, description="The question asked when nothing else gives a value.")
    default: str | int | float | bool | None = Field(
        None, description="Used when nothing else gives a value."
    )
    pattern: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="Regular expression the whole value must match."
    )
    options: tuple[Option, ...] = Field((), description="The only values allowed.")

    _check_pattern = field_validator("pattern")(checked_pattern)


class Match(Part):
    """When to suggest the playbook: all, any, not, or one comparison of a field. Never starts anything."""

    all: tuple[Match, ...] | None = Field(None, description="Every one must hold.")
    any: tuple[Match, ...] | None = Field(None, description="At least one must hold.")
    not_: Match | None = Field(None, alias="not", description="Must not hold.")
    field: (
        Annotated[
            str,
            Field(
                pattern=r"^(priority|status|tags|organization|product|subject|text|type|component"
                r"|custom\.[\w .-]+)$",
                max_length=87,
            ),
        ]
        | None
    ) = Field(None, description="Which part of the ticket; text is subject and messages together.")
    equals: str | int | float | bool | None = Field(None, description="The field is this.")
    in_: tuple[str, ...] | None = Field(None, alias="in", description="The field is one of these.")
    contains: Line | None = Field(None, description="The field has this in it, whatever the case.")
    contains_any: tuple[Line, ...] | None = Field(None, description="The field has one of these in it.")
    matches: Annotated[str, Field(max_length=500)] | None = Field(None, description="Regular expression.")
    older_than: Duration | None = Field(None, description="The ticket was opened longer ago than this.")
    weight: Annotated[float, Field(gt=0, le=100, strict=False)] = Field(
        1, description="How much it counts when it holds."
    )

    _check_pattern = field_validator("matches")(checked_pattern)

    @model_validator(mode="after")
    def _one_shape(self) -> Match:
        groups = sum(part is not None for part in (self.all, self.any, self.not_))
        tests = [self.equals, self.in_, self.contains, self.contains_any, self.matches]
        count = sum(test is not None for test in tests)
        single = (self.field is not None and count == 1) or (
            self.older_than is not None and count == 0 and self.field is None
        )
        if groups + single != 1 or (groups and (count or self.field or self.older_than)):
            raise PydanticCustomError(
                "match_shape", "write all:, any:, not:, older_than:, or a field with exactly one test", {}
            )
        return self


class StopRule(Part):
    """A reason to stop, looked at after every step."""

    if_: Condition = Field(alias="if", description="Expression; true opens the stop panel.")
    say: Text = Field(description="What the engineer reads, and what to do instead.")
    outcome: Outcome = Field("handed_over", description="How the run ends when it is stopped here.")


class Reference(Part):
    """Something to read; opened only when asked for."""

    title: Line = Field(description="What it is.")
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=508)] | None = Field(
        None, description="Web address."
    )
    page: Line | None = Field(None, description="Page or section.")


def _reference_kind(value: Any) -> str:
    return "~text" if isinstance(value, str) else "~entry"


ReferenceOrText: TypeAlias = Annotated[
    Annotated[Line, Tag("~text")] | Annotated[Reference, Tag("~entry")], Discriminator(_reference_kind)
]


class Header(Part):
    """Everything of a playbook but its steps."""

    schema_: Literal["triage.playbook/v1"] = Field(alias="schema", description="The format of this file.")
    id: Identifier = Field(description="The file's name without .yaml.")
    title: Title = Field(description="What the reader is facing, in a few words.")
    version: Annotated[int, Field(ge=1)] = Field(
        description="For people; runs are pinned to the file's hash."
    )
    status: Literal["draft", "active", "deprecated"] = Field("active", description="Whether to use it.")
    replaced_by: Identifier | None = Field(
        None, description="The playbook to use instead of a deprecated one."
    )
    owner: Line = Field(description="Team or person who keeps it right.")
    condition: Text = Field(description="When it fits: one or more of these occur.")
    objective: Text | None = Field(None, description="What is reached at the end.")
    impact: Text | None = Field(None, description="What it means for the customer while it lasts.")
    mode: Literal["read-do", "do-confirm"] = Field(
        "read-do", description="Read a step and do it, or work from memory and confirm."
    )
    reviewed: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = Field(
        None, description="Day somebody last went through it, as YYYY-MM-DD."
    )
    review_every: Duration = Field("180d", description="How long a review is good for.")
    estimated_minutes: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="Usual length."
    )
    severity: tuple[Literal["urgent", "high", "normal", "low"], ...] = Field(
        (), description="Priorities it suits; only for ranking."
    )
    applies_to: Match | None = Field(None, description="When to suggest it.")
    memory_items: Annotated[tuple[Line, ...], Field(max_length=5)] = Field(
        (), description="What must be known before the first step; shown first and acknowledged."
    )
    references: tuple[ReferenceOrText, ...] = Field((), description="What to read.")
    vars: dict[VariableName, Variable] = Field(default_factory=dict, description="Values the steps use.")
    stop_when: Annotated[tuple[StopRule, ...], Field(max_length=10)] = Field(
        (), description="Reasons to stop, looked at after every step."
    )
    on_exception: StepId | None = Field(
        None, description="Step offered when something fails with nowhere to go; never taken by itself."
    )

    @field_validator("reviewed")
    @classmethod
    def _real_day(cls, value: str | None) -> str | None:
        try:
            date.fromisoformat(value or "2000-01-01")
        except ValueError:
            raise PydanticCustomError("bad_date", "no such day", {}) from None
        return value
