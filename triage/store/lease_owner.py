"""Who holds a lease: a process, named so that others on its machine can tell when it is gone.

The name is ``host:pid@start.namespace``: a pid is used again, the time its process started is not; and a
pid says nothing in another namespace of processes, as that of a container under the same host name.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

_OWNER = re.compile(
    r"(?P<host>.+):(?P<pid>[1-9][0-9]*)(?:@(?P<start>[0-9]*)\.(?P<space>[0-9]*))?(?:/[0-9]+)?"
)
_DEAD = "ZX"
"""States of a process that only waits to be forgotten."""


def this_process() -> str:
    """The name of this process as an owner."""
    start = (_state_and_start(os.getpid()) or ("", ""))[1]
    return f"{socket.gethostname()}:{os.getpid()}@{start}.{_namespace()}"


def gone(owner: str) -> bool:
    """Whether ``owner`` was a process of this machine that certainly lives no more.

    False for anybody elsewhere, for a name of another kind, and wherever there is a doubt.
    """
    named = _OWNER.fullmatch(owner)
    if named is None or named["host"] != socket.gethostname() or (named["space"] or "") != _namespace():
        return False
    pid = int(named["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    seen = _state_and_start(pid)
    if seen is None:
        return False
    state, start = seen
    return state in _DEAD or (named["start"] or start) != start


def _namespace() -> str:
    """The number of our namespace of processes; empty where the system has none."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _state_and_start(pid: int) -> tuple[str, str] | None:
    """A process's state letter and its start in ticks since boot; None where the system does not tell."""
    try:
        # The name before it, in brackets, may hold anything, blanks and brackets included.
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return words[0], words[19]
    except (OSError, IndexError):
        return None
