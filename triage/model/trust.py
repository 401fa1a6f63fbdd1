"""Consent to the commands of a playbook, as people see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from triage.model.run import CommandView, TrustLevel

Grantable: TypeAlias = Literal["read", "run"]
"""``read``: read-only commands. ``run``: also those that change something; destructive ones always ask."""


@dataclass(frozen=True, slots=True)
class CommandChange:
    """How the commands of a file differ from those that were consented to."""

    version: int
    """The playbook's version that was trusted; 0 where it was not written down."""
    changed: int
    """Commands that are new, gone or different."""
    lines: tuple[str, ...]
    """The differing commands only, each line begun with ``- ``, ``+ `` or two blanks."""

    @property
    def said(self) -> str:
        """``2 commands changed since you trusted version 3``."""
        what = "1 command" if self.changed == 1 else f"{self.changed or 'no'} commands"
        return f"{what} changed since you trusted {f'version {self.version}' if self.version else 'it'}"


@dataclass(frozen=True, slots=True)
class UsedPlaybook:
    """A playbook that another one runs; it needs a consent of its own."""

    id: str
    level: TrustLevel
    problem: str = ""
    """Why it cannot be read; empty when it can."""


@dataclass(frozen=True, slots=True)
class TrustPage:
    """Everything that is shown before somebody says yes to the commands of a playbook."""

    playbook_id: str
    version: int
    path: str
    sha256: str
    """Of the bytes that are shown; a yes holds for these alone."""
    level: TrustLevel
    """How far they are trusted now."""
    commands: tuple[CommandView, ...]
    change: CommandChange | None = None
    """None when this path was never trusted, or these very bytes are."""
    uses: tuple[UsedPlaybook, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A team's folder of playbooks, found clean at a commit that the named remote has."""

    path: str
    remote: str
    url: str
    """Of the remote, without credentials."""
    commit: str
    pages: tuple[TrustPage, ...]
    """The playbooks with commands; those without need no consent."""


@dataclass(frozen=True, slots=True)
class TrustedFile:
    """One consent that was given."""

    playbook_id: str
    version: int
    level: Grantable
    path: str
    at: str
    """ISO 8601, UTC."""
    state: Literal["current", "changed", "gone"]
    """Whether the file still is what was trusted. A changed or missing one is trusted no more."""
    folder: str = ""
    """``REMOTE URL``, where the consent came with a team's folder."""
