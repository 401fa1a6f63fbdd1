"""What the counts suggest to mend in a playbook. Nothing is said about fewer than ten runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.model.playbook_statistics import Advice, PlaybookStatistics, StepStatistics

ENOUGH = 10
"""Runs below which nothing is suggested."""
ENOUGH_FOR_WAYS = 50
"""Runs below which a way that was never taken says little."""
_OFTEN_SKIPPED = 0.5
_OFTEN_OVERRIDDEN = 0.2
_FAR_LONGER = 2
_DECIDES = 0.3
"""Share of runs a step must decide before it is worth moving."""
_MOVABLE = ("ask", "check", "http")
"""A decide rests on what was asked before it and cannot go first."""


def advice_of(counted: PlaybookStatistics) -> tuple[Advice, ...]:
    """Everything worth a look, each with the counts it rests on."""
    return (
        *_length(counted),
        *(one for step in counted.steps for one in _step(step)),
        *_move_up(counted.steps),
        *_ways(counted),
        *_alike(counted),
    )


def _length(counted: PlaybookStatistics) -> Iterator[Advice]:
    over = counted.runs - counted.unfinished - counted.outcomes.get("abandoned", 0)
    said, took = counted.estimated_minutes, counted.median_minutes
    if over >= ENOUGH and said and took is not None and took > _FAR_LONGER * said:
        yield Advice(
            "longer_than_said",
            "",
            f"It takes {took:g} minutes (median of {over}); it says {said}.",
            over,
            over,
        )


def _step(step: StepStatistics) -> Iterator[Advice]:
    if step.reached < ENOUGH:
        return
    skipped = sum(step.skipped.values())
    if skipped / step.reached > _OFTEN_SKIPPED:
        why = max(step.skipped, key=lambda one: step.skipped[one])
        text = (
            f"Skipped in {skipped} of {step.reached} runs, mostly for: {why}. Make it optional or delete it."
        )
        yield Advice("often_skipped", step.step_id, text, skipped, step.reached)
    if step.kind == "decide" and step.overridden / step.reached > _OFTEN_OVERRIDDEN:
        text = f"Overridden in {step.overridden} of {step.reached} runs. Its condition does not fit."
        yield Advice("often_overridden", step.step_id, text, step.overridden, step.reached)


def _move_up(steps: Sequence[StepStatistics]) -> Iterator[Advice]:
    """A step that decides at little cost, behind one that costs more for each case it decides."""
    looking = [one for one in steps if one.kind in _MOVABLE and one.reached >= ENOUGH]
    for index, step in enumerate(looking):
        price = _price(step)
        if price is None or step.decided / step.reached < _DECIDES:
            continue
        dearer = [one for one in looking[:index] if (_price(one) or float("inf")) > 2 * price]
        if dearer:
            first = dearer[0]
            text = (
                f"Decided {step.decided} of {step.reached} runs in {step.median_seconds:.0f} s, behind "
                f"{first.step_id} ({first.decided} of {first.reached}, {first.median_seconds:.0f} s). "
                "Move it up."
            )
            yield Advice("move_up", step.step_id, text, step.decided, step.reached)


def _price(step: StepStatistics) -> float | None:
    """Active seconds for each case it decides; None where it decided none."""
    if not step.decided or step.median_seconds is None:
        return None
    return step.median_seconds * step.reached / step.decided


def _ways(counted: PlaybookStatistics) -> Iterator[Advice]:
    for way in counted.never_taken:
        if counted.runs >= ENOUGH_FOR_WAYS and way.reached >= ENOUGH:
            text = f"No run went on to {way.target} ({way.reached} came to the step). Is the way needed?"
            yield Advice("never_taken", way.step_id, text, 0, way.reached)


def _alike(counted: PlaybookStatistics) -> Iterator[Advice]:
    for one in counted.always_alike:
        said = "the same" if one.value is None else f"{one.value!r}"
        text = f"{one.name} was {said} in all {one.runs} runs. Does it have to be asked?"
        yield Advice("always_alike", "", text, one.runs, one.runs)
    for name, count in counted.never_failed.items():
        text = f"It passed in all {count} runs. Would it see the fault it looks for?"
        yield Advice("never_failed", name, text, count, count)
