"""Backups: verified, seven of them, whole under load, and put back without losing what they replace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.counting import sized, tell
from tests.store.samples import NOW, operation, ticket
from triage.model.errors import Invalid, NotFound, Stopped
from triage.model.operation import Operation
from triage.store import backups, mirror, outbox
from triage.store.database import Database
from triage.store.database_copy import damage
from triage.sync import outbox as sync_outbox

ROOT = Path(__file__).parents[2]


async def fill(path: Path, *ids: str) -> None:
    database = await Database.open(f"sqlite:///{path}")
    await database.write(lambda session: mirror.save_tickets(session, [ticket(one) for one in ids], NOW))
    await database.close()


async def ids_in(path: Path) -> int:
    database = await Database.open(f"sqlite:///{path}")
    try:
        return await database.read(mirror.count_tickets)
    finally:
        await database.close()


async def test_the_seven_latest_stay(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [await backups.take(database, folder, NOW + timedelta(days=day)) for day in range(9)]
    assert backups.taken(folder) == tuple(reversed(made[2:]))
    assert all(one.path.stat().st_mode & 0o777 == 0o600 for one in made[2:])


async def test_the_one_just_taken_stays_when_the_clock_was_set_back(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    for day in range(1, 9):
        await backups.take(database, folder, NOW + timedelta(days=day))
    made = await backups.take(database, folder, NOW)
    assert made in backups.taken(folder)
    assert len(backups.taken(folder)) == backups.KEEP


async def test_what_may_have_been_sent_since_the_backup_waits_for_a_person(
    path: Path, tmp_path: Path
) -> None:
    database = await Database.open(f"sqlite:///{path}")
    fresh = replace(operation("waits"), state="pending", confirmed_at=NOW, public_confirmed_with="K-1")
    waiting = replace(fresh, steps=tuple(replace(one, attempts=0, state="pending") for one in fresh.steps))
    begun = [begun_as(state) for state in ("pending", "sending", "unknown", "conflict", "rejected", "parked")]
    landed = begun_as("landed")
    done = [replace(begun_as(state), id=state) for state in ("verified", "dropped")]
    for one in (waiting, landed, *begun, *done):
        await database.write(lambda session, one=one: outbox.add_operation(session, one))
    backup = await backups.take(database, tmp_path / "backups", NOW)
    await database.close()
    backups.restore(path, backup.path, NOW)
    database = await Database.open(f"sqlite:///{path}")
    held = {one.id: one for one in await database.read(outbox.list_operations)}
    await database.close()
    assert (held["waits"].state, held["waits"].confirmed_at) == ("proposed", None)
    assert held["waits"].public_confirmed_with == ""
    assert "look at the ticket" in held["waits"].problem
    for one in begun:
        assert held[one.id].state == "parked"
        assert "had begun to be sent" in held[one.id].problem
        again = sync_outbox.retry(held[one.id], NOW)
        assert (again.state, again.steps[0].state) == ("unknown", "unknown"), "looked for before it is sent"
    assert (held["landed"].state, held["landed"].steps[0].state) == ("parked", "landed")
    assert sync_outbox.retry(held["landed"], NOW).state == "landed"
    assert not {"verified", "dropped"} & set(held)


def begun_as(state: Any) -> Operation:
    """A write whose first request was made, as it stands in ``state``."""
    made = operation(state)
    first = replace(made.steps[0], attempts=1, state=state)
    return replace(made, id=state, state=state, confirmed_at=NOW, steps=(replace(first, key=f"{state}/1"),))


@pytest.mark.parametrize(("age", "due"), [(0, False), (23, False), (24, True), (-1, True)])
async def test_one_a_day_is_due_and_a_clock_set_back_makes_one_due(
    database: Database, tmp_path: Path, age: int, due: bool
) -> None:
    assert backups.due(tmp_path / "backups", NOW)
    await backups.take(database, tmp_path / "backups", NOW)
    assert backups.due(tmp_path / "backups", NOW + timedelta(hours=age)) is due


async def test_what_a_backup_replaces_is_set_aside_with_its_journals(path: Path, tmp_path: Path) -> None:
    await fill(path, "1")
    database = await Database.open(f"sqlite:///{path}")
    backup = await backups.take(database, tmp_path / "backups", NOW)
    await database.close()
    await fill(path, "2")
    path.with_name(f"{path.name}-journal").write_bytes(b"of the old one")
    aside = backups.restore(path, backup.path, NOW).aside
    assert aside is not None
    assert await ids_in(path) == 1
    assert not path.with_name(f"{path.name}-journal").exists()
    assert aside.with_name(f"{aside.name}-journal").read_bytes() == b"of the old one"
    aside.with_name(f"{aside.name}-journal").unlink()
    assert await ids_in(aside) == 2


async def test_a_broken_database_is_replaced_and_kept(path: Path, tmp_path: Path) -> None:
    await fill(path, "1")
    database = await Database.open(f"sqlite:///{path}")
    backup = await backups.take(database, tmp_path / "backups", NOW)
    await database.close()
    path.write_bytes(b"")
    aside = backups.restore(path, backup.path, NOW).aside
    assert aside is not None
    assert aside.read_bytes() == b""
    assert await ids_in(path) == 1
    assert damage(path, thorough=True) == ()


async def test_a_backup_that_is_not_sound_replaces_nothing(path: Path, tmp_path: Path) -> None:
    await fill(path, *map(str, range(300)))
    before = path.read_bytes()
    torn = tmp_path / "triage-20260101T000000Z.db"
    torn.write_bytes(before[: len(before) // 2])
    with pytest.raises(Invalid, match="not sound"):
        backups.restore(path, torn, NOW)
    torn.write_text("notes")
    with pytest.raises(Invalid, match="not a backup"):
        backups.restore(path, torn, NOW)
    assert path.read_bytes() == before


async def test_nothing_is_put_back_under_an_open_database(
    database: Database, path: Path, tmp_path: Path
) -> None:
    backup = await backups.take(database, tmp_path / "backups", NOW)
    with pytest.raises(Stopped, match="cannot be put back while another Triage has the database open"):
        backups.restore(path, backup.path, NOW)


async def test_a_backup_is_chosen_by_its_name(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    older = await backups.take(database, folder, NOW)
    latest = await backups.take(database, folder, NOW + timedelta(days=1))
    assert backups.chosen(folder, "") == latest
    assert backups.chosen(folder, older.path.name) == older
    with pytest.raises(NotFound, match="triage backup list"):
        backups.chosen(folder, "triage-1.db")


WRITER = """
import asyncio, sys
from tests.store.samples import NOW, operation, ticket
from triage.store import mirror, outbox
from triage.store.database import Database
async def main():
    database = await Database.open(f"sqlite:///{sys.argv[1]}")
    for number in range(1_000_000):
        def pair(session):
            mirror.save_tickets(session, [ticket(str(number))], NOW)
            outbox.add_operation(session, operation(f"{number:09d}", str(number)))
        await database.write(pair)
        print(number, flush=True)
