"""Running a command that a person consented to, and keeping what it said.

It gets an empty folder, no input, a clean environment and a process group of its own. At the time limit, or
when the caller gives up, the group is told to end and after five seconds is killed. Processes it leaves
behind, also those that left the group, are found by a mark in their environment (where the system shows it)
and ended too. This is consent and record, not a sandbox: a command has the rights of the person.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from triage.playbook.run.command import Command
from triage.playbook.run.output import CaptureResult, Stream
from triage.playbook.run.redaction import Redact, redact
from triage.playbook.run.watchdog import Watchdog

TERM_GRACE_S = 5.0
KILLING_S = 1.0
"""How long what is left after that is looked for and killed; the first round gets nearly everything."""
DRAIN_S = 0.5
"""How long output may still come after the command itself has ended."""

SHOWN_EVERY_S = 0.25
SHOWN_LIMIT = 16 * 1024
"""How often at most the output so far is shown while a command runs, and up to how many bytes: each time all
of it is searched for secrets, since one may be cut in two between two chunks."""

KEPT_ENV = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "http_proxy", "https_proxy",
    "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)  # fmt: skip
"""What a command sees of our environment; tokens are not among it."""

MARK = "TRIAGE_COMMAND"
_PROC = Path("/proc")
_CHUNK = 64 * 1024
OnOutput: TypeAlias = Callable[[str], None]
_Readers: TypeAlias = "asyncio.Future[tuple[None, None]]"


async def capture(
    command: Command,
    *,
    redact: Redact | None = None,
    clock: Callable[[], datetime],
    environment: Mapping[str, str] | None = None,
    on_output: OnOutput | None = None,
    grace_s: float = TERM_GRACE_S,
    stop: asyncio.Event | None = None,
) -> CaptureResult:
    """Run ``command`` to its end, its time limit, or until ``stop``; never raises for what the command does.

    ``redact`` blacks out what the program itself knows to be secret, before anything is kept; ``on_output``
    gets cleaned and redacted lines as they come. A person's ``stop`` ends it as the time limit does, and what
    it said till then is kept. Cancelling the task ends the command and raises
    `asyncio.CancelledError` when nothing of it is left.
    """
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="triage-")
    try:
        run = _Run(command, redact, clock, on_output, grace_s, stop)
        watchdog = await Watchdog.start(f"{MARK}={run.mark}", folder)
        try:
            return await run.to_end(
                folder, _clean_environment(environment, command, run.mark, folder), watchdog
            )
        finally:
            await asyncio.shield(watchdog.dismiss())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


def _clean_environment(
    ours: Mapping[str, str] | None, command: Command, mark: str, folder: str
) -> dict[str, str]:
    source = os.environ if ours is None else ours
    kept = {name: source[name] for name in KEPT_ENV if name in source}
    quiet = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat", "TMPDIR": folder, MARK: mark}
    return {**kept, **quiet, **command.env}


class _Run:
    """One command from start to end."""

    def __init__(
        self,
        command: Command,
        redact: Redact | None,
        clock: Callable[[], datetime],
        on_output: OnOutput | None,
        grace_s: float,
        stop: asyncio.Event | None,
    ) -> None:
        self.mark = secrets.token_hex(16)
        self._command = command
        self._redact = redact
        self._clock = clock
        self._on_output = on_output
        self._grace_s = grace_s
        self._stop = stop
        self._out, self._err = Stream(), Stream(16 * 1024, 48 * 1024)
        self._show_next = 0.0
        self._timed_out = False
        self._stopped = False
        self._left_background = False

    async def to_end(self, folder: str, env: Mapping[str, str], watchdog: Watchdog) -> CaptureResult:
        """Start, read, wait, clean up."""
        started = self._clock()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command.argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE, cwd=folder, env=env, start_new_session=True, limit=_CHUNK,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            problem = f"{self._command.argv[0]}: {reason}"
            return CaptureResult(started, self._clock(), None, "", problem=problem)
        watchdog.watch(process.pid)
        readers = asyncio.gather(self._read(process.stdout, self._out), self._read(process.stderr, self._err))
        try:
            await self._wait(process, readers)
        finally:
            await self._clear(process, readers)
        # Searching for secrets takes a while, and other things must go on meanwhile.
        return await asyncio.to_thread(self._result, started, process.returncode)

    async def _read(self, reader: asyncio.StreamReader | None, stream: Stream) -> None:
        while reader is not None and (chunk := await reader.read(_CHUNK)):
            stream.feed(chunk)
            now = asyncio.get_running_loop().time()
            if self._on_output is not None and stream.size <= SHOWN_LIMIT and now >= self._show_next:
                self._show_next = now + SHOWN_EVERY_S
                self._on_output(redact(stream.text(), self._command.redact, self._redact)[0])

    async def _wait(self, process: asyncio.subprocess.Process, readers: _Readers) -> None:
        """Until the command has ended and its output is read, the time is up, or a person stops it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._command.timeout_s
        # process.wait() also waits for the pipes, which a background child keeps open.
        pause = 0.005
        while process.returncode is None:
            if loop.time() >= end:
                self._timed_out = True
                return
            if self._stop is not None and self._stop.is_set():
                self._stopped = True
                return
            await asyncio.sleep(min(pause, max(end - loop.time(), 0)))
            pause = min(pause * 1.5, 0.05)
        done, _ = await asyncio.wait([readers], timeout=DRAIN_S)
        self._left_background = not done

    async def _clear(self, process: asyncio.subprocess.Process, readers: _Readers) -> None:
        """End what is left, also when the caller was cancelled meanwhile, then stop reading."""
        clearing = asyncio.ensure_future(self._end_all(process))
        cancelled: asyncio.CancelledError | None = None
        while not clearing.done():
            try:
                await asyncio.shield(clearing)
            except asyncio.CancelledError as error:
                if clearing.cancelled():
                    raise
                cancelled = error
        await asyncio.wait([readers], timeout=DRAIN_S)
        readers.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await readers
        transport = getattr(process, "_transport", None)
        if transport is not None:
            transport.close()
        if cancelled is not None:
            raise cancelled

    async def _end_all(self, process: asyncio.subprocess.Process) -> None:
        strays = await asyncio.to_thread(_left_over, self.mark, process.pid)
        ended = process.returncode is not None
        if ended and (strays or _group_lives(process.pid)):
            self._left_background = True
        if not ended or self._left_background:
            _signal_all(process.pid, strays, signal.SIGTERM)
            await self._until_gone(process, self._grace_s)
            await self._until_gone(process, KILLING_S, kill=True)

    async def _until_gone(
        self, process: asyncio.subprocess.Process, limit_s: float, *, kill: bool = False
    ) -> None:
        """Wait for the last of them; with ``kill`` each that is found meanwhile is killed.

        Again and again: what multiplies has new ones between being looked for and being killed.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + limit_s
        while loop.time() < end:
            strays = await asyncio.to_thread(_left_over, self.mark, process.pid)
            if process.returncode is not None and not strays and not _group_lives(process.pid):
                return
            if kill:
                _signal_all(process.pid, strays, signal.SIGKILL)
            await asyncio.sleep(0.005 if kill else 0.02)

    def _result(self, started: datetime, code: int | None) -> CaptureResult:
        binary = self._out.binary or self._err.binary
        counts = [0, 0]
        texts = ["", ""]
        if not binary:
            for index, stream in enumerate((self._out, self._err)):
                texts[index], counts[index] = redact(stream.text(), self._command.redact, self._redact)
        whole = self._out.digest.copy()
        # Two streams, one hash: the second is hashed into the first by its own digest only when it spoke.
        if self._err.size:
            whole.update(self._err.digest.digest())
        return CaptureResult(
            started, self._clock(), None if self._timed_out or self._stopped else code, texts[0], texts[1],
            self._out.size + self._err.size, self._out.omitted + self._err.omitted, whole.hexdigest(), binary,
            sum(counts), self._timed_out, self._stopped, self._left_background,
        )  # fmt: skip


def _group_lives(group: int) -> bool:
    """Whether any process of the group is left; only asked where the system has no /proc."""
    if _PROC.is_dir():
        return False
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _signal_all(group: int, others: list[int], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
    for pid in others:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _left_over(mark: str, session: int) -> list[int]:
    """Living processes of ours in ``session`` or with ``mark`` in their environment, the leader left out.

    Empty where the system does not show them.
    """
    wanted = f"{MARK}={mark}".encode()
    return [
        pid
        for pid in _own_processes()
        if pid != session and (_session(pid) == session or wanted in _environ(pid))
    ]


def _own_processes() -> Iterator[int]:
    if not _PROC.is_dir():
        return
    user, us = os.getuid(), os.getpid()
    for entry in os.scandir(_PROC):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and int(entry.name) != us and entry.stat().st_uid == user:
                yield int(entry.name)


def _session(pid: int) -> int:
    """The session of a process; 0 for one that is gone or only waits to be reaped."""
    try:
        state, _, _, session = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return 0
    return 0 if state == "Z" else int(session)


def _environ(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""
