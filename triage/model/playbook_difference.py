"""How the text of a playbook differs from an earlier one that somebody relied on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from triage.model.trust import CommandChange


@dataclass(frozen=True, slots=True)
class PlaybookDifference:
    """An earlier text against the file as it is now."""

    playbook_id: str
    path: str
    since: Literal["trusted", "run"]
    """Whether the earlier text is the one that was trusted, or the one a run is pinned to."""
    version: int
    """The earlier one; 0 where it is not known."""
    version_now: int
    same: bool
    lines: tuple[str, ...]
    """A unified diff; empty where the texts are the same, or the earlier one was not kept."""
    commands: CommandChange | None = None
    """How the commands differ; None where that cannot be told."""
