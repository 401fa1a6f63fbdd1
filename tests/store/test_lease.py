from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.store.samples import NOW
from triage.store import lease, lease_owner

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


def started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def owner_of(pid: int, start: str) -> str:
    head, _, tail = lease_owner.this_process().partition("@")
    return f"{head.rpartition(':')[0]}:{pid}@{start}.{tail.partition('.')[2]}"


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system shows no processes")


def test_the_lease_of_an_owner_known_to_be_gone_is_taken_over_at_once_with_a_higher_fence(
    session: Session,
) -> None:
    old = lease.acquire(session, "outbox", "a", TTL, NOW)
    assert lease.acquire(session, "outbox", "b", TTL, NOW, gone=lambda owner: owner == "c") is None
    new = lease.acquire(session, "outbox", "b", TTL, NOW, gone=lambda owner: owner == "a")
    assert old is not None
    assert new is not None
    assert new.fence > old.fence
    assert not lease.holds(session, old, NOW)


@needs_proc
def test_a_process_of_this_machine_is_known_to_be_gone_only_once_it_is() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        owner = owner_of(child.pid, started(child.pid))
        assert not lease_owner.gone(owner + "/3")
        assert lease_owner.gone(owner_of(child.pid, "1")), "its pid was given to another process"
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert lease_owner.gone(owner + "/3"), "it is a zombie now"
        child.wait()
    assert lease_owner.gone(owner)


@needs_proc
def test_nothing_is_known_of_owners_elsewhere() -> None:
    assert not lease_owner.gone(lease_owner.this_process() + "/1")
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    dead = owner_of(child.pid, "1")
    assert lease_owner.gone(dead)
    for elsewhere in (f"x{dead}", f"{dead}7", dead.partition("@")[0], "a", "", "host:0", f"h:{2**80}@1.1"):
        assert not lease_owner.gone(elsewhere), elsewhere
