"""One window at a time works on a run; the others read it.

The lock is a locked file in the state folder: the system frees it when the process that held it is gone,
however it went. Windows on other machines are kept apart by the docket, which refuses what was decided on
an older state.
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class RunLocks:
    """The runs this window works on."""

    folder: Path
    _held: dict[str, int] = field(default_factory=dict)
    """Run id to the descriptor of its locked file."""

    def take(self, run_id: str) -> str:
        """Work on a run here; empty when that is possible, else who has it open."""
        if run_id in self._held:
            return ""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            handle = os.open(self._path(run_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(handle, 400, 0).decode("utf-8", "replace").strip()
                os.close(handle)
                return holder or "another window"
            if self._stands(run_id, handle):
                break
            # It was let go and removed between opening and locking: the next one locks another file.
            os.close(handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        self._held[run_id] = handle
        return ""

    def _stands(self, run_id: str, handle: int) -> bool:
        """Whether the file of ``handle`` still is the one of that name."""
        try:
            return os.path.samestat(os.fstat(handle), self._path(run_id).stat())
        except FileNotFoundError:
            return False

    def leave(self, run_id: str) -> None:
        """Let another window have it."""
        handle = self._held.pop(run_id, None)
        if handle is not None:
            # Removed while it is still locked, so that nobody locks a file that is about to go.
            self._path(run_id).unlink(missing_ok=True)
            os.close(handle)

    def leave_all(self) -> None:
        """The same for every run."""
        for run_id in list(self._held):
            self.leave(run_id)

    def _path(self, run_id: str) -> Path:
        return self.folder / f"{run_id}.lock"
