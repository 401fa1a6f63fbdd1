"""Reading what a person named, when it is a file: a pipe or a device could keep us waiting for ever."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from triage.model.errors import Invalid, NotFound

STANDARD_INPUT = "-"


def read_regular(path: Path, limit: int) -> bytes:
    """The content of the file at ``path``; ``-`` is standard input.

    Raises `NotFound` when it cannot be read, and `Invalid` for anything but a regular file and for more than
    ``limit`` bytes: its end would be missing.
    """
    raw = sys.stdin.buffer.read(limit + 1) if str(path) == STANDARD_INPUT else _read(path, limit + 1)
    if len(raw) > limit:
        raise Invalid(f"it is larger than {limit:,} bytes", where=str(path), do="Take it in parts")
    return raw


def _read(path: Path, most: int) -> bytes:
    try:
        # Opening a pipe that nobody writes to waits, too, unless it is told not to.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _cannot_read(path, error) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Invalid("this is no regular file", where=str(path),
                      do=f"Give a file, or {STANDARD_INPUT} for standard input")  # fmt: skip
    try:
        with os.fdopen(handle, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise _cannot_read(path, error) from None


def _cannot_read(path: Path, error: OSError) -> NotFound:
    return NotFound(f"cannot read it: {error.strerror}", where=str(path))
