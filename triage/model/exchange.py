"""What became of a file of another format when it was read as a playbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from triage.model.run import Diagnostic

ImportFormat: TypeAlias = Literal["cacao", "react", "markdown"]
LossLevel: TypeAlias = Literal["dropped", "weakened", "assumed"]
"""dropped: not in the playbook; weakened: there, but says or does less; assumed: not in the source."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that did not come over as it was."""

    level: LossLevel
    what: str
    why: str
    place: str
    """Where it stands in the source: ``line 12``, or a JSON pointer (RFC 6901)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A playbook made from a file of another format, with everything it lost on the way."""

    format: ImportFormat
    source: str
    playbook_id: str
    text: str
    """The playbook as YAML; empty when it was refused."""
    kept: int
    """Steps of the source that are in the playbook."""
    total: int
    """Steps of the source."""
    losses: tuple[Loss, ...] = ()
    refusals: tuple[str, ...] = ()
    """Why there is no playbook; empty when there is one."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What lint says of the result."""
    path: str = ""
    """Where the playbook was written; empty when it was not."""

    @property
    def refused(self) -> bool:
        """Whether nothing may be made of the file."""
        return bool(self.refusals)
