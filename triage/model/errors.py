"""Everything that can go wrong in a way a person should read as one line.

::

    TriageError             1   the honest answer is "no"
    ├── NotFound            1   no such ticket, playbook, run
    ├── Invalid             2   usage, or an invalid file or setting
    ├── NeedsInput          3   cannot go on without an answer
    ├── Stopped             4   a rule or a conflict stopped it; a person must decide
    ├── Refused             5   not trusted, not permitted, would be public
    └── HelpdeskFailed      6   helpdesk or command failed, or out of reach

The number is the exit code of the command line.
"""

from __future__ import annotations

from typing import ClassVar


class TriageError(Exception):
    """One line for a person: what happened, where, and what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        super().__init__(what, where, do)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.do}" if self.do else head


class NotFound(TriageError):
    """There is no such thing."""


class Invalid(TriageError):
    """Wrong usage, or a file or setting that cannot be read as meant."""

    exit_code = 2


class NeedsInput(TriageError):
    """The work waits for an answer that only a person has."""

    exit_code = 3


class Stopped(TriageError):
    """A rule stopped the work, or a conflict waits for a person."""

    exit_code = 4


class Refused(TriageError):
    """Not trusted, not permitted, or it would become public."""

    exit_code = 5


class HelpdeskFailed(TriageError):
    """The helpdesk or a command failed, or is out of reach."""

    exit_code = 6
