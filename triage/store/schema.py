"""All tables in one place: the metadata that migrations are compared with."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from triage.store import (  # noqa: F401  # imported for the tables they declare
    enhancement_rows,
    entries,
    evidence_rows,
    lease,
    membership,
    operation_rows,
    projection_rows,
    pull_state,
    queue_rows,
    rested_rules,
    running_number,
    seen,
    ticket_rows,
)

METADATA: MetaData = SQLModel.metadata
