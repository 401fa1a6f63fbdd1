"""A database per test, copied from one that was made once.

With TRIAGE_TEST_POSTGRESQL (``postgresql+psycopg://…`` of an empty database) every test that takes a session
runs there too, in a transaction that is rolled back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from triage.store.database import Database
from triage.store.engine import WRITE
from triage.store.server_database import open_server
from triage.store.sqlite_database import open_file


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database file, closed."""
    path = tmp_path_factory.mktemp("made") / "triage.db"
    open_file(path).close()
    return path


@pytest.fixture
def path(made_once: Path, tmp_path: Path) -> Path:
    """The database file of this test; closed and empty."""
    return Path(shutil.copy(made_once, tmp_path / "triage.db"))


SERVER = os.environ.get("TRIAGE_TEST_POSTGRESQL", "")


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def session(request: pytest.FixtureRequest, path: Path) -> Iterator[Session]:
    """A session in a write, for functions that take one."""
    file = open_file(path)
    engine = file.engine if request.param == "sqlite" else open_server(SERVER)
    with Session(engine.execution_options(**{WRITE: True})) as session:
        yield session
        session.rollback()
    engine.dispose()
    file.close()


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    """An open database on its thread."""
    database = await Database.open(f"sqlite:///{path}")
    yield database
    await database.close()
