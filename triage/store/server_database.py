"""Opening a PostgreSQL database for a team."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text

from triage.model.errors import Invalid
from triage.store.database_file import SCHEMA_NUMBER
from triage.store.engine import server_engine, trouble


def open_server(url: str) -> Engine:
    """An engine on a database of this program's version, brought there if need be. Raises `Invalid`."""
    where = url.rpartition("@")[2]
    try:
        engine = server_engine(url)
    except ImportError as error:
        raise Invalid("the part for PostgreSQL is not installed", where="database",
                      do="Install triage-desk[team]") from error  # fmt: skip
    try:
        with engine.connect() as connection:
            known = inspect(connection).has_table("alembic_version")
            query = text("SELECT version_num FROM alembic_version")
            version = connection.execute(query).scalar() if known else None
        number = int(version) if version else 0
        if number > SCHEMA_NUMBER:
            raise Invalid(
                f"this database is of version {number}; this Triage knows versions up to {SCHEMA_NUMBER}",
                where=where, do="Update Triage: python3 -m pip install --upgrade triage-desk",
            )  # fmt: skip
        if number < SCHEMA_NUMBER:
            from triage.store.migration import migrate_server

            migrate_server(engine)
    except Exception as error:
        engine.dispose()
        raise trouble(error, where) from error
    return engine
