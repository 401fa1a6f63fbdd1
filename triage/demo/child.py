"""The embedded helpdesk as a child process that ends with its parent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from triage.model.errors import HelpdeskFailed, Invalid, Stopped, TriageError

LOG_NAME = "serve.log"
START_S = 20.0
"""Seconds to wait for the first line; every thousand tickets that have to be made add one."""
STOP_S = 5.0
_BY_EXIT_CODE: dict[int, type[TriageError]] = {2: Invalid, 4: Stopped}


@dataclass(frozen=True, slots=True)
class DemoProcess:
    """A running embedded helpdesk. As a context manager it stops at the end."""

    url: str
    token: str
    pid: int
    email: str
    _process: subprocess.Popen[str]

    def __enter__(self) -> DemoProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and wait for that; nothing happens when it has already ended."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        _close(self._process)

    def kill(self) -> None:
        """End it as a crash would, without any farewell."""
        self._process.kill()
        self._process.wait()
        _close(self._process)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None


def start_demo(
    home: Path,
    *,
    port: int = 0,
    tickets: int | None = None,
    seed: int | None = None,
    faults: Path | None = None,
    reset: bool = False,
    lag: float = 0.0,
    zone: str = "local",
    rate_limit: int | None = None,
    comment_limit: int | None = None,
    export_limit: int | None = None,
) -> DemoProcess:
    """Start the demo in ``home`` (made where missing) and wait until it answers.

    It ends when this process does, even when this one is killed. What it complains about is in
    ``serve.log`` in its home. Raises what `triage.demo.serve.serve` raises; `HelpdeskFailed` when it does
    not come up.
    """
    options = {
        "home": home, "port": port, "tickets": tickets, "seed": seed, "faults": faults, "lag": lag,
        "zone": zone, "rate-limit": rate_limit, "comment-limit": comment_limit,
        "export-limit": export_limit,
    }  # fmt: skip
    arguments = [f"--{name}={value}" for name, value in options.items() if value is not None]
    command = [sys.executable, "-m", "triage.demo.serve", "--with-parent", *arguments]
    log = _open_log(home)
    with log:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [*command, "--reset"] if reset else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    line = _first_line(process, START_S + (tickets or 0) / 1_000)
    if not line:
        raise _failure(process, home / LOG_NAME)
    said = json.loads(line)
    return DemoProcess(said["url"], said["token"], said["pid"], said["email"], process)


def _open_log(home: Path) -> IO[bytes]:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (home / LOG_NAME).open("wb")
    except OSError as trouble:
        raise Invalid(f"cannot be used as a folder ({trouble.strerror})", where=str(home)) from None


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """The child's first line; empty when it ended or kept silent for ``seconds``."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(_read_line(process)), daemon=True)
    reader.start()
    reader.join(seconds)
    return lines[0] if lines else ""


def _read_line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline() if process.stdout else ""


def _failure(process: subprocess.Popen[str], log: Path) -> TriageError:
    try:
        code = process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    _close(process)
    complaints = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    error = _BY_EXIT_CODE.get(code, HelpdeskFailed)
    return error(complaints[-1] if complaints else "the embedded helpdesk did not start")


def _close(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
