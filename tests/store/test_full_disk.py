"""A disk with too little left: one line says so, nothing is damaged, and with space it goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.reliability.counting import sized, tell
from tests.store.samples import NOW, operation, ticket
from triage.config.private_file import write_private
from triage.docket.evidence import EvidenceFiles
from triage.model.errors import TriageError
from triage.store import backups, mirror, outbox
from triage.store.database import Database
from triage.store.database_copy import damage
from triage.store.note_journal import NoteJournal

LEVELS = sized(6, 200)
DISK_KB = 4096
LARGEST_REST_KB = 640
"""More than the largest of the works needs."""

Work = Callable[[int], Awaitable[None]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k,mode=0700", "tmpfs", str(place)]
    able = sys.platform.startswith("linux") and shutil.which("mount") is not None
    if not able or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a disk in memory")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


class Household:
    """What Triage keeps, and works that write to it."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        self.database = database
        self.journal = NoteJournal(home / "unsent.jsonl")
        self.evidence = EvidenceFiles(home / "evidence")
        self.config = b""
        self.notes = 0
        self.tickets = 0
        self.works: dict[str, Work] = {
            "sync": self.sync, "note": self.note, "evidence": self.keep, "backup": self.backup,
            "config": self.save,
        }  # fmt: skip

    async def sync(self, number: int) -> None:
        page = [ticket(f"{number}-{one}", subject="x" * 2000) for one in range(60)]
        await self.database.write(lambda session: mirror.save_tickets(session, page, NOW))
        self.tickets += len(page)

    async def note(self, number: int) -> None:
        note = operation(f"{number:06d}", "1")
        self.journal.write([note])
        await self.database.write(lambda session: outbox.add_operation(session, note))
        self.notes += 1

    async def keep(self, number: int) -> None:
        kept = self.evidence.put(b"%d " % number + os.urandom(100_000))
        assert len(self.evidence.get(kept)) > 100_000

    async def backup(self, number: int) -> None:
        made = await backups.take(self.database, self.home / "backups", NOW + timedelta(days=number))
        assert damage(made.path, thorough=True) == ()

    async def save(self, number: int) -> None:
        text = b"#" * 30_000 + b"%d" % number
        write_private(self.home / "config.toml", text)
        self.config = text

    async def judge(self) -> None:
        """Everything that was said to be there is, and nothing is broken."""
        assert damage(self.home / "triage.db", thorough=True) == ()
        assert await self.database.read(mirror.count_tickets) == self.tickets
        held = await self.database.read(outbox.list_operations)
        assert len(held) == self.notes
        assert {one.id for one in held} <= set(self.journal.unsent())
        assert (self.home / "config.toml").read_bytes() == self.config
        for one in backups.taken(self.home / "backups"):
            assert damage(one.path) == ()

    async def tidy(self) -> None:
        """As small as at the beginning."""
        shutil.rmtree(self.home / "evidence", ignore_errors=True)
        shutil.rmtree(self.home / "backups", ignore_errors=True)
        await self.database.write(_empty)
        self.tickets = 0


def _empty(session: Session) -> None:
    session.connection().exec_driver_sql("DELETE FROM tickets")


def _fill(place: Path, rest_kb: int) -> Path:
    ballast = place / "ballast"
    free = shutil.disk_usage(place).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - rest_kb * 1024))
    return ballast


async def test_a_full_disk_is_told_damages_nothing_and_is_got_over(disk: Path, path: Path) -> None:
    shutil.copy(path, disk / "triage.db")
    database = await Database.open(f"sqlite:///{disk / 'triage.db'}")
    house, told, done = Household(disk, database), 0, 0
    await house.save(0)
    for level in range(1, LEVELS + 1):
        rest_kb = (level - 1) * LARGEST_REST_KB // LEVELS
        for place, (name, work) in enumerate(house.works.items()):
            number = level * 10 + place
            ballast = _fill(disk, rest_kb)
            try:
                await asyncio.wait_for(work(number), 30)
            except TriageError as trouble:
                told += 1
                line = str(trouble)
                assert "\n" not in line, name
                assert "space" in line or "disk" in line, (name, line)
            else:
                done += 1
            await house.judge()
            ballast.unlink()
            await work(number + 5)
            await house.judge()
        await house.tidy()
    assert told >= LEVELS
    assert done >= LEVELS // 2
    await database.close()
    tell("full disk", told + done, refused=told)
