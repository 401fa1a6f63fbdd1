"""The other tabs of a case as rows: runs, investigation, evidence, writes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.tui.clock_words import ago, clock
from triage.tui.safe_text import Piece
from triage.tui.write_words import in_short, state_words


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row and what Enter opens: ``run ID``, ``investigation ID``, ``evidence ID``, ``operation ID``."""

    pieces: tuple[Piece, ...]
    opens: str = ""


def run_rows(case: Case, now: datetime) -> list[CaseRow]:
    """Playbook runs, newest first."""
    rows = [
        CaseRow(
            (
                (f"  {run.playbook_id}  ", "strong"),
                (f"{run.done}/{run.path_length}  {run.outcome or run.status}", "accent"),
                (f"  begun {ago(run.opened_at, now)}", "muted"),
            ),
            f"run {run.id}",
        )
        for run in sorted(case.runs, key=lambda one: one.opened_at, reverse=True)
    ]
    return rows or [_hint("No playbook was run here yet.", "p", "shows those that fit")]


def investigation_rows(case: Case, now: datetime, zone: tzinfo) -> list[CaseRow]:
    """The investigation in a few lines."""
    held = case.investigation
    if held is None:
        return [_hint("Not investigated yet.", "i", "begins: quick takes 2 minutes")]
    verdict = f"{held.verdict} {held.code}".strip() or "not yet determined"
    adopted = f"adopted {clock(held.adopted_at, now, zone)}" if held.adopted_at else "not adopted yet"
    opens = f"investigation {held.id}"
    return [
        CaseRow(
            ((f"  {held.id}  ", "strong"), (f"{held.phase} · {held.state} · {held.mode}", "accent")), opens
        ),
        CaseRow((("  verdict   ", "muted"), (verdict, "")), opens),
        CaseRow((("  opened    ", "muted"), (f"{ago(held.opened_at, now)} · {adopted}", "")), opens),
    ]


def evidence_rows(case: Case, now: datetime, zone: tzinfo) -> list[CaseRow]:
    """What was kept, oldest first."""
    rows = [
        CaseRow(
            (
                (f"  {clock(item.at, now, zone):<13}", "muted"),
                (f"{item.kind:<11}", ""),
                (item.summary, ""),
                (f"  {item.size:,} bytes" if item.size else "", "muted"),
                (f" · {item.redactions} secrets masked" if item.redactions else "", "severity"),
                (f" · {item.source}" if item.source else "", "muted"),
            ),
            f"evidence {item.id}",
        )
        for item in case.evidence
    ]
    return rows or [_hint("No evidence kept yet.", "a", "adds a note, a log or a link")]


def operation_rows(case: Case, now: datetime) -> list[CaseRow]:
    """Writes to this ticket."""
    rows = []
    for operation in case.operations:
        words, tone = state_words(operation.state)
        pieces = (
            ("  ", ""),
            *in_short(operation),
            ("  ", ""),
            (words, tone),
            (f" · {operation.problem}" if operation.problem else "", "severity"),
            (f" · {ago(operation.created_at, now)}", "muted"),
        )
        rows.append(CaseRow(pieces, f"operation {operation.id}"))
    return rows or [_hint("Nothing was written to this ticket from here.", "n", "writes an internal note")]


def _hint(words: str, key: str, what: str) -> CaseRow:
    return CaseRow(((f"  {words}  ", ""), (key, "accent"), (f" {what}", "muted")))
