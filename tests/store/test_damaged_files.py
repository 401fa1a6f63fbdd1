"""Whatever was done to the file, opening it ends in one line, and the file stays as it was."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.reliability.counting import sized, tell
from tests.store.samples import NOW, ticket
from triage.model.errors import TriageError
from triage.store import mirror
from triage.store.database import Database
from triage.store.sqlite_database import open_file


@pytest.fixture
async def whole(path: Path) -> bytes:
    """A database with something in it."""
    database = await Database.open(f"sqlite:///{path}")
    tickets = [ticket(str(number)) for number in range(60)]
    await database.write(lambda session: mirror.save_tickets(session, tickets, NOW))
    await database.close()
    return path.read_bytes()


def opened(path: Path, content: bytes, *, unclean: bool = True) -> bool:
    """Whether it opened, after an unclean end or not; anything but a refusal in words is let through."""
    path.write_bytes(content)
    path.with_name(f"{path.name}.lock").write_bytes(b"in use\n" * unclean)
    try:
        open_file(path).close()
    except TriageError as told:
        assert "\n" not in str(told)
        assert path.read_bytes() == content
        return False
    return True


def test_a_truncated_database_is_told_and_stays_as_it_is(path: Path, whole: bytes) -> None:
    cuts = sorted(random.Random(1).sample(range(len(whole)), sized(12, 200)))
    assert not any(opened(path, whole[:cut]) for cut in cuts)
    tell("broken files", len(cuts))


def test_flipped_bytes_end_in_a_line_or_change_nothing_that_matters(path: Path, whole: bytes) -> None:
    rng, count = random.Random(2), sized(25, 500)
    refused = 0
    for _ in range(count):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 8, 200))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        refused += not opened(path, bytes(content))
    assert refused
    tell("broken files", count)


def test_what_is_refused_can_be_set_aside_and_made_anew(path: Path, whole: bytes) -> None:
    assert not opened(path, whole[:5000])
    shutil.move(path, path.with_name("aside.db"))
    open_file(path).close()


def test_bytes_missing_in_the_last_page_are_seen(path: Path, whole: bytes) -> None:
    """SQLite itself reads the rest of that page as zeros and finds nothing wrong."""
    assert not any(opened(path, whole[:-lost]) for lost in (1, 50, 4095))


@pytest.mark.parametrize("unclean", [True, False])
def test_what_is_no_text_in_a_broken_database_is_told_all_the_same(
    path: Path, whole: bytes, unclean: bool
) -> None:
    name = whole.index(b"tickets", whole.index(b"tabletickets"))
    statement = whole.index(b"CREATE TABLE tickets")
    broken = bytearray(whole)
    broken[name] = 0xE5
    broken[statement] = 0x58
    assert not opened(path, bytes(broken), unclean=unclean)
