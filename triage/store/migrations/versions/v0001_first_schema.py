"""The first schema, and the rule that the docket only grows.

A revision never changes after its release and looks at nothing that does: it spells the tables out instead
of asking today's models.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_SCHEMA = sa.MetaData()


def _column(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, **({"nullable": False} | options))


def _words(name: str, *rest: Any, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Text(), *rest, **options)


def _big(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.BigInteger(), **options)


sa.Table(
    "cursors",
    _SCHEMA,
    _words("name", primary_key=True),
    _words("cursor"),
)
sa.Table(
    "entries",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("case_id"),
    _words("subject"),
    _words("subject_id"),
    _words("kind"),
    _big("at"),
    _words("actor"),
    _words("role"),
    _words("navigator"),
    _words("data"),
    sa.Index("ix_entries_case_id", "case_id", "id"),
    sa.Index("ix_entries_subject", "subject", "subject_id", "id"),
)
sa.Table(
    "events",
    _SCHEMA,
    _words("ticket_id", primary_key=True),
    _words("id", primary_key=True),
    _column("ordinal", sa.Integer()),
    _big("at"),
    _words("kind"),
    _words("visibility"),
    _words("actor_role"),
    _words("actor"),
    _words("text"),
    _words("field"),
    _words("old"),
    _words("new"),
    _words("source_ref"),
    _words("attachments"),
    _words("marker"),
)
sa.Table(
    "evidence",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("case_id"),
    _big("at"),
    _words("kind"),
    _words("summary"),
    _words("sha256"),
    _column("size", sa.Integer()),
    _column("redactions", sa.Integer()),
    _words("source"),
    sa.Index("ix_evidence_case", "case_id", "id"),
)
sa.Table(
    "findings",
    _SCHEMA,
    _words("investigation_id", primary_key=True),
    _words("id", primary_key=True),
    _column("ordinal", sa.Integer()),
    _words("kind"),
    _words("text"),
    _words("code", index=True),
    _words("modifier"),
    _words("evidence"),
    _words("confidence"),
    _words("proposed_by"),
)
sa.Table(
    "investigations",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("case_id"),
    _words("ticket_key"),
    _big("opened_at"),
    _words("phase"),
    _words("state"),
    _words("mode"),
    _column("version", sa.Integer()),
    _words("verdict"),
    _words("code"),
    _words("title"),
    _words("customer"),
    _words("relationship"),
    _words("product"),
    _words("product_version"),
    _words("component"),
    _words("severity"),
    _big("facts_locked_at", nullable=True),
    _big("adopted_at", nullable=True),
    _column("minutes_spent", sa.Float()),
    sa.Index("ix_investigations_case", "case_id", "opened_at"),
)
sa.Table(
    "leases",
    _SCHEMA,
    _words("name", primary_key=True),
    _words("owner"),
    _column("fence", sa.Integer()),
    _big("expires_at"),
)
sa.Table(
    "members",
    _SCHEMA,
    _words("ticket_id", primary_key=True),
    _words("selector"),
    _big("since"),
)
sa.Table(
    "numbers",
    _SCHEMA,
    _words("series", primary_key=True),
    _column("last", sa.Integer()),
)
sa.Table(
    "operations",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("ticket_id"),
    _words("change"),
    _words("state"),
    _big("created_at"),
    _words("created_by"),
    _words("base"),
    _words("base_version"),
    _big("confirmed_at", nullable=True),
    _words("public_confirmed_with"),
    _words("purpose"),
    _words("problem"),
    sa.Index("ix_operations_state", "state"),
    sa.Index("ix_operations_ticket", "ticket_id", "id"),
)
sa.Table(
    "promises",
    _SCHEMA,
    _words("ticket_id", primary_key=True),
    _words("id", primary_key=True),
    _words("kind"),
    _big("made_at"),
    _big("due"),
    _words("by_role"),
    _words("ref"),
    _words("quote"),
    _big("met_at", nullable=True),
    _column("confirmed", sa.Boolean()),
    _column("withdrawn", sa.Boolean()),
)
sa.Table(
    "pulls",
    _SCHEMA,
    _words("name", primary_key=True),
    _words("result"),
    _big("tried_at"),
    _big("last_pull_at", nullable=True),
    _words("message"),
    _column("complete", sa.Boolean()),
    _words("notices"),
)
sa.Table(
    "queue",
    _SCHEMA,
    _words("ticket_id", primary_key=True),
    _words("key"),
    _words("subject"),
    _words("status"),
    _words("priority"),
    _words("customer"),
    _words("product"),
    _words("assignee"),
    _big("created_at"),
    _big("updated_at"),
    _big("waiting_since"),
    _big("next_due"),
    _column("unacknowledged", sa.Integer()),
    _words("url"),
    _words("local_state"),
    _words("tags"),
    _words("relationship"),
    _column("marked", sa.Integer()),
    _words("fresh"),
    _column("to_send", sa.Integer()),
    _words("words"),
    _words("states"),
    sa.Index("ix_queue_due", "next_due", "ticket_id", "unacknowledged"),
    sa.Index("ix_queue_waiting", "unacknowledged", "waiting_since", "ticket_id", "next_due"),
)
sa.Table(
    "recommendations",
    _SCHEMA,
    _words("investigation_id", primary_key=True),
    _words("id", primary_key=True),
    _column("ordinal", sa.Integer()),
    _words("addressee"),
    _words("text"),
    _words("aim"),
    _words("strength"),
    _column("due", sa.Date(), nullable=True),
    _words("status"),
    _words("cites"),
    _column("zero_cost", sa.Boolean()),
    _words("tracker_url"),
    sa.Index("ix_recommendations_status", "status", "due"),
)
sa.Table(
    "root_causes",
    _SCHEMA,
    _words("investigation_id", primary_key=True),
    _words("case_id"),
    _words("verdict"),
    _words("code", index=True),
    _words("modifier"),
    _words("sentence"),
    _words("not_known"),
    _column("chronic", sa.Boolean()),
    _column("design_caused", sa.Boolean()),
    _words("recurrence_of"),
    _big("adopted_at", nullable=True),
)
sa.Table(
    "runs",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("case_id"),
    _words("playbook_id"),
    _words("status"),
    _words("outcome"),
    _column("done", sa.Integer()),
    _column("path_length", sa.Integer()),
    _big("opened_at"),
    sa.Index("ix_runs_case", "case_id", "opened_at"),
)
sa.Table(
    "seen",
    _SCHEMA,
    _words("ticket_id", primary_key=True),
    _words("version_token"),
    _big("at"),
)
sa.Table(
    "tickets",
    _SCHEMA,
    _words("id", primary_key=True),
    _words("key"),
    _words("key_folded"),
    _words("subject"),
    _words("status"),
    _big("created_at"),
    _big("updated_at"),
    _words("version_token"),
    _column("version_exact", sa.Boolean()),
    _column("open", sa.Boolean()),
    _words("priority", nullable=True),
    _words("customer"),
    _words("requester"),
    _words("relationship"),
    _words("product"),
    _words("product_version"),
    _words("component"),
    _words("assignee"),
    _words("type"),
    _words("tags"),
    _words("fields"),
    _words("satisfaction"),
    _words("url"),
    _big("pulled_at"),
    _column("gone", sa.Boolean()),
    sa.Index("ix_tickets_key_folded", "key_folded"),
)
sa.Table(
    "steps",
    _SCHEMA,
    _words("operation_id", sa.ForeignKey("operations.id"), primary_key=True),
    _column("ordinal", sa.Integer(), primary_key=True),
    _words("key", unique=True),
    _words("kind"),
    _words("payload"),
    _words("visibility"),
    _words("base"),
    _words("probe"),
    _words("state"),
    _column("attempts", sa.Integer()),
    _words("receipt"),
    _big("sent_at", nullable=True),
    _column("absent_scans", sa.Integer()),
    _big("probe_after", nullable=True),
    _words("problem"),
)


_ONLY_GROWS = {
    "sqlite": (
        "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'docket entries are never changed'); END",
        # INSERT OR REPLACE deletes without asking the trigger below.
        "CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries "
        "WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'docket entries are never replaced'); END",
        "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'docket entries are never deleted'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'docket entries are never changed or deleted'; END $$",
        "CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION entries_only_grow()",
    ),
}


def upgrade() -> None:
    """Make every table."""
    connection = op.get_bind()
    _SCHEMA.create_all(connection)
    for statement in _ONLY_GROWS[connection.dialect.name]:
        op.execute(statement)
