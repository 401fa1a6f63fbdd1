"""A restore that is killed at any moment: the old database or the new one, whole, and a word about it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.counting import tell
from tests.reliability.records import ROOT
from tests.store.samples import NOW, ticket
from triage.model.errors import Invalid, Stopped
from triage.store import backups, file_lock, mirror, restoring
from triage.store.database import Database
from triage.store.database_file import restoring_plan
from triage.store.file_lock import FileLock
from triage.store.first_page import first_page

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.store.samples import NOW
from triage.store import backups
dies_at, database, backup = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
import triage.store.migration
passed = 0
def watch(event, args):
    global passed
    if event in ("open", "os.rename", "os.link", "os.remove", "os.chmod", "sqlite3.connect", "fcntl.flock"):
        if event == "open" and str(database.parent) not in str(args[0]):
            return
        if passed == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1
sys.addaudithook(watch)
backups.restore(database, backup, NOW)
"""
"""A restore that SIGKILLs itself before the n-th thing it does to a file."""

FORKING = """
import os, sys
code = compile(sys.stdin.read(), "killed", "exec")
import triage.store.backups, triage.store.migration, tests.store.samples
point = 0
while True:
    child = os.fork()
    if child == 0:
        sys.argv = ["killed", str(point), f"{sys.argv[1]}/{point}/triage.db", sys.argv[2]]
        exec(code, {"__name__": "killed"})
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    point += 1
print(point)
"""

LEFT_OPEN = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(f"PRAGMA journal_mode = {sys.argv[2]}")
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN")
for _ in range(3):
    connection.execute("UPDATE tickets SET subject = hex(randomblob(3000))")
if sys.argv[2] == "wal":
    connection.execute("COMMIT")
os.kill(os.getpid(), signal.SIGKILL)
"""
"""Ends with a journal beside the database: of a write that counts (wal), or of one that does not."""


async def filled(path: Path, count: int) -> None:
    database = await Database.open(f"sqlite:///{path}")
    rows = [ticket(str(number)) for number in range(count)]
    await database.write(lambda session: mirror.save_tickets(session, rows, NOW))
    await database.close()


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A backup with 40 tickets."""
    await filled(tmp_path / "made" / "triage.db", 40)
    database = await Database.open(f"sqlite:///{tmp_path / 'made' / 'triage.db'}")
    made = await backups.take(database, tmp_path / "backups", NOW)
    await database.close()
    return made.path


