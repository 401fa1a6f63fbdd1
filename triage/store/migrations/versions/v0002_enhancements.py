"""Enhancement cases as a table, and what investigations, findings and promises say beside it.

The new table and columns follow from the docket, so they are filled by a rebuild: where entries are there
already, a mark in ``cursors`` asks the next start for it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def _words(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), **({"nullable": False} | options))


def _added(table: str, name: str, before: str = "") -> None:
    op.add_column(table, _words(name, server_default=before))


def upgrade() -> None:
    """Make the tables, and ask for a rebuild where there is something to rebuild from."""
    op.create_table(
        "enhancements",
        _words("id", primary_key=True),
        _words("case_id"),
        _words("title"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        _words("state"),
        _words("aligned"),
        _words("note"),
        sa.Column("expected", sa.Integer(), nullable=True),
        _words("basis"),
        _words("risk"),
        sa.Column("revenue_at_risk", sa.BigInteger(), nullable=True),
        _words("currency"),
        _words("level"),
        _words("forum"),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        _words("decision"),
        _words("asking"),
        _words("investigations"),
        _words("bundle"),
        _words("prospect_questions"),
    )
    op.create_index("ix_enhancements_case_id", "enhancements", ["case_id"])
    op.create_table(
        "rested_rules",
        _words("rule", primary_key=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("silenced", sa.Integer(), nullable=False),
    )
    for name in ("conducted", "lead_role", "account_risk"):
        _added("investigations", name)
    _added("investigations", "visibility", "internal")
    _added("findings", "alternative_ruled_out")
    _added("findings", "agreed_by", "[]")
    _added("promises", "to", "customer")
    op.execute(
        "INSERT INTO cursors (name, cursor) "
        "SELECT 'projections', 'stale' WHERE EXISTS (SELECT 1 FROM entries)"
    )
