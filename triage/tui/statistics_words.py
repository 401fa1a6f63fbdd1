"""Statistics of playbooks in words and aligned figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.model.clean_text import clean_line
from triage.model.playbook_statistics import PlaybookStatistics, StepStatistics
from triage.tui.safe_text import Piece

_COLUMNS = (("RUNS", 5), ("WELL", 7), ("LEFT", 6), ("AGAIN", 7), ("MEDIAN", 10), ("P90", 10), ("ADVICE", 8))
"""Headings of the figures of a row and the width of their columns."""
_FIGURES_WIDTH = sum(width for _, width in _COLUMNS)
EMPTY = "No playbook was run yet. p on a case starts one; it is counted here."
"""What stands where rows would be."""


def name_width(width: int) -> int:
    """Columns left for the name of a playbook beside its figures."""
    return max(12, width - _FIGURES_WIDTH - 1)


def overview_row(one: PlaybookStatistics, width: int) -> Sequence[Piece]:
    """A version of a playbook in one line."""
    room = name_width(width)
    version = f" v{one.version}"
    name = clean_line(one.playbook_id)[: room - len(version)]
    return [
        (name, "strong"),
        (version + " " * (room - len(version) - len(name)), "muted"),
        (_figures(one), ""),
    ]


def heading_row(width: int) -> Sequence[Piece]:
    """The headings above `overview_row`."""
    words = "".join(f"{word:>{columns}}" for word, columns in _COLUMNS)
    return [(" " * (name_width(width) + 1) + words, "muted")]


def _figures(one: PlaybookStatistics) -> str:
    well = one.outcomes.get("resolved", 0) + one.outcomes.get("workaround", 0)
    over = one.runs - one.unfinished
    left = one.outcomes.get("abandoned", 0)
    figures = (
        str(one.runs), f"{well}/{over}", str(left), f"{one.reopened}/{one.closed}",
        _minutes(one.median_minutes), _minutes(one.p90_minutes), str(len(one.advice) or ""),
    )  # fmt: skip
    return "".join(f"{figure:>{columns}}" for figure, (_, columns) in zip(figures, _COLUMNS, strict=True))


def detail_text(one: PlaybookStatistics) -> str:
    """Everything about one version, a fact a line."""
    return "\n".join([*_whole(one), "", "STEPS", *_steps(one), *_rest(one)])


def _whole(one: PlaybookStatistics) -> Iterator[str]:
    yield clean_line(one.title)
    going = f", {one.unfinished} of them not over" if one.unfinished else ""
    yield f"{one.runs} runs{going}"
    for outcome, count in one.outcomes.items():
        yield f"  {outcome.replace('_', ' '):<16}{count:>5}  {one.shares[outcome]:>4.0%}"
    for step, count in one.left_at.items():
        yield f"  abandoned at {clean_line(step)}: {count}"
    said = f" · {one.estimated_minutes} min said" if one.estimated_minutes else ""
    yield f"time: {_minutes(one.median_minutes)} median · {_minutes(one.p90_minutes)} p90{said}"
    yield f"opened again within 14 days: {one.reopened} of {one.closed} closed"
    if one.advice:
        yield from ("", "SUGGESTIONS")
        for advice in one.advice:
            yield f"  {clean_line(f'{advice.step_id}: ' if advice.step_id else '')}{clean_line(advice.text)}"


def _steps(one: PlaybookStatistics) -> Iterator[str]:
    for step in one.steps:
        name = clean_line(step.step_id)
        yield f"  {name:<28} {step.kind:<11} {_reached(step)}"
        more = list(_troubles(step))
        if more:
            yield "      " + " · ".join(more)


def _reached(step: StepStatistics) -> str:
    if not step.reached:
        return "never reached"
    spent = "" if step.median_seconds is None else f" · {step.median_seconds:.0f} s"
    return f"{step.reached} reached{spent}{f' · decided {step.decided}' if step.decided else ''}"


def _troubles(step: StepStatistics) -> Iterator[str]:
    if step.skipped:
        reasons = ", ".join(f"{clean_line(why)} {count}" for why, count in step.skipped.items())
        yield f"skipped {sum(step.skipped.values())} ({reasons})"
    for count, words in (
        (step.failed, "failed"), (step.overridden, "overridden"), (step.backed_into, "back to"),
        (step.left_here, "abandoned"),
    ):  # fmt: skip
        if count:
            yield f"{words} {count}"


def _rest(one: PlaybookStatistics) -> Iterator[str]:
    if one.never_taken or one.always_alike or one.never_failed:
        yield ""
    for way in one.never_taken:
        yield clean_line(f"never taken: {way.step_id} → {way.target} ({way.reached} came to the step)")
    for same in one.always_alike:
        said = "" if same.value is None else f": {same.value}"
        yield clean_line(f"always answered alike: {same.name}{said} ({same.runs} runs)")
    for check, count in one.never_failed.items():
        yield clean_line(f"never failed: {check} ({count} runs)")


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:g} min"
