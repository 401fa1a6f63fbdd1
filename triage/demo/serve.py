"""Serving the embedded helpdesk: ``python -m triage.demo.serve --home FOLDER``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from triage.demo.app import create_app
from triage.demo.fault_line import FaultLine, Sockets, protocol_knowing
from triage.demo.faults import Schedule, read_schedule
from triage.demo.helpdesk_state import COMMENT_LIMIT, RATE_LIMIT, HelpdeskState, Settings
from triage.demo.opening import DEFAULT_SEED, open_records
from triage.demo.records import Records
from triage.model.errors import HelpdeskFailed, TriageError

HOST = "127.0.0.1"
GRACE_S = 2
"""Seconds that running requests get after a signal."""


class _Server(uvicorn.Server):
    """uvicorn that says when it listens, and ends with 0 on a signal."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.end)
        yield

    def end(self) -> None:
        """Stop serving soon."""
        self.should_exit = True


def serve(
    home: Path,
    port: int = 0,
    tickets: int | None = None,
    seed: int | None = None,
    faults: Path | None = None,
    reset: bool = False,
    lag: float = 0.0,
    *,
    zone: str = "local",
    with_parent: bool = False,
    rate_limit: int = RATE_LIMIT,
    comment_limit: int = COMMENT_LIMIT,
    export_limit: int = RATE_LIMIT,
) -> None:
    """Serve the demo in ``home`` on loopback until SIGTERM or SIGINT.

    The first line on stdout is JSON: ``{"url", "token", "pid", "email"}``, written when requests are
    answered. ``port`` 0 takes a free one; ``lag`` seconds of newest changes are kept out of the export;
    ``with_parent`` also ends it when stdin closes, which is what the end of a parent does. Raises `Invalid`
    for a bad fault file or folder, `Stopped` when another server holds the folder, `HelpdeskFailed` when
    the port is taken.
    """
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    schedule = read_schedule(faults, DEFAULT_SEED if seed is None else seed) if faults else None
    listening = _listen(port)
    records = open_records(
        home,
        now=datetime.now(UTC),
        tickets=tickets,
        seed=seed,
        zone=zone,
        reset=reset,
        progress=_say_progress,
    )
    settings = Settings(records.meta("token") or "", lag, rate_limit, comment_limit, export_limit)
    app = create_app(HelpdeskState(records, settings, time.time))
    try:
        asyncio.run(_run(_server_config(app, schedule), listening, records))
    finally:
        records.close()


def _server_config(app: ASGIApp, schedule: Schedule | None) -> uvicorn.Config:
    """How ``app`` is served, behind the faults of ``schedule`` if there is one."""
    sockets = Sockets()
    return uvicorn.Config(
        app if schedule is None else FaultLine(app, schedule, sockets),
        http=protocol_knowing(sockets),
        lifespan="off",
        ws="none",
        access_log=False,
        log_level=logging.WARNING,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=60,
    )


async def _run(config: uvicorn.Config, listening: socket.socket, records: Records) -> None:
    port = listening.getsockname()[1]
    first_line = {
        "url": f"http://{HOST}:{port}",
        "token": records.meta("token"),
        "pid": os.getpid(),
        "email": records.meta("email"),
    }

    def announce() -> None:
        sys.stdout.write(json.dumps(first_line) + "\n")
        sys.stdout.flush()

    await _Server(config, announce).serve(sockets=[listening])


def _end_with_parent() -> None:
    """Wait until nobody holds the other side of stdin any more, then end like on a SIGTERM from outside.

    A signal works at every moment, also while the tickets are still being made.
    """
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it every answer takes 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as trouble:
        listening.close()
        reason = getattr(trouble, "strerror", None) or "no such port"
        raise HelpdeskFailed(
            f"cannot listen ({reason})", where=f"{HOST}:{port}", do="Use --port 0 for a free one"
        ) from None
    return listening


def _say_progress(done: int) -> None:
    if done % 10_000 == 0:
        sys.stderr.write(f"made {done:,} tickets\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m triage.demo.serve", description=serve.__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tickets", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--faults", type=Path)
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--lag", type=float, default=0.0)
    parser.add_argument("--zone", default="local")
    parser.add_argument("--with-parent", action="store_true")
    parser.add_argument("--rate-limit", type=int, default=RATE_LIMIT)
    parser.add_argument("--comment-limit", type=int, default=COMMENT_LIMIT)
    parser.add_argument("--export-limit", type=int, default=RATE_LIMIT)
    return parser.parse_args()


def main() -> None:
    """Serve as the arguments say; an error is one line on stderr and the exit code of its class."""
    try:
        serve(**vars(_arguments()))
    except TriageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
