"""Ends a command when this program is gone before it, by whatever end: SIGKILL leaves no time to clean up.

A small shell waits on a pipe that only this process holds open. A word on the pipe sends it away; the end of
the pipe without one means that we are gone, and it ends the command's group, everything that carries the
command's mark, and the command's folder. `PR_SET_PDEATHSIG` would reach only the first process, and needs
code between fork and exec, which a program with threads must not run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass

_SCRIPT = r"""
trap '' HUP INT TERM
IFS= read -r group || group=
IFS= read -r word && exit 0
[ -n "$group" ] && kill -KILL -- "-$group" 2>/dev/null
for round in 1 2 3; do
    grep -laF -- "$1" /proc/[0-9]*/environ 2>/dev/null | while IFS= read -r found; do
        process=${found#/proc/}
        kill -KILL "${process%/environ}" 2>/dev/null
    done
done
rm -rf -- "$2"
"""
_GONE_S = 2.0


@dataclass(slots=True)
class Watchdog:
    """One watch over one command."""

    _process: asyncio.subprocess.Process | None

    @classmethod
    async def start(cls, mark: str, folder: str) -> Watchdog:
        """Begin to watch for what carries ``mark`` in its environment; ``folder`` goes with it."""
        try:
            process = await asyncio.create_subprocess_exec(
                "sh", "-c", _SCRIPT, "triage-watchdog", mark, folder, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
                cwd="/", env={"PATH": os.environ.get("PATH", os.defpath)},
            )  # fmt: skip
        except OSError:
            # Without a shell there is no watch; the command itself is then most likely none either.
            return cls(None)
        return cls(process)

    def watch(self, group: int) -> None:
        """The command runs as process group ``group``."""
        self._write(f"{group}\n")

    async def dismiss(self) -> None:
        """The command has ended; nothing is left to watch."""
        if self._process is None:
            return
        # Two lines: a watch that was told of no group must be sent away too.
        self._write("\ndone\n")
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _GONE_S)

    def _write(self, words: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self._process.stdin.write(words.encode())
