from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from tests.store.samples import NOW
from triage.store import lease

TTL = timedelta(seconds=30)
LATER = NOW + timedelta(seconds=31)


def test_one_holder_at_a_time(session: Session) -> None:
    mine = lease.acquire(session, "outbox", "a", TTL, NOW)
    assert mine is not None
    assert lease.acquire(session, "outbox", "b", TTL, NOW) is None
    assert lease.acquire(session, "run:1", "b", TTL, NOW) is not None
    assert lease.holder(session, "outbox", NOW) == mine


def test_asking_again_prolongs_ones_own(session: Session) -> None:
    mine = lease.acquire(session, "outbox", "a", TTL, NOW)
    again = lease.acquire(session, "outbox", "a", TTL, NOW + timedelta(seconds=10))
    assert mine is not None
    assert again is not None
    assert again.fence == mine.fence
    assert again.expires_at == NOW + timedelta(seconds=40)


def test_a_dead_holder_blocks_nobody_for_long_and_knows_it_is_out(session: Session) -> None:
    old = lease.acquire(session, "outbox", "a", TTL, NOW)
    new = lease.acquire(session, "outbox", "b", TTL, LATER)
    assert old is not None
    assert new is not None
    assert new.fence > old.fence
    assert not lease.holds(session, old, LATER)
    assert lease.renew(session, old, TTL, LATER) is None
    lease.release(session, old, LATER)
    assert lease.holds(session, new, LATER)


def test_a_holder_that_slept_past_its_end_gets_another_fence(session: Session) -> None:
    old = lease.acquire(session, "outbox", "a", TTL, NOW)
    new = lease.acquire(session, "outbox", "a", TTL, LATER)
    assert old is not None
    assert new is not None
    assert new.fence > old.fence
    assert not lease.holds(session, old, LATER)


def test_a_lease_ends_at_its_time(session: Session) -> None:
    mine = lease.acquire(session, "outbox", "a", TTL, NOW)
    assert mine is not None
    assert lease.holds(session, mine, NOW + TTL - timedelta(microseconds=1))
    assert not lease.holds(session, mine, NOW + TTL)
    renewed = lease.renew(session, mine, TTL, NOW + timedelta(seconds=20))
    assert renewed is not None
    assert lease.holds(session, renewed, NOW + TTL)


def test_giving_it_back_lets_the_next_in_with_a_higher_fence(session: Session) -> None:
    mine = lease.acquire(session, "outbox", "a", TTL, NOW)
    assert mine is not None
    lease.release(session, mine, NOW)
    theirs = lease.acquire(session, "outbox", "b", TTL, NOW)
    assert theirs is not None
    assert theirs.fence > mine.fence


CONTENDER = """
import asyncio, sys
from datetime import timedelta
from tests.store.samples import NOW
from triage.store import lease
from triage.store.database import Database
async def main():
    database = await Database.open(f"sqlite:///{sys.argv[1]}")
    sys.stdin.readline()
    won = 0
    for number in range(20):
        name = f"piece {number}"
        got = await database.write(lambda s: lease.acquire(s, name, sys.argv[2], timedelta(1), NOW))
        won += got is not None
    print(won)
    await database.close()
asyncio.run(main())
"""


def test_of_two_processes_exactly_one_gets_each(path: Path) -> None:
    root = Path(__file__).parents[2]
    contenders = [
        subprocess.Popen(
            [sys.executable, "-c", CONTENDER, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for name in ("a", "b")
    ]
    for one in contenders:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    won = [int(one.communicate(timeout=60)[0]) for one in contenders]
    assert sum(won) == 20
