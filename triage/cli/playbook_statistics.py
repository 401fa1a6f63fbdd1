"""``playbook stats``: how playbooks fare, by playbook and version, never by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk

if TYPE_CHECKING:
    from triage.model.playbook_statistics import PlaybookStatistics, StepStatistics


def register(playbook: typer.Typer) -> None:
    """Add ``playbook stats``."""
    playbook.command("stats")(stats)


def stats(
    context: typer.Context,
    playbook: str = typer.Argument("", help="Id of a playbook; without it, every one that was ever run."),
    json: bool = typer.Option(False, "--json", help="One JSON document."),
    ndjson: bool = typer.Option(False, "--ndjson", help="One JSON object a line."),
) -> None:
    """How playbooks fare: outcomes, time, steps that are skipped or decide, and what to mend.

    Counted over the runs on this machine, by playbook and version, and never by person. Minutes are active
    ones: after ten minutes without a key the clock stops. Suggestions need ten runs and carry their counts.
    """
    found = at_desk(context, lambda desk: desk.playbook_statistics.of(playbook))
    if json:
        output.document(found)
    elif ndjson:
        output.lines_of_json(found)
    elif not found:
        output.narrate(
            "No run yet. triage playbook run ID --ticket KEY starts one; its steps are counted here."
        )
    elif playbook:
        for one in found:
            print_one(one)
    else:
        _print_all(found)


def _print_all(found: Sequence[PlaybookStatistics]) -> None:
    headings = ("ID", "VER", "RUNS", "WELL", "LEFT", "REOPENED", "MEDIAN", "P90", "SUGGESTIONS")
    output.table(headings, [_row(one) for one in found])


def _row(one: PlaybookStatistics) -> tuple[str, ...]:
    well = one.outcomes.get("resolved", 0) + one.outcomes.get("workaround", 0)
    over = one.runs - one.unfinished
    return (
        one.playbook_id, str(one.version), str(one.runs), f"{well}/{over}",
        str(one.outcomes.get("abandoned", 0)), f"{one.reopened}/{one.closed}", _minutes(one.median_minutes),
        _minutes(one.p90_minutes), str(len(one.advice) or ""),
    )  # fmt: skip


def print_one(one: PlaybookStatistics) -> None:
    """Everything about one version."""
    going = f", {one.unfinished} not over" if one.unfinished else ""
    output.text(f"{one.playbook_id} version {one.version}: {one.title}\n{one.runs} runs{going}")
    for outcome, count in one.outcomes.items():
        output.text(f"  {outcome.replace('_', ' ')}: {count} ({one.shares[outcome]:.0%})")
    for step, count in one.left_at.items():
        output.text(f"  abandoned at {step}: {count}")
    said = f", {one.estimated_minutes} min said" if one.estimated_minutes else ""
    output.text(f"  time: {_minutes(one.median_minutes)} median, {_minutes(one.p90_minutes)} p90{said}")
    output.text(f"  opened again within 14 days: {one.reopened} of {one.closed} closed")
    output.text("")
    headings = ("STEP", "KIND", "REACHED", "SKIPPED", "FAILED", "OVERRIDDEN", "BACK TO", "SECONDS", "DECIDED")
    output.table(headings, [_step_row(step) for step in one.steps])
    _print_rest(one)


def _step_row(step: StepStatistics) -> tuple[str, ...]:
    counts = (step.failed, step.overridden, step.backed_into)
    spent = "" if step.median_seconds is None else f"{step.median_seconds:.0f}"
    return (
        step.step_id, step.kind, str(step.reached), _reasons(step), *(str(one or "") for one in counts),
        spent, str(step.decided or ""),
    )  # fmt: skip


def _reasons(step: StepStatistics) -> str:
    return ", ".join(f"{count} {why}" for why, count in step.skipped.items())


def _print_rest(one: PlaybookStatistics) -> None:
    for way in one.never_taken:
        output.text(f"never taken: {way.step_id} -> {way.target} ({way.reached} came to the step)")
    for same in one.always_alike:
        said = "" if same.value is None else f": {same.value}"
        output.text(f"always answered alike: {same.name}{said} ({same.runs} runs)")
    for check, count in one.never_failed.items():
        output.text(f"never failed: {check} ({count} runs)")
    for advice in one.advice:
        where = f"{advice.step_id}: " if advice.step_id else ""
        output.text(f"suggestion: {where}{advice.text}")
    output.text("")


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:g} min"
