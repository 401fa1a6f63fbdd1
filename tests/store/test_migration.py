from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tests.store.samples import NOW, ticket
from triage.model.errors import Invalid
from triage.store import migration, mirror
from triage.store.database import Database
from triage.store.database_copy import damage
from triage.store.database_file import SCHEMA_NUMBER, header_of
from triage.store.engine import WRITE, sqlite_engine
from triage.store.schema import METADATA
from triage.store.sqlite_database import open_file

NEXT_NUMBER = SCHEMA_NUMBER + 1
NEXT = f"""
import os, sys
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{NEXT_NUMBER}", "{SCHEMA_NUMBER}"
def upgrade():
    steps = [
        lambda: op.create_table("more", sa.Column("x", sa.Integer(), primary_key=True)),
        lambda: op.execute("INSERT INTO more VALUES (1)"),
        lambda: op.add_column("tickets", sa.Column("mood", sa.Text())),
        lambda: op.execute("UPDATE tickets SET mood = 'calm'"),
        lambda: op.drop_table("numbers"),
    ]
    for number, step in enumerate(steps):
        if os.environ.get("DIE_BEFORE") == str(number):
            os.kill(os.getpid(), 9)
        step()
    if os.environ.get("FAIL"):
        raise ValueError("no good")
"""

UPDATE = f"""
import asyncio, sys
from pathlib import Path
from triage.model.errors import TriageError
from triage.store import database_file, migration, sqlite_database, first_page
for module in (database_file, migration, sqlite_database):
    module.SCHEMA_NUMBER = {NEXT_NUMBER}
run = migration.run_scripts
migration.run_scripts = lambda connection: run(connection, further=[Path(sys.argv[2])])
try:
    sqlite_database.open_file(Path(sys.argv[1])).close()
    print("updated")
except TriageError as error:
    print("told:", error)
"""


@pytest.fixture
def further(tmp_path: Path) -> Path:
    folder = tmp_path / "further"
    folder.mkdir()
    (folder / "next_more.py").write_text(NEXT)
    return folder


@pytest.fixture
async def filled(path: Path) -> Path:
    database = await Database.open(f"sqlite:///{path}")
    tickets = [ticket(str(number)) for number in range(50)]
    await database.write(lambda session: mirror.save_tickets(session, tickets, NOW))
    await database.close()
    return path


def update(path: Path, further: Path, **env: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-c", UPDATE, str(path), str(further)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | env, timeout=60
    )


