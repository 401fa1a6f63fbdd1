"""Bringing a database to this program's version: on a verified copy that then takes the old one's place.

A crash at any moment leaves the old file whole under its name. The old version is kept beside the new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select

from triage.config.private_file import create_private, sync_directory
from triage.model.errors import Invalid
from triage.store.database_copy import copy_database, damage, make_durable
from triage.store.database_file import APPLICATION_ID, SCHEMA_NUMBER, header_of
from triage.store.engine import WRITE, sqlite_engine, trouble

SCRIPTS = Path(__file__).parent / "migrations"


def create(path: Path) -> None:
    """Make a new database at ``path``. Call it while holding the file's lock alone. Raises `Invalid`."""
    fresh = path.with_name(f"{path.name}.new")
    _remove(fresh)
    try:
        create_private(fresh)
        upgrade(fresh)
        _swap(fresh, path)
    except Exception as error:
        _remove(fresh)
        raise trouble(error, str(path)) from error


def migrate(path: Path) -> None:
    """Bring ``path`` to the newest version. Call it while holding the file's lock alone. Raises `Invalid`.

    The version before stays as ``<name>.version-<n>``.
    """
    header = header_of(path)
    if header is None:
        raise Invalid("the database is gone", where=str(path))
    fresh = path.with_name(f"{path.name}.new")
    kept = path.with_name(f"{path.name}.version-{header.schema}")
    _remove(fresh)
    try:
        copy_database(path, fresh)
        upgrade(fresh)
        _keep(path, kept)
        _swap(fresh, path)
    except Exception as error:
        _remove(fresh)
        raise trouble(error, str(path)) from error


def migrate_server(engine: Engine) -> None:
    """Bring a PostgreSQL database to the newest version: one transaction, one process at a time."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(APPLICATION_ID)))
        run_scripts(connection)


def run_scripts(connection: Connection, revision: str = "head", further: Sequence[Path] = ()) -> None:
    """Run the migrations up to ``revision`` on ``connection``; ``further``: more folders of revisions."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    folders = [SCRIPTS / "versions", *further]
    config.set_main_option("version_locations", "\n".join(map(str, folders)))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def upgrade(path: Path) -> None:
    """All migrations on the file itself in one transaction, with a check of the result: for a copy that
    nobody has open. Raises `Invalid`.
    """
    engine = sqlite_engine(path, "delete").execution_options(**{WRITE: True})
    try:
        with engine.begin() as connection:
            run_scripts(connection)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        plain.execute(f"PRAGMA user_version = {SCHEMA_NUMBER}")
    if wrong := damage(path):
        raise Invalid(f"the new version is not sound: {wrong[0]}", where=str(path), do="Nothing was changed")


def _keep(path: Path, kept: Path) -> None:
    """The old file under a second name; after the swap that name is the only one."""
    kept.unlink(missing_ok=True)
    kept.hardlink_to(path)


def _swap(fresh: Path, path: Path) -> None:
    # A journal left beside the name would be rolled into the new file and ruin it.
    for suffix in ("-journal", "-wal", "-shm"):
        if path.with_name(path.name + suffix).exists():
            raise Invalid(
                f"{path.name}{suffix} is still there", where=str(path), do="Close every Triage and retry"
            )
    make_durable(fresh)
    fresh.replace(path)
    sync_directory(path.parent)


def _remove(fresh: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
