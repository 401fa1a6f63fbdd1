"""The database: one engine, one thread that works on it, and the rules for opening it safely."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from triage.model.errors import Invalid
from triage.store import server_database, sqlite_database
from triage.store.case_promises import ZONE
from triage.store.engine import WRITE, Busy, trouble

T = TypeVar("T")

TURNS = 6
"""How often a write waits its whole time for its turn before somebody is told."""


class Database:
    """What the rest of the program asks. All SQL runs on one thread, in the order it was asked for.

    A cancelled caller stops waiting; what it asked for still happens as a whole. Functions given to `read`
    and `write` take a session and return domain objects, never rows; one given to `write` is called again
    where other programs were in the way, after all it did was taken back.
    """

    def __init__(self, url: str, zone: tzinfo = UTC) -> None:
        self.url = url
        self._zone = zone
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="triage-database")
        self._engine: Engine | None = None
        self._file: sqlite_database.OpenFile | None = None

    @classmethod
    async def open(cls, url: str, *, zone: tzinfo = UTC) -> Database:
        """Open or create the database at ``url`` and bring it to this program's version.

        ``zone`` is where "by 16:00" in a ticket is read. Raises `Invalid` for a database that is not ours, of
        a newer version, broken, or not writable; `Stopped` when it must change while another process uses it.
        In each case the file stays as it was.
        """
        database = cls(url, zone)
        try:
            await database._on_thread(database._open)
        except BaseException:
            database._thread.shutdown(wait=False)
            raise
        return database

    async def read(self, work: Callable[[Session], T]) -> T:
        """``work`` in one consistent view of the data. Raises `Invalid` when the database cannot be read."""
        return await self._on_thread(lambda: self._in_session(work, write=False))

    async def write(self, work: Callable[[Session], T]) -> T:
        """``work`` in one transaction: after return it is on disk; after an exception nothing happened.

        Raises `Invalid` for a full or read-only disk, `Stopped` when others keep the database busy.
        """
        return await self._on_thread(lambda: self._patiently(work))

    async def backup(self, path: Path) -> None:
        """Write a verified copy to ``path``, which must not exist. Raises `Invalid`."""
        await self._on_thread(lambda: self._backup(path))

    async def check(self) -> tuple[str, ...]:
        """What is wrong inside the database, one line each; empty when all is well. May take long."""
        return await self._on_thread(self._check)

    @property
    def journal(self) -> str:
        """``wal`` or ``delete`` on SQLite, ``server`` elsewhere."""
        return self._file.journal if self._file else "server"

    @property
    def shared(self) -> bool:
        """Whether people on other machines may have it open too."""
        return self._file is None

    @property
    def zone(self) -> tzinfo:
        """Where "by 16:00" in a ticket is read."""
        return self._zone

    def read_promises_in(self, zone: tzinfo) -> None:
        """Read clock times in tickets in ``zone`` from now on; what was read stays as it is."""
        self._zone = zone

    @property
    def told(self) -> str:
        """What was cleared up when it was opened, for a person; empty for nothing."""
        return self._file.told if self._file else ""

    async def close(self) -> None:
        """Finish what was asked for, then close. May be called twice."""
        with contextlib.suppress(RuntimeError):
            await self._on_thread(self._close)
        self._thread.shutdown(wait=True)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        # The shield keeps a cancelled caller from taking back work that is still waiting for its turn.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    def _open(self) -> None:
        if self.url.startswith("sqlite:///"):
            self._file = sqlite_database.open_file(Path(self.url.removeprefix("sqlite:///")))
            self._engine = self._file.engine
        elif self.url.startswith("postgresql+psycopg://"):
            self._engine = server_database.open_server(self.url)
        else:
            raise Invalid("not an address of a database", where="database",
                          do="Use sqlite:///PATH or postgresql+psycopg://HOST/NAME")  # fmt: skip

    def _patiently(self, work: Callable[[Session], T]) -> T:
        """``work`` in a transaction, begun anew where others were in the way.

        SQLite's own waiting is not fair: under many writers one of them can be passed over for seconds.
        """
        for _ in range(TURNS - 1):
            with contextlib.suppress(Busy):
                return self._in_session(work, write=True)
        return self._in_session(work, write=True)

    def _in_session(self, work: Callable[[Session], T], *, write: bool) -> T:
        if self._engine is None:
            raise RuntimeError("the database is closed")
        engine = self._engine.execution_options(**{WRITE: write})
        try:
            with Session(engine, expire_on_commit=False) as session:
                session.info[ZONE] = self._zone
                result = work(session)
                if write:
                    session.commit()
                return result
        except Exception as error:
            told = trouble(error, self._where())
            if told is error:
                raise
            raise told from error

    def _where(self) -> str:
        return str(self._file.path) if self._file else self.url.rpartition("@")[2]

    def _backup(self, path: Path) -> None:
        if self._file is None:
            raise Invalid(
                "a database server is backed up with its own tools", where=self._where(), do="Use pg_dump"
            )
        self._file.backup(path)

    def _check(self) -> tuple[str, ...]:
        return self._file.check() if self._file else ()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        elif self._engine is not None:
            self._engine.dispose()
        self._file = self._engine = None
