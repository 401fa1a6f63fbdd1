"""A migration that dies at any statement, file operation or moment leaves the old one or the new one."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.reliability.counting import FULL, sized, tell
from tests.store.samples import NOW, ticket
from tests.store.test_migration import NEXT, NEXT_NUMBER
from triage.store import mirror
from triage.store.database import Database

EVERY = sized(20, 1)
"""One point in so many; each run of the default size takes other ones by the process' id."""
MOMENTS = sized(3, 100)

# Each life is a fork, in which everything is imported already. The statements are those of every connection,
# the file operations what Python tells its auditors.
KILLER = (
    f"NEXT_NUMBER = {NEXT_NUMBER}"
    + """
import os, random, shutil, signal, sqlite3, sys, time, json
from pathlib import Path
import alembic.command, sqlalchemy
from triage.store import database_file, migration, sqlite_database, first_page
for module in (database_file, migration, sqlite_database):
    module.SCHEMA_NUMBER = NEXT_NUMBER
run = migration.run_scripts
original, further, every, moments = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
migration.run_scripts = lambda connection: run(connection, further=[further])
left = None
EVENTS = {"os.rename", "os.link", "os.remove", "os.chmod", "open", "sqlite3.connect"}
def step():
    global left
    if left is not None:
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
class Told(sqlite3.Connection):
    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.set_trace_callback(lambda statement: step())
connect = sqlite3.connect
sqlite3.connect = lambda *args, **more: connect(*args, **{"factory": Told, **more})
sqlite3.dbapi2.connect = sqlite3.connect
sys.addaudithook(lambda event, args: step() if event in EVENTS and "folder" in str(args) else None)
folder = original.with_name("folder")
def live(points, seconds=None):
    global left
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    path = shutil.copy(original, folder / "triage.db")
    life = os.fork()
    if not life:
        left = points
        try:
            sqlite_database.open_file(Path(path)).close()
        except BaseException:
            import traceback; traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(life, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(life, 0)[1])
def state():
    with connect(folder / "triage.db") as plain:
        names = sorted(row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
        version = plain.execute("PRAGMA user_version").fetchone()[0]
        rows = [row[:4] for row in plain.execute("SELECT id, key, subject, status FROM tickets ORDER BY id")]
        sound = plain.execute("PRAGMA integrity_check").fetchone()[0]
    plain.close()
    return [version, names, rows, sound]
begun = time.monotonic()
assert live(None) == 0
took = time.monotonic() - begun
def tell(point, ended):
    killed = state()
    print(json.dumps([point, ended, killed, live_on(), state()]), flush=True)
def live_on():
    life = os.fork()
    if not life:
        try:
            sqlite_database.open_file(folder / "triage.db").close()
        except BaseException:
            import traceback; traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(life, 0)[1])
point, ended = os.getpid() % every, -9
while ended == -9:
    ended = live(point)
    tell(point, ended)
    point += every
chance = random.Random(os.getpid())
for _ in range(moments):
    seconds = chance.uniform(0, took)
    tell(f"{seconds:.3f} s", live(None, seconds))
"""
)


@pytest.fixture
async def filled(path: Path) -> Path:
    database = await Database.open(f"sqlite:///{path}")
    tickets = [ticket(str(number)) for number in range(50)]
    await database.write(lambda session: mirror.save_tickets(session, tickets, NOW))
    await database.close()
    return path


def test_killed_anywhere_it_is_the_old_or_the_new_and_the_next_start_ends_it(
    filled: Path, tmp_path: Path
) -> None:
    further = tmp_path / "further"
    further.mkdir()
    (further / "next_more.py").write_text(NEXT)
    old = _state(filled)
    command = [sys.executable, "-c", KILLER, str(filled), str(further), str(EVERY), str(MOMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    assert done.stderr == ""
    lives = [json.loads(line) for line in done.stdout.splitlines()]
    for point, _, killed, ended, after in lives:
        (version, names, rows, sound), new = killed, after
        assert sound == "ok", point
        assert rows == old[2], point
        assert [version, names] in (old[:2], new[:2]), point
        assert ended == 0, point
        assert new[0] == NEXT_NUMBER, point
        assert "more" in new[1], point
        assert "numbers" not in new[1], point
        assert new[2:] == [old[2], "ok"], point
    assert [one for one in lives if one[2][0] == NEXT_NUMBER - 1]
    if FULL:
        assert [one for one in lives if one[2][0] == NEXT_NUMBER and one[1] == -9]
    kills = sum(one[1] == -9 for one in lives)
    assert kills > 60 // EVERY
    tell("migration", kills)


def _state(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as plain:
        tables = plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = plain.execute("SELECT id, key, subject, status FROM tickets ORDER BY id").fetchall()
    return [NEXT_NUMBER - 1, sorted(row[0] for row in tables), [list(row) for row in rows]]
