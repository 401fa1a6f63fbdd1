"""A finished investigation that ships with the program: its answers, and the letters that followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

LetterVerb: TypeAlias = Literal["respond", "judge", "close", "track"]


@dataclass(frozen=True, slots=True)
class ExampleLetter:
    """One letter about one recommendation of the example."""

    after: timedelta
    """From the adoption on."""
    about: str
    """``R2``."""
    verb: LetterVerb
    text: str
    """What was written; of ``track`` the address."""
    status: str = ""
    """The status code of ``judge`` and ``close``."""


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """One case, answered and followed."""

    ticket_key: str
    answers: str
    """The text of the answers file."""
    name: str
    """What messages call that file."""
    adopted_after: timedelta
    """From the last event of the ticket on."""
    minutes: float
    """How long the people of the example sat over it."""
    letters: tuple[ExampleLetter, ...] = ()
    wish_decided: str = ""
    """What was said when the wish behind the case was accepted; empty where there is none."""
    wish_after: timedelta = timedelta()
    """From the adoption on."""
