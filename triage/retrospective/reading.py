"""What of a case is read when answers are offered: the thread, sorted, and how a source is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from triage.model.case import CaseFacts
from triage.model.investigation import CaseEvent, Investigation
from triage.model.json_value import Json
from triage.model.timeline import TimelineEvent
from triage.retrospective.imported_timeline import ours, source_ref
from triage.retrospective.script import Prompt

Prefilled: TypeAlias = "tuple[Json, str]"
"""The value and where it was read; ``(None, "")`` where the ticket does not say."""
NOTHING: Prefilled = (None, "")


@dataclass(frozen=True)
class Reading:
    """One investigation and its ticket at one moment."""

    facts: CaseFacts
    investigation: Investigation
    now: datetime

    @cached_property
    def customers(self) -> tuple[TimelineEvent, ...]:
        """What the customer wrote."""
        return tuple(
            one
            for one in self.facts.timeline
            if one.kind == "message" and one.visibility == "public" and not one.from_us and one.text.strip()
        )

    @cached_property
    def ours(self) -> tuple[TimelineEvent, ...]:
        """What we told the customer."""
        return tuple(one for one in self.facts.timeline if one.word_to_customer)

    @cached_property
    def escalation(self) -> CaseEvent | None:
        """The event that brought the case to engineering."""
        return next((one for one in self.investigation.timeline if one.kind == "escalation"), None)

    @cached_property
    def internal(self) -> tuple[TimelineEvent, ...]:
        """Internal notes in order."""
        return tuple(
            one
            for one in self.facts.timeline
            if one.kind == "message" and one.visibility == "internal" and not ours(one)
        )

    def first(self, kind: str) -> CaseEvent | None:
        """The first event of ``kind``."""
        return next((one for one in self.investigation.timeline if one.kind == kind), None)


def where(event: TimelineEvent) -> str:
    """``comment 3, 18:42``."""
    return f"{source_ref(event)}, {event.at:%H:%M} UTC"


Offer: TypeAlias = Callable[[Reading, Prompt], Prefilled]
