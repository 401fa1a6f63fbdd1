"""Programs side by side on one database wait for each other, and nobody is told that it is locked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.counting import sized, tell
from triage.store import mirror, outbox
from triage.store.database import Database
from triage.store.database_copy import damage

PROGRAMS = 8
WRITES = sized(50, 500)

WRITER = """
import asyncio, sys
from tests.store.samples import NOW, operation, ticket
from triage.store import mirror, outbox, sqlite_database
from triage.store.database import Database
path, journal, program, writes = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
sqlite_database.safe_journal = lambda version: journal
async def main():
    database = await Database.open(f"sqlite:///{path}")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(writes):
        def work(session):
            # Read first, as real work does: a transaction that began as a read could not wait.
            count = mirror.count_tickets(session)
            mirror.save_tickets(session, [ticket(f"{program}-{number}", subject=str(count))], NOW)
            outbox.add_operation(session, operation(f"{program}-{number:04d}", f"{program}-{number}"))
        await database.write(work)
    await database.close()
asyncio.run(main())
"""


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_every_transaction_of_eight_programs_is_there_and_none_was_turned_away(
    path: Path, journal: str
) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), journal, str(number), str(WRITES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(PROGRAMS)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    told = [program.communicate(timeout=600)[1] for program in programs]
    assert told == [""] * PROGRAMS
    database = await Database.open(f"sqlite:///{path}")
    assert await database.read(mirror.count_tickets) == PROGRAMS * WRITES
    held = await database.read(outbox.list_operations)
    assert len(held) == PROGRAMS * WRITES
    # One after the other: each saw every ticket before it.
    items = await database.read(lambda session: mirror.load_many(session, [one.ticket_id for one in held]))
    seen = sorted(int(one.ticket.subject) for one in items.values())
    assert seen == list(range(PROGRAMS * WRITES))
    await database.close()
    assert damage(path, thorough=True) == ()
    tell("locking", PROGRAMS * WRITES)