def left_open(path: Path, mode: str) -> None:
    """A process dies with the database open."""
    done = subprocess.run([sys.executable, "-c", LEFT_OPEN, str(path), mode], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name(f"{path.name}-{'wal' if mode == 'wal' else 'journal'}").stat().st_size > 10_000


def rows_of(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return connection.execute("SELECT id, subject FROM tickets ORDER BY id").fetchall()


@pytest.mark.parametrize("mode", ["wal", "delete"])
async def test_killed_at_any_step_there_is_the_old_database_or_the_new_one(
    tmp_path: Path, backup: Path, mode: str
) -> None:
    template = tmp_path / "template"
    await filled(template / "triage.db", 300)
    left_open(template / "triage.db", mode)
    shutil.copytree(template, tmp_path / "looked-at")
    old, new = rows_of(tmp_path / "looked-at" / "triage.db"), rows_of(backup)
    assert len({len(subject) for _, subject in old}) == 1
    assert (len(old[0][1]) > 5_000) is (mode == "wal")
    worlds = tmp_path / "worlds"
    for point in range(120):
        shutil.copytree(template, worlds / str(point))
    done = subprocess.run(
        [sys.executable, "-c", FORKING, str(worlds), str(backup)],
        cwd=ROOT, input=KILLED, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    points = int(done.stdout)
    assert 30 < points < 120
    seen: set[tuple[bool, str]] = set()
    for point in range(points + 1):
        path = worlds / str(point) / "triage.db"
        assert path.exists(), f"no database after a kill before step {point}"
        if restoring_plan(path).exists():
            assert first_page(path, now=NOW) is None
        database = await Database.open(f"sqlite:///{path}")
        told = database.told
        await database.close()
        there = rows_of(path)
        assert there in (old, new), f"neither the old nor the new one after a kill before step {point}"
        seen.add((there == new, told.split(":")[0]))
        asides = list(path.parent.glob("*set-aside*Z"))
        assert [rows_of(one) for one in asides] == ([old] if there == new else [])
        leftovers = {one.name for one in path.parent.iterdir()} - {one.name for one in asides}
        assert leftovers <= {"triage.db", "triage.db.lock"}
        reopened = await Database.open(f"sqlite:///{path}")
        assert reopened.told == "", "it is said once"
        await reopened.close()
    assert seen == {
        (False, ""),
        (False, "a restore was broken off before it changed anything"),
        (True, "a restore that was broken off is finished"),
        (True, ""),
    }
    tell("restores killed", points)


async def test_where_a_file_cannot_have_two_names_it_is_copied(
    tmp_path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "triage.db"
    await filled(path, 3)

    monkeypatch.setattr(os, "link", refuse)
    aside = backups.restore(path, backup, NOW).aside
    assert aside is not None
    assert (len(rows_of(aside)), len(rows_of(path))) == (3, 40)


async def test_such_a_copy_is_on_disk_before_the_new_database_takes_the_name(
    tmp_path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "triage.db"
    await filled(path, 3)
    done: list[str] = []
    fsync, replaced = os.fsync, Path.replace

    def synced(handle: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        fsync(handle)

    def renamed(one: Path, target: Path) -> Path:
        done.append(f"rename {one.name}")
        return replaced(one, target)

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    aside = backups.restore(path, backup, NOW).aside
    assert aside is not None
    order = [done.index(f"{what} {aside.name}.half") for what in ("sync", "rename")]
    assert order == sorted(order)
    assert order[1] < done.index("rename triage.db.restored")


def refuse(*_: object) -> None:
    raise PermissionError


async def test_two_restores_in_one_second_set_two_databases_aside(tmp_path: Path, backup: Path) -> None:
    path = tmp_path / "triage.db"
    await filled(path, 3)
    first, second = (backups.restore(path, backup, NOW).aside for _ in range(2))
    assert first is not None
    assert second is not None
    assert (len(rows_of(first)), len(rows_of(second))) == (3, 40)


async def test_a_restore_that_fails_leaves_nothing_and_changes_nothing(
    tmp_path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "triage.db"
    await filled(path, 3)
    path.with_name("triage.db.lock").write_text("in use\n")

    def broken(*_: object) -> None:
        raise Invalid("the disk is full")

    monkeypatch.setattr(backups, "_hold_back", broken)
    with pytest.raises(Invalid, match="full"):
        backups.restore(path, backup, NOW)
    assert path.with_name("triage.db.lock").read_text() == "in use\n", "it is looked over when it is opened"
    assert {one.name for one in path.parent.glob("triage.db*")} <= {"triage.db", "triage.db.lock"}
    assert len(rows_of(path)) == 3


ASIDE = "triage.db.set-aside-20260310T030000Z"
FOREIGN = (
    "../elsewhere", "", "triage.db", "triage.db.restored", "triage.db.set-aside-", 2,
    f"other-{ASIDE}", f"{ASIDE}/../x", f"{ASIDE}\0",
)  # fmt: skip
"""What a restore never sets a database aside as."""
PLANS = [
    *("", "{}", "[]", json.dumps({"backup": 1, "aside": ASIDE})),
    *(json.dumps({"backup": "b", "aside": aside}) for aside in FOREIGN),
]


@pytest.mark.parametrize("plan", PLANS)
async def test_a_plan_that_cannot_be_followed_is_refused_and_nothing_moves(
    tmp_path: Path, backup: Path, plan: str
) -> None:
    path = tmp_path / "home" / "triage.db"
    await filled(path, 3)
    shutil.copy(path, restoring.fresh_beside(path))
    restoring_plan(path).write_text(plan)
    there = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid, match=r"plan.*Remove it, then restore again") as told:
        await Database.open(f"sqlite:///{path}")
    assert "\n" not in str(told.value)
    assert len(rows_of(path)) == 3
    assert sorted(tmp_path.rglob("*")) == there
    restoring_plan(path).unlink()
    assert backups.restore(path, backup, NOW).aside is not None
    assert len(rows_of(path)) == 40


async def test_behind_a_restore_that_ends_with_another_file_in_place_opening_ends_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, holder = tmp_path / "triage.db", FileLock(tmp_path / "triage.db")
    await filled(path, 3)
    assert holder.take()
    fresh = restoring.fresh_beside(path)
    fresh.touch()
    taken = FileLock.take

    def waited(lock: FileLock) -> bool:
        fresh.unlink()
        path.write_bytes(b"somebody's notes")
        holder.share()
        return taken(lock)

    monkeypatch.setattr(FileLock, "take", waited)
    with pytest.raises(Invalid, match="not a Triage database"):
        await Database.open(f"sqlite:///{path}")
    assert path.read_bytes() == b"somebody's notes"
    holder.give_back(clean=False)


async def test_behind_a_stopped_process_opening_ends_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE_S", 0.1)
    path = tmp_path / "triage.db"
    await filled(path, 3)
    holder = FileLock(path)
    assert holder.take()
    with pytest.raises(Stopped, match="changing this database"):
        await Database.open(f"sqlite:///{path}")
    holder.give_back(clean=True)
    await filled(path, 4)
