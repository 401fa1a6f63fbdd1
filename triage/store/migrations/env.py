"""Alembic's entry: runs the revisions on the connection it is handed."""

from __future__ import annotations

from alembic import context

from triage.store.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=METADATA, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
