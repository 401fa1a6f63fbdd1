"""What every step of a playbook has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from triage.playbook.language.document import Condition, Line, Part, ReferenceOrText, StepId, Text, Title


class StepBase(Part):
    """What every step has."""

    id: StepId = Field(description="Short name, used in next: and in conditions as steps.ID.")
    title: Title = Field(description="What to do, as an order.")
    text: Text | None = Field(None, description="How to do it, in Markdown.")
    why: Text | None = Field(None, description="Why it is worth doing; shown on one key.")
    when: Condition | None = Field(
        None, description="Expression. False: the step does not apply. Unknown: the engineer is asked."
    )
    next: StepId | None = Field(
        None, description="Step that follows; the next one in the file when left out."
    )
    required: bool = Field(False, description="Skipping needs a typed reason and shows in the summary.")
    minutes: Annotated[int, Field(ge=0, le=10_000)] | None = Field(None, description="Usual length.")
    lane: Literal["investigate", "fix", "communicate"] | None = Field(None, description="What it is part of.")
    refs: tuple[ReferenceOrText, ...] = Field((), description="What to read.")
    two_person: bool = Field(False, description="The navigator confirms by typing the step's id.")
    section: Line | None = Field(None, description="Heading it stands under.")
