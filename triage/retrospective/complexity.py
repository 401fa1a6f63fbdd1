"""Whether a case is of the kind that is frequent and simple or seldom and hard: five computed rows.

A target taken from a help line of many simple calls does harm to a desk of few hard cases, and the other way
round. The rows are read from the thread; they say something about the case and nothing about anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation

Zone = Literal["low volume, high complexity", "high volume, low complexity"]
LEANS_AT = 3
"""Of five steps; and of five rows."""
MANY_EXCHANGES = 4


@dataclass(frozen=True, slots=True)
class Complexity:
    """The five rows; levels go from 1 to 5."""

    customer_intimacy: int
    """How many of our sides the customer dealt with, and whether they had written before."""
    offline_work: int
    """How much was done where the customer does not see it."""
    technical_level: int
    interactions: int
    """Public messages that answered the other side."""
    value: Literal["content", "volume"]
    """Whether what was learnt is worth writing down, or the case is one of very many."""

    @property
    def leaning(self) -> int:
        """How many of the five rows lean to low volume and high complexity."""
        levels = (self.customer_intimacy, self.offline_work, self.technical_level)
        return (
            sum(level >= LEANS_AT for level in levels)
            + (self.interactions >= MANY_EXCHANGES)
            + (self.value == "content")
        )

    @property
    def zone(self) -> Zone:
        """Where most of the rows lean."""
        return "low volume, high complexity" if self.leaning >= LEANS_AT else "high volume, low complexity"


def complexity(it: Investigation, facts: CaseFacts) -> Complexity:
    """The five rows of one case."""
    said = [one for one in facts.timeline if one.kind == "message"]
    public = [one for one in said if one.visibility == "public"]
    sides = {one.actor_role for one in public if one.from_us}
    hidden = len(said) - len(public) + sum(len(one.attachments) for one in facts.timeline)
    technical = (
        1
        + any(one.attachments for one in facts.timeline)
        + any(one.kind == "escalation" for one in it.timeline)
        + any(one.actor_role == "engineering" for one in said)
        + (it.reason_escalated in {"expertise", "authority"})
    )
    turns = sum(one.from_us != before.from_us for before, one in pairwise(public))
    learnt = bool(it.findings) or len(facts.earlier) < MANY_EXCHANGES
    return Complexity(
        customer_intimacy=min(5, 1 + len(sides) + bool(facts.earlier or it.classification.recurrence_of)),
        offline_work=min(5, 1 + hidden),
        technical_level=technical,
        interactions=turns,
        value="content" if learnt else "volume",
    )
