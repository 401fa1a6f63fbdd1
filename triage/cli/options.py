"""Options that may stand anywhere on the line: ``--profile``, ``--no-input``, ``-q``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from triage.model.errors import Invalid, NeedsInput

GLOBAL_HELP = "Anywhere on the line: --profile NAME, --no-input (never ask), -q (no narration)."


@dataclass(frozen=True, slots=True)
class Globals:
    """What holds for the whole call."""

    profile: str | None = None
    no_input: bool = False
    quiet: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether a person sits at a terminal and may be asked."""
        streams = (sys.stdin, sys.stdout)
        return not self.no_input and all(stream is not None and stream.isatty() for stream in streams)

    def needs(self, what: str, do: str) -> NeedsInput:
        """The error for an answer that only a person has."""
        return NeedsInput(what, do=do)


def split_globals(arguments: Sequence[str]) -> tuple[Globals, list[str]]:
    """The options that hold everywhere, and the words that are left.

    Raises `Invalid` when ``--profile`` has no name. Words after ``--`` are left alone.
    """
    rest: list[str] = []
    profile: str | None = None
    no_input = quiet = False
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--profile":
            profile = _named(next(words, ""))
        elif word.startswith("--profile="):
            profile = _named(word.removeprefix("--profile="))
        elif word == "--no-input":
            no_input = True
        elif word in ("-q", "--quiet"):
            quiet = True
        else:
            rest.append(word)
    return Globals(profile, no_input, quiet), rest


def _named(word: str) -> str:
    if not word or word.startswith("-"):
        raise Invalid("--profile needs a name", do="triage profile list shows them")
    return word


def globals_of(context: typer.Context) -> Globals:
    """The options that hold for the whole call."""
    held = context.find_root().obj
    return held if isinstance(held, Globals) else Globals()
