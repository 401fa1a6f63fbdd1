"""Targets against the kind of cases there are: a help line's target does harm to a desk of few hard cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation
from triage.model.service import ComplexityRow, TargetCheck, TargetWarning
from triage.retrospective.complexity import LEANS_AT, MANY_EXCHANGES, Complexity, complexity

FIRST_CONTACT = "first_contact_resolution"
HIGH_FIRST_CONTACT = 80.0
"""Percent: help lines of many simple calls aim for it; a case that is passed on cannot be part of it."""


def target_check(
    cases: Iterable[tuple[Investigation, CaseFacts]], targets: Mapping[str, float]
) -> TargetCheck:
    """The five rows over all adopted cases, and a warning for each target that does not fit them."""
    found = [complexity(it, facts) for it, facts in cases if it.adopted_at is not None]
    hard = sum(one.leaning >= LEANS_AT for one in found)
    return TargetCheck(len(found), hard, tuple(_rows(found)), tuple(_warnings(len(found), hard, targets)))


def _rows(found: list[Complexity]) -> Iterator[ComplexityRow]:
    leaning = {
        "closeness to the customer": sum(one.customer_intimacy >= LEANS_AT for one in found),
        "work out of sight": sum(one.offline_work >= LEANS_AT for one in found),
        "technical level": sum(one.technical_level >= LEANS_AT for one in found),
        "exchanges": sum(one.interactions >= MANY_EXCHANGES for one in found),
        "worth its content": sum(one.value == "content" for one in found),
    }
    yield from (ComplexityRow(name, count, len(found)) for name, count in leaning.items())


def _warnings(cases: int, hard: int, targets: Mapping[str, float]) -> Iterator[TargetWarning]:
    wanted = targets.get(FIRST_CONTACT)
    if wanted is not None and wanted > HIGH_FIRST_CONTACT and 2 * hard > cases:
        yield TargetWarning(
            FIRST_CONTACT,
            wanted,
            f"{wanted:g} % at the first contact is a target of many simple calls; {hard} of {cases} cases "
            "here are seldom and hard, and are passed on because they are.",
        )