def schema(path: Path) -> tuple[int, set[str], int]:
    with closing(sqlite3.connect(path)) as plain:
        version = plain.execute("PRAGMA user_version").fetchone()[0]
        names = {row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return version, names, plain.execute("SELECT count(*) FROM tickets").fetchone()[0]


def test_the_revisions_make_exactly_the_tables_of_the_models(path: Path) -> None:
    file = open_file(path)
    with file.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    file.close()
    assert differences == []


def test_the_newest_revision_is_the_number_the_program_expects() -> None:
    assert ScriptDirectory(str(migration.SCRIPTS)).get_heads() == [str(SCHEMA_NUMBER)]


def test_an_up_to_date_database_is_opened_without_the_migration_tool(path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from triage.store.sqlite_database import open_file
open_file(Path({str(path)!r})).close()
print([name for name in sys.modules if name.startswith("alembic")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_update_keeps_the_data_and_the_version_before(filled: Path, further: Path) -> None:
    before = filled.read_bytes()
    assert update(filled, further).stdout == "updated\n"
    version, names, tickets = schema(filled)
    assert (version, "more" in names, "numbers" in names, tickets) == (NEXT_NUMBER, True, False, 50)
    assert damage(filled, thorough=True) == ()
    kept = filled.with_name(f"triage.db.version-{SCHEMA_NUMBER}")
    assert kept.read_bytes() == before
    assert filled.stat().st_mode & 0o777 == kept.stat().st_mode & 0o777 == 0o600
    assert not filled.with_name("triage.db.new").exists()


@pytest.mark.parametrize("point", range(5))
def test_an_update_killed_at_any_step_leaves_the_old_one_and_can_be_repeated(
    filled: Path, further: Path, point: int
) -> None:
    before = filled.read_bytes()
    assert update(filled, further, DIE_BEFORE=str(point)).returncode == -9
    assert filled.read_bytes() == before
    assert update(filled, further).stdout == "updated\n"
    assert schema(filled)[2] == 50


def test_a_failing_update_leaves_the_old_one(filled: Path, further: Path) -> None:
    before = filled.read_bytes()
    assert update(filled, further, FAIL="1").returncode == 1
    assert filled.read_bytes() == before
    assert not filled.with_name("triage.db.new").exists()


async def test_no_update_while_another_window_has_it_open(filled: Path, further: Path) -> None:
    database = await Database.open(f"sqlite:///{filled}")
    done = update(filled, further)
    assert "told:" in done.stdout
    assert "another Triage has the database open" in done.stdout
    await database.close()
    header = header_of(filled)
    assert header is not None
    assert header.schema == SCHEMA_NUMBER
    assert update(filled, further).stdout == "updated\n"


def test_a_journal_left_beside_the_name_stops_the_swap(filled: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "triage.db.new"
    fresh.write_bytes(filled.read_bytes())
    filled.with_name("triage.db-journal").write_bytes(b"x")
    with pytest.raises(Invalid, match="still there"):
        migration._swap(fresh, filled)


def test_an_old_program_leaves_the_updated_database_alone(filled: Path, further: Path) -> None:
    update(filled, further)
    before = filled.read_bytes()
    with pytest.raises(Invalid, match=f"version {NEXT_NUMBER}"):
        open_file(filled)
    assert filled.read_bytes() == before


def test_two_programs_making_the_same_database_make_one(tmp_path: Path) -> None:
    from tests.store.test_database import OPEN

    path = tmp_path / "triage.db"
    command = [sys.executable, "-c", OPEN, str(path)]
    makers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [one.communicate(timeout=60)[0].strip() for one in makers]
    assert "opened" in said
    assert all(line == "opened" or "Try again" in line or "try again" in line for line in said), said
    assert damage(path, thorough=True) == ()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="lists open files as Linux does")
def test_a_creation_that_fails_leaves_no_file_open_and_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x)")
        raise ZeroDivisionError

    monkeypatch.setattr(migration, "run_scripts", half)
    with pytest.raises(ZeroDivisionError):
        open_file(tmp_path / "triage.db")
    handles = [handle for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink()]
    assert [one for one in handles if str(tmp_path) in str(one.resolve())] == []
    assert [one.name for one in tmp_path.iterdir()] == ["triage.db.lock"]


@pytest.mark.parametrize("entries", [0, 1])
def test_a_docket_from_before_enhancements_asks_for_a_rebuild_and_an_empty_one_does_not(
    tmp_path: Path, entries: int
) -> None:
    engine = sqlite_engine(tmp_path / "old.db", "delete").execution_options(**{WRITE: True})
    with engine.begin() as connection:
        migration.run_scripts(connection, "1")
        for _ in range(entries):
            connection.exec_driver_sql(
                "INSERT INTO entries VALUES ('a', '1', 'case', '1', 'x', 0, 'mara', 'driver', '', '{}')"
            )
            connection.exec_driver_sql(
                "INSERT INTO promises VALUES ('1', 'p', 'answer', 0, 0, '', '', '', NULL, 0, 0)"
            )
        migration.run_scripts(connection)
        marks = connection.exec_driver_sql("SELECT name, cursor FROM cursors").all()
        kept = connection.exec_driver_sql('SELECT "to" FROM promises').all()
    engine.dispose()
    assert [tuple(one) for one in marks] == [("projections", "stale")] * entries
    assert [tuple(one) for one in kept] == [("customer",)] * entries
