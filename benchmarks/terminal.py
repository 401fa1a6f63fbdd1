"""A program in a pseudo-terminal: what it wrote, how long it took, what it cost."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_VISIBLE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|\x1b.|[\x00-\x1f]")


class Terminal:
    """Runs ``command`` in a terminal of ``columns`` by ``rows`` until closed."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], *, columns: int = 120, rows: int = 40
    ) -> None:
        self.began = time.perf_counter()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(env))
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, size)
        self.written = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def read(self, timeout_s: float) -> bytes:
        """What comes within ``timeout_s``; empty when nothing does."""
        ready, _, _ = select.select([self.descriptor], [], [], timeout_s)
        if not ready:
            return b""
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:
            return b""
        self.written += data
        return data

    def wait_for(self, text: bytes, timeout_s: float = 30.0) -> None:
        """Reads until ``text`` stands in what was written; escapes do not count."""
        end = time.perf_counter() + timeout_s
        while text not in _VISIBLE.sub(b"", self.written):
            if time.perf_counter() > end:
                raise TimeoutError(f"{text!r} never came: {self.written[-400:]!r}")
            self.read(0.05)

    def settle(self, quiet_s: float, limit_s: float = 30.0) -> int:
        """Reads until nothing comes for ``quiet_s``; how many bytes came."""
        count = 0
        end = time.perf_counter() + limit_s
        while (data := self.read(quiet_s)) and time.perf_counter() < end:
            count += len(data)
        return count

    def press(self, key: bytes, quiet_s: float = 0.03) -> tuple[float, int]:
        """Milliseconds from ``key`` to the first byte of its frame, and how many bytes the frame has."""
        began = time.perf_counter()
        os.write(self.descriptor, key)
        first = self.read(2.0)
        took = (time.perf_counter() - began) * 1000
        return took, len(first) + self.settle(quiet_s)

    def cpu_ms(self) -> float:
        """CPU time of the program so far, all its threads, to the nanosecond where the kernel keeps it."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e6

    def memory_mb(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
