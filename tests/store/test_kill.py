"""A killed process loses nothing it said was saved."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from triage.store import mirror, outbox
from triage.store.database import Database
from triage.store.database_copy import damage

WRITER = """
import asyncio, sys
from tests.store.samples import NOW, operation, ticket
from triage.store import mirror, outbox, sqlite_database
from triage.store.database import Database
sqlite_database.safe_journal = lambda version: sys.argv[2]
async def main():
    database = await Database.open(f"sqlite:///{sys.argv[1]}")
    number = int(sys.argv[3])
    while True:
        def pair(session):
            mirror.save_tickets(session, [ticket(str(number), subject="x" * 3000)], NOW)
            outbox.add_operation(session, operation(f"{number:09d}", str(number)))
        await database.write(pair)
        print(number, flush=True)
        number += 1
asyncio.run(main())
"""


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_what_was_acknowledged_before_a_kill_is_there_and_nothing_is_half_there(
    path: Path, journal: str
) -> None:
    chance = random.Random(journal)
    acknowledged = -1
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(path), journal, str(acknowledged + 1)]
        root = Path(__file__).parents[2]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(5, 25)):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().split("\n")
            acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
        database = await Database.open(f"sqlite:///{path}")
        tickets = await database.read(mirror.count_tickets)
        operations = await database.read(outbox.list_operations)
        await database.close()
        assert tickets == len(operations)
        assert tickets in (acknowledged + 1, acknowledged + 2)
        assert damage(path, thorough=True) == ()
        acknowledged = tickets - 1
