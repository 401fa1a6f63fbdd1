"""What the ticket already says, offered as answers: each with where it was read.

A prefilled answer is a guess to be kept with one key or corrected; nothing here is written down until a
person gives it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation
from triage.model.json_value import Json
from triage.retrospective.prefill_conclusions import CONCLUSIONS
from triage.retrospective.prefill_facts import FACTS
from triage.retrospective.prefill_walk import WALK
from triage.retrospective.reading import NOTHING, Offer, Prefilled, Reading
from triage.retrospective.script import Prompt, known


@dataclass(frozen=True)
class Prefill(Reading):
    """Everything that may be offered for one investigation at one moment."""

    def of(self, prompt: Prompt) -> Prefilled:
        """The offer for ``prompt``."""
        return PREFILLS[prompt.prefill](self, prompt) if prompt.prefill else NOTHING

    def lacks(self, prompt: Prompt, offered: Json) -> str:
        """What a person must add to ``offered`` before it is an answer, in words; empty for nothing."""
        if prompt.prefill == "impact" and isinstance(offered, str) and not re.search(r"\d", offered):
            return "say how many and for how long; unknown is an answer"
        if prompt.prefill == "findings" and offered:
            return "write what else you know"
        if prompt.prefill == "walk" and offered:
            return "say what would have stopped it"
        return ""


PREFILLS: Mapping[str, Offer] = {**FACTS, **WALK, **CONCLUSIONS}


def unasked(investigation: Investigation) -> tuple[str, ...]:
    """The facts that no question asks for: they come with the ticket, as far as it has them."""
    it = investigation
    return (
        *(it.ticket_key, it.title, it.customer, it.relationship),
        *(it.product, it.product_version, it.component, it.severity),
    )


def prefilled_share(investigation: Investigation, facts: CaseFacts, now: datetime) -> float:
    """How much of what an investigation holds the ticket had already given, from 0 to 1.

    Counted are the prompts that hold an answer: those for which something was offered, over all of them; the
    facts that no prompt asks for count as given.
    """
    given = sum(map(bool, unasked(investigation)))
    offers = Prefill(facts, investigation, now)
    held = [one for one in known().values() if investigation.answers.get(one.id) not in (None, "", [])]
    offered = sum(offers.of(one)[0] is not None for one in held)
    return (given + offered) / (given + len(held)) if held else 1.0
