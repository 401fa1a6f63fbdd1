"""Regular expressions from files, with a time limit.

The standard library's engine can hang for minutes on ``(a+)+$`` and cannot be stopped; the ``regex`` package
takes a timeout. The limit is coarse, so the input is capped too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import regex

TIMEOUT_S = 0.5
INPUT_LIMIT = 64 * 1024
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)[+*{]")


class PatternError(ValueError):
    """Not a regular expression; ``position`` is the offset of the trouble, or -1."""

    def __init__(self, message: str, position: int = -1) -> None:
        super().__init__(message)
        self.position = position


class PatternTooSlowError(Exception):
    """The search was given up at the time limit: neither found nor not found."""


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Any:
    """``pattern`` compiled. Raises `PatternError`."""
    if len(pattern) > 500:
        raise PatternError("a pattern may have 500 characters at most")
    try:
        return regex.compile(pattern)
    except regex.error as error:
        position = getattr(error, "pos", None)
        raise PatternError(str(getattr(error, "msg", error)), -1 if position is None else position) from None
    except (RecursionError, OverflowError, MemoryError):
        # The package reads groups by calling itself: some hundred open brackets are enough.
        raise PatternError("groups are nested too deep, or a repeat is too large") from None


def search(pattern: str, text: str) -> regex.Match[str] | None:
    """The first match in the first 64 KiB of ``text``. Raises `PatternError`, `PatternTooSlowError`."""
    try:
        found: regex.Match[str] | None = compile_pattern(pattern).search(
            text[:INPUT_LIMIT], timeout=TIMEOUT_S
        )
    except TimeoutError:
        raise PatternTooSlowError(pattern) from None
    return found


def may_be_slow(pattern: str) -> bool:
    """Whether a quantifier stands on a group that itself repeats: the usual shape of a hang."""
    return bool(_NESTED.search(pattern))
