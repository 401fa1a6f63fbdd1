"""How a used playbook can end: all of it that the one that uses it can see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from triage.model.json_value import Json
from triage.model.run import Outcome
from triage.playbook.language.steps import SubPlaybook


@dataclass(frozen=True, slots=True)
class Inner:
    """What was found by walking a used playbook by itself."""

    outcomes: frozenset[Outcome] | None
    """Outcomes of the ends that can be reached; None where the walk was given up."""
    run_ends: frozenset[str]
    """How the whole run can end inside it; its own outcomes are among them."""
    steps: int
    """On its longest way, like ``minutes``."""
    minutes: int


def endings(step: SubPlaybook, inner: Inner | None) -> Iterator[Json]:
    """Every outcome, with what comes back known and unknown.

    Unknown takes every way that any value could take: a person chooses there. So one known value is enough.
    """
    outcomes = sorted(inner.outcomes) if inner and inner.outcomes else get_args(Outcome)
    for outcome in outcomes:
        yield {"outcome": outcome, "returns": dict.fromkeys(step.returns, "something")}
        if step.returns:
            yield {"outcome": outcome}
