"""A draft playbook made from what was done on a case."""

from __future__ import annotations

from dataclasses import dataclass

from triage.model.run import Diagnostic


@dataclass(frozen=True, slots=True)
class Replacement:
    """Something of this one case that the draft does not say."""

    literal: str
    """What stood in the recording; a customer's name, a host, a date."""
    by: str
    """What stands there now: ``{{ ticket.customer }}``, ``$HOST``, or plain words."""
    place: str
    """Id of the step."""


@dataclass(frozen=True, slots=True)
class RecordedPlaybook:
    """The texts of a draft and of its own test, and what was done to make them."""

    id: str
    text: str
    test: str
    steps: int
    replaced: tuple[Replacement, ...] = ()
    dropped: tuple[str, ...] = ()
    """What the recording holds and the draft does not, each with the reason."""
    findings: tuple[Diagnostic, ...] = ()
    """What lint says of the draft: what is left for its author to do."""


@dataclass(frozen=True, slots=True)
class WrittenPlaybook:
    """A draft on disk."""

    draft: RecordedPlaybook
    path: str
    test_path: str
    """Empty where there is no test, as beside a starter file."""
