from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.store.samples import NOW, ticket
from triage.model.errors import Invalid, Stopped, TriageError
from triage.store import mirror, sqlite_database
from triage.store.database import TURNS, Database
from triage.store.database_copy import damage
from triage.store.database_file import SCHEMA_NUMBER, safe_journal


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def save(ticket_id: str) -> Callable[[Session], None]:
    return lambda session: mirror.save_tickets(session, [ticket(ticket_id)], NOW)


async def count(database: Database) -> int:
    return await database.read(mirror.count_tickets)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ("3.6.23", "delete"),
        ("3.7.0", "delete"),
        ("3.40.1", "delete"),
        ("3.44.5", "delete"),
        ("3.44.6", "wal"),
        ("3.45.0", "delete"),
        ("3.50.6", "delete"),
        ("3.50.7", "wal"),
        ("3.51.0", "delete"),
        ("3.51.2", "delete"),
        ("3.51.3", "wal"),
        ("3.52.0", "wal"),
        ("4.0.0", "wal"),
    ],
)
def test_the_journal_is_chosen_by_the_version_of_sqlite(version: str, journal: str) -> None:
    assert safe_journal(tuple(map(int, version.split(".")))) == journal


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 51, 3)])
async def test_the_chosen_journal_is_the_one_in_use(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", version)
    database = await Database.open(url(path))
    pragmas = await database.read(
        lambda session: [
            session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    )
    assert pragmas == [safe_journal(version), 3, 1, 5000]
    assert database.journal == safe_journal(version)
    await database.close()


async def test_a_new_database_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = await Database.open(url(tmp_path / "deep" / "er" / "triage.db"))
        await database.write(save("1"))
        await database.backup(tmp_path / "backups" / "b.db")
        files = [one for one in (tmp_path / "deep").rglob("*") if one.is_file()]
        assert {mode(one) for one in [*files, tmp_path / "backups" / "b.db"]} == {0o600}
        assert {mode(one) for one in (tmp_path / "deep", tmp_path / "deep" / "er", tmp_path / "backups")} == {
            0o700
        }
        await database.close()
    finally:
        os.umask(before)


async def test_a_database_that_others_can_read_is_closed_to_them(path: Path) -> None:
    path.chmod(0o644)
    await (await Database.open(url(path))).close()
    assert mode(path) == 0o600


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def half(session: Session) -> None:
        mirror.save_tickets(session, [ticket("1")], NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)
    assert await count(database) == 0


async def test_a_read_cannot_leave_anything_either(database: Database) -> None:
    await database.read(save("1"))
    assert await count(database) == 0


async def test_everything_runs_on_one_thread(database: Database) -> None:
    threads = await asyncio.gather(*(database.read(lambda _: threading.get_ident()) for _ in range(20)))
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


async def test_a_cancelled_write_still_happens_as_a_whole(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        go_on.wait(5)
        mirror.save_tickets(session, [ticket("1")], NOW)

    first = asyncio.create_task(database.write(slow))
    waiting = asyncio.create_task(database.write(save("2")))
    await asyncio.to_thread(begun.wait, 5)
    first.cancel()
    waiting.cancel()
    go_on.set()
    assert all(
        isinstance(one, asyncio.CancelledError)
        for one in await asyncio.gather(first, waiting, return_exceptions=True)
    )
    assert await count(database) == 2


async def test_closing_waits_for_what_was_asked_for(path: Path) -> None:
    database = await Database.open(url(path))
    writes = [asyncio.create_task(database.write(save(str(n)))) for n in range(5)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writes)
    again = await Database.open(url(path))
    assert await count(again) == 5
    await again.close()


async def test_a_closed_database_says_so(path: Path) -> None:
    database = await Database.open(url(path))
    await database.close()
    await database.close()
    with pytest.raises(RuntimeError):
        await database.read(mirror.count_tickets)


async def test_a_database_that_stays_busy_stops_with_one_line_after_all_its_turns(
    database: Database, path: Path
) -> None:
    await database.read(lambda session: session.connection().exec_driver_sql("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    calls: list[int] = []

    def once(session: Session) -> None:
        calls.append(1)
        mirror.save_tickets(session, [ticket("2")], NOW)

    with pytest.raises(Stopped, match="busy"):
        await database.write(once)
    assert len(calls) == TURNS
    other.execute("ROLLBACK")
    other.close()
    await database.write(save("1"))
    assert await count(database) == 1


async def test_a_write_that_found_others_in_the_way_is_made_once_when_they_are_gone(
    database: Database, path: Path
) -> None:
    await database.read(lambda session: session.connection().exec_driver_sql("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    calls: list[int] = []

    def work(session: Session) -> None:
        calls.append(1)
        if len(calls) == 2:
            other.execute("ROLLBACK")
        mirror.save_tickets(session, [ticket("1")], NOW)

    await database.write(work)
    other.close()
    assert len(calls) in (2, 3)
    assert await count(database) == 1


class TestRefusals:
    async def refused(self, path: Path, what: str) -> None:
        before = path.read_bytes()
        names = sorted(one.name for one in path.parent.iterdir() if not one.name.endswith(".lock"))
        with pytest.raises(Invalid, match=what) as told:
            await Database.open(url(path))
        assert "\n" not in str(told.value)
        assert path.read_bytes() == before
        assert sorted(one.name for one in path.parent.iterdir() if not one.name.endswith(".lock")) == names

    async def test_a_newer_database_is_left_alone(self, path: Path) -> None:
        with sqlite3.connect(path) as plain:
            plain.execute(f"PRAGMA user_version = {SCHEMA_NUMBER + 1}")
        plain.close()
        await self.refused(path, f"version {SCHEMA_NUMBER + 1}.*Update Triage")

    async def test_somebody_elses_database_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.db"
        with sqlite3.connect(path) as plain:
            plain.execute("CREATE TABLE notes (x)")
        plain.close()
        await self.refused(path, "not a Triage database")

    @pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\0" + b"\0" * 20, b"\0" * 5000])
    async def test_another_kind_of_file_is_left_alone(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "triage.db"
        path.write_bytes(content)
        await self.refused(path, "not a Triage database")

    async def test_a_truncated_database_is_left_alone(self, path: Path) -> None:
        path.write_bytes(path.read_bytes()[:8192])
        with pytest.raises(TriageError):
            await self.use(path)
        assert path.stat().st_size == 8192

    async def use(self, path: Path) -> None:
        database = await Database.open(url(path))
        try:
            await database.read(
                lambda session: session.connection().exec_driver_sql("SELECT * FROM steps").all()
            )
        finally:
            await database.close()

    async def test_a_folder_in_the_place_of_the_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "triage.db").mkdir()
        with pytest.raises(Invalid):
            await Database.open(url(tmp_path / "triage.db"))

    @pytest.mark.parametrize("address", ["", "triage.db", "mysql://x", "sqlite://"])
    async def test_another_kind_of_address_is_told(self, address: str) -> None:
        with pytest.raises(Invalid, match="not an address of a database"):
            await Database.open(address)

    @pytest.mark.parametrize("there", [False, True])
    def test_a_folder_without_the_right_to_write_is_told(self, path: Path, there: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            if there:
                (home / "triage.db").write_bytes(path.read_bytes())
                (home / "triage.db").chmod(0o444)
            home.chmod(0o555)
            nobody = OPEN.replace("asyncio.run", "import os\nos.geteuid() or os.setuid(65534)\nasyncio.run")
            done = run(nobody, str(home / "triage.db"))
            assert "rights" in done.stdout or "right to write" in done.stdout
            assert "Traceback" not in done.stdout + done.stderr
            assert sorted(one.name for one in home.iterdir()) == (["triage.db"] if there else [])

    async def test_a_folder_without_file_locks_is_told(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_locks(handle: int, kind: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr("fcntl.flock", no_locks)
        await self.refused(path, "local disk")

    async def test_an_emptied_database_is_not_taken_for_a_new_one(self, tmp_path: Path) -> None:
        path = tmp_path / "triage.db"
        path.touch()
        await self.refused(path, "triage backup restore")
        assert path.read_bytes() == b""


OPEN = """
import asyncio, sys
from pathlib import Path
from triage.model.errors import TriageError
from triage.store.database import Database
async def main():
    try:
        await (await Database.open(f"sqlite:///{sys.argv[1]}")).close()
        print("opened")
    except TriageError as error:
        print(error)
asyncio.run(main())
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=root)


FILL_THE_DISK = """
import asyncio, resource, signal, sys
from triage.model.errors import TriageError
from triage.store import mirror
from triage.store.database import Database
from tests.store.samples import NOW, ticket
async def main():
    database = await Database.open(f"sqlite:///{sys.argv[1]}")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    kept = 0
    try:
        while True:
            text = "x" * 5000
            await database.write(lambda s: mirror.save_tickets(s, [ticket(str(kept), subject=text)], NOW))
            kept += 1
    except TriageError as error:
        print(error)
    print(kept, await database.read(mirror.count_tickets))
    await database.close()
asyncio.run(main())
"""


async def test_a_full_disk_is_one_line_and_costs_only_the_write_it_stopped(path: Path) -> None:
    done = run(FILL_THE_DISK, str(path))
    told, numbers = done.stdout.splitlines()
    kept, there = map(int, numbers.split())
    assert "disk" in told
    assert kept == there > 10
    database = await Database.open(url(path))
    assert await count(database) == kept
    await database.write(save("after"))
    assert await database.check() == ()
    await database.close()


async def test_a_backup_holds_everything_and_takes_nobodys_place(database: Database, tmp_path: Path) -> None:
    await database.write(save("1"))
    copy = tmp_path / "backups" / "one.db"
    await database.backup(copy)
    assert damage(copy, thorough=True) == ()
    opened = await Database.open(url(copy))
    assert await count(opened) == 1
    await opened.close()
    before = copy.read_bytes()
    with pytest.raises(Invalid, match="there is a file already"):
        await database.backup(copy)
    assert copy.read_bytes() == before


async def test_after_an_unclean_end_the_database_is_looked_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []

    def look(path: Path) -> tuple[str, ...]:
        looked.append(path)
        return damage(path)

    monkeypatch.setattr(sqlite_database, "damage", look)
    await (await Database.open(url(path))).close()
    assert looked == []
    crash = OPEN.replace(".close()", ".write(lambda session: __import__('os')._exit(9))")
    with pytest.raises(subprocess.CalledProcessError):
        run(crash, str(path))
    await (await Database.open(url(path))).close()
    assert looked == [path]
    await (await Database.open(url(path))).close()
    assert looked == [path]


async def test_a_database_found_broken_after_an_unclean_end_is_not_opened(path: Path) -> None:
    path.with_name("triage.db.lock").write_text("in use\n")
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(Invalid, match="broken"):
        await Database.open(url(path))
    assert path.read_bytes() == content


async def test_two_windows_can_have_it_open(path: Path) -> None:
    first, second = await Database.open(url(path)), await Database.open(url(path))
    await asyncio.gather(*(one.write(save(str(n))) for n, one in enumerate([first, second] * 5)))
    assert await count(first) == await count(second) == 10
    await first.close()
    await second.close()


async def test_writes_begin_as_writes(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)

    def contend(session: Session) -> None:
        session.connection().execute(text("SELECT count(*) FROM tickets"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")

    await database.write(contend)
    other.close()
