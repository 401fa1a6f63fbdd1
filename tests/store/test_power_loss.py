"""The power goes at any moment: what was said to be on disk is there, and what is there is whole."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reliability.counting import sized, tell
from tests.store.recorded_disk import Deed, Disk, Survival, build, record
from triage.config.private_file import private_directory
from triage.store.database_copy import damage
from triage.store.note_journal import NoteJournal
from triage.store.sqlite_database import open_file

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None,
    reason="needs Linux and a C compiler to see what is written and synced",
)

CUTS = sized(60, 1_000)
"""In each journal mode."""
PAIRS = sized(14, 120)
SURVIVALS: tuple[Survival, ...] = ("nothing", "everything", "some", "some")

WRITER = """
import asyncio, os, sys
from datetime import timedelta
from pathlib import Path
from tests.store.samples import NOW, operation, ticket
from triage.config.private_file import write_private
from triage.store import backups, engine, mirror, outbox, sqlite_database
from triage.store.database import Database
from triage.store.note_journal import NoteJournal
home, mode, pairs, synchronous = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
sqlite_database.safe_journal = lambda version: mode
engine._PRAGMAS += ("wal_autocheckpoint = 30",)  # often enough to be met
if synchronous:
    engine._PRAGMAS += (f"synchronous = {synchronous}",)
said = os.open(home / "said", os.O_WRONLY)
def say(*words):
    os.write(said, (" ".join(map(str, words)) + "\\n").encode())
async def main():
    journal = NoteJournal(home / "unsent.jsonl")
    database = await Database.open(f"sqlite:///{home / 'triage.db'}")
    for number in range(pairs):
        note = operation(f"{number:09d}", str(number))
        journal.write([note])
        say("note", number)
        def pair(session):
            mirror.save_tickets(session, [ticket(str(number), subject="x" * 3000)], NOW)
            outbox.add_operation(session, note)
        await database.write(pair)
        say("pair", number)
        if number % 5 == 4:
            write_private(home / "config.toml", b"#" * 3000 + b"%d" % number)
            say("config", number)
            backup = await backups.take(database, home / "backups", NOW + timedelta(days=number))
            say("backup", backup.path.name, number)
    await database.close()
asyncio.run(main())
"""


@dataclass
class Said:
    """What the program said was safe, up to a moment."""

    note: int = -1
    pair: int = -1
    config: int = -1
    backups: dict[str, int] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        words = line.split()
        if words[0] == "backup":
            self.backups[words[1]] = int(words[2])
        else:
            setattr(self, words[0], int(words[1]))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorder."""
    return build(tmp_path_factory.mktemp("recorder"))


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_what_was_said_to_be_saved_survives_a_power_loss(
    journal: str, shared: Path, path: Path, tmp_path: Path
) -> None:
    broken = lived(shared, path, tmp_path, journal)
    assert broken == []
    tell("power loss", CUTS)


@pytest.mark.parametrize(
    ("journal", "synchronous"), [("delete", "OFF"), ("delete", "FULL"), ("wal", "OFF"), ("wal", "NORMAL")]
)
def test_with_fewer_syncs_this_would_be_noticed(
    journal: str, synchronous: str, shared: Path, path: Path, tmp_path: Path
) -> None:
    broken = lived(shared, path, tmp_path, journal, synchronous)
    assert any("pairs" in line or "cannot" in line or "damaged" in line for line in broken)


def lived(shared: Path, path: Path, tmp_path: Path, journal: str, synchronous: str = "") -> list[str]:
    """Record a life, lose the power at `CUTS` moments of it; what was wrong the first time anything was."""
    home = tmp_path / "home"
    private_directory(home)
    path.rename(home / "triage.db")
    (home / "said").touch()
    disk, said = Disk.of(home), Said()
    words = (str(home), journal, str(PAIRS), synchronous)
    deeds = record(shared, home, tmp_path / "deeds", WRITER, *words)
    assert len(deeds) > 10 * PAIRS
    rng = random.Random(f"{journal} {synchronous}")
    done = 0
    for cut, moment in enumerate(sorted(rng.choices(range(len(deeds)), k=CUTS))):
        for deed in deeds[done:moment]:
            _go_by(deed, disk, said)
        done = moment
        survival = SURVIVALS[cut % len(SURVIVALS)]
        remains = tmp_path / "remains"
        _lay_out(disk.after_power_loss(survival, rng), home, remains)
        if broken := _judge(remains, said):
            return [f"{survival} of deed {moment}: {line}" for line in broken]
        shutil.rmtree(remains)
    return []


def _go_by(deed: Deed, disk: Disk, said: Said) -> None:
    if deed.path.endswith("/said"):
        said.hear(deed.data.decode())
    else:
        disk.do(deed)


def _lay_out(files: dict[str, bytes], home: Path, remains: Path) -> None:
    private_directory(remains)
    for name, data in files.items():
        target = remains / Path(name).relative_to(home)
        private_directory(target.parent)
        if not target.name.endswith("-shm"):  # shared memory; it means nothing after a start
            target.write_bytes(data)


def _judge(remains: Path, said: Said) -> list[str]:
    path = remains / "triage.db"
    try:
        open_file(path).close()
    except Exception as trouble:
        return [f"cannot be opened: {trouble}"]
    broken = [f"damaged: {line}" for line in damage(path, thorough=True)]
    tickets, operations = _counted(path)
    if tickets != operations or tickets not in (said.pair + 1, said.pair + 2):
        broken.append(f"pairs: {said.pair + 1} said, {tickets} tickets and {operations} notes there")
    if (held := len(NoteJournal(remains / "unsent.jsonl").unsent())) < said.note + 1:
        broken.append(f"journal: {said.note + 1} said, {held} there")
    if said.config >= 0 or (remains / "config.toml").exists():
        text = (remains / "config.toml").read_text() if (remains / "config.toml").exists() else ""
        whole = re.fullmatch(r"#{3000}(\d+)", text)
        if whole is None or int(whole[1]) < said.config:
            broken.append(f"config: {said.config} said, {text[-10:]!r} there")
    return broken + _judge_backups(remains / "backups", said)


def _judge_backups(folder: Path, said: Said) -> list[str]:
    latest = sorted(said.backups)[-6:]  # the seventh may be on its way out
    broken = [f"backup {name} is gone" for name in latest if not (folder / name).exists()]
    for name in latest[-2:]:
        if (folder / name).exists():
            broken += [f"backup {name}: {line}" for line in damage(folder / name, thorough=True)]
            if (rows := _counted(folder / name)[0]) != said.backups[name] + 1:
                broken.append(f"backup {name} has {rows} tickets")
    return broken


def _counted(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as database:
        counts = [database.execute(f"SELECT count(*) FROM {one}").fetchone()[0]
                  for one in ("tickets", "operations")]  # fmt: skip
    return counts[0], counts[1]
