"""Who has a database open: a lock beside the file that the kernel gives back when its holder dies.

Everybody who has the database open holds it shared; who replaces the file (creation, migration) needs it
alone. Its content says whether the last one out closed properly.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from triage.config.private_file import cannot_write
from triage.model.errors import Invalid, Stopped

PATIENCE_S = 60.0
"""How long to wait for another process that creates, migrates or restores the database."""

_IN_USE = b"in use\n"
_LOOK_AGAIN_S = 0.02


def within(seconds: float, attempt: Callable[[], bool]) -> bool:
    """Whether ``attempt`` succeeded within so many seconds. Blocks: use it in a thread.

    The kernel's own waiting has no end: behind a process that was stopped it would never return.
    """
    until = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_AGAIN_S)
    return True


class FileLock:
    """The lock beside one database file. Not for sharing between threads."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._handle = -1
        self.unclean = False
        """Whether the last session that used the file did not close it."""

    def take(self) -> bool:
        """Hold the lock: alone when nobody else does (true), else shared with them (false).

        Raises `Invalid` where the folder cannot be written, `Stopped` where somebody keeps it for long.
        """
        try:
            self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            os.fchmod(self._handle, 0o600)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        alone = self._try(fcntl.LOCK_EX)
        if alone:
            self.unclean = os.pread(self._handle, len(_IN_USE), 0) == _IN_USE
        elif not within(PATIENCE_S, lambda: self._try(fcntl.LOCK_SH)):
            os.close(self._handle)
            self._handle = -1
            raise Stopped("another Triage has been changing this database for long, or hangs",
                          where=str(self._path), do="Let it finish or end it, then try again")  # fmt: skip
        return alone

    def need_alone(self, what: str) -> None:
        """Raises `Stopped` when another process has the database open; ``what`` says what cannot be done."""
        if not self._try(fcntl.LOCK_EX):
            raise Stopped(f"{what} while another Triage has the database open", where=str(self._path),
                          do="Close the other one and try again")  # fmt: skip

    def share(self) -> None:
        """Let others in, and remember that somebody is here."""
        with contextlib.suppress(OSError):
            # On a full disk the note is missing: then an unclean end goes unnoticed, and nothing else.
            os.pwrite(self._handle, _IN_USE, 0)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def give_back(self, *, clean: bool) -> None:
        """Let go. The last one out after a clean end wipes the note."""
        if self._handle < 0:
            return
        if clean and self._try(fcntl.LOCK_EX):
            os.ftruncate(self._handle, 0)
        os.close(self._handle)
        self._handle = -1

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # Some network file systems have no locks; SQLite is not safe on them either.
            raise Invalid(f"this folder has no file locks ({error.strerror})", where=str(self._path.parent),
                          do="Set TRIAGE_HOME to a folder on a local disk") from error  # fmt: skip
        return True
