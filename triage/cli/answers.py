"""Answers files: reading the text; the engines know what may stand in it."""

from __future__ import annotations

from pathlib import Path

from triage.model.errors import Invalid, NotFound

LIMIT = 1_048_576
"""Bytes."""


def read_text(path: Path) -> str:
    """The text of an answers file; ``-`` is standard input. Raises `NotFound` or `Invalid`."""
    try:
        raw = _stdin() if str(path) == "-" else path.read_bytes()
    except FileNotFoundError:
        raise NotFound("no such file", where=str(path)) from None
    except OSError as problem:
        raise Invalid(f"cannot be read: {problem.strerror}", where=str(path)) from None
    if len(raw) > LIMIT:
        raise Invalid("larger than 1 MiB", where=str(path), do="Is it an answers file?")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Invalid(f"not UTF-8 at byte {problem.start}", where=str(path)) from None


def _stdin() -> bytes:
    import sys

    return sys.stdin.buffer.read(LIMIT + 1)
