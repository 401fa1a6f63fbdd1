"""The other tabs of a case as rows: runs, investigation, evidence, writes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.model.clean_text import clean_line
from triage.model.enhancement import EnhancementCase
from triage.model.investigation import Investigation
from triage.model.register_line import RegisterLine
from triage.tui.clock_words import ago, clock
from triage.tui.evidence_words import carrier, where_it_is
from triage.tui.party_words import follow_up
from triage.tui.recommendation_words import due, order
from triage.tui.safe_text import Piece, fit
from triage.tui.write_words import in_short, state_words


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row and what Enter opens: ``run ID``, ``investigation ID``, ``evidence ID``, ``operation ID``,
    ``parties ID``, ``recommendation NAME``, ``enhancement NAME``.
    """

    pieces: tuple[Piece, ...]
    opens: str = ""


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """What came of an investigation."""

    investigation: Investigation
    recommendations: tuple[RegisterLine, ...]
    wishes: tuple[EnhancementCase, ...]


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


def investigation_rows(
    case: Case, now: datetime, zone: tzinfo, more: FollowedUp | None = None
) -> list[CaseRow]:
    """The investigation in a few lines, and ``more`` of what came of it once that was read."""
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
        *(_followed(more, held.id, now, zone) if more is not None else ()),
    ]


def _followed(more: FollowedUp, name: str, now: datetime, zone: tzinfo) -> Iterator[CaseRow]:
    """Parties, dissent, versions; then every recommendation and the wish, each with its own page."""
    for label, words in follow_up(more.investigation):
        yield CaseRow(((f"  {label:<10}", "muted"), (clean_line(words), "")), f"parties {name}")
    for n, line in enumerate(order(more.recommendations)):
        late, tone = due(line, now, zone)
        short = line.id.removeprefix(f"{name}-")
        yield CaseRow(
            (
                (f"  {'owed' if not n else '':<10}", "muted"), (f"{short:<4}", "accent"),
                (f"{line.recommendation.status:<6}", ""), (fit(late, 12), tone),
                (f"{line.recommendation.addressee}: ", ""), (clean_line(line.recommendation.text), "muted"),
            ),
            f"recommendation {line.id}",
        )  # fmt: skip
    for wish in more.wishes:
        yield CaseRow(
            (("  wish      ", "muted"), (f"{wish.id} ", "accent"), (f"{wish.state.replace('_', ' ')} ", ""),
             (wish.title, "muted")),
            f"enhancement {wish.id}",
        )  # fmt: skip


def evidence_rows(case: Case, now: datetime, zone: tzinfo) -> list[CaseRow]:
    """What was kept, oldest first, and whether it is on the ticket."""
    rows = [
        CaseRow(
            (
                (f"  {clock(item.at, now, zone):<13}", "muted"),
                (f"{item.kind:<11}", ""),
                *_carried(case, item.id, now, zone),
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


def _carried(case: Case, evidence_id: str, now: datetime, zone: tzinfo) -> Iterator[Piece]:
    """Before the words of the piece, so that it is seen on every width."""
    operation = carrier(case, evidence_id)
    if operation is not None:
        yield from (where_it_is(operation, now, zone), (" · ", "muted"))


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
