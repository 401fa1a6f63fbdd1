"""How often each wording rule speaks and is silenced: a rule that scolds is worse than none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation
from triage.retrospective import wording_check
from triage.retrospective.wording import wording_rules

ENOUGH_HITS = 20
SILENCED_TOO_OFTEN = 0.2


@dataclass(frozen=True, slots=True)
class RuleUse:
    """One rule's record over every investigation on this machine."""

    rule: str
    flags: str
    hits: int
    silenced: int
    demote: bool
    """People silence it so often that it should only inform."""


def use_of(written: Iterable[tuple[Investigation, CaseFacts]]) -> tuple[RuleUse, ...]:
    """Every rule with its hits and how many of them were silenced, in the order of the rules."""
    seen: Counter[str] = Counter()
    rested: Counter[str] = Counter()
    for investigation, facts in written:
        for place, hit in wording_check.every_hit(investigation, facts):
            seen[hit.rule] += 1
            rested[hit.rule] += f"{place.prompt_id}:{hit.rule}" in investigation.silenced
    flags: dict[str, str] = {}
    for rule in wording_rules():
        flags.setdefault(rule.id, rule.flags)
    return tuple(
        RuleUse(rule, text, seen[rule], rested[rule], _too_often(seen[rule], rested[rule]))
        for rule, text in flags.items()
    )


def _too_often(hits: int, silenced: int) -> bool:
    return hits >= ENOUGH_HITS and silenced > SILENCED_TOO_OFTEN * hits
