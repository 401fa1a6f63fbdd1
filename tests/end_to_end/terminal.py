"""A person at a terminal: the real program in a pseudo-terminal, its screen read through an emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

PATIENCE_S = 60.0
"""How long a person waits before calling it broken; the machines are shared and slow at times."""

ROOT = Path(__file__).parents[2]


class Terminal:
    """One running program; use as a context manager so that it never outlives its test."""

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], *, columns: int = 120, rows: int = 40
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "triage", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**_ambient(), "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **env},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, *keys: str) -> None:
        """Type ``keys``; names: enter, escape, tab, space, up, down, left, right, f2, f3, f10, ctrl+x."""
        for key in keys:
            os.write(self._master, _bytes(key))
            self._read(0.05)

    def type(self, text: str) -> None:
        """Type ``text`` as a person would, all of it."""
        os.write(self._master, text.encode())
        self._read(0.05)

    def wait_for(self, *wanted: str, gone: str = "") -> str:
        """The screen once every wanted text is on it (and ``gone`` is not); fails showing the screen."""

        def stands() -> bool:
            shown = self.text
            return all(text in shown for text in wanted) and not (gone and gone in shown)

        if not self._waited(stands):
            missing = [text for text in wanted if text not in self.text]
            raise AssertionError(
                f"never saw {missing} (gone: {gone!r}); exit {self.process.poll()}\n{self.text}"
            )
        return self.text

    def wait_for_row(self, *wanted: str) -> None:
        """Waits for one line with every wanted text: the head may be drawn before the rows under it."""
        if not self._waited(
            lambda: any(all(text in line for text in wanted) for line in self.screen.display)
        ):
            raise AssertionError(f"never saw {wanted} in one line; exit {self.process.poll()}\n{self.text}")

    def _waited(self, stands: Callable[[], bool]) -> bool:
        """Whether ``stands`` has come true before patience or the program ended."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if stands():
                return True
            if self.process.poll() is not None and not self._read(0.1):
                break
            self._read(0.2)
        return stands()

    def wait_written(self, wanted: bytes, start: int = 0) -> int:
        """Where ``wanted`` ends in all that was written, looked for from ``start``; fails with the rest."""
        deadline = time.monotonic() + PATIENCE_S
        while (at := self.written.find(wanted, start)) < 0:
            ended = self.process.poll() is not None and not self._read(0.1)
            if ended or time.monotonic() > deadline:
                rest = self.written[start:].decode(errors="replace")
                raise AssertionError(f"never wrote {wanted!r} after\n{rest}")
            self._read(0.2)
        return at + len(wanted)

    def wait_closed(self) -> int:
        """The exit code once the program has ended."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.2)
        assert self.process.poll() is not None, f"still running\n{self.text}"
        return self.process.returncode

    def _read(self, patience: float) -> bool:
        seen = False
        while select.select([self._master], [], [], patience)[0]:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return seen
            if not data:
                return seen
            seen = True
            self.written += data
            self._stream.feed(data)
            patience = 0.02
        return seen


def _ambient() -> dict[str, str]:
    """Our environment without the size of another terminal, which would go before the real one."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}


_NAMED = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "space": b" ",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "pagedown": b"\x1b[6~",
    "pageup": b"\x1b[5~",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f5": b"\x1b[15~",
    "f10": b"\x1b[21~",
}


def _bytes(key: str) -> bytes:
    if key in _NAMED:
        return _NAMED[key]
    if key.startswith("ctrl+"):
        return bytes([ord(key[-1]) & 0x1F])
    return key.encode()
