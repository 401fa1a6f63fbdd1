"""A docket on a fresh database, with a clock that the test moves."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.docket.docket import Docket
from triage.model.entry import Person
from triage.store.database import Database


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield database
    await database.close()


@pytest.fixture
def docket(database: Database, clock: Clock) -> Docket:
    person = Person("mara", "driver", "jun")
    return Docket(database, person, clock=clock, randomness=clock.chance.randbytes)
