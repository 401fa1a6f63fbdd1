"""A verb's wish to go on in the screen."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class OpenScreen:
    """A verb's wish that the screen be opened once it is done."""

    profile: str | None
    kept_open: AbstractContextManager[Any] = field(default_factory=nullcontext)
    """Lives as long as the screen, such as the embedded helpdesk."""
    place: str = ""
    """Where to begin: ``run:ID``, ``investigation:ID``, ``recommendations``, ``enhancements``, or nothing for
    the queue."""