asyncio.run(main())
"""


async def test_a_backup_under_load_holds_all_that_was_acknowledged_before(
    database: Database, path: Path, tmp_path: Path
) -> None:
    count, rows = sized(6, 200), 0
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        os.set_blocking(writer.stdout.fileno(), True)
        for number in range(count):
            acknowledged = int(writer.stdout.readline())
            backup = await backups.take(database, tmp_path / "backups", NOW + timedelta(seconds=number))
            with closing(sqlite3.connect(backup.path)) as copy:
                tickets = copy.execute("SELECT count(*) FROM tickets").fetchone()[0]
                operations = copy.execute("SELECT count(*) FROM operations").fetchone()[0]
            assert tickets == operations > acknowledged
            assert damage(backup.path, thorough=True) == ()
            rows = tickets
        writer.kill()
    tell("backups", count, rows=rows)


def test_the_name_of_a_backup_is_its_time(tmp_path: Path) -> None:
    for name in ("triage-20260302T090000Z.db", "triage-x.db", "other.db"):
        (tmp_path / name).touch()
    [found] = backups.taken(tmp_path)
    assert found.at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def test_the_outbox_is_in_the_backup(database: Database, tmp_path: Path) -> None:
    await database.write(lambda session: outbox.add_operation(session, operation("op")))
    backup = await backups.take(database, tmp_path / "backups", NOW)
    copy = await Database.open(f"sqlite:///{backup.path}")
    assert [one.id for one in await copy.read(outbox.list_operations)] == ["op"]
    await copy.close()
